"""Low and high scorers on a total, and how far apart they are on each item."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Groups:
    """Masks of the low and high scorers, and the totals that bound them."""

    low: NDArray[np.bool_]
    high: NDArray[np.bool_]
    cut_low: float
    cut_high: float


def split_by_total(rows: Matrix, share: float) -> Groups:
    """Low scorers at or below the type 7 quantile ``share`` of the row sums, high at or above the mirrored one.

    Raises
    ------
    InsufficientDataError
        If the two overlap because too many totals are alike, or one has fewer than two members.
    """
    # A total that is equal to its cut but for rounding must be on the same side on every machine, so sums of items are
    # taken above each item's smallest value, and compared with a tolerance far below any difference of answers.
    base = rows.min(axis=0)
    total = (rows - base).sum(axis=1)
    low, high = np.quantile(total, [share, 1 - share])
    slack = 1e-9 * float(total.max())
    groups = Groups(total <= low + slack, total >= high - slack, float(low + base.sum()), float(high + base.sum()))
    if (groups.low & groups.high).any():
        text = "Too many respondents have the same total: low and high scorers cannot be told apart."
        raise InsufficientDataError(Note("extreme_groups_overlap", text))
    if min(sizes := (int(groups.low.sum()), int(groups.high.sum()))) < 2:
        text = "There are {n_low} low and {n_high} high scorers; two of each are needed to compare them."
        raise InsufficientDataError(Note("extreme_groups_too_small", text, {"n_low": sizes[0], "n_high": sizes[1]}))
    return groups


def compare_groups(rows: Matrix, groups: Groups, variances: Literal["unequal", "equal", "levene"]) -> dict[str, Matrix]:
    """Student's or Welch's t of high minus low for each column of ``rows``, and Levene's test about the mean.

    Where neither group varies, t is infinite (p = 0) if their means differ and NaN if they do not.
    """
    base = rows.min(axis=0)
    above = rows - base
    low, high = above[groups.low], above[groups.high]
    n1, n2 = len(high), len(low)
    mean1, mean2 = high.mean(axis=0), low.mean(axis=0)
    var1, var2 = high.var(axis=0, ddof=1), low.var(axis=0, ddof=1)
    spread1, spread2 = np.abs(high - mean1), np.abs(low - mean2)
    levene, _ = _student(spread1.mean(axis=0) - spread2.mean(axis=0), spread1.var(axis=0, ddof=1),
                         spread2.var(axis=0, ddof=1), n1, n2)  # fmt: skip
    levene_p = stats.f.sf(levene**2, 1, n1 + n2 - 2)
    equal = _student(mean1 - mean2, var1, var2, n1, n2)
    welch = _welch(mean1 - mean2, var1, var2, n1, n2)
    if variances == "levene":
        t, df = (np.where(levene_p < 0.05, w, e) for w, e in zip(welch, equal, strict=True))
    else:
        t, df = equal if variances == "equal" else welch
    return {
        "mean_low": mean2 + base,
        "mean_high": mean1 + base,
        "sd_low": np.sqrt(var2),
        "sd_high": np.sqrt(var1),
        "critical_ratio": t,
        "df": df,
        "p_value": 2 * stats.t.sf(np.abs(t), df),
        "levene_statistic": levene**2,
        "levene_p_value": levene_p,
    }


def _student(gap: Matrix, var1: Matrix, var2: Matrix, n1: int, n2: int) -> tuple[Matrix, Matrix]:
    df = n1 + n2 - 2
    pooled = ((n1 - 1) * var1 + (n2 - 1) * var2) / df
    with np.errstate(divide="ignore", invalid="ignore"):
        return gap / np.sqrt(pooled * (1 / n1 + 1 / n2)), np.full(len(gap), float(df))


def _welch(gap: Matrix, var1: Matrix, var2: Matrix, n1: int, n2: int) -> tuple[Matrix, Matrix]:
    error1, error2 = var1 / n1, var2 / n2
    still = error1 + error2 == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = error1 / (error1 + error2)
        df = 1 / (share**2 / (n1 - 1) + (1 - share) ** 2 / (n2 - 1))
        return gap / np.sqrt(error1 + error2), np.where(still, float(n1 + n2 - 2), df)
