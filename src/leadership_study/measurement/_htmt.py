"""Heterotrait–monotrait ratios of correlations, with bootstrap intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.resampling import weight_blocks

Floats = NDArray[np.float64]


def htmt_matrices(correlations: Floats, members: Mapping[str, Sequence[int]]) -> tuple[Floats, Floats]:
    """Return HTMT and HTMT2 of every two factors, factors × factors, 1 on the diagonal.

    With |r| the absolute correlations of items, HTMT is the mean |r| between the items of two factors over the
    geometric mean of the mean |r| within each (Henseler, Ringle & Sarstedt, 2015, https://doi.org/10.1007/s11747-014-0403-8);
    HTMT2 takes geometric means throughout (Roemer, Schuberth & Henseler, 2021,
    https://doi.org/10.1108/IMDS-02-2021-0082). A factor with one item has no correlation within: NaN.

    Parameters
    ----------
    correlations : array (..., p, p)
        Of one sample, or of many.
    members : factor → positions of its items
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        absolute = np.abs(correlations)
        logs = np.log(absolute)
        names = list(members)
        shape = (*correlations.shape[:-2], len(names), len(names))
        original, geometric = np.ones(shape), np.ones(shape)
        within = [_within(absolute, members[name]) for name in names]
        within_logs = [_within(logs, members[name]) for name in names]
        for a, first in enumerate(names):
            for b, second in enumerate(names[:a]):
                between = _block(absolute, members[first], members[second]).mean(axis=(-2, -1))
                ratio = between / np.sqrt(within[a] * within[b])
                log_ratio = (
                    _block(logs, members[first], members[second]).mean(axis=(-2, -1))
                    - (within_logs[a] + within_logs[b]) / 2
                )
                original[..., a, b] = original[..., b, a] = ratio
                geometric[..., a, b] = geometric[..., b, a] = np.exp(log_ratio)
    return original, geometric


def _block(values: Floats, rows: Sequence[int], columns: Sequence[int]) -> Floats:
    return np.asarray(values[..., list(rows), :][..., list(columns)])


def _within(values: Floats, at: Sequence[int]) -> Floats:
    if len(at) < 2:
        return np.full(values.shape[:-2], np.nan)
    rows, columns = np.triu_indices(len(at), 1)
    own = np.asarray(at)
    return np.asarray(values[..., own[rows], own[columns]].mean(axis=-1))


def bootstrap_htmt(
    rows: Floats,
    members: Mapping[str, Sequence[int]],
    *,
    replicates: int,
    seed: int,
    clusters: NDArray[np.int64] | None = None,
) -> tuple[Floats, Floats]:
    """Return HTMT and HTMT2 of bootstrap samples, replicates × factors × factors.

    ``rows`` are complete rows of items; with ``clusters`` (codes) whole clusters are drawn. A resample in which an item
    does not vary gives NaN.
    """
    if clusters is not None:
        clusters = np.unique(clusters, return_inverse=True)[1].astype(np.int64)
        if clusters.max() < 1:
            text = (
                "All answers come from one group, so drawing whole groups tells nothing about chance; choose another "
                "interval."
            )
            raise InsufficientDataError(Note("bootstrap_one_group", text))
    n, p = rows.shape
    centred = rows - rows.mean(axis=0)
    i, j = np.tril_indices(p)
    products = np.hstack([centred, centred[:, i] * centred[:, j]])
    first, second = [], []
    for weights in weight_blocks(n, replicates, seed, clusters=clusters):
        sums = (weights @ products) / weights.sum(axis=1, keepdims=True)
        means, crossed = sums[:, :p], sums[:, p:]
        covariance = np.empty((len(weights), p, p))
        covariance[:, i, j] = covariance[:, j, i] = crossed - means[:, i] * means[:, j]
        variances = np.diagonal(covariance, axis1=1, axis2=2)
        sd = np.sqrt(np.where(variances > 1e-12 * np.diag(centred.T @ centred / n), variances, np.nan))
        one, two = htmt_matrices(covariance / (sd[:, :, None] * sd[:, None, :]), members)
        first.append(one)
        second.append(two)
    return np.concatenate(first), np.concatenate(second)
