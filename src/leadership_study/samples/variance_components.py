"""Variance between groups, between units inside them and between raters, by restricted maximum likelihood (REML).

The likelihood of a random-intercept model without predictors needs only the sizes, means and inner sums of squares of
the units, so each evaluation costs as much as there are units, not raters.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from leadership_study.errors import ConvergenceError
from leadership_study.results import Note

_START_SHARES = (0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.9, 0.99)
_HIGHEST_SHARE = 1 - 1e-9


@dataclass(frozen=True, kw_only=True)
class Components:
    """Variances of a random-intercept model and −2 log REML likelihood at its optimum.

    ``group`` is between the outer groups, ``unit`` between units inside a group (0 when there is no such level),
    ``residual`` between raters inside a unit.
    """

    group: float
    unit: float
    residual: float
    deviance: float


def two_levels(sizes: NDArray[np.int64], means: NDArray[np.float64], within: NDArray[np.float64]) -> Components:
    """Fit raters in groups.

    Parameters
    ----------
    sizes, means, within : arrays of g numbers
        Raters, mean and sum of squared deviations from the mean, group by group.

    Notes
    -----
    With λ = σ²_group/σ² and the weights w = n/(1 + nλ), REML minimises (N − 1) ln Q + Σ ln(1 + nλ) + ln Σw, where
    Q = Σ within + Σ w (mean − μ)² and μ is the weighted mean; then σ² = Q/(N − 1). The search runs over the share
    λ/(1 + λ), 0 included. R twin: ``lme4::lmer(y ~ 1 + (1|group))``.
    """
    total_within, n = float(within.sum()), int(sizes.sum())
    if total_within == 0:  # raters of a group agree to the last digit: the likelihood has no bound
        return Components(group=float(means.var(ddof=1)), unit=0.0, residual=0.0, deviance=-np.inf)

    def profile(share: float) -> tuple[float, float, float]:
        ratio = share / (1 - share)
        weight = sizes / (1 + sizes * ratio)
        mean = (weight * means).sum() / weight.sum()
        residual = (total_within + (weight * (means - mean) ** 2).sum()) / (n - 1)
        deviance = (n - 1) * (1 + np.log(2 * np.pi * residual)) + np.log1p(sizes * ratio).sum() + np.log(weight.sum())
        return float(deviance), ratio * residual, residual

    share = _lowest(lambda at: profile(at)[0])
    deviance, group, residual = profile(share)
    return Components(group=float(group), unit=0.0, residual=float(residual), deviance=deviance)


def three_levels(
    sizes: NDArray[np.int64], means: NDArray[np.float64], within: NDArray[np.float64], outer: NDArray[np.int64]
) -> Components:
    """Fit raters in units (schools) in groups (heads).

    Parameters
    ----------
    sizes, means, within : arrays of u numbers
        Raters, mean and sum of squared deviations from the mean, unit by unit.
    outer : array of u whole numbers
        Group of each unit, 0 … g − 1.

    Notes
    -----
    As `two_levels`, each group's block inverted by the Woodbury identity: with λ_u, λ_g the ratios to σ²,
    w = n/(1 + nλ_u) for a unit and W = Σw over a group's units, the determinant gains Π(1 + λ_g W) and the quadratic
    form loses λ_g (Σw(mean − μ))²/(1 + λ_g W). Both variances may be 0. R twin: ``lmer(y ~ 1 + (1|group/unit))``.

    Raises
    ------
    ConvergenceError
        When the search does not settle.
    """
    total_within, n = float(within.sum()), int(sizes.sum())
    if total_within == 0:
        raise ConvergenceError(
            Note(
                "raters_all_agree", "Raters of the same unit all agree, so the variances of three levels have no bound."
            )
        )
    groups = int(outer.max()) + 1

    def profile(unit_ratio: float, group_ratio: float) -> tuple[float, float]:
        weight = sizes / (1 + sizes * unit_ratio)
        block = np.bincount(outer, weight, groups)
        block_mean = np.bincount(outer, weight * means, groups) / block
        block_weight = block / (1 + group_ratio * block)
        mean = (block_weight * block_mean).sum() / block_weight.sum()
        inside = (weight * (means - block_mean[outer]) ** 2).sum()
        residual = (total_within + inside + (block_weight * (block_mean - mean) ** 2).sum()) / (n - 1)
        deviance = (
            (n - 1) * (1 + np.log(2 * np.pi * residual))
            + np.log1p(sizes * unit_ratio).sum()
            + np.log1p(block * group_ratio).sum()
            + np.log(block_weight.sum())
        )
        return float(deviance), float(residual)

    def of_roots(roots: NDArray[np.float64]) -> float:
        return profile(roots[0] ** 2, roots[1] ** 2)[0]

    # The borders first: one variance 0, a search in one dimension each.
    def ratio(share: float) -> float:
        return share / (1 - share)

    only_units = _lowest(lambda share: profile(ratio(share), 0.0)[0])
    only_groups = _lowest(lambda share: profile(0.0, ratio(share))[0])
    found = [(ratio(only_units), 0.0), (0.0, ratio(only_groups))]
    starts = [*found, (ratio(only_units) / 2, ratio(only_groups) / 2), (0.05, 0.05), (0.3, 0.3)]
    settled = False
    for start in starts:
        at = np.maximum(np.sqrt(start), 0.05)
        search = optimize.minimize(of_roots, at, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9})
        settled = settled or bool(search.success)
        found.append((float(search.x[0] ** 2), float(search.x[1] ** 2)))
    if not settled:
        raise ConvergenceError(
            Note("variances_not_found", "The search for the variances of three levels did not settle.")
        )
    best = min(found, key=lambda ratios: profile(*ratios)[0])
    deviance, residual = profile(*best)
    return Components(unit=best[0] * residual, group=best[1] * residual, residual=residual, deviance=deviance)


def _lowest(deviance: Callable[[float], float]) -> float:
    """Return the share in 0 … 1 with the lowest deviance: a grid first, for there may be two valleys."""
    grid = (0.0, *_START_SHARES, _HIGHEST_SHARE)
    at = int(np.argmin([deviance(share) for share in grid]))
    low, high = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
    search = optimize.minimize_scalar(deviance, bounds=(low, high), method="bounded", options={"xatol": 1e-13})
    return min((float(search.x), grid[at]), key=deviance)
