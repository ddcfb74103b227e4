"""How large a difference is: standardised differences, shares of variance, superiority; with their intervals.

Intervals of d and of the shares of variance invert the noncentral t and F distributions: the limits are the effects
under which the statistic found would be at the upper or lower end of its distribution.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, special, stats

from leadership_study.samples.mean_tests import MeanTest, TwoGroups

Standardiser = Literal["pooled", "average", "second"]


@dataclass(frozen=True, kw_only=True)
class EffectSize:
    """An effect size with its interval."""

    estimate: float
    ci_low: float
    ci_high: float

    def times(self, factor: float) -> "EffectSize":
        """The same on another scale."""
        return EffectSize(estimate=self.estimate * factor, ci_low=self.ci_low * factor, ci_high=self.ci_high * factor)


def standardised(test: MeanTest, sd: float, confidence_level: float = 0.95) -> EffectSize:
    """(estimate − null) / ``sd``, with the limits of the noncentrality of ``test`` times its error over ``sd``."""
    if not (sd > 0 and test.std_error > 0):
        return EffectSize(estimate=np.nan, ci_low=np.nan, ci_high=np.nan)
    low, high = noncentral_t(test.statistic, test.df, confidence_level)
    unit = test.std_error / sd
    return EffectSize(estimate=test.statistic * unit, ci_low=low * unit, ci_high=high * unit)


def cohen_d(groups: TwoGroups, *, sd: Standardiser = "pooled", confidence_level: float = 0.95) -> EffectSize:
    """Standardised difference of two groups, the first less the second.

    Parameters
    ----------
    groups : TwoGroups
    sd : {"pooled", "average", "second"}
        Divide by the pooled standard deviation (Cohen's d, interval from Student's t), by the root of the mean variance
        (interval from Welch's t), or by that of the second group (Glass's Δ, with n₂ − 1 degrees of freedom).
    confidence_level : float

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences. Delacre, M., et al. (2021).
    https://doi.org/10.5334/irsp.1054. R twins: ``effectsize::cohens_d``, ``glass_delta`` (0.8.3).
    """
    if sd == "pooled":
        return standardised(groups.student(), groups.pooled_sd, confidence_level)
    if sd == "average":
        return standardised(groups.welch(), groups.average_sd, confidence_level)
    (n1, n2), (v1, v2) = groups.sizes, groups.variances
    test = MeanTest(estimate=groups.difference, std_error=(v2 / n2 + v1 / n1) ** 0.5, df=n2 - 1)
    return standardised(test, v2**0.5, confidence_level)


def small_sample(df: float) -> float:
    """Γ(df/2) / (√(df/2) Γ((df − 1)/2)): the exact factor that makes d Hedges' g (Hedges, 1981)."""
    return (
        float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / (df / 2) ** 0.5) if df > 1 else np.nan
    )


def rank_biserial(u: float, n1: int, n2: int, confidence_level: float = 0.95) -> EffectSize:
    """2U/(n₁n₂) − 1 with Fisher's z and the standard error √((n₁ + n₂ + 1)/(3 n₁ n₂)).

    The probability of superiority A, that a value of the first group exceeds one of the second (ties count half), is
    (r + 1)/2.

    References
    ----------
    Kerby, D. S. (2014). https://doi.org/10.2466/11.IT.3.1. Vargha, A., & Delaney, H. D. (2000).
    https://doi.org/10.3102/10769986025002101. R twin: ``effectsize::rank_biserial`` (0.8.3).
    """
    r = 2 * u / (n1 * n2) - 1
    if abs(r) >= 1:
        return EffectSize(estimate=r, ci_low=np.nan, ci_high=np.nan)
    half = float(stats.norm.ppf((1 + confidence_level) / 2)) * ((n1 + n2 + 1) / (3 * n1 * n2)) ** 0.5
    return EffectSize(
        estimate=r, ci_low=float(np.tanh(np.arctanh(r) - half)), ci_high=float(np.tanh(np.arctanh(r) + half))
    )


