"""问卷星 (wjx.cn) exports as CSV: six columns about the submission, then one column a question headed by its wording.

Choices stand as their labels (按文本), as option numbers (按序号) or as scores (按分数); which of them the plan says.
"""

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import replace

import pandas as pd

from leadership_study.errors import Problem
from leadership_study.importing import csv_text
from leadership_study.importing._decode import decode
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._wording import FormName, check_scale
from leadership_study.instruments import BackgroundQuestion, Instrument
from leadership_study.results import Note

LEADING = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP")
"""What every export begins with; 序号 numbers the submissions and stands in for an id of the respondents."""

MISSING_CODES = ("(跳过)", "(空)", "（跳过）", "（空）", "-3", "-2")
"""Cells without an answer: not asked, left empty, and the numbers for both in numeric exports."""

_PERSONAL = ("来自ip", "ip", "ip地址")
_NUMBERED = re.compile(r"^(?:[(（]\d+[)）])?\s*(?:第\s*\d+\s*题|\d+\s*[、.．:：])\s*(?P<wording>.*)$", re.DOTALL)
_IN_BRACKETS = re.compile(r"^[(（](?P<inner>.*)[)）]$", re.DOTALL)
_STEMS = {
    "zh": "请根据实际情况，选择各项陈述的符合程度",
    "en": "Please say how far each statement applies",
}


def recognises(data: bytes) -> bool:
    """Whether ``data`` is text whose header has the platform's own columns, or mostly numbered questions."""
    if not csv_text.recognises(data):
        return False
    # A character cut in two at the end would make the text look like another encoding.
    end = data.find(b"\n", 0, 1 << 20)
    decoded = decode(data[: end + 1] if end >= 0 else data[: 1 << 20], "")
    if isinstance(decoded, Problem):
        return False
    line = next(iter(decoded[0].strip().splitlines()), "")
    header = [name.strip() for name in next(csv.reader([line], delimiter=csv_text.find_delimiter(line, LEADING)), [])]
    if {"序号", "提交答卷时间"} <= set(header):
        return True
    numbered = sum(_NUMBERED.match(name) is not None for name in header)
    return len(header) > 2 and numbered > 0.8 * len(header)


def read(data: bytes, *, file: str, expected: Collection[str] = ()) -> Table:
    """Read an export; everything about the structure is as strict as in `csv_text.read`.

    Returns
    -------
    Table
        Without the column of IP addresses, which is noted. ``wordings`` has, for each header, what may be the question:
        the header, the header without its number, and for a row of a table of questions (``stem—row``) the row.
        Choices are taken for labels, and the platform's codes for "no answer" for missing codes, unless the plan
        says otherwise.
    """
    table = csv_text.read(data, file=file, expected={*expected, *LEADING})
    kept = [at for at, name in enumerate(table.header) if name.casefold() not in _PERSONAL]
    notes = list(table.notes)
    if dropped := [name for name in table.header if name.casefold() in _PERSONAL]:
        text = "Personal data in {file} were not carried on: {columns}."
        notes.append(Note("personal_data_left_out", text, {"file": file, "columns": ", ".join(dropped)}))
    header = tuple(table.header[at] for at in kept)
    cells = table.cells
    if cells is not None:
        cells = cells[kept].set_axis(range(len(kept)), axis="columns")
    return replace(
        table,
        header=header,
        cells=cells,
        notes=tuple(notes),
        wordings=tuple(wordings(name) for name in header),
        missing_codes=MISSING_CODES,
        values="text",
        respondent_id=LEADING[0],
    )


def wordings(header: str) -> tuple[str, ...]:
    """Return every text that a header may have as the wording of its question, the header itself first."""
    found = [header]
    numbered = _NUMBERED.match(header)
    wording = numbered["wording"].strip() if numbered else header
    found.append(wording)
    if bracketed := _IN_BRACKETS.match(wording):
        found.append(bracketed["inner"].strip())
    # A wording may itself hold a dash: every place may be where the stem ends.
    found += [wording[match.end() :].strip() for match in re.finditer("—+", wording)]
    return tuple(dict.fromkeys(text for text in found if text))


