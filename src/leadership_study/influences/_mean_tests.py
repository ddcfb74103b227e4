"""Means with errors that allow for clusters, as rows of tables; and means tested against the middle of their scale."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.samples.cluster_robust import cluster_robust
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.mean_tests import MeanTest, one_sample
from leadership_study.samples.multiplicity import Adjust, adjusted

Floats = NDArray[np.float64]

_COLUMNS = ["null", "estimate", "std_error", "statistic", "df", "p_value", "ci_low", "ci_high", "cohen_d"]


def clustered_mean(values: Floats, codes: NDArray[np.int64] | None) -> MeanTest:
    """Test of a mean: Student's, or with CR2 errors."""
    if codes is None or values.min() == values.max():
        return one_sample(values)
    fit = least_squares(np.ones((len(values), 1)), values, ("mean",))
    robust = cluster_robust(fit, codes, "CR2")
    df = float(robust.satterthwaite_df(np.ones((1, 1)))[0])
    error = float(robust.covariance[0, 0]) ** 0.5 if np.isfinite(df) else 0.0
    return MeanTest(estimate=float(values.mean()), std_error=error, df=df)


def error_row(test: MeanTest, level: float) -> dict[str, float]:
    """Error, test and limits of a mean as cells of a table; NaN where chance is not known."""
    low, high = test.interval(level)
    known = test.std_error > 0
    return {
        "std_error": test.std_error if known else np.nan,
        "statistic": test.statistic,
        "df": test.df if known else np.nan,
        "p_value": test.p_value,
        "ci_low": low,
        "ci_high": high,
    }


def with_verdict(table: pd.DataFrame, adjust: Adjust, level: float, away: str) -> pd.DataFrame:
    """Add the adjusted p value, and which side of 0 the column ``away`` is shown to be."""
    table.insert(
        list(table.columns).index("p_value") + 1, "adjusted_p_value", adjusted(table["p_value"].to_numpy(), adjust)
    )
    shown = table["adjusted_p_value"] < 1 - level
    side = np.where(table[away] > 0, "above", "below")
    table["verdict"] = np.where(shown, side, "undecided").astype(object)
    return table


def from_their_mean(
    values: Floats, labels: Sequence[str], codes: NDArray[np.int64] | None, adjust: Adjust, level: float
) -> pd.DataFrame:
    """How far each column of ``values`` (no NaN) lies from the mean of all columns of the same row; index ``measure``.

    Returns
    -------
    DataFrame
        estimate, std_error, statistic, df, p_value, adjusted_p_value, ci_low, ci_high, verdict.
    """
    own = values - values.mean(axis=1, keepdims=True)
    rows = {}
    for at, label in enumerate(labels):
        test = clustered_mean(own[:, at], codes)
        rows[label] = {"estimate": test.estimate, **error_row(test, level)}
    return with_verdict(pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure"), adjust, level, "estimate")


def against_midpoint(
    data: pd.DataFrame,
    midpoints: Mapping[str, float],
    codes: NDArray[np.int64] | None,
    adjust: Adjust,
    level: float,
) -> pd.DataFrame:
    """One-sample tests of the columns that have a midpoint, each over its own answers; index ``measure``.

    Parameters
    ----------
    data : DataFrame of n rows
    midpoints : mapping of column to number
    codes : array of n whole numbers, or None
        Cluster of each row, −1 where missing: such rows are left out.

    Returns
    -------
    DataFrame
        null, estimate (mean less null), std_error, statistic, df, p_value, adjusted_p_value, ci_low, ci_high, cohen_d,
        verdict; a column with fewer than two answers, or one cluster, is not there.
    """
    rows: dict[str, dict[str, float]] = {}
    for label, middle in midpoints.items():
        values = data[label].to_numpy(dtype=float)
        kept = ~np.isnan(values) & (True if codes is None else codes >= 0)
        own = None if codes is None else np.unique(codes[kept], return_inverse=True)[1]
        if kept.sum() < 2 or (own is not None and own.max() < 1):
            continue
        away = values[kept] - middle
        test, spread = clustered_mean(away, own), float(away.std(ddof=1))
        d = test.estimate / spread if spread > 0 else np.nan
        rows[label] = {"null": middle, "estimate": test.estimate, **error_row(test, level), "cohen_d": d}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS).astype(float)
    table.index = pd.Index(list(rows), name="measure", dtype="str")
    return with_verdict(table, adjust, level, "estimate")
