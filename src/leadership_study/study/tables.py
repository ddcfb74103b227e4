"""CSV files that people write beside the answers: facts about groups, the make-up of a population, numbers sent out."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from leadership_study.errors import Problem, ResponseError


def read_rows(path: Path, shown: str) -> tuple[list[list[str]], list[Problem]]:
    """Return the rows of a CSV file in UTF-8, the header first and trimmed, or what is wrong with the file."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    except OSError as error:
        return [], [Problem(shown, f"cannot be read ({error.strerror})", "put the file there", "unreadable")]
    except (UnicodeDecodeError, csv.Error):
        return [], [Problem(shown, "is not a CSV file in UTF-8", "save it as CSV in UTF-8", "unreadable")]
    if not rows:
        return [], [Problem(shown, "is empty", "give it a header and one row each", "empty")]
    header = [name.strip() for name in rows[0]]
    problems = []
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(header):
            message = f"has {len(row)} cells, the header {len(header)}"
            problems.append(Problem(shown, message, "complete the row", "row_length", row=number))
    return [header, *rows[1:]], problems


def read_table(path: Path, shown: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return a CSV file as trimmed text, an empty cell missing.

    Raises
    ------
    ResponseError
        When the file cannot be read, or one of ``columns`` is missing or there more than once.
    """
    rows, problems = read_rows(path, shown)
    header = rows[0] if rows else []
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    lacking = [name for name in columns if rows and name not in header]
    for names, message in ((lacking, "the column is missing"), (twice, "the column is there more than once")):
        for name in names:
            problems.append(Problem(shown, message, "correct the header", "table_column", column=name))
    if problems:
        raise ResponseError(f"{shown} has problems", problems)
    cells = [[cell.strip() or None for cell in row] for row in rows[1:]]
    return pd.DataFrame(cells, columns=header, dtype="str")
