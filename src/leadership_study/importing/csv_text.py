"""Tables as text: comma, semicolon, tab or bar between the fields, one header row, ids as headers."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from leadership_study.errors import Problem
from leadership_study.importing._decode import decode, signature
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.results import Note

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE = 200  # records that decide about the delimiter
_EXCEL_MARK = re.compile(r'"?sep=([,;\t|])"?\r?(?=\n)')


def recognises(data: bytes) -> bool:
    """Whether ``data`` may be a table as text: everything that does not start like a well-known binary file."""
    return signature(data) is None


def read(data: bytes, *, file: str, expected: Collection[str] = ()) -> Table:
    """Read a table strictly: every record has as many fields as the header.

    Parameters
    ----------
    data
        The file's bytes.
    file
        Its name, for messages.
    expected
        Headers that should be there; they decide between delimiters that divide the file equally well.

    Returns
    -------
    Table
        Cells are text as received. Lines with nothing in them are no records, nor is a first line ``sep=;``, with
        which Excel names the delimiter. All problems of the structure are in ``problems``: binary_file, empty_file,
        quoting, row_too_short, row_too_long, no_rows.
    """
    decoded = decode(data, file)
    if isinstance(decoded, Problem):
        return Table(header=(), cells=None, encoding="", problems=(decoded,))
    text, encoding, notes = decoded
    if not text.strip():
        problem = Problem(
            file=file, rule="empty_file", message="the file is empty", remedy="give a file with a header and answers"
        )
        return Table(header=(), cells=None, encoding=encoding, problems=(problem,))
    if mark := _EXCEL_MARK.match(text):
        delimiter, text = mark[1], text[mark.end() :]  # an empty line stays, so that lines keep their numbers
    else:
        delimiter = find_delimiter(text, expected)
    if delimiter != ",":
        sentence = "The fields of {file} are separated by {delimiter}, not by comma."
        notes.append(Note("other_delimiter", sentence, {"file": file, "delimiter": DELIMITERS[delimiter]}))
    plain = '"' not in text and text.count("\r") == text.count("\r\n")
    header, cells, problems, lines = (_read_plain if plain else _read_quoted)(text, delimiter, file)
    trimmed = tuple(name.strip() for name in header)
    if spaced := [name for name, given in zip(trimmed, header, strict=True) if name != given]:
        sentence = "Spaces around these headers of {file} were left out: {columns}."
        notes.append(Note("trimmed_headers", sentence, {"file": file, "columns": ", ".join(spaced)}))
    if not problems and cells is not None and cells.empty:
        message, remedy = "the file has a header and no answers", "give a file with at least one respondent"
        problems.append(Problem(file=file, rule="no_rows", message=message, remedy=remedy))
    return Table(
        header=trimmed,
        cells=cells,
        encoding=encoding,
        delimiter=delimiter,
        notes=tuple(notes),
        problems=tuple(problems),
        lines=None if cells is None else pd.Series(lines, index=cells.index, dtype="int64"),
    )


def write(raw: RawResponses) -> bytes:
    """Return ``raw`` as a table that `read` reads back: UTF-8, comma, LF, empty for missing, quotes where needed."""
    return raw.frame.to_csv(index=False, lineterminator="\n").encode()


def find_delimiter(text: str, expected: Collection[str] = ()) -> str:
    """Return the delimiter that divides ``text`` best.

    Best is the one whose header has most of the ``expected`` names; then the one by which most records have as many
    fields as the header (one field a record counts as undivided); then the one with more fields; then the comma.
    """
    start = text[: 1 << 20]
    wanted = set(expected)

    def quality(delimiter: str) -> tuple[int, float, int]:
        counts: list[int] = []
        known = 0
        try:
            # Not strict: a delimiter may be found even where the quoting is wrong, and then the quoting is reported.
            for row in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter):
                if _blank(row):
                    continue
                if not counts:
                    known = len(wanted.intersection(name.strip() for name in row))
                counts.append(len(row))
                if len(counts) > _SAMPLE:
                    break
        except csv.Error:
            pass
        if not counts or counts[0] == 1:
            return known, 0.0, 1
        return known, Counter(counts)[counts[0]] / len(counts), counts[0]

    return max(DELIMITERS, key=quality)


_Read = tuple[list[str], pd.DataFrame | None, list[Problem], Sequence[int]]
"""Header, the records that are as long as it, what is wrong with the others, and the lines of those records."""


def _read_quoted(text: str, delimiter: str, file: str) -> _Read:
    """Any text, with the csv module: quoted fields may hold delimiters and line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: dict[int, list[str]] = {}
    lines: list[int] = []
    problems: list[Problem] = []
    line = record = 0
    try:
        for row in reader:
            begins, line = line + 1, reader.line_num
            if _blank(row):
                continue
            if not header:
                header = row
                continue
            record += 1
            if len(row) != len(header):
                problems.append(_wrong_length(file, record, begins, len(row), len(header)))
            else:
                rows[record] = row
                lines.append(begins)
    except csv.Error as error:
        problems.append(
            Problem(
                file=file,
                row=record + 1,
                line=line + 1,
                rule="quoting",
                message=f"the record that begins here cannot be read: {error}",
                remedy='close every quoted field, and write a quote inside one as ""',
            )
        )
    if problems and not rows:
        return header, None, problems, ()
    cells = pd.DataFrame(list(rows.values()), columns=range(len(header)), dtype="str")
    return header, _as_cells(cells.mask(cells == ""), list(rows)), problems, lines


