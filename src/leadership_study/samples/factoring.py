"""Common factors out of a correlation matrix: minimum residuals, maximum likelihood, principal axes, components.

Kernels on arrays. Minimum residuals and maximum likelihood are functions of the uniquenesses alone once the loadings
are profiled out, so each is minimised over ``p`` bounded parameters by a projected Newton method with the exact
Hessian; a quasi-Newton run takes over where that stalls.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Floats = NDArray[np.float64]
Method = Literal["minres", "ml", "paf", "principal"]
Evaluation = tuple[float, Floats, Floats, Floats]
"""Objective, gradient, Hessian, and the Hessian's positive semi-definite part."""

LOWEST_UNIQUENESS = 0.005
"""Bound of the search (as R's factanal and psych); a uniqueness at or below it is a Heywood case."""

_GRADIENT = 1e-10
_STEPS = 100


@dataclass(frozen=True)
class Extraction:
    """Unrotated factors.

    ``loadings`` (items × factors) are in principal-axis orientation, the factor that explains most first, each column
    with a non-negative sum; ``uniquenesses`` are 1 − the rows' sums of squared loadings; ``heywood`` lists the
    positions of items whose uniqueness reached the bound; ``objective`` is the minimised function.
    """

    loadings: Floats
    uniquenesses: Floats
    objective: float
    converged: bool
    iterations: int
    heywood: tuple[int, ...]


def extract(
    correlation: Floats,
    n_factors: int,
    *,
    method: Method = "minres",
    tolerance: float = 1e-8,
    max_iterations: int = 1000,
) -> Extraction:
    """Extract ``n_factors`` factors from a correlation matrix.

    Parameters
    ----------
    correlation : array (p, p)
        Symmetric, ones on the diagonal.
    n_factors : int
        1 … p − 1 (p for components).
    method
        ``minres``: Σ of squared off-diagonal residuals (Harman & Jones, 1966, https://doi.org/10.1007/BF02289468), the
        same as unweighted least squares. ``ml``: maximum likelihood (Jöreskog, 1967,
        https://doi.org/10.1007/BF02289658). ``paf``: principal axes, communalities iterated from squared multiple
        correlations. ``principal``: principal components, no uniquenesses in the model.
    tolerance, max_iterations
        Of ``paf`` only: it stops when the sum of the communalities changes less. Minimum residuals and maximum
        likelihood go to a projected gradient below 1e-10 or as far as rounding allows.

    Raises
    ------
    InsufficientDataError
        Maximum likelihood of a matrix that is not positive definite.
    ValueError
        An unknown method, or a number of factors that the matrix cannot have.

    Notes
    -----
    R twins: ``psych::fa(fm = "minres" | "ml" | "pa")``, ``stats::factanal``, ``psych::principal``, all unrotated.
    """
    correlation = np.asarray(correlation, dtype=np.float64)
    p = len(correlation)
    if method not in get_args(Method):
        raise ValueError(
            f"The 'method' parameter of extract must be one of {get_args(Method)}. Got {method!r} instead."
        )
    highest = p if method == "principal" else p - 1
    if not 1 <= n_factors <= highest:
        raise ValueError(
            f"The 'n_factors' parameter of extract must be from 1 to {highest} for {p} items. Got {n_factors} instead."
        )
    if method == "principal":
        loadings = _principal_axes(correlation, n_factors)
        objective = float(np.sum((correlation - loadings @ loadings.T) ** 2) / 2)
        return _finish(loadings, objective, True, 1, heywood=False)
    if method == "paf":
        return _principal_axis_factoring(correlation, n_factors, tolerance, max_iterations)
    start = 1 - squared_multiple_correlations(correlation)
    if method == "ml":
        if np.linalg.eigvalsh(correlation)[0] <= 1e-10 * p:
            raise InsufficientDataError(NOT_POSITIVE_DEFINITE)
        start = np.clip(start * (1 - n_factors / (2 * p)), LOWEST_UNIQUENESS, 1.0)
        log_bounds = (np.log(LOWEST_UNIQUENESS), 0.0)
        minimum = _minimise(lambda x: _likelihood(x, correlation, n_factors), np.log(start), log_bounds)
        psi = np.exp(minimum.x)
        loadings = np.sqrt(psi)[:, None] * _principal_axes(correlation / np.sqrt(np.outer(psi, psi)), n_factors, 1.0)
    else:
        start = np.clip(start, LOWEST_UNIQUENESS, 1.0)
        bounds = (LOWEST_UNIQUENESS, 1.0)
        minimum = _minimise(lambda x: _residuals(x, correlation, n_factors), start, bounds)
        loadings = _principal_axes(correlation - np.diag(minimum.x), n_factors)
    return _finish(loadings, minimum.objective, minimum.converged, minimum.iterations)


