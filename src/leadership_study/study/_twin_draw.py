"""Categories drawn anew with the margins, correlations and nesting of given ones: a normal copula with groups.

Each column is thought of as cut from a normal variable that is a sum of independent parts: one for each level of groups
and one for the respondent. Correlations of the categories, of one respondent and of two of the same group, are turned
into correlations of these variables by Mehler's formula (`samples.category_moments`); thresholds are those of the
margins, so that every category is drawn as often as it was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from leadership_study.samples.category_moments import category_variance, hermite_coefficients, series

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_TERMS = 40
_HALVINGS = 45
_TRIES = 20
_LARGE = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns of categories: ``codes`` (n × p; −1 is missing) number the rising ``values`` of each column."""

    codes: Codes
    values: tuple[Floats, ...]

    @property
    def scores(self) -> Floats:
        """The values themselves; NaN where missing."""
        columns = [np.append(values, np.nan)[self.codes[:, at]] for at, values in enumerate(self.values)]
        return np.column_stack(columns) if columns else np.empty((len(self.codes), 0))


def draw_again(table: Table, groups: Sequence[Codes], missing: NDArray[np.bool_], seed: int) -> Table:
    """Draw as many respondents anew.

    Parameters
    ----------
    table
        What is given.
    groups
        Group of each respondent, inner to outer, each level nested in the next; the drawn respondents have the same.
    missing
        n × p: where the drawn table has no answer.
    seed
        Equal seeds, equal tables.

    Returns
    -------
    Table
        Columns that are constant within the groups of a level stay so.
    """
    n, p = table.codes.shape
    if n == 0 or p == 0:
        return table
    total, between = _latent(table, groups)
    parts = _levels(between)
    parts.append(_positive(total - sum(parts, np.zeros((p, p)))))
    roots = [_root(part) for part in parts]
    wanted = _summary(table, groups)
    found: list[tuple[float, int, Table]] = []
    for number in range(_TRIES if n * p < _LARGE else 1):
        # Few groups make a single draw a matter of luck: the one that comes closest is taken.
        drawn = _drawn(np.random.default_rng([seed, number]), table, groups, missing, roots)
        found.append((float(np.nanmean(np.abs(_summary(drawn, groups) - wanted))), number, drawn))
    return min(found, key=lambda entry: entry[:2])[2]


def _summary(table: Table, groups: Sequence[Codes]) -> Floats:
    """Correlations within respondents, and of two of one group, in one array."""
    scores = table.scores
    return np.concatenate([correlations(scores).ravel(), *(intraclass(scores, codes) for codes in groups)])


def correlations(scores: Floats) -> Floats:
    """Pearson correlations of all pairs of columns over the rows where both are known; NaN where there are none."""
    counted = (~np.isnan(scores)).astype(float)
    known = np.where(np.isnan(scores), 0.0, scores - np.nansum(scores, axis=0) / np.maximum(counted.sum(axis=0), 1))
    squares = (known**2).T @ counted
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((known.T @ known) / np.sqrt(squares * squares.T))


def _drawn(
    draw: np.random.Generator,
    table: Table,
    groups: Sequence[Codes],
    missing: NDArray[np.bool_],
    roots: Sequence[Floats],
) -> Table:
    n, p = table.codes.shape
    scale = np.sqrt(np.maximum(sum((root**2).sum(axis=1) for root in roots), 1e-12))
    normal = _standard(draw, n, p) @ roots[-1].T
    for codes, root in zip(groups, roots[:-1], strict=True):
        normal += _as_spread((_standard(draw, int(codes.max(initial=-1)) + 1, p) @ root.T)[codes], root)
    normal /= scale
    drawn = np.full((n, p), -1, dtype=np.int64)
    for at in range(p):
        constant = next((level for level in reversed(groups) if _is_constant(table.codes[:, at], level)), None)
        if constant is None:
            drawn[:, at] = _cut(normal[:, at], table.codes[:, at], ~missing[:, at])
        else:
            drawn[:, at] = _cut_groups(normal[:, at], table.codes[:, at], constant)
    return Table(codes=drawn, values=table.values)


def intraclass(scores: Floats, codes: Codes) -> Floats:
    """Correlation of two respondents of one group, for each column; NaN where no group has two."""
    n = np.maximum((~np.isnan(scores)).sum(axis=0), 1)
    centred = scores - np.nansum(scores, axis=0) / n
    products, pairs = _cross_products(centred, codes)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.diag(products) / np.diag(pairs) / (np.nansum(centred**2, axis=0) / n))


def _latent(table: Table, groups: Sequence[Codes]) -> tuple[Floats, list[Floats]]:
    """Correlations of the normal variables: of one respondent, and of two of one group at each level."""
    scores = table.scores
    n, p = scores.shape
    counted = (~np.isnan(scores)).astype(float)
    centred = scores - np.nansum(scores, axis=0) / np.maximum(counted.sum(axis=0), 1)
    coefficients, spread = _hermite(table)
    total = _invert(np.nan_to_num(correlations(scores)), coefficients, spread)
    # Few respondents say little about many correlations: draw them towards none.
    total *= min(1.0, n / (2.0 * p))
    total[counted.T @ counted < 3] = 0.0
    np.fill_diagonal(total, 1.0)
    between: list[Floats] = []
    inside: tuple[Floats, Floats] | None = None
    for codes in groups:
        products, pairs = _cross_products(centred, codes)
        apart = (products, pairs) if inside is None else (products - inside[0], pairs - inside[1])
        inside = (products, pairs)
        with np.errstate(invalid="ignore", divide="ignore"):
            shared = apart[0] / apart[1] / np.outer(spread, spread)
        found = _invert(np.nan_to_num(np.where(apart[1] > 0, shared, 0.0)), coefficients, spread)
        constant = [at for at in range(p) if _is_constant(table.codes[:, at], codes)]
        found[constant, constant] = 1.0
        between.append(np.clip((found + found.T) / 2, -0.999, 0.999))
    return total, between


