"""Random halves of the raters of each group, thousands of times, and the means of both halves."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from leadership_study.samples.resampling import block_generator, block_sizes

Floats = NDArray[np.float64]


def half_means(values: Floats, codes: NDArray[np.int64], splits: int, seed: int) -> tuple[Floats, Floats]:
    """Means of two random halves of every group.

    Parameters
    ----------
    values : array, n × v
    codes : array of n codes 0 … g − 1
        Every group has two rows or more; of an odd number either half has the row that is over, by chance.
    splits : int
        How often, one random stream a block of 100.

    Returns
    -------
    Two arrays, splits × g × v: the means of the first and of the second half.
    """
    order = np.argsort(codes, kind="stable")
    ordered = values[order]
    sizes = np.bincount(codes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    totals = np.add.reduceat(ordered, starts, axis=0)
    first, second = [], []
    for inside, counts in _blocks(codes[order], sizes, starts, splits, seed):
        sums = np.stack([np.add.reduceat(inside * column, starts, axis=1) for column in ordered.T], axis=2)
        first.append(sums / counts[:, :, None])
        second.append((totals - sums) / (sizes - counts)[:, :, None])
    return np.concatenate(first), np.concatenate(second)


def _blocks(
    codes: NDArray[np.int64], sizes: NDArray[np.int64], starts: NDArray[np.int64], splits: int, seed: int
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
    """Which rows (sorted by group) are in the first half, and how many of each group."""
    place = np.arange(len(codes)) - starts[codes]
    for block, size in enumerate(block_sizes(splits)):
        random = block_generator(seed, block)
        keys = codes + random.random((size, len(codes)))
        counts = sizes // 2 + (sizes % 2) * random.integers(2, size=(size, len(sizes)))
        inside = np.empty(keys.shape, dtype=np.bool_)
        np.put_along_axis(inside, np.argsort(keys, axis=1), place < counts[:, codes], axis=1)
        yield inside, counts
