"""How unevenly something is shared out among pupils: indices over schools, each school weighted by its pupils."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def coefficient_of_variation(values: Floats, pupils: Floats) -> float:
    """Enrolment-weighted S / X̄: X̄ = Σx/ΣP, S² = Σ(P/ΣP)(x/P − X̄)², with ``values`` = x/P (教督〔2012〕3号)."""
    share = pupils / pupils.sum()
    mean = float(share @ values)
    return math.sqrt(float(share @ (values - mean) ** 2)) / mean if mean > 0 else math.nan


def gini(values: Floats, pupils: Floats) -> float:
    """Half the mean absolute difference between two pupils, over the mean; 0 equal, towards 1 unequal."""
    share = pupils / pupils.sum()
    order = np.argsort(values, kind="stable")
    value, weight = values[order], share[order]
    mean = float(weight @ value)
    if mean <= 0:
        return math.nan
    below = np.cumsum(weight) - weight / 2
    return float(2 * (weight * value) @ below / mean - 1)


def theil(values: Floats, pupils: Floats) -> float:
    """Theil's T = Σ (P/ΣP)(x/X̄) ln(x/X̄); a school without anything adds 0."""
    share = pupils / pupils.sum()
    mean = float(share @ values)
    if mean <= 0:
        return math.nan
    ratio = values / mean
    return float(share @ np.where(ratio > 0, ratio * np.log(np.where(ratio > 0, ratio, 1.0)), 0.0))


def theil_between(values: Floats, pupils: Floats, groups: NDArray[np.int64]) -> float:
    """The part of `theil` that lies between ``groups`` (0 … g − 1): that of their means."""
    weight = np.asarray(np.bincount(groups, pupils), dtype=np.float64)
    return theil(np.bincount(groups, pupils * values) / weight, weight)


def mcloone(values: Floats, pupils: Floats) -> float:
    """What pupils at or below the median have, as a share of what they would have at the median."""
    order = np.argsort(values, kind="stable")
    value, weight = values[order], pupils[order]
    half = weight.sum() / 2
    reached = np.cumsum(weight)
    median = float(value[np.searchsorted(reached, half * (1 - 1e-12))])
    lower = np.minimum(weight, np.maximum(half - (reached - weight), 0.0))
    return float(lower @ value / (median * half)) if median > 0 else math.nan


def range_ratio(values: Floats) -> float:
    """Highest over lowest; infinite when the lowest is 0."""
    low, high = float(values.min()), float(values.max())
    return high / low if low > 0 else math.inf


def leave_one_out(index: Callable[[Floats, Floats], float], values: Floats, pupils: Floats) -> tuple[float, float]:
    """Lowest and highest value of ``index`` when one school is left out; NaN with fewer than three schools.

    Without the only school that has anything there is no index: that one does not count.
    """
    if len(values) < 3:
        return math.nan, math.nan
    kept = ~np.eye(len(values), dtype=bool)
    found = [one for rows in kept if not math.isnan(one := index(values[rows], pupils[rows]))]
    return (min(found), max(found)) if found else (math.nan, math.nan)


def restricted_range_ratio(values: Floats, pupils: Floats) -> float:
    """What the pupil at the 95th percentile has over what the one at the 5th has; infinite when the latter has none."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(pupils[order]) / pupils.sum()
    low, high = (float(values[order][np.searchsorted(reached, share * (1 - 1e-12))]) for share in (0.05, 0.95))
    return high / low if low > 0 else math.inf
