"""How exact omega is: its standard error by the delta method, and omega of bootstrap samples."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.measurement._alpha_bootstrap import drawn_rows
from leadership_study.measurement._alpha_coefficients import rescaled
from leadership_study.measurement._one_factor import derivatives, one_factor
from leadership_study.samples.moments import Missing
from leadership_study.samples.resampling import weight_blocks

Floats = NDArray[np.float64]
Denominator = Literal["model", "observed"]


def omega_of(loadings: Floats, residuals: Floats, covariance: Floats, denominator: Denominator) -> float:
    """(Σλ)² over the variance of the sum that the model implies, or over the observed one."""
    common = float(loadings.sum()) ** 2
    return common / (common + float(residuals.sum()) if denominator == "model" else float(covariance.sum()))


def delta_error(loadings: Floats, residuals: Floats, covariance: Floats, n: int, denominator: Denominator) -> float:
    """Standard error of omega under normal theory, from the expected information of the one-factor model.

    NaN where the information cannot be inverted.

    Notes
    -----
    With the covariances S of n normal rows about Σ, the estimates move by H⁻¹ tr(Σ⁻¹ dΣ Σ⁻¹ (S − Σ)), H the expected
    Hessian of the discrepancy; their covariance is 2H⁻¹/n, and that with the observed variance of the sum 2H⁻¹d/n, d
    the slopes of the sum's implied variance. Raykov (2002, https://doi.org/10.1207/S15327906MBR3701_04). R twin:
    ``lavaan`` with ``omega := …``.
    """
    p, total = len(loadings), float(loadings.sum())
    information = derivatives(np.concatenate([loadings, residuals]), covariance)[1]
    if np.linalg.eigvalsh(information)[0] <= 1e-12 * np.abs(information).max():
        return float("nan")
    implied = total**2 + float(residuals.sum())
    of_sum = np.concatenate([np.full(p, 2 * total), np.ones(p)])
    of_common = np.concatenate([np.full(p, 2 * total), np.zeros(p)])
    if denominator == "model":
        slope = (of_common - total**2 / implied * of_sum) / implied
        return float(np.sqrt(2 / n * slope @ np.linalg.solve(information, slope)))
    observed = float(covariance.sum())
    slope, by_observed = of_common / observed, -(total**2) / observed**2
    spread = slope @ np.linalg.solve(information, slope + 2 * by_observed * of_sum) + (by_observed * implied) ** 2
    return float(np.sqrt(2 / n * spread))


def normal_interval(omega: float, std_error: float, confidence_level: float) -> tuple[float, float]:
    """ω ± z·se."""
    half = float(stats.norm.ppf((1 + confidence_level) / 2)) * std_error
    return omega - half, omega + half


def bootstrap_omegas(
    items: pd.DataFrame,
    missing: Missing,
    replicates: int,
    seed: int,
    clusters: pd.Series | Sequence[str] | None,
    denominator: Denominator,
) -> tuple[Floats, int | None]:
    """Omega of each resample, and the number of groups drawn from (None: rows are drawn).

    NaN for a resample whose model does not converge, or where items do not vary or repeat each other. ``missing`` is as
    in `bootstrap_alphas`, and so are the errors.
    """
    values, seen, used, codes = drawn_rows(items, missing, clusters, function="mcdonald_omega")
    there, filled = seen[used].astype(float), np.where(seen, values - np.nanmean(values, axis=0), 0.0)[used]
    near, found = None, []
    for weights in weight_blocks(len(filled), replicates, seed, clusters=codes):
        for weight in weights:
            covariance = _covariance(filled, there, weight)
            if not np.isfinite(covariance).all() or np.linalg.eigvalsh(covariance)[0] <= 1e-10 * np.trace(covariance):
                found.append(np.nan)
                continue
            fitted = one_factor(rescaled(covariance), near=near)
            near = fitted.residuals if near is None and fitted.converged else near
            scale = np.sqrt(np.diag(covariance))
            loadings, residuals = fitted.loadings * scale, fitted.residuals * scale**2
            found.append(omega_of(loadings, residuals, covariance, denominator) if fitted.converged else np.nan)
    return np.array(found), None if codes is None else int(codes.max()) + 1


def _covariance(filled: Floats, there: Floats, weight: Floats) -> Floats:
    weighted = there * weight[:, None]
    n = there.T @ weighted
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = filled.T @ weighted
        return np.asarray((filled.T @ (filled * weight[:, None]) - sums * sums.T / n) / n)
