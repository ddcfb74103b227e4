"""问卷星 (wjx.cn) exports, CSV or workbook: columns about the submission, then one a question.

Choices stand as their labels (按文本), as option numbers (按序号) or as scores (按分数); which of them the plan says.
"""

import io
from collections.abc import Collection, Mapping
from dataclasses import replace

import pandas as pd

from leadership_study.importing._formulas import neutral_frame
from leadership_study.importing._headings import is_numbered, parts, wordings
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start, start_of
from leadership_study.importing._system import take_system
from leadership_study.importing._tables import read_any, without_first
from leadership_study.importing._wording import FormName, check_scale
from leadership_study.instruments import BackgroundQuestion, Instrument
from leadership_study.results import Note

LEADING = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP")
"""What every export begins with; 序号 numbers the submissions and stands in for an id of the respondents."""

MISSING_CODES = ("(跳过)", "(空)", "（跳过）", "（空）", "-3", "-2")
"""Cells without an answer: not asked, left empty, and the numbers for both in numeric exports."""

ROLES = {
    "所用时间": "duration_seconds",
    "答题时长": "duration_seconds",
    "提交答卷时间": "submitted_at",
    "提交时间": "submitted_at",
    "开始答题时间": "started_at",
    "开始时间": "started_at",
    "来源": "channel",
    "来自IP": "same_address",
    "IP地址": "same_address",
    "IP": "same_address",
    "总分": "total_score",
}
"""Columns about the submission, whatever their number."""

_STEMS = {
    "zh": "请根据实际情况，选择各项陈述的符合程度",
    "en": "Please say how far each statement applies",
}


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether the header has the platform's own columns, or mostly numbered questions."""
    header = (start or start_of(data, LEADING)).header
    if {"序号", "提交答卷时间"} <= {*header} or len({*header} & {*LEADING}) > 2:
        return True
    return len(header) > 2 and sum(is_numbered(name) for name in header) > 0.8 * len(header)


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read an export, CSV or workbook; everything about the structure is as strict as in `csv_text.read`.

    Returns
    -------
    Table
        ``wordings`` has, for each header, what may be the question: the header, the header without its number, and for
        a row of a table of questions (``stem—row``) the row. A second header row is joined to the first by ``—``.
        Choices are taken for labels where they are such; numbers must be declared. The platform's codes for "no
        answer" are missing codes unless the plan says otherwise. Addresses become numbers of ``system``.
    """
    table = read_any(data, file=file, expected={*expected, *LEADING}, encoding=encoding, sheet=sheet)
    if table.cells is None or not table.header:
        return table
    table = _one_header(table, file)
    table = replace(
        table,
        wordings=tuple(wordings(name) for name in table.header),
        parts=tuple(parts(name) for name in table.header),
        missing_codes=MISSING_CODES,
        values=None,
        unsure_numbers=True,
        respondent_id=LEADING[0],
    )
    return take_system(table, ROLES, file=file)


def _one_header(table: Table, file: str) -> Table:
    """Join a second header row, of the rows or options of the questions above: it has no number of a submission.

    Without the column of these numbers it is known by texts below headers that are empty.
    """
    cells = table.cells
    if cells is None or not len(cells):
        return table
    second = [cell.strip() if isinstance(cell, str) else "" for cell in cells.iloc[0]]
    if LEADING[0] in table.header:
        at = table.header.index(LEADING[0])
        is_header = second[at] in ("", LEADING[0]) and sum(map(bool, second)) > 1
    else:
        blank = [at for at, name in enumerate(table.header) if not name]
        is_header = bool(blank) and all(second[at] for at in blank)
    if not is_header:
        return table
    header = []
    above = ""
    for name, below in zip(table.header, second, strict=True):
        above = name or (above if below else "")
        header.append("—".join(dict.fromkeys(text for text in (above, below) if text)))
    text = "The header of {file} has {count} rows with merged cells; their texts were joined."
    joined = replace(table, header=tuple(header))
    note = Note("merged_header", text, {"file": file, "count": 2})
    return replace(without_first(joined, 1), notes=(*table.notes, note))


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
    neutral_frame(pd.DataFrame(columns)).to_csv(text, index=False, lineterminator="\n")
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
