"""Items in blocks of rows, so that memory does not grow with the number of respondents; sums over all of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float64]

ROWS = 50_000
"""Rows in a block: with 50 items, 20 MB as float64."""


def blocks(items: pd.DataFrame, rows: int = ROWS) -> Iterator[tuple[slice, Array]]:
    """Yield ``items`` as float64 matrices of at most ``rows`` rows, each with its place."""
    for start in range(0, len(items), rows):
        place = slice(start, min(start + rows, len(items)))
        yield place, items.iloc[place].to_numpy(dtype=np.float64)


@dataclass(frozen=True)
class Sums:
    """What correlations and distances need of p items: numbers, means, covariances.

    ``pair_n``, ``covariance`` and ``correlation`` (p × p) are pairwise: each entry from the rows that have both items,
    with their means and standard deviations, as R's ``cov`` and ``cor`` with ``use = "pairwise"``. ``means`` are those
    of the answers given. ``complete_*`` are of the complete rows.
    """

    pair_n: Array
    covariance: Array
    correlation: Array
    means: Array
    complete_n: int
    complete_means: Array
    complete_covariance: Array


def sums(items: pd.DataFrame, rows: int = ROWS) -> Sums:
    """Pass once over the blocks of ``items``; values are centred first, so that nothing cancels.

    An infinite number is a ValueError naming its column.
    """
    size = items.shape[1]
    centre = _centre(items)
    both, cross, first, squares = (np.zeros((size, size)) for _ in range(4))
    n, total, products = 0, np.zeros(size), np.zeros((size, size))
    for _, matrix in blocks(items, rows):
        if np.isinf(matrix).any():
            name = items.columns[int(np.flatnonzero(np.isinf(matrix).any(axis=0))[0])]
            raise ValueError(f"The column {name!r} holds an infinite number; correct it.")
        values = matrix - centre
        given = ~np.isnan(values)
        complete = values[given.all(axis=1)]
        n += len(complete)
        total += complete.sum(axis=0)
        product = complete.T @ complete
        products += product
        if len(complete) == len(values):  # nothing missing: one product of matrices is enough
            both += len(values)
            first += values.sum(axis=0)[:, None]
            squares += np.diag(product)[:, None]
            cross += product
            continue
        values[~given] = 0.0
        there = given.astype(np.float64)
        both += there.T @ there
        cross += values.T @ values
        first += _over_given(values, given, there)
        values **= 2
        squares += _over_given(values, given, there)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = squares - first**2 / both
        covariance = np.where(both > 1, (cross - first * first.T / both) / (both - 1), np.nan)
        spread[spread <= 1e-12 * squares] = np.nan  # constant where both are answered
        correlation = (cross - first * first.T / both) / np.sqrt(spread * spread.T)
        means = centre + np.diag(first) / np.diag(both)
        complete_covariance = (products - np.outer(total, total) / n) / (n - 1) if n > 1 else products * np.nan
    return Sums(
        pair_n=both,
        covariance=covariance,
        correlation=correlation,
        means=means,
        complete_n=n,
        complete_means=centre + total / n if n else centre * np.nan,
        complete_covariance=complete_covariance,
    )


def _over_given(values: Array, given: NDArray[np.bool_], there: Array) -> Array:
    """Sums of each column over the rows that have each other column (p × p); ``values`` are 0 where missing.

    Where gaps are few these are the sums over all rows less those over the gaps: a product with few numbers costs less
    than a full one, which the threads of BLAS make slower still on a busy machine. Where a column has more gaps than
    answers, little would be left of a difference.
    """
    if 2 * there.sum(axis=0).min() < len(values):
        full: Array = values.T @ there
        return full
    gaps = sparse.csr_array(~given).T.tocsr().astype(np.float64)
    total: Array = values.sum(axis=0)[:, None] - (gaps @ values).T
    return total


def _centre(items: pd.DataFrame) -> Array:
    """Return a whole number near each item's mean: sums of whole answers then stay exact."""
    head = items.iloc[:ROWS].to_numpy(dtype=np.float64)
    given = ~np.isnan(head)
    centre: Array = np.round(np.where(given, head, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1))
    return centre
