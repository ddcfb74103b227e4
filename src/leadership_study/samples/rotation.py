"""Rotation of factor loadings towards simple structure, orthogonal and oblique.

Loadings, factor correlations and rotation matrix are always turned round and reordered together by one rule
(`_arrange`): the factor that accounts for most variance first, each column of loadings with a non-negative sum.
Rotation to a target keeps the order and the signs of the target instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Method = Literal["none", "varimax", "quartimax", "promax", "oblimin", "quartimin", "geomin", "target"]
PromaxVariant = Literal["psych", "stats"]
Criterion = Callable[[Floats], tuple[float, Floats]]
"""Value at the rotated loadings, and its gradient there."""

ORTHOGONAL = ("none", "varimax", "quartimax")
KAISER = ("varimax", "promax")
"""Rotations that weigh rows equally (Kaiser normalisation) unless told otherwise, as in R."""

GEOMIN_DELTA = 0.01
_GRADIENT = 1e-7
_ITERATIONS = 5000


@dataclass(frozen=True)
class Rotation:
    """Rotated factors.

    ``loadings`` (items × factors) is the pattern, ``factor_correlations`` is the identity for orthogonal rotations;
    ``rotation_matrix`` gives ``loadings = unrotated @ rotation_matrix`` and ``factor_correlations =
    inv(rotation_matrix.T @ rotation_matrix)``. ``objective`` is the criterion's value (NaN for none and promax),
    ``minima`` the number of different values that the starts ended at.
    """

    loadings: Floats
    factor_correlations: Floats
    rotation_matrix: Floats
    objective: float
    converged: bool
    iterations: int
    normalized: bool
    minima: int


def rotate(
    loadings: Floats,
    method: Method,
    *,
    normalize: bool | None = None,
    gamma: float = 0.0,
    delta: float = GEOMIN_DELTA,
    power: float = 4.0,
    promax_variant: PromaxVariant = "psych",
    target: Floats | None = None,
    n_starts: int = 1,
    seed: int = 0,
) -> Rotation:
    """Rotate unrotated loadings.

    Parameters
    ----------
    loadings : array (p, k)
    method
        ``varimax`` (Kaiser, 1958, https://doi.org/10.1007/BF02289233), ``quartimax``, ``promax`` (Hendrickson & White,
        1964, https://doi.org/10.1111/j.2044-8317.1964.tb00244.x), ``oblimin``, ``quartimin`` (oblimin with γ = 0),
        ``geomin`` (Yates, 1987; Browne, 2001, https://doi.org/10.1207/S15327906MBR3601_05), ``target`` (oblique, to a
        partly specified target; Browne, 1972, https://doi.org/10.1111/j.2044-8317.1972.tb00491.x).
    normalize : bool, optional
        Kaiser normalisation: rows scaled to length 1 before, and back after. None: for varimax and promax only.
    gamma
        Of oblimin: 0 is quartimin, below 0 less oblique, above 0 more (may have no minimum).
    delta
        Of geomin.
    power, promax_variant
        Of promax. ``psych``: target and fit on the normalised loadings, then scaled back. ``stats``: varimax as
        ``normalize`` says, target and fit on the loadings themselves, as R's ``stats::promax``.
    target : array (p, k)
        Of target: the loadings wanted, NaN where nothing is wanted; Σ of the squared differences is minimised.
    n_starts, seed
        The first start is the unrotated position; further ones are random, and the lowest criterion wins.

    Notes
    -----
    Gradient projection (Jennrich, 2001, https://doi.org/10.1007/BF02294840; 2002,
    https://doi.org/10.1007/BF02294706), criteria and gradients as in Bernaards and Jennrich (2005,
    https://doi.org/10.1177/0013164404272507). R twins: GPArotation, ``stats::varimax``, ``psych::kaiser(rotate =
    "Promax")``.
    """
    _check(method, promax_variant, n_starts, power, delta)
    loadings = np.asarray(loadings, dtype=np.float64)
    k = loadings.shape[1]
    normalized = (method in KAISER if normalize is None else normalize) and method != "none"
    if method == "target":
        wanted = _checked_target(target, loadings)
    if k == 1 or method == "none":
        return _arrange(loadings, np.eye(k), np.eye(k), _Descent(np.eye(k), float("nan"), True, 0, 1), normalized)
    if method == "promax":
        return _promax(loadings, power, promax_variant, normalized, n_starts, seed)
    lengths = _lengths(loadings) if normalized else np.ones(len(loadings))
    scaled = loadings / lengths[:, None]
    oblique = method not in ORTHOGONAL
    criterion = _target(wanted) if method == "target" else _criterion(method, len(loadings), k, gamma, delta)
    found = _best(scaled, criterion, oblique, n_starts, seed)
    matrix: Floats = np.asarray(np.linalg.inv(found.transformation).T if oblique else found.transformation)
    correlations: Floats = found.transformation.T @ found.transformation if oblique else np.eye(k)
    if method == "target":
        return _result(loadings @ matrix, correlations, matrix, found, normalized)
    return _arrange(loadings @ matrix, correlations, matrix, found, normalized)


def _checked_target(target: Floats | None, loadings: Floats) -> Floats:
    if target is None:
        raise ValueError("Rotation to a target needs the 'target' parameter: the loadings wanted, NaN where free.")
    wanted = np.asarray(target, dtype=np.float64)
    if wanted.shape != loadings.shape:
        raise ValueError(
            f"The target must be {loadings.shape[0]} items × {loadings.shape[1]} factors. Got {wanted.shape}."
        )
    if np.isinf(wanted).any() or np.isnan(wanted).all(axis=0).any():
        raise ValueError("The target must hold finite loadings, at least one for each factor, and NaN where free.")
    return wanted


def _check(method: str, variant: str, n_starts: int, power: float, delta: float) -> None:
    if method not in get_args(Method):
        raise ValueError(f"The 'method' parameter of rotate must be one of {get_args(Method)}. Got {method!r} instead.")
    if variant not in get_args(PromaxVariant):
        known = get_args(PromaxVariant)
        raise ValueError(f"The 'promax_variant' parameter of rotate must be one of {known}. Got {variant!r} instead.")
    if n_starts < 1:
        raise ValueError(f"The 'n_starts' parameter of rotate must be at least 1. Got {n_starts} instead.")
    if power < 1:
        raise ValueError(f"The 'power' parameter of rotate must be at least 1. Got {power} instead.")
    if delta <= 0:
        raise ValueError(f"The 'delta' parameter of rotate must be above 0. Got {delta} instead.")


def _lengths(loadings: Floats) -> Floats:
    lengths = np.sqrt(np.sum(loadings**2, axis=1))
    return np.where(lengths > 0, lengths, 1.0)  # an item without any common variance stays where it is


# --- criteria --------------------------------------------------------------------------------------------------------


def _criterion(method: str, p: int, k: int, gamma: float, delta: float) -> Criterion:
    others = 1.0 - np.eye(k)
    if method == "varimax":
        return _varimax
    if method == "quartimax":
        return _quartimax
    if method == "geomin":
        return lambda loadings: _geomin(loadings, delta)
    if method == "quartimin" or gamma == 0:
        return lambda loadings: _quartimin(loadings, others)
    centre = gamma / p
    return lambda loadings: _oblimin(loadings, others, centre)


def _varimax(loadings: Floats) -> tuple[float, Floats]:
    squares = loadings * loadings
    deviations = squares - squares.mean(axis=0)
    return -float(np.vdot(deviations, deviations)) / 4, -loadings * deviations


def _quartimax(loadings: Floats) -> tuple[float, Floats]:
    squares = loadings * loadings
    return -float(np.vdot(squares, squares)) / 4, -loadings * squares


def _quartimin(loadings: Floats, others: Floats) -> tuple[float, Floats]:
    squares = loadings * loadings
    crossed = squares @ others
    return float(np.vdot(squares, crossed)) / 4, loadings * crossed


def _oblimin(loadings: Floats, others: Floats, centre: float) -> tuple[float, Floats]:
    squares = loadings * loadings
    crossed = squares @ others
    crossed = crossed - centre * crossed.sum(axis=0)
    return float(np.vdot(squares, crossed)) / 4, loadings * crossed


def _geomin(loadings: Floats, delta: float) -> tuple[float, Floats]:
    squares = loadings * loadings + delta
    k = loadings.shape[1]
    means = np.exp(np.log(squares).sum(axis=1) / k)
    return float(means.sum()), (2 / k) * (loadings / squares) * means[:, None]


def _target(wanted: Floats) -> Criterion:
    there = ~np.isnan(wanted)

    def criterion(loadings: Floats) -> tuple[float, Floats]:
        apart = np.where(there, loadings - np.nan_to_num(wanted), 0.0)
        return float(np.vdot(apart, apart)), 2 * apart

    return criterion


# --- gradient projection ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Descent:
    transformation: Floats
    objective: float
    converged: bool
    iterations: int
    minima: int


def _best(loadings: Floats, criterion: Criterion, oblique: bool, n_starts: int, seed: int) -> _Descent:
    k = loadings.shape[1]
    rng = np.random.default_rng(seed)
    starts = [np.eye(k), *(np.linalg.qr(rng.standard_normal((k, k)))[0] for _ in range(n_starts - 1))]
    found = [_descend(loadings, criterion, oblique, start) for start in starts]
    reached = [each for each in found if each.converged] or found
    best = min(reached, key=lambda each: each.objective)
    values = sorted(each.objective for each in reached)
    # Two starts that end in the same minimum agree to the square of the gradient's tolerance, far below 1e-6.
    minima = 1 + sum(after - before > 1e-6 * max(1.0, abs(before)) for before, after in pairwise(values))
    return _Descent(best.transformation, best.objective, best.converged, best.iterations, minima)


def _descend(loadings: Floats, criterion: Criterion, oblique: bool, start: Floats) -> _Descent:
    # Steps as long as the last change of the gradient suggests (Barzilai & Borwein, 1988,
    # https://doi.org/10.1093/imanum/8.1.141), halved until the criterion falls.
    turn = _oblique if oblique else _orthogonal
    t = start
    value, gradient = turn(loadings, criterion, t)
    projected = _project(t, gradient, oblique)
    step = 1.0
    for iteration in range(_ITERATIONS):
        square = float(np.vdot(projected, projected))
        if square < _GRADIENT**2:
            return _Descent(t, value, True, iteration, 1)
        for _ in range(40):
            trial = _back(t - step * projected, oblique)
            new_value, gradient = turn(loadings, criterion, trial)
            if value - new_value > 1e-4 * square * step:
                break
            step /= 2
        else:
            # Nothing lower in this direction: the value is exact to rounding, which the gradient must confirm.
            return _Descent(t, value, square < 1e-10, iteration, 1)
        after = _project(trial, gradient, oblique)
        moved, turned = trial - t, after - projected
        bend = float(np.vdot(moved, turned))
        if bend > 0:
            step = float(np.vdot(moved, moved)) / bend if iteration % 2 else bend / float(np.vdot(turned, turned))
        else:
            step *= 2
        t, value, projected = trial, new_value, after
    return _Descent(t, value, False, _ITERATIONS, 1)


def _orthogonal(loadings: Floats, criterion: Criterion, t: Floats) -> tuple[float, Floats]:
    value, gradient = criterion(loadings @ t)
    return value, loadings.T @ gradient


def _oblique(loadings: Floats, criterion: Criterion, t: Floats) -> tuple[float, Floats]:
    inverse = np.linalg.inv(t)
    rotated = loadings @ inverse.T
    value, gradient = criterion(rotated)
    return value, -(rotated.T @ gradient @ inverse).T


def _project(t: Floats, gradient: Floats, oblique: bool) -> Floats:
    if oblique:
        return np.asarray(gradient - t * np.sum(t * gradient, axis=0))
    m = t.T @ gradient
    return np.asarray(gradient - t @ (m + m.T) / 2)


def _back(t: Floats, oblique: bool) -> Floats:
    if oblique:
        return np.asarray(t / np.sqrt(np.sum(t * t, axis=0)))
    u, _, v = np.linalg.svd(t)
    return np.asarray(u @ v)


# --- promax ----------------------------------------------------------------------------------------------------------


def _promax(
    loadings: Floats, power: float, variant: PromaxVariant, normalized: bool, n_starts: int, seed: int
) -> Rotation:
    lengths = _lengths(loadings)[:, None] if normalized else np.ones((len(loadings), 1))
    found = _best(loadings / lengths, _varimax, False, n_starts, seed)
    fitted = (loadings if variant == "stats" else loadings / lengths) @ found.transformation
    target = fitted * np.abs(fitted) ** (power - 1)
    u = np.linalg.lstsq(fitted, target, rcond=None)[0]
    # Scale the columns so that the factors have variance 1.
    u = u * np.sqrt(np.diag(np.linalg.inv(u.T @ u)))
    matrix = found.transformation @ u
    inverse = np.linalg.inv(matrix)
    found = _Descent(found.transformation, float("nan"), found.converged, found.iterations, found.minima)
    return _arrange(loadings @ matrix, inverse @ inverse.T, matrix, found, normalized)


# --- one rule for sign and order -------------------------------------------------------------------------------------


def _arrange(loadings: Floats, correlations: Floats, matrix: Floats, found: _Descent, normalized: bool) -> Rotation:
    explained = np.diag(correlations @ (loadings.T @ loadings))
    order = np.argsort(-explained, kind="stable")
    sign = np.where(loadings[:, order].sum(axis=0) < 0, -1.0, 1.0)
    correlations = correlations[np.ix_(order, order)] * np.outer(sign, sign)
    np.fill_diagonal(correlations, 1.0)
    return _result(loadings[:, order] * sign, correlations, matrix[:, order] * sign, found, normalized)


def _result(loadings: Floats, correlations: Floats, matrix: Floats, found: _Descent, normalized: bool) -> Rotation:
    return Rotation(
        loadings=loadings,
        factor_correlations=correlations,
        rotation_matrix=matrix,
        objective=found.objective,
        converged=found.converged,
        iterations=found.iterations,
        normalized=normalized,
        minima=found.minima,
    )
