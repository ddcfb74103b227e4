"""LimeSurvey's tab-separated survey structure: one row a group, question, subquestion and answer in each language.

LimeSurvey passes over rows of classes that it does not know; what it has no place for stands in rows of the class
``LEADERSHIP_STUDY``. A survey that LimeSurvey itself wrote is read by rule, as any other.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence

from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange._check import refused
from leadership_study.instruments.exchange._finish import finish, losses
from leadership_study.instruments.exchange._form import Condition, Form, Question
from leadership_study.instruments.exchange._layout import lay_out
from leadership_study.instruments.exchange._limesurvey_read import ASIDE, Row, read_rows
from leadership_study.instruments.exchange._limesurvey_words import CLASSES, answer_codes, short_codes, to_html
from leadership_study.instruments.model import Instrument
from leadership_study.results import Note

SUFFIX = ".txt"
_COLUMNS = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "encrypted", "other", "default", "same_default", "assessment_value", "min_num_value_n",
)  # fmt: skip
_TYPES = {"one": "L", "many": "M", "number": "N", "text": "S", "long_text": "T", "date": "D"}
_CHOOSE = {"en": "Please choose one answer in every row.", "zh": "请在每一行选择一个答案。"}
_LONGEST_NAME, _LONGEST_CODE = 20, 5


def recognises(data: bytes, file: str) -> bool:
    """Whether the file looks like a survey structure: tab-separated, with LimeSurvey's classes."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n", 4)[:4]
    cells = [cell.strip(b'"\r ') for line in lines for cell in line.split(b"\t")]
    return len(cells) > 8 and (b"class" in cells or any(cell in (b"G", b"Q", b"S", b"SL") for cell in cells))


def write(instrument: Instrument) -> tuple[bytes, tuple[Note, ...]]:
    """Return the questionnaire as LimeSurvey's TSV (UTF-8 with byte order mark), and notes on what it cannot hold.

    One array (type F) a run of items on one response scale, one group a dimension; lists (L), multiple choice (M),
    numbers not below 0 (N), short and long text (S, T), dates (D), rules for asking as expressions. The survey shows
    one group a page and no names of groups. Codes have letters and digits only, as LimeSurvey wants: ``str_01`` becomes
    ``str01``, and answers that do not fit five signs become A1, A2, ….
    """
    writer = _Writer(lay_out(instrument))
    text = io.StringIO()
    table = csv.DictWriter(text, _COLUMNS, restval="", delimiter="\t", lineterminator="\n")
    table.writeheader()
    table.writerows(writer.rows())
    return b"\xef\xbb\xbf" + text.getvalue().encode(), (
        *losses(instrument, "LimeSurvey", f"rows of the class {ASIDE}"),
        *writer.told(),
    )


def read(data: bytes, *, file: str) -> tuple[Instrument, tuple[Note, ...]]:
    """Read a survey structure by any author as a questionnaire.

    Texts lose their HTML. Arrays become dimensions (see the notes); a file without header row is read with
    LimeSurvey's usual columns, which a note says.

    Raises
    ------
    InstrumentError
        Everything that is wrong with the file at once: it is no such table, unknown classes or types, lists without
        answers, equal names, missing wording, circular rules.
    """
    complaints = Complaints(file)
    rows, notes = _table(data, complaints)
    if complaints.found:
        raise refused(complaints)
    form, default = read_rows(rows, complaints, notes)
    return finish(form, default, complaints)


def _table(data: bytes, complaints: Complaints) -> tuple[list[Row], tuple[Note, ...]]:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        complaints.add("not_utf8", "", "the text is neither UTF-8 nor UTF-16", "export the survey structure again")
        return [], ()
    records = [
        row for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t") if any(cell.strip() for cell in row)
    ]
    if not records:
        complaints.add("empty_file", "", "the file is empty", "export the survey structure again")
        return [], ()
    header = [cell.strip() for cell in records[0]]
    notes: tuple[Note, ...] = ()
    first = 1
    if "class" not in header:
        if not (len(header) > 3 and header[2] in CLASSES):
            complaints.add("no_class", "", "there is no column 'class'", "this is no survey structure of LimeSurvey")
            return [], ()
        told = "The file has no header row; its columns were taken as LimeSurvey's usual ones: {columns}."
        header, first = list(_COLUMNS[:12]), 0
        notes = (Note("header_assumed", told, {"columns": ", ".join(header)}),)
    rows = []
    for number, record in enumerate(records[first:], first + 1):
        cells = {name: cell.strip() for name, cell in zip(header, record, strict=False) if name and cell.strip()}
        rows.append(Row(f"row {number}", cells))
    return rows, notes


