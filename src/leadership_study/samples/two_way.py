"""Subjects rated by the same raters, or measured at the same times: intraclass correlations of Shrout and Fleiss."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import fdtrc, fdtri

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class TwoWay:
    """Mean squares of n subjects × k raters, one value a cell."""

    n: int
    k: int
    subjects: float
    raters: float
    residual: float
    within: float


def two_way(values: Floats) -> TwoWay:
    """Mean squares of ``values`` (subjects × raters, no NaN).

    Raises
    ------
    InsufficientDataError
        With fewer than two subjects or raters, or the same value everywhere.
    """
    n, k = values.shape
    if n < 2 or k < 2:
        text = "Intraclass correlations need at least two subjects and two ratings of each; there are {n} and {k}."
        raise InsufficientDataError(Note("intraclass_too_few", text, {"n": n, "k": k}))
    if values.min() == values.max():
        text = "All ratings are the same, so subjects cannot be told apart."
        raise InsufficientDataError(Note("intraclass_constant", text))
    centred = values - values.mean()
    of_subjects, of_raters = centred.mean(axis=1), centred.mean(axis=0)
    subjects = k * float((of_subjects**2).sum())
    raters = n * float((of_raters**2).sum())
    left = float(((centred - of_subjects[:, None] - of_raters) ** 2).sum())
    return TwoWay(
        n=n,
        k=k,
        subjects=subjects / (n - 1),
        raters=raters / (k - 1),
        residual=left / ((n - 1) * (k - 1)),
        within=(raters + left) / (n * (k - 1)),
    )


def intraclass_correlations(found: TwoWay, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """The six coefficients of Shrout and Fleiss with their F tests and intervals.

    Returns
    -------
    DataFrame
        Index ``coefficient``: ICC(1,1), ICC(2,1), ICC(3,1) and, for the mean of the k ratings, ICC(1,k), ICC(2,k),
        ICC(3,k); columns icc, f, df1, df2, p_value, ci_low, ci_high. 1: each subject has raters of his own; 2: raters
        are a sample, agreement counts; 3: these raters only, consistency counts.

    Notes
    -----
    Shrout and Fleiss (1979), https://doi.org/10.1037/0033-2909.86.2.420; the intervals of the second with the degrees
    of freedom of McGraw and Wong (1996), https://doi.org/10.1037/1082-989X.1.1.30. R twin: ``psych::ICC(lmer=FALSE)``.
    """
    n, k, tail = found.n, found.k, (1 - confidence_level) / 2
    msb, msj, mse, msw = found.subjects, found.raters, found.residual, found.within
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.float64(msb - msw) / (msb + (k - 1) * msw)
        three = np.float64(msb - mse) / (msb + (k - 1) * mse)
        two = np.float64(msb - mse) / (msb + (k - 1) * mse + k * (msj - mse) / n)
        f1, f3 = np.float64(msb) / msw, np.float64(msb) / mse
        df1, df2, df3 = n - 1, n * (k - 1), (n - 1) * (k - 1)
        limits1 = [f1 / fdtri(df1, df2, 1 - tail), f1 * fdtri(df2, df1, 1 - tail)]
        limits3 = [f3 / fdtri(df1, df3, 1 - tail), f3 * fdtri(df3, df1, 1 - tail)]
        ci1 = [(f - 1) / (f + k - 1) for f in limits1]
        ci3 = [(f - 1) / (f + k - 1) for f in limits3]
        ci2 = _agreement_limits(float(two), found, tail)
        p1, p3 = fdtrc(df1, df2, f1), fdtrc(df1, df3, f3)
        stepped_up = [k * x / (1 + x * (k - 1)) for x in ci2]
        rows = {
            "ICC(1,1)": (one, f1, df1, df2, p1, *ci1),
            "ICC(2,1)": (two, f3, df1, df3, p3, *ci2),
            "ICC(3,1)": (three, f3, df1, df3, p3, *ci3),
            "ICC(1,k)": (1 - 1 / f1, f1, df1, df2, p1, *(1 - 1 / f for f in limits1)),
            "ICC(2,k)": (
                np.float64(msb - mse) / (msb + (msj - mse) / n), f3, df1, df3, p3, *stepped_up
            ),
            "ICC(3,k)": (1 - 1 / f3, f3, df1, df3, p3, *(1 - 1 / f for f in limits3)),
        }  # fmt: skip
    columns = ["icc", "f", "df1", "df2", "p_value", "ci_low", "ci_high"]
    values = np.array(list(rows.values()), dtype=np.float64).T
    cells = {name: own.astype(np.int64) if name in ("df1", "df2") else own
             for name, own in zip(columns, values, strict=True)}  # fmt: skip
    return pd.DataFrame(cells, index=pd.Index(list(rows), name="coefficient", dtype="str"))


def _agreement_limits(icc: float, found: TwoWay, tail: float) -> tuple[float, float]:
    """Limits of ICC(2,1), whose error mixes two mean squares: Satterthwaite's degrees of freedom."""
    n, k, msb, msj, mse = found.n, found.k, found.subjects, found.raters, found.residual
    ratio = msj / mse if mse > 0 else np.inf
    top = (k - 1) * (n - 1) * (k * icc * ratio + n * (1 + (k - 1) * icc) - k * icc) ** 2
    below = (n - 1) * k**2 * icc**2 * ratio**2 + (n * (1 + (k - 1) * icc) - k * icc) ** 2
    df = top / below
    if not np.isfinite(df):
        return np.nan, np.nan
    upper, lower = float(fdtri(n - 1, df, 1 - tail)), float(fdtri(df, n - 1, 1 - tail))
    between = k * msj + (k * n - k - n) * mse
    low = n * (msb - upper * mse) / (upper * between + n * msb)
    high = n * (lower * msb - mse) / (between + n * lower * msb)
    return float(low), float(high)
