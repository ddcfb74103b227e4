"""Where the deviance of a mixed model is lowest, the borders of the parameter space included.

The entries of the factor T may have any sign: turning a column of T round changes nothing, so a variance of 0 is an
ordinary stationary point of a smooth function and no bound is needed. Newton steps in a trust region leave it again
when the deviance falls on its other sides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy import optimize

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.least_squares import LeastSquares
from leadership_study.samples.mixed_model_elimination import Direction, Eliminated, directions_of, eliminate, factors_of
from leadership_study.samples.mixed_model_structure import Floats, Structure

ValueAndSlope = tuple[float, Floats]

_STARTS = (0.1, 0.3, 1.0, 3.0)
_SMALL = 0.05
_FEW = 64
"""Starts with every combination of factors near 0 are tried where a step has at most this many random effects."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Deviance:
    """−2 ln L of a mixed model (restricted when ``reml``), as a function of the entries θ of T and of σ².

    ``structure`` holds the cross-products of the orthonormal columns and the residuals of ``ols``.
    """

    structure: Structure
    ols: LeastSquares
    reml: bool

    @cached_property
    def directions(self) -> tuple[Direction, ...]:
        """What each entry of θ is."""
        return directions_of(self.structure.terms)

    @property
    def n_free(self) -> int:
        """Entries of θ."""
        return len(self.directions)

    @property
    def df(self) -> int:
        """Divisor of the residual variance: n, or n − p when restricted."""
        return self.structure.n - (self.structure.p if self.reml else 0)

    @cached_property
    def constant(self) -> float:
        """What restricting adds for the basis being orthonormal: ln|R'R| of the design's QR decomposition."""
        return -2 * float(np.linalg.slogdet(self.ols.inverse_root)[1]) if self.reml else 0.0

    def eliminated(self, theta: Floats, *, slopes: bool = True, keep: bool = False) -> Eliminated:
        """Cross-products given the random effects."""
        factors = factors_of(theta, self.directions, self.structure.terms)
        return eliminate(self.structure, factors, self.directions if slopes else (), keep=keep)

    def profiled(self, theta: Floats) -> ValueAndSlope:
        """Deviance at the best β and σ², and its derivatives by θ."""
        parts = Parts(self.eliminated(theta), self.reml)
        self.refuse_nothing_left(parts.squares)
        value = parts.logs + self.constant + self.df * (1 + np.log(2 * np.pi * parts.squares / self.df))
        return float(value), parts.log_slopes + self.df * parts.square_slopes / parts.squares

    def refuse_nothing_left(self, squares: float) -> None:
        """Refuse random effects that follow the outcome but for rounding: the likelihood then grows without bound."""
        if squares <= 1e-20 * float(self.ols.total):
            raise InsufficientDataError(
                Note("nothing_unexplained", "The random effects leave nothing unexplained, so there is no likelihood.")
            )

    def at(self, theta: Floats, sigma: float) -> ValueAndSlope:
        """Deviance at the best β for any σ, and its derivatives by θ and σ."""
        parts = Parts(self.eliminated(theta), self.reml)
        value = parts.logs + self.constant + self.df * np.log(2 * np.pi * sigma**2) + parts.squares / sigma**2
        by_sigma = 2 * self.df / sigma - 2 * parts.squares / sigma**3
        return float(value), np.append(parts.log_slopes + parts.square_slopes / sigma**2, by_sigma)


class Parts:
    """The pieces of the deviance: ``logs`` the determinants, ``squares`` the penalised residual sum of squares."""

    def __init__(self, found: Eliminated, reml: bool) -> None:
        p = len(found.matrix) - 1
        self.inverse = np.linalg.inv(found.matrix[:p, :p])
        self.coefficients = self.inverse @ found.matrix[:p, p]
        self.left = np.append(-self.coefficients, 1.0)
        self.squares = float(self.left @ found.matrix @ self.left)
        self.square_slopes = np.einsum("i,kij,j->k", self.left, found.slopes, self.left)
        self.logs, self.log_slopes = found.log_determinant, found.log_slopes
        if reml:
            self.logs = self.logs + float(np.linalg.slogdet(found.matrix[:p, :p])[1])
            self.log_slopes = self.log_slopes + np.einsum("ij,kji->k", self.inverse, found.slopes[:, :p, :p])


@dataclass(frozen=True, kw_only=True, eq=False)
class Lowest:
    """Where the search ended, and the size of the Newton step that would still follow."""

    theta: Floats
    value: float
    hessian: Floats
    converged: bool


