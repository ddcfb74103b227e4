"""Weighted estimates: means and a regression that use the weights, strata and clusters of the sample."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences._design import Design, from_columns, from_formula
from leadership_study.influences._groups import Clusters, coded, is_label, one_a_row
from leadership_study.influences._scored import outermost, with_levels
from leadership_study.results import Note, Result
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.moments import numbers
from leadership_study.samples.survey_design import SurveyDesign, survey_design
from leadership_study.scoring import ScoredResponses, Variable, Variables

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DesignMeans(Result):
    """Means of a weighted sample.

    Attributes
    ----------
    means : DataFrame, index ``variable``
        n, mean, std_error, df, ci_low, ci_high; sd and median, weighted; unweighted_mean; total and total_std_error;
        design_effect: the variance over that of a simple sample of n drawn with replacement; and
        design_effect_population: over that of one drawn without, of a population as large as the weights' sum.
    covariance : DataFrame, index ``variable``, one column a variable
        Of the means.
    effective_n : float
        Kish's (Σw)²/Σw².
    n, df : int
        Complete rows; clusters less strata.
    """

    means: pd.DataFrame
    covariance: pd.DataFrame
    effective_n: float
    n: int
    df: int

    main: ClassVar[str] = "means"
    shown_as: ClassVar[dict[str, str]] = {"covariance": "covariance"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DesignRegression(Result):
    """Weighted regression with design-based errors.

    Attributes
    ----------
    coefficients : DataFrame, index ``term``
        estimate, std_error, statistic, df, p_value, ci_low, ci_high.
    covariance : DataFrame, index ``term``, one column a term
    n, df : int
        Rows used; clusters less strata less coefficients besides the constant.
    """

    coefficients: pd.DataFrame
    covariance: pd.DataFrame
    n: int
    df: int

    main: ClassVar[str] = "coefficients"
    shown_as: ClassVar[dict[str, str]] = {"covariance": "covariance"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Weighted(DesignMeans):
    """Weighted means, and the coefficients of a regression where one was asked for (else no rows)."""

    coefficients: pd.DataFrame


def design_means(
    data: pd.DataFrame,
    *,
    weights: Clusters | None = None,
    strata: Clusters | None = None,
    clusters: Clusters | None = None,
    confidence_level: float = 0.95,
) -> DesignMeans:
    """Estimate means of a population from a weighted, stratified or clustered sample.

    Parameters
    ----------
    data : DataFrame
        Numbers, one column a variable; rows with a missing value are left out. Columns named by the next three are set
        aside.
    weights, strata, clusters : column label, Series or array, optional
        One a row; weights are numbers above 0. Without them all rows count 1, are one stratum, are drawn one by one.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For text or infinite numbers, weights that are missing or not above 0.
    InsufficientDataError
        Without two complete rows, with a stratum of one cluster.

    Notes
    -----
    Linearised errors of clusters drawn with replacement; t intervals with clusters less strata degrees of freedom.
    R twins: ``survey::svymean``, ``svytotal``, ``svyvar``, ``deff="replace"`` and ``deff=TRUE``.

    References
    ----------
    Lumley, T. (2004). https://doi.org/10.18637/jss.v009.i08. Kish, L. (1965). Survey sampling.
    """
    _check(confidence_level, "design_means")
    aside = {label for label in (weights, strata, clusters) if label is not None and is_label(data, label)}
    variables = data[[name for name in data.columns if name not in aside]]
    values, labels = numbers(variables)
    parts = _drawn(data, weights, strata, clusters, "design_means")
    kept = np.asarray(~np.isnan(values).any(axis=1)) & parts[3]
    notes = _left_out(kept)
    design = survey_design(parts[0][kept], parts[1][kept], parts[2][kept])
    values = values[kept]
    means, covariance = design.means(values)
    totals, total_covariance = design.totals(values)
    error = np.sqrt(np.diag(covariance))
    half = float(stats.t.ppf((1 + confidence_level) / 2, design.df)) * error
    variances = np.array([design.variance(column) for column in values.T])
    simple = variances / design.n
    size = float(design.weights.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.diag(covariance) / simple
        population = effect / (1 - design.n / size) if size > design.n else np.full(len(labels), np.nan)
    table = pd.DataFrame(
        {
            "n": design.n,
            "mean": means,
            "std_error": error,
            "df": float(design.df),
            "ci_low": means - half,
            "ci_high": means + half,
            "sd": np.sqrt(variances),
            "median": [design.quantile(column, 0.5) for column in values.T],
            "unweighted_mean": values.mean(axis=0),
            "total": totals,
            "total_std_error": np.sqrt(np.diag(total_covariance)),
            "design_effect": effect,
            "design_effect_population": population,
        },
        index=pd.Index(labels, name="variable"),
    )
    return DesignMeans(
        means=table,
        covariance=pd.DataFrame(covariance, index=pd.Index(labels, name="variable"), columns=labels),
        effective_n=design.effective_n,
        n=design.n,
        df=design.df,
        definition=_definition(design, confidence_level),
        notes=notes,
    )


def design_regression(
    formula: str,
    data: pd.DataFrame,
    *,
    weights: Clusters | None = None,
    strata: Clusters | None = None,
    clusters: Clusters | None = None,
    confidence_level: float = 0.95,
) -> DesignRegression:
    """Fit ``formula`` by weighted least squares with design-based errors.

    Parameters
    ----------
    formula, data
        As `regress` takes them.
    weights, strata, clusters, confidence_level
        As `design_means` takes them.

    Raises
    ------
    ValueError, TypeError, InsufficientDataError
        As `regress` and `design_means`.

    Notes
    -----
    Degrees of freedom: clusters less strata less coefficients besides the constant. R twin: ``survey::svyglm``.

    References
    ----------
    Binder, D. A. (1983). https://doi.org/10.2307/1402588
    """
    _check(confidence_level, "design_regression")
    return _regression(
        from_formula(formula, data, None, "design_regression"), data, weights, strata, clusters, confidence_level
    )


def run(
    scored: ScoredResponses,
    *,
    variables: Variables = ("dimensions",),
    outcome: Variable | None = None,
    predictors: Variables = (),
    strata: Variable | None = None,
    confidence_level: float = 0.95,
) -> Weighted:
    """Weighted means of ``variables``, and a weighted regression of ``outcome`` on ``predictors`` when both are named.

    The weights are those of the responses (all 1 without them), the clusters the outermost group.
    """
    names = scored.expand(variables)
    frame = scored.frame(names)
    if words := [name for name in names if not pd.api.types.is_numeric_dtype(frame[name].dtype)]:
        raise PlanError(f"The answers to {words[0]!r} are words and have no means; leave it out of 'variables'.")
    held = scored.expand(predictors)
    if (outcome is None) != (not held):
        raise PlanError("A weighted regression needs both 'outcome' and 'predictors'; name both or neither.")
    outer = outermost(scored)
    drawn: dict[str, Any] = {
        "weights": scored.weights,
        "strata": None if strata is None else scored.frame([strata])[strata],
        "clusters": None if outer is None else scored.groups[outer],
    }
    means = design_means(frame, **drawn, confidence_level=confidence_level)
    notes = list(means.notes)
    if scored.weights is None:
        notes.append(Note("no_weights", "The respondents have no weights; each counts once."))
    coefficients = pd.DataFrame(columns=list(_COLUMNS), index=pd.Index([], name="term", dtype="str")).astype(float)
    if outcome is not None:
        data = scored.frame([outcome, *held])
        for name in held:
            data[name] = with_levels(scored, name, data[name])
        design = from_columns(outcome, held, data, None, "weighted")
        result = _regression(design, data, **drawn, confidence_level=confidence_level)
        coefficients = result.coefficients
        notes += [note for note in result.notes if str(note) not in {str(one) for one in notes}]
    own = {field: getattr(means, field) for field in ("means", "covariance", "effective_n", "n", "df", "definition")}
    weighted = Weighted(**own, coefficients=coefficients, notes=tuple(notes))
    nested = {"nested_in": outer or "none", "outcome": outcome or "none"}
    return replace(weighted, definition={**weighted.definition, **nested})


_COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "ci_low", "ci_high")


def _regression(
    design: Design,
    data: pd.DataFrame,
    weights: Clusters | None,
    strata: Clusters | None,
    clusters: Clusters | None,
    confidence_level: float,
) -> DesignRegression:
    at = design.positions
    parts = _drawn(data, weights, strata, clusters, "design_regression")
    there = parts[3][at]
    at = at[there]
    matrix, outcome = design.matrix[there], design.outcome[there]
    least_squares(matrix, outcome, design.terms, constant=design.constant)  # refuses what cannot be estimated
    drawn = survey_design(parts[0][at], parts[1][at], parts[2][at])
    estimates, covariance = drawn.regression(matrix, outcome)
    df = drawn.df - len(design.terms) + (design.constant is not None)
    if df < 1:
        text = "{clusters} sampled groups are too few for {coefficients} coefficients."
        told = {"clusters": int(drawn.clusters.max()) + 1, "coefficients": len(design.terms)}
        raise InsufficientDataError(Note("design_too_few_clusters", text, told))
    error = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(error > 0, estimates / error, np.nan)
    half = float(stats.t.ppf((1 + confidence_level) / 2, df)) * error
    index = pd.Index(design.terms, name="term")
    table = pd.DataFrame(
        {
            "estimate": estimates,
            "std_error": error,
            "statistic": statistic,
            "df": float(df),
            "p_value": 2 * stats.t.sf(np.abs(statistic), df),
            "ci_low": estimates - half,
            "ci_high": estimates + half,
        },
        index=index,
    )
    notes = list(design.notes)
    if not there.all():
        text = "{count} of {received} rows have no weight, stratum or cluster and are left out."
        notes.append(Note("rows_outside_design", text, {"count": int((~there).sum()), "received": design.received}))
    return DesignRegression(
        coefficients=table,
        covariance=pd.DataFrame(covariance, index=index, columns=list(design.terms)),
        n=len(outcome),
        df=df,
        definition={**_definition(drawn, confidence_level), "outcome": design.outcome_name},
        notes=tuple(notes),
    )


def _drawn(
    data: pd.DataFrame, weights: Clusters | None, strata: Clusters | None, clusters: Clusters | None, function: str
) -> tuple[Floats, Integers, Integers, NDArray[np.bool_]]:
    """Weight, stratum and cluster of each row, and whether all are there."""
    n = len(data)
    own = np.ones(n)
    there = np.ones(n, dtype=bool)
    if weights is not None:
        own = pd.to_numeric(pd.Series(list(one_a_row(data, weights, "weights", function)))).to_numpy(dtype=float)
        there &= ~np.isnan(own)
        if not (own[there] > 0).all() or np.isinf(own[there]).any():
            raise ValueError(f"The weights of {function} must be numbers above 0; leave out rows that count nothing.")
    codes = []
    for groups, what, default in ((strata, "strata", np.zeros(n, int)), (clusters, "clusters", np.arange(n))):
        codes.append(
            default.astype(np.int64)
            if groups is None
            else coded(one_a_row(data, groups, what, function), what, function)[0]
        )
        there &= codes[-1] >= 0
    return own, codes[0], codes[1], there


def _left_out(kept: NDArray[np.bool_]) -> tuple[Note, ...]:
    if kept.all():
        return ()
    text = "{count} of {received} rows lack an answer, a weight, a stratum or a cluster and are left out."
    return (Note("design_incomplete", text, {"count": int((~kept).sum()), "received": len(kept)}),)


def _definition(design: SurveyDesign, confidence_level: float) -> dict[str, Any]:
    return {
        "formula": "linearised",
        "missing": "listwise",
        "n": design.n,
        "n_clusters": int(design.clusters.max()) + 1,
        "n_strata": int(design.strata.max()) + 1,
        "confidence_level": confidence_level,
        "source": "Binder (1983)",
    }


def _check(confidence_level: float, function: str) -> None:
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of {function} must be between 0 and 1. Got {confidence_level!r} instead."
        )
