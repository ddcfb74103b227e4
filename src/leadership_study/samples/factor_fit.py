"""How well common factors reproduce a correlation matrix: chi-square, RMSEA, TLI, residuals."""

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Floats = NDArray[np.float64]

RMSEA_LEVEL = 0.90
"""Confidence level of the interval of the RMSEA, the usual one (Steiger, 1990)."""


def degrees_of_freedom(n_items: int, n_factors: int) -> int:
    """Correlations minus free parameters of an exploratory factor model, ((p − k)² − p − k)/2; may be negative."""
    return ((n_items - n_factors) ** 2 - n_items - n_factors) // 2


def factor_fit(
    correlation: Floats, reproduced: Floats, n: int, n_factors: int, *, pair_n: Floats | None = None
) -> dict[str, float]:
    """Fit of a common factor model.

    Parameters
    ----------
    correlation : array (p, p)
    reproduced : array (p, p)
        ΛΦΛ′, communalities on the diagonal.
    n : int
        Respondents.
    n_factors : int
    pair_n : array (p, p), optional
        Respondents behind each correlation, for the empirical chi-square of pairwise correlations.

    Returns
    -------
    dict
        ``objective`` = tr(Σ⁻¹R) − log|Σ⁻¹R| − p, ``chi_square`` = objective × (n − 1 − (2p + 5)/6 − 2k/3), Bartlett's
        multiplier; ``rmsea`` = √max(χ²/(df·n) − 1/(n − 1), 0) with a 90 % interval; ``tli``, both models with that
        multiplier; ``bic`` = χ² − df ln n, ``sabic`` with ln((n + 2)/24); ``null_chi_square`` of uncorrelated items.
        From the off-diagonal residuals r, each with its own n when ``pair_n`` is given (n̄ their harmonic mean):
        ``empirical_chi_square`` = Σ n r² with its p value and BIC, ``rmsr`` = √(Σ n r²/(n̄ p(p − 1))), ``crms`` with
        2·df instead of p(p − 1), ``fit_off_diagonal`` = 1 − Σ n r²/Σ n ρ² over the correlations ρ. ``fit`` takes the
        diagonal in. NaN where a value is not defined: no degrees of freedom left, a matrix that is not positive
        definite, or fewer respondents than the multiplier needs.

    Notes
    -----
    R twin: ``psych::fa.stats``. The interval's limits solve for the noncentrality λ and are √(λ/(df·(n − 1))).
    Bartlett (1951, https://doi.org/10.1093/biomet/38.3-4.337); Steiger (1990,
    https://doi.org/10.1207/s15327906mbr2502_4); Tucker and Lewis (1973, https://doi.org/10.1007/BF02291170).
    """
    p = len(correlation)
    df = degrees_of_freedom(p, n_factors)
    residual = correlation - reproduced
    off = residual - np.diag(np.diag(residual))
    weights: Floats = np.full((p, p), float(n)) if pair_n is None else np.asarray(pair_n, dtype=np.float64)
    empirical, empirical_n = float(np.sum(weights * off**2)), weights.size / float(np.sum(1 / weights))
    off_total = float(np.sum(weights * (correlation - np.eye(p)) ** 2))
    objective = _objective(correlation, reproduced)
    null_objective = -_log_determinant(correlation)
    null_multiplier = n - 1 - (2 * p + 5) / 6
    model_multiplier = null_multiplier - 2 * n_factors / 3
    chi_square = _scaled(objective, model_multiplier)
    null_df = p * (p - 1) // 2
    low, high = _rmsea_interval(chi_square, df, n)
    return {
        "chi_square": chi_square,
        "df": float(df),
        "p_value": _p_value(chi_square, df),
        "rmsea": float(np.sqrt(max(chi_square / (df * n) - 1 / (n - 1), 0.0))) if df > 0 else np.nan,
        "rmsea_ci_low": low,
        "rmsea_ci_high": high,
        "tli": _tucker_lewis(chi_square, df, _scaled(null_objective, model_multiplier), null_df),
        "bic": chi_square - df * float(np.log(n)),
        "sabic": chi_square - df * float(np.log((n + 2) / 24)),
        "rmsr": float(np.sqrt(empirical / (empirical_n * p * (p - 1)))),
        "crms": float(np.sqrt(empirical / (empirical_n * 2 * df))) if df > 0 else np.nan,
        "empirical_chi_square": empirical,
        "empirical_p_value": _p_value(empirical, df),
        "empirical_bic": empirical - df * float(np.log(empirical_n)),
        "null_chi_square": _scaled(null_objective, null_multiplier),
        "null_df": float(null_df),
        "objective": objective,
        "fit": 1 - float(np.sum(residual**2) / np.sum(correlation**2)),
        "fit_off_diagonal": 1 - empirical / off_total if off_total > 0 else np.nan,
    }


def _log_determinant(matrix: Floats) -> float:
    values = np.linalg.eigvalsh(matrix)
    return float(np.sum(np.log(values))) if values[0] > 1e-10 * len(values) else np.nan


def _objective(correlation: Floats, reproduced: Floats) -> float:
    model = reproduced.copy()
    np.fill_diagonal(model, 1.0)
    logs = _log_determinant(model) - _log_determinant(correlation)
    if np.isnan(logs):
        return np.nan
    return float(np.trace(np.linalg.solve(model, correlation))) + logs - len(model)


def _scaled(objective: float, multiplier: float) -> float:
    return objective * multiplier if multiplier > 0 else np.nan


def _p_value(chi_square: float, df: int) -> float:
    return float(stats.chi2.sf(chi_square, df)) if df > 0 else np.nan


def _tucker_lewis(chi_square: float, df: int, null_chi_square: float, null_df: int) -> float:
    if df <= 0 or not null_chi_square > null_df:
        return np.nan
    null = null_chi_square / null_df
    return (null - chi_square / df) / (null - 1)


def _rmsea_interval(chi_square: float, df: int, n: int) -> tuple[float, float]:
    if df <= 0 or np.isnan(chi_square):
        return np.nan, np.nan
    tail = (1 - RMSEA_LEVEL) / 2
    limits = []
    for level in (1 - tail, tail):
        if stats.chi2.cdf(chi_square, df) <= level:
            limits.append(0.0)
            continue
        high = max(chi_square, df) * 1.5 + 50
        noncentrality = optimize.brentq(
            lambda value, level=level: float(special.chndtr(chi_square, df, value)) - level, 1e-10, high, xtol=1e-10
        )
        limits.append(float(np.sqrt(noncentrality / (df * (n - 1)))))
    return limits[0], limits[1]
