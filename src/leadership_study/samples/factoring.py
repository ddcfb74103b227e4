"""Common factors out of a correlation matrix: minimum residuals, maximum likelihood, principal axes, components.

Kernels on arrays. Minimum residuals and maximum likelihood are functions of the uniquenesses alone once the loadings
are profiled out, so each is minimised over ``p`` bounded parameters by Newton steps with the exact Hessian. Weak
factors give these functions several minima, mostly with another item's uniqueness at its bound, so a search that does
not go down one convex slope is repeated from a start at each item's bound. A proper solution is never given up for an
improper one that reproduces the correlations slightly better.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.bounded_newton import Evaluation, Function, Minimum, lowest_of, minimum_near

Floats = NDArray[np.float64]
Method = Literal["minres", "ml", "paf", "principal"]
Starts = Literal["several", "one"]

LOWEST_UNIQUENESS = 0.005
"""Bound of the search (as R's factanal and psych); a uniqueness at or below it is a Heywood case."""

_FEW_ITEMS = 12
"""So few are searched from every start whatever the first found: it takes no time."""


@dataclass(frozen=True)
class Extraction:
    """Unrotated factors.

    ``loadings`` (items × factors) are in principal-axis orientation, the factor that explains most first, each column
    with a non-negative sum; ``uniquenesses`` are 1 − the rows' sums of squared loadings; ``heywood`` lists the
    positions of items whose uniqueness reached the bound; ``objective`` is the minimised function, ``minima`` how many
    different minima of it the starts led to, and ``passed_over`` whether a lower one was improper and not taken.
    """

    loadings: Floats
    uniquenesses: Floats
    objective: float
    converged: bool
    iterations: int
    heywood: tuple[int, ...]
    minima: int = 1
    passed_over: bool = False


def extract(
    correlation: Floats,
    n_factors: int,
    *,
    method: Method = "minres",
    tolerance: float = 1e-8,
    max_iterations: int = 1000,
    starts: Starts = "several",
    near: Floats | None = None,
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
    starts : {"several", "one"}
        Minimum residuals and maximum likelihood start from the squared multiple correlations. ``several``: unless that
        search went down one convex slope to a minimum within the bounds, it is repeated by a quasi-Newton method and
        from one start an item, and the lowest minimum is kept; when the first start led to a proper solution, the
        lowest proper one. ``one``: the first minimum is taken, as R does.
    near : array (p,), optional
        Uniquenesses to start from instead.

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
    start = 1 - squared_multiple_correlations(correlation) if near is None else near
    if method == "ml":
        if np.linalg.eigvalsh(correlation)[0] <= 1e-10 * p:
            raise InsufficientDataError(NOT_POSITIVE_DEFINITE)
        start = np.clip(start * (1 - n_factors / (2 * p) if near is None else 1), LOWEST_UNIQUENESS, 1.0)
        log_bounds = (float(np.log(LOWEST_UNIQUENESS)), 0.0)
        minimum = _search(lambda x: _likelihood(x, correlation, n_factors), log_bounds, np.log(start), starts)
        psi = np.exp(minimum.x)
        loadings = np.sqrt(psi)[:, None] * _principal_axes(correlation / np.sqrt(np.outer(psi, psi)), n_factors, 1.0)
    else:
        start = np.clip(start, LOWEST_UNIQUENESS, 1.0)
        minimum = _search(lambda x: _residuals(x, correlation, n_factors), (LOWEST_UNIQUENESS, 1.0), start, starts)
        loadings = _principal_axes(correlation - np.diag(minimum.x), n_factors)
    found = _finish(loadings, minimum.objective, minimum.converged, minimum.iterations)
    return replace(found, minima=minimum.minima, passed_over=minimum.passed_over)


def _search(function: Function, bounds: tuple[float, float], start: Floats, starts: Starts) -> Minimum:
    near = minimum_near(function, bounds, start)
    if starts == "one" or (near.smooth and len(start) > _FEW_ITEMS):
        return near
    found = lowest_of(function, bounds, start, _each_at_its_bound(start, bounds[0]))
    if found.smooth and found.minima == 1:
        return found
    # Once more from the lowest: another item at its bound beside those that are there, or one of them let go.
    others = _each_at_its_bound(found.x, bounds[0])
    others = np.where(others == found.x, np.where(np.eye(len(start), dtype=bool), start, others), others)
    return lowest_of(function, bounds, start, others, after=found)


def _each_at_its_bound(start: Floats, bound: float) -> Floats:
    others = np.tile(start, (len(start), 1))
    np.fill_diagonal(others, bound)
    return others


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
    for axis, weight in zip(axes.T, weights.T, strict=True):
        total += axis[:, None] * axis * ((rest * weight) @ rest.T)
    return total


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
