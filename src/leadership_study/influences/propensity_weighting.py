"""Propensity weighting: two groups compared after weights have made them alike in what was measured."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._category_outcomes import binary_codes
from leadership_study.influences._columns import number_column
from leadership_study.influences._design import Design, from_columns
from leadership_study.influences._groups import Clusters, one_a_row
from leadership_study.influences._scored import chosen_group, with_levels
from leadership_study.results import Note, Result
from leadership_study.samples.balancing_weights import Estimand, effective_size, weighted_difference
from leadership_study.samples.logit import logit
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

__all__ = ["PropensityWeighting", "propensity_weighting", "run"]

Floats = NDArray[np.float64]

_BALANCED = 0.1
_EXTREME = 0.05
_FEW_CLUSTERS = 40


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PropensityWeighting(Result):
    """A weighted comparison and how far it can be trusted.

    Attributes
    ----------
    comparison : DataFrame
        Index ``term``: ``unweighted`` and ``weighted`` difference of means, treated less comparison: mean_treated,
        mean_comparison, estimate, std_error, statistic, df, p_value, ci_low, ci_high, cohen_d (by the pooled standard
        deviation without weights).
    balance : DataFrame
        Index ``term`` (a covariate or one of its levels): mean_treated, mean_comparison, difference_before (in
        standard deviations), weighted_mean_treated, weighted_mean_comparison, difference_after, variance_ratio_before
        and _after (NaN for levels), balanced (|difference_after| below .1).
    overlap : DataFrame
        Index ``group``: n, effective_n, minimum_score, median_score, maximum_score, n_extreme (scores below .05 or
        above .95).
    scores : DataFrame
        Index of the rows used: treated, score, weight.
    """

    main: ClassVar[str] = "comparison"

    comparison: pd.DataFrame
    balance: pd.DataFrame
    overlap: pd.DataFrame
    scores: pd.DataFrame


def propensity_weighting(
    data: pd.DataFrame, outcome: Hashable, treatment: Hashable, covariates: Sequence[Hashable], *,
    treated: Hashable | None = None, estimand: Estimand = "overlap", clusters: Clusters | None = None,
    confidence_level: float = 0.95,
) -> PropensityWeighting:  # fmt: skip
    """Compare two groups with weights from a logistic regression of the group on covariates.

    Parameters
    ----------
    data : DataFrame
        One row a respondent or school; rows that lack a variable are left out, and counted.
    outcome, treatment : column labels
        Numbers, and a column of two values.
    covariates : sequence of column labels
        Numbers, or text and categories (dummies); measured before the treatment, or not changed by it.
    treated : value of ``treatment``, optional
        Who counts as treated; the second level unless said.
    estimand : {"overlap", "average", "treated"}
        Whom the difference is about: those who might have been in either group (weights 1 − e and e), everybody
        (1/e and 1/(1 − e)), or those treated (1 and e/(1 − e)).
    clusters : column label, Series or array, optional
        Rows of a cluster go together (teachers of a school): influences are summed within it.
    confidence_level : float

    Raises
    ------
    InsufficientDataError
        When there are not two groups, or a covariate tells them apart so that no score exists.
    ValueError, TypeError
        For columns that are not there, or of a kind that cannot be used.

    Notes
    -----
    The difference is an effect only if the covariates hold everything that goes with both the group and the outcome,
    and if every row might have been in either group; weights cannot balance what was not measured. The error follows
    from the influence of each row, that through the estimated score included; normal quantiles, with clusters
    Student's with G − 1 degrees of freedom and the factor G/(G − 1).
    Li, F., Morgan, K. L., & Zaslavsky, A. M. (2018), https://doi.org/10.1080/01621459.2016.1260466; Lunceford &
    Davidian (2004), https://doi.org/10.1002/sim.1903; Austin (2011), https://doi.org/10.1080/00273171.2011.568786. R
    twin: ``PSweight::PSweight(weight = "overlap", augmentation = FALSE)``, ``cobalt::bal.tab``.
    """
    if estimand not in get_args(Estimand):
        known = ", ".join(repr(one) for one in get_args(Estimand))
        raise ValueError(f"The 'estimand' parameter must be one of {known}. Got {estimand!r} instead.")
    name = "propensity_weighting"
    groups = None if clusters is None else one_a_row(data, clusters, "clusters", name)
    values = number_column(data, outcome, "outcome")
    there = np.isfinite(values)
    coded, treated_label, other_label = binary_codes(data[there], str(treatment), treated)
    design = from_columns(
        str(treatment), [str(one) for one in covariates], coded, None if groups is None else groups[there], name
    )
    y = values[there][design.positions]
    fit = logit(design.matrix, design.outcome, design.terms, constant=design.constant)
    score = fit.probabilities
    found = weighted_difference(y, design.outcome, design.matrix, score, estimand)
    n_clusters = len(np.unique(design.codes)) if design.codes is not None else len(y)
    notes = [*design.notes, *_notes(design, score, found.weights, n_clusters)]
    if lost := int((~there).sum()):
        notes.append(Note("psw_outcome_missing", "Rows left out because the outcome is missing: {n}.", {"n": lost}))
    balance = _balance(design, found.weights, estimand)
    uneven = [str(term) for term in balance.index[~balance["balanced"]]]
    if uneven:
        text = "Still different after weighting (by a tenth of a standard deviation or more): {terms}."
        notes.append(Note("psw_unbalanced", text, {"terms": uneven}))
    return PropensityWeighting(
        comparison=_comparison(y, design, found.treated, found.comparison, found.influence, confidence_level),
        balance=balance,
        overlap=_overlap(design, score, found.weights),
        scores=pd.DataFrame(
            {"treated": design.outcome == 1, "score": score, "weight": found.weights},
            index=design.rows.astype("str").rename("row"),
        ),
        definition={
            "formula": "propensity_weighting", "estimand": estimand, "outcome": str(outcome), "event": treated_label,
            "other_outcome": other_label, "missing": "listwise", "n": len(y),
            **({} if design.codes is None else {"n_clusters": n_clusters}),
            "confidence_level": confidence_level, "source": "Li, Morgan & Zaslavsky (2018)",
        },
        notes=tuple(notes),
    )  # fmt: skip


def run(
    scored: ScoredResponses, *, outcome: Variable, treatment: Variable, covariates: Variables,
    treated: str | None = None, estimand: Estimand = "overlap", group: Variable | None = None,
    confidence_level: float = 0.95,
) -> PropensityWeighting:  # fmt: skip
    """Compare two groups of respondents; the outermost group, or ``group``, is the cluster."""
    chosen = chosen_group(scored, group)
    names = scored.expand(covariates)
    data = scored.frame(list(dict.fromkeys([outcome, treatment, *names])))
    for name in [treatment, *names]:
        data[name] = with_levels(scored, name, data[name])
    result = propensity_weighting(
        data, outcome, treatment, names, treated=treated, estimand=estimand,
        clusters=None if chosen is None else scored.groups[chosen], confidence_level=confidence_level,
    )  # fmt: skip
    named = {key: f"{treatment}[{result.definition[key]}]" for key in ("event", "other_outcome")}
    return replace(result, definition={**result.definition, **named}, notes=(*result.notes, *unweighted(scored)))


def _comparison(
    y: Floats, design: Design, treated: float, comparison: float, influence: Floats, level: float
) -> pd.DataFrame:
    inside = design.outcome == 1
    plain = np.where(inside, (y - y[inside].mean()) / inside.mean(), -(y - y[~inside].mean()) / (~inside).mean())
    sd = _pooled_sd(y, inside)
    rows = {
        "unweighted": _row(float(y[inside].mean()), float(y[~inside].mean()), plain, design.codes, level, sd),
        "weighted": _row(treated, comparison, influence, design.codes, level, sd),
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")


def _row(
    treated: float, comparison: float, influence: Floats, codes: NDArray[np.int64] | None, level: float, sd: float
) -> dict[str, float]:
    n = len(influence)
    if codes is None:
        error, df = float(np.sqrt(influence @ influence)) / n, np.inf
    else:
        summed = np.bincount(codes, weights=influence)
        count = len(summed)
        df = float(count - 1)
        error = float(np.sqrt(summed @ summed * count / df)) / n if df else np.nan
    estimate = treated - comparison
    known = bool(error > 0)
    width = float(stats.t.ppf((1 + level) / 2, df)) * error if known else np.nan
    return {
        "mean_treated": treated,
        "mean_comparison": comparison,
        "estimate": estimate,
        "std_error": error if known else np.nan,
        "statistic": estimate / error if known else np.nan,
        "df": df,
        "p_value": float(2 * stats.t.sf(abs(estimate / error), df)) if known else np.nan,
        "ci_low": estimate - width,
        "ci_high": estimate + width,
        "cohen_d": estimate / sd if sd > 0 else np.nan,
    }


def _pooled_sd(values: Floats, inside: NDArray[np.bool_]) -> float:
    """Root of the mean of both variances."""
    return float(np.sqrt((values[inside].var(ddof=1) + values[~inside].var(ddof=1)) / 2))


def _balance(design: Design, weights: Floats, estimand: Estimand) -> pd.DataFrame:
    inside = design.outcome == 1
    rows: dict[str, dict[str, Any]] = {}
    for at, term in enumerate(design.terms):
        if at == design.constant:
            continue
        column = design.matrix[:, at]
        first, second = column[inside], column[~inside]
        means = [float(np.average(part, weights=weights[side]))
                 for part, side in ((first, inside), (second, ~inside))]  # fmt: skip
        sd = float(first.std(ddof=1)) if estimand == "treated" else _pooled_sd(column, inside)
        ratios = [np.nan, np.nan]
        if len(np.unique(column)) > 2:
            ratios = [_ratio(first, second), _ratio(first, second, weights[inside], weights[~inside])]
        after = (means[0] - means[1]) / sd if sd > 0 else np.nan
        rows[term] = {
            "mean_treated": float(first.mean()),
            "mean_comparison": float(second.mean()),
            "difference_before": float(first.mean() - second.mean()) / sd if sd > 0 else np.nan,
            "weighted_mean_treated": means[0],
            "weighted_mean_comparison": means[1],
            "difference_after": after,
            "variance_ratio_before": ratios[0],
            "variance_ratio_after": ratios[1],
            "balanced": bool(abs(after) < _BALANCED),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")


def _ratio(first: Floats, second: Floats, w_first: Floats | None = None, w_second: Floats | None = None) -> float:
    parts = [float(np.cov(part, ddof=1, aweights=weights)) for part, weights in ((first, w_first), (second, w_second))]
    return parts[0] / parts[1] if parts[1] > 0 else np.nan


def _overlap(design: Design, score: Floats, weights: Floats) -> pd.DataFrame:
    rows = {}
    for name, side in (("treated", 1), ("comparison", 0)):
        inside = design.outcome == side
        own = score[inside]
        rows[name] = {
            "n": int(inside.sum()),
            "effective_n": effective_size(weights[inside]),
            "minimum_score": float(own.min()),
            "median_score": float(np.median(own)),
            "maximum_score": float(own.max()),
            "n_extreme": int(((own < _EXTREME) | (own > 1 - _EXTREME)).sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def _notes(design: Design, score: Floats, weights: Floats, n_clusters: int) -> list[Note]:
    notes = []
    if extreme := int(((score < _EXTREME) | (score > 1 - _EXTREME)).sum()):
        text = "Rows whose group the covariates all but tell (scores below .05 or above .95): {n}."
        notes.append(Note("psw_extreme_scores", text, {"n": extreme}))
    if design.codes is not None:
        if n_clusters < 2:
            text = "All rows are of one cluster, so that there is no error to be had."
            raise InsufficientDataError(Note("psw_one_cluster", text))
        of_cluster = pd.Series(design.outcome).groupby(design.codes)
        if n_clusters < _FEW_CLUSTERS:
            text = "There are only {n_clusters} clusters: the interval is an approximation that needs more of them."
            notes.append(Note("psw_few_clusters", text, {"n_clusters": n_clusters}))
        if (of_cluster.nunique() == 1).all():
            text = "Whole clusters are in one group or the other: the comparison is one of clusters, not of rows."
            notes.append(Note("psw_cluster_level", text))
    return notes
