"""The tables of a fitted mixed model."""

from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.influences._design import INTERCEPT, Design
from leadership_study.results import Note
from leadership_study.samples.mixed_model import SINGULAR, MixedFit
from leadership_study.samples.mixed_model_kenward_roger import KenwardRoger, kenward_roger
from leadership_study.samples.mixed_model_modes import modes_of
from leadership_study.samples.mixed_model_profile import coefficient_interval, effect_interval, sigma_interval
from leadership_study.samples.mixed_model_shares import shares_of
from leadership_study.samples.mixed_model_tests import Satterthwaite, WaldTest, satterthwaite

DegreesOfFreedom = Literal["satterthwaite", "kenward-roger", "containment", "asymptotic"]
IntervalMethod = Literal["wald", "profile"]
Floats = NDArray[np.float64]

RESIDUAL = "residual"


class Inference:
    """Errors and degrees of freedom of contrasts of β̂ by one of the methods."""

    def __init__(self, fit: MixedFit, df: DegreesOfFreedom) -> None:
        self.fit, self.method = fit, df
        self._by: Satterthwaite | KenwardRoger | None = None
        if df == "satterthwaite":
            self._by = satterthwaite(fit)
        elif df == "kenward-roger":
            self._by = kenward_roger(fit)
        self.covariance: Floats = fit.covariance if self._by is None else self._by.covariance

    def row(self, contrast: Floats, level: float) -> dict[str, float]:
        """Estimate, error, test and interval of contrast'β̂."""
        estimate = float(contrast @ self.fit.coefficients)
        error = float(np.sqrt(contrast @ self.covariance @ contrast))
        df = self.df(contrast)
        half = float(stats.t.ppf((1 + level) / 2, df)) * error
        statistic = estimate / error
        return {
            "estimate": estimate,
            "std_error": error,
            "statistic": statistic,
            "df": df,
            "p_value": 2 * float(stats.t.sf(abs(statistic), df)),
            "ci_low": estimate - half,
            "ci_high": estimate + half,
        }

    def df(self, contrast: Floats) -> float:
        """Degrees of freedom of one contrast."""
        if self._by is not None:
            return self._by.df(contrast)
        if self.method == "asymptotic":
            return float("inf")
        return min(df for df, weight in zip(containment(self.fit), contrast, strict=True) if weight != 0)

    def test(self, columns: list[int]) -> WaldTest:
        """Test that several coefficients are 0."""
        contrasts = np.eye(len(self.fit.coefficients))[columns]
        if self._by is not None:
            return self._by.test(contrasts, self.fit.coefficients)
        means, block = self.fit.coefficients[columns], self.covariance[np.ix_(columns, columns)]
        statistic = float(means @ np.linalg.solve(block, means)) / len(columns)
        return WaldTest(statistic=statistic, df1=len(columns), df2=min(self.df(row) for row in contrasts))


def containment(fit: MixedFit) -> list[float]:
    """Inner–outer degrees of freedom (Pinheiro & Bates, 2000, section 2.4.2).

    The units of the innermost level at which a predictor still varies, less those of the level above and the predictors
    estimated there; the constant counts as varying everywhere.
    """
    units = [fit.structure.n, *(term.n_levels for term in fit.terms), 1]
    levels = [level_of(column, fit) for column in fit.ols.design.T]
    found = []
    for level in levels:
        at = 0 if level > len(fit.terms) else level
        found.append(float(units[at] - units[at + 1] - levels.count(at)))
    return found


def level_of(column: Floats, fit: MixedFit) -> int:
    """0 for a column that varies inside the innermost units, k when it is constant in units of the first k factors.

    One more than there are factors for a column that is constant altogether.
    """
    if np.ptp(column) == 0:
        return len(fit.terms) + 1
    return max((at for at, term in enumerate(fit.terms, start=1) if is_constant_in(column, term.codes)), default=0)


def is_constant_in(column: Floats, codes: NDArray[np.int64]) -> bool:
    """Whether ``column`` has one value in each group, rounding aside."""
    groups = int(codes.max()) + 1
    low, high = np.full(groups, np.inf), np.full(groups, -np.inf)
    np.minimum.at(low, codes, column)
    np.maximum.at(high, codes, column)
    return bool((high - low).max() <= 1e-12 * max(1.0, float(np.abs(column).max())))


def fixed(inference: Inference, terms: tuple[str, ...], level: float) -> pd.DataFrame:
    """Coefficients with errors, tests and intervals."""
    rows = [inference.row(row, level) for row in np.eye(len(terms))]
    return pd.DataFrame(rows, index=pd.Index(terms, name="term", dtype="str"))


def with_profiles(table: pd.DataFrame, fit: MixedFit, level: float) -> pd.DataFrame:
    """The coefficients with profile intervals, from a model fitted by maximum likelihood."""
    ends = [coefficient_interval(fit, at, level) for at in range(len(table))]
    return table.assign(ci_low=[low for low, _ in ends], ci_high=[high for _, high in ends])


def tests(inference: Inference, design: Design) -> pd.DataFrame:
    """One F test for each variable, its dummies together."""
    rows = {}
    for part in dict.fromkeys(design.parts):
        if part != INTERCEPT:
            found = inference.test(design.columns_of([part]))
            p = float(stats.f.sf(found.statistic, found.df1, found.df2)) if np.isfinite(found.df2) else float(
                stats.chi2.sf(found.statistic * found.df1, found.df1)
            )  # fmt: skip
            rows[part] = {"statistic": found.statistic, "df1": found.df1, "df2": found.df2, "p_value": p}
    columns = {"statistic": "float64", "df1": "int64", "df2": "float64", "p_value": "float64"}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(columns)).astype(columns)
    table.index = table.index.astype("str")
    return table.rename_axis("variable")