class _Writer:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.runs = list(runs(form.questions))
        names = [question.name for question in form.questions]
        self.codes = short_codes(names, names, longest=_LONGEST_NAME)
        arrays = {at: run[0].group for at, run in enumerate(self.runs) if run[0].matrix}
        self.array_codes = short_codes(arrays, arrays.values(), longest=_LONGEST_NAME, taken=self.codes.values())
        self.answers = {
            name: answer_codes(choice.meant for choice in choices.choices) for name, choices in form.lists.items()
        }
        self.kinds = {question.name: question for question in form.questions}

    def rows(self) -> Iterator[dict[str, str]]:
        languages = self.form.languages
        yield {"class": "S", "name": "language", "text": languages[0]}
        if len(languages) > 1:
            yield {"class": "S", "name": "additional_languages", "text": " ".join(languages[1:])}
        yield {"class": "S", "name": "format", "text": "G"}
        yield {"class": "S", "name": "showgroupinfo", "text": "X"}
        for language in languages:
            title = self.form.title.get(language, "")
            yield {"class": "SL", "name": "surveyls_title", "text": to_html(title), "language": language}
        for language in languages:
            yield from self._in(language)
        for key, name, text in self._asides():
            yield {"class": ASIDE, "type/scale": key, "name": name, "text": to_html(text)}

    def _in(self, language: str) -> Iterator[dict[str, str]]:
        """All rows of one language; ids are the same in every language."""
        number, group, groups = 0, None, 0
        for at, run in enumerate(self.runs):
            question = run[0]
            if question.group != group:
                group, groups = question.group, groups + 1
                label = self.form.group(group).text.get(language) or _otherwise(group)
                yield {"id": str(groups), "class": "G", "name": to_html(label), "language": language, "relevance": "1"}
            number += 1
            row = {"id": str(number), "class": "Q", "language": language, "other": "N", "same_default": "0"}
            if question.matrix:
                row |= {"type/scale": "F", "name": self.array_codes[at], "mandatory": "Y", "relevance": "1"}
                yield row | {"text": _CHOOSE.get(language, _CHOOSE["en"])}
                for entry in run:
                    number += 1
                    yield {
                        "id": str(number),
                        "class": "SQ",
                        "type/scale": "0",
                        "name": self.codes[entry.name],
                        "text": to_html(entry.text.get(language, "")),
                        "language": language,
                        "relevance": "1",
                    }
                yield from self._answers(question, language)
                continue
            row |= {
                "type/scale": _TYPES[question.kind],
                "name": self.codes[question.name],
                "relevance": self._rule(question.condition or {}) or "1",
                "text": to_html(question.text.get(language, "")),
                "mandatory": "Y" if question.kind in ("one", "many") else "N",
            }
            yield row | ({"min_num_value_n": "0"} if question.kind == "number" else {})
            for entry_row in self._answers(question, language):
                if question.kind == "many":
                    number += 1
                    entry_row |= {"id": str(number), "class": "SQ", "relevance": "1"}
                yield entry_row

    def _answers(self, question: Question, language: str) -> Iterator[dict[str, str]]:
        if question.choices:
            choices = self.form.lists[question.choices].choices
            for code, choice in zip(self.answers[question.choices], choices, strict=True):
                text = to_html(choice.text.get(language, ""))
                value = (
                    choice.meant
                    if "scale" in self.form.lists[question.choices].aside and choice.meant.isdigit()
                    else ""
                )
                yield {
                    "class": "A",
                    "type/scale": "0",
                    "name": code,
                    "text": text,
                    "language": language,
                    "assessment_value": value,
                }

    def _rule(self, condition: Condition) -> str:
        parts = []
        for name, codes in condition.items():
            question = self.kinds[name]
            choices = self.form.lists[question.choices].codes
            written = dict(zip(choices, self.answers[question.choices], strict=True))
            one = [
                f'{self.codes[name]}_{written[code]}.NAOK == "Y"'
                if question.kind == "many"
                else f'{self.codes[name]}.NAOK == "{written[code]}"'
                for code in codes
            ]
            parts.append(f"({' or '.join(one)})")
        return " and ".join(parts)

    def _asides(self) -> Iterator[tuple[str, str, str]]:
        """What stands in rows of our own: key, what it is about, text."""
        form = self.form
        for key, text in {**form.aside, "version": form.version, "lists": json.dumps(list(form.lists))}.items():
            yield f"form:{key}", "", text
        numbers = {name: str(at) for at, name in enumerate(dict.fromkeys(run[0].group for run in self.runs), 1)}
        for group in form.groups:
            if group.name in numbers:
                own = {"name": group.name, "worded": "yes" if group.text else "no", **group.aside}
                yield from ((f"group:{key}", numbers[group.name], text) for key, text in own.items())
        for question in form.questions:
            code = self.codes[question.name]
            own = {**({"name": question.name} if code != question.name else {}), **question.aside}
            if question.choices:
                own["choices"] = question.choices
            yield from ((f"question:{key}", code, text) for key, text in own.items())
        used = {question.choices for question in form.questions}
        for name, choices in form.lists.items():
            for code, choice in zip(self.answers[name], choices.choices, strict=True):
                if code != choice.meant:
                    yield "choice:value", f"{name}/{code}", choice.meant
            if name not in used:
                texts = [
                    [code, dict(choice.text)] for code, choice in zip(self.answers[name], choices.choices, strict=True)
                ]
                yield "list", name, json.dumps(texts, ensure_ascii=False)

    def told(self) -> tuple[Note, ...]:
        """Say which names and answers got codes of their own, since the export of the answers will bear these."""
        notes = []
        changed = {name: code for name, code in self.codes.items() if name != code}
        if changed:
            text = "LimeSurvey takes letters and digits only: in its exports the columns are called {names}."
            notes.append(Note("names_in_limesurvey", text, {"names": _listed(changed)}))
        coded = {
            f"{name.removeprefix('levels_')} {choice.meant}": code
            for name, codes in self.answers.items()
            for code, choice in zip(codes, self.form.lists[name].choices, strict=True)
            if code != choice.meant
        }
        if coded:
            text = "Answers have at most five letters and digits: {answers} in exports with codes."
            notes.append(Note("answers_in_limesurvey", text, {"answers": _listed(coded)}))
        return tuple(notes)


def runs(questions: Sequence[Question]) -> Iterator[list[Question]]:
    """Yield runs of rating questions of one group on one list; every other question alone."""
    run: list[Question] = []
    for question in questions:
        same = run and question.matrix and run[0].matrix
        if same and (run[0].group, run[0].choices) == (question.group, question.choices):
            run.append(question)
            continue
        if run:
            yield run
        run = [question]
    if run:
        yield run


def _otherwise(group: str) -> str:
    return group or "open_questions"


def _listed(pairs: Mapping[str, str]) -> str:
    return ", ".join(f"{old} → {new}" for old, new in pairs.items())
