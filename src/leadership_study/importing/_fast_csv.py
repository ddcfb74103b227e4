"""Well-formed delimited text, cut by pyarrow: the same cells as the careful reader's, in a tenth of its time.

Only text that is certainly well formed is read here: quotes open at the begin of a field and close at its end, no line
is blank, and every record has as many fields as the header. Anything else is left to the careful reader, which says
what is wrong and where.
"""

import csv as text_csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

_CHUNK = 1 << 24
_HEADER = 1 << 20
_QUOTE, _LF, _CR = 34, 10, 13


@dataclass(frozen=True)
class Layout:
    """Where records begin: the line of each, the header's first; ``quotes`` whether there are any."""

    lines: "np.ndarray | None"
    count: int
    quotes: bool


def layout(data: bytes, delimiter: str) -> Layout | None:
    """Look at quotes and line ends of UTF-8 bytes, in pieces; None where they are not plainly well formed."""
    if b"\n\n" in data or b"\r\n\r\n" in data or data[:1] in (b"\n", b"\r") or len(delimiter.encode()) != 1:
        return None
    quotes = b'"' in data
    if data.count(b"\r") != data.count(b"\r\n"):
        return None
    if not quotes:
        count = data.count(b"\n") + (not data.endswith(b"\n"))
        return Layout(None, count, False)
    octets = np.frombuffer(data, dtype=np.uint8)
    mark = ord(delimiter)
    inside = 0  # quotes so far, modulo 2
    line = 1
    starts = [np.array([1], dtype=np.int64)]
    for at in range(0, len(octets), _CHUNK):
        part = octets[at : at + _CHUNK]
        places = np.flatnonzero(part == _QUOTE)
        opening = (np.arange(len(places)) + inside) % 2 == 0
        whole = places + at
        before = np.where(whole > 0, octets[whole - 1], _LF)
        after = octets[np.minimum(whole + 1, len(octets) - 1)]
        last = whole == len(octets) - 1
        # A quote written twice closes and opens at once.
        good_open = (before == mark) | (before == _LF) | (before == _QUOTE)
        good_close = (after == mark) | (after == _LF) | (after == _CR) | (after == _QUOTE) | last
        if not np.where(opening, good_open, good_close).all():
            return None
        ends = np.flatnonzero(part == _LF)
        outside = (np.searchsorted(places, ends) + inside) % 2 == 0
        starts.append(np.flatnonzero(outside) + line + 1)
        line += len(ends)
        inside = (inside + len(places)) % 2
    if inside:
        return None
    lines = np.concatenate(starts)
    if data.endswith(b"\n"):
        lines = lines[:-1]
    return Layout(lines, len(lines), True)


def read(data: bytes, delimiter: str) -> "tuple[list[str], pd.DataFrame, np.ndarray] | None":
    """Return header, cells with the record numbers as index, and the line of each record; None for the careful reader.

    Empty cells are NaN; all else is text as it stands.
    """
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import csv

    found = layout(data, delimiter)
    if found is None or found.count < 2:
        return None
    # The first record says how many columns there are; a mistake in it is found by the reader below.
    first = next(
        text_csv.reader(io.StringIO(data[:_HEADER].decode("utf-8", "ignore"), newline=""), delimiter=delimiter)
    )
    names = [str(at) for at in range(len(first))]
    try:
        table = csv.read_csv(
            pa.py_buffer(data),
            read_options=csv.ReadOptions(column_names=names, block_size=1 << 22),
            parse_options=csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if found.quotes else False,
                double_quote=True,
                newlines_in_values=found.quotes,
                ignore_empty_lines=True,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    if len(table) != found.count or table.num_columns < 2:
        return None
    header = [column[0].as_py() or "" for column in table.columns]
    body = table.slice(1)
    del table
    columns = {}
    single: Any = None
    for at in range(body.num_columns):
        # From 32-bit offsets piece by piece: together they may be too long for those.
        column = body.column(0).cast(pa.large_string()).combine_chunks()
        body = body.remove_column(0)
        if single is None and len(column):
            single = pa.py_buffer(np.arange(len(column) + 1, dtype=np.int64))
        columns[at] = pd.array(_compact(column, single), dtype="str")
    lines = np.arange(2, found.count + 1) if found.lines is None else found.lines[1:]
    index = pd.RangeIndex(1, found.count, name="row")
    return header, pd.DataFrame(columns, index=index, copy=False), lines


def _compact(column: Any, offsets: Any) -> Any:
    """Return a column of single bytes with ``offsets`` that all such columns share: one byte a cell in place of nine.

    A missing cell then has a byte too, which nothing reads: Arrow's format lets a missing value have any content.
    """
    import pyarrow as pa

    if not len(column):
        return column
    valid, own, data = column.buffers()
    ends = np.frombuffer(own, dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    if ends[-1] - ends[0] != len(column) - column.null_count:
        return column
    lengths = np.diff(ends)
    if lengths.max() > 1:
        return column
    octets = np.zeros(len(column), dtype=np.uint8)
    octets[lengths == 1] = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]]
    if column.offset % 8 == 0 and valid is not None:
        bits = valid.slice(column.offset // 8)
    elif valid is None:
        bits = None
    else:
        bits = pa.py_buffer(np.packbits(lengths == 1, bitorder="little"))
    if int((lengths == 0).sum()) != column.null_count:
        return column  # an empty text that is not missing
    return pa.LargeStringArray.from_buffers(len(column), offsets, pa.py_buffer(octets), bits, column.null_count)
