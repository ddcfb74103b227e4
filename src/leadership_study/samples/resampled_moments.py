"""Means and covariances of bootstrap samples and of samples with one unit left out, all from sums over units.

A unit is a row, or a whole cluster of rows. What a sample holds is counts of units, so its sums are counts times the
sums of the units: no row is ever copied, and a bootstrap of clusters costs what there are clusters.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadership_study.samples.resampling import block_sizes, row_weights

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitSums:
    """Sums over the rows of each of u units.

    Attributes
    ----------
    sums : array, u × (1 + p + p(p + 1)/2)
        Number of rows, sums of the p columns and of the products of each pair, upper triangle by rows.
    centre : array of p numbers
        Means of all rows, taken off beforehand so that large means cost no digits.
    """

    sums: Floats
    centre: Floats

    @property
    def p(self) -> int:
        """Columns."""
        return len(self.centre)

    @property
    def n_units(self) -> int:
        """Rows, or clusters."""
        return len(self.sums)


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleMoments:
    """Moments of r samples: ``n`` (r), ``means`` (r × p), ``covariances`` (r × p × p, divisor n)."""

    n: Floats
    means: Floats
    covariances: Floats


def unit_sums(values: Floats, codes: NDArray[np.int64] | None = None) -> UnitSums:
    """Sums of the rows of ``values`` (n × p), over each cluster when ``codes`` (0 … g − 1) name them."""
    centre = values.mean(axis=0)
    shifted = values - centre
    first, second = np.triu_indices(values.shape[1])
    sums = np.column_stack([np.ones(len(values)), shifted, shifted[:, first] * shifted[:, second]])
    if codes is not None:
        groups = int(codes.max()) + 1
        sums = np.column_stack([np.bincount(codes, column, groups) for column in sums.T])
    return UnitSums(sums=sums, centre=centre)


def bootstrap_moments(units: UnitSums, replicates: int, seed: int, *, workers: int = 1) -> SampleMoments:
    """Moments of ``replicates`` samples of as many units as there are, drawn with replacement.

    One random stream a block of 100 samples, so the result is the same for any number of ``workers`` (threads).
    """

    def one(block: tuple[int, int]) -> Floats:
        number, size = block
        return row_weights(units.n_units, size, seed, number) @ units.sums

    blocks = list(enumerate(block_sizes(replicates)))
    if workers == 1:
        return _moments(np.concatenate([one(block) for block in blocks]), units)
    with ThreadPoolExecutor(workers) as pool:
        return _moments(np.concatenate(list(pool.map(one, blocks))), units)


def jackknife_moments(units: UnitSums) -> SampleMoments:
    """Moments of the samples that leave one unit out each."""
    return _moments(units.sums.sum(axis=0) - units.sums, units)


def all_moments(units: UnitSums) -> SampleMoments:
    """Moments of the one sample of all units."""
    return _moments(units.sums.sum(axis=0, keepdims=True), units)


def _moments(sums: Floats, units: UnitSums) -> SampleMoments:
    p = units.p
    n = sums[:, 0]
    shifts = sums[:, 1 : p + 1] / n[:, None]
    covariances = np.empty((len(sums), p, p))
    first, second = np.triu_indices(p)
    covariances[:, first, second] = sums[:, p + 1 :] / n[:, None] - shifts[:, first] * shifts[:, second]
    covariances[:, second, first] = covariances[:, first, second]
    return SampleMoments(n=n, means=units.centre + shifts, covariances=covariances)
