"""Bootstrap draws that do not depend on how the work is cut up: 100 replicates a block, one random stream a block."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BLOCK = 100


def block_sizes(replicates: int) -> list[int]:
    """Replicates in each block: 100 in all but the last."""
    full, rest = divmod(replicates, BLOCK)
    return [BLOCK] * full + [rest] * (rest > 0)


def block_generator(seed: int, block: int) -> np.random.Generator:
    """The random stream of one block: the same whoever computes it, in whatever order."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(block,))))


def row_weights(
    n: int, size: int, seed: int, block: int, *, clusters: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """How often each of n rows is drawn in each of the ``size`` replicates of a block, size × n.

    Parameters
    ----------
    clusters : array of n codes 0 … G − 1, optional
        Draw G whole clusters with replacement instead of n rows.
    """
    random = block_generator(seed, block)
    units = n if clusters is None else int(clusters.max()) + 1
    drawn = random.integers(units, size=(size, units), dtype=np.uint16 if units <= 1 << 16 else np.uint32)
    weights = np.empty((size, units))
    for own, row in zip(weights, drawn, strict=True):  # one at a time, for the counts of one fit into the cache
        own[:] = np.bincount(row, minlength=units)
    return weights if clusters is None else weights[:, clusters]


def weight_blocks(
    n: int, replicates: int, seed: int, *, clusters: NDArray[np.int64] | None = None
) -> Iterator[NDArray[np.float64]]:
    """All blocks of `row_weights`, in order."""
    for block, size in enumerate(block_sizes(replicates)):
        yield row_weights(n, size, seed, block, clusters=clusters)
