"""Answers in ordered categories drawn from a factor model, in blocks with random streams of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Categories = NDArray[np.int8]

BLOCK = 50_000


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemModel:
    """How p items depend on k dimensions, each item on one.

    Attributes
    ----------
    dimension : array of p whole numbers
        Dimension of each item, 0 … k − 1.
    loadings, shifts : arrays of p numbers
        Standardised loading λ, and what is added to the item's underlying variable: below 0 is a weak item.
    cuts : array, p × (most categories − 1)
        Rising thresholds of each item's underlying variable, filled up with infinity.
    """

    dimension: Codes
    loadings: Floats
    shifts: Floats
    cuts: Floats

    @property
    def items(self) -> int:
        """Number of items, p."""
        return len(self.loadings)


def streams(root: np.random.SeedSequence, n: int) -> Iterator[tuple[np.random.Generator, slice]]:
    """Yield a generator and the rows of each block of n rows; the same whatever the number of rows after it."""
    for block, start in enumerate(range(0, n, BLOCK)):
        own = np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, block))
        yield np.random.Generator(np.random.Philox(own)), slice(start, min(start + BLOCK, n))


def correlated(stream: np.random.Generator, n: int, root: Floats) -> Floats:
    """Return n × k normal numbers whose covariance is root·root′."""
    return np.asarray(stream.standard_normal((n, root.shape[1])) @ root.T)


def answer(stream: np.random.Generator, levels: Floats, model: ItemModel) -> Categories:
    """Return the categories 0, 1, … that respondents with ``levels`` (n × k) of the dimensions choose: n × p.

    Notes
    -----
    y* = shift + λη + √(1 − λ²)ε with standard normal ε; the category is the number of thresholds below y*. With
    variance 1 of η the underlying variables have variance 1.
    """
    chosen = np.zeros((len(levels), model.items), dtype=np.int8)
    for item in range(model.items):
        loading = model.loadings[item]
        underlying = stream.standard_normal(len(levels))
        underlying *= np.sqrt(1 - loading**2)
        underlying += loading * levels[:, model.dimension[item]] + model.shifts[item]
        cuts = model.cuts[item]
        chosen[:, item] = np.searchsorted(cuts[np.isfinite(cuts)], underlying)
    return chosen


def group_sizes(stream: np.random.Generator, n: int, groups: int, cv: float, least: int) -> Codes:
    """Divide n members among groups: ``least`` each, the rest by gamma weights, so that SD/mean is near ``cv``."""
    if least * groups > n:
        raise ValueError(f"The 'least' parameter of group_sizes must leave members for all. Got {least!r} instead.")
    rest = n - least * groups
    if cv == 0 or rest == 0:
        sizes = np.full(groups, n // groups, dtype=np.int64)
        sizes[: n % groups] += 1
        return sizes
    # The members above the least have all of the spread.
    shape = 1 / (cv * n / rest) ** 2
    shares = stream.gamma(shape, size=groups)
    shares *= rest / shares.sum()
    sizes = np.floor(shares).astype(np.int64)
    last = np.argsort(-(shares - sizes), kind="stable")[: rest - int(sizes.sum())]
    sizes[last] += 1
    return sizes + least


def quota(stream: np.random.Generator, n: int, shares: Floats) -> Codes:
    """Return n levels, each as often as its share says (largest remainders), in random order."""
    exact = n * shares / shares.sum()
    counts = np.floor(exact).astype(np.int64)
    counts[np.argsort(-(exact - counts), kind="stable")[: n - int(counts.sum())]] += 1
    return stream.permutation(np.repeat(np.arange(len(shares)), counts))
