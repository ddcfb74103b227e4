"""Tests of ranks: two groups, several groups, pairs; normal approximations with ties."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RankTest:
    """A statistic of ranks (U, W, H) with its approximate test; ``z`` is NaN where the test is a chi-square."""

    statistic: float
    z: float
    df: float
    p_value: float


def mann_whitney(first: Floats, second: Floats, *, continuity: bool = False) -> RankTest:
    """Mann–Whitney test of two groups (no NaN); the statistic is U of the first, R's W.

    The normal approximation has the variance that ties leave; ``continuity`` moves U by half a unit towards its mean.
    NaN when all values are tied. R twin: ``wilcox.test(exact=FALSE, correct=)``.

    References
    ----------
    Mann, H. B., & Whitney, D. R. (1947). https://doi.org/10.1214/aoms/1177730491
    """
    n1, n2 = len(first), len(second)
    values = np.concatenate([first, second])
    ranks = stats.rankdata(values)
    u = float(ranks[:n1].sum() - n1 * (n1 + 1) / 2)
    n = n1 + n2
    variance = n1 * n2 / 12 * (n + 1 - ties(values) / (n * (n - 1)))
    away = u - n1 * n2 / 2
    away -= 0.5 * np.sign(away) if continuity else 0.0
    z = away / variance**0.5 if variance > 0 else np.nan
    return RankTest(statistic=u, z=z, df=np.nan, p_value=float(2 * stats.norm.sf(abs(z))))


def signed_ranks(differences: Floats, *, continuity: bool = False) -> RankTest:
    """Wilcoxon's test of paired ``differences`` (no NaN); V is the sum of the ranks of those above 0.

    Differences of 0 are left out; those that are the same but for rounding are ties only when rounded before. R twin:
    ``wilcox.test(paired=TRUE, exact=FALSE, correct=)``.

    References
    ----------
    Wilcoxon, F. (1945). https://doi.org/10.2307/3001968
    """
    moved = differences[differences != 0]
    n = len(moved)
    ranks = stats.rankdata(np.abs(moved))
    v = float(ranks[moved > 0].sum())
    variance = n * (n + 1) * (2 * n + 1) / 24 - ties(np.abs(moved)) / 48
    away = v - n * (n + 1) / 4
    away -= 0.5 * np.sign(away) if continuity else 0.0
    z = away / variance**0.5 if variance > 0 else np.nan
    return RankTest(statistic=v, z=z, df=np.nan, p_value=float(2 * stats.norm.sf(abs(z))))


def kruskal_wallis(values: Floats, codes: NDArray[np.int64]) -> RankTest:
    """Kruskal–Wallis test of ``values`` (no NaN) in groups ``codes`` (0 … k − 1), corrected for ties.

    R twin: ``kruskal.test``.

    References
    ----------
    Kruskal, W. H., & Wallis, W. A. (1952). https://doi.org/10.1080/01621459.1952.10483441
    """
    n, sizes = len(values), np.bincount(codes)
    sums = np.bincount(codes, stats.rankdata(values))
    h = 12 / (n * (n + 1)) * float((sums**2 / sizes).sum()) - 3 * (n + 1)
    left = 1 - ties(values) / (n**3 - n)
    h = h / left if left > 0 else np.nan
    df = len(sizes) - 1
    return RankTest(statistic=h, z=np.nan, df=df, p_value=float(stats.chi2.sf(h, df)))


def ties(values: Floats) -> float:
    """Σ(t³ − t) over values that occur t times."""
    counts = np.unique(values, return_counts=True)[1].astype(float)
    return float((counts**3 - counts).sum())
