"""Omega of ordinal items: of the underlying responses, and of the observed sum (Green and Yang)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from leadership_study.measurement.polychoric import PolychoricCorrelations
from leadership_study.samples.bivariate_normal import cumulative
from leadership_study.samples.factoring import extract

Floats = NDArray[np.float64]


def ordinal_loadings(found: PolychoricCorrelations) -> tuple[Floats, Floats]:
    """Loadings and uniquenesses of one common factor (minres) of polychoric correlations, of positive sum."""
    factor = extract(found.correlations.to_numpy(copy=True), 1, method="minres")
    loadings = factor.loadings[:, 0]
    return (-loadings if loadings.sum() < 0 else loadings), factor.uniquenesses


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
    ``semTools::compRelSEM(ord.scale = TRUE)``, whose denominator is the model's.
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
