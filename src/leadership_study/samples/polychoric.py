"""Polychoric correlations of all pairs of items at once, from their cross-tables.

Two steps (Olsson, 1979, https://doi.org/10.1007/BF02296207): thresholds from each item's own answers, then for each
pair the correlation with the highest likelihood of its table, by Newton steps on atanh ρ taken by all pairs together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from leadership_study.samples.bivariate_normal import FAR, cumulative, density, density_slope
from leadership_study.samples.contingency import Categories, PairTables, pair_tables

Floats = NDArray[np.float64]

LIMIT = 7.0
"""Bound of the search on atanh ρ, where 1 − ρ is 2e-6: only pairs in perfect order lie beyond."""

_STEP = 1e-6
"""A Newton step this small leaves an error of about its square."""
_STEPS = 50
_SMALLEST = 1e-15
_TERMS = 5
_POINTS = 1 << 19
"""Corners that one pass holds, to bound memory with many items and categories."""


@dataclass(frozen=True)
class PolychoricEstimate:
    """Thresholds and correlations of p items.

    Attributes
    ----------
    thresholds : tuple of arrays
        c − 1 rising normal quantiles an item, from all who answered it.
    correlations : array (p, p)
        NaN beside an item with one category.
    tables : PairTables
        The counts as observed, without what ``empty_cell`` adds.
    pairs : array
        The correlations in the order of ``tables.first`` and ``tables.second``.
    at_limit : array of bool
        Pairs in perfect order, rising or falling: no correlation below 1 in size is as likely as ±1 itself.
    converged : array of bool
    empty : array
        Number of empty cells of each pair's table, before anything was added.
    """

    thresholds: tuple[Floats, ...]
    correlations: Floats
    tables: PairTables
    pairs: Floats
    at_limit: NDArray[np.bool_]
    converged: NDArray[np.bool_]
    empty: NDArray[np.int64]


def polychoric_estimate(
    items: Categories, *, empty_cell: float = 0.0, empty_cell_2x2: float | None = None
) -> PolychoricEstimate:
    """Estimate thresholds and polychoric correlations.

    Parameters
    ----------
    items : Categories
        Missing answers: thresholds use all who answered the item, correlations all who answered both.
    empty_cell : float
        Count put into each empty cell. In a 2 × 2 table it is also added to the opposite cell and taken from the two
        others, so that the margins stay.
    empty_cell_2x2 : float, optional
        The same for 2 × 2 tables only (lavaan adds .5 there and nothing elsewhere); None: as ``empty_cell``.

    Notes
    -----
    R twins: ``lavaan::lavCor(ordered = …)``, ``psych::polychoric(correct = 0)``. https://doi.org/10.1007/BF02296207
    """
    observed = counts = pair_tables(items)
    empty = _empty_cells(counts)
    small = empty_cell if empty_cell_2x2 is None else empty_cell_2x2
    if (empty_cell or small) and empty.any():
        counts = _filled(counts, empty_cell, small)
    grid = threshold_grid(counts.margins, counts.sizes)
    rho, converged, at_limit = correlations_of(counts, grid)
    correlations = np.eye(len(counts.sizes))
    correlations[counts.first, counts.second] = correlations[counts.second, counts.first] = rho
    thresholds = tuple(grid[item, : size - 1].copy() for item, size in enumerate(counts.sizes))
    return PolychoricEstimate(thresholds, correlations, observed, rho, at_limit, converged, empty)


def correlations_of(counts: PairTables, grid: Floats) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Most likely correlation of each pair for given thresholds, whether the search converged, and ended at ±1."""
    rho, converged = np.full(len(counts.first), np.nan), np.ones(len(counts.first), dtype=bool)
    usable = np.flatnonzero((counts.sizes[counts.first] > 1) & (counts.sizes[counts.second] > 1))
    start = _start(counts, grid)
    block = max(1, _POINTS // max(1, grid.shape[1] ** 2))
    for at in range(0, len(usable), block):
        chosen = usable[at : at + block]
        h, k = grid[counts.first[chosen]], grid[counts.second[chosen]]
        rho[chosen], converged[chosen] = _maximise(counts.tables[chosen], h, k, start[chosen])
    at_limit = np.zeros(len(rho), dtype=bool)
    for sign in (1.0, -1.0):
        reached = usable[_ordered(counts, grid, usable, rho, sign)]
        rho[reached], at_limit[reached], converged[reached] = sign, True, True
    return rho, converged, at_limit


def threshold_grid(margins: Floats, sizes: NDArray[np.int64]) -> Floats:
    """Normal quantiles of the cumulative proportions, items × (C − 1); `FAR` beyond an item's last one."""
    below = np.cumsum(margins, axis=1)[:, :-1] / margins.sum(axis=1)[:, None]
    grid = special.ndtri(np.minimum(below, 1.0))
    grid[np.arange(grid.shape[1]) >= sizes[:, None] - 1] = FAR
    return np.asarray(grid)


def cell_probabilities(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Probability of each cell, pairs × rows × columns, from thresholds (pairs × (rows − 1), …) and correlations."""
    corners = np.zeros((len(h), h.shape[1] + 2, k.shape[1] + 2))
    rows, columns = np.broadcast_arrays(h[:, :, None], k[:, None, :])
    corners[:, 1:-1, 1:-1] = cumulative(rows, columns, rho)
    corners[:, 1:-1, -1] = special.ndtr(h)
    corners[:, -1, 1:-1] = special.ndtr(k)
    corners[:, -1, -1] = 1.0
    return cells(corners)


def threshold_slopes(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Derivatives of the cell probabilities by the thresholds ``h``: pairs × thresholds × rows × columns."""
    pairs, thresholds = h.shape
    edge = np.exp(-(h**2) / 2) / np.sqrt(2 * np.pi)
    given = np.ones((pairs, thresholds, k.shape[1] + 2))
    given[:, :, 0] = 0.0
    root = np.sqrt(1 - rho * rho)[:, None, None]
    below = special.ndtr((k[:, None, :] - rho[:, None, None] * h[:, :, None]) / root)
    given[:, :, 1:-1] = np.where(k[:, None, :] < FAR, below, 1.0)
    mass = edge[:, :, None] * np.diff(given, axis=2)
    slopes = np.zeros((pairs, thresholds, thresholds + 1, k.shape[1] + 1))
    at = np.arange(thresholds)
    slopes[:, at, at, :] = mass
    slopes[:, at, at + 1, :] = -mass
    return slopes


def cells(corners: Floats) -> Floats:
    """Differences of a function of the corners: what lies in each cell."""
    bands = corners[:, 1:, :] - corners[:, :-1, :]
    return np.asarray(bands[:, :, 1:] - bands[:, :, :-1])


def inner_cells(values: Floats) -> Floats:
    """`cells` of a function that vanishes on the outer corners, such as the density."""
    pairs, rows, columns = values.shape
    corners = np.zeros((pairs, rows + 2, columns + 2))
    corners[:, 1:-1, 1:-1] = values
    return cells(corners)


# --- the likelihood of one correlation -------------------------------------------------------------------------------


def _likelihood(tables: Floats, h: Floats, k: Floats, rho: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    # Log-likelihood, its first two derivatives by ρ, and the expected information, for each pair.
    probability = np.maximum(cell_probabilities(h, k, rho), _SMALLEST)
    rows, columns, r = h[:, :, None], k[:, None, :], rho[:, None, None]
    at = density(rows, columns, r)
    first = inner_cells(at)
    second = inner_cells(density_slope(rows, columns, r, at))
    share = tables / probability
    relative = first / probability
    gradient = np.einsum("pab,pab->p", share, first)
    hessian = np.einsum("pab,pab->p", share, second) - np.einsum("pab,pab,pab->p", share, first, relative)
    expected = np.einsum("pab,pab->p", first, relative) * tables.sum(axis=(1, 2))
    return np.einsum("pab,pab->p", tables, np.log(probability)), gradient, hessian, expected


def _maximise(tables: Floats, h: Floats, k: Floats, start: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    z = np.arctanh(np.clip(start, -0.98, 0.98))
    converged = np.zeros(len(z), dtype=bool)
    active = np.arange(len(z))
    best, before = np.full(len(z), -np.inf), z.copy()
    steps = np.zeros(len(z))
    for _ in range(_STEPS):
        everything = len(active) == len(z)
        chosen = (tables, h, k) if everything else (tables[active], h[active], k[active])
        rho = np.tanh(z[active])
        value, gradient, hessian, expected = _likelihood(*chosen, rho)
        worse = value < best[active] - 1e-9 * np.abs(best[active])
        slope = 1 - rho * rho
        gradient = gradient * slope
        curvature = hessian * slope * slope - 2 * rho * gradient
        curvature = np.where(curvature < 0, curvature, -expected * slope * slope - 1e-12)
        step = np.clip(-gradient / curvature, -0.7, 0.7)
        # A step that lowered the likelihood is taken back by half; otherwise go on from here.
        steps[active] = np.where(worse, steps[active] / 2, step)
        before[active] = np.where(worse, before[active], z[active])
        best[active] = np.where(worse, best[active], value)
        z[active] = np.clip(before[active] + steps[active], -LIMIT, LIMIT)
        done = np.abs(z[active] - before[active]) < _STEP
        converged[active[done]] = True
        active = active[~done]
        if not len(active):
            break
    return np.tanh(z), converged & (np.abs(z) < LIMIT)


def _start(counts: PairTables, grid: Floats) -> Floats:
    # Correlate the items scored by the normal mean of each category. That covariance is Σ c_m d_m ρ^m in the items'
    # Hermite coefficients (Mehler's formula); five terms, solved for ρ.
    edge = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
    padded = np.pad(edge, ((0, 0), (1, 1)))
    shares = counts.margins / counts.margins.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(shares > 0, (padded[:, :-1] - padded[:, 1:]) / shares, 0.0)
    steps = np.where(grid < FAR, np.diff(scores, axis=1), 0.0)
    coefficients = np.empty((len(grid), _TERMS))
    previous, now = np.zeros_like(grid), edge
    for m in range(1, _TERMS + 1):
        coefficients[:, m - 1] = (now * steps).sum(axis=1) / np.sqrt(m)
        previous, now = now, (grid * now - np.sqrt(m - 1) * previous) / np.sqrt(m)
    scored = (counts.tables @ scores[counts.second][:, :, None])[:, :, 0]
    covariance = (scored * scores[counts.first]).sum(axis=1) / np.maximum(counts.n, 1)
    series = coefficients[counts.first] * coefficients[counts.second]
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = np.clip(covariance / series[:, 0], -0.95, 0.95)
        for _ in range(4):
            value, slope = np.zeros_like(rho), np.zeros_like(rho)
            for m in range(_TERMS, 0, -1):
                slope = slope * rho + m * series[:, m - 1]
                value = value * rho + series[:, m - 1]
            rho = np.clip(rho - (value * rho - covariance) / slope, -0.95, 0.95)
    return np.where(np.isfinite(rho), rho, 0.0)


# --- perfect order, empty cells --------------------------------------------------------------------------------------


def _ordered(
    counts: PairTables, grid: Floats, usable: NDArray[np.int64], rho: Floats, sign: float
) -> NDArray[np.int64]:
    # Pairs whose likelihood at ρ = ±1 is at least that at the correlation found; only large ones can be.
    large = np.flatnonzero(rho[usable] * sign > 0.9)
    chosen = usable[large]
    if not len(chosen):
        return large
    h, k, tables = grid[counts.first[chosen]], grid[counts.second[chosen]], counts.tables[chosen]
    extreme = cell_probabilities(h, k, np.full(len(chosen), sign))
    possible = ~((tables > 0) & (extreme < 1e-12)).any(axis=(1, 2))
    found = cell_probabilities(h, k, rho[chosen])
    gain = tables * (np.log(np.maximum(extreme, 1e-300)) - np.log(np.maximum(found, 1e-300)))
    return np.asarray(large[possible & (gain.sum(axis=(1, 2)) >= -1e-7)])


def _empty_cells(counts: PairTables) -> NDArray[np.int64]:
    zeros = (counts.tables == 0).sum(axis=(1, 2))
    return np.asarray(zeros - counts.tables[0].size + counts.sizes[counts.first] * counts.sizes[counts.second]
                      if len(zeros) else zeros)  # fmt: skip


def _filled(counts: PairTables, added: float, small: float) -> PairTables:
    tables = counts.tables.copy()
    category = np.arange(tables.shape[1])
    rows, columns = counts.sizes[counts.first], counts.sizes[counts.second]
    inside = (category[:, None] < rows[:, None, None]) & (category[None, :] < columns[:, None, None])
    two = (rows == 2) & (columns == 2)
    gaps = (tables == 0) & inside
    tables[gaps & ~two[:, None, None]] = added
    if small:
        turned = np.array([[1.0, -1.0], [-1.0, 1.0]])
        for pair in np.flatnonzero(two & gaps.any(axis=(1, 2))):
            table = tables[pair, :2, :2]
            straight, across = (table[0, 0] == 0 or table[1, 1] == 0), (table[0, 1] == 0 or table[1, 0] == 0)
            table += small * turned * (float(straight) - float(across))
    return PairTables(tables, counts.margins, counts.first, counts.second, counts.sizes)
