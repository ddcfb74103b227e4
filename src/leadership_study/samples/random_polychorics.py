"""Polychoric correlations of ordinal items that have nothing in common, for parallel analysis."""

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.contingency import MISSING, Categories, recoded
from leadership_study.samples.polychoric import polychoric_estimate
from leadership_study.samples.random_correlations import TOO_FEW_SHARED, streams

Floats = NDArray[np.float64]


def drawn_polychorics(items: Categories, replicates: int, seed: int) -> Floats:
    """Correlations of independent items with the same categories and shares: (replicates, p, p).

    Each answer is an independent normal number cut at the item's thresholds; n respondents, none missing.
    """
    p, n = items.codes.shape
    cumulative = []
    for item, size in enumerate(items.sizes):
        counts = np.bincount(items.codes[item] + 1, minlength=size + 1)[1:]
        cumulative.append(np.cumsum(counts)[:-1] / counts.sum())
    found = []
    for stream, kept in streams(replicates, seed):
        for _ in range(kept):
            uniform = stream.random((p, n))
            codes = np.empty((p, n), dtype=np.int8)
            for item, edges in enumerate(cumulative):
                codes[item] = np.searchsorted(edges, uniform[item], side="right")
            found.append(_correlations(codes, items))
    return np.stack(found)


def permuted_polychorics(items: Categories, replicates: int, seed: int) -> Floats:
    """Correlations of the answers with each item shuffled by itself, missing ones along: (replicates, p, p)."""
    found = []
    for stream, kept in streams(replicates, seed):
        found += [_correlations(stream.permuted(items.codes, axis=1), items) for _ in range(kept)]
    return np.stack(found)


def _correlations(codes: NDArray[np.int8], items: Categories) -> Floats:
    if not (codes != MISSING).any(axis=1).all():
        raise InsufficientDataError(TOO_FEW_SHARED)
    estimate = polychoric_estimate(recoded(codes, items.values))
    counts = estimate.tables
    together = (counts.tables.sum(axis=2) > 0).sum(axis=1), (counts.tables.sum(axis=1) > 0).sum(axis=1)
    if min(each.min() for each in together) < 2 or not estimate.converged.all():
        raise InsufficientDataError(TOO_FEW_SHARED)
    return estimate.correlations
