"""A platform's file as a table, whether it came as text or as a workbook."""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from leadership_study.importing import csv_text
from leadership_study.importing._raw import Table
from leadership_study.importing._workbook import is_workbook, read_workbook


def read_any(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read CSV, XLSX or XLS strictly; see `csv_text.read` and `_workbook.read_workbook`."""
    if is_workbook(data):
        return read_workbook(data, file=file, expected=expected, sheet=sheet)
    return csv_text.read(data, file=file, expected=expected, encoding=encoding, sheet=sheet)


def without_first(table: Table, count: int) -> Table:
    """Return the table without its first ``count`` records, which are part of the header; the rest count from 1."""
    if table.cells is None or count == 0:
        return table
    kept = table.cells.iloc[count:]
    numbers = kept.index - count
    index = pd.Index(numbers, name="row")
    if len(index) and index[0] == 1 and index[-1] == len(index):
        index = pd.RangeIndex(1, len(index) + 1, name="row")
    problems = tuple(
        problem if problem.row is None else replace(problem, row=problem.row - count) for problem in table.problems
    )
    lines = None if table.lines is None else table.lines.iloc[count:].set_axis(index)
    return replace(table, cells=kept.set_axis(index, axis="index"), lines=lines, problems=problems)


def keep_columns(table: Table, positions: Collection[int]) -> Table:
    """Return the table with the columns at ``positions`` only."""
    kept = sorted(positions)
    cells = None if table.cells is None else table.cells[kept].set_axis(range(len(kept)), axis="columns")
    return replace(table, header=tuple(table.header[at] for at in kept), cells=cells)