def _read_plain(text: str, delimiter: str, file: str) -> _Read:
    """Text without quotes, fast: count the delimiters of every line, then let pandas cut them."""
    data = text.encode()
    octets = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(octets == ord("\n"))
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    marks = np.flatnonzero(octets == ord(delimiter))
    fields = np.searchsorted(marks, ends) - np.searchsorted(marks, starts) + 1
    # Only a line without delimiters can be blank; few are, so that looking at each is cheap.
    blank = [at for at in np.flatnonzero(fields == 1) if not data[starts[at] : ends[at]].decode().strip()]
    kept = np.delete(np.arange(len(starts)), blank)
    first, records = kept[0], kept[1:]
    header = data[starts[first] : ends[first]].decode().removesuffix("\r").split(delimiter)
    wrong = np.flatnonzero(fields[records] != len(header))
    problems = [
        _wrong_length(file, int(at) + 1, int(records[at]) + 1, int(fields[records[at]]), len(header)) for at in wrong
    ]
    whole = np.flatnonzero(fields[records] == len(header))
    if not len(whole):
        return header, None if problems else _as_cells(pd.DataFrame(columns=range(len(header))), ()), problems, ()
    if blank or problems:
        taken = (first, *records[whole])
        body = b"\n".join(data[starts[at] : ends[at]].removesuffix(b"\r") for at in taken)
    else:
        body = data
    cells = pd.read_csv(
        io.BytesIO(body),
        sep=delimiter,
        header=None,
        names=range(len(header)),
        skiprows=1,
        dtype="str",
        na_values=[""],
        keep_default_na=False,
        quoting=csv.QUOTE_NONE,
        skip_blank_lines=False,
        encoding="utf-8",
        engine="c",
    )
    return header, _as_cells(cells, whole + 1), problems, [int(at) + 1 for at in records[whole]]


def _as_cells(cells: pd.DataFrame, records: Sequence[int] | np.ndarray) -> pd.DataFrame:
    """Give the cells the record numbers as their index."""
    gapless = not len(records) or records[-1] == len(records)
    index = pd.RangeIndex(1, len(cells) + 1, name="row") if gapless else pd.Index(records, name="row")
    return cells.set_axis(index, axis="index")


def _blank(row: list[str]) -> bool:
    return len(row) < 2 and not "".join(row).strip()


def _wrong_length(file: str, row: int, line: int, got: int, wanted: int) -> Problem:
    return Problem(
        file=file,
        row=row,
        line=line,
        value=str(got),
        rule="row_too_short" if got < wanted else "row_too_long",
        message=f"the row has {got} field{'' if got == 1 else 's'} where the header has {wanted}",
        remedy="complete the row" if got < wanted else "remove the fields too many, or quote a field with a delimiter",
    )
