"""Who is nested in what: the cross-products from which the likelihood of a linear mixed model is worked out.

The rows are summed up once. Where the grouping factors are nested in one another (teachers in schools, schools under
heads), each unit keeps one small matrix of cross-products with the columns above it; where they cross, the factor with
the most random effects is kept unit by unit and all others as one block of columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_CELLS = 60_000_000
"""Numbers in the largest matrix of crossed factors: half a gigabyte."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RandomTerm:
    """Random effects of one grouping factor.

    Attributes
    ----------
    name : str
        Of the grouping factor.
    codes : array of n whole numbers
        Level of each row, 0 … J − 1.
    labels : J names
    columns : q names
        What varies between levels: "intercept" or a predictor.
    design : array, n × q
    blocks : tuple of tuples of positions in ``columns``
        Effects in one block are correlated, those of different blocks are not.
    """

    name: str
    codes: Integers
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    design: Floats
    blocks: tuple[tuple[int, ...], ...]

    @property
    def n_levels(self) -> int:
        """Levels of the grouping factor."""
        return len(self.labels)

    @property
    def n_columns(self) -> int:
        """Random effects of one level."""
        return len(self.columns)


@dataclass(frozen=True, kw_only=True, eq=False)
class Segment:
    """A run of columns of a step that belong to one factor: ``levels`` times ``size`` of them from ``start`` on."""

    factor: int
    start: int
    levels: int
    size: int

    @property
    def stop(self) -> int:
        """Position after the last column."""
        return self.start + self.levels * self.size


