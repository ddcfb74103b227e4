"""The rows of a LimeSurvey survey structure as a `Form`; TSV and LSS are both read into such rows."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange._conditions import both, condition_of
from leadership_study.instruments.exchange._form import Choice, Choices, Condition, Form, Group, Question
from leadership_study.instruments.exchange._languages import UNNAMED
from leadership_study.instruments.exchange._limesurvey_words import (
    ARRAYS,
    CLASSES,
    NOT_HELD,
    SEVERAL,
    SILENT,
    SINGLE,
    fixed_choices,
    from_html,
)
from leadership_study.results import Note

ASIDE = "LEADERSHIP_STUDY"
"""Class of the rows that hold what LimeSurvey has no place for."""

_DROPPED = ("help", "validation", "mandatory", "default")
_NAME = re.compile(r"[A-Za-z]\w*")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True)
class Row:
    """One row: where it stands, and its cells by LimeSurvey's names of columns."""

    place: str
    cells: Mapping[str, str]

    def get(self, name: str) -> str:
        """The cell of a column, empty when there is none."""
        return self.cells.get(name, "")


@dataclass
class _Entry:
    """A group, question, subquestion or answer with its wording in every language."""

    name: str
    row: Row
    text: dict[str, str] = field(default_factory=dict)
    parts: dict[str, "_Entry"] = field(default_factory=dict)
    answers: dict[str, "_Entry"] = field(default_factory=dict)


def read_rows(rows: list[Row], complaints: Complaints, notes: tuple[Note, ...] = ()) -> tuple[Form, str]:
    """Return the form in the rows and the code of its own language; problems are noted."""
    return _Reading(rows, complaints, notes).form()


