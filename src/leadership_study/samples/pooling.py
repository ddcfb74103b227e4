"""Rubin's rules: one estimate from those of several imputed data sets, with what the missing answers cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.results import Note, Result

Floats = NDArray[np.float64]
Estimates = pd.DataFrame | Sequence[Any] | NDArray[Any]
Complete = float | Mapping[str, float] | pd.Series

FEW_IMPUTATIONS = 20
"""Fewer imputations lose power and give intervals that change with the seed: Graham, Olchowski and Gilreath (2007,
https://doi.org/10.1007/s11121-007-0070-9)."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Pooled(Result):
    """Estimates pooled over imputed data sets.

    Attributes
    ----------
    table : DataFrame, index ``term``
        estimate, std_error, statistic (t), df (Barnard & Rubin), p_value, ci_low, ci_high; then ``within`` and
        ``between``, the variances within and between data sets, and ``total``; ``df_complete``, those of complete data;
        ``riv``, the relative increase in variance due to the missing answers, ``lambda``, their share of the total
        variance, and ``fmi``, the fraction of missing information.
    """

    table: pd.DataFrame

    main: ClassVar[str] = "table"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PooledRSquared(Result):
    """R² pooled over imputed data sets: ``r_squared``, ``ci_low``, ``ci_high``, ``fmi``."""

    r_squared: float
    ci_low: float
    ci_high: float
    fmi: float


def pool(
    estimates: Estimates,
    variances: Estimates,
    n: float,
    *,
    parameters: int | None = None,
    df_complete: Complete | None = None,
    confidence_level: float = 0.95,
) -> Pooled:
    """Pool the estimates of m imputed data sets by Rubin's rules.

    Parameters
    ----------
    estimates : DataFrame m × terms, or sequence of m numbers (one term)
        One row a data set.
    variances : as ``estimates``
        Squared standard errors.
    n : float
        Rows of a data set; ``math.inf`` for the large-sample rule.
    parameters : int, optional
        Estimated parameters of the model, so that complete data have n − parameters degrees of freedom; the number of
        terms when None.
    df_complete : float, or one a term, optional
        These degrees of freedom themselves, where the model has others (Satterthwaite's).
    confidence_level : float

    Raises
    ------
    TypeError, ValueError
        Tables that do not fit each other, fewer than two data sets, numbers that are not finite, negative variances,
        or an ``n`` that leaves no degrees of freedom.

    Notes
    -----
    Q̄ = mean estimate, W = mean variance, B = variance of the estimates (divisor m − 1), T = W + (1 + 1/m) B;
    riv = (1 + 1/m) B / W, λ = (1 + 1/m) B / T; df = ν ν_obs / (ν + ν_obs) with ν = (m − 1) / λ² and
    ν_obs = (ν_c + 1)/(ν_c + 3) ν_c (1 − λ); fmi = (riv + 2/(df + 3)) / (1 + riv). Where no estimate varies, df = ν_obs.

    References
    ----------
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys. Wiley. https://doi.org/10.1002/9780470316696
    Barnard, J., & Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika, 86,
    948–955. https://doi.org/10.1093/biomet/86.4.948. R twin: ``mice::pool`` (which takes λ as 0.0001 at least).
    """
    _check_level(confidence_level)
    values, labels = _table(estimates, "estimates")
    within, others = _table(variances, "variances")
    if values.shape != within.shape or labels != others:
        raise ValueError("The 'estimates' and 'variances' parameters of pool must have the same rows and columns.")
    if (within < 0).any():
        raise ValueError("The 'variances' parameter of pool must be squared standard errors; some are below 0.")
    complete = _complete(df_complete, labels, n, len(labels) if parameters is None else parameters)
    count = len(values)
    estimate, mean_within = values.mean(axis=0), within.mean(axis=0)
    between = values.var(axis=0, ddof=1)
    between[(values == values[0]).all(axis=0)] = 0.0  # the mean of equal numbers may differ from them by a rounding
    extra = (1 + 1 / count) * between
    total = mean_within + extra
    with np.errstate(divide="ignore", invalid="ignore"):  # an estimate without any variance: no test, no interval
        riv, share = extra / mean_within, extra / total
        statistic = estimate / np.sqrt(total)
    df = degrees_of_freedom(share, count, complete)
    with np.errstate(invalid="ignore"):
        fmi = np.where(np.isinf(riv), 1.0, (riv + 2 / (df + 3)) / (1 + riv))
    half = stats.t.ppf((1 + confidence_level) / 2, df) * np.sqrt(total)
    table = pd.DataFrame(
        {
            "estimate": estimate,
            "std_error": np.sqrt(total),
            "statistic": statistic,
            "df": df,
            "p_value": 2 * stats.t.sf(np.abs(statistic), df),
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "within": mean_within,
            "between": between,
            "total": total,
            "df_complete": complete,
            "riv": riv,
            "lambda": share,
            "fmi": fmi,
        },
        index=pd.Index(labels, name="term", dtype="str"),
    )
    return Pooled(
        table=table,
        definition={
            "formula": "rubin",
            "df": "barnard_rubin",
            "imputations": count,
            "n": n,
            "confidence_level": confidence_level,
            "source": "Barnard & Rubin (1999)",
        },
        notes=few_imputations(count),
    )


def pool_r_squared(r_squared: Sequence[float], n: int, *, confidence_level: float = 0.95) -> PooledRSquared:
    """Pool R² (or adjusted R²) of m imputed data sets on Fisher's z of R.

    Parameters
    ----------
    r_squared : sequence of m numbers from 0 to below 1
    n : int
        Rows of a data set, above 3.

    Notes
    -----
    z = artanh √R² has variance 1/(n − 3); the pooled z and its normal interval are turned back, a negative limit to 0.
    fmi is for large samples.

    References
    ----------
    Harel, O. (2009). The estimation of R² and adjusted R² in incomplete data sets using multiple imputation. Journal of
    Applied Statistics, 36, 1109–1118. https://doi.org/10.1080/02664760802553000. R twin: ``mice::pool.r.squared``, whose
    interval takes 1.96 for the quantile 1.959964.
    """  # noqa: E501
    _check_level(confidence_level)
    values, _ = _table(list(r_squared), "r_squared")
    if not ((values >= 0) & (values < 1)).all():
        raise ValueError("The 'r_squared' parameter of pool_r_squared must be numbers from 0 to below 1.")
    if not n > 3:
        raise ValueError(f"The 'n' parameter of pool_r_squared must be above 3. Got {n!r} instead.")
    z = np.arctanh(np.sqrt(values))
    row = pool(z, np.full_like(z, 1 / (n - 3)), np.inf).table.iloc[0]
    half = float(stats.norm.ppf((1 + confidence_level) / 2)) * float(row["std_error"])
    return PooledRSquared(
        r_squared=float(np.tanh(row["estimate"]) ** 2),
        ci_low=float(np.tanh(max(row["estimate"] - half, 0.0)) ** 2),
        ci_high=float(np.tanh(row["estimate"] + half) ** 2),
        fmi=float(row["fmi"]),
        definition={
            "formula": "fisher_z_of_multiple_r",
            "imputations": len(values),
            "n": n,
            "confidence_level": confidence_level,
            "source": "Harel (2009)",
        },
        notes=few_imputations(len(values)),
    )


def degrees_of_freedom(share: Floats, imputations: int, complete: Floats) -> Floats:
    """Barnard and Rubin's degrees of freedom from λ (``share``) and those of complete data (may be infinite)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        large = np.where(share > 0, (imputations - 1) / share**2, np.inf)
        observed = np.where(np.isinf(complete), np.inf, (complete + 1) / (complete + 3) * complete * (1 - share))
        both = 1 / (1 / large + 1 / observed)  # also where one of them is infinite, or observed is 0
    return np.asarray(both)


def few_imputations(count: int) -> tuple[Note, ...]:
    """The note on too few imputations, if they are."""
    if count >= FEW_IMPUTATIONS:
        return ()
    text = "With only {imputations} imputed data sets the intervals would change with other ones; {enough} are better."
    return (Note("few_imputations", text, {"enough": FEW_IMPUTATIONS, "imputations": count}),)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"The 'confidence_level' parameter must be between 0 and 1. Got {level!r} instead.")


def _table(given: Estimates, what: str) -> tuple[Floats, list[str]]:
    if isinstance(given, pd.DataFrame):
        labels = [str(name) for name in given.columns]
        values = given.to_numpy(dtype=float)
    else:
        values = np.asarray(given, dtype=float)
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2:
            raise ValueError(f"The '{what}' parameter must be a table of data sets × terms, or one number a data set.")
        labels = ["estimate"] if values.shape[1] == 1 else [f"term_{at}" for at in range(1, values.shape[1] + 1)]
    if len(values) < 2:
        raise ValueError(f"The '{what}' parameter must come from at least two imputed data sets. Got {len(values)}.")
    if not labels or len(set(labels)) < len(labels):
        raise ValueError(f"The columns of '{what}' must be at least one, and have different names.")
    if not np.isfinite(values).all():
        place = labels[int(np.argwhere(~np.isfinite(values))[0][1])]
        raise ValueError(f"The '{what}' parameter has no finite number for {place!r} in some data set.")
    return values, labels


def _complete(given: Complete | None, labels: list[str], n: float, parameters: int) -> Floats:
    if given is None:
        found = np.full(len(labels), float(n) - parameters)
    elif isinstance(given, pd.Series | Mapping):
        named = {str(name): float(value) for name, value in given.items()}
        if missing := [label for label in labels if label not in named]:
            raise ValueError(f"The 'df_complete' parameter of pool has nothing for {', '.join(missing)}.")
        found = np.array([named[label] for label in labels])
    else:
        found = np.full(len(labels), float(given))
    if not (found > 0).all():
        raise ValueError("Complete data must leave at least one degree of freedom: 'n' is too small in pool.")
    return found


def pool_tests(statistics: Sequence[float], df1: float, *, df2: float = np.inf) -> tuple[float, float, float, float]:
    """Pool F tests of the same hypothesis in m imputed data sets from their statistics alone.

    Parameters
    ----------
    statistics : sequence of m numbers
        F of each data set: the Wald chi-square over ``df1``.
    df1 : float
        Coefficients tested, k.
    df2 : float
        Denominator degrees of freedom that complete data would leave; the pooled test has no more.

    Returns
    -------
    tuple of four floats
        Pooled statistic, df1, df2 and p value.

    Notes
    -----
    With w = k·F and r = (1 + 1/m) times the variance of √w, D2 = (w̄/k − (m + 1)/(m − 1) r)/(1 + r), referred to
    F(k, ν) with ν = k^(−3/m) (m − 1)(1 + 1/r)². It is rougher than a test from the covariances: p values between half
    and twice those are common. A D2 below 0 counts as 0.

    References
    ----------
    Li, K. H., Meng, X. L., Raghunathan, T. E., & Rubin, D. B. (1991). Statistica Sinica, 1, 65–92.
    """
    m = len(statistics)
    if m < 2:
        raise ValueError("pool_tests needs the statistics of two imputed data sets or more.")
    wald = df1 * np.maximum(np.asarray(statistics, dtype=float), 0.0)
    r = (1 + 1 / m) * float(np.sqrt(wald).var(ddof=1))
    pooled = max((float(wald.mean()) / df1 - (m + 1) / (m - 1) * r) / (1 + r), 0.0)
    own = df1 ** (-3 / m) * (m - 1) * (1 + 1 / r) ** 2 if r > 0 else np.inf
    left = min(own, df2)
    p_value = stats.f.sf(pooled, df1, left) if np.isfinite(left) else stats.chi2.sf(df1 * pooled, df1)
    return pooled, df1, float(left), float(p_value)
