"""Workbooks, XLSX and XLS: one sheet, ids or wordings as headers.

Cells are read as their stored values: dates in ISO 8601, numbers without a needless ``.0``. A formula counts with the
value stored in it; one without is a problem. Numbers that a workbook cut to 15 digits stay cut.
"""

from collections.abc import Collection
from dataclasses import replace

from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._sheet_file import write_sheet
from leadership_study.importing._start import Start
from leadership_study.importing._workbook import is_workbook, read_workbook


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether ``data`` begins like a workbook."""
    return is_workbook(data)


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read one sheet; `_workbook.read_workbook` says which and how. ``encoding`` has no meaning here."""
    return replace(read_workbook(data, file=file, expected=expected, sheet=sheet), values=None)


def write(raw: RawResponses) -> bytes:
    """Return ``raw`` as an XLSX of text cells, which no spreadsheet runs as formulas; the same bytes every time."""
    frame = raw.frame
    rows: list[list[str | None]] = [[str(name) for name in frame.columns]]
    rows += [[cell if isinstance(cell, str) else None for cell in row] for row in frame.to_numpy(dtype=object)]
    return write_sheet(rows, "responses")
