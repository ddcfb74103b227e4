"""Minimum of a smooth function within bounds, by projected Newton steps, from one start or from several.

A kernel for functions of a few dozen parameters that know their exact Hessian and may have more than one minimum.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Floats = NDArray[np.float64]
Bounds = tuple[float, float]
Evaluation = tuple[float, Floats, Floats, Floats]
"""Objective, gradient, Hessian, and the Hessian's positive semi-definite part."""
Function = Callable[[Floats], Evaluation]

_GRADIENT = 1e-10
_STEPS = 100
_SAME = 1e-6


@dataclass(frozen=True)
class Minimum:
    """Where a search ended.

    ``smooth`` is whether it saw a convex function, took every step in full and ended within the bounds: such a search
    has stayed in the basin of its start. ``heights`` are the objectives of the different minima that the starts led to,
    lower ones that were ``passed_over`` included.
    """

    x: Floats
    objective: float
    converged: bool
    iterations: int
    smooth: bool
    heights: tuple[float, ...] = ()
    passed_over: bool = False

    @property
    def minima(self) -> int:
        """How many different minima the starts led to."""
        return max(len(self.heights), 1)


def lowest_of(
    function: Function, bounds: Bounds, start: Floats, others: Iterable[Floats], *, after: Minimum | None = None
) -> Minimum:
    """The lowest minimum that ``start`` leads to by Newton steps and by a quasi-Newton search, and ``others`` lead to.

    Both from ``start``, because the first steps of either may leave the basin that the other stays in. ``after`` is
    what an earlier call found from ``start``, to go on from. Where ``start`` itself leads to a minimum above the lower
    bound, deeper ones at that bound are passed over.
    """
    if after is None:
        searches = [minimum_near(function, bounds, start), _quasi_newton(function, start, bounds)]
    else:
        searches = [after]
    low = bounds[0]
    above = any(ended.converged and bool((ended.x > low).all()) for ended in searches)
    searches += [minimum_near(function, bounds, other) for other in others]
    best = min(searches, key=lambda ended: (not ended.converged, above and (ended.x <= low).any(), ended.objective))
    heights = list(after.heights) if after else []
    for ended in searches:
        if ended.converged and not any(_equal(ended.objective, height) for height in heights):
            heights.append(ended.objective)
    iterations = sum(ended.iterations for ended in searches)
    lowest = min(heights, default=best.objective)
    passed = not _equal(lowest, best.objective) and lowest < best.objective
    return replace(best, iterations=iterations, heights=tuple(heights), passed_over=passed)


def minimum_near(function: Function, bounds: Bounds, start: Floats) -> Minimum:
    """The minimum that ``start`` leads to; a quasi-Newton search takes over where Newton steps stall."""
    found = _newton(function, start, bounds)
    if found.converged:
        return found
    again = _quasi_newton(function, found.x, bounds)
    return replace(again, iterations=found.iterations + again.iterations)


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME * max(abs(one), abs(other)) + 1e-10


def _quasi_newton(function: Function, start: Floats, bounds: Bounds) -> Minimum:
    rough = optimize.minimize(  # type: ignore[call-overload]
        lambda x: function(x)[:2], np.clip(start, *bounds), jac=True, method="L-BFGS-B",
        bounds=[bounds] * len(start), options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    polished = _newton(function, np.clip(rough.x, *bounds), bounds)
    return replace(polished, iterations=int(rough.nit) + polished.iterations, smooth=False)


def _newton(function: Function, start: Floats, bounds: Bounds) -> Minimum:
    low, high = bounds
    x = np.clip(start, low, high)
    smooth = True
    value, gradient, hessian, definite = function(x)
    for iteration in range(_STEPS):
        at_bound = ((x <= low) & (gradient > 0)) | ((x >= high) & (gradient < 0))
        free = ~at_bound
        size = float(np.max(np.abs(gradient[free]), initial=0.0))
        if size < _GRADIENT:
            return Minimum(x, value, True, iteration, smooth and not at_bound.any())
        smooth = smooth and _is_definite(hessian if free.all() else hessian[np.ix_(free, free)])
        step = _step(x, gradient, hessian, definite, at_bound, bounds)
        if size < 1e-5 and -float(gradient @ step) < 1e-14 * max(1.0, abs(value)):
            # The function cannot tell this step from rounding any more; the step itself still doubles the digits.
            return Minimum(np.clip(x + step, low, high), value, True, iteration + 1, smooth and not at_bound.any())
        length = 1.0
        while True:
            trial = np.clip(x + length * step, low, high)
            evaluated = function(trial)
            if evaluated[0] <= value + 1e-4 * length * float(gradient @ step):
                break
            length /= 2
            smooth = False
            if length < 1e-10:
                return Minimum(x, value, size < 1e-6, iteration, False)
        x, (value, gradient, hessian, definite) = trial, evaluated
    return Minimum(x, value, False, _STEPS, False)


def _step(
    x: Floats,
    gradient: Floats,
    hessian: Floats,
    definite: Floats,
    fixed: NDArray[np.bool_],
    bounds: Bounds,
) -> Floats:
    # Newton step within the bounds: a coordinate that would cross one goes there, and the others are solved for again.
    low, high = bounds
    step = np.zeros_like(x)
    fixed = fixed.copy()
    while not fixed.all():
        free = ~fixed
        if free.all():
            step = _direction(gradient, hessian, definite)
        else:
            block = np.ix_(free, free)
            pull = gradient[free]
            if step[fixed].any():
                pull = pull + _curvature(hessian, definite, free, fixed) @ step[fixed]
            step[free] = _direction(pull, hessian[block], definite[block])
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
