"""Wild cluster bootstrap of single coefficients: tests and intervals that hold with few clusters.

Each draw gives every cluster's residuals one random weight. All that a draw changes can be worked out from one number
a cluster and one square matrix of clusters by clusters, so no draw touches the rows.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadership_study.samples.least_squares import LeastSquares

MOST_ENUMERATED = 12
"""Up to this many clusters all 2^G sign patterns are taken instead of draws."""

_SAME = 1e-9  # t statistics closer than this are the same pattern but for rounding
_WEBB = np.array([-(1.5**0.5), -1.0, -(0.5**0.5), 0.5**0.5, 1.0, 1.5**0.5])
_WIDEST = 1e4  # half an interval is at most this many standard errors


@dataclass(frozen=True, kw_only=True)
class WildTest:
    """Bootstrap test of one coefficient; NaN where it has no error."""

    p_value: float
    ci_low: float
    ci_high: float


def wild_weights(n_clusters: int, draws: int, seed: int) -> NDArray[np.float64]:
    """Weights of the clusters, G × draws: all sign patterns with up to 12 clusters, else draws of Webb's six values.

    References
    ----------
    Webb, M. D. (2023). Canadian Journal of Economics, 56, 839–858. https://doi.org/10.1111/caje.12661
    """
    if n_clusters <= MOST_ENUMERATED:
        return np.array(list(itertools.product((1.0, -1.0), repeat=n_clusters))).T
    return np.asarray(np.random.default_rng(seed).choice(_WEBB, size=(n_clusters, draws)))


def wild_tests(
    fit: LeastSquares, codes: NDArray[np.int64], weights: NDArray[np.float64], *, confidence_level: float = 0.95
) -> list[WildTest]:
    """Test of each coefficient with the null hypothesis imposed, and the interval of the values not rejected.

    Parameters
    ----------
    fit : LeastSquares
        With p coefficients.
    codes : array of n whole numbers
        Cluster of each row, 0 … G − 1.
    weights : array, G × draws
        From `wild_weights`.
    confidence_level : float
        The interval inverts the test at 1 − this level.

    Returns
    -------
    list of p WildTest

    Notes
    -----
    For the hypothesis β = b, the outcome of a draw is the fit without that column (b times it taken off first) plus the
    residuals of that fit, times the weight of their cluster. The p value is the share of draws whose
    |t| is that of the data or larger, t with the unadjusted cluster-robust error; among random draws the data count as
    one. With all sign patterns the two that leave the data as they are, or turn all, belong to them.

    References
    ----------
    Cameron, A. C., Gelbach, J. B., & Miller, D. L. (2008). Review of Economics and Statistics, 90, 414–427.
    https://doi.org/10.1162/rest.90.3.414. R twin: ``fwildclusterboot::boottest``.
    """
    found = []
    groups = int(codes.max()) + 1
    enumerated = groups <= MOST_ENUMERATED
    for at in range(len(fit.terms)):
        pieces = _pieces(fit, codes, groups, at)
        found.append(_tested(fit, pieces, at, weights, enumerated, confidence_level))
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pieces:
    """Parts of the bootstrap statistic of one coefficient, for the outcome (y) and for its own column (x).

    ``own`` is each cluster's part of the estimate of a draw; ``spread`` makes each cluster's score of the draw from the
    weights. Both are linear in the hypothetical value b: y − b·x.
    """

    own_y: NDArray[np.float64]
    own_x: NDArray[np.float64]
    spread_y: NDArray[np.float64]
    spread_x: NDArray[np.float64]
    error: float


def _pieces(fit: LeastSquares, codes: NDArray[np.int64], groups: int, at: int) -> _Pieces:
    direction = fit.basis @ fit.inverse_root[at]  # (X'X)⁻¹X' of this coefficient: one number a row
    rest = np.delete(np.arange(len(fit.terms)), at)
    column = fit.design[:, at]
    others, _ = np.linalg.qr(fit.design[:, rest])
    bare_x = column - others @ (others.T @ column)
    bare_y = fit.residuals + fit.estimates[at] * bare_x  # residuals of the fit without this column
    by_basis = np.stack([np.bincount(codes, direction * fit.basis[:, j], groups) for j in range(len(fit.terms))], 1)

    def parts(bare: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        own = np.bincount(codes, direction * bare, groups).astype(np.float64)
        loadings = np.stack([np.bincount(codes, fit.basis[:, j] * bare, groups) for j in range(len(fit.terms))])
        return own, np.diag(own) - by_basis @ loadings

    own_y, spread_y = parts(bare_y)
    own_x, spread_x = parts(bare_x)
    scores = np.bincount(codes, direction * fit.residuals, groups)
    return _Pieces(own_y=own_y, own_x=own_x, spread_y=spread_y, spread_x=spread_x, error=float(scores @ scores) ** 0.5)


def _tested(
    fit: LeastSquares,
    pieces: _Pieces,
    at: int,
    weights: NDArray[np.float64],
    enumerated: bool,
    level: float,
) -> WildTest:
    independent = (fit.sigma_squared * fit.unscaled_covariance[at, at]) ** 0.5
    if fit.is_exact or pieces.error <= 1e-8 * independent:
        return WildTest(p_value=np.nan, ci_low=np.nan, ci_high=np.nan)
    drawn_y, drawn_x = pieces.own_y @ weights, pieces.own_x @ weights
    spread_y, spread_x = pieces.spread_y @ weights, pieces.spread_x @ weights
    # Σ (score_y − b score_x)² is a quadratic in b: three numbers a draw.
    squares = (spread_y**2).sum(axis=0), (spread_y * spread_x).sum(axis=0), (spread_x**2).sum(axis=0)
    estimate = float(fit.estimates[at])

    def p_value(value: float) -> float:
        t = abs(estimate - value) / pieces.error
        variance = squares[0] - 2 * value * squares[1] + value**2 * squares[2]
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn: NDArray[np.float64] = np.abs(drawn_y - value * drawn_x) / np.sqrt(np.maximum(variance, 0))
        as_large = int((drawn >= t * (1 - _SAME)).sum())
        draws = int(weights.shape[1])
        return as_large / draws if enumerated else (as_large + 1) / (draws + 1)

    low = _limit(p_value, estimate, -pieces.error, 1 - level)
    high = _limit(p_value, estimate, pieces.error, 1 - level)
    return WildTest(p_value=p_value(0.0), ci_low=low, ci_high=high)


def _limit(p_value: Callable[[float], float], estimate: float, step: float, alpha: float) -> float:
    """Value farthest from ``estimate`` in the direction of ``step`` that is not rejected; infinite when none is."""
    inside, outside = 0.0, 2.0
    while p_value(estimate + outside * step) > alpha:
        inside, outside = outside, 2 * outside
        if outside > _WIDEST:
            return float(np.copysign(np.inf, step))
    for _ in range(40):
        middle = (inside + outside) / 2
        if p_value(estimate + middle * step) > alpha:
            inside = middle
        else:
            outside = middle
    return float(estimate + outside * step)
