"""Limits of an interval from the values of bootstrap samples: percentile, bias-corrected, and BCa."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


def percentile_limits(draws: Floats, confidence_level: float) -> Floats:
    """Quantiles of type 7 at both tails of each column of ``draws`` (r × e): e × 2, NaN samples left out."""
    tail = (1 - confidence_level) / 2
    shares = np.full((draws.shape[1], 2), [tail, 1 - tail])
    return _quantiles(draws, shares)


def bias_corrected_limits(
    draws: Floats, estimates: Floats, confidence_level: float, jackknife: Floats | None = None
) -> Floats:
    """Bias-corrected limits of each column (BC), accelerated when the ``jackknife`` values (u × e) are given (BCa).

    z₀ is the normal quantile of the share of samples below the estimate, ties counted half; the acceleration is
    Σd³/(6(Σd²)^1.5) of the jackknife values' differences d from their mean, reversed. NaN where all samples lie on one
    side of the estimate.

    References
    ----------
    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association, 82,
    171–185. https://doi.org/10.1080/01621459.1987.10478410. R twin: ``boot::boot.ci(type = "bca")``.
    """
    there = ~np.isnan(draws)
    below = (
        np.where(there, draws < estimates, False).sum(axis=0) + np.where(there, draws == estimates, False).sum(0) / 2
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        bias = special.ndtri(below / there.sum(axis=0))
        acceleration = np.zeros(draws.shape[1])
        if jackknife is not None:
            d = np.nansum(jackknife, axis=0) / (~np.isnan(jackknife)).sum(axis=0) - jackknife
            acceleration = np.nansum(d**3, axis=0) / (6 * np.nansum(d**2, axis=0) ** 1.5)
        tail = special.ndtri((1 - confidence_level) / 2)
        moved = bias[:, None] + np.array([tail, -tail])
        shares = special.ndtr(bias[:, None] + moved / (1 - acceleration[:, None] * moved))
    return _quantiles(draws, np.where(np.isfinite(bias)[:, None], shares, np.nan))


def _quantiles(draws: Floats, shares: Floats) -> Floats:
    """Quantiles of type 7, at shares of its own for each column."""
    ordered = np.sort(draws, axis=0)  # NaN last
    counts = (~np.isnan(draws)).sum(axis=0)
    limits = np.full(shares.shape, np.nan)
    for column, n in enumerate(counts):
        if n and np.isfinite(shares[column]).all():
            at = shares[column] * (n - 1)
            low = np.minimum(at.astype(np.int64), n - 1)
            high = np.minimum(low + 1, n - 1)
            own = ordered[:, column]
            limits[column] = own[low] + (at - low) * (own[high] - own[low])
    return limits
