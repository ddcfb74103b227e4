"""Tables as text: any delimiter, one header row of ids or wordings."""

import csv
import io
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from leadership_study.errors import Problem
from leadership_study.importing import _fast_csv
from leadership_study.importing._decode import decode, signature
from leadership_study.importing._delimiter import EXCEL_MARK, blank, find_delimiter, name_of
from leadership_study.importing._formulas import neutral_frame
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start
from leadership_study.results import Note

_PIECE = 50_000  # records put away at once
_WIDEST = 16_384  # columns, as in a spreadsheet


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether ``data`` may be a table as text: everything that does not start like a well-known binary file."""
    return signature(data) is None


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read a table strictly: every record has as many fields as the header.

    Parameters
    ----------
    data
        The file's bytes.
    file
        Its name, for messages.
    expected
        Headers that should be there; they decide between delimiters that divide the file equally well.
    encoding
        Forces an encoding; recognised when None.
    sheet
        Only workbooks have sheets: must be None.

    Returns
    -------
    Table
        Cells are text as received. Lines with nothing in them are no records, nor is a first line ``sep=;``, with
        which Excel names the delimiter. All problems of the structure are in ``problems``: binary_file, empty_file,
        quoting, row_too_short, row_too_long, no_rows.
    """
    if sheet is not None:
        problem = Problem(
            file=file,
            value=str(sheet),
            rule="unknown_sheet",
            message="a text file has no sheets",
            remedy="leave sheet out of the plan, or give the workbook",
        )
        return Table(header=(), cells=None, encoding="", problems=(problem,))
    decoded = decode(data, file, encoding)
    if isinstance(decoded, Problem):
        return Table(header=(), cells=None, encoding="", problems=(decoded,))
    text, encoding, notes = decoded
    if not text[:4096].strip() and not text.strip():
        problem = Problem(
            file=file, rule="empty_file", message="the file is empty", remedy="give a file with a header and answers"
        )
        return Table(header=(), cells=None, encoding=encoding, problems=(problem,))
    mark = EXCEL_MARK.match(text)
    delimiter = mark[1] if mark else find_delimiter(text, expected)
    width = 1 + text[: text.find("\n")].count(delimiter) if "\n" in text else 1
    if width > _WIDEST:
        message = f"the first line has {width} fields, and no table of answers has more than {_WIDEST}"
        problem = Problem(file=file, rule="too_large", message=message, remedy="give one row a respondent")
        return Table(header=(), cells=None, encoding=encoding, problems=(problem,))
    skip = mark.end() if mark else 0  # an empty line stays, so that lines keep their numbers
    if delimiter != ",":
        sentence = "The fields of {file} are separated by {delimiter}, not by comma."
        notes.append(Note("other_delimiter", sentence, {"file": file, "delimiter": name_of(delimiter)}))
    # Of two copies of a large file only one is kept: the bytes, or the text where the bytes are in another encoding.
    plain = data if encoding == "utf-8" else text.encode()
    del text
    fast = None if mark else _fast_csv.read(plain, delimiter)
    problems: list[Problem] = []
    cells: pd.DataFrame | None
    lines: Sequence[int] | np.ndarray
    if fast is not None:
        header, cells, lines = fast
    else:
        header, cells, problems, lines = _read_quoted(plain.decode()[skip:], delimiter, file)
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
        values=None,
    )


def write(raw: RawResponses) -> bytes:
    """Return ``raw`` as a table that `read_responses` reads back: UTF-8, comma, LF, empty for missing.

    No cell is left that a spreadsheet would run as a formula: `_formulas` has the rule, and reading takes it back.
    """
    return neutral_frame(raw.frame).to_csv(index=False, lineterminator="\n").encode()


_Read = tuple[list[str], pd.DataFrame | None, list[Problem], Sequence[int]]
"""Header, the records that are as long as it, what is wrong with the others, and the lines of those records."""


def _read_quoted(text: str, delimiter: str, file: str) -> _Read:
    """Any text, with the csv module: quoted fields may hold delimiters and line ends. Memory grows with the answers."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    pieces: list[pd.DataFrame] = []
    records: list[int] = []
    lines: list[int] = []
    problems: list[Problem] = []
    line = record = 0
    try:
        for row in reader:
            begins, line = line + 1, reader.line_num
            if blank(row):
                continue
            if not header:
                header = row
                continue
            record += 1
            if len(row) != len(header):
                problems.append(_wrong_length(file, record, begins, len(row), len(header)))
                continue
            rows.append(row)
            records.append(record)
            lines.append(begins)
            if len(rows) == _PIECE:
                pieces.append(_columns(rows, len(header)))
                rows = []
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
    if problems and not records:
        return header, None, problems, ()
    if rows or not pieces:
        pieces.append(_columns(rows, len(header)))
    cells = pd.concat(pieces, ignore_index=True) if len(pieces) > 1 else pieces[0]
    return header, _as_cells(cells, records), problems, lines


def _columns(rows: list[list[str]], width: int) -> pd.DataFrame:
    """The records as columns of text; an empty cell is missing."""
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pd.DataFrame(
        {at: pd.array([cell or None for cell in column], dtype="str") for at, column in enumerate(columns)}
    )


def _as_cells(cells: pd.DataFrame, records: Sequence[int] | np.ndarray) -> pd.DataFrame:
    """Give the cells the record numbers as their index."""
    gapless = not len(records) or records[-1] == len(records)
    index = pd.RangeIndex(1, len(cells) + 1, name="row") if gapless else pd.Index(records, name="row")
    return cells.set_axis(index, axis="index")


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
