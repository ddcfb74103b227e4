"""Several factors at once, with or without covariates: analysis of variance and of covariance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences import _comparison_tables as tables
from leadership_study.influences._factorial_design import Contrasts, FactorialDesign, factorial_design
from leadership_study.influences._groups import Clusters
from leadership_study.influences._scored import chosen_group, with_levels
from leadership_study.results import Note, Result
from leadership_study.samples.cluster_robust import ClusterRobust, cluster_robust
from leadership_study.samples.effect_sizes import eta_squared, omega_squared
from leadership_study.samples.k_groups import k_groups
from leadership_study.samples.least_squares import LeastSquares, least_squares
from leadership_study.samples.mean_tests import MeanTest
from leadership_study.samples.nested_groups import FEW_CLUSTERS
from leadership_study.samples.sums_of_squares import SquaresType, Term, sums_of_squares
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

Errors = Literal["classical", "cluster_robust"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FactorialAnova(Result):
    """Analysis of variance with several factors.

    Attributes
    ----------
    effects : DataFrame, index ``source``
        sum_of_squares, df1, df2, mean_square, statistic (F), p_value; eta_squared (of the total); partial_eta_squared
        with ci_low and ci_high; partial_omega_squared; verdict. The rows of the constant and the residual have what
        they have. With nested answers statistic, df2 and p_value are those of the HTZ test.
    means : DataFrame, index ``variable``, ``level``
        n, mean and sd as observed; estimate: the marginal mean, all cells of the other factors counting alike and
        covariates at their mean, with std_error, df, ci_low, ci_high.
    assumptions : DataFrame, index ``assumption``
        statistic, df1, df2, p_value: levene_test (cells), shapiro_wilk (residuals), equal_slopes (that covariates have
        the same slope in every level).
    n : int
    r_squared, adj_r_squared : float
    """

    effects: pd.DataFrame
    means: pd.DataFrame
    assumptions: pd.DataFrame
    n: int
    r_squared: float
    adj_r_squared: float

    main: ClassVar[str] = "effects"


def factorial_anova(
    data: pd.DataFrame,
    outcome: str,
    factors: Sequence[str],
    *,
    covariates: Sequence[str] = (),
    type: SquaresType = 3,
    interactions: bool = True,
    contrasts: Contrasts = "sum",
    clusters: Clusters | None = None,
    confidence_level: float = 0.95,
) -> FactorialAnova:
    """Test ``factors``, their interactions and ``covariates``.

    Parameters
    ----------
    data : DataFrame
        Rows with a missing value are left out.
    outcome : str
        Column of numbers.
    factors : sequence of str
        Columns of text, numbers or categories, each value a level.
    covariates : sequence of str
        Columns of numbers; with them this is an analysis of covariance.
    type : {3, 2, 1}
        Sums of squares given all other terms; given the terms that do not contain it; in the order covariates, factors,
        interactions.
    interactions : bool
        All interactions of factors.
    contrasts : {"sum", "treatment"}
        Coding behind type III: to sum to 0, as such tests need beside interactions; "treatment" gives what R does when
        nobody told it.
    clusters : column label, Series or array, optional
        What answers are nested in: tests are then HTZ tests of CR2 errors (type 3 with contrasts "sum" only).
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For unknown options or columns; clusters with type 1 or 2.
    InsufficientDataError
        With a factor of one level, an empty cell, a constant outcome, too few rows.

    References
    ----------
    Langsrud, Ø. (2003). https://doi.org/10.1023/A:1023260610025. Searle, S. R., Speed, F. M., & Milliken, G. A. (1980).
    https://doi.org/10.1080/00031305.1980.10483031. R twins: ``car::Anova``, ``effectsize::eta_squared``, ``emmeans``.
    """
    _check(factors, type, contrasts, clusters, confidence_level)
    design = factorial_design(data, outcome, factors, covariates, interactions, contrasts, clusters, "factorial_anova")
    names = tuple(f"{term.name}[{at}]" for term in design.terms for at in range(term.df))
    fit = least_squares(design.matrix, design.outcome, names)
    robust = None
    notes = list(design.notes)
    if design.clusters is not None:
        count = int(design.clusters.max()) + 1
        if count < 2:
            text = "All respondents belong to one group, so its differences cannot be allowed for."
            raise InsufficientDataError(Note("factorial_one_cluster", text))
        if count < FEW_CLUSTERS:
            text = "Answers are nested in only {count} groups: tests with so few have little power."
            notes.append(Note("factorial_few_clusters", text, {"count": count}))
        robust = cluster_robust(fit, design.clusters, "CR2")
    effects = _effects(design, fit, robust, type, confidence_level)
    if robust is not None and effects["p_value"].drop(index=["intercept", "residual"]).isna().any():
        text = "Effects without a test have too few groups of respondents for as many differences."
        notes.append(Note("factorial_not_tested", text))
    return FactorialAnova(
        effects=effects,
        means=_means(design, fit, robust, confidence_level),
        assumptions=_assumptions(design, fit),
        n=fit.n,
        r_squared=fit.r_squared,
        adj_r_squared=fit.adj_r_squared,
        definition={
            "squares": f"squares_type_{type}",
            "contrasts": contrasts,
            "outcome": outcome,
            "covariates": ", ".join(covariates) or "none",
            "test": "f" if robust is None else "htz",
            "missing": "listwise",
            "n": fit.n,
            "confidence_level": confidence_level,
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    outcome: Variable,
    factors: Variables,
    covariates: Variables = (),
    type: SquaresType = 3,
    interactions: bool = True,
    group: Variable | None = None,
    confidence_level: float = 0.95,
) -> FactorialAnova:
    """Test background questions as factors, other variables as covariates; nested answers are allowed for."""
    own, held = scored.expand(factors), scored.expand(covariates)
    frame = scored.frame([outcome, *own, *held])
    for name in own:
        frame[name] = with_levels(scored, name, frame[name], "a factor")
    if words := [name for name in [outcome, *held] if not pd.api.types.is_numeric_dtype(frame[name].dtype)]:
        raise PlanError(f"The answers to {words[0]!r} are words; an outcome and covariates must be numbers.")
    outer = chosen_group(scored, group)
    result = factorial_anova(
        frame,
        outcome,
        own,
        covariates=held,
        type=type,
        interactions=interactions,
        clusters=scored.groups[outer] if outer is not None and type == 3 else None,
        confidence_level=confidence_level,
    )
    notes = list(result.notes)
    if outer is not None and type != 3:
        text = "Sums of squares of types I and II take respondents as independent although they are nested in {group}."
        notes.append(Note("squares_ignore_nesting", text, {"group": outer}))
    return replace(result, notes=(*notes, *unweighted(scored)))


def _effects(
    design: FactorialDesign, fit: LeastSquares, robust: ClusterRobust | None, type: SquaresType, level: float
) -> pd.DataFrame:
    found = sums_of_squares(design.terms, design.outcome, type)
    places = np.cumsum([0, *(term.df for term in design.terms)])
    rows = {}
    for at, term in enumerate(design.terms):
        one = found[term.name]
        statistic, df2, p_value = one.test.statistic, float(one.test.df2), one.test.p_value
        eta = eta_squared(statistic, one.test.df1, df2, level)
        omega = omega_squared(statistic, one.test.df1, df2, level)
        constant = term.name == "intercept"
        if robust is not None:
            eta = replace(eta, ci_low=np.nan, ci_high=np.nan)  # its limits would take answers as independent
            contrasts = np.eye(len(fit.terms))[places[at] : places[at + 1]]
            htz = robust.htz_test(fit.estimates, contrasts)
            statistic, df2, p_value = htz.statistic, htz.df2, htz.p_value
        rows[term.name] = {
            "sum_of_squares": one.sum_of_squares,
            "df1": float(one.test.df1),
            "df2": df2,
            "mean_square": one.sum_of_squares / one.test.df1,
            "statistic": statistic,
            "p_value": p_value,
            "eta_squared": np.nan if constant else one.sum_of_squares / fit.total,
            "partial_eta_squared": np.nan if constant else eta.estimate,
            "ci_low": np.nan if constant else eta.ci_low,
            "ci_high": np.nan if constant else eta.ci_high,
            "partial_omega_squared": np.nan if constant else omega.estimate,
            "verdict": None if constant else tables.verdict(eta.estimate, "share"),
        }
    residual = {"sum_of_squares": fit.rss, "df1": float(fit.df_residual), "mean_square": fit.sigma_squared}
    rows["residual"] = {**dict.fromkeys(next(iter(rows.values())), np.nan), **residual, "verdict": None}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("source")
    return table.astype({"verdict": "object"})


def _means(design: FactorialDesign, fit: LeastSquares, robust: ClusterRobust | None, level: float) -> pd.DataFrame:
    covariance = fit.covariance() if robust is None else robust.covariance
    rows = {}
    for number, factor in enumerate(design.factors):
        for at, label in enumerate(factor.labels):
            row = design.marginal([number], [at])
            df = float(fit.df_residual) if robust is None else float(robust.satterthwaite_df(row[None])[0])
            error = float(row @ covariance @ row) ** 0.5 if np.isfinite(df) else 0.0
            test = MeanTest(estimate=float(row @ fit.estimates), std_error=error, df=df)
            own = design.outcome[factor.codes == at]
            low, high = test.interval(level)
            rows[factor.name, label] = {
                "n": len(own),
                "mean": float(own.mean()),
                "sd": float(own.std(ddof=1)) if len(own) > 1 else np.nan,
                "estimate": test.estimate,
                "std_error": error if error > 0 else np.nan,
                "df": df if error > 0 else np.nan,
                "ci_low": low,
                "ci_high": high,
            }
    index = pd.MultiIndex.from_tuples(list(rows), names=["variable", "level"])
    return pd.DataFrame(list(rows.values()), index=index).astype({"n": "int64"})


def _assumptions(design: FactorialDesign, fit: LeastSquares) -> pd.DataFrame:
    rows: dict[str, tuple[float, float, float, float]] = {}
    sizes = np.bincount(design.cells)
    if sizes.min() >= 2 and not design.covariates:
        levene = k_groups(design.outcome, design.cells).levene()
        rows["levene_test"] = (levene.statistic, levene.df1, levene.df2, levene.p_value)
    w, p = tables.shapiro(fit.residuals)
    rows["shapiro_wilk"] = (w, np.nan, np.nan, p)
    if design.covariates:
        covariates = [term for term in design.terms if term.name in design.covariates]
        main = [term for term in design.terms if len(term.parts) == 1 and term.name not in design.covariates]
        crossed = [
            Term(name=f"{one.name} × {other.name}", parts=one.parts | other.parts, columns=one.columns * other.columns)
            for one in covariates
            for other in main
        ]
        rows["equal_slopes"] = _added(design, fit, crossed)
    columns = ["statistic", "df1", "df2", "p_value"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype(float).rename_axis("assumption")


def _added(design: FactorialDesign, fit: LeastSquares, terms: list[Term]) -> tuple[float, float, float, float]:
    """F test of further terms; NaN when they are not all estimable."""
    df1 = sum(term.df for term in terms)
    df2 = fit.df_residual - df1
    whole = np.column_stack([design.matrix, *(term.columns for term in terms)])
    if df2 < 1 or np.linalg.matrix_rank(whole / np.sqrt((whole**2).sum(axis=0))) < whole.shape[1]:
        return np.nan, float(df1), np.nan, np.nan
    basis = np.linalg.qr(whole)[0]
    left = design.outcome - basis @ (basis.T @ design.outcome)
    f = (fit.rss - float(left @ left)) / df1 / (float(left @ left) / df2)
    return f, float(df1), float(df2), float(stats.f.sf(f, df1, df2))


def _check(
    factors: Sequence[str], type: int, contrasts: str, clusters: Clusters | None, confidence_level: float
) -> None:
    if isinstance(factors, str) or not factors:
        raise ValueError(
            f"The 'factors' parameter of factorial_anova must be a list of columns. Got {factors!r} instead."
        )
    if type not in (1, 2, 3):
        raise ValueError(f"The 'type' parameter of factorial_anova must be one of 1, 2, 3. Got {type!r} instead.")
    if contrasts not in ("sum", "treatment"):
        raise ValueError(
            "The 'contrasts' parameter of factorial_anova must be one of 'sum', 'treatment'. "
            f"Got {contrasts!r} instead."
        )
    if clusters is not None and (type != 3 or contrasts != "sum"):
        raise ValueError("Tests that allow for clusters are of type 3 with contrasts 'sum'; leave 'type' as it is.")
    if not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of factorial_anova must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )
