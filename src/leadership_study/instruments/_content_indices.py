"""Formulas of content validity: chance agreement, modified kappa, Lawshe's critical values, Aiken's V."""

import math
from fractions import Fraction
from statistics import NormalDist

PANEL_CUTOFFS = ((9, Fraction(7, 9)), (6, Fraction(5, 6)), (3, Fraction(1)))
"""Lowest acceptable I-CVI by panel size, from the size named on: .78 from 9 experts, .83 from 6, 1.00 from 3.

The printed .78 and .83 are 7/9 and 5/6, rounded. Lynn, M. R. (1986), Nursing Research, 35, 382-385,
https://doi.org/10.1097/00006199-198611000-00017; Polit, D. F., Beck, C. T., & Owen, S. V. (2007), Research in Nursing &
Health, 30, 459-467, https://doi.org/10.1002/nur.20199.
"""

KAPPA_BANDS = ((0.74, "excellent"), (0.60, "good"), (0.40, "fair"))
"""Lower limits of the words for the modified kappa, "poor" below the last; the first must be exceeded.

Cicchetti, D. V., & Sparrow, S. A. (1981), American Journal of Mental Deficiency, 86, 127-137, as used by Polit, Beck
and Owen (2007).
"""


def panel_cutoff(n: int) -> Fraction | None:
    """Lowest acceptable I-CVI with ``n`` experts; None with fewer than three, where there is none."""
    return next((cutoff for size, cutoff in PANEL_CUTOFFS if n >= size), None)


def chance_agreement(n: int, agreeing: int) -> float:
    """Probability that exactly ``agreeing`` of ``n`` experts call an item relevant by tossing coins."""
    return math.comb(n, agreeing) * 0.5**n


def modified_kappa(n: int, agreeing: int) -> float:
    """κ* = (I-CVI − p_c)/(1 − p_c): the share of relevant ratings, chance agreement taken out."""
    chance = chance_agreement(n, agreeing)
    return (agreeing / n - chance) / (1 - chance)


def kappa_band(kappa: float) -> str:
    """Word for a modified kappa."""
    (excellent, word), *rest = KAPPA_BANDS
    if kappa > excellent:
        return word
    return next((word for limit, word in rest if kappa >= limit), "poor")


def content_validity_ratio(n: int, essential: int) -> float:
    """Lawshe's CVR = (n_e − n/2)/(n/2), from −1 to 1."""
    return (2 * essential - n) / n


def binomial_tail(n: int, at_least: int) -> float:
    """Probability that ``at_least`` of ``n`` experts or more say "essential" when each does so with probability ½."""
    return sum(math.comb(n, count) for count in range(at_least, n + 1)) * 0.5**n


def essential_needed(n: int, significance_level: float) -> int | None:
    """Fewest "essential" of ``n`` whose exact one-sided p does not exceed the level; None when not even all suffice."""
    return next((count for count in range(n + 1) if binomial_tail(n, count) <= significance_level), None)


def aiken_v(mean: float, low: float, high: float) -> float:
    """V = (mean − low)/(high − low), from 0 to 1."""
    return (mean - low) / (high - low)


def aiken_interval(v: float, n: int, steps: float, confidence_level: float) -> tuple[float, float]:
    """Score interval of Aiken's V for ``n`` raters on a scale of ``steps`` = high − low.

    (2nkV + z² ∓ z√(4nkV(1 − V) + z²)) / (2(nk + z²)), Penfield and Giacobbi (2004).
    """
    z = NormalDist().inv_cdf((1 + confidence_level) / 2)
    nk = n * steps
    root = z * math.sqrt(4 * nk * v * (1 - v) + z * z)
    middle, divisor = 2 * nk * v + z * z, 2 * (nk + z * z)
    return max((middle - root) / divisor, 0.0), min((middle + root) / divisor, 1.0)
