"""Bootstrap of agreement coefficients: units, or whole transcripts, drawn with replacement.

A coefficient is a function of sums over units; a draw changes only how often each pattern counts. So what is drawn are
weights of patterns, and no row is ever copied.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from leadership_study.samples.agreement_patterns import Patterns
from leadership_study.samples.resampling import block_generator, block_sizes, row_weights

Floats = NDArray[np.float64]
Value = Callable[[Floats], Floats]
"""Coefficients (one a replicate) from sums of features, replicates × features."""

_KEPT = 5_000_000


def replicates(patterns: Patterns, features: sparse.csr_array, value: Value, *, times: int, seed: int) -> Floats:
    """The coefficient in each of ``times`` bootstrap samples; NaN where a sample leaves it undefined.

    Parameters
    ----------
    patterns
        With clusters, whole clusters are drawn, else units.
    features : sparse array, patterns × features
        What is summed over units.
    """
    parts: list[Floats] = []
    if patterns.clusters is not None:
        sums = np.asarray(patterns.clusters @ features)
        for weights in _clusters_drawn(len(sums), times, seed):
            parts.append(value(weights @ sums))
    else:
        for weights in _drawn(patterns.weights, times, seed):
            parts.append(value(np.asarray((features.T @ weights.T).T)))
    return np.concatenate(parts) if parts else np.empty(0)


@lru_cache(maxsize=1)
def _kept(n: int, times: int, seed: int) -> tuple[Floats, ...]:
    return tuple(row_weights(n, size, seed, block) for block, size in enumerate(block_sizes(times)))


def _clusters_drawn(n: int, times: int, seed: int) -> Iterable[Floats]:
    """Draws of clusters: the same for every code and coefficient, so they are kept when they are small."""
    if n * times <= _KEPT:
        return _kept(n, times, seed)
    return (row_weights(n, size, seed, block) for block, size in enumerate(block_sizes(times)))


def _drawn(weights: Floats, times: int, seed: int) -> Iterator[Floats]:
    """How often each pattern is drawn when as many units as there are are drawn."""
    units = round(float(weights.sum()))
    share = weights / weights.sum()
    owner = np.repeat(np.arange(len(weights)), weights.astype(np.int64))
    for block, size in enumerate(block_sizes(times)):
        random = block_generator(seed, block)
        if 4 * len(weights) <= units:
            yield random.multinomial(units, share, size=size).astype(float)
            continue
        # Almost every unit is a pattern of its own: drawing units is cheaper than a binomial for each pattern.
        drawn = random.integers(units, size=(size, units), dtype=np.uint32)
        found = np.empty((size, len(weights)))
        for at in range(size):
            found[at] = np.bincount(owner[drawn[at]], minlength=len(weights))
        yield found
