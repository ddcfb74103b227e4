"""Profile likelihood intervals for the coefficients and standard deviations of a mixed model."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from leadership_study.errors import ConvergenceError
from leadership_study.results import Note
from leadership_study.samples.mixed_model import MixedFit
from leadership_study.samples.mixed_model_search import Deviance, Parts, ValueAndSlope
from leadership_study.samples.mixed_model_structure import Floats

Interval = tuple[float, float]
Booleans = NDArray[np.bool_]


def coefficient_interval(fit: MixedFit, which: int, confidence_level: float = 0.95) -> Interval:
    """Values of coefficient ``which`` that a likelihood-ratio test does not reject.

    ``fit`` must be fitted by maximum likelihood; R twin: ``lme4::confint(method = "profile")``.
    """
    deviance = fit.deviance_of
    reach = float(np.sqrt(stats.chi2.ppf(confidence_level, 1)))
    std_error = float(np.sqrt(fit.covariance[which, which]))

    def excess(value: float) -> float:
        return _minimum(lambda theta: _with_coefficient(deviance, theta, which, value), fit.theta) - fit.deviance

    ends = [
        _crossing(excess, float(fit.coefficients[which]), side * reach * std_error, reach**2) for side in (-1.0, 1.0)
    ]
    return ends[0], ends[1]


def sigma_interval(fit: MixedFit, confidence_level: float = 0.95) -> Interval:
    """Profile interval of the residual standard deviation."""
    deviance, reach = fit.deviance_of, float(stats.chi2.ppf(confidence_level, 1))

    def excess(value: float) -> float:
        def fixed(theta: Floats) -> ValueAndSlope:
            found, slope = deviance.at(theta, value)
            return found, slope[:-1]

        return _minimum(fixed, fit.theta) - fit.deviance

    step = fit.sigma * np.sqrt(reach / (2 * deviance.df))
    return _crossing(excess, fit.sigma, -step, reach, floor=0.0), _crossing(excess, fit.sigma, step, reach)


def effect_interval(fit: MixedFit, factor: int, column: int, confidence_level: float = 0.95) -> Interval:
    """Profile interval of the standard deviation of one random effect; it may begin at 0."""
    deviance, reach = fit.deviance_of, float(stats.chi2.ppf(confidence_level, 1))
    scale = float(fit.structure.scales[factor][column])
    own = np.array([d.factor == factor and d.row == column for d in deviance.directions])
    at = float(np.sqrt(fit.covariances[factor][column, column]))
    start = np.append(fit.theta, np.log(fit.sigma))
    if not np.any(start[:-1][own]):
        start[:-1][own] = 0.1

    def excess(value: float) -> float:
        return _minimum(lambda free: _with_effect(deviance, free, own, value * scale), start) - fit.deviance

    step = max(at, 0.1 * fit.sigma / scale) / 2
    low = 0.0 if at == 0 or excess(0.0) <= reach else _crossing(excess, at, -step, reach, floor=0.0)
    return low, _crossing(excess, at, step, reach)


def _minimum(function: Callable[[Floats], ValueAndSlope], start: Floats) -> float:
    """The lowest value near ``start``, and near a start with effects of ordinary size."""
    starts = [start, np.where(np.abs(start) < 0.05, 0.05, start)] if (np.abs(start) < 0.05).any() else [start]
    found = [optimize.minimize(function, at, jac=True, method="BFGS", options={"gtol": 1e-6}) for at in starts]
    return min(float(one.fun) for one in found)


def _with_coefficient(deviance: Deviance, theta: Floats, which: int, value: float) -> ValueAndSlope:
    """Profiled deviance with one coefficient held at ``value``; its slopes follow from the best other ones."""
    found = deviance.eliminated(theta)
    parts = Parts(found, reml=False)
    row = deviance.ols.inverse_root[which]
    spread = parts.inverse @ row
    apart = value - float(deviance.ols.estimates[which] + row @ parts.coefficients)
    left = np.append(-(parts.coefficients + spread * apart / float(row @ spread)), 1.0)
    squares = float(left @ found.matrix @ left)
    slopes = np.einsum("i,kij,j->k", left, found.slopes, left)
    logs = deviance.df * (1 + np.log(2 * np.pi * squares / deviance.df))
    return float(parts.logs + logs), parts.log_slopes + deviance.df * slopes / squares


def _with_effect(deviance: Deviance, free: Floats, own: Booleans, size: float) -> ValueAndSlope:
    """Deviance with a row of T held at the length ``size``/σ; ``free`` holds the row's direction and ln σ."""
    theta, sigma = free[:-1].copy(), float(np.exp(free[-1]))
    length = float(np.linalg.norm(theta[own]))
    towards = theta[own] / length
    ratio = size / sigma
    theta[own] = ratio * towards
    value, slope = deviance.at(theta, sigma)
    moved = slope.copy()
    moved[-1] = slope[-1] * sigma - ratio * float(towards @ slope[:-1][own])
    moved[:-1][own] = ratio / length * (slope[:-1][own] - towards * float(towards @ slope[:-1][own]))
    return value, moved


def _crossing(
    excess: Callable[[float], float], centre: float, step: float, reach: float, *, floor: float = -np.inf
) -> float:
    """Where ``excess`` first reaches ``reach`` on one side of ``centre``."""
    inside, outside = centre, max(centre + step, floor + (centre - floor) / 1e6 if np.isfinite(floor) else floor)
    for _ in range(60):
        if excess(outside) > reach:
            found = optimize.brentq(lambda at: excess(at) - reach, inside, outside, xtol=1e-10, rtol=1e-9)
            return float(found)
        inside, step = outside, step * 1.5
        outside = max(inside + step, (inside + floor) / 2) if np.isfinite(floor) else inside + step
    raise ConvergenceError(
        Note("profile_without_end", "The likelihood does not fall far enough for a profile interval to end.")
    )