@dataclass(frozen=True, kw_only=True, eq=False)
class Step:
    """Units whose random effects are eliminated together; ``first`` are the first units of each parent."""

    segments: tuple[Segment, ...]
    first: Integers

    @property
    def size(self) -> int:
        """Random effects of one unit of this step."""
        return self.segments[-1].stop

    def gather(self, left: Floats, right: Floats) -> Floats:
        """Σ left'right over the units of each parent: arrays units × m × r give parents × r × r."""
        if len(self.first) == 1:
            flat = left.reshape(-1, left.shape[2]).T @ right.reshape(-1, right.shape[2])
            return np.asarray(flat[None])
        return self.total(np.matmul(left.swapaxes(1, 2), right))

    def total(self, values: Floats) -> Floats:
        """Sum over the units of each parent."""
        if len(self.first) == 1:
            return np.asarray(values.sum(axis=0, keepdims=True))
        return np.asarray(np.add.reduceat(values, self.first, axis=0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Structure:
    """Cross-products of a mixed model of n rows and p orthonormal columns of fixed effects.

    Attributes
    ----------
    terms : tuple of RandomTerm
        In order of elimination: the innermost factor first; codes are renumbered so that units of a parent adjoin.
    nested : bool
        Whether each factor lies inside the next; otherwise there are two steps, the second of a single unit.
    scales : tuple of arrays
        Root mean square of each column of each term's design, by which the cross-products are divided.
    own, with_rest : arrays, units × m × m and units × m × r
        Cross-products of the first step's columns, with themselves and with all columns after them.
    rest : array, parents × r × r
        Cross-products of the columns after the first step's, the outcome last.
    """

    terms: tuple[RandomTerm, ...]
    steps: tuple[Step, ...]
    nested: bool
    scales: tuple[Floats, ...]
    own: Floats
    with_rest: Floats
    rest: Floats
    n: int
    p: int

    @property
    def blocks_of_rows(self) -> Integers:
        """Code of the independent block that each row is in: the outermost unit, or one block when factors cross."""
        return self.terms[-1].codes if self.nested else np.zeros(self.n, dtype=np.int64)


def structure_of(terms: Sequence[RandomTerm], basis: Floats, outcome: Floats) -> Structure:
    """Sum up the rows.

    Parameters
    ----------
    terms : sequence of RandomTerm
        One for each grouping factor.
    basis : array, n × p
        Orthonormal columns that span the fixed effects.
    outcome : array of n numbers

    Raises
    ------
    InsufficientDataError
        When crossed factors have too many levels.
    """
    ordered = sorted(terms, key=lambda term: -term.n_levels)
    chain = _nested(ordered)
    if chain is not None:
        return _of_chain(chain, basis, outcome)
    return _of_crossed(sorted(terms, key=lambda term: -term.n_levels * term.n_columns), basis, outcome)


def _nested(ordered: Sequence[RandomTerm]) -> list[RandomTerm] | None:
    """The terms with codes numbered along their parents, or None when a level lies in two levels of the next factor."""
    found = [ordered[-1]]
    for term in reversed(ordered[:-1]):
        along = found[0].codes * term.n_levels + term.codes
        kept, codes = np.unique(along, return_inverse=True)
        if len(kept) != term.n_levels:
            return None
        labels = tuple(term.labels[at] for at in kept % term.n_levels)
        found.insert(0, _replaced(term, codes.astype(np.int64), labels))
    return found


def _replaced(term: RandomTerm, codes: Integers, labels: tuple[str, ...]) -> RandomTerm:
    return RandomTerm(
        name=term.name, codes=codes, labels=labels, columns=term.columns, design=term.design, blocks=term.blocks
    )


def _scale(term: RandomTerm) -> Floats:
    scale = np.sqrt((term.design**2).mean(axis=0))
    return np.where(scale > 0, scale, 1.0)


def _of_chain(terms: list[RandomTerm], basis: Floats, outcome: Floats) -> Structure:
    n, p = basis.shape
    scales = tuple(_scale(term) for term in terms)
    designs = [term.design / scale for term, scale in zip(terms, scales, strict=True)]
    rest_columns = np.column_stack([*designs[1:], basis, outcome])
    inner = terms[0]
    own = _sums(designs[0], designs[0], inner.codes, inner.n_levels)
    with_rest = _sums(designs[0], rest_columns, inner.codes, inner.n_levels)
    if len(terms) == 1:
        rest = (rest_columns.T @ rest_columns)[None]
    else:
        rest = _sums(rest_columns, rest_columns, terms[1].codes, terms[1].n_levels)
    steps = []
    for at, term in enumerate(terms):
        if at + 1 < len(terms):
            parent = np.zeros(term.n_levels, dtype=np.int64)
            parent[term.codes] = terms[at + 1].codes
            first = np.flatnonzero(np.diff(parent, prepend=-1))
        else:
            first = np.zeros(1, dtype=np.int64)
        steps.append(Step(segments=(Segment(factor=at, start=0, levels=1, size=term.n_columns),), first=first))
    return Structure(
        terms=tuple(terms), steps=tuple(steps), nested=True, scales=scales, own=own, with_rest=with_rest, rest=rest,
        n=n, p=p,
    )  # fmt: skip


def _of_crossed(terms: list[RandomTerm], basis: Floats, outcome: Floats) -> Structure:
    n, p = basis.shape
    scales = tuple(_scale(term) for term in terms)
    inner = terms[0]
    wide = sum(term.n_levels * term.n_columns for term in terms[1:])
    if max(inner.n_levels * inner.n_columns, wide) * wide > MOST_CELLS:
        text = "The grouping factors cross and have {levels} random effects together, too many to work out here."
        total = wide + inner.n_levels * inner.n_columns
        raise InsufficientDataError(Note("too_many_crossed_levels", text, {"levels": total}))
    columns = [indicator_columns(term, scale) for term, scale in zip(terms, scales, strict=True)]
    rest_columns = sparse.hstack([*columns[1:], sparse.csr_array(np.column_stack([basis, outcome]))], format="csr")
    q = inner.n_columns
    with_rest = (columns[0].T @ rest_columns).toarray().reshape(inner.n_levels, q, -1)
    own = _sums(inner.design / scales[0], inner.design / scales[0], inner.codes, inner.n_levels)
    rest = (rest_columns.T @ rest_columns).toarray()[None]
    segments, start = [], 0
    for at, term in enumerate(terms[1:], start=1):
        segments.append(Segment(factor=at, start=start, levels=term.n_levels, size=term.n_columns))
        start = segments[-1].stop
    none = np.zeros(1, dtype=np.int64)
    steps = (
        Step(segments=(Segment(factor=0, start=0, levels=1, size=q),), first=none),
        Step(segments=tuple(segments), first=none),
    )
    return Structure(
        terms=tuple(terms), steps=steps, nested=False, scales=scales, own=own, with_rest=with_rest, rest=rest, n=n, p=p
    )


def indicator_columns(term: RandomTerm, scale: Floats) -> sparse.csr_array:
    """The columns of a term's random effects, level by level: n × Jq, with q numbers in each row."""
    n, q = term.design.shape
    at = (term.codes[:, None] * q + np.arange(q)).ravel()
    return sparse.csr_array(
        ((term.design / scale).ravel(), at, np.arange(0, n * q + 1, q)), shape=(n, term.n_levels * q)
    )


def _sums(left: Floats, right: Floats, codes: Integers, n_units: int) -> Floats:
    """Σ left'right over the rows of each unit: units × columns of ``left`` × columns of ``right``."""
    found = np.empty((n_units, left.shape[1], right.shape[1]))
    for i in range(left.shape[1]):
        for j in range(right.shape[1]):
            found[:, i, j] = np.bincount(codes, left[:, i] * right[:, j], n_units)
    return found
