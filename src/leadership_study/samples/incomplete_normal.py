"""Multivariate normal distribution of rows with missing values: log-likelihood, derivatives, Little's statistic.

Every function takes the rows as `Patterns` and a mean (p) with a covariance matrix (p × p) over all columns; only the
observed part of each enters, which is right when values are missing at random (Rubin, 1976,
https://doi.org/10.1093/biomet/63.3.581). A matrix whose observed part is not positive definite raises
``numpy.linalg.LinAlgError``.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from leadership_study.samples.missing_patterns import Pattern, Patterns

Floats = NDArray[np.float64]

_LOG_2_PI = float(np.log(2 * np.pi))


def log_likelihood(patterns: Patterns, mean: Floats, covariance: Floats) -> float:
    """Log-likelihood −½ Σ_j n_j (p_j ln 2π + ln|Σ_j| + tr Σ_j⁻¹ M_j); M_j are second moments about the mean."""
    total = 0.0
    for pattern in patterns:
        inverse, log_determinant = observed_inverse(pattern, covariance)
        _, moments = pattern.about(mean)
        total += _pattern_log_likelihood(pattern, inverse, log_determinant, moments)
    return total


def gradient(patterns: Patterns, mean: Floats, covariance: Floats) -> tuple[float, Floats, Floats]:
    """Log-likelihood with its derivatives.

    Returns
    -------
    value : float
    by_mean : array of p
        Σ_j n_j Σ_j⁻¹ (x̄_j − μ_j).
    by_covariance : array p × p, symmetric
        G with dℓ = tr(G dΣ) for symmetric dΣ: ½ Σ_j n_j Σ_j⁻¹ (M_j − Σ_j) Σ_j⁻¹. The derivative by an element that
        stands above and below the diagonal is twice its entry.
    """
    value, by_mean = 0.0, np.zeros(patterns.n_columns)
    by_covariance = np.zeros((patterns.n_columns, patterns.n_columns))
    for pattern in patterns:
        inverse, log_determinant = observed_inverse(pattern, covariance)
        distance, moments = pattern.about(mean)
        value += _pattern_log_likelihood(pattern, inverse, log_determinant, moments)
        by_mean[pattern.observed] += pattern.n * (inverse @ distance)
        here = np.ix_(pattern.observed, pattern.observed)
        by_covariance[here] += 0.5 * pattern.n * (inverse @ moments @ inverse - inverse)
    return value, by_mean, by_covariance


def squared_distances(patterns: Patterns, mean: Floats, covariance: Floats) -> Floats:
    """n_j (x̄_j − μ_j)ᵀ Σ_j⁻¹ (x̄_j − μ_j) of each pattern; their sum is Little's (1988) statistic."""
    found = np.empty(len(patterns))
    for at, pattern in enumerate(patterns):
        inverse, _ = observed_inverse(pattern, covariance)
        distance = pattern.mean - mean[pattern.observed]
        found[at] = pattern.n * float(distance @ inverse @ distance)
    return found


def observed_inverse(pattern: Pattern, covariance: Floats) -> tuple[Floats, float]:
    """Inverse and log determinant of the covariances of a pattern's observed columns."""
    own = covariance if len(pattern.unobserved) == 0 else covariance[np.ix_(pattern.observed, pattern.observed)]
    factor, failed = linalg.lapack.dpotrf(own, lower=1)
    if failed:
        raise np.linalg.LinAlgError("The covariances of a pattern's observed columns are not positive definite.")
    inverse, _ = linalg.lapack.dpotri(factor, lower=1)
    below = np.tril(inverse, -1)
    return inverse - np.triu(inverse, 1) + below.T, 2 * float(np.log(factor.diagonal()).sum())


def _pattern_log_likelihood(pattern: Pattern, inverse: Floats, log_determinant: float, moments: Floats) -> float:
    size = len(pattern.observed)
    return -0.5 * pattern.n * (size * _LOG_2_PI + log_determinant + float((inverse * moments).sum()))
