"""Ratings reduced to what agreement rests on: distinct rows with the number of units that show them.

Fifty thousand segments coded by six people show a few dozen different rows at most for one code. Every coefficient is
computed from these rows, so its cost grows with distinct values and not with units or with pairs of ratings.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MISSING = -1


@dataclass(frozen=True, eq=False)
class Patterns:
    """Distinct rows of ratings.

    Attributes
    ----------
    rows : array, patterns × coders
        Positions in ``values``; -1 where a coder did not rate. Sorted, so that the order of units does not matter.
    weights : array of shape (patterns,)
        Units that show the row (or characters, where stretches of text are the units).
    values : tuple
        The categories, in order.
    clusters : array, clusters × patterns, or None
        The weights by cluster (transcript), whose columns sum to ``weights``.
    """

    rows: Ints
    weights: Floats
    values: tuple[Hashable, ...]
    clusters: Floats | None = None

    @cached_property
    def counts(self) -> Floats:
        """How many coders chose each category, patterns × categories."""
        found = np.zeros((len(self.rows), len(self.values)))
        at, coder = np.nonzero(self.rows >= 0)
        np.add.at(found, (at, self.rows[at, coder]), 1.0)
        return found

    @cached_property
    def rated(self) -> Floats:
        """How many coders rated each pattern."""
        found: Floats = (self.rows >= 0).sum(axis=1).astype(float)
        return found

    @property
    def n_coders(self) -> int:
        """Coders, whether they rated or not."""
        return int(self.rows.shape[1])

    def pair(self, first: int, second: int) -> "Patterns":
        """The same with two coders only."""
        return merged(self.rows[:, [first, second]], self.weights, self.values, self.clusters)


def patterns_of(
    columns: Sequence[Any], *, categories: Sequence[Hashable] | None = None, clusters: Any = None
) -> Patterns:
    """Reduce ratings to patterns.

    Parameters
    ----------
    columns
        One array or Series a coder, a value a unit; NaN or None where a coder did not rate.
    categories
        All categories in order; by default those that occur, sorted (numbers by size).
    clusters
        One label a unit: the transcript that it is from.

    Raises
    ------
    ValueError
        Coders with different numbers of units, a value that is no category, infinite values, units without a cluster.
    """
    series = [pd.Series(column).reset_index(drop=True) for column in columns]
    if len({len(one) for one in series}) > 1:
        raise ValueError(
            f"All coders must have the same units; got {', '.join(str(len(one)) for one in series)} values."
        )
    stacked = pd.concat(series, ignore_index=True) if series else pd.Series(dtype=float)
    codes, found = pd.factorize(stacked, use_na_sentinel=True)
    present: list[Hashable] = [_plain(value) for value in found]
    if any(isinstance(value, float) and np.isinf(value) for value in present):
        raise ValueError("The ratings contain infinite values; missing ratings are NaN.")
    order = _ordered(present, stacked.dtype) if categories is None else [_plain(value) for value in categories]
    place = {value: at for at, value in enumerate(order)}
    if len(place) < len(order):
        raise ValueError("The 'categories' of the ratings are not distinct.")
    if strange := [value for value in present if value not in place]:
        raise ValueError(unknown("category", str(strange[0]), [str(value) for value in order]))
    moved = np.array([*(place[value] for value in present), MISSING], dtype=np.int64)[codes]
    rows = moved.reshape(len(series), -1).T
    labels = None
    if clusters is not None:
        labels = cluster_codes(clusters, len(rows))
    return reduced(rows, tuple(order), clusters=labels)


def cluster_codes(clusters: Any, n: int) -> Ints:
    """Number clusters 0 … G − 1 in the order of their labels."""
    series = pd.Series(clusters)
    if len(series) != n:
        raise ValueError(f"'clusters' must give one label a unit: {n} units, {len(series)} labels.")
    if series.isna().any():
        raise ValueError(f"'clusters' must not have missing labels; {int(series.isna().sum())} units have none.")
    return np.asarray(pd.factorize(series, sort=True)[0], dtype=np.int64)


def reduced(
    rows: Ints, values: tuple[Hashable, ...], *, clusters: Ints | None = None, sizes: Floats | None = None
) -> Patterns:
    """Count the distinct rows of an array of category positions (units × coders, -1 missing).

    ``sizes`` are how much each row counts (characters of a stretch of text); by default 1.
    """
    key = np.zeros(len(rows), dtype=np.int64)
    for at in range(rows.shape[1]):
        key = key * (len(values) + 1) + rows[:, at] + 1
        if at + 1 < rows.shape[1] and key.size and key.max() > (1 << 62) // (len(values) + 1) - 1:
            key = np.asarray(pd.factorize(key, sort=True)[0], dtype=np.int64)
    which, distinct = pd.factorize(key, sort=True)
    first = np.zeros(len(distinct), dtype=np.int64)
    first[which[::-1]] = np.arange(len(rows))[::-1]
    weights = np.bincount(which, weights=sizes, minlength=len(distinct)).astype(float)
    by_cluster = None
    if clusters is not None:
        n_clusters = int(clusters.max()) + 1 if clusters.size else 0
        cells = np.bincount(clusters * len(distinct) + which, weights=sizes, minlength=n_clusters * len(distinct))
        by_cluster = cells.reshape(n_clusters, len(distinct)).astype(float)
    return Patterns(rows[first], weights, values, by_cluster)


def merged(rows: Ints, weights: Floats, values: tuple[Hashable, ...], clusters: Floats | None = None) -> Patterns:
    """Patterns from rows that may repeat, each with a weight."""
    distinct, which = np.unique(rows, axis=0, return_inverse=True)
    which = which.ravel()
    summed = np.bincount(which, weights=weights, minlength=len(distinct)).astype(float)
    by_cluster = None
    if clusters is not None:
        by_cluster = np.zeros((len(clusters), len(distinct)))
        np.add.at(by_cluster.T, which, clusters.T)
    return Patterns(distinct, summed, values, by_cluster)


def _plain(value: Any) -> Hashable:
    """Whole numbers as int, so that 1 and 1.0 are one category."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value  # type: ignore[no-any-return]


def _ordered(present: list[Hashable], dtype: Any) -> list[Hashable]:
    if isinstance(dtype, pd.CategoricalDtype):
        return [_plain(value) for value in dtype.categories]
    numbers = [value for value in present if isinstance(value, int | float)]
    if numbers and len(numbers) < len(present):
        raise ValueError("The ratings mix numbers and text; use one or the other for all categories.")
    return sorted(present, key=lambda value: value if numbers else str(value))  # type: ignore[arg-type,return-value]
