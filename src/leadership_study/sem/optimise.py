"""Find the parameters that minimise a discrepancy: scoring steps far away, Newton steps close by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

Floats = NDArray[np.float64]

_CLOSE = 1e-2  # of the squared Newton decrement: exact second derivatives pay from here on
_DONE = 1e-17  # of the squared Newton decrement: the objective cannot be improved in double precision
_NEAR = 1e-7  # of the squared Newton decrement: the step after this one is below rounding
_MOST = 300


class Objective(Protocol):
    """A function of the free coordinates z."""

    def value(self, z: Floats) -> float:
        """Return f(z), infinite outside its domain."""

    def gradient(self, z: Floats) -> Floats:
        """Return ∂f/∂z."""

    def scoring(self, z: Floats) -> Floats:
        """Return a non-negative definite approximation of the second derivatives."""

    def second(self, z: Floats) -> Floats:
        """Return the second derivatives."""


@dataclass(frozen=True)
class Minimum:
    """Where the search ended. ``decrement`` is g′H⁻¹g: twice what a further step could still gain."""

    z: Floats
    value: float
    converged: bool
    iterations: int
    decrement: float


def minimise(objective: Objective, start: Floats) -> Minimum:
    """Search from ``start`` with damped scoring and Newton steps (Levenberg–Marquardt damping, step halving)."""
    z, f = start.astype(float), objective.value(start)
    damping, decrement, exact = 0.0, np.inf, False
    size = unit_of(objective)
    for iteration in range(1, _MOST + 1):
        if not len(z):
            return Minimum(z, f, True, 0, 0.0)
        g = objective.gradient(z)
        step, used = None, 0.0
        if decrement < _CLOSE * size and damping < 1e-6:
            h = objective.second(z)
            step = _solve(h, g, 0.0)
            exact = step is not None
        if step is None:
            exact = False
            h = objective.scoring(z)
            used = damping
            while (step := _solve(h, g, used)) is None and used < 1e8:
                used = max(10 * used, 1e-8)
        if step is None or not np.isfinite(step).all():
            return Minimum(z, f, False, iteration, decrement)
        decrement = float(-g @ step)
        if abs(decrement) < _DONE * size:
            return _last(objective, z, f, step, iteration, decrement, size)
        z_new, f_new, share = _searched(objective, z, f, step, decrement)
        if share == 0.0:
            if exact or decrement < 1e-13 * size:  # no gain left above rounding
                return Minimum(z, f, decrement < 1e-10 * size, iteration, decrement)
            damping = max(10 * max(damping, used), 1e-4)
            if damping > 1e10:
                return Minimum(z, f, False, iteration, decrement)
            continue
        damping = max(4 * damping, 1e-3) if share < 0.2 else (damping / 10 if damping > 1e-9 else 0.0)
        if share < 1.0:
            decrement = max(decrement, _CLOSE * size)
        z, f = z_new, f_new
        if exact and share == 1.0 and decrement < _NEAR * size:  # the last second derivatives may do once more
            g = objective.gradient(z)
            if (step := _solve(h, g, 0.0)) is not None and abs(left := float(g @ step)) < _DONE * size:
                return _last(objective, z, f, step, iteration + 1, abs(left), size)
    return Minimum(z, f, False, _MOST, decrement)


def unit_of(objective: Objective) -> float:
    """Return the size to which gains are small or not: not 1 only where the objective has the data's units."""
    return float(getattr(objective, "unit", 1.0))


def _last(
    objective: Objective, z: Floats, f: float, step: Floats, iteration: int, decrement: float, size: float
) -> Minimum:
    after = objective.value(z + step)
    if after <= f + 1e-14 * (size + abs(f)):
        z, f = z + step, min(after, f)
    return Minimum(z, f, True, iteration, decrement)


def _searched(objective: Objective, z: Floats, f: float, step: Floats, decrement: float) -> tuple[Floats, float, float]:
    share = 1.0
    slack = 1e-15 * (unit_of(objective) + abs(f))
    while share > 1e-4:
        f_new = objective.value(z + share * step)
        if np.isfinite(f_new) and f_new <= f - 1e-4 * share * decrement + slack:
            return z + share * step, f_new, share
        share *= 0.5 if share > 0.2 else 0.2
    return z, f, 0.0


def _solve(h: Floats, g: Floats, damping: float) -> Floats | None:
    """Return −(H + damping·diag H)⁻¹g, or None when that matrix is not safely positive definite."""
    scale = np.diag(h).copy()
    if not np.isfinite(h).all() or (scale <= 0).any():
        if damping == 0.0:
            return None
        scale = np.where(scale > 0, scale, max(float(np.abs(scale).max()), 1e-8))
    root = np.sqrt(scale)
    scaled = h / root[:, None] / root
    if damping:
        scaled[np.diag_indices_from(scaled)] += damping
    factor, failed = lapack.dpotrf(scaled.T, lower=1, overwrite_a=1)
    if failed or np.diag(factor).min() < 1e-5:
        return None
    found, _ = lapack.dpotrs(factor, -g / root, lower=1)
    return np.asarray(found / root)


def minimise_constrained(
    objective: Objective, start: Floats, violation: Callable[[Floats], Floats], slopes: Callable[[Floats], Floats]
) -> Minimum:
    """Minimise subject to violation(z) = 0 by sequential quadratic programming (Nocedal & Wright, 2006, chapter 18)."""
    z, penalty, decrement, unit = start.astype(float), 1.0, np.inf, unit_of(objective)
    for iteration in range(1, _MOST + 1):
        g, a, c = objective.gradient(z), slopes(z), violation(z)
        h = objective.scoring(z)
        ridge = 1e-9 * np.diag(np.maximum(np.diag(h), 1e-8))
        k = len(c)
        system = np.block([[h + ridge, a.T], [a, np.zeros((k, k))]])
        solution = np.linalg.lstsq(system, -np.concatenate([g, c]), rcond=None)[0]
        step, multiplier = solution[: len(z)], solution[len(z) :]
        decrement = float(step @ h @ step)
        if decrement < 1e-18 * unit and np.abs(c).max() < 1e-11:
            return Minimum(z, objective.value(z), True, iteration, decrement)
        penalty = max(penalty, 2 * float(np.abs(multiplier).max()))
        merit = objective.value(z) + penalty * float(np.abs(c).sum())
        share = 1.0
        while share > 1e-8:
            trial = z + share * step
            if objective.value(trial) + penalty * float(np.abs(violation(trial)).sum()) <= merit + 1e-14:
                break
            share /= 2
        z = z + share * step
    return Minimum(z, objective.value(z), False, _MOST, decrement)


def minimise_near(objective: Objective, start: Floats, inverse: Floats) -> Minimum | None:
    """Search close to an optimum by BFGS steps from a known inverse Hessian; None when that takes long.

    For samples drawn from the same rows: gradients are all that is computed.
    """
    z, f, g, h = start.astype(float), objective.value(start), objective.gradient(start), inverse.copy()
    for iteration in range(1, 40):
        step = -h @ g
        decrement = -float(g @ step)
        if decrement < 1e-13 * unit_of(objective):
            return Minimum(z + step, f, True, iteration, decrement)
        z_new, f_new, share = _searched(objective, z, f, step, decrement)
        if share == 0.0:
            return None
        g_new = objective.gradient(z_new)
        moved, turned = z_new - z, g_new - g
        along = float(moved @ turned)
        if along > 0:
            bent = h @ turned
            half = moved[:, None] * (moved * ((along + turned @ bent) / (2 * along**2)) - bent / along)
            h += half
            h += half.T
        z, f, g = z_new, f_new, g_new
    return None
