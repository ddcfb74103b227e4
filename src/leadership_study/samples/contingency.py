"""Categories of items, and the cross-tables of all their pairs by one matrix product.

The answers are read once; everything after costs the same however many respondents there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

MISSING = -1
_BLOCK = 1 << 22
"""Entries of an indicator block: 16 MB, and far below the 2²⁴ rows up to which float32 counts exactly."""


@dataclass(frozen=True)
class Categories:
    """Answers as category numbers.

    ``codes`` is items × respondents, 0 … c − 1 in the order of the values and −1 where missing; ``values`` holds for
    each item the values that occur, rising.
    """

    codes: Codes
    values: tuple[Floats, ...]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of categories that occur, for each item."""
        return np.array([len(each) for each in self.values], dtype=np.int64)

    @cached_property
    def complete(self) -> bool:
        """Whether no answer is missing."""
        return not bool((self.codes == MISSING).any())

    def of_rows(self, rows: NDArray[np.bool_]) -> "Categories":
        """The same items over some of the respondents; categories that no longer occur are left out."""
        return recoded(self.codes[:, rows], self.values)


def categories(answers: Floats, labels: Sequence[str] | None = None) -> Categories:
    """Number the values of each column of ``answers`` (respondents × items, NaN where missing).

    ``labels`` names the columns in the message of an error.

    Raises
    ------
    ValueError
        A column with more than 127 different values: `codes` would not hold them, and it is no ordinal item.
    """
    columns = np.ascontiguousarray(answers.T)
    missing = np.isnan(columns)
    any_missing = bool(missing.any())
    low = np.where(missing, np.inf, columns).min(axis=1) if any_missing else columns.min(axis=1)
    shifted = columns - low[:, None]
    if any_missing:
        shifted[missing] = MISSING
    if shifted.max(initial=0.0) <= 126:
        codes = shifted.astype(np.int8)
        if np.array_equal(codes, shifted):
            return recoded(codes, tuple(np.arange(127.0) + (0.0 if np.isinf(at) else at) for at in low))
    codes = np.full(columns.shape, MISSING, dtype=np.int8)
    values = []
    for item, (column, absent) in enumerate(zip(columns, missing, strict=True)):
        found, places = np.unique(column[~absent], return_inverse=True)
        if len(found) > 127:
            name = str(item + 1) if labels is None else repr(labels[item])
            raise ValueError(
                f"The column {name} has {len(found)} different values, an ordinal item at most 127; leave it out."
            )
        codes[item, ~absent] = places
        values.append(found)
    return Categories(codes, tuple(values))


def recoded(codes: Codes, values: tuple[Floats, ...]) -> Categories:
    """Close the gaps of codes whose values do not all occur."""
    found = []
    closed: list[tuple[int, NDArray[np.int8]]] = []
    for item, column in enumerate(codes):
        counts = np.bincount(column + 1, minlength=len(values[item]) + 1)[1:]
        there = counts > 0
        found.append(values[item][there])
        if not there[: len(found[-1])].all():
            renumber = np.concatenate([[MISSING], np.cumsum(there) - 1]).astype(np.int8)
            closed.append((item, renumber[column + 1]))
    if closed:
        codes = codes.copy()
        for item, column in closed:
            codes[item] = column
    return Categories(codes, tuple(found))


@dataclass(frozen=True)
class PairTables:
    """Counts of all pairs of items.

    ``tables`` is pairs × C × C with C the largest number of categories, zero where an item has fewer; ``margins`` is
    items × C, over all who answered the item; ``first`` and ``second`` are the items of each pair, second < first,
    in the order of the column-major lower triangle: (1, 0), (2, 0), …, (2, 1), ….
    """

    tables: Floats
    margins: Floats
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @property
    def n(self) -> Floats:
        """Respondents of each pair."""
        return np.asarray(self.tables.sum(axis=(1, 2)))


def lower_pairs(p: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of each entry below the diagonal, column by column (the order of vech)."""
    second, first = np.triu_indices(p, 1)
    return first, second


def pair_tables(items: Categories) -> PairTables:
    """Cross-tabulate every pair of items over the respondents who answered both.

    Notes
    -----
    One indicator column per category; their cross-products are the tables. Products of zeros and ones, summed over
    blocks of rows, are exact in float32. With complete answers one category an item follows from the margins.
    """
    sizes = items.sizes
    p, most = len(sizes), int(sizes.max(initial=1))
    margins = np.zeros((p, most))
    for item, column in enumerate(items.codes):
        margins[item, : sizes[item]] = np.bincount(column + 1, minlength=sizes[item] + 1)[1:]
    own = sizes - 1 if items.complete else sizes
    crossed = _cross_products(items.codes, own)
    place = np.concatenate([item * most + np.arange(count) for item, count in enumerate(own)]).astype(np.int64)
    full = np.zeros((p * most, p * most))
    full[np.ix_(place, place)] = crossed
    first, second = lower_pairs(p)
    tables = full.reshape(p, most, p, most)[first, :, second, :]
    if items.complete:
        # The last category of each item: what the margins leave.
        rows, columns, last = np.arange(len(first)), sizes[first] - 1, sizes[second] - 1
        tables[rows, :, last] = margins[first] - tables.sum(axis=2)
        tables[rows, columns, :] = margins[second] - _without(tables, rows, columns)
    return PairTables(tables, margins, first, second, sizes)


def _without(tables: Floats, rows: NDArray[np.int64], category: NDArray[np.int64]) -> Floats:
    return np.asarray(tables.sum(axis=1) - tables[rows, category, :])


def _cross_products(codes: Codes, own: NDArray[np.int64]) -> Floats:
    width, n = int(own.sum()), codes.shape[1]
    item = np.repeat(np.arange(len(own)), own)
    category = np.concatenate([np.arange(count) for count in own]).astype(np.int8) if width else np.empty(0, np.int8)
    total = np.zeros((width, width))
    rows = max(1, min(_BLOCK // max(width, 1), n))
    for start in range(0, n, rows):
        block = codes[:, start : start + rows]
        indicators = (block[item] == category[:, None]).astype(np.float32)
        total += indicators @ indicators.T
    return total
