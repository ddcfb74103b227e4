"""A sheet of a workbook as a table: which sheet, which rows are the header, what merged cells mean."""

import re
from collections.abc import Collection, Sequence
from itertools import islice

import pandas as pd

from leadership_study.errors import Problem
from leadership_study.importing._raw import Table
from leadership_study.importing._xls import read_xls
from leadership_study.importing._xlsx import Sheet, letters_of, read_xlsx
from leadership_study.importing._xlsx_parts import WorkbookError
from leadership_study.results import Note

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PART = re.compile(rb"xl/(?:workbook|worksheets/|sharedStrings|styles|theme/|_rels/)")
_REMARK = re.compile(r"(?:注|说明|備註|备注|附注|资料来源|来源|Notes?|Source|Remarks?)\s*\d*\s*[:：.、]", re.IGNORECASE)
_SHOWN = 20
_HEADER_ROWS = 10
"""More rows no header has: a cell merged further down covers answers."""
JOINT = "—"
"""Between the parts of a header of several rows, as 问卷星 writes a question and its row."""


def is_workbook(data: bytes) -> bool:
    """Say whether ``data`` begins like an XLSX or an XLS workbook."""
    # Of a file that was cut off the list of its parts is lost, and only the parts themselves say what it was.
    return data.startswith(OLE) or (data.startswith(ZIP) and _PART.search(data) is not None)


def first_rows(data: bytes, count: int = 5) -> list[list[str]]:
    """Return the first rows of the first sheet that has any; none where the workbook cannot be read."""
    reader = read_xls if data.startswith(OLE) else read_xlsx
    try:
        for sheet in reader(data, None, count):
            if sheet.rows:
                return [[cell or "" for cell in row] for row in islice(sheet.rows.values(), count)]
    except WorkbookError:
        return []
    return []


def read_workbook(data: bytes, *, file: str, expected: Collection[str] = (), sheet: str | int | None = None) -> Table:
    """Read one sheet: that named, else the only one with cells, else the one with most of the ``expected`` headers.

    Header rows are the first row with cells and, where it has merged cells, the rows that these reach down to or that
    stand below a cell merged to the right: their texts are joined by ``—``. A first row with a single cell merged over
    the table is its title and is left out with a note. Merged cells among the answers are a problem, and so is a
    formula without a stored value.
    """
    reader = read_xls if data.startswith(OLE) else read_xlsx
    try:
        sheets = [found for found in reader(data, sheet) if found.rows]
    except WorkbookError as error:
        problem = Problem(file=file, rule=error.rule, message=error.message, remedy=error.remedy)
        return Table(header=(), cells=None, encoding="", problems=(problem,))
    if not sheets:
        problem = Problem(file=file, rule="empty_file", message="the workbook is empty", remedy="give one with answers")
        return Table(header=(), cells=None, encoding="", problems=(problem,))
    notes = []
    chosen = max(sheets, key=lambda found: _fit(found, expected))
    if len(sheets) > 1:
        others = ", ".join(found.name for found in sheets if found is not chosen)
        text = "Of the sheets of {file}, {sheet} was read; the others were not: {others}."
        notes.append(Note("sheet_chosen", text, {"file": file, "sheet": chosen.name, "others": others}))
    table = _table(chosen, file)
    if chosen.formulas:
        text = "Cells of {file} that hold formulas were read with the values stored in them: {count}."
        notes.append(Note("formula_cells", text, {"file": file, "count": chosen.formulas}))
    return Table(
        header=table.header,
        cells=table.cells,
        encoding="xls" if data.startswith(OLE) else "xlsx",
        sheet=chosen.name,
        notes=(*notes, *table.notes),
        problems=table.problems,
        lines=table.lines,
    )


def _fit(sheet: Sheet, expected: Collection[str]) -> int:
    wanted = set(expected)
    return max(len(wanted.intersection((cell or "").strip() for cell in row)) for row in islice(sheet.rows.values(), 3))


def _table(sheet: Sheet, file: str) -> Table:
    notes: list[Note] = []
    problems: list[Problem] = []
    numbers = list(sheet.rows)
    if _is_title(sheet, numbers):
        text = "The title above the table in {file} was left out: {title}."
        title = next(cell for cell in sheet.rows[numbers[0]] if cell)
        notes.append(Note("title_row", text, {"file": file, "title": title.strip()}))
        numbers = numbers[1:]
    top = numbers[0]
    bottom = _last_header_row(sheet, top)
    header = _header(sheet, range(top, bottom + 1))
    if bottom > top:
        text = "The header of {file} has {count} rows with merged cells; their texts were joined."
        notes.append(Note("merged_header", text, {"file": file, "count": bottom - top + 1}))
    body = [number for number in numbers if number > bottom]
    if below := _remarks(sheet, body):
        text = "Remarks below the table in {file} were left out (rows {rows} of the sheet)."
        notes.append(Note("remarks_below", text, {"file": file, "rows": ", ".join(map(str, below))}))
        for number in below:
            sheet.rows.pop(number)
        body = body[: len(body) - len(below)]
    covered = []
    for first, left, last, right in sheet.merged:
        if last > bottom and first not in below:
            covered.append((first, f"{letters_of(left)}{first}:{letters_of(right)}{last}"))
    for first, place in covered[:_SHOWN]:
        message = f"the cells {place} of the sheet {sheet.name!r} are merged: nobody can say whose answer it is"
        if len(covered) > _SHOWN:
            message += f" (the first {_SHOWN} of {len(covered)} such places are listed)"
        remedy = "undo the merging and fill in each cell"
        problems.append(Problem(file=file, line=first, rule="merged_cells", message=message, remedy=remedy))
    if sheet.unvalued:
        shown = ", ".join(sheet.unvalued[:5]) + (", …" if len(sheet.unvalued) > 5 else "")
        message = f"{len(sheet.unvalued)} cells of the sheet {sheet.name!r} hold formulas without a value: {shown}"
        remedy = "open it in a spreadsheet program and save it, or paste the values in place of the formulas"
        problems.append(Problem(file=file, rule="formula_without_value", message=message, remedy=remedy))
    return _filled(sheet, file, header, body, notes, problems)


