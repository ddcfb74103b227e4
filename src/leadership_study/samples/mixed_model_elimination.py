"""The likelihood of a linear mixed model: random effects eliminated level by level, with exact first derivatives.

With y = Xβ + Zb + e, b = Tu, u ~ N(0, σ²I), each step removes the spherical effects u of one level from the
cross-products of everything above it (a Schur complement), so that what is left are those of X and y given all random
effects. The derivatives with respect to T are carried along.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadership_study.samples.mixed_model_structure import Floats, RandomTerm, Step, Structure


@dataclass(frozen=True)
class Direction:
    """One free entry of the relative covariance factor of term ``factor``."""

    factor: int
    row: int
    column: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """What a step leaves for the way back: T'ZZT + I inverted, and M⁻¹T'Z'[the rest]."""

    inverse: Floats
    weights: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Eliminated:
    """Cross-products of X and y given the random effects, p + 1 square, y last.

    ``log_determinant`` is ln|T'Z'ZT + I|; ``slopes`` and ``log_slopes`` are the derivatives of both, one a direction.
    """

    matrix: Floats
    log_determinant: float
    slopes: Floats
    log_slopes: Floats
    kept: tuple[Kept, ...]


def directions_of(terms: Sequence[RandomTerm]) -> tuple[Direction, ...]:
    """Free entries of all factors: the lower triangle of each block, column by column."""
    found = []
    for factor, term in enumerate(terms):
        for block in term.blocks:
            for at, column in enumerate(block):
                found += [Direction(factor, row, column) for row in block[at:]]
    return tuple(found)


def factors_of(theta: Floats, directions: Sequence[Direction], terms: Sequence[RandomTerm]) -> list[Floats]:
    """The lower-triangular factor T of each term."""
    found = [np.zeros((term.n_columns, term.n_columns)) for term in terms]
    for value, direction in zip(theta, directions, strict=True):
        found[direction.factor][direction.row, direction.column] = value
    return found


def eliminate(
    structure: Structure, factors: Sequence[Floats], directions: Sequence[Direction] = (), *, keep: bool = False
) -> Eliminated:
    """Remove all random effects.

    Parameters
    ----------
    structure : Structure
    factors : one array q × q a term
        On the scale of the structure's columns.
    directions : sequence of Direction
        Entries to differentiate by.
    keep : bool
        Whether to keep what conditional modes need.
    """
    own, with_rest, rest = structure.own, structure.with_rest, structure.rest
    tangents: list[Floats | None] = [None] * len(directions)
    log_determinant, log_slopes = 0.0, np.zeros(len(directions))
    kept = []
    for at, step in enumerate(structure.steps):
        m = step.size
        if at:
            current = rest
            own, with_rest = current[:, :m, :m], current[:, :m, m:]
            rest = step.total(current[:, m:, m:])
        half = _left(step, factors, own)
        inner = _left(step, factors, half.swapaxes(1, 2))
        inner = (inner + inner.swapaxes(1, 2)) / 2
        inner[:, np.arange(m), np.arange(m)] += 1
        border = _left(step, factors, with_rest)
        inverse, logs = _inverse(inner)
        weights = np.matmul(inverse, border)
        log_determinant += logs
        rest = rest - step.gather(border, weights)
        if keep:
            kept.append(Kept(inverse=inverse, weights=weights))
        for number, direction in enumerate(directions):
            moved = _moved(step, factors, direction, tangents[number], half, with_rest)
            if moved is None:
                continue
            d_inner, d_border = moved
            log_slopes[number] += float((inverse * d_inner).sum())
            # d(B'M⁻¹B) = X'W + W'X with W = M⁻¹B and X = dB − dM W/2: one product in place of two
            cross = step.gather(d_border - np.matmul(d_inner, weights) / 2, weights)
            change = -(cross + cross.swapaxes(1, 2))
            before = tangents[number]
            tangents[number] = change if before is None else step.total(before[:, m:, m:]) + change
    width = structure.p + 1
    slopes = np.zeros((len(directions), width, width))
    for number, tangent in enumerate(tangents):
        if tangent is not None:
            slopes[number] = tangent[0]
    return Eliminated(
        matrix=rest[0], log_determinant=log_determinant, slopes=slopes, log_slopes=log_slopes, kept=tuple(kept)
    )


def _moved(
    step: Step,
    factors: Sequence[Floats],
    direction: Direction,
    tangent: Floats | None,
    half: Floats,
    with_rest: Floats,
) -> tuple[Floats, Floats] | None:
    """Derivatives of T'Z'ZT and T'Z'[rest] of a step, or None when the direction has not reached it."""
    m = step.size
    inside = any(segment.factor == direction.factor for segment in step.segments)
    if not inside and tangent is None:
        return None
    d_inner: Floats = np.zeros_like(half)
    d_border: Floats = np.zeros_like(with_rest)
    if inside:
        turned = _pick(step, direction, half.swapaxes(1, 2))
        d_inner = turned + turned.swapaxes(1, 2)
        d_border = _pick(step, direction, with_rest)
    if tangent is not None:
        d_half = _left(step, factors, tangent[:, :m, :m])
        d_inner = d_inner + _left(step, factors, d_half.swapaxes(1, 2))
        d_border = d_border + _left(step, factors, tangent[:, :m, m:])
    return d_inner, d_border


def _left(step: Step, factors: Sequence[Floats], values: Floats) -> Floats:
    """T' times ``values`` (units × m × columns)."""
    if len(step.segments) == 1 and step.segments[0].levels == 1:
        factor = factors[step.segments[0].factor]
        return np.asarray(values * factor[0, 0] if factor.shape == (1, 1) else np.matmul(factor.T, values))
    found = np.empty(values.shape)
    for segment in step.segments:
        part = values[:, segment.start : segment.stop]
        split = part.reshape(len(values), segment.levels, segment.size, -1)
        found[:, segment.start : segment.stop] = np.matmul(factors[segment.factor].T, split).reshape(part.shape)
    return found


def _pick(step: Step, direction: Direction, values: Floats) -> Floats:
    """Derivative of T' times ``values`` by one entry of T: one row of each level moves to another."""
    found = np.zeros(values.shape)
    for segment in step.segments:
        if segment.factor == direction.factor:
            to = slice(segment.start + direction.column, segment.stop, segment.size)
            found[:, to] = values[:, segment.start + direction.row : segment.stop : segment.size]
    return found


def _inverse(matrices: Floats) -> tuple[Floats, float]:
    """Inverses of symmetric positive definite matrices, and the sum of their log determinants."""
    size = matrices.shape[1]
    if size == 1:
        return 1 / matrices, float(np.log(matrices).sum())
    if size == 2:
        a, b, d = matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 1]
        determinant = a * d - b * b
        found = np.empty_like(matrices)
        found[:, 0, 0], found[:, 1, 1] = d / determinant, a / determinant
        found[:, 0, 1] = found[:, 1, 0] = -b / determinant
        return found, float(np.log(determinant).sum())
    roots = np.linalg.cholesky(matrices)
    logs = 2 * float(np.log(np.diagonal(roots, axis1=1, axis2=2)).sum())
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64), logs
