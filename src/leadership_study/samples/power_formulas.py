"""Power of a test, and width of an interval, as pure functions of the sample's size; sizes need not be whole."""

import math
from typing import Literal

import numpy as np
from scipy import stats

Sides = Literal["two-sided", "one-sided"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_TAIL = 1e-17


def noncentral_t_tail(critical: float, df: float, ncp: float) -> float:
    """P(T > critical) of the noncentral t distribution.

    ∫ Φ(ncp − critical·s) over the distribution of s = √(χ²_df/df), by Gauss–Legendre quadrature; scipy's own gives NaN
    for many degrees of freedom with a far tail.
    """
    low, high = (math.sqrt(value / df) for value in (stats.chi2.ppf(_TAIL, df), stats.chi2.isf(_TAIL, df)))
    s = low + (high - low) * (_NODES + 1) / 2
    density = _WEIGHTS * s * stats.chi2.pdf(s * s * df, df)
    return float((density * stats.norm.cdf(ncp - critical * s)).sum() / density.sum())


def t_power(ncp: float, df: float, significance_level: float, sides: Sides) -> float:
    """Power of a t test with noncentrality ``ncp`` ≥ 0; two-sided power counts both tails."""
    if sides == "one-sided":
        return noncentral_t_tail(float(stats.t.isf(significance_level, df)), df, ncp)
    critical = float(stats.t.isf(significance_level / 2, df))
    return noncentral_t_tail(critical, df, ncp) + noncentral_t_tail(critical, df, -ncp)


def f_power(noncentrality: float, df1: float, df2: float, significance_level: float) -> float:
    """Power of an F test."""
    return float(stats.ncf.sf(stats.f.isf(significance_level, df1, df2), df1, df2, noncentrality))


def correlation_power(r: float, n: float, significance_level: float, sides: Sides) -> float:
    """Power of the t test of a correlation, by Fisher's z with its bias r/(2(n − 1)) (Cohen, 1988, section 12.6.1)."""
    tail = significance_level / (2 if sides == "two-sided" else 1)
    t = float(stats.t.isf(tail, n - 2))
    critical = math.atanh(t / math.sqrt(t * t + n - 2))
    mean, root = math.atanh(r) + r / (2 * (n - 1)), math.sqrt(n - 3)
    upper = float(stats.norm.cdf((mean - critical) * root))
    return upper + float(stats.norm.cdf((-mean - critical) * root)) if sides == "two-sided" else upper


def fit_power(df: int, null: float, alternative: float, n: float, groups: int, significance_level: float) -> float:
    """Power of a test of RMSEA = ``null`` when it is ``alternative`` (MacCallum, Browne & Sugawara, 1996).

    Noncentrality (n − 1)·df·ε²/groups; with alternative > null large chi-squares reject (close and exact fit), with
    alternative < null small ones (not-close fit).
    """
    per_square = (n - 1) * df / groups
    under_null, actual = per_square * null**2, per_square * alternative**2
    if alternative > null:
        return float(_chi_square("sf", _chi_square("isf", significance_level, df, under_null), df, actual))
    return float(_chi_square("cdf", _chi_square("ppf", significance_level, df, under_null), df, actual))


def _chi_square(function: str, value: float, df: int, noncentrality: float) -> float:
    if noncentrality == 0:
        return float(getattr(stats.chi2, function)(value, df))
    return float(getattr(stats.ncx2, function)(value, df, noncentrality))


def variance_ratio(icc: float, raters: float) -> float:
    """Expected mean square between over that within: 1 + k ρ/(1 − ρ)."""
    return 1 + raters * icc / (1 - icc)


def icc_power(icc: float, null: float, groups: float, raters: float, significance_level: float) -> float:
    """Power of the one-way F test of ICC(1) = ``null`` against a larger one (Donner & Eliasziw, 1987).

    With ``raters`` in each of ``groups`` groups, F/(1 + kρ/(1 − ρ)) has a central F distribution: the power is exact.
    """
    df1, df2 = groups - 1, groups * (raters - 1)
    ratio = variance_ratio(null, raters) / variance_ratio(icc, raters)
    return float(stats.f.sf(float(stats.f.isf(significance_level, df1, df2)) * ratio, df1, df2))


def icc_width(icc: float, groups: float, raters: float, confidence_level: float) -> float:
    """Width of the exact F interval of ICC(1) when the observed F is the one expected at ``icc``."""
    df1, df2, tail = groups - 1, groups * (raters - 1), (1 - confidence_level) / 2
    observed = variance_ratio(icc, raters)
    limits = [observed / float(stats.f.isf(q, df1, df2)) for q in (tail, 1 - tail)]
    low, high = ((f - 1) / (f + raters - 1) for f in limits)
    return high - low


def alpha_width(
    alpha: float, n_items: int, n: float, interval: Literal["feldt", "bonett"], confidence_level: float
) -> float:
    """Width of the interval of Cronbach's alpha when the observed alpha is ``alpha``."""
    tail = (1 - confidence_level) / 2
    if interval == "feldt":
        df1, df2 = n - 1, (n - 1) * (n_items - 1)
        return (1 - alpha) * float(stats.f.isf(tail, df1, df2) - stats.f.isf(1 - tail, df1, df2))
    spread = float(stats.norm.isf(tail)) * math.sqrt(2 * n_items / ((n_items - 1) * (n - 2)))
    return (1 - alpha) * 2 * math.sinh(spread)


def design_effect(icc: float, cluster_size: float, *, size_cv: float = 0.0, predictor_icc: float = 1.0) -> float:
    """Factor on the variance of an estimate when answers come in clusters.

    1 + ((1 + CV²) m − 1) ρ_y ρ_x: m answers a cluster on average, their number varying by ``size_cv`` = SD/mean;
    ``predictor_icc`` is 1 for means and for predictors that do not vary inside clusters.

    Parameters
    ----------
    icc : float
        ICC(1) of the outcome.
    cluster_size : float
        Answers a cluster, on average.
    size_cv, predictor_icc : float
        As above.

    References
    ----------
    Kish, L. (1965). Survey sampling. Wiley. Eldridge, S. M., Ashby, D., & Kerry, S. (2006). International Journal of
    Epidemiology, 35, 1292–1300. https://doi.org/10.1093/ije/dyl129. Scott, A. J., & Holt, D. (1982). Journal of the
    American Statistical Association, 77, 848–854. https://doi.org/10.1080/01621459.1982.10477897
    """
    return 1 + ((1 + size_cv**2) * cluster_size - 1) * icc * predictor_icc


def wilson(successes: int, trials: int, confidence_level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (1927, https://doi.org/10.1080/01621459.1927.10502953)."""
    z = float(stats.norm.isf((1 - confidence_level) / 2))
    middle = successes + z * z / 2
    root = z * math.sqrt(successes * (trials - successes) / trials + z * z / 4)
    low, high = (middle - root) / (trials + z * z), (middle + root) / (trials + z * z)
    return max(low, 0.0), min(high, 1.0)
