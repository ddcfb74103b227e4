"""Omega of ordinal items: of the underlying responses, and of the observed sum (Green and Yang)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement.polychoric import PolychoricCorrelations
from leadership_study.results import Note
from leadership_study.samples.bivariate_normal import cumulative
from leadership_study.samples.factoring import extract

Floats = NDArray[np.float64]


def ordinal_loadings(found: PolychoricCorrelations) -> tuple[Floats, Floats]:
    """Loadings and uniquenesses of one common factor of polychoric correlations, of positive sum.

    By minres; by diagonally weighted least squares (lavaan's WLSMV) where the correlations have standard errors.
    """
    correlation = found.correlations.to_numpy(copy=True)
    factor = extract(correlation, 1, method="minres")
    loadings, unique = factor.loadings[:, 0], factor.uniquenesses
    if found.std_errors is not None:
        loadings = _weighted(correlation, found.std_errors.to_numpy(), loadings)
        unique = 1 - loadings**2
    return (-loadings if loadings.sum() < 0 else loadings), unique


def _weighted(correlation: Floats, errors: Floats, start: Floats) -> Floats:
    """Loadings λ with the least Σ (rᵢⱼ − λᵢλⱼ)² / seᵢⱼ² over the pairs."""
    i, j = np.tril_indices(len(start), -1)
    if not np.isfinite(errors[i, j]).all():
        text = "A pair of items in perfect order has no standard error to weigh it by; take minres loadings."
        raise InsufficientDataError(Note("weights_need_standard_errors", text))
    root, rows = 1 / errors[i, j], np.arange(len(i))

    def apart(at: Floats) -> Floats:
        return np.asarray(root * (correlation[i, j] - at[i] * at[j]))

    def slopes(at: Floats) -> Floats:
        matrix = np.zeros((len(i), len(at)))
        matrix[rows, i], matrix[rows, j] = -root * at[j], -root * at[i]
        return matrix

    found = optimize.least_squares(apart, start, slopes, method="lm", xtol=1e-14, ftol=1e-14)
    if not found.success:
        text = "The weighted search for the loadings of one factor did not converge; take minres loadings."
        raise ConvergenceError(Note("weighted_loadings_not_converged", text))
    return np.asarray(found.x, dtype=np.float64)


def green_yang(loadings: Floats, correlations: Floats, thresholds: pd.DataFrame) -> float:
    """Reliability of the sum of the answers as they are, scored 1, 2, ….

    Σᵢⱼ [Σ Φ₂(τᵢ, τⱼ; λᵢλⱼ) − ΣΦ(τᵢ) ΣΦ(τⱼ)] / Σᵢⱼ [Σ Φ₂(τᵢ, τⱼ; ρᵢⱼ) − ΣΦ(τᵢ) ΣΦ(τⱼ)], the inner sums over the
    thresholds of both items, ρᵢᵢ = 1.

    Parameters
    ----------
    loadings : array (p,)
        Of one factor of the underlying responses.
    correlations : array (p, p)
        Polychoric.
    thresholds : DataFrame, items × (t1, t2, …)
        NaN where an item has fewer.

    Notes
    -----
    Green and Yang (2009), https://doi.org/10.1007/s11336-008-9099-3, formula 21. R twin:
    ``semTools::compRelSEM(ord.scale = TRUE)``, with the loadings of diagonally weighted least squares.
    """
    limits = thresholds.to_numpy(dtype=np.float64)
    p = len(limits)
    item = np.repeat(np.arange(p), limits.shape[1])
    at = limits.ravel()
    item, at = item[~np.isnan(at)], at[~np.isnan(at)]
    first, second = np.meshgrid(np.arange(len(at)), np.arange(len(at)), indexing="ij")
    h, k, i, j = at[first].ravel(), at[second].ravel(), item[first].ravel(), item[second].ravel()
    chance = special.ndtr(h) * special.ndtr(k)
    true = cumulative(h, k, np.clip(loadings[i] * loadings[j], -1, 1)) - chance
    same = i == j
    observed = np.empty(len(h))
    observed[same] = special.ndtr(np.minimum(h[same], k[same])) - chance[same]
    observed[~same] = cumulative(h[~same], k[~same], correlations[i[~same], j[~same]]) - chance[~same]
    return float(true.sum() / observed.sum())
