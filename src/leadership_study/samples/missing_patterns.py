"""Rows with missing values, grouped by which values they have: everything a normal likelihood needs of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """Rows that have the same values.

    Attributes
    ----------
    observed, unobserved : arrays of column numbers
    rows : array of row numbers
    mean : array, one number an observed column
    scatter : array, observed × observed
        Covariances of the observed columns within the pattern, divisor n.
    """

    observed: NDArray[np.intp]
    unobserved: NDArray[np.intp]
    rows: NDArray[np.intp]
    mean: Floats
    scatter: Floats

    @property
    def n(self) -> int:
        """Rows of this pattern."""
        return len(self.rows)

    def about(self, mean: Floats) -> tuple[Floats, Floats]:
        """Distance of the pattern's mean from ``mean`` (all columns), and the second moments about ``mean``."""
        distance = self.mean - mean[self.observed]
        return distance, self.scatter + np.outer(distance, distance)


@dataclass(frozen=True, kw_only=True, eq=False)
class Patterns:
    """All patterns of a table of numbers, the most frequent first.

    Attributes
    ----------
    groups : tuple of Pattern
        Without the rows that have nothing.
    n_columns, n, n_empty : int
        Columns; rows with at least one value; rows without any, which say nothing and are left out.
    """

    groups: tuple[Pattern, ...]
    n_columns: int
    n: int
    n_empty: int

    def __iter__(self) -> Iterator[Pattern]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)


def missing_patterns(values: Floats) -> Patterns:
    """Group the rows of ``values`` (n × p, NaN where missing) by pattern of missing values.

    Means and scatter are worked out once, so that what follows costs the number of patterns and not of rows.
    """
    n_rows, n_columns = values.shape
    seen = ~np.isnan(values)
    packed = np.packbits(seen, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    by_key = np.argsort(inverse, kind="stable")
    starts = np.concatenate(([0], np.cumsum(counts)))
    groups, n_empty = [], 0
    # Ties by the first row that has the pattern: the order does not depend on how keys are compared.
    for at in np.lexsort((first, -counts)):
        here = by_key[starts[at] : starts[at + 1]]
        observed = np.flatnonzero(seen[first[at]])
        if len(observed) == 0:
            n_empty = len(here)
            continue
        block = values[np.ix_(here, observed)]
        mean = block.mean(axis=0)
        centred = block - mean
        groups.append(
            Pattern(
                observed=observed,
                unobserved=np.flatnonzero(~seen[first[at]]),
                rows=here,
                mean=mean,
                scatter=centred.T @ centred / len(here),
            )
        )
    return Patterns(groups=tuple(groups), n_columns=n_columns, n=n_rows - n_empty, n_empty=n_empty)
