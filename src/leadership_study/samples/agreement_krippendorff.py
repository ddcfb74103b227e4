"""Krippendorff's alpha from the coincidences of values: 1 − observed over expected disagreement.

Krippendorff (2011), Computing Krippendorff's alpha-reliability, https://repository.upenn.edu/asc_papers/43.
"""

from collections.abc import Hashable
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from leadership_study.samples.agreement_estimate import Estimate, no_variation, too_few
from leadership_study.samples.agreement_patterns import Patterns
from leadership_study.samples.agreement_weights import Level, distances

Floats = NDArray[np.float64]


def coincidences(patterns: Patterns) -> Floats:
    """Pairs of values within units, each unit's divided by its ratings less one; categories × categories."""
    q = len(patterns.values)
    upper = np.asarray(patterns.weights @ _upper(patterns)).reshape(q, q)
    found: Floats = upper + upper.T
    return found


def krippendorff(patterns: Patterns, level: Level) -> Estimate:
    """Alpha at a level of measurement; units with one rating don't count.

    There is no large-sample error: the interval is a bootstrap of units.
    """
    values = patterns.values
    matrix = coincidences(patterns)
    margins = matrix.sum(axis=1)
    total = float(margins.sum())
    pairable = patterns.rated >= 2
    n = float(patterns.weights[pairable].sum())
    features, value = _ordinal(patterns) if level == "ordinal" else _fixed(patterns, values, level)
    nan = float("nan")
    common: dict[str, Any] = {"n": n, "patterns": patterns, "features": features, "value": value}
    if n == 0:
        return Estimate(estimate=nan, observed=nan, expected=nan, reason=too_few(), **common)
    apart = distances(values, level, margins)
    observed = float((matrix * apart).sum()) / total
    expected = float(margins @ apart @ margins) / (total * (total - 1))
    if expected == 0:
        return Estimate(estimate=nan, observed=observed, expected=expected, reason=no_variation(), **common)
    return Estimate(estimate=1 - observed / expected, observed=observed, expected=expected, **common)


def _upper(patterns: Patterns) -> sparse.csr_array:
    """Coincidences of each pattern above and half of those on the diagonal, patterns × categories²."""
    q = len(patterns.values)
    rows, rated = patterns.rows, patterns.rated
    at: list[Any] = []
    cells: list[Any] = []
    held: list[Any] = []
    for i in range(rows.shape[1]):
        for j in range(i + 1, rows.shape[1]):
            both = np.flatnonzero((rows[:, i] >= 0) & (rows[:, j] >= 0))
            low, high = np.minimum(rows[both, i], rows[both, j]), np.maximum(rows[both, i], rows[both, j])
            at.append(both)
            cells.append(low * q + high)
            held.append(1.0 / (rated[both] - 1))
    if not at:
        return sparse.csr_array((len(rows), q * q))
    where = (np.concatenate(at), np.concatenate(cells))
    return sparse.csr_array((np.concatenate(held), where), shape=(len(rows), q * q))


def _fixed(patterns: Patterns, values: tuple[Hashable, ...], level: Level) -> tuple[sparse.csr_array, Any]:
    """Distances that don't depend on the sample: each pattern's disagreement, and its values."""
    apart = distances(values, level)
    counts = patterns.counts * (patterns.rated >= 2)[:, None]
    own = np.divide(
        ((counts @ apart) * counts).sum(axis=1),
        patterns.rated - 1,
        out=np.zeros(len(counts)),
        where=patterns.rated >= 2,
    )
    features = sparse.csr_array(np.column_stack([own, counts]))

    def value(sums: Floats) -> Floats:
        margins = sums[:, 1:]
        expected = ((margins @ apart) * margins).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 0, 1 - (margins.sum(axis=1) - 1) * sums[:, 0] / expected, np.nan)

    return features, value


def _ordinal(patterns: Patterns) -> tuple[sparse.csr_array, Any]:
    """Ordinal distances follow the margins of each sample, so all coincidences are summed anew."""
    q = len(patterns.values)
    features = _upper(patterns)

    def value(sums: Floats) -> Floats:
        upper = sums.reshape(-1, q, q)
        margins = upper.sum(axis=1) + upper.sum(axis=2)
        apart = distances(patterns.values, "ordinal", margins)
        observed = 2 * (upper * apart).sum(axis=(1, 2))
        expected = (margins[:, :, None] * apart * margins[:, None, :]).sum(axis=(1, 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 0, 1 - (margins.sum(axis=1) - 1) * observed / expected, np.nan)

    return features, value
