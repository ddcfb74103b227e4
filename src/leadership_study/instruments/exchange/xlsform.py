"""XLSForm, the form of KoboToolbox and ODK: a workbook with the sheets survey, choices and settings.

What XLSForm has no place for stands in columns whose names begin with ``ls_`` (``ls_reverse_keyed``, ``ls_self_en``,
``ls_definition_en``, …). Platforms ignore columns that they do not know; where one drops them, the form is read by
rule, as any other.
"""

from collections.abc import Iterable, Mapping

from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange._check import refused
from leadership_study.instruments.exchange._finish import finish, losses
from leadership_study.instruments.exchange._form import Condition, Form, Group, Question
from leadership_study.instruments.exchange._languages import language_name
from leadership_study.instruments.exchange._layout import lay_out
from leadership_study.instruments.exchange._xls import SIGNATURE
from leadership_study.instruments.exchange._xlsform_read import read_form
from leadership_study.instruments.exchange._xlsx import write_sheets
from leadership_study.instruments.model import Instrument
from leadership_study.results import Note

SUFFIX = ".xlsx"
_TYPES = {"number": "decimal", "text": "text", "long_text": "text", "date": "date"}
_NOT_NEGATIVE = {"en": "Enter a number that is not negative.", "zh": "请填写不小于零的数字。"}
_CHOOSE = {"en": "Please choose one answer in every row.", "zh": "请在每一行选择一个答案。"}
_SURVEY = ("type", "name", "label", "hint", "required", "relevant", "appearance", "constraint", "constraint_message")
_TRANSLATED = frozenset({"label", "hint", "constraint_message"})


def recognises(data: bytes, file: str) -> bool:
    """Whether the file looks like an XLSForm: a workbook, old or new, or CSV whose first sheet is ``survey``."""
    if data[:8] == SIGNATURE or file.lower().endswith((".xlsx", ".xlsm")):
        return True
    if data[:4] == b"PK\x03\x04":
        return b"xl/workbook.xml" in data
    return data.removeprefix(b"\xef\xbb\xbf")[:40].lstrip(b"\"' ").startswith((b"survey", b"choices", b"settings"))


def write(instrument: Instrument) -> tuple[bytes, tuple[Note, ...]]:
    """Return the questionnaire as XLSForm, and notes on what the platform itself cannot hold.

    One group a dimension, its items as rows of a rating table (``likert``); background questions with their rules for
    asking; numbers not below 0; questions with choices must be answered, written answers may be left out. Equal
    questionnaires give equal bytes.
    """
    form = lay_out(instrument)
    asides = sorted({key for aside in _asides(form) for key in aside})
    header = [name for column in _SURVEY for name in _columns(column, form.languages)]
    header += [f"ls_{key}" for key in asides]
    survey = [header]
    at = ""
    for question in form.questions:
        if question.group != at:
            if at:
                survey.append(_row(header, {"type": "end_group"}))
            if question.group:
                survey.append(_row(header, _group(form.group(question.group))))
            at = question.group
        survey.append(_row(header, _question(question, form)))
    if at:
        survey.append(_row(header, {"type": "end_group"}))
    values = any(choice.value is not None for choices in form.lists.values() for choice in choices.choices)
    choice_header = ["list_name", "name", *_columns("label", form.languages), *(["ls_value"] if values else [])]
    rows = [choice_header]
    for choices in form.lists.values():
        for choice in choices.choices:
            cells = {"list_name": choices.name, "name": choice.code, "ls_value": choice.value or ""}
            rows.append(_row(choice_header, {**cells, **_worded("label", choice.text)}))
    settings = {
        "form_title": form.title[form.languages[0]],
        "form_id": form.id,
        "version": form.version,
        "default_language": language_name(form.languages[0]),
        **{f"ls_{key}": text for key, text in form.aside.items()},
        **{f"ls_title_{language}": text for language, text in form.title.items()},
    }
    sheets = {"survey": survey, "choices": rows, "settings": [list(settings), list(settings.values())]}
    return write_sheets(sheets), losses(instrument, "XLSForm", "columns that begin with ls_")


def read(data: bytes, *, file: str) -> tuple[Instrument, tuple[Note, ...]]:
    """Read an XLSForm by any author as a questionnaire.

    Parameters
    ----------
    data
        The bytes of an .xlsx or .xls, or of an XLSForm in CSV.
    file
        Its name, for messages.

    Returns
    -------
    Instrument, notes
        The notes say what was left out and what a form cannot tell. A translation that is missing stays missing; the
        note ``translations_missing`` lists all of them.

    Raises
    ------
    InstrumentError
        Unknown types, macros, formulas, declared entities, lists of choices that are missing, empty or ambiguous, equal
        names, wording missing in the form's own language, rules for asking that go in a circle; ``.problems`` has all.
    """
    complaints = Complaints(file)
    form, default = read_form(data, complaints)
    if form is None:
        raise refused(complaints)
    return finish(form, default, complaints)


def _asides(form: Form) -> list[Mapping[str, str]]:
    return [*(group.aside for group in form.groups), *(question.aside for question in form.questions)]


def _columns(column: str, languages: Iterable[str]) -> list[str]:
    if column not in _TRANSLATED:
        return [column]
    return [f"{column}::{language_name(language)}" for language in languages]


def _row(header: list[str], cells: Mapping[str, str]) -> list[str]:
    return [cells.get(name, "") for name in header]


def _worded(column: str, text: Mapping[str, str]) -> dict[str, str]:
    return {f"{column}::{language_name(language)}": words for language, words in text.items()}


def _group(group: Group) -> dict[str, str]:
    aside = {f"ls_{key}": text for key, text in group.aside.items()}
    return {
        "type": "begin_group",
        "name": group.name,
        "appearance": "field-list",
        **_worded("label", group.text),
        **aside,
    }


def _question(question: Question, form: Form) -> dict[str, str]:
    cells = {"name": question.name, **_worded("label", question.text)}
    match question.kind:
        case "one" | "many":
            cells["type"] = f"select_{'one' if question.kind == 'one' else 'multiple'} {question.choices}"
            cells["required"] = "yes"
        case kind:
            cells["type"] = _TYPES[kind]
    if question.matrix:
        cells["appearance"] = "likert"
    if question.kind == "long_text":
        cells["appearance"] = "multiline"
    if question.kind == "number":
        message = {language: _NOT_NEGATIVE.get(language, _NOT_NEGATIVE["en"]) for language in form.languages}
        cells |= {"constraint": ". >= 0", **_worded("constraint_message", message)}
    kinds = {entry.name: entry.kind for entry in form.questions}
    cells["relevant"] = _rule(question.condition or {}, kinds)
    return cells | {f"ls_{key}": text for key, text in question.aside.items()}


def _rule(condition: Condition, kinds: Mapping[str, str]) -> str:
    def one(name: str, code: str) -> str:
        return f"selected(${{{name}}}, '{code}')" if kinds.get(name) == "many" else f"${{{name}}} = '{code}'"

    parts = [" or ".join(one(name, code) for code in codes) for name, codes in condition.items()]
    return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)
