"""Two questions with levels crossed: counts, chi-square, and how strongly they go together."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import chdtr, chndtr, chndtrinc

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._group_rows import ordered
from leadership_study.influences._groups import column_of
from leadership_study.results import Note, Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CrossTable(Result):
    """Two questions crossed.

    Attributes
    ----------
    counts, expected, std_residuals : DataFrame, rows × columns
        Observed; expected without association; adjusted standardised residuals (beyond ± 2: remarkable cells).
    n : int
    chi_square, df, p_value : float
        Pearson's test, without continuity correction.
    cramers_v : float
        √(χ²/(n (min(r, c) − 1))), with ci_low and ci_high from the noncentral chi-square.
    contingency_coefficient : float
        √(χ²/(n + χ²)).
    """

    counts: pd.DataFrame
    expected: pd.DataFrame
    std_residuals: pd.DataFrame
    n: int
    chi_square: float
    df: int
    p_value: float
    cramers_v: float
    ci_low: float
    ci_high: float
    contingency_coefficient: float

    main: ClassVar[str] = "counts"
    shown_as: ClassVar[dict[str, str]] = {"counts": "n", "expected": "statistic", "std_residuals": "statistic"}


def cross_table(data: pd.DataFrame, row: str, column: str, *, confidence_level: float = 0.95) -> CrossTable:
    """Cross two columns of ``data`` over the rows that have both.

    Parameters
    ----------
    data : DataFrame
    row, column : str
        Columns of text, numbers or categories; levels in the order of the categories, else in natural order.
    confidence_level : float

    Raises
    ------
    ValueError
        For unknown columns.
    InsufficientDataError
        When a column has fewer than two levels in these rows.

    Notes
    -----
    More than a fifth of the cells with fewer than five expected answers, or one with fewer than one, is noted: the
    chi-square distribution is then a poor approximation (Cochran, 1954). R twin: ``chisq.test(correct=FALSE)``.

    References
    ----------
    Cramér, H. (1946). Mathematical methods of statistics. Cochran, W. G. (1954). https://doi.org/10.2307/3001616
    """
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of cross_table must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )
    first, second = column_of(data, row, "row of the table"), column_of(data, column, "column of the table")
    kept = (first.notna() & second.notna()).to_numpy()
    (a, rows), (b, columns) = ordered(first[kept], "cross_table"), ordered(second[kept], "cross_table")
    if min(len(rows), len(columns)) < 2:
        text = "{row} and {column} need two levels each among those who answered both."
        raise InsufficientDataError(Note("cross_table_one_level", text, {"row": row, "column": column}))
    shape: tuple[int, int] = (len(rows), len(columns))
    counts = np.bincount(a * shape[1] + b, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    n = counts.sum()
    across, down = counts.sum(axis=1) / n, counts.sum(axis=0) / n
    expected = np.outer(across, down) * n
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    df = (shape[0] - 1) * (shape[1] - 1)
    scale = n * (min(shape) - 1)
    notes = []
    if (expected < 1).any() or (expected < 5).mean() > 0.2:
        text = "{count} of {cells} cells expect fewer than five answers: the chi-square test is a rough guide only."
        notes.append(Note("cross_table_sparse", text, {"count": int((expected < 5).sum()), "cells": expected.size}))
    low, high = _limits(chi_square, df, confidence_level)
    index = pd.Index(rows, name=row, dtype="str")
    return CrossTable(
        counts=pd.DataFrame(counts.astype(np.int64), index=index, columns=columns),
        expected=pd.DataFrame(expected, index=index, columns=columns),
        std_residuals=pd.DataFrame(
            (counts - expected) / np.sqrt(expected * np.outer(1 - across, 1 - down)), index=index, columns=columns
        ),
        n=int(n),
        chi_square=chi_square,
        df=df,
        p_value=float(stats.chi2.sf(chi_square, df)),
        cramers_v=float((chi_square / scale) ** 0.5),
        ci_low=float((low / scale) ** 0.5),
        ci_high=float(min(high / scale, 1.0) ** 0.5),
        contingency_coefficient=float((chi_square / (n + chi_square)) ** 0.5),
        definition={"test": "pearson", "missing": "listwise", "n": int(n), "confidence_level": confidence_level},
        notes=tuple(notes),
    )


def _limits(chi_square: float, df: int, level: float) -> tuple[float, float]:
    """Noncentralities under which the statistic is at either end of the central ``level``; 0 where there is none."""
    found = []
    for probability in ((1 + level) / 2, (1 - level) / 2):
        none = float(chdtr(df, chi_square))
        found.append(float(chndtrinc(chi_square, df, probability)) if none > probability else 0.0)
    missed = abs(float(chndtr(chi_square, df, found[1])) - (1 - level) / 2)
    if not np.isfinite(found).all() or (found[1] > 0 and missed > 1e-4):
        return np.nan, np.nan
    return found[0], found[1]
