"""The first rows of a file, whatever it is: what format modules look at to recognise their files."""

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from leadership_study.errors import Problem
from leadership_study.importing._decode import decode, signature
from leadership_study.importing._delimiter import EXCEL_MARK, find_delimiter
from leadership_study.importing._workbook import first_rows, is_workbook

Kind = Literal["text", "workbook", "other"]

_ENOUGH = 1 << 18
_ROWS = 6


@dataclass(frozen=True)
class Start:
    """What a file begins with: its kind and its first rows, the header's cells trimmed."""

    kind: Kind
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """The first row."""
        return self.rows[0] if self.rows else ()


def start_of(data: bytes, expected: Collection[str] = ()) -> Start:
    """Look at the first rows of ``data``."""
    if is_workbook(data):
        return Start("workbook", tuple(tuple(cell.strip() for cell in row) for row in first_rows(data, _ROWS)))
    if signature(data) is not None:
        return Start("other")
    decoded = decode(_piece(data), "")
    if isinstance(decoded, Problem):
        return Start("text" if b"\0" not in data[:1024] else "other")
    text = decoded[0].lstrip("\r\n")
    mark = EXCEL_MARK.match(text)
    delimiter = mark[1] if mark else find_delimiter(text, expected)
    text = text[mark.end() :] if mark else text
    rows: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(tuple(cell.strip() for cell in row))
            if len(rows) == _ROWS:
                break
    except csv.Error:
        pass
    return Start("text", tuple(rows))


def _piece(data: bytes) -> bytes:
    """The begin of a long file up to the end of a line, so that no character is cut in two."""
    if len(data) <= _ENOUGH:
        return data
    end = data.rfind(b"\n", 0, _ENOUGH)
    if end < 0:
        end = data.find(b"\n")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    stop = end + 1 if end >= 0 else len(data)
    return data[: stop + (stop % 2)] if wide else data[:stop]