def lowest(deviance: Deviance, near_by: Floats | None = None) -> Lowest:
    """Come near the lowest point from several starts, and go on from the best with exact curvature.

    ``near_by`` is where a model that differs little has its lowest point; with one factor it is the only start.
    """
    function = deviance.profiled
    near = [
        optimize.minimize(function, start, jac=True, method="BFGS", options={"gtol": 0.1, "maxiter": 100})
        for start in _starts(deviance, near_by)
    ]
    best = min(near, key=lambda done: float(done.fun))
    return _polished(function, _search(function, np.asarray(best.x, dtype=np.float64)))


def hessian_of(function: Callable[[Floats], ValueAndSlope], at: Floats, step: float = 5e-4) -> Floats:
    """Second derivatives from exact first ones, by central differences of fourth order."""
    columns = []
    for number in range(len(at)):
        move = np.zeros(len(at))
        move[number] = step
        near = function(at + move)[1] - function(at - move)[1]
        far = function(at + 2 * move)[1] - function(at - 2 * move)[1]
        columns.append((8 * near - far) / (12 * step))
    hessian = np.array(columns)
    return np.asarray((hessian + hessian.T) / 2)


def _starts(deviance: Deviance, near_by: Floats | None) -> list[Floats]:
    """Factors of equal size, and factors of which some are nearly 0: the deviance may have a valley in each corner."""
    diagonal = np.array([direction.row == direction.column for direction in deviance.directions], dtype=float)
    if near_by is not None:
        moved = np.where((diagonal == 1) & (np.abs(near_by) < _SMALL), _SMALL, near_by)  # off the saddle at 0
        return [moved, *(_starts(deviance, None) if len(deviance.structure.terms) > 1 else [])]
    size = min(_STARTS, key=lambda size: deviance.profiled(size * diagonal)[0])
    groups = sorted({direction.factor for direction in deviance.directions})
    if len(groups) == 1 or max(step.size for step in deviance.structure.steps) > _FEW:
        return [size * diagonal]
    owner = np.array([direction.factor for direction in deviance.directions])
    starts = []
    for sizes in product((size, _SMALL), repeat=len(groups)):
        if any(chosen == size for chosen in sizes):
            starts.append(diagonal * np.array(sizes)[np.searchsorted(groups, owner)])
    return starts


def _search(function: Callable[[Floats], ValueAndSlope], start: Floats) -> Floats:
    seen: dict[bytes, ValueAndSlope] = {}

    def remembered(theta: Floats) -> ValueAndSlope:
        key = theta.tobytes()
        if key not in seen:
            seen[key] = function(theta)
        return seen[key]

    def curvature(theta: Floats) -> Floats:
        slope, step = remembered(theta)[1], 1e-6
        rows = [(function(theta + step * move)[1] - slope) / step for move in np.eye(len(theta))]
        return np.asarray((np.array(rows) + np.array(rows).T) / 2)

    done = optimize.minimize(  # type: ignore[call-overload]
        lambda theta: remembered(theta)[0], start, jac=lambda theta: remembered(theta)[1], hess=curvature,
        method="trust-exact", options={"gtol": 1e-5, "maxiter": 200, "initial_trust_radius": 0.5},
    )  # fmt: skip
    return np.asarray(done.x, dtype=np.float64)


def _polished(function: Callable[[Floats], ValueAndSlope], theta: Floats) -> Lowest:
    """Newton's last steps, which the value of the function can no longer judge; the slope must not grow."""
    value, slope = function(theta)
    hessian = hessian_of(function, theta)
    for _ in range(4):
        values, vectors = np.linalg.eigh(hessian)
        firm = values > 1e-6 * max(1.0, float(values.max(initial=0.0)))
        step = -(vectors[:, firm] / values[firm]) @ (vectors[:, firm].T @ slope)
        trial = theta + step
        new_value, new_slope = function(trial)
        if np.abs(new_slope).max() >= np.abs(slope).max() or new_value > value + 1e-7 * max(1.0, abs(value)):
            break
        theta, value, slope = trial, new_value, new_slope
        if np.abs(step).max() > 1e-5:
            hessian = hessian_of(function, theta)
    converged = bool(np.abs(slope).max() < 1e-4 * max(1.0, float(np.abs(hessian).max()) ** 0.5))
    lowest_curvature = float(np.linalg.eigvalsh(hessian)[0])
    return Lowest(
        theta=theta, value=value, hessian=hessian,
        converged=converged and lowest_curvature > -1e-4 * max(1.0, float(np.abs(hessian).max())),
    )  # fmt: skip
