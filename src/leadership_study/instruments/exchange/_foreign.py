"""A form by other authors as a questionnaire, by rules that are stated, with notes on what a form cannot tell.

The rules:

1. Questions of one group that share one rating list are the items of one dimension: two or more rows of a rating table
   (a matrix, an array), or two or more single-choice questions whose choices are three or more numbers. The dimension
   bears the name and the wording of the group; questions outside all groups are named after their list.
2. Every other question with choices, numbers, dates or a line of text is a background question.
3. Questions answered in a paragraph are open questions.
4. The scale's values are the codes when these are numbers, the numbers in them when all have the same letters before
   (A1, A2, …), and otherwise 1, 2, 3, … in the order of the list.
"""

import re
from collections.abc import Iterable, Mapping

from leadership_study.instruments.exchange._form import Choices, Form, Group, Question, as_number
from leadership_study.instruments.model import (
    RESERVED_IDS,
    BackgroundKind,
    BackgroundQuestion,
    Dimension,
    Instrument,
    Item,
    Level,
    OpenQuestion,
    ResponseScale,
    Text,
)
from leadership_study.results import Note

_KINDS: Mapping[str, BackgroundKind] = {
    "one": "nominal",
    "many": "multiple",
    "number": "number",
    "text": "text",
    "date": "date",
}
_FEWEST = 3
_NUMBERED = re.compile(r"([A-Za-z_]+)0*(\d+)")


def make_of(form: Form) -> tuple[Instrument, tuple[Note, ...]]:
    """Return the questionnaire that the rules make of ``form``, and notes on what they could not know."""
    return _Made(form).both()


