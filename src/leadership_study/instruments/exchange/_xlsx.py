"""Workbooks as plain sheets of text: written with the same bytes every time, read without trusting them."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence

from leadership_study.errors import InstrumentError
from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange._xls import SIGNATURE, read_old_workbook

Sheets = Mapping[str, list[list[str]]]
"""Sheets by name, each a list of rows of text; an empty cell is an empty text."""

_MOST = 64 * 2**20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def write_sheets(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """Return a workbook of text cells: header row bold and frozen, no dates of making, sorted archive.

    Raises
    ------
    InstrumentError
        A text holds control characters, which no workbook can hold.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for at, row in enumerate(rows, 1):
            for column, text in enumerate(row, 1):
                if not text:
                    continue
                cell = sheet.cell(at, column)
                try:
                    cell.value = text
                except IllegalCharacterError:
                    raise InstrumentError(
                        f"{text!r} has control characters, which a workbook cannot hold; remove them"
                    ) from None
                cell.data_type = "s"  # also where the text begins with "="
                cell.number_format = "@"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if at == 1:
                    cell.font = Font(bold=True)
        for column in range(1, len(rows[0]) + 1):
            longest = max((len(row[column - 1]) for row in rows), default=0)
            sheet.column_dimensions[get_column_letter(column)].width = min(60, max(10, longest + 2))
    buffer = io.BytesIO()
    book.save(buffer)
    return _same_bytes(buffer.getvalue())


def _same_bytes(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            new.writestr(entry, _CORE if name == "docProps/core.xml" else old.read(name), compresslevel=6)
    return buffer.getvalue()


def read_sheets(data: bytes, complaints: Complaints) -> Sheets:
    """Read an XLSX, an XLS or an XLSForm in CSV; macros, formulas and document types are problems, never run."""
    if data[:4] == b"PK\x03\x04":
        return _workbook(data, complaints)
    if data[:8] == SIGNATURE:
        if _ENCRYPTED in data:
            complaints.add("password", "", "the workbook is locked with a password", "save it without one")
            return {}
        old = read_old_workbook(data, complaints)
        return {name: [[_text(value) for value in row] for row in rows] for name, rows in old.items()}
    return _csv(data, complaints)


def _workbook(data: bytes, complaints: Complaints) -> Sheets:
    if not _safe(data, complaints):
        return {}
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError, EOFError) as error:
        complaints.add("no_workbook", "", f"this is no workbook ({error})", "save it as .xlsx again")
        return {}
    sheets: dict[str, list[list[str]]] = {}
    for sheet in book.worksheets:
        rows = []
        for cells in sheet.iter_rows():
            row = []
            for cell in cells:
                if cell.data_type == "f":
                    place = f"sheet {sheet.title!r}, cell {cell.coordinate}"
                    formula = getattr(cell.value, "text", cell.value)
                    complaints.add("formula", place, "the cell holds a formula", "put its value there", formula)
                    row.append(str(formula))  # something stands there: no second complaint about an empty cell
                else:
                    row.append(_text(cell.value))
            rows.append(row)
        sheets[sheet.title] = rows
    return sheets


def _safe(data: bytes, complaints: Complaints) -> bool:
    """Look into the archive before anything reads it as a workbook."""
    before = len(complaints.found)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > _MOST:
                complaints.add(
                    "too_large", "", f"unpacked, the file has over {_MOST >> 20} MB", "remove pictures and data"
                )
                return False
            for entry in entries:
                if "vbaproject" in entry.filename.lower():
                    complaints.add(
                        "macros", entry.filename, "the workbook holds macros", "save it as .xlsx without them"
                    )
                if entry.filename.lower().endswith((".xml", ".rels")) and _DOCTYPE.search(
                    archive.read(entry).replace(b"\0", b"")
                ):
                    message = "the XML declares a document type or entities"
                    complaints.add(
                        "entities", entry.filename, message, "save the workbook again with a spreadsheet program"
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        complaints.add("no_workbook", "", f"the archive cannot be read ({error})", "save it as .xlsx again")
    return len(complaints.found) == before


def _csv(data: bytes, complaints: Complaints) -> Sheets:
    """Read an XLSForm in CSV: the name of a sheet in the first column, its rows below, one column to the right."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        complaints.add("no_workbook", "", "this is neither a workbook nor text in UTF-8", "save it as .xlsx")
        return {}
    if "\0" in text:
        complaints.add("no_workbook", "", "this is neither a workbook nor text", "save it as .xlsx")
        return {}
    sheets: dict[str, list[list[str]]] = {}
    name = ""
    for row in csv.reader(io.StringIO(text, newline="")):
        if row and row[0].strip():
            name = row[0].strip()
            sheets.setdefault(name, [])
        elif name and any(cell.strip() for cell in row):
            sheets[name].append([_text(cell) for cell in row[1:]])
    return sheets


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\r\n", "\n").strip()