NOT_POSITIVE_DEFINITE = Note(
    "correlation_not_positive_definite",
    "The correlation matrix of the items is not positive definite (items that repeat each other, fewer respondents "
    "than items, or pairwise deletion), so maximum likelihood has no solution; leave out the redundant items or use "
    "minres.",
)


def squared_multiple_correlations(correlation: Floats) -> Floats:
    """Share of each item's variance that the other items explain, 1 − 1/diag(R⁻¹).

    Of a singular matrix, where it is not defined by the inverse, the pseudo-inverse gives the regression on the
    others: an item that they determine has 1. R twin: ``psych::smc``.
    """
    values, vectors = np.linalg.eigh(correlation)
    if values[0] > 1e-10 * len(values):
        return np.asarray(1 - 1 / np.sum(vectors**2 / values, axis=1))
    smc = np.empty(len(correlation))
    for item in range(len(correlation)):
        others = np.delete(np.arange(len(correlation)), item)
        r = correlation[others, item]
        smc[item] = r @ np.linalg.pinv(correlation[np.ix_(others, others)], hermitian=True) @ r
    return np.clip(smc, 0.0, 1.0)


# --- the two functions of the uniquenesses ---------------------------------------------------------------------------


def _residuals(psi: Floats, correlation: Floats, n_factors: int) -> Evaluation:
    # ½ Σ of the squared eigenvalues of R − Ψ that the factors leave; at its interior minimum the diagonal residuals
    # are 0, so the off-diagonal residuals are what is minimised.
    values, vectors = np.linalg.eigh(correlation - np.diag(psi))
    left = _left_over(values, n_factors, 0.0)
    theta, rest = values[left], vectors[:, left]
    kept, axes = values[~left], vectors[:, ~left]
    gradient = -(rest**2) @ theta
    definite = (rest @ rest.T) ** 2
    weights = 2 * theta[:, None] / (theta[:, None] - kept[None, :])
    return float(theta @ theta) / 2, gradient, definite + _cross(rest, axes, weights), definite


def _likelihood(log_psi: Floats, correlation: Floats, n_factors: int) -> Evaluation:
    # Σ (θ − log θ − 1) over the eigenvalues of Ψ^−½ R Ψ^−½ that the factors leave, as a function of log Ψ.
    scale = np.exp(-log_psi / 2)
    values, vectors = np.linalg.eigh(correlation * np.outer(scale, scale))
    left = _left_over(values, n_factors, 1.0)
    theta, rest = values[left], vectors[:, left]
    kept, axes = values[~left], vectors[:, ~left]
    gradient = (rest**2) @ (1 - theta)
    definite = ((rest * theta) @ rest.T) * (rest @ rest.T)
    weights = (1 - theta[:, None]) * (theta[:, None] + kept[None, :]) / (kept[None, :] - theta[:, None])
    return float(np.sum(theta - np.log(theta) - 1)), gradient, definite + _cross(rest, axes, weights), definite


def _left_over(values: Floats, n_factors: int, floor: float) -> NDArray[np.bool_]:
    # ``values`` ascend; a factor can only take an eigenvalue above the floor.
    left = values <= floor
    left[: len(values) - n_factors] = True
    return left


def _cross(rest: Floats, axes: Floats, weights: Floats) -> Floats:
    # Σ over (m left, n kept) of w_mn v_im v_jm v_in v_jn
    total = np.zeros((len(rest), len(rest)))
    for column in range(axes.shape[1]):
        total += np.outer(axes[:, column], axes[:, column]) * ((rest * weights[:, column]) @ rest.T)
    return total


# --- projected Newton ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Minimum:
    x: Floats
    objective: float
    converged: bool
    iterations: int


