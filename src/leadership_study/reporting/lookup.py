"""From a reference in words to a stored value, and from a value to its text.

A reference is ``<block>.<table>.<row>.<column>``: the block up to the first dot, then the table; the column after the
last dot; all between is the row, so rows may hold dots. Rows of several levels are joined with `` / ``. The options of
the formula stand under ``<block>.definition.<key>``.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import LeadershipStudyError
from leadership_study.reporting.parts import Number
from leadership_study.results import NotEstimated, Result, format_number


class Values:
    """The tables of one block, looked up by name and never by position."""

    def __init__(
        self,
        block: str,
        tables: Mapping[str, pd.DataFrame],
        result: Result | None = None,
        statistics: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.block = block
        self.tables = dict(tables)
        self.definition: Mapping[str, Any] = {} if result is None else result.definition
        self.shown_as = {} if result is None else dict(result.shown_as)
        self._statistics = statistics or {}

    @classmethod
    def of(cls, block: str, result: Result, statistics: Mapping[str, Mapping[str, str]] | None = None) -> "Values":
        """Take the tables of ``result``; ``statistics`` says, table by table, what a column is a limit of."""
        return cls(block, {} if isinstance(result, NotEstimated) else result.tables(), result, statistics)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table.

        Raises
        ------
        LeadershipStudyError
            When the block has none of that name.
        """
        if name not in self.tables:
            raise LeadershipStudyError(unknown(f"table of block {self.block!r}", name, list(self.tables)))
        return self.tables[name]

    def value(self, table: str, row: str, column: str) -> Any:
        """Return one stored value, unrounded; an unknown name is an error."""
        frame = self.table(table)
        if column not in frame.columns:
            raise LeadershipStudyError(unknown(f"column of {self.block}.{table}", column, [*map(str, frame.columns)]))
        keys = [row_name(key) for key in frame.index]
        if row not in keys:
            raise LeadershipStudyError(unknown(f"row of {self.block}.{table}", row, keys))
        return frame[column].iloc[keys.index(row)]

    def number(self, table: str, row: str, column: str) -> Number:
        """Return one stored value with its reference and its text."""
        value = self.value(table, row, column)
        statistic = self.shown_as.get(table) or (row if column == "value" else column)
        statistic = self._statistics.get(table, {}).get(column, statistic)
        return Number(f"{self.block}.{table}.{row}.{column}", value, format_number(value, statistic))

    def option(self, key: str, *, percent: bool = False) -> Number:
        """Return an option of the formula; as a percentage when asked (.95 → 95)."""
        if key not in self.definition:
            raise LeadershipStudyError(unknown(f"part of the definition of {self.block!r}", key, list(self.definition)))
        value = self.definition[key]
        text = as_percent(value) if percent else format_number(value, key)
        return Number(f"{self.block}.definition.{key}", value, text)


def row_name(key: Any) -> str:
    """Return how references write an index label."""
    return " / ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def as_percent(share: float) -> str:
    """Return a share as a percentage without its sign: .95 → 95, .975 → 97.500."""
    percent = round(share * 100, 9)
    return format_number(int(percent) if float(percent).is_integer() else percent)


def whole_percent(share: float) -> str:
    """Return a share as a whole percentage for sentences, without its sign: .5238 → 52; a dash when it is missing."""
    return "–" if share is None or share != share else f"{share * 100:.0f}"


def resolve(blocks: Mapping[str, Values], ref: str) -> Number:
    """Return the number behind a whole reference.

    Raises
    ------
    LeadershipStudyError
        When the block, table, row or column does not exist.
    """
    block, _, rest = ref.partition(".")
    table, _, rest = rest.partition(".")
    row, _, column = rest.rpartition(".")
    if block not in blocks:
        raise LeadershipStudyError(unknown("block in a reference", block, list(blocks)))
    if table == "definition" and not row:
        return blocks[block].option(column)
    if not row:
        raise LeadershipStudyError(f"The reference {ref!r} must have the form <block>.<table>.<row>.<column>.")
    return blocks[block].number(table, row, column)