def random(fit: MixedFit, profiled: MixedFit | None, level: float) -> pd.DataFrame:
    """Variances, standard deviations and correlations of the random effects, and the residual's."""
    total = sum(float(np.trace(covariance)) for covariance in fit.covariances) + fit.sigma**2
    only_intercepts = all(term.columns == (INTERCEPT,) for term in fit.terms)
    rows: dict[tuple[str, str], dict[str, float]] = {}
    nan = float("nan")
    for at, (term, covariance) in enumerate(zip(fit.terms, fit.covariances, strict=True)):
        for j, effect in enumerate(term.columns):
            low, high = (nan, nan) if profiled is None else effect_interval(profiled, at, j, level)
            share = covariance[j, j] / total if only_intercepts else nan
            rows[term.name, effect] = {
                "variance": covariance[j, j], "sd": np.sqrt(covariance[j, j]), "correlation": nan, "share": share,
                "sd_ci_low": low, "sd_ci_high": high,
            }  # fmt: skip
        for block in term.blocks:
            for i, j in combinations(block, 2):
                size = np.sqrt(covariance[i, i] * covariance[j, j])
                rows[term.name, f"{term.columns[i]}, {term.columns[j]}"] = {
                    "variance": covariance[i, j], "sd": nan, "correlation": covariance[i, j] / size if size else nan,
                    "share": nan, "sd_ci_low": nan, "sd_ci_high": nan,
                }  # fmt: skip
    low, high = (nan, nan) if profiled is None else sigma_interval(profiled, level)
    rows[RESIDUAL, RESIDUAL] = {
        "variance": fit.sigma**2, "sd": fit.sigma, "correlation": nan,
        "share": fit.sigma**2 / total if only_intercepts else nan, "sd_ci_low": low, "sd_ci_high": high,
    }  # fmt: skip
    index = pd.MultiIndex.from_tuples(list(rows), names=["group", "effect"])
    return pd.DataFrame(list(rows.values()), index=index, dtype="float64")


def fit_measures(fit: MixedFit, by_ml: MixedFit) -> pd.Series:
    """Likelihoods, information criteria and shares of the variance."""
    shares = shares_of(fit)
    values: dict[str, Any] = {
        "n": fit.structure.n,
        "n_parameters": fit.n_parameters,
        "log_likelihood": fit.log_likelihood,
        "log_likelihood_ml": by_ml.log_likelihood,
        "aic": fit.aic,
        "bic": fit.bic,
        "r_squared_marginal": shares.marginal,
        "r_squared_conditional": shares.conditional,
        "adjusted_icc": shares.icc,
        "sigma": fit.sigma,
    }
    return pd.Series(values, dtype=object).rename_axis("statistic")


def modes(fit: MixedFit, level: float) -> pd.DataFrame:
    """Conditional modes with their standard deviations (β̂ taken as known) and normal intervals."""
    reach = float(stats.norm.ppf((1 + level) / 2))
    parts = []
    for name, one in modes_of(fit).items():
        index = pd.MultiIndex.from_product([[name], one.labels, one.columns], names=["group", "level", "effect"])
        values, errors = one.values.ravel(), one.std_errors.ravel()
        columns = {"estimate": values, "std_error": errors, "ci_low": values - reach * errors,
                   "ci_high": values + reach * errors}  # fmt: skip
        parts.append(pd.DataFrame(columns, index=index))
    return pd.concat(parts)


def groups(fit: MixedFit) -> pd.DataFrame:
    """Levels of each grouping factor and rows in them."""
    rows = {}
    for term in fit.terms:
        sizes = np.bincount(term.codes)
        rows[term.name] = {"n_groups": term.n_levels, "mean_size": float(sizes.mean()),
                           "smallest": int(sizes.min()), "largest": int(sizes.max())}  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = table.index.astype("str")
    return table.rename_axis("group")


def singular_notes(fit: MixedFit) -> tuple[Note, ...]:
    """Name what lies on the border: variances of 0, and effects that follow from one another."""
    notes = []
    for term, covariance, factor, scale in zip(
        fit.terms, fit.covariances, fit.factors, fit.structure.scales, strict=True
    ):
        if term.name not in fit.singular:
            continue
        sizes = np.sqrt(np.diag(covariance)) * scale / fit.sigma
        for effect, size in zip(term.columns, sizes, strict=True):
            if size < SINGULAR:
                text = (
                    "Singular fit: the variance of {effect} between the levels of {group} is estimated as 0, so "
                    "nothing in the data speaks for such differences."
                )
                notes.append(Note("singular_variance", text, {"effect": effect, "group": term.name}))
        for block in term.blocks:
            there = [at for at in block if sizes[at] >= SINGULAR]
            diagonal = [factor[at, at] * scale[at] for at in there]
            if len(there) > 1 and min(diagonal) < SINGULAR:
                text = (
                    "Singular fit: the random effects of {group} ({effects}) follow from one another, a correlation of "
                    "−1 or 1 for two of them; the data cannot tell them apart, so take the slope as fixed or the "
                    "effects as uncorrelated."
                )
                values = {"group": term.name, "effects": ", ".join(term.columns[at] for at in there)}
                notes.append(Note("singular_correlation", text, values))
    return tuple(notes)
