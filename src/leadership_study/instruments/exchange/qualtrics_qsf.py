"""Qualtrics' survey file (.qsf, JSON): read only."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange._check import refused
from leadership_study.instruments.exchange._finish import finish
from leadership_study.instruments.exchange._form import Choice, Choices, Form, Group, Kind, Question
from leadership_study.instruments.exchange._languages import language_code
from leadership_study.instruments.exchange._limesurvey_words import from_html
from leadership_study.instruments.model import Instrument
from leadership_study.results import Note

SUFFIX = ".qsf"
_SILENT = frozenset({"DB", "Timing", "Meta", "Captcha"})
_NOT_HELD = frozenset(
    {"RO", "CS", "SBS", "PGR", "HL", "DD", "Slider", "FileUpload", "Draw", "HotSpot", "TreeSelect", "GAP", "Signature"}
)
_ENTRIES: Mapping[str, Kind] = {"ValidNumber": "number", "ValidDate": "date"}
_LANGUAGES = {"ZH-S": "zh-Hans", "ZH-T": "zh-Hant", "EN-GB": "en", "PT-BR": "pt"}


def recognises(data: bytes, file: str) -> bool:
    """Whether the file is JSON with Qualtrics' survey elements."""
    return data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{" and b'"SurveyElements"' in data


def read(data: bytes, *, file: str) -> tuple[Instrument, tuple[Note, ...]]:
    """Read a survey file as a questionnaire; recoded values are the codes, matrices become dimensions.

    Rules for showing a question (display logic) are left out, which a note says.

    Raises
    ------
    InstrumentError
        The file is no such JSON, holds unknown types, or the form has problems; all at once.
    """
    complaints = Complaints(file)
    try:
        survey = json.loads(data.decode("utf-8-sig"))
        entry, elements = survey["SurveyEntry"], survey["SurveyElements"]
        form = _Survey(entry, elements, complaints).form()
    except (ValueError, RecursionError) as error:
        complaints.add("json_syntax", "", f"this is no valid JSON in UTF-8 ({error})", "export the survey again")
        raise refused(complaints) from None
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        told = f"this is not a survey file of Qualtrics as we know it ({type(error).__name__}: {error})"
        complaints.add("no_survey", "", told, "export the survey again")
        raise refused(complaints) from None
    return finish(form, form.languages[0], complaints)


class _Survey:
    def __init__(self, entry: Mapping[str, Any], elements: list[Mapping[str, Any]], complaints: Complaints) -> None:
        self.entry, self.complaints = entry, complaints
        self.default = _language(entry.get("SurveyLanguage") or "und")
        self.payloads = {one["PrimaryAttribute"]: one["Payload"] for one in elements if one["Element"] == "SQ"}
        self.blocks = [one["Payload"] for one in elements if one["Element"] == "BL"]
        self.languages = [self.default]
        self.groups: list[Group] = []
        self.questions: list[Question] = []
        self.lists: dict[str, Choices] = {}
        self.left_out: list[tuple[str, str]] = []
        self.ruled: list[str] = []
        self.asked = 0
        named = [one.get("ChoiceDataExportTags") for one in self.payloads.values()]
        self.tags = [tag for tags in named if isinstance(tags, Mapping) for tag in tags.values()]

    def form(self) -> Form:
        for id in self._order():
            self._question(self.payloads[id])
        count = {"questions": self.asked, "rows": len(self.questions), "languages": ", ".join(self.languages)}
        count["choices"] = sum(len(one.choices) for one in self.lists.values())
        text = (
            "The survey was read. Questions: {questions}; fields: {rows}; choices: {choices}; languages: {languages}."
        )
        notes = [Note("survey_read", text, count)]
        if self.left_out:
            told = ", ".join(f"{name} ({kind})" for name, kind in self.left_out)
            text = "Questions of types that a questionnaire file cannot hold were left out: {questions}."
            notes.append(Note("questions_left_out", text, {"questions": told}))
        if self.ruled:
            text = "A questionnaire file has no place for these settings, which were left out: {what}."
            notes.append(Note("settings_left_out", text, {"what": f"display logic ({', '.join(self.ruled)})"}))
        return Form(
            id=re.sub(r"\.\w+$", "", self.complaints.file),
            title=dict.fromkeys(self.languages, str(self.entry.get("SurveyName", self.complaints.file))),
            languages=tuple(self.languages),
            groups=tuple(self.groups),
            questions=tuple(self.questions),
            lists=self.lists,
            left_out=tuple(self.left_out),
            notes=tuple(notes),
        )

    def _order(self) -> Iterator[str]:
        """Ids of the questions in the order of the blocks, the trash aside."""
        for payload in self.blocks:
            for block in payload if isinstance(payload, list) else payload.values():
                if block.get("Type") == "Trash":
                    continue
                for element in block.get("BlockElements", []):
                    if element.get("Type") == "Question" and element["QuestionID"] in self.payloads:
                        yield element["QuestionID"]

    def _question(self, payload: Mapping[str, Any]) -> None:
        kind, name = payload["QuestionType"], str(payload.get("DataExportTag") or payload["QuestionID"])
        place = f"question {name!r}"
        if kind in _SILENT:
            return
        self.asked += 1
        if "DisplayLogic" in payload or any("DisplayLogic" in choice for _, choice in _listed(payload, "Choices")):
            self.ruled.append(name)
        text = self._texts(payload)
        selector = str(payload.get("Selector", ""))
        base = Question(name=name, kind="text", text=text, group="", place=place)
        if kind == "MC":
            self.lists[name] = self._choices(payload, "Choices", "RecodeValues", name)
            many = selector.startswith("M")
            self.questions.append(
                Question(name=name, kind="many" if many else "one", text=text, choices=name, place=place)
            )
        elif kind == "TE" and selector != "FORM":
            settings = payload.get("Validation", {}).get("Settings", {})
            long: Kind = "long_text" if selector in ("ML", "ESTB") else "text"
            entry = _ENTRIES.get(settings.get("ContentType") or "", long)
            self.questions.append(Question(name=name, kind=entry, text=text, place=place))
        elif kind == "TE":
            self.questions += [self._row(payload, base, id, "text", "") for id, _ in _listed(payload, "Choices")]
        elif kind == "Matrix" and payload.get("SubSelector") in ("SingleAnswer", "DL"):
            self.lists[name] = self._choices(payload, "Answers", "RecodeValues", name)
            self.groups.append(Group(name=name, text=text))
            rows = [self._row(payload, base, id, "one", name) for id, _ in _listed(payload, "Choices")]
            self.questions += rows
        elif kind in _NOT_HELD or kind == "Matrix":
            self.left_out.append((name, kind))
        else:
            self.complaints.add("unknown_type", place, "Qualtrics has no such type that we know", "remove it", kind)

    def _row(self, payload: Mapping[str, Any], base: Question, id: str, kind: Kind, choices: str) -> Question:
        tags = payload.get("ChoiceDataExportTags")
        tag = tags.get(id) if isinstance(tags, Mapping) else None
        return Question(
            name=str(tag) if tag and self.tags.count(tag) == 1 else f"{base.name}_{tag or id}",
            kind=kind,
            text=self._texts(payload, "Choices", id),
            choices=choices,
            group=base.name if choices else "",
            matrix=bool(choices),
            place=base.place,
        )

    def _choices(self, payload: Mapping[str, Any], key: str, recoded: str, name: str) -> Choices:
        values = payload.get(recoded)
        codes = values if isinstance(values, Mapping) else {}
        found = [
            Choice(code=str(codes.get(id, id)), text=self._texts(payload, key, id)) for id, _ in _listed(payload, key)
        ]
        return Choices(name=name, choices=tuple(found))

    def _texts(self, payload: Mapping[str, Any], key: str = "", id: str = "") -> dict[str, str]:
        """Wording of a question, or of one of its choices, in the survey's language and its translations."""
        translated = payload.get("Language")
        found = {self.default: payload, **(translated if isinstance(translated, Mapping) else {})}
        texts = {}
        for name, of in found.items():
            language = self.default if of is payload else _language(name)
            if not isinstance(of, Mapping):
                continue
            shown = dict(_listed(of, key)).get(id, {}).get("Display", "") if key else of.get("QuestionText", "")
            if text := from_html(str(shown)):
                texts[language] = text
            if language not in self.languages:
                self.languages.append(language)
        return texts


def _listed(payload: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Choices or answers in the order shown; Qualtrics stores them as a table or as a list."""
    entries = payload.get(key) or {}
    if isinstance(entries, list):
        return [(str(at), entry) for at, entry in enumerate(entries, 1)]
    order = payload.get("ChoiceOrder" if key == "Choices" else "AnswerOrder") or list(entries)
    return [(str(id), entries[str(id)]) for id in order if str(id) in entries]


def _language(code: str) -> str:
    return _LANGUAGES.get(code.upper()) or language_code(code.lower())
