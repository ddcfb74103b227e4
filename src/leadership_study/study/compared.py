"""One result with and without the flagged respondents, side by side."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, NotEstimated, Result

_WITHOUT, _DIFFERENCE = "without_flagged", "difference"
_NO_DIFFERENCE = ("p_value", "df", "df1", "df2")  # whose difference says nothing


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Comparison(Result):
    """The main table of a result with everybody and without the flagged respondents.

    Attributes
    ----------
    compared : DataFrame, index as in the main table of the result
        For each of its columns of numbers ``x``: x with everybody, ``without_flagged_x``, and ``difference_x`` =
        without − with (no difference of p values and degrees of freedom). Where rows are tested (``p_value`` beside an
        interval), ``hangs`` says whether one of the two intervals holds 0 and the other does not. A table whose
        columns are items has one row a pair, those below the diagonal where it is square.
    n, n_flagged : int
        Respondents, and how many of them are flagged.
    min_flags : int
        Kinds of flags from which a respondent counts as flagged.
    """

    compared: pd.DataFrame
    n: int
    n_flagged: int
    min_flags: int

    main: ClassVar[str] = "compared"


def compare(everybody: Result, without: Result, *, n: int, n_flagged: int, min_flags: int) -> Comparison:
    """Put two results of one analysis beside each other.

    Parameters
    ----------
    everybody, without
        Results with all respondents, and without the flagged ones.
    n, n_flagged, min_flags
        As in `Comparison`.

    Raises
    ------
    InsufficientDataError
        When one of them was not estimated, or their rows mean different things (factors).
    """
    for result in (everybody, without):
        if isinstance(result, NotEstimated):
            raise InsufficientDataError(result.reason)
    if not everybody.aligned:
        text = (
            "Factors found with and without the flagged respondents are not the same ones, so no table compares them."
        )
        raise InsufficientDataError(Note("factors_not_comparable", text))
    one, other = _numbers(everybody), _numbers(without)
    lost = [key for key in one.index if key not in other.index]
    other = other.reindex(one.index)
    columns: dict[str, pd.Series] = {}
    for name in one.columns:
        if name not in other or (other[name].isna().all() and one[name].isna().all()):
            continue
        columns[name], columns[f"{_WITHOUT}_{name}"] = one[name], other[name]
        if name not in _NO_DIFFERENCE:
            columns[f"{_DIFFERENCE}_{name}"] = other[name].astype(float) - one[name].astype(float)
    notes = []
    if lost:
        text = "Without the flagged respondents these rows are not estimated: {rows}."
        rows = [" / ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in lost]
        notes.append(Note("rows_lost_without_flagged", text, {"rows": rows}))
    if {"p_value", "ci_low", "ci_high"} <= set(columns):
        columns["hangs"] = _holds_zero(one) != _holds_zero(other)
        known = one["ci_low"].notna() & other["ci_low"].notna()
        columns["hangs"] &= known & (one.index.to_series().astype("str").to_numpy() != "intercept")
    return Comparison(
        compared=pd.DataFrame(columns, index=one.index),
        n=n,
        n_flagged=n_flagged,
        min_flags=min_flags,
        definition={"min_flags": min_flags, "n": n},
        notes=tuple(notes),
    )


def _holds_zero(table: pd.DataFrame) -> pd.Series:
    return (table["ci_low"] <= 0) & (table["ci_high"] >= 0)


def _numbers(result: Result) -> pd.DataFrame:
    """Return the main table's columns of numbers; pairs of rows and columns where the columns are items."""
    table = result.to_frame()
    if result.main not in result.shown_as:
        if list(table.columns) == ["value"]:
            return pd.DataFrame({"value": pd.to_numeric(table["value"], errors="coerce")}).dropna()
        return pd.DataFrame(table.select_dtypes("number").astype(float))
    statistic, names = result.shown_as[result.main], [str(column) for column in table.columns]
    values = table.to_numpy(dtype=float)
    square = [str(key) for key in table.index] == names
    cells = {
        (str(row), column): float(values[at, to])
        for at, row in enumerate(table.index)
        for to, column in enumerate(names)
        if not square or to < at
    }
    index = pd.MultiIndex.from_tuples(list(cells), names=[str(table.index.name or "row"), "column"])
    return pd.DataFrame({statistic: np.array(list(cells.values()), dtype=float)}, index=index)
