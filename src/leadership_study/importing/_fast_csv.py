"""Well-formed delimited text, cut by pyarrow: the same cells as the careful reader's, in a tenth of its time.

Only text that is certainly well formed is read here: quotes open at the begin of a field and close at its end, no line
is blank, and every record has as many fields as the header. Anything else is left to the careful reader, which says
what is wrong and where.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_CHUNK = 1 << 24
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
    import pyarrow as pa
    from pyarrow import csv

    found = layout(data, delimiter)
    if found is None or found.count < 2:
        return None
    try:
        reader = csv.open_csv(
            pa.py_buffer(data[: 1 << 20] if len(data) > 1 << 20 and not found.quotes else data),
            read_options=csv.ReadOptions(autogenerate_column_names=True, block_size=1 << 20),
            parse_options=_parsing(csv, delimiter, quotes=found.quotes),
        )
        names = reader.schema.names
        reader.close()
        table = csv.read_csv(
            pa.py_buffer(data),
            read_options=csv.ReadOptions(autogenerate_column_names=True, block_size=1 << 22),
            parse_options=_parsing(csv, delimiter, quotes=found.quotes),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
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
    for at in range(body.num_columns):
        columns[at] = pd.array(body.column(0).combine_chunks(), dtype="str")
        body = body.remove_column(0)
    lines = np.arange(2, found.count + 1) if found.lines is None else found.lines[1:]
    index = pd.RangeIndex(1, found.count, name="row")
    return header, pd.DataFrame(columns, index=index, copy=False), lines


def _parsing(csv: object, delimiter: str, *, quotes: bool) -> object:
    return csv.ParseOptions(  # type: ignore[attr-defined]
        delimiter=delimiter,
        quote_char='"' if quotes else False,
        double_quote=True,
        newlines_in_values=quotes,
        ignore_empty_lines=True,
    )