def _filled(
    sheet: Sheet, file: str, header: list[str], body: list[int], notes: list[Note], problems: list[Problem]
) -> Table:
    width = len(header)
    kept: dict[int, int] = {}
    columns: list[list[str | None]] = [[] for _ in range(width)]
    for record, number in enumerate(body, 1):
        row = sheet.rows.pop(number)
        if len(row) > width:
            problems.append(
                Problem(
                    file=file,
                    row=record,
                    line=number,
                    value=str(len(row)),
                    rule="row_too_long",
                    message=f"the row has cells beyond the {width} columns that have a header",
                    remedy="give the column a header, or empty the cells",
                )
            )
            continue
        kept[record] = number
        for at in range(width):
            columns[at].append(row[at] if at < len(row) else None)
    if not body and not problems:
        message, remedy = "the file has a header and no answers", "give a file with at least one respondent"
        problems.append(Problem(file=file, rule="no_rows", message=message, remedy=remedy))
    index = pd.Index(list(kept), name="row", dtype="int64")
    if len(index) == len(body):
        index = pd.RangeIndex(1, len(index) + 1, name="row")
    cells = pd.DataFrame(
        {at: pd.Series(values, index=index, dtype="str") for at, values in enumerate(columns)}, index=index
    )
    return Table(
        header=tuple(name.strip() for name in header),
        cells=None if problems and not len(cells) else cells,
        encoding="",
        notes=tuple(notes),
        problems=tuple(problems),
        lines=pd.Series(list(kept.values()), index=index, dtype="int64"),
    )


def _remarks(sheet: Sheet, body: Sequence[int]) -> list[int]:
    """Rows at the end with a single text, which stand apart from the table or begin like a remark (注：, Note: …)."""
    found: list[int] = []
    for number in reversed(body[1:]):
        texts = [cell.strip() for cell in sheet.rows[number] if cell and cell.strip()]
        if len(texts) != 1 or texts[0].replace(".", "", 1).isdecimal():
            break
        found.append(number)
    found.reverse()
    # Without an empty row between, only what says of itself that it is a remark is one: an id may stand alone too.
    kept: list[int] = []
    for number in found:
        text = next(cell.strip() for cell in sheet.rows[number] if cell and cell.strip())
        if kept or number - 1 not in sheet.rows or _REMARK.match(text):
            kept.append(number)
    return kept


def _is_title(sheet: Sheet, numbers: Sequence[int]) -> bool:
    if len(numbers) < 3:
        return False
    first, second = (sheet.rows[number] for number in numbers[:2])
    alone = sum(cell is not None for cell in first) == 1 and sum(cell is not None for cell in second) > 1
    return alone and any(top == numbers[0] == last and right > left for top, left, last, right in sheet.merged)


def _last_header_row(sheet: Sheet, top: int) -> int:
    bottom = top
    for first, left, last, right in sheet.merged:
        if first == top and last - top < _HEADER_ROWS:
            bottom = max(bottom, last, top + 1 if right > left else top)
    return bottom


def _header(sheet: Sheet, rows: range) -> list[str]:
    """The texts of the header rows above each column; a merged cell counts for every column it covers."""
    given = {number: list(sheet.rows.pop(number, [])) for number in rows}
    width = max(len(row) for row in given.values())
    # A merged cell may reach beyond the table, to the sheet's last column: it names no more columns than have answers.
    widest = max(width, *(len(row) for row in sheet.rows.values())) if sheet.rows else width
    for first, _, last, right in sheet.merged:
        if first in given and last in given:
            width = max(width, min(right + 1, widest))
    texts = {number: [*row, *[None] * (width - len(row))] for number, row in given.items()}
    for first, left, last, right in sheet.merged:
        if first in given and last in given and left < width:
            value = texts[first][left]
            for number in range(first, last + 1):
                for at in range(left, min(right + 1, width)):
                    texts[number][at] = value
    joined = []
    for at in range(width):
        parts = dict.fromkeys(text.strip() for row in texts.values() if (text := row[at]) and text.strip())
        joined.append(JOINT.join(parts))
    return joined
