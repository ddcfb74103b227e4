"""Maximum likelihood of one common factor without bounds: a residual variance may turn out negative."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from leadership_study.samples.factoring import extract

Floats = NDArray[np.float64]

_STEPS = 200
_GRADIENT = 1e-9


@dataclass(frozen=True)
class OneFactor:
    """Loadings and residual variances of standardised items, with the minimised discrepancy."""

    loadings: Floats
    residuals: Floats
    discrepancy: float
    converged: bool
    iterations: int


def one_factor(correlation: Floats, *, near: Floats | None = None) -> OneFactor:
    """Fit Σ = λλ′ + diag(θ) by the smallest log|Σ| + tr(RΣ⁻¹) − log|R| − p, over all λ and θ that leave Σ definite.

    The solutions of the bounded search, from its one start and from several, are where the steps begin; they are of
    Fisher scoring, halved until the discrepancy falls, and quasi-Newton where that creeps. Maximum likelihood does not
    depend on the items' scales, so the correlations stand for the covariances. ``near`` are residual variances
    close to the solution, such as those of nearly the same items: a proper solution that they lead to is taken, and
    nothing else is searched.

    Raises
    ------
    InsufficientDataError
        The matrix is not positive definite.

    Notes
    -----
    Jöreskog (1969, https://doi.org/10.1007/BF02289343). R twin: ``lavaan::cfa(std.lv = TRUE)``.
    """
    if near is not None:
        found = extract(correlation, 1, method="ml", starts="one", near=near)
        if found.converged and not found.heywood:  # within the bounds, so stationary without them too
            return OneFactor(found.loadings[:, 0], found.uniquenesses, found.objective, True, found.iterations)
    ends = []
    several = extract(correlation, 1, method="ml")
    one = extract(correlation, 1, method="ml", starts="one")
    for start in (several, one) if several.minima > 1 else (several,):
        end = _score(correlation, start.loadings[:, 0], start.uniquenesses)
        ends.append(end if end.converged else _quasi_newton(correlation, end))
    return min(ends, key=lambda end: (not end.converged, end.discrepancy))


def _score(correlation: Floats, loadings: Floats, residuals: Floats) -> OneFactor:
    p = len(correlation)
    x = np.concatenate([loadings, residuals])
    value = _discrepancy(x, correlation)
    for iteration in range(_STEPS):
        gradient, information = derivatives(x, correlation)
        if float(np.max(np.abs(gradient))) < _GRADIENT:
            return OneFactor(x[:p], x[p:], value, True, iteration)
        step = -np.linalg.lstsq(information, gradient, rcond=None)[0]
        slope, length = float(gradient @ step), 1.0
        while (new := _discrepancy(x + length * step, correlation)) > value + 1e-4 * length * slope:
            length /= 2
            if length < 1e-10:
                # Rounding hides any further fall; far from a stationary point that is a failure.
                return OneFactor(x[:p], x[p:], value, bool(np.max(np.abs(gradient)) < 1e-6), iteration)
        x, value = x + length * step, new
    return OneFactor(x[:p], x[p:], value, False, _STEPS)


def _quasi_newton(correlation: Floats, after: OneFactor) -> OneFactor:
    # Where the model is far off, the expected Hessian is far from the actual one, and scoring creeps.
    p = len(correlation)
    found = optimize.minimize(  # type: ignore[call-overload]
        lambda x: _discrepancy(x, correlation), np.concatenate([after.loadings, after.residuals]),
        jac=lambda x: derivatives(x, correlation)[0], method="BFGS", options={"gtol": _GRADIENT, "maxiter": 2000},
    )  # fmt: skip
    x, gradient = found.x, derivatives(found.x, correlation)[0]
    stationary = bool(np.max(np.abs(gradient)) < 1e-6)
    return OneFactor(x[:p], x[p:], float(found.fun), stationary, after.iterations + int(found.nit))


def _discrepancy(x: Floats, correlation: Floats) -> float:
    p = len(correlation)
    implied = np.outer(x[:p], x[:p]) + np.diag(x[p:])
    try:
        np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return float("inf")
    logs = np.linalg.slogdet(implied)[1] - np.linalg.slogdet(correlation)[1]
    return float(logs + np.trace(np.linalg.solve(implied, correlation)) - p)


def derivatives(x: Floats, correlation: Floats) -> tuple[Floats, Floats]:
    """Gradient tr(Σ⁻¹(Σ − R)Σ⁻¹ dΣ) and expected Hessian tr(Σ⁻¹ dΣ Σ⁻¹ dΣ′) of the discrepancy: the λ, then the θ."""
    p = len(correlation)
    loadings, residuals = x[:p], x[p:]
    implied = np.outer(loadings, loadings) + np.diag(residuals)
    inverse = np.linalg.inv(implied)
    apart = inverse @ (implied - correlation) @ inverse
    gradient = np.concatenate([2 * apart @ loadings, np.diag(apart)])
    along = inverse @ loadings
    information = np.empty((2 * p, 2 * p))
    information[:p, :p] = 2 * ((loadings @ along) * inverse + np.outer(along, along))
    information[p:, p:] = inverse**2
    information[:p, p:] = 2 * inverse * along
    information[p:, :p] = information[:p, p:].T
    return gradient, information
