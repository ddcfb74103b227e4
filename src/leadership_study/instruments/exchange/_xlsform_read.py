"""The sheets of an XLSForm as a `Form`."""

import dataclasses
import re
from collections.abc import Mapping

from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange._conditions import both, condition_of, names_in
from leadership_study.instruments.exchange._form import Choice, Choices, Condition, Form, Group, Question, wording
from leadership_study.instruments.exchange._languages import UNNAMED, language_code
from leadership_study.instruments.exchange._xlsform_types import Type, type_of
from leadership_study.instruments.exchange._xlsx import read_sheets
from leadership_study.results import Note

_ALIASES = {
    "relevance": "relevant", "bind:relevant": "relevant", "bind::relevant": "relevant", "caption": "label",
    "command": "type",
    "list name": "list_name", "value": "name", "control:appearance": "appearance", "control::appearance": "appearance",
    "body::appearance": "appearance", "bind:constraint": "constraint", "bind::constraint": "constraint",
    "set form title": "form_title", "title": "form_title", "set form id": "form_id", "id_string": "form_id",
    "kobo--score-choices": "score_choices", "default language": "default_language",
}  # fmt: skip
_OWN = "ls_"
_DROPPED = ("hint", "guidance_hint", "required", "default", "constraint", "choice_filter", "calculation", "media")
_OTHER = {"en": "Other", "zh": "其他"}
_SPECIFY = {"en": "Specify other", "zh": "请说明"}

Record = Mapping[str, str]


@dataclasses.dataclass
class _Open:
    """A group that was begun and not yet ended."""

    name: str
    what: str
    condition: Condition | None
    relevance: str
    refers: frozenset[str]
    choices: str
    place: str


def read_form(data: bytes, complaints: Complaints) -> tuple[Form | None, str]:
    """Read the bytes of an XLSForm; return the form (None: no form at all) and the code of its own language."""
    sheets = {_sheet(name): rows for name, rows in read_sheets(data, complaints).items()}
    if "survey" not in sheets:
        if not complaints.found:
            known = ", ".join(sheets) or "none"
            complaints.add("no_survey", "", "there is no sheet 'survey'", f"this is no XLSForm; its sheets are {known}")
        return None, ""
    return _Reading(sheets, complaints).form()


def _sheet(name: str) -> str:
    """Return what a sheet is called today; the choices had another name in old forms."""
    small = " ".join(name.casefold().split())
    return "choices" if small == "choices and columns" else small


