"""Whether a respondent's answers fit one another: even–odd, pairs of like and unlike items, person–total."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from leadership_study.validation._blocks import Array, Sums

_ROUNDING = 1e-12
"""A sum of squares below this share of its terms is a constant that was rounded."""


def even_odd(matrix: Array, scales: Sequence[Sequence[int]]) -> Array:
    """Correlation, over the scales, of the means of a respondent's odd and even items (n × p ``matrix``, keyed).

    Missing answers are left out of a mean; NaN when a half has none at all or does not vary over the scales.
    """
    odd = np.column_stack([_mean(matrix[:, list(places[0::2])]) for places in scales])
    even = np.column_stack([_mean(matrix[:, list(places[1::2])]) for places in scales])
    return correlated(even, odd)


def spearman_brown(correlation: Array) -> Array:
    """Return 2r / (1 + r), never below −1: what the full scales would have."""
    with np.errstate(divide="ignore", invalid="ignore"):
        stepped = 2 * correlation / (1 + correlation)
    return np.where(np.isnan(correlation), np.nan, np.maximum(np.where(correlation <= -1, -1.0, stepped), -1.0))


def correlated(a: Array, b: Array) -> Array:
    """Correlation of each row of ``a`` with the same row of ``b``; NaN with a missing value or a constant row."""
    with np.errstate(divide="ignore", invalid="ignore"):
        left, right = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
        squares = _products(left, left), _products(right, right)
        varies = (squares[0] > _ROUNDING * _products(a, a)) & (squares[1] > _ROUNDING * _products(b, b))
        found = _products(left, right) / np.sqrt(squares[0] * squares[1])
    return np.where(varies, np.clip(found, -1.0, 1.0), np.nan)


def pairs_of(total: Sums, names: Sequence[str], *, synonyms: float, antonyms: float) -> pd.DataFrame:
    """Pairs of items that correlate above ``synonyms`` or below ``antonyms`` (pairwise), the earlier column first.

    Index ``pair``; columns kind (synonyms, antonyms), first, second, r.
    """
    rows: list[Mapping[str, object]] = []
    for second in range(len(names)):
        for first in range(second):
            r = float(total.correlation[first, second])
            if r > synonyms or r < antonyms:
                kind = "synonyms" if r > synonyms else "antonyms"
                rows.append({"kind": kind, "first": names[first], "second": names[second], "r": r})
    table = pd.DataFrame(rows, columns=["kind", "first", "second", "r"])
    table.index = pd.Index([f"{row['first']} – {row['second']}" for row in rows], name="pair", dtype="str")
    return table.astype({"kind": "str", "first": "str", "second": "str", "r": "float64"})


def over_pairs(matrix: Array, chosen: Array, centre: float) -> tuple[Array, Array]:
    """Each row's correlation of the first with the second items of its pairs, and the number of pairs it has whole.

    ``chosen`` (p × p) is 1 at [first, second] of every pair. All sums are products of matrices, so that a thousand
    pairs cost no more than ten; ``centre``, one number near all answers, keeps them exact. NaN with fewer than three
    pairs or no variance.
    """
    values = matrix - centre
    given = ~np.isnan(values)
    squares = values**2
    if given.all():  # how often each item is first or second is the same in all rows
        n = np.full(len(values), chosen.sum())
        degrees = np.column_stack([chosen.sum(axis=1), chosen.sum(axis=0)])
        one, two = (values @ degrees).T
        one_squared, two_squared = (squares @ degrees).T
    else:
        values[~given] = squares[~given] = 0.0
        there = given.astype(np.float64)
        as_first, as_second = there @ chosen.T, there @ chosen
        n = _products(as_second, there)
        one, two = _products(values, as_first), _products(values, as_second)
        one_squared, two_squared = _products(squares, as_first), _products(squares, as_second)
    both = _products(values @ chosen, values)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread_one, spread_two = one_squared - one**2 / n, two_squared - two**2 / n
        enough = (n >= 3) & (spread_one > _ROUNDING * one_squared) & (spread_two > _ROUNDING * two_squared)
        found = (both - one * two / n) / np.sqrt(spread_one * spread_two)
    return np.where(enough, np.clip(found, -1.0, 1.0), np.nan), n


def person_total(matrix: Array, means: Array, *, listwise: bool) -> Array:
    """Correlation of each row with the means of all respondents; over the items answered unless ``listwise``."""
    given = ~np.isnan(matrix) & ~np.isnan(means)
    if listwise or given.all():
        return correlated(matrix, np.broadcast_to(means, matrix.shape))
    centre = (
        float(np.nanmean(means)) if np.isfinite(means).any() else 0.0
    )  # one number near all answers: sums stay exact
    own = np.where(given, matrix - centre, 0.0)
    typical = np.where(np.isnan(means), 0.0, means - centre)
    there = given.astype(np.float64)
    n = there.sum(axis=1)
    first, second = own.sum(axis=1), there @ typical
    first_squared, second_squared = _products(own, own), there @ typical**2
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = first_squared - first**2 / n, second_squared - second**2 / n
        varies = (n > 1) & (squares[0] > _ROUNDING * first_squared) & (squares[1] > _ROUNDING * second_squared)
        found = (own @ typical - first * second / n) / np.sqrt(squares[0] * squares[1])
    return np.where(varies, np.clip(found, -1.0, 1.0), np.nan)


def _products(a: Array, b: Array) -> Array:
    """Sum of products of each row of ``a`` with the same row of ``b``."""
    total: Array = np.einsum("ij,ij->i", a, b)
    return total


def _mean(matrix: Array) -> Array:
    given = ~np.isnan(matrix)
    n = given.sum(axis=1)
    total = np.where(given, matrix, 0.0).sum(axis=1)
    mean: Array = np.divide(total, n, out=np.full(len(matrix), np.nan), where=n > 0)
    return mean