def write(
    raw: RawResponses,
    instrument: Instrument,
    *,
    form: FormName = "other",
    language: str = "zh",
    leading: pd.DataFrame | None = None,
    not_asked: Collection[str] = (),
) -> bytes:
    """Return ``raw`` as the platform exports it by text: UTF-8 with byte order mark; `read` reads it back.

    Parameters
    ----------
    raw
        Answers as codes (``source.values == "codes"``), which become labels, or as labels already.
    instrument
        What was asked: items are the rows of one table of questions, checks among them, as are those of each form.
    form
        Whose wording the items have.
    language
        Language of headers and labels.
    leading
        The columns of `LEADING` from the second on, one row a respondent; empty cells otherwise.
    not_asked
        Ids that were put to none of these respondents.

    Notes
    -----
    ``(跳过)`` is written where a question was not put to the respondent (``relevant``, ``not_asked``), ``(空)`` where
    it was and has no answer. Respondents' ids become 序号.
    """
    frame = raw.frame
    columns: dict[str, pd.Series] = {LEADING[0]: frame["respondent_id"]}
    for name in LEADING[1:]:
        given = leading is not None and name in leading
        columns[name] = leading[name].set_axis(frame.index) if given and leading is not None else _blank(frame.index)
    for id, header in headers(instrument, form=form, language=language).items():
        cells = frame[id]
        if raw.source.values == "codes":
            cells = _labels(cells, id, instrument, language)
        columns[header] = cells.where(
            cells.notna(), (_asked(id, frame, instrument) & (id not in not_asked)).map({True: "(空)", False: "(跳过)"})
        )
    text = io.StringIO()
    pd.DataFrame(columns).to_csv(text, index=False, lineterminator="\n")
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def headers(instrument: Instrument, *, form: FormName = "other", language: str = "zh") -> dict[str, str]:
    """Return the header of every column: background first, then items with checks, forms, open questions."""
    found: dict[str, str] = {}
    for question in instrument.background:
        found[question.id] = f"{len(found) + 1}、{instrument.label(question.id, language)}"
    number = len(found) + 1
    stem = _STEMS.get(language, _STEMS["en"])
    placed = {check.after: check for check in instrument.attention_checks}
    for item in instrument.items:
        texts = item.self_text if form == "self" and item.self_text else item.text
        found[item.id] = f"{number}、{stem}—{texts.get(language, item.id)}"
        if item.id in placed:
            found[placed[item.id].id] = f"{number}、{stem}—{instrument.label(placed[item.id].id, language)}"
    for check in instrument.attention_checks:
        if check.id not in found:
            found[check.id] = f"{number}、{stem}—{instrument.label(check.id, language)}"
    for entry in instrument.forms:
        number += 1
        for column in [name for name in instrument.form_scales if name.startswith(f"{entry.id}_")]:
            found[column] = f"{number}、{instrument.label(column, language).replace(': ', '—', 1)}"
    for open_question in instrument.open_questions:
        number += 1
        found[open_question.id] = f"{number}、{instrument.label(open_question.id, language)}"
    return found


def _blank(index: pd.Index) -> pd.Series:
    return pd.Series("", index=index, dtype="str")


def _asked(id: str, frame: pd.DataFrame, instrument: Instrument) -> pd.Series:
    """Whether each respondent was asked: every condition of the question holds among the answers as codes."""
    asked = pd.Series(True, index=frame.index)
    question = next((question for question in instrument.background if question.id == id), None)
    for other, values in (question.relevant if question else {}).items():
        allowed = {*values, *_wordings_of(instrument.background_question(other), values)}
        asked &= frame[other].isin(allowed)
    return asked


def _wordings_of(question: BackgroundQuestion, values: Collection[str]) -> list[str]:
    return [text for level in question.levels if level.value in values for text in level.text.values()]


def _labels(cells: pd.Series, id: str, instrument: Instrument, language: str) -> pd.Series:
    labels = _code_labels(id, instrument, language)
    if not labels:
        return cells
    question = next((question for question in instrument.background if question.id == id), None)
    several = question is not None and question.kind == "multiple"
    written = {}
    for code in cells.dropna().unique():  # each distinct answer once
        parts = code.split("┋") if several else [code]
        written[code] = "┋".join(labels.get(part.strip(), part) for part in parts)
    return cells.map(written).astype("str")


def _code_labels(id: str, instrument: Instrument, language: str) -> Mapping[str, str]:
    """Label of each code of a column; empty where answers have no labels."""
    check = next((check for check in instrument.attention_checks if check.id == id), None)
    if check is not None:
        if isinstance(check.expected, str):
            return {}
        scale = check_scale(instrument, check)
    elif id in instrument.form_scales or id in instrument.item_ids():
        scale = instrument.scale_of(id)
    else:
        known = {question.id: question for question in instrument.background}
        levels = known[id].levels if id in known else ()
        return {level.value: level.text.get(language, level.value) for level in levels}
    labels = scale.labels.get(language, ())
    return {f"{value:g}": label for value, label in zip(scale.values, labels, strict=bool(labels))}