class _Reading:
    def __init__(self, sheets: Mapping[str, list[list[str]]], complaints: Complaints) -> None:
        self.complaints = complaints
        self.languages: list[str] = []
        survey = self._records(sheets["survey"], "survey")
        choices = self._records(sheets.get("choices", []), "choices")
        settings = self._records(sheets.get("settings", []), "settings")
        self.settings: Record = settings[0][1] if settings else {}
        self.survey, self.choice_rows = survey, choices
        self.default = (
            language_code(self.settings.get("default_language", "")) if self.settings.get("default_language") else ""
        )
        self.groups: list[Group] = []
        self.questions: list[Question] = []
        self.left_out: list[tuple[str, str]] = []
        self.dropped: dict[str, list[str]] = {}
        self.open: list[_Open] = []
        self.silent: list[str] = []
        self.computed: dict[str, frozenset[str]] = {}
        self.counted: dict[str, int] = {}
        self.parted: dict[str, str] = {}

    def form(self) -> tuple[Form, str]:
        if self.default not in self.languages:
            unnamed = UNNAMED in self.languages
            if unnamed and self.default:  # a plain column 'label' is in the form's own language
                self.languages = [self.default if name == UNNAMED else name for name in self.languages]
                self.survey, self.choice_rows = self._named(self.survey), self._named(self.choice_rows)
            else:
                self.default = UNNAMED if unnamed else (self.languages or [UNNAMED])[0]
        lists = self._lists()
        asked = 0
        for place, record in self.survey:
            if record.get("type") or record.get("name"):
                asked += self._row(place, record, lists)
        for left in self.open:
            self.complaints.add(
                "group_not_ended", left.place, f"the {left.what} {left.name!r} is not ended", "add its end"
            )
        self._tell_apart()
        title = wording(self.settings, "ls_title")
        languages = tuple(title or dict.fromkeys([self.default, *self.languages]))
        shown = self.settings.get("form_title", "")
        if not title:
            title = dict.fromkeys(languages, shown or self.settings.get("form_id") or self.complaints.file)
        elif shown:
            title[languages[0]] = shown
        own = [key for key in self.settings if key.startswith(_OWN) and not key.startswith("ls_title_")]
        form = Form(
            id=self.settings.get("form_id") or re.sub(r"\.\w+$", "", self.complaints.file),
            title=title,
            version=self.settings.get("version", ""),
            languages=languages,
            groups=tuple(self.groups),
            questions=tuple(self.questions),
            lists=lists,
            left_out=tuple(self.left_out),
            aside={key.removeprefix(_OWN): self.settings[key] for key in own},
            others=frozenset(self.silent),
            computed=self.computed,
            notes=self._told(asked, languages),
        )
        return form, self.default

    def _records(self, rows: list[list[str]], sheet: str) -> list[tuple[str, Record]]:
        """Rows as records by normalised header, each with its place; wholly empty rows are passed over."""
        rows = [*rows]
        at = next((number for number, row in enumerate(rows) if any(row)), None)
        if at is None:
            return []
        header = [self._header(name) for name in rows[at]]
        found: list[tuple[str, Record]] = []
        for number, row in enumerate(rows[at + 1 :], at + 2):
            record = {name: cell for name, cell in zip(header, row, strict=False) if name and cell}
            if record:
                found.append((f"sheet {sheet!r}, row {number}", record))
        return found

    def _header(self, name: str) -> str:
        if name.startswith(_OWN):
            return name
        small = " ".join(name.casefold().split())
        column, _, language = name.partition("::") if "::" in name else name.partition(":")
        column = column.strip().casefold()
        if small in _ALIASES or column not in ("label", "caption"):
            return _ALIASES.get(small, small)
        code = language_code(language) if language.strip() else UNNAMED
        if code not in self.languages:
            self.languages.append(code)
        return f"label_{code}"

    def _named(self, records: list[tuple[str, Record]]) -> list[tuple[str, Record]]:
        old, new = f"label_{UNNAMED}", f"label_{self.default}"
        return [
            (place, {new if key == old else key: cell for key, cell in record.items()}) for place, record in records
        ]

    def _lists(self) -> dict[str, Choices]:
        found: dict[str, list[Choice]] = {}
        for place, record in self.choice_rows:
            name = record.get("list_name", "")
            if not name:
                if len(record) > 1:
                    self.complaints.add("no_list_name", place, "a choice belongs to no list", "fill in list_name")
                continue
            value = record.get("ls_value")
            choice = Choice(code=record.get("name", ""), text=wording(record, "label"), value=value)
            found.setdefault(name, []).append(choice)
        own = any("ls_part" in record for _, record in self.survey)
        lists = {}
        for name, choices in found.items():
            aside = {"scale": name.removeprefix("scale_")} if own and name.startswith("scale_") else {}
            if self.settings.get("allow_choice_duplicates", "").casefold() in ("yes", "true"):
                choices = list({choice.code: choice for choice in reversed(choices)}.values())[::-1]
            lists[name] = Choices(name=name, choices=tuple(choices), aside=aside)
        self.counted = {"choices": sum(len(entry.choices) for entry in lists.values()), "lists": len(lists)}
        return lists

    def _row(self, place: str, record: Record, lists: dict[str, Choices]) -> int:
        """Take one row in; return how many questions it puts to respondents."""
        cell, name = record.get("type", ""), record.get("name", "")
        if not cell:
            self.complaints.add("no_type", place, f"the row {name!r} has no type", "fill in the column type")
            return 0
        if record.get("disabled", "").casefold() in ("yes", "true"):
            return 0
        kind = type_of(cell)
        match kind.role:
            case "begin":
                self._begin(place, record, kind)
            case "end":
                self._end(place, kind)
            case "unknown":
                self.complaints.add("unknown_type", place, "XLSForm has no such type", "correct the type", cell)
            case "silent":
                self.silent.append(name)
                self.computed[name] = names_in(record.get("calculation", "")) | names_in(record.get("relevant", ""))
            case _ if not name:
                self.complaints.add("no_name", place, "the question has no name", "give it one")
            case "asked":
                self.left_out.append((name, cell.split()[0]))
                return 1
            case _ if any(group.what in ("repeat", "rank", "kobomatrix", "loop") for group in self.open):
                self.left_out.append((name, self.open[-1].what))
                return 1
            case _:
                return self._question(place, record, kind, lists)
        return 0

    def _begin(self, place: str, record: Record, kind: Type) -> None:
        relevance = record.get("relevant", "")
        name = record.get("name", "") or f"group_{len(self.groups) + 1}"
        opened = _Open(
            name,
            kind.group,
            condition_of(relevance),
            relevance,
            names_in(relevance),
            record.get("score_choices", ""),
            place,
        )
        self.open.append(opened)
        self.groups.append(Group(name=name, text=wording(record, "label"), aside=_aside(record)))

    def _end(self, place: str, kind: Type) -> None:
        if not self.open or self.open[-1].what != kind.group:
            message = f"a {kind.group} ends that was not begun"
            self.complaints.add("group_not_begun", place, message, "let every group begin and end in order")
            return
        self.open.pop()

    def _question(self, place: str, record: Record, kind: Type, lists: dict[str, Choices]) -> int:
        name, own = record["name"], record.get("relevant", "")
        condition, refers, rules = condition_of(own), names_in(own), [own]
        for group in self.open:
            condition, refers = both(group.condition, condition), refers | group.refers
            rules.append(group.relevance)
        looks = record.get("appearance", "").casefold().split()
        tables = {"likert", "label", "list-nolabel", "table-list"}
        question = Question(
            name=name,
            kind="long_text" if kind.kind == "text" and {"multiline", "multi-line"} & set(looks) else kind.kind,
            text=wording(record, "label"),
            choices=kind.choices or (self.open[-1].choices if kind.row and self.open else ""),
            group=self.open[-1].name if self.open else "",
            matrix=kind.row or bool(tables & set(looks)),
            relevance=" and ".join(rule for rule in rules if rule),
            condition=condition,
            refers=refers,
            aside=_aside(record),
            place=place,
        )
        if "label" in looks and kind.choices:  # the head of a rating table, not a question
            return 0
        if not question.aside:
            self._note_dropped(name, record)
        if kind.other and question.choices in lists:
            return self._with_other(question, lists)
        self.questions.append(question)
        return 1

    def _tell_apart(self) -> None:
        """Put the group before the names of questions that share one with a question of another group.

        Platforms allow that, and write the group into their exports; two questions of one group may not share a name,
        nor may those that a rule names.
        """
        names = [question.name for question in self.questions]
        named = {name for question in self.questions for name in question.refers}.union(*self.computed.values())
        for at, question in enumerate(self.questions):
            twins = [other for other in self.questions if other.name == question.name and other is not question]
            apart = twins and all(other.group != question.group for other in twins)
            own = any(entry.aside for entry in (question, *twins))
            if apart and not own and question.name not in named and question.group:
                name = f"{question.group}_{question.name}"
                while name in names:
                    name += "_"
                names[at] = name
                self.parted[name] = f"{question.group}/{question.name}"
        self.questions = [
            dataclasses.replace(question, name=name) for question, name in zip(self.questions, names, strict=True)
        ]

    def _note_dropped(self, name: str, record: Record) -> None:
        """Remember what a row says that no questionnaire holds."""
        for column in _DROPPED:
            cells = [cell for key, cell in record.items() if key.partition(":")[0] == column]
            if any(cell.casefold() not in ("no", "false", "false()") for cell in cells):
                self.dropped.setdefault(column, []).append(name)

    def _with_other(self, question: Question, lists: dict[str, Choices]) -> int:
        """Spell out ``or_other``: one more choice, and a line of text for it, as the platforms do."""
        name = f"{question.choices}_or_other"
        text = {language: _OTHER.get(language, _OTHER["en"]) for language in self.languages}
        given = lists[question.choices].choices
        more = () if any(choice.code == "other" for choice in given) else (Choice(code="other", text=text),)
        lists[name] = Choices(name=name, choices=(*given, *more))
        specify = {language: _SPECIFY.get(language, _SPECIFY["en"]) for language in self.languages}
        line = Question(
            name=f"{question.name}_other",
            kind="text",
            text=specify,
            group=question.group,
            relevance=f"selected(${{{question.name}}}, 'other')",
            condition={question.name: ("other",)},
            refers=frozenset({question.name}),
            place=question.place,
        )
        self.questions += [dataclasses.replace(question, choices=name), line]
        return 1

    def _told(self, asked: int, languages: tuple[str, ...]) -> tuple[Note, ...]:
        notes = [
            Note(
                "form_read",
                "The form was read. Questions: {questions}; choices: {choices}; lists of choices: {lists}; "
                "languages: {languages}.",
                {"questions": asked, **self.counted, "languages": ", ".join(languages)},
            )
        ]
        if self.parted:
            text = "Questions of different groups have the same name and got that of their group before it: {names}."
            told = ", ".join(f"{old} → {new}" for new, old in self.parted.items())
            notes.append(Note("names_told_apart", text, {"names": told}))
        if self.left_out:
            text = "Questions of types that a questionnaire file cannot hold were left out: {questions}."
            told = ", ".join(f"{name} ({kind})" for name, kind in self.left_out)
            notes.append(Note("questions_left_out", text, {"questions": told}))
        if self.dropped:
            text = "A questionnaire file has no place for these settings, which were left out: {what}."
            told = "; ".join(f"{what} ({', '.join(names)})" for what, names in self.dropped.items())
            notes.append(Note("settings_left_out", text, {"what": told}))
        if languages[0].startswith(UNNAMED):
            text = "The form does not name a language that is known; its wording stands under '{language}'."
            notes.append(Note("language_not_named", text, {"language": languages[0]}))
        return tuple(notes)


def _aside(record: Record) -> dict[str, str]:
    return {key.removeprefix(_OWN): text for key, text in record.items() if key.startswith(_OWN)}