def _levels(between: Sequence[Floats]) -> list[Floats]:
    """What each level adds, inner to outer: the inner one's less the next outer one's."""
    outer = [*between[1:], *([np.zeros_like(between[0])] if between else [])]
    return [_positive(found - beyond) for found, beyond in zip(between, outer, strict=True)]


def _cross_products(centred: Floats, codes: Codes) -> tuple[Floats, Floats]:
    """Sums of products over all pairs of different respondents of one group, and the number of these pairs."""
    known = np.where(np.isnan(centred), 0.0, centred)
    counted = (~np.isnan(centred)).astype(float)
    groups = int(codes.max(initial=-1)) + 1
    sums, counts = np.zeros((groups, centred.shape[1])), np.zeros((groups, centred.shape[1]))
    np.add.at(sums, codes, known)
    np.add.at(counts, codes, counted)
    return sums.T @ sums - known.T @ known, counts.T @ counts - counted.T @ counted


def _hermite(table: Table) -> tuple[Floats, Floats]:
    """Coefficients (p × terms) and standard deviation of each column."""
    coefficients, spread = [], []
    for at, values in enumerate(table.values):
        counts = np.bincount(table.codes[table.codes[:, at] >= 0, at], minlength=len(values)).astype(float)
        if counts.sum() == 0 or len(values) < 2:
            coefficients.append(np.zeros(_TERMS + 1))
            spread.append(1.0)
            continue
        cuts = special.ndtri(np.clip(np.cumsum(counts)[:-1] / counts.sum(), 1e-9, 1 - 1e-9))
        coefficients.append(hermite_coefficients(cuts, values, np.zeros(1), terms=_TERMS)[0])
        spread.append(float(np.sqrt(max(category_variance(cuts, values, np.zeros(1))[0], 1e-12))))
    return np.array(coefficients).reshape(len(table.values), _TERMS + 1), np.array(spread)


def _invert(observed: Floats, coefficients: Floats, spread: Floats) -> Floats:
    """Correlations of the normal variables that give the observed ones: bisection, all pairs at once."""
    p = len(spread)
    first = np.broadcast_to(coefficients[:, None], (p, p, coefficients.shape[1]))
    second = np.broadcast_to(coefficients[None], (p, p, coefficients.shape[1]))
    low, high = np.full((p, p), -0.999), np.full((p, p), 0.999)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_low = series(first, second, middle) / np.outer(spread, spread) < observed
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    nothing = np.abs(coefficients[:, 1:]).sum(axis=1) == 0
    found = np.asarray((low + high) / 2)
    found[nothing] = 0.0
    found[:, nothing] = 0.0
    return found


def _positive(matrix: Floats) -> Floats:
    """The matrix without its negative eigenvalues, scaled back to the variances it had."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    found = (vectors * np.maximum(values, 0.0)) @ vectors.T
    scale: Floats = np.sqrt(np.maximum(np.diag(matrix), 0.0) / np.maximum(np.diag(found), 1e-12))
    return np.asarray(found * np.outer(scale, scale))


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _standard(draw: np.random.Generator, n: int, p: int) -> Floats:
    """Normal variables; with enough rows, uncorrelated and of variance 1 in these rows, not only in the long run."""
    drawn = draw.standard_normal((n, p))
    if n <= 2 * p or p == 0:
        return drawn
    drawn -= drawn.mean(axis=0)
    return np.asarray(np.linalg.solve(np.linalg.cholesky(drawn.T @ drawn / n), drawn.T).T)


def _as_spread(effects: Floats, root: Floats) -> Floats:
    """Effects of groups, one row a respondent, with the variances they should have, which few groups seldom have."""
    centred = effects - effects.mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    wanted = np.sqrt((root**2).sum(axis=1))
    return np.asarray(centred * np.where(spread > 1e-9, wanted / np.maximum(spread, 1e-9), 0.0))


def _is_constant(codes: Codes, groups: Codes) -> bool:
    """Whether every group has one value, and at least one group has two respondents."""
    n = int(groups.max(initial=-1)) + 1
    if n == 0 or n == len(groups) or (codes < 0).any():
        return False
    low, high = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
    np.minimum.at(low, groups, codes)
    np.maximum.at(high, groups, codes)
    return bool((low >= high).all())


def _cut(normal: Floats, codes: Codes, wanted: NDArray[np.bool_]) -> Codes:
    """Categories in the order of ``normal``, each as often as it is given."""
    drawn = np.full(len(normal), -1, dtype=np.int64)
    given = np.sort(codes[codes >= 0])
    places = np.flatnonzero(wanted)
    if len(given) and len(places):
        order = places[np.argsort(normal[places], kind="stable")]
        at = (np.arange(len(places)) + 0.5) * len(given) / len(places)
        drawn[order] = given[at.astype(np.int64)]
    return drawn


def _cut_groups(normal: Floats, codes: Codes, groups: Codes) -> Codes:
    """One category a group, each in as many groups as it is given."""
    n = int(groups.max()) + 1
    means = np.bincount(groups, normal, n) / np.bincount(groups, minlength=n)
    given = np.full(n, -1, dtype=np.int64)
    given[groups] = codes
    of_group = np.empty(n, dtype=np.int64)
    of_group[np.argsort(means, kind="stable")] = np.sort(given)
    return np.asarray(of_group[groups])