class _Reading:
    def __init__(self, rows: list[Row], complaints: Complaints, notes: tuple[Note, ...]) -> None:
        self.complaints = complaints
        self.notes = list(notes)
        of_survey = {row.get("name"): row.get("text") for row in rows if row.get("class") == "S"}
        found = [
            row.get("language")
            for row in rows
            if row.get("class") in ("SL", "G", "Q", "SQ", "A") and row.get("language")
        ]
        self.default = of_survey.get("language") or (found[0] if found else UNNAMED)
        self.languages = tuple(
            dict.fromkeys([self.default, *of_survey.get("additional_languages", "").split(), *found])
        )
        self.title: dict[str, str] = {}
        self.groups: dict[str, _Entry] = {}
        self.aside: dict[tuple[str, str], dict[str, str]] = {}
        self.lists: dict[str, Choices] = {}
        self.questions: list[Question] = []
        self.left_out: list[tuple[str, str]] = []
        self.others: set[str] = set()
        self.asked = 0
        self.dropped: dict[str, list[str]] = {}
        self._gather(rows)

    def _gather(self, rows: list[Row]) -> None:
        group: _Entry | None = None
        question: _Entry | None = None
        counted: dict[str, int] = {}
        for row in rows:
            what, language = row.get("class"), row.get("language") or self.default
            name, text = row.get("name"), from_html(row.get("text"))
            if what == "SL" and name == "surveyls_title" and text:
                self.title[language] = text
            elif what == ASIDE:
                about, _, key = row.get("type/scale").partition(":")
                self.aside.setdefault((about, name), {})[key] = text
            elif what == "G":
                counted[language] = counted.get(language, 0) + 1
                key = row.get("id") or str(counted[language])
                group, question = self.groups.setdefault(key, _Entry(key, row)), None
                if name:
                    group.text[language] = from_html(name)
            elif what == "Q":
                if not name:
                    self.complaints.add("no_name", row.place, "the question has no code", "fill in the column name")
                    continue
                group = group or self.groups.setdefault("", _Entry("", row))
                known = group.parts.get(name)
                if known and language in known.text:
                    message = "two questions of one group have the same code"
                    self.complaints.add("equal_names", row.place, message, "give each its own", name)
                question = group.parts.setdefault(name, _Entry(name, row))
                question.text[language] = text
            elif what in ("SQ", "A"):
                self._part(question, row, language, name, text)
            elif what not in CLASSES:
                message = "LimeSurvey has no such class of rows"
                self.complaints.add("unknown_class", row.place, message, "correct the column class", what)

    def _part(self, question: _Entry | None, row: Row, language: str, name: str, text: str) -> None:
        if question is None:
            message = "the subquestion or answer follows no question"
            self.complaints.add("no_question", row.place, message, "put it below its question", name)
            return
        entries = question.parts if row.get("class") == "SQ" else question.answers
        key = f"{row.get('type/scale') or '0'}/{name}"
        entry = entries.setdefault(key, _Entry(name, row))
        if language in entry.text:
            what = "subquestions" if entries is question.parts else "answers"
            message = f"two {what} of {question.name!r} have the same code"
            self.complaints.add("equal_codes", row.place, message, "give each its own", name)
        if text:
            entry.text[language] = text

    def form(self) -> tuple[Form, str]:
        for key, group in self.groups.items():
            for question in group.parts.values():
                self._question(question, key)
        own = any(about == "question" for about, _ in self.aside)
        groups = self._own_groups() if own else self._arrays()
        lists = self._ordered() if own else self.lists
        known = {question.name for question in self.questions}
        codes = {entry.name: self._name(entry.name) for entry in self._all()}
        questions = [self._ruled(question, known, codes) for question in self.questions]
        of_form = {
            key: text for (about, _), texts in self.aside.items() if about == "form" for key, text in texts.items()
        }
        version = of_form.pop("version", "")
        of_form.pop("lists", None)
        count = {"questions": self.asked, "rows": len(self.questions), "languages": ", ".join(self.languages)}
        count["choices"] = sum(len(entry.choices) for entry in lists.values())
        text = (
            "The survey was read. Questions: {questions}; fields: {rows}; choices: {choices}; languages: {languages}."
        )
        self.notes.append(Note("survey_read", text, count))
        if self.left_out:
            told = ", ".join(f"{name} ({kind})" for name, kind in self.left_out)
            text = "Questions of types that a questionnaire file cannot hold were left out: {questions}."
            self.notes.append(Note("questions_left_out", text, {"questions": told}))
        if self.dropped and not own:
            told = "; ".join(f"{column} ({', '.join(names)})" for column, names in self.dropped.items())
            text = "A questionnaire file has no place for these settings, which were left out: {what}."
            self.notes.append(Note("settings_left_out", text, {"what": told}))
        form = Form(
            id=of_form.get("id", re.sub(r"\.\w+$", "", self.complaints.file)),
            title=self.title or dict.fromkeys(self.languages, self.complaints.file),
            languages=self.languages,
            version=version,
            groups=tuple(groups),
            questions=tuple(questions),
            lists=lists,
            left_out=tuple(self.left_out),
            others=frozenset(self.others),
            aside=of_form,
            notes=tuple(self.notes),
        )
        return form, self.default

    def _all(self) -> list[_Entry]:
        return [
            entry
            for group in self.groups.values()
            for question in group.parts.values()
            for entry in (question, *question.parts.values())
        ]

    def _name(self, code: str) -> str:
        return self.aside.get(("question", code), {}).get("name", code)

    def _put(self, code: str, like: Question, place: str) -> None:
        """Add a question under its code, with what was put aside for it."""
        aside = {
            key: text for key, text in self.aside.get(("question", code), {}).items() if key not in ("name", "choices")
        }
        self.questions.append(dataclasses.replace(like, name=self._name(code), aside=aside, place=place))

    def _question(self, entry: _Entry, group: str) -> None:
        row, name = entry.row, entry.name
        kind = row.get("type/scale") or "T"
        if kind in SILENT or row.get("hidden") == "1":
            self.others.add(name)
            return
        self.asked += 1
        for column in _DROPPED:
            if row.get(column) not in ("", "N", "0"):
                self.dropped.setdefault(column, []).append(name)
        base = Question(name=name, kind="text", group=group, text=_worded(entry), relevance=row.get("relevance"))
        if kind in NOT_HELD:
            self.left_out.append((name, kind))
        elif kind in ARRAYS:
            self._array(entry, kind, base)
        elif kind in SEVERAL:
            for part in entry.parts.values():
                text = {language: _joined(entry.text.get(language, ""), part.text[language]) for language in part.text}
                self._put(
                    f"{name}_{part.name}", dataclasses.replace(base, kind=SEVERAL[kind], text=text), part.row.place
                )
        elif kind in SINGLE:
            self._single(entry, kind, base)
        else:
            self.complaints.add("unknown_type", row.place, "LimeSurvey has no such type", "correct type/scale", kind)

    def _array(self, entry: _Entry, kind: str, base: Question) -> None:
        if not entry.parts:
            message = f"the array {entry.name!r} has no rows"
            self.complaints.add("no_rows", entry.row.place, message, "add its subquestions")
        codes = [
            part.name
            for group in self.groups.values()
            for question in group.parts.values()
            for part in question.parts.values()
        ]
        rating = kind not in "CE"
        for part in entry.parts.values():
            alone = codes.count(part.name) == 1 and not any(part.name in group.parts for group in self.groups.values())
            code = part.name if alone else f"{entry.name}_{part.name}"
            choices = self._list(entry, kind, code if ("question", code) in self.aside else entry.name)
            row = dataclasses.replace(
                base, kind="one", matrix=rating, choices=choices, group=base.group if rating else "", text=_worded(part)
            )
            if ("question", code) not in self.aside:
                row = dataclasses.replace(row, group=entry.name if rating else base.group)
            self._put(code, row, part.row.place)

    def _single(self, entry: _Entry, kind: str, base: Question) -> None:
        name = entry.name
        choices = self._list(entry, kind, name) if SINGLE[kind] in ("one", "many") else ""
        self._put(name, dataclasses.replace(base, kind=SINGLE[kind], choices=choices), entry.row.place)
        if entry.row.get("other") == "Y" and kind in "L!OMP":
            code = "-oth-" if SINGLE[kind] == "one" else "other"
            more = Choice(
                code=code,
                text={language: "其他" if language.startswith("zh") else "Other" for language in self.languages},
            )
            found = self.lists[choices]
            self.lists[choices] = dataclasses.replace(found, choices=(*found.choices, more))
            line = dataclasses.replace(
                base, kind="text", relevance="", condition={name: (code,)}, refers=frozenset({name})
            )
            self._put(f"{name}_other", line, entry.row.place)
        if kind in "OP":
            self.left_out.append((f"{name}_comment", kind))

    def _list(self, entry: _Entry, kind: str, code: str) -> str:
        """Keep the answers of a question as a list; return its name."""
        name = self.aside.get(("question", code), {}).get("choices", entry.name)
        given = fixed_choices(kind, self.languages)
        if given is None:
            parts = entry.parts if SINGLE.get(kind) == "many" else entry.answers
            given = tuple(
                Choice(
                    code=part.name,
                    text=_worded(part),
                    value=self.aside.get(("choice", f"{name}/{part.name}"), {}).get("value"),
                )
                for part in parts.values()
            )
        known = self.lists.get(name)
        if known is not None and known.choices != given:
            message = f"the answers of {entry.name!r} differ from those of other questions on the same scale"
            self.complaints.add("lists_differ", entry.row.place, message, "make them equal", name)
        self.lists[name] = Choices(name=name, choices=given)
        return name

    def _ruled(self, question: Question, known: set[str], codes: Mapping[str, str]) -> Question:
        """Fill in the rule for asking, names as they are in the form (``codes`` has the name of each code)."""
        group = self.groups.get(question.group)
        rules = [question.relevance, group.row.get("relevance") if group else ""]
        if question.condition or not any(rule not in ("", "1") for rule in rules):
            return question

        def meant(code: str, value: str) -> tuple[str, str]:
            """Return question and answer; ``post_A1 == "Y"`` asks for one answer of several."""
            first, _, answer = code.rpartition("_")
            if codes.get(code, code) not in known and codes.get(first, first) in known and value == "Y":
                return codes.get(first, first), answer
            return codes.get(code, code), value

        condition: Condition | None = {}
        refers: set[str] = set()
        for rule in rules:
            found = condition_of(rule, meant)
            condition = both(condition, None if found is None or found.keys() - known else found)
            for word in _NAME.findall(_QUOTED.sub("", rule)):
                named = {codes.get(word, word), codes.get(word.partition("_")[0], word.partition("_")[0])}
                refers |= named & known
        return dataclasses.replace(question, condition=condition, refers=frozenset(refers - {question.name}))

    def _arrays(self) -> list[Group]:
        """Groups of a survey by other authors: its own, and one an array with the array's wording."""
        groups = [Group(name=key, text=entry.text) for key, entry in self.groups.items()]
        for group in self.groups.values():
            for question in group.parts.values():
                if question.row.get("type/scale") in ARRAYS:
                    groups.append(Group(name=question.name, text=_worded(question)))
        return groups

    def _own_groups(self) -> list[Group]:
        groups = []
        for key, entry in self.groups.items():
            aside = dict(self.aside.get(("group", key), {}))
            name, worded = aside.pop("name", ""), aside.pop("worded", "yes") == "yes"
            groups.append(Group(name=name, text=entry.text if worded else {}, aside=aside))
            self.questions = [
                dataclasses.replace(one, group=name) if one.group == key else one for one in self.questions
            ]
        return groups

    def _ordered(self) -> dict[str, Choices]:
        """Lists in the order of the questionnaire, with those that no question uses."""
        for (about, name), texts in self.aside.items():
            if about == "list":
                values = {
                    key.partition("/")[2]: found["value"]
                    for (what, key), found in self.aside.items()
                    if what == "choice" and key.startswith(f"{name}/")
                }
                self.lists[name] = Choices(
                    name=name,
                    choices=tuple(
                        Choice(code=code, text=text, value=values.get(code)) for code, text in json.loads(texts[""])
                    ),
                )
        order = json.loads(self.aside.get(("form", ""), {}).get("lists", "[]"))
        names = [*(name for name in order if name in self.lists), *(name for name in self.lists if name not in order)]
        return {
            name: dataclasses.replace(
                self.lists[name], aside={"scale": name.removeprefix("scale_")} if name.startswith("scale_") else {}
            )
            for name in names
        }


def _worded(entry: _Entry) -> dict[str, str]:
    return {language: text for language, text in entry.text.items() if text}


def _joined(first: str, second: str) -> str:
    return f"{first} – {second}" if first else second