class _Made:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.notes: list[Note] = []
        self.scales: dict[str, ResponseScale] = {}
        self.claimed: set[str] = set(RESERVED_IDS)
        self.renamed: dict[str, str] = {}
        self.of_list: dict[str, str] = {}
        self.unruled: list[str] = []

    def both(self) -> tuple[Instrument, tuple[Note, ...]]:
        form = self.form
        ids = {question.name: self._id(question.name) for question in form.questions}
        tables = self._tables()
        in_tables = {question.name for rows in tables.values() for question in rows}
        dimensions = tuple(self._dimension(key, rows, tables, ids) for key, rows in tables.items())
        singles = [question for question in form.questions if question.name not in in_tables]
        levels = {question.name: self._codes(question) for question in singles}
        instrument = Instrument(
            id=_clean(form.id or "form"),
            version=form.version or "1",
            title=form.title,
            response_scales=self.scales,
            dimensions=dimensions,
            background=tuple(self._background(entry, ids, levels) for entry in singles if entry.kind != "long_text"),
            open_questions=tuple(
                OpenQuestion(id=ids[entry.name], text=entry.text) for entry in singles if entry.kind == "long_text"
            ),
        )
        return instrument, (*form.notes, *self._told(instrument, singles), *self.notes)

    def _tables(self) -> dict[tuple[str, str], list[Question]]:
        """Questions that make a dimension, by group and list."""
        found: dict[tuple[str, str], list[Question]] = {}
        for question in self.form.questions:
            if question.kind == "one" and self._rates(question):
                found.setdefault((question.group, question.choices), []).append(question)
        return {key: rows for key, rows in found.items() if len(rows) > 1}

    def _rates(self, question: Question) -> bool:
        codes = self.form.lists[question.choices].codes
        if question.matrix:
            return len(codes) > 1
        return len(codes) >= _FEWEST and all(as_number(code) is not None for code in codes)

    def _dimension(
        self,
        key: tuple[str, str],
        rows: list[Question],
        tables: Mapping[tuple[str, str], list[Question]],
        ids: Mapping[str, str],
    ) -> Dimension:
        name, choices = key
        group = self.form.group(name) if name else Group(name=choices)
        alone = sum(other == name for other, _ in tables) == 1
        id = self._id(group.name if alone else f"{group.name}_{choices}")
        scale = self._scale(self.form.lists[choices])
        label: Text = group.text or dict.fromkeys(self.form.languages, id)
        items = tuple(Item(id=ids[row.name], dimension=id, response_scale=scale, text=row.text) for row in rows)
        values = {
            "dimension": id,
            "n": len(items),
            "scale": ", ".join(str(value) for value in self.scales[scale].values),
        }
        self.notes.append(
            Note(
                "dimension_by_rule",
                "The questions of {dimension} became one dimension: {n} items, rated {scale}.",
                values,
            )
        )
        self.unruled += [row.name for row in rows if row.condition is None or row.condition]
        return Dimension(id=id, label=label, items=items, response_scale=scale)

    def _scale(self, choices: Choices) -> str:
        if choices.name in self.of_list:
            return self.of_list[choices.name]
        entries = list(choices.choices)
        numbers = [as_number(choice.code) for choice in entries]
        values = [number for number in numbers if number is not None]
        if len(values) == len(entries) == len(set(values)):
            order = sorted(range(len(entries)), key=lambda at: values[at])
            entries, values = [entries[at] for at in order], sorted(values)
        else:
            values = list(_numbered(choices.codes) or range(1, len(entries) + 1))
            told = {"codes": ", ".join(choices.codes), "values": ", ".join(str(value) for value in values)}
            self.notes.append(
                Note(
                    "scale_codes_became_numbers", "The codes {codes} of a rating list became the values {values}.", told
                )
            )
        whole = [language for language in self.form.languages if all(language in choice.text for choice in entries)]
        labels = {language: tuple(choice.text[language] for choice in entries) for language in whole}
        for known in self.scales.values():
            if known.values == tuple(values) and known.labels == labels:
                self.of_list[choices.name] = known.id
                return known.id
        id = _clean(choices.name.removeprefix("scale_"))
        while id in self.scales:
            id += "_"
        self.scales[id] = ResponseScale(id=id, values=tuple(values), labels=labels)
        self.of_list[choices.name] = id
        return id

    def _codes(self, question: Question) -> tuple[str, ...]:
        return self.form.lists[question.choices].codes if question.choices in self.form.lists else ()

    def _background(
        self, question: Question, ids: Mapping[str, str], levels: Mapping[str, tuple[str, ...]]
    ) -> BackgroundQuestion:
        found = self.form.lists[question.choices].choices if question.kind in ("one", "many") else ()
        condition = question.condition
        if condition and any(set(codes) - set(levels.get(name, ())) for name, codes in condition.items()):
            condition = None
        if condition is None:
            self.unruled.append(question.name)
        return BackgroundQuestion(
            id=ids[question.name],
            kind=_KINDS[question.kind],
            label=question.text,
            levels=tuple(Level(value=choice.meant, text=choice.text) for choice in found),
            relevant={ids[name]: codes for name, codes in (condition or {}).items()},
        )

    def _told(self, instrument: Instrument, singles: list[Question]) -> list[Note]:
        notes = []
        if instrument.dimensions:
            notes.append(
                Note(
                    "form_does_not_tell",
                    "A form does not tell which items are reverse-keyed, which are attention checks, nor which "
                    "dimensions are meant: compare what the rules made of it with the form, and correct it.",
                )
            )
        else:
            text = "No two questions share a rating list, so the form gave no dimension: add one before using it."
            notes.append(Note("no_dimension_found", text))
        if kept := [question.name for question in singles if question.kind == "one"]:
            text = "A form does not tell whether answers are ordered; taken as nominal: {questions}."
            notes.append(Note("order_not_told", text, {"questions": ", ".join(kept)}))
        if self.unruled:
            notes.append(rules_left_out(self.unruled))
        if self.renamed:
            text = "Names that a questionnaire cannot use were changed: {names}; the answers have the old ones."
            told = ", ".join(f"{old} → {new}" for old, new in self.renamed.items())
            notes.append(Note("names_changed", text, {"names": told}))
        return notes

    def _id(self, name: str) -> str:
        id = _clean(name)
        while id in self.claimed:
            id += "_2"
        self.claimed.add(id)
        if id != name and any(question.name == name for question in self.form.questions):
            self.renamed[name] = id
        return id


def rules_left_out(names: Iterable[str]) -> Note:
    """Return the note on questions whose rule for asking a questionnaire cannot hold."""
    text = "A questionnaire file cannot hold the rules for asking these questions, which were left out: {questions}."
    return Note("asking_rules_left_out", text, {"questions": ", ".join(names)})


def _clean(name: str) -> str:
    id = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    if id in RESERVED_IDS or not re.match(r"[A-Za-z]", id):
        id = f"q_{id}" if id else "q"
    return id


def _numbered(codes: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return the numbers of codes such as A1, A2, …, when letters are equal and numbers rise."""
    found = [_NUMBERED.fullmatch(code) for code in codes]
    matches = [match for match in found if match]
    if len(matches) < len(codes) or len({match.group(1) for match in matches}) > 1:
        return None
    numbers = tuple(int(match.group(2)) for match in matches)
    return numbers if list(numbers) == sorted(set(numbers)) else None
