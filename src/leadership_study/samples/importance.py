"""How much of R² each predictor accounts for, from the correlations alone, many samples at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

_RANK = 1e-10  # eigenvalue of a correlation matrix, as a share of the largest, that counts as 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Dominance:
    """R² of all subsets of k variables and what follows from it.

    Attributes
    ----------
    subsets : array, samples × 2^k
        R² of each subset; variable j is in subset s when bit j of s is 1.
    conditional : array, samples × k × k
        Mean gain of R² by variable j (second axis) when added to subsets of the other variables of each size 0 … k − 1
        (third axis).
    general : array, samples × k
        Mean of ``conditional`` over the sizes: the shares of Lindeman, Merenda and Gold, which add up to R².
    """

    subsets: NDArray[np.float64]
    conditional: NDArray[np.float64]
    general: NDArray[np.float64]

    def complete(self) -> NDArray[np.bool_]:
        """Whether variable i (row) adds more than j (column) to every subset of the others, in the first sample."""
        k = self.general.shape[1]
        r2 = self.subsets[0]
        found = np.zeros((k, k), dtype=np.bool_)
        numbers = np.arange(len(r2))
        for i in range(k):
            for j in range(k):
                without = numbers[((numbers >> i) & 1 == 0) & ((numbers >> j) & 1 == 0)]
                found[i, j] = i != j and bool((r2[without | 1 << i] > r2[without | 1 << j]).all())
        return found


def dominance(correlations: NDArray[np.float64], groups: Sequence[Sequence[int]]) -> Dominance:
    """Dominance analysis of the last variable of ``correlations`` on groups of the others.

    Parameters
    ----------
    correlations : array, samples × (q + 1) × (q + 1)
        The outcome stands last.
    groups : k sequences of positions
        Columns that enter together: the dummies of one variable.

    References
    ----------
    Lindeman, R. H., Merenda, P. F., & Gold, R. Z. (1980). Introduction to bivariate and multivariate analysis. Budescu,
    D. V. (1993). Psychological Bulletin, 114, 542–551. https://doi.org/10.1037/0033-2909.114.3.542. R twin:
    ``relaimpo::calc.relimp(type = "lmg")``.
    """
    samples, k = len(correlations), len(groups)
    subsets = np.zeros((samples, 1 << k))
    for number in range(1, 1 << k):
        at = [column for j, group in enumerate(groups) if number >> j & 1 for column in group]
        own, with_outcome = correlations[:, at][:, :, at], correlations[:, at, -1]
        inverse = np.linalg.pinv(own, rcond=_RANK, hermitian=True)
        subsets[:, number] = np.einsum("bi,bij,bj->b", with_outcome, inverse, with_outcome)
    conditional = np.zeros((samples, k, k))
    for j in range(k):
        for number in range(1 << k):
            if number >> j & 1 == 0:
                size = number.bit_count()
                gain = subsets[:, number | 1 << j] - subsets[:, number]
                conditional[:, j, size] += gain / comb(k - 1, size)
    return Dominance(subsets=subsets, conditional=conditional, general=conditional.mean(axis=2))


def relative_weights(correlations: NDArray[np.float64], groups: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Johnson's relative weights, samples × k; the weights of columns that belong together are added.

    With R½ the symmetric root of the predictors' correlations and β its solution for the outcome, the weights are
    (R½)² β², elements squared. They add up to R².

    References
    ----------
    Johnson, J. W. (2000). Multivariate Behavioral Research, 35, 1–19. https://doi.org/10.1207/S15327906MBR3501_1
    """
    values, vectors = np.linalg.eigh(correlations[:, :-1, :-1])
    kept = values > _RANK * values[:, -1:]
    root = np.sqrt(np.where(kept, values, 0.0))
    inverse_root = np.where(kept, 1 / np.where(kept, root, 1.0), 0.0)
    turned = np.swapaxes(vectors, 1, 2)
    half = (vectors * root[:, None, :]) @ turned
    beta = ((vectors * inverse_root[:, None, :]) @ turned @ correlations[:, :-1, -1:])[:, :, 0]
    weights = np.einsum("bij,bj->bi", half**2, beta**2)
    return np.stack([weights[:, list(group)].sum(axis=1) for group in groups], axis=1)


def correlations_of(products: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlations from sums of products, samples × (1 + q) × (1 + q) with the constant first; 0 without variance."""
    sums = products[:, 0, 1:]
    covariance = products[:, 1:, 1:] - sums[:, :, None] * sums[:, None, :] / n[:, None, None]
    variance = np.einsum("bii->bi", covariance)
    varies = variance > 1e-12 * np.einsum("bii->bi", products[:, 1:, 1:])
    scale = np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
    return np.asarray(covariance * scale[:, :, None] * scale[:, None, :])
