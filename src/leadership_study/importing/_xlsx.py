"""XLSX workbooks, read as a stream and without trust: stored values as text, nothing run, nothing expanded.

Read here and not with openpyxl because the answers must be what the cells show: a formula without a stored value, a
date, a merged header, a cell without an address (some platforms leave them out) have to be seen, and an archive or an
XML file made to exhaust the machine has to be refused before it is unpacked.
"""

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.parsers import expat

from leadership_study.importing._xlsx_parts import (
    AGAIN,
    EnoughError,
    Part,
    WorkbookError,
    check_sizes,
    date_styles,
    relations,
    shared_texts,
    target_of,
    unescaped,
)

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    KeyError,
    ValueError,
    RuntimeError,
    EOFError,
    OSError,
    NotImplementedError,
    OverflowError,
)
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class Sheet:
    """One sheet: its rows by their numbers, each a list of texts (None: empty) without its empty end.

    ``merged`` are ranges (first row, first column, last row, last column); rows count from 1, columns from 0.
    ``unvalued`` are the addresses of formulas that have no stored value; ``formulas`` counts those that have one.
    """

    name: str
    rows: dict[int, list[str | None]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    unvalued: list[str] = field(default_factory=list)
    formulas: int = 0


def read_xlsx(data: bytes, wanted: str | int | None = None, most_rows: int | None = None) -> Iterator[Sheet]:
    """Yield the visible sheets in their order, or the one named or numbered ``wanted``.

    Raises
    ------
    WorkbookError
        no_workbook, password, too_large, entities, unknown_sheet.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise WorkbookError("truncated_file", f"the workbook is damaged or cut off ({error})", AGAIN) from None
    with archive:
        try:
            yield from _sheets(archive, wanted, most_rows)
        except _DAMAGE as error:
            raise WorkbookError("no_workbook", f"this is no whole XLSX workbook ({error})", AGAIN) from None
        except expat.ExpatError as error:
            raise WorkbookError("no_workbook", f"the XML of the workbook is damaged ({error})", AGAIN) from None


def _sheets(archive: zipfile.ZipFile, wanted: str | int | None, most_rows: int | None) -> Iterator[Sheet]:
    check_sizes(archive)
    names = {entry.filename.replace("\\", "/").lstrip("/").casefold(): entry.filename for entry in archive.infolist()}
    book = Part(archive, names, target_of(archive, names, "_rels/.rels", "officeDocument") or "xl/workbook.xml")
    entries: list[tuple[str, str]] = []
    epoch: list[bool] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            entries.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            epoch.append(True)

    book.parse(start)
    shown = [name for name, _ in entries]
    if wanted is not None:
        number = wanted - 1 if isinstance(wanted, int) else None
        if isinstance(wanted, str) and wanted not in shown and wanted.isdecimal():
            number = int(wanted) - 1
        if (number is None and wanted not in shown) or (number is not None and not 0 <= number < len(shown)):
            listed = ", ".join(map(repr, shown))
            raise WorkbookError("unknown_sheet", f"there is no sheet {wanted!r}", f"the sheets are {listed}: name one")
        entries = [entries[number if number is not None else shown.index(str(wanted))]]
    folder, _, file = book.path.rpartition("/")
    related = relations(archive, names, f"{folder}/_rels/{file}.rels", folder)
    by_kind = {kind: path for kind, path in related.values()}
    shared = shared_texts(archive, names, by_kind.get("sharedStrings"))
    dates = date_styles(archive, names, by_kind.get("styles"))
    for name, id in entries:
        kind, path = related.get(id, ("", ""))
        if kind == "worksheet":
            yield _Cells(name, shared, dates, bool(epoch), most_rows).read(Part(archive, names, path))


class _Cells:
    """The cells of one sheet."""

    def __init__(
        self, name: str, shared: list[str], dates: dict[int, bool], epoch_1904: bool, most_rows: int | None
    ) -> None:
        self.sheet = Sheet(name)
        self._shared, self._dates, self._epoch_1904, self._most = shared, dates, epoch_1904, most_rows
        self._row, self._column = 0, -1
        self._cells: list[str | None] = []
        self._kind, self._style, self._formula = "n", 0, False
        self._pieces: list[str] = []
        self._reading = self._phonetic = False
        self._width = 0
        self._numbers: dict[str, str] = {}

    def read(self, part: Part) -> Sheet:
        part.parse(self._start, self._end, self._text)
        return self.sheet

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            address = attributes.get("r")
            self._column = self._column + 1 if address is None else column_of(address)
            self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", 0))
            self._formula = False
            self._pieces.clear()
        elif name in ("v", "t"):
            self._reading = not self._phonetic
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column, self._cells = -1, []
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            if (a := _ADDRESS.fullmatch(first)) and (b := _ADDRESS.fullmatch(last)):
                self.sheet.merged.append((int(a[2]), column_of(first), int(b[2]), column_of(last)))

    def _text(self, piece: str) -> None:
        if self._reading:
            self._pieces.append(piece)

    def _end(self, name: str) -> None:
        if name in ("v", "t"):
            self._reading = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "c":
            self._add(self._value("".join(self._pieces)))
        elif name == "row":
            self._close()

    def _add(self, value: str | None) -> None:
        if self._formula:
            if value is None and not self._pieces and self._kind != "str":
                self.sheet.unvalued.append(f"{letters_of(self._column)}{self._row}")
            else:
                self.sheet.formulas += 1
        if value is None or value == "":
            return
        # The first rows say how wide the table is; a cell far out must not make every row as wide.
        at = self._column if len(self.sheet.rows) < 5 else min(self._column, self._width)
        if at >= len(self._cells):
            self._cells.extend([None] * (at + 1 - len(self._cells)))
        self._cells[at] = value

    def _close(self) -> None:
        if self._cells:
            self.sheet.rows[self._row] = self._cells
            if len(self.sheet.rows) <= 5:
                self._width = max(self._width, len(self._cells))
            if self._most is not None and len(self.sheet.rows) >= self._most:
                raise EnoughError

    def _value(self, text: str) -> str | None:
        kind = self._kind
        if kind == "s":
            at = int(text) if text else -1
            return self._shared[at] if 0 <= at < len(self._shared) else None
        if kind in ("inlineStr", "str"):
            return unescaped(text)
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        if kind in ("e", "d") or not text:
            return text or None
        if self._style in self._dates:
            return date_text(float(text), self._epoch_1904)
        known = self._numbers.get(text)
        if known is None:
            known = number_text(float(text)) if _is_number(text) else text
            if len(self._numbers) < 10_000:
                self._numbers[text] = known
        return known


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def number_text(value: float) -> str:
    """Return a number as people write it: 3 for 3.0, all digits of what is stored for others."""
    if value == int(value) if abs(value) < 1e15 else False:
        return str(int(value))
    return repr(value)


def date_text(serial: float, epoch_1904: bool = False) -> str:
    """Return the date, the time or both that a serial number of a workbook stands for, in ISO 8601."""
    if not 0 <= serial < 2_958_466:
        return number_text(serial)
    seconds = round(serial * 86_400)
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    if days == 0 and rest and not epoch_1904:
        return clock
    # The count of days knows a 29 February 1900, which there was not.
    start = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30 if days > 59 else 31)
    day = (start + timedelta(days=days)).date().isoformat()
    return f"{day}T{clock}" if rest else day


def column_of(address: str) -> int:
    """Return the position of a column, 0 for ``A``, from the address of one of its cells."""
    at = 0
    for sign in address:
        if not "A" <= sign <= "Z":
            break
        at = at * 26 + ord(sign) - 64
    return at - 1


def letters_of(column: int) -> str:
    """Return the letters of a column: ``A`` for 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