def _minimise(function: Callable[[Floats], Evaluation], start: Floats, bounds: tuple[float, float]) -> _Minimum:
    found = _newton(function, start, bounds)
    if found.converged:
        return found
    rough = optimize.minimize(  # type: ignore[call-overload]
        lambda x: function(x)[0], np.asarray(found.x).reshape(-1), jac=lambda x: function(x)[1], method="L-BFGS-B",
        bounds=[bounds] * len(start), options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    polished = _newton(function, np.clip(rough.x, *bounds), bounds)
    return _Minimum(
        polished.x, polished.objective, polished.converged, found.iterations + int(rough.nit) + polished.iterations
    )


def _newton(function: Callable[[Floats], Evaluation], start: Floats, bounds: tuple[float, float]) -> _Minimum:
    low, high = bounds
    x = np.clip(start, low, high)
    value, gradient, hessian, definite = function(x)
    for iteration in range(_STEPS):
        at_bound = ((x <= low) & (gradient > 0)) | ((x >= high) & (gradient < 0))
        free = ~at_bound
        size = float(np.max(np.abs(gradient[free]), initial=0.0))
        if size < _GRADIENT:
            return _Minimum(x, value, True, iteration)
        step = _step(x, gradient, hessian, definite, at_bound, bounds)
        if size < 1e-5 and -float(gradient @ step) < 1e-14 * max(1.0, abs(value)):
            # The function cannot tell this step from rounding any more; the step itself still doubles the digits.
            return _Minimum(np.clip(x + step, low, high), value, True, iteration + 1)
        length = 1.0
        while True:
            trial = np.clip(x + length * step, low, high)
            evaluated = function(trial)
            if evaluated[0] <= value + 1e-4 * length * float(gradient @ step):
                break
            length /= 2
            if length < 1e-10:
                return _Minimum(x, value, size < 1e-6, iteration)
        x, (value, gradient, hessian, definite) = trial, evaluated
    return _Minimum(x, value, False, _STEPS)


def _step(
    x: Floats,
    gradient: Floats,
    hessian: Floats,
    definite: Floats,
    fixed: NDArray[np.bool_],
    bounds: tuple[float, float],
) -> Floats:
    # Newton step within the bounds: a coordinate that would cross one goes there, and the others are solved for again.
    low, high = bounds
    step = np.zeros_like(x)
    fixed = fixed.copy()
    while not fixed.all():
        free = ~fixed
        pull = gradient[free] + _curvature(hessian, definite, free, fixed) @ step[fixed]
        step[free] = _direction(pull, hessian[np.ix_(free, free)], definite[np.ix_(free, free)])
        crossing = free & ((x + step < low) | (x + step > high))
        if not crossing.any():
            break
        step[crossing] = np.where(step[crossing] < 0, low, high) - x[crossing]
        fixed |= crossing
    if gradient @ step < 0:
        return step
    return np.clip(x - gradient, low, high) - x  # always downhill


def _curvature(hessian: Floats, definite: Floats, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Floats:
    block = np.ix_(rows, rows)
    matrix = hessian if _is_definite(hessian[block]) else definite
    return np.asarray(matrix[np.ix_(rows, columns)])


def _direction(gradient: Floats, hessian: Floats, definite: Floats) -> Floats:
    # The exact Hessian where it is positive definite, else its positive semi-definite part with a small ridge.
    matrix = hessian if _is_definite(hessian) else definite + 1e-6 * np.eye(len(gradient))
    return np.asarray(-np.linalg.solve(matrix, gradient))


def _is_definite(matrix: Floats) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


# --- loadings --------------------------------------------------------------------------------------------------------


def _principal_axes(matrix: Floats, n_factors: int, subtract: float = 0.0) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    top = values[::-1][:n_factors] - subtract
    return np.asarray(vectors[:, ::-1][:, :n_factors] * np.sqrt(np.maximum(top, 0.0)))


def _principal_axis_factoring(correlation: Floats, n_factors: int, tolerance: float, max_iterations: int) -> Extraction:
    communalities = squared_multiple_correlations(correlation)
    change, iterations = np.inf, 0
    reduced = correlation.copy()
    loadings = np.zeros((len(correlation), n_factors))
    while change > tolerance and iterations < max_iterations:
        np.fill_diagonal(reduced, communalities)
        loadings = _principal_axes(reduced, n_factors)
        new = np.sum(loadings**2, axis=1)
        change = abs(float(new.sum() - communalities.sum()))
        communalities, iterations = new, iterations + 1
    residual = correlation - loadings @ loadings.T
    np.fill_diagonal(residual, 0.0)
    return _finish(loadings, float(np.sum(residual**2) / 2), change <= tolerance, iterations)


def _finish(
    loadings: Floats, objective: float, converged: bool, iterations: int, *, heywood: bool = True
) -> Extraction:
    order = np.argsort(-np.sum(loadings**2, axis=0), kind="stable")
    loadings = loadings[:, order]
    loadings = loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    uniquenesses = 1 - np.sum(loadings**2, axis=1)
    at_bound = np.flatnonzero(uniquenesses <= LOWEST_UNIQUENESS * (1 + 1e-6)) if heywood else ()
    return Extraction(loadings, uniquenesses, objective, converged, iterations, tuple(int(i) for i in at_bound))
