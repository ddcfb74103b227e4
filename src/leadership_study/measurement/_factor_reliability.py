"""Composite reliability and average variance extracted of each factor, in the forms in which programs give them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.measurement._measurement_part import MeasurementPart

Floats = NDArray[np.float64]

VARIANTS = (
    "n_items", "composite_reliability", "composite_reliability_model", "composite_reliability_observed",
    "omega_raw", "alpha", "average_variance_extracted", "average_variance_extracted_model",
    "average_variance_extracted_observed", "average_variance_extracted_raw",
)  # fmt: skip


def factor_variants(part: MeasurementPart) -> pd.DataFrame:
    """Return the variants of every factor with items of its own.

    With λ the loadings of the factor's items, ψ its variance, Θ the residual covariances, Σ the implied and S the
    sample covariances of these items:

    - ``composite_reliability``: (Σλ)²/((Σλ)² + Σθ) and ``average_variance_extracted``: Σλ²/(Σλ² + Σθ), on the
      completely standardised solution (Fornell & Larcker, 1981, https://doi.org/10.1177/002224378101800104);
    - ``composite_reliability_model``: (Σλ)²ψ/ΣΣ (Bentler, 1972; semTools' omega2 and ``compRelSEM(obs.var = FALSE)``);
    - ``composite_reliability_observed``: (Σλ)²ψ/ΣS (McDonald, 1999; omega3 and ``compRelSEM``);
    - ``omega_raw``: (Σλ)²ψ/((Σλ)²ψ + ΣΘ) (Raykov, 2001; semTools' omega);
    - ``alpha``: of the sample covariances;
    - ``average_variance_extracted_model`` and ``…_observed``: Σλ²ψ over the implied or sample variances (semTools'
      AVE); ``…_raw``: Σλ²ψ/(Σλ²ψ + Σθ) of the unstandardised solution (avevar).
    """
    unit = part.standardised()
    rows = {}
    for factor in part.measured:
        at, k = part.indicators(factor), part.factors.index(factor)
        block = np.ix_(at, at)
        raw = part.loadings[at, k] * np.sqrt(part.covariance[k, k])
        own = unit.loadings[at, k]
        theta, unit_theta = np.diag(part.residual)[at], np.diag(unit.residual)[at]
        implied, observed = part.implied[block], part.observed[block]
        common, unit_common = raw.sum() ** 2, own.sum() ** 2
        shared, unit_shared = (raw**2).sum(), (own**2).sum()
        rows[factor] = (
            len(at),
            unit_common / (unit_common + unit_theta.sum()),
            common / implied.sum(),
            common / observed.sum(),
            common / (common + part.residual[block].sum()),
            _alpha(observed),
            unit_shared / (unit_shared + unit_theta.sum()),
            shared / np.trace(implied),
            shared / np.trace(observed),
            shared / (shared + theta.sum()),
        )
    index = pd.Index(list(rows), name="factor", dtype="str")
    table = pd.DataFrame(list(rows.values()), index=index, columns=list(VARIANTS), dtype="float64")
    return table.astype({"n_items": "int64"})


def _alpha(covariance: Floats) -> float:
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())) if k > 1 else float("nan")
