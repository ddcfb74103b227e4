"""Old Excel files (.xls) as plain sheets of text; macros and formulas are noted as problems, never run."""

import datetime
import struct
from collections.abc import Iterator
from typing import Any

from leadership_study.instruments._reader import Complaints

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = "_VBA_PROJECT_CUR".encode("utf-16-le")
_FORMULAS = (0x0006, 0x0206, 0x0406)
_SHEET_BEGINS, _SHEET_ENDS = 0x0809, 0x000A
_WORKSHEET = 0x0010


def read_old_workbook(data: bytes, complaints: Complaints) -> dict[str, list[list[object]]]:
    """Return the sheets of an .xls by name, each a list of rows of values; None for an empty cell."""
    import xlrd  # type: ignore[import-untyped]

    if _MACROS in data:
        complaints.add("macros", "", "the workbook holds macros", "save it as .xlsx without them")
        return {}
    try:
        with xlrd.open_workbook(file_contents=data, on_demand=False) as book:
            sheets = {sheet.name: [_row(sheet, at, book.datemode) for at in range(sheet.nrows)] for sheet in book}
        names = list(sheets)
        for sheet, row, column in _formulas(_stream(data)):
            place = f"sheet {names[sheet]!r}, row {row + 1}, column {column + 1}" if sheet < len(names) else ""
            complaints.add("formula", place, "the cell holds a formula", "put its value there")
            if sheet < len(names) and row < len(sheets[names[sheet]]):
                sheets[names[sheet]][row][column] = "="  # no second complaint about an empty cell
    except Exception as error:  # xlrd raises whatever broken bytes lead to
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        complaints.add("no_workbook", "", f"this old Excel file cannot be read ({reason})", "save it as .xlsx")
        return {}
    return sheets


def _row(sheet: Any, at: int, datemode: int) -> list[object]:
    import xlrd

    found: list[object] = []
    for kind, value in zip(sheet.row_types(at), sheet.row_values(at), strict=True):
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
            found.append(None)
        elif kind == xlrd.XL_CELL_BOOLEAN:
            found.append(bool(value))
        elif kind == xlrd.XL_CELL_DATE:
            found.append(_date(xlrd.xldate_as_datetime(value, datemode)))
        else:
            found.append(value)
    return found


def _date(value: datetime.datetime) -> object:
    return value.date() if value.time() == datetime.time() else value


def _stream(data: bytes) -> bytes:
    """Return the stream of records, out of the compound document."""
    import io

    from xlrd.compdoc import CompDoc  # type: ignore[import-untyped]

    document = CompDoc(data, logfile=io.StringIO())
    for name in ("Workbook", "Book"):
        stream = document.get_named_stream(name)
        if stream:
            return bytes(stream)
    return b""


def _formulas(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the place of each formula: number of the sheet, row and column, from 0.

    xlrd gives a formula's last result only. Records are two bytes for the kind, two for the length, and the content; a
    formula's begins with its row and column ([MS-XLS], section 2.4.127).
    """
    at, sheet, depth = 0, -1, 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        at += 4
        if kind == _SHEET_BEGINS:
            depth += 1
            inner = depth == 1 and length >= 4 and struct.unpack_from("<H", stream, at + 2)[0] == _WORKSHEET
            sheet += inner
        elif kind == _SHEET_ENDS:
            depth = max(depth - 1, 0)
        elif kind in _FORMULAS and length >= 4:
            yield (sheet, *struct.unpack_from("<HH", stream, at))
        at += length
