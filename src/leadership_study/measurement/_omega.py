"""McDonald's omega from a one-factor model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement import _checks
from leadership_study.measurement._alpha_coefficients import rescaled
from leadership_study.measurement._bootstrap_interval import NEEDS_ROWS, check_bootstrap, percentiles
from leadership_study.measurement._item_correlations import refuse_short
from leadership_study.measurement._omega_interval import bootstrap_omegas, delta_error, normal_interval, omega_of
from leadership_study.measurement._one_factor import one_factor
from leadership_study.measurement._ordinal_omega import green_yang, ordinal_loadings
from leadership_study.measurement.polychoric import polychoric
from leadership_study.results import Note, Result
from leadership_study.samples.factoring import LOWEST_UNIQUENESS
from leadership_study.samples.moments import Missing, Moments, moments_of, numbers
from leadership_study.sem.threads import one_thread

Matrix = NDArray[np.float64]
OmegaInterval = Literal["delta", "bootstrap", "none"]
OrdinalLoadings = Literal["minres", "dwls"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Omega(Result):
    """Omega of one scale, with the one-factor model behind it.

    Attributes
    ----------
    omega : float
        Share of the variance of the sum score that the common factor accounts for.
    ci_low, ci_high, std_error : float
        Its interval and, unless the interval is that of bootstrap samples, its standard error; NaN without one.
    composite_reliability, average_variance_extracted : float
        The same of standardised items (Σλ)² / ((Σλ)² + Σ(1 − λ²)), and the mean of λ².
    chi_square, df, p_value, cfi, tli, rmsea, srmr : float
        Fit of the model; all but ``chi_square`` and ``df`` are NaN with three items, where the model fits by design
        (``srmr`` is then 0).
    n, n_items : int
        Rows that the fit counts, and items.
    items : DataFrame
        loading, residual_variance, standardized_loading, communality.
    """

    main: ClassVar[str] = "summary"

    omega: float
    ci_low: float
    ci_high: float
    std_error: float
    composite_reliability: float
    average_variance_extracted: float
    n: int
    n_items: int
    chi_square: float
    df: int
    p_value: float
    cfi: float
    tli: float
    rmsea: float
    srmr: float
    items: pd.DataFrame


@one_thread()
def mcdonald_omega(
    items: pd.DataFrame | Moments,
    *,
    missing: Missing = "listwise",
    denominator: Literal["model", "observed"] = "model",
    ordinal: bool | Literal["green-yang"] = False,
    ordinal_loadings_by: OrdinalLoadings | None = None,
    interval: OmegaInterval = "delta",
    confidence_level: float = 0.95,
    bootstrap: int = 0,
    clusters: pd.Series | Sequence[str] | None = None,
    seed: int | None = None,
) -> Omega:
    """McDonald's omega: the share of the sum score's variance due to one common factor with unequal loadings.

    ω = (Σλ)² / ((Σλ)² + Σθ), with unstandardised loadings λ and residual variances θ of the one-factor model fitted by
    maximum likelihood (normal likelihood, covariances with divisor n).

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items, or Moments
        Reverse-keyed items already turned. Missing answers are NaN.
    missing : {"listwise", "pairwise"}
        As in `cronbach_alpha`; the fit counts the rows of the pair of items with fewest.
    denominator : {"model", "observed"}
        The variance of the sum that the model implies, or the observed one.
    ordinal : bool or "green-yang"
        True: of the continuous responses that the items are taken to cut into categories (one minres factor of their
        polychoric correlations), not of the sum of the answers. "green-yang": of the sum of the answers as they are,
        from the same factor and the thresholds. The model has no test then, no interval, and ``denominator`` is not
        asked for.
    ordinal_loadings_by : {"minres", "dwls"}, optional
        How the loadings of ordinal items are found: minimum residuals, or diagonally weighted least squares, each
        correlation weighted by its own error, as lavaan's WLSMV does. None: dwls for "green-yang", else minres. They
        come apart where one factor does not fit.
    interval : {"delta", "bootstrap", "none"}
        ω ± z·se from normal theory, or percentiles of ``bootstrap`` resamples, which need a ``seed``.
    confidence_level : float
    bootstrap, clusters, seed
        As in `cronbach_alpha`.

    Raises
    ------
    InsufficientDataError
        Fewer than three items; items without answers or variance; correlations that cannot be inverted.
    ConvergenceError
        The model did not converge.

    Notes
    -----
    R twin: ``lavaan::cfa`` with ``std.lv=TRUE`` and ``semTools::compRelSEM(obs.var=FALSE)``. A residual variance
    may be negative, as there (a Heywood case, named in a note); omega can then exceed 1. A just identified model has no
    fit here, where lavaan prints a CFI of 1.

    References
    ----------
    McDonald (1999), Test Theory. Jöreskog (1969), 10.1007/BF02289343. Fornell and Larcker (1981), 10.2307/3151312.
    Zumbo, Gadermann and Zeisser (2007), 10.22237/jmasm/1177992180. Green and Yang (2009), 10.1007/s11336-008-9099-3.
    """
    _checks.one_of(denominator, ["model", "observed"], name="denominator", function="mcdonald_omega")
    if ordinal not in (False, True, "green-yang"):
        raise ValueError(
            "The 'ordinal' parameter of mcdonald_omega must be one of False, True, 'green-yang'. "
            f"Got {ordinal!r} instead."
        )
    _checks.one_of(interval, get_args(OmegaInterval), name="interval", function="mcdonald_omega")
    _checks.inside_unit(confidence_level, name="confidence_level", function="mcdonald_omega")
    check_bootstrap(interval, bootstrap, seed, function="mcdonald_omega")
    by = ordinal_loadings_by or ("dwls" if ordinal == "green-yang" else "minres")
    _checks.one_of(by, list(get_args(OrdinalLoadings)), name="ordinal_loadings_by", function="mcdonald_omega")
    if ordinal:
        if interval == "bootstrap":
            raise ValueError("The 'interval' parameter of mcdonald_omega has no 'bootstrap' for ordinal omega.")
        return _ordinal_omega(items, missing, by, observed_sum=ordinal == "green-yang")
    m = moments_of(items, missing=missing)
    _checks.at_least_items(m.labels, 3)
    covariance = m.covariance.to_numpy() * (m.n - 1) / m.n
    _checks.total_varies(float(covariance.sum()), float(np.trace(covariance)))
    correlation, scale = rescaled(covariance), np.sqrt(np.diag(covariance))
    fitted = one_factor(correlation)
    standardized, unique = fitted.loadings, fitted.residuals
    if not fitted.converged:
        text = "The one-factor model of omega did not converge after {iterations} steps."
        raise ConvergenceError(Note("omega_not_converged", text, {"iterations": fitted.iterations}))
    if standardized.sum() < 0:
        standardized = -standardized
    loadings, residuals = standardized * scale, unique * scale**2
    omega = omega_of(loadings, residuals, covariance, denominator)
    low, high, error = math.nan, math.nan, math.nan
    notes: list[Note] = []
    definition: dict[str, str | int | float] = {"interval": interval}
    if interval == "delta":
        error = delta_error(loadings, residuals, covariance, m.n, denominator)
        low, high = normal_interval(omega, error, confidence_level)
    elif interval == "bootstrap":
        if isinstance(items, Moments):
            raise InsufficientDataError(NEEDS_ROWS)
        draws, groups = bootstrap_omegas(items, missing, bootstrap, seed or 0, clusters, denominator)
        low, high, notes = percentiles(draws, groups, confidence_level)
        definition |= {"bootstrap": bootstrap, "seed": seed or 0} | ({} if groups is None else {"clusters": groups})
    if interval != "none":
        definition["confidence_level"] = confidence_level
    table = pd.DataFrame(
        {
            "loading": loadings,
            "residual_variance": residuals,
            "standardized_loading": standardized,
            "communality": 1 - unique,
        },
        index=m.covariance.index.rename("item"),
    )
    common_standardized = standardized.sum() ** 2
    return Omega(
        omega=omega,
        ci_low=low,
        ci_high=high,
        std_error=error,
        composite_reliability=float(common_standardized / (common_standardized + unique.sum())),
        average_variance_extracted=float(np.mean(1 - unique)),
        n=m.n,
        n_items=len(loadings),
        **_fit(correlation, standardized, unique, m.n),
        items=table,
        definition={
            "formula": "mcdonald_omega",
            "model": "one_factor",
            "estimator": "ML",
            "matrix": "covariance",
            "denominator": denominator,
            "missing": m.missing,
            "n": m.n,
            "source": "McDonald (1999)",
            **definition,
        },
        notes=(*_notes(table), *notes),
    )


def _ordinal_omega(
    items: pd.DataFrame | Moments, missing: Missing, by: OrdinalLoadings, *, observed_sum: bool
) -> Omega:
    if isinstance(items, Moments):
        text = "Coefficients of ordinal items need the answers themselves, not their moments."
        raise InsufficientDataError(Note("ordinal_needs_rows", text))
    _checks.at_least_items(numbers(items)[1], 3)
    found = polychoric(items, missing=missing, std_errors=by == "dwls")
    refuse_short(found.n, len(found.correlations))
    correlation = found.correlations.to_numpy()
    _checks.total_varies(float(correlation.sum()), float(len(correlation)))
    loadings, unique = ordinal_loadings(found)
    common = loadings.sum() ** 2
    underlying = float(common / (common + unique.sum()))
    k = len(loadings)
    table = pd.DataFrame(
        {
            "loading": loadings,
            "residual_variance": unique,
            "standardized_loading": loadings,
            "communality": 1 - unique,
        },
        index=found.correlations.index.rename("item"),
    )
    residual = correlation - np.outer(loadings, loadings) - np.diag(unique)
    return Omega(
        ci_low=math.nan,
        ci_high=math.nan,
        std_error=math.nan,
        omega=green_yang(loadings, correlation, found.thresholds) if observed_sum else underlying,
        composite_reliability=underlying,
        average_variance_extracted=float(np.mean(1 - unique)),
        n=found.n,
        n_items=k,
        chi_square=math.nan,
        df=k * (k - 3) // 2,
        p_value=math.nan,
        cfi=math.nan,
        tli=math.nan,
        rmsea=math.nan,
        srmr=math.sqrt((np.tril(residual) ** 2).sum() / (k * (k + 1) / 2)),
        items=table,
        definition={
            "formula": "mcdonald_omega",
            "model": "one_factor",
            "estimator": by,
            "matrix": "polychoric_correlation",
            "scores": "observed_sum" if observed_sum else "underlying_responses",
            "missing": missing,
            "n": found.n,
            "source": "Green and Yang (2009)" if observed_sum else "Zumbo, Gadermann and Zeisser (2007)",
        },
        notes=(*found.notes, *_notes(table)),
    )


def _fit(correlation: Matrix, loadings: Matrix, unique: Matrix, n: int) -> dict[str, Any]:
    """Fit of a one-factor model to correlations; maximum likelihood does not depend on the items' scales."""
    k = len(loadings)
    residual = correlation - np.outer(loadings, loadings) - np.diag(unique)
    srmr = math.sqrt((np.tril(residual) ** 2).sum() / (k * (k + 1) / 2))
    implied = correlation - residual
    log_observed = np.linalg.slogdet(correlation)[1]
    discrepancy = np.linalg.slogdet(implied)[1] - log_observed + np.trace(np.linalg.solve(implied, correlation)) - k
    chi_square, df = float(n * discrepancy), k * (k - 3) // 2
    if df == 0:
        undefined = dict.fromkeys(("p_value", "cfi", "tli", "rmsea"), math.nan)
        return {"chi_square": max(chi_square, 0.0), "df": df, **undefined, "srmr": srmr}
    base, base_df = float(-n * log_observed), k * (k - 1) // 2
    beyond, base_beyond = max(chi_square - df, 0.0), max(base - base_df, chi_square - df, 0.0)
    return {
        "chi_square": chi_square,
        "df": df,
        "p_value": float(stats.chi2.sf(chi_square, df)),
        "cfi": 1 - beyond / base_beyond if base_beyond > 0 else 1.0,
        "tli": (base / base_df - chi_square / df) / (base / base_df - 1),
        "rmsea": math.sqrt(beyond / (df * n)),
        "srmr": srmr,
    }


def _notes(table: pd.DataFrame) -> list[Note]:
    notes = []
    if bound := list(table.index[table["communality"] >= 1 - LOWEST_UNIQUENESS - 1e-9]):
        text = "The residual variance of {items} is negative or (almost) zero: omega is not dependable."
        notes.append(Note("omega_heywood", text, {"items": ", ".join(bound)}))
    if negative := list(table.index[table["loading"] < 0]):
        text = "These items load negatively on their common factor: {items}; check their keying."
        notes.append(Note("omega_negative_loadings", text, {"items": ", ".join(negative)}))
    if len(table) == 3:
        text = "With three items the one-factor model fits by design, so its fit says nothing about the scale."
        notes.append(Note("omega_just_identified", text))
    return notes


def omega_or_reason(items: pd.DataFrame | Moments, **options: Any) -> Omega | Note:
    """Return omega, or the note that says why there is none; the ``options`` are those of `mcdonald_omega`."""
    try:
        return mcdonald_omega(items, **options)
    except (InsufficientDataError, ConvergenceError) as trouble:
        return trouble.note
