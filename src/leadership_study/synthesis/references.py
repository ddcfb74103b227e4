"""From a reference in an argument file to the stored row behind it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.results import NotEstimated, Result, format_number

IN_TEXT = re.compile(r"\{([^{}]*)\}")
"""A reference in a sentence: ``{dimension_scores.deviations.structural.estimate}``."""


@dataclass(frozen=True)
class Found:
    """One stored value with the row that it stands in; ``row`` is empty when its block could not be estimated."""

    block: str
    table: str
    name: str
    column: str
    value: Any
    row: Mapping[str, Any]
    reason: str = ""


def look_up(results: Mapping[str, Result], reference: str) -> Found:
    """Return what stands behind ``<block>.<table>.<row>.<column>``.

    The block ends at the first dot, the table at the second, the column begins after the last; rows of several levels
    are joined with `` / ``. A block that could not be estimated is found, with its ``reason``.

    Raises
    ------
    KeyError
        With a sentence that names the nearest right ones.
    """
    block, _, rest = reference.partition(".")
    table, _, rest = rest.partition(".")
    name, _, column = rest.rpartition(".")
    if block not in results:
        raise KeyError(unknown("block in a reference", block, list(results)) if results else "there are no results")
    if not (table and name and column):
        raise KeyError(f"the reference {reference!r} must have the form <block>.<table>.<row>.<column>")
    result = results[block]
    if isinstance(result, NotEstimated):
        return Found(block, table, name, column, None, {}, reason=str(result.reason))
    tables = result.tables()
    if table not in tables:
        raise KeyError(unknown(f"table of block {block!r}", table, list(tables)))
    frame = tables[table]
    if column not in frame.columns:
        raise KeyError(unknown(f"column of {block}.{table}", column, [str(one) for one in frame.columns]))
    names = [" / ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in frame.index]
    if name not in names:
        raise KeyError(unknown(f"row of {block}.{table}", name, names))
    row = frame.iloc[names.index(name)]
    return Found(block, table, name, column, row[column], {str(key): value for key, value in row.items()})


def filled(text: str, results: Mapping[str, Result]) -> str:
    """Return a text with its references as numbers, by the one rounding rule; what cannot be found stays as it is."""

    def shown(match: re.Match[str]) -> str:
        try:
            found = look_up(results, match[1])
        except KeyError:
            return match[0]
        return format_number(found.value, found.name if found.column == "value" else found.column)

    return IN_TEXT.sub(shown, text)


def interval_of(found: Found) -> tuple[float, float] | None:
    """Return the interval in the row of a reference, if it has one."""
    low, high = (found.row.get(name) for name in ("ci_low", "ci_high"))
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return None
    return float(low), float(high)
