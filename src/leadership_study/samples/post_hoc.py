"""Which groups differ from which: all pairs after a comparison of several groups."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.samples.dunnett import dunnett_isf, dunnett_sf
from leadership_study.samples.k_groups import KGroups
from leadership_study.samples.multiplicity import Adjust, adjusted
from leadership_study.samples.rank_tests import ties
from leadership_study.samples.studentized_range import range_isf, range_sf

Floats = NDArray[np.float64]
PostHoc = Literal["tukey", "games_howell", "scheffe", "lsd", "bonferroni", "dunn", "dunnett"]

SIMULTANEOUS = ("tukey", "games_howell", "scheffe", "dunnett")
"""Methods whose p values already hold for all pairs at once."""


def post_hoc(
    groups: KGroups, method: PostHoc, *, adjust: Adjust = "holm", confidence_level: float = 0.95
) -> pd.DataFrame:
    """Compare every pair of ``groups``.

    Parameters
    ----------
    groups : KGroups
    method : {"tukey", "games_howell", "scheffe", "lsd", "bonferroni", "dunn", "dunnett"}
        Tukey–Kramer and Scheffé (equal variances), Games–Howell (unequal variances); Fisher's least significant
        difference and the same with Bonferroni's adjustment (equal variances); Dunn's test of mean ranks,
        tie-corrected; Dunnett's comparison of every group with the first (equal variances).
    adjust : {"holm", "bonferroni", "fdr_bh"}
        Adjusts the p values of "lsd" and "dunn".
    confidence_level : float
        Of the intervals: all pairs at once for Tukey, Games–Howell, Scheffé, Bonferroni and Dunnett, each pair by
        itself for LSD; Dunn's test has none, its ``difference`` being one of mean ranks.

    Returns
    -------
    DataFrame, one row a pair i < j (with Dunnett's test those of the first group)
        first, second (codes), difference (second less first), std_error, statistic (t; z for Dunn), df, p_value (for
        Tukey, Games–Howell, Scheffé and Dunnett simultaneous already), adjusted_p_value (the same where simultaneous),
        ci_low, ci_high.

    References
    ----------
    Tukey (1953); Kramer (1956), https://doi.org/10.2307/3001469; Games & Howell (1976),
    https://doi.org/10.3102/10769986001002113; Scheffé (1953), https://doi.org/10.1093/biomet/40.1-2.87; Dunn (1964),
    https://doi.org/10.1080/00401706.1964.10490181. R twins: ``TukeyHSD``, ``pairwise.t.test``.
    """
    if method not in get_args(PostHoc):
        listed = ", ".join(repr(name) for name in get_args(PostHoc))
        raise ValueError(f"The 'method' parameter of post_hoc must be one of {listed}. Got {method!r} instead.")
    i, j = np.triu_indices(groups.k, 1)
    if method == "dunnett":
        i, j = i[: groups.k - 1], j[: groups.k - 1]
    pairs = len(i)
    n, k, df_within = groups.sizes, groups.k, float(groups.n - groups.k)
    if method == "dunn":
        difference, std_error, df = _ranks(groups, i, j)
    else:
        difference = groups.means[j] - groups.means[i]
        a, b = groups.variances[i] / n[i], groups.variances[j] / n[j]
        if method == "games_howell":
            std_error = np.sqrt(a + b)
            with np.errstate(divide="ignore", invalid="ignore"):
                df = (a + b) ** 2 / (a**2 / (n[i] - 1) + b**2 / (n[j] - 1))
        else:
            std_error = np.sqrt(groups.mean_square * (1 / n[i] + 1 / n[j]))
            df = np.full(pairs, df_within)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(std_error > 0, difference / std_error, np.nan)
    size = np.abs(statistic)
    level = np.full(pairs, confidence_level)
    half: Floats = np.full(pairs, np.nan)
    p_value: Floats
    if method in ("tukey", "games_howell"):
        p_value = range_sf(size * 2**0.5, k, df)
        half = range_isf(1 - confidence_level, k, df) / 2**0.5
    elif method == "dunnett":
        p_value = np.array([dunnett_sf(one, int(n[0]), n[1:], df_within) for one in size])
        half = np.full(pairs, dunnett_isf(1 - confidence_level, int(n[0]), n[1:], df_within))
    elif method == "scheffe":
        p_value = np.asarray(stats.f.sf(size**2 / (k - 1), k - 1, df))
        half = np.asarray(np.sqrt((k - 1) * stats.f.ppf(level, k - 1, df)))
    elif method == "dunn":
        p_value = np.asarray(2 * stats.norm.sf(size))
    else:
        p_value = np.asarray(2 * stats.t.sf(size, df))
        tail = (1 - confidence_level) / 2 / (pairs if method == "bonferroni" else 1)
        half = np.asarray(stats.t.isf(tail, df))
    corrected = p_value
    if method not in SIMULTANEOUS:
        corrected = adjusted(p_value, "bonferroni" if method == "bonferroni" else adjust)
    return pd.DataFrame(
        {
            "first": i,
            "second": j,
            "difference": difference,
            "std_error": std_error,
            "statistic": statistic,
            "df": df,
            "p_value": np.asarray(p_value, dtype=float),
            "adjusted_p_value": np.asarray(corrected, dtype=float),
            "ci_low": difference - half * std_error,
            "ci_high": difference + half * std_error,
        }
    )


def _ranks(groups: KGroups, i: NDArray[np.int64], j: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    n, sizes = groups.n, groups.sizes
    means = np.bincount(groups.codes, stats.rankdata(groups.values)) / sizes
    variance = n * (n + 1) / 12 - ties(groups.values) / (12 * (n - 1))
    return means[j] - means[i], np.sqrt(variance * (1 / sizes[i] + 1 / sizes[j])), np.full(len(i), np.nan)
