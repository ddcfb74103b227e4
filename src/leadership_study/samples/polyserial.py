"""Polyserial correlation: a continuous variable with an ordinal item that cuts another normal variable."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Method = Literal["two_step", "ml", "conversion"]

_STEPS = 100
_SMALLEST = 1e-300


def polyserial(values: Floats, codes: NDArray[np.integer], *, method: Method = "two_step") -> float:
    """Correlation of ``values`` with the normal variable behind an ordinal item.

    Parameters
    ----------
    values : array (n,)
        Finite, not constant; its unit and origin do not matter.
    codes : array (n,)
        Categories 0 … c − 1, each of which occurs, c ≥ 2.
    method
        ``two_step``: thresholds from the item alone, then the most likely correlation (Olsson, Drasgow & Dorans, 1982,
        https://doi.org/10.1007/BF02294164). ``ml``: thresholds and correlation together. ``conversion``: the Pearson
        correlation times the item's standard deviation (divisor n) over Σ φ(τ), which psych and polycor use.

    Returns
    -------
    float
        ±1 when the values of all categories lie apart in order, where no smaller correlation is as likely.

    Notes
    -----
    The mean and the standard deviation (divisor n) of the values are their own maximum likelihood estimates. R twins:
    ``lavaan::lavCor``, ``polycor::polyserial(ML = TRUE)``, ``psych::polyserial``.
    """
    if method not in get_args(Method):
        raise ValueError(f"The 'method' parameter of polyserial must be one of {get_args(Method)}. Got {method!r}.")
    values, codes = np.asarray(values, dtype=np.float64), np.asarray(codes)
    counts = np.bincount(codes)
    deviations = values - values.mean()
    spread = float(np.sqrt(np.mean(deviations**2)))
    if len(counts) < 2 or (counts == 0).any() or not spread > 1e-12 * float(np.abs(values).max()):
        raise ValueError("Polyserial correlation needs a variable that varies and an item of two or more categories.")
    z = deviations / spread
    thresholds = special.ndtri(np.cumsum(counts)[:-1] / len(codes))
    scores = codes - codes.mean()
    pearson = float(np.mean(z * scores) / np.sqrt(np.mean(scores**2)))
    converted = pearson * float(np.sqrt(np.mean(scores**2)) / np.sum(_density(thresholds)))
    if method == "conversion":
        return converted
    if (sign := _in_order(z, codes)) != 0:
        return sign
    if method == "ml":
        return _joint(z, codes, thresholds, float(np.clip(converted, -0.95, 0.95)))
    return _conditional(z, codes, thresholds, float(np.clip(converted, -0.95, 0.95)))


def _in_order(z: Floats, codes: NDArray[np.integer]) -> float:
    groups = [z[codes == category] for category in range(int(codes.max()) + 1)]
    low, high = np.array([each.min() for each in groups]), np.array([each.max() for each in groups])
    if (high[:-1] < low[1:]).all():
        return 1.0
    return -1.0 if (low[:-1] > high[1:]).all() else 0.0


def _edges(thresholds: Floats, codes: NDArray[np.integer]) -> tuple[Floats, Floats]:
    padded = np.concatenate([[-np.inf], thresholds, [np.inf]])
    return padded[codes], padded[codes + 1]


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi))


def _conditional(z: Floats, codes: NDArray[np.integer], thresholds: Floats, start: float) -> float:
    # Newton on atanh ρ with halving; the thresholds stay.
    lower, upper = _edges(thresholds, codes)

    def likelihood(rho: float) -> tuple[float, float, float]:
        root = 1 - rho * rho
        probability, first, second = np.zeros_like(z), np.zeros_like(z), np.zeros_like(z)
        for edge, sign in ((upper, 1.0), (lower, -1.0)):
            finite = np.isfinite(edge)
            at = np.where(finite, edge, 0.0)
            u = (at - rho * z) / np.sqrt(root)
            slope = (rho * at - z) / root**1.5
            bend = at / root**1.5 + 3 * rho * (rho * at - z) / root**2.5
            height = np.where(finite, _density(u), 0.0)
            probability += sign * np.where(finite, special.ndtr(u), np.where(edge > 0, 1.0, 0.0))
            first += sign * height * slope
            second += sign * height * (bend - u * slope**2)
        probability = np.maximum(probability, _SMALLEST)
        ratio = first / probability
        return float(np.log(probability).sum()), float(ratio.sum()), float((second / probability - ratio**2).sum())

    at, value = float(np.arctanh(start)), -np.inf
    before, step = at, 0.0
    for _ in range(_STEPS):
        rho = float(np.tanh(at))
        new, gradient, hessian = likelihood(rho)
        if new < value - 1e-9 * abs(value):
            step /= 2
        else:
            scale = 1 - rho * rho
            curvature = hessian * scale**2 - 2 * rho * scale * gradient
            value, before = new, at
            step = float(np.clip(-gradient * scale / min(curvature, -1e-3 * len(z)), -0.7, 0.7))
        at = float(np.clip(before + step, -8.0, 8.0))
        if abs(step) < 1e-8:
            break
    return float(np.tanh(at))


def _joint(z: Floats, codes: NDArray[np.integer], thresholds: Floats, start: float) -> float:
    # Given z the item is an ordered probit with slope ρ/√(1 − ρ²): a concave function of cuts and slope.
    root = np.sqrt(1 - start**2)
    x = np.concatenate([thresholds / root, [start / root]])
    value, gradient, hessian = _probit(x, z, codes)
    for _ in range(_STEPS):
        step = -np.linalg.solve(hessian, gradient)
        length = 1.0
        while True:
            trial = _probit(x + length * step, z, codes)
            if trial[0] >= value - 1e-9 * abs(value) or length < 1e-8:
                break
            length /= 2
        x, (value, gradient, hessian) = x + length * step, trial
        if np.max(np.abs(step)) < 1e-9:
            break
    return float(x[-1] / np.sqrt(1 + x[-1] ** 2))


def _probit(x: Floats, z: Floats, codes: NDArray[np.integer]) -> tuple[float, Floats, Floats]:
    cuts, slope = x[:-1], x[-1]
    if (np.diff(cuts) <= 0).any():
        return -np.inf, np.zeros_like(x), -np.eye(len(x))
    lower, upper = _edges(cuts, codes)
    low, high = lower - slope * z, upper - slope * z
    # On the side where both limits are negative, so that no digits cancel.
    turned = low > 0
    probability = np.where(turned, special.ndtr(-low) - special.ndtr(-high), special.ndtr(high) - special.ndtr(low))
    probability = np.maximum(probability, _SMALLEST)
    score = np.zeros((len(z), len(x)))
    hessian = np.zeros((len(x), len(x)))
    rows = np.arange(len(z))
    for edge, at, sign in ((high, codes, 1.0), (low, codes - 1, -1.0)):
        inside = (at >= 0) & (at < len(cuts))
        height = sign * _density(edge[inside]) / probability[inside]
        direction = np.zeros((int(inside.sum()), len(x)))
        direction[np.arange(len(direction)), at[inside]] = 1.0
        direction[:, -1] = -z[inside]
        score[rows[inside]] += height[:, None] * direction
        hessian -= (direction * (height * edge[inside])[:, None]).T @ direction
    hessian -= score.T @ score
    return float(np.log(probability).sum()), np.asarray(score.sum(axis=0)), hessian