def superiority(biserial: EffectSize) -> EffectSize:
    """A = (r + 1)/2."""
    return EffectSize(
        estimate=(biserial.estimate + 1) / 2, ci_low=(biserial.ci_low + 1) / 2, ci_high=(biserial.ci_high + 1) / 2
    )


def eta_squared(f: float, df1: float, df2: float, confidence_level: float = 0.95) -> EffectSize:
    """Partial η² of an F test: F df₁/(F df₁ + df₂), which is η² where there is one factor only."""
    return _share_of(f * df1 / (f * df1 + df2), df1, df2, confidence_level)


def omega_squared(f: float, df1: float, df2: float, confidence_level: float = 0.95) -> EffectSize:
    """Partial ω²: (F − 1) df₁/(F df₁ + df₂ + 1)."""
    return _share_of((f - 1) * df1 / (f * df1 + df2 + 1), df1, df2, confidence_level)


def epsilon_squared(f: float, df1: float, df2: float, confidence_level: float = 0.95) -> EffectSize:
    """Partial ε²: (F − 1) df₁/(F df₁ + df₂), which is η² adjusted for its bias."""
    return _share_of((f - 1) * df1 / (f * df1 + df2), df1, df2, confidence_level)


def _share_of(share: float, df1: float, df2: float, confidence_level: float) -> EffectSize:
    """Limits of a share of variance: those of η² at the F that would give this share (Steiger, 2004).

    References
    ----------
    Steiger, J. H. (2004). https://doi.org/10.1037/1082-989X.9.2.164. R twins: ``effectsize::eta_squared``,
    ``omega_squared``, ``epsilon_squared`` with ``alternative="two.sided"`` (0.8.3).
    """
    if not np.isfinite(share) or share >= 1:
        return EffectSize(estimate=share, ci_low=np.nan, ci_high=np.nan)
    f = max(share, 0.0) / (1 - share) * df2 / df1
    low, high = noncentral_f(f, df1, df2, confidence_level)
    return EffectSize(estimate=share, ci_low=low / (low + df2), ci_high=high / (high + df2))


def noncentral_t(t: float, df: float, confidence_level: float = 0.95) -> tuple[float, float]:
    """Noncentralities under which ``t`` is at the upper and the lower end of the central ``confidence_level``."""
    tail = (1 - confidence_level) / 2

    def at(probability: float) -> float:
        def away(ncp: float) -> float:
            return float(stats.nct.cdf(t, df, ncp)) - probability

        spread = (1 + t**2 / (2 * df)) ** 0.5
        return _root(away, t, spread)

    return at(1 - tail), at(tail)


def noncentral_f(f: float, df1: float, df2: float, confidence_level: float = 0.95) -> tuple[float, float]:
    """Likewise for F; a limit is 0 when even without any effect such an F would not be beyond it."""
    tail = (1 - confidence_level) / 2

    def at(probability: float) -> float:
        def away(ncp: float) -> float:
            return float(special.ncfdtr(df1, df2, ncp, f) if ncp > 0 else special.fdtr(df1, df2, f)) - probability

        if away(0.0) <= 0:
            return 0.0
        high = max(f * df1, 1.0)
        while away(high) > 0:
            high *= 2
        return float(optimize.brentq(away, 0.0, high, xtol=1e-12, rtol=1e-13))

    return at(1 - tail), at(tail)


def _root(away: Callable[[float], float], centre: float, spread: float) -> float:
    """Root of a falling function, searched from ``centre`` outwards."""
    step = 2 * spread
    low, high = centre - step, centre + step
    while away(low) < 0:
        low, step = low - step, 2 * step
    while away(high) > 0:
        high, step = high + step, 2 * step
    return float(optimize.brentq(away, low, high, xtol=1e-12, rtol=1e-13))
