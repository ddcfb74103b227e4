"""XLS workbooks (Excel 97 to 2003), through xlrd: stored values as text."""

import io
import struct
from collections.abc import Iterator

from leadership_study.importing._xlsx import Sheet, date_text, number_text
from leadership_study.importing._xlsx_parts import WorkbookError

_AGAIN = "export it again, or save it as .xlsx with a spreadsheet program"


def read_xls(data: bytes, wanted: str | int | None = None, most_rows: int | None = None) -> Iterator[Sheet]:
    """Yield the visible sheets in their order, or the one named or numbered ``wanted``; see `_xlsx.read_xlsx`."""
    import xlrd  # type: ignore[import-untyped]

    if "EncryptedPackage".encode("utf-16-le") in data[: 1 << 20] or "EncryptedPackage".encode("utf-16-le") in data:
        raise WorkbookError("password", "the workbook has a password", "save it without one")
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except (xlrd.XLRDError, struct.error, AssertionError, IndexError, ValueError, KeyError, OverflowError) as error:
        if "encrypted" in str(error).lower():
            raise WorkbookError("password", "the workbook has a password", "save it without one") from None
        raise WorkbookError("truncated_file", f"the workbook is damaged or cut off ({error})", _AGAIN) from None
    except Exception as error:  # CompDocError derives from Exception alone
        raise WorkbookError("truncated_file", f"the workbook is damaged or cut off ({error})", _AGAIN) from None
    shown = [sheet for sheet in book.sheets() if sheet.visibility == 0]
    if isinstance(wanted, str) and wanted.isdecimal() and wanted not in [sheet.name for sheet in shown]:
        wanted = int(wanted)
    if wanted is not None:
        named = shown[wanted - 1 : wanted] if isinstance(wanted, int) and wanted > 0 else []
        named = named or [sheet for sheet in shown if sheet.name == wanted]
        if not named:
            listed = ", ".join(repr(sheet.name) for sheet in shown)
            raise WorkbookError("unknown_sheet", f"there is no sheet {wanted!r}", f"the sheets are {listed}: name one")
        shown = named
    for found in shown:
        sheet = Sheet(found.name)
        for at in range(found.nrows if most_rows is None else min(most_rows, found.nrows)):
            cells: list[str | None] = [_text(xlrd, cell, book.datemode == 1) for cell in found.row(at)]
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                sheet.rows[at + 1] = cells
        sheet.merged = [(top + 1, left, bottom, right - 1) for top, bottom, left, right in found.merged_cells]
        yield sheet


def _text(xlrd: object, cell: object, epoch_1904: bool) -> str | None:
    kind, value = cell.ctype, cell.value  # type: ignore[attr-defined]
    if kind in (0, 6) or value == "":
        return None
    if kind == 1:
        return str(value)
    if kind == 2:
        return number_text(float(value))
    if kind == 3:
        return date_text(float(value), epoch_1904)
    if kind == 4:
        return "TRUE" if value else "FALSE"
    return str(xlrd.error_text_from_code.get(value, "#N/A"))  # type: ignore[attr-defined]
