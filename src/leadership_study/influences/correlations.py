"""How variables go together: correlations with intervals, partial correlations, and both levels of nested answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import EstimationError, InsufficientDataError, PlanError
from leadership_study.influences import _pairs
from leadership_study.influences._compare_correlations import (
    CorrelationDifference,
    compare_dependent_correlations,
    compare_independent_correlations,
)
from leadership_study.influences._groups import Clusters, cluster_codes, is_label, place_of
from leadership_study.influences._pairs import Method
from leadership_study.influences._scored import chosen_group
from leadership_study.measurement.reliability import cronbach_alpha
from leadership_study.results import Note, Result
from leadership_study.samples.moments import Missing, numbers
from leadership_study.samples.multiplicity import Adjust, adjusted
from leadership_study.samples.one_way import one_way
from leadership_study.samples.univariate import summary
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

__all__ = [
    "CorrelationDifference",
    "Correlations",
    "compare_dependent_correlations",
    "compare_independent_correlations",
    "correlate",
    "run",
]

_NO_EFFECT = 1.05  # a design effect up to here leaves p values as good as they are


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Correlations(Result):
    """Correlations of every pair of variables.

    Attributes
    ----------
    correlations, p_values, ci_low, ci_high, n : DataFrame, index ``variable``, one column a variable
        Symmetric. P values are unadjusted; on the diagonal p, ci_low and ci_high are NaN.
    pairs : DataFrame, index ``pair`` ("a – b")
        r, ci_low, ci_high, statistic, df, p_value, adjusted_p_value (NaN unless asked for), n; with partialled
        variables also semipartial: the correlation of the first with what of the second is free of them.
    variables : DataFrame, index ``variable``
        n, mean, sd, reliability (NaN unless given).
    disattenuated : DataFrame, index ``variable``, one column a variable
        With reliabilities: observed correlations below the diagonal, above it those corrected for attenuation, on it
        the reliabilities; NaN where one is unknown or not positive. No rows without reliabilities.
    levels : DataFrame, index ``pair``
        r_between, r_within, eta_x_between, eta_y_between, eta_x_within, eta_y_within, and the n and n_groups
        that they rest on; no rows unless groups were given.
    """

    correlations: pd.DataFrame
    p_values: pd.DataFrame
    ci_low: pd.DataFrame
    ci_high: pd.DataFrame
    n: pd.DataFrame
    pairs: pd.DataFrame
    variables: pd.DataFrame
    disattenuated: pd.DataFrame
    levels: pd.DataFrame

    main: ClassVar[str] = "pairs"
    shown_as: ClassVar[dict[str, str]] = {
        "correlations": "r",
        "p_values": "p_value",
        "ci_low": "r",
        "ci_high": "r",
        "n": "n",
        "disattenuated": "r",
    }


def correlate(
    data: pd.DataFrame,
    *,
    method: Method = "pearson",
    missing: Missing = "pairwise",
    partial: Sequence[str] | str = (),
    adjust: Adjust | None = None,
    groups: Clusters | None = None,
    reliability: Mapping[str, float] | pd.Series | None = None,
    confidence_level: float = 0.95,
) -> Correlations:
    """Correlate every pair of columns of ``data``.

    Parameters
    ----------
    data : DataFrame
        Numbers, one column a variable, missing as NaN.
    method : {"pearson", "spearman", "kendall", "polychoric"}
    missing : {"pairwise", "listwise"}
        Rows that have both variables (and the partialled ones), or rows that have all.
    partial : sequence of str, or "rest"
        Columns held constant in every other pair; "rest" holds all the others constant, on listwise rows.
    adjust : {"holm", "bonferroni", "fdr_bh"}, optional
        Adjusts the p values of ``pairs`` over all pairs.
    groups : column label, Series or array, optional
        Column of ``data``, or one group a row, missing as NaN or None: adds the correlations between and within groups
        (table ``levels``).
    reliability : mapping of column to number, optional
        Reliability of some or all variables, to correct correlations for attenuation: r / √(reliability · reliability).
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For unknown options or columns, text, infinite numbers; for partial Kendall correlations, whose sampling
        distribution is unknown.
    InsufficientDataError
        When a pair has too few rows or a variable does not vary in them.

    Notes
    -----
    Pearson: t with n − 2 degrees of freedom, interval by Fisher's z with 1/√(n − 3). Spearman: t likewise, z with
    √((1 + r²/2)/(n − 3)) (Bonett & Wright, 2000). Kendall's tau-b: normal statistic with the variance corrected for
    ties and no continuity correction, z with √(.437/(n − 4)) (Fieller, Hartley & Pearson, 1957). Polychoric: two-step
    estimates of each pair with their asymptotic error, z by the delta method; an order without exception (±1) has
    neither. With k partialled variables n becomes n − k throughout. P values and intervals take rows as independent.
    Between groups: the correlation of group means, each counted for all its rows; within: of the deviations from them
    (Dansereau, Alutto & Yammarino, 1984). R twins: ``cor.test(exact=FALSE)``, ``psych::partial.r``,
    ``psych::correct.cor``, ``lavaan::lavCor``, ``multilevel::waba``.

    References
    ----------
    Bonett, D. G., & Wright, T. A. (2000). Psychometrika, 65, 23–28. https://doi.org/10.1007/BF02294183. Fieller,
    E. C., Hartley, H. O., & Pearson, E. S. (1957). Biometrika, 44, 470–481. https://doi.org/10.2307/2332878
    """
    _pairs.check(method, missing, partial, adjust, confidence_level)
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"The data of correlate must be a DataFrame. Got {type(data).__name__} instead.")
    variables = data
    if groups is not None and is_label(data, groups):
        aside = place_of(data, groups, "column of groups")  # type: ignore[arg-type]
        variables = data.iloc[:, [at for at in range(data.shape[1]) if at != aside]]
    values, labels = numbers(variables)
    held, names = _pairs.split(labels, partial)
    rest = partial == "rest"
    if rest or missing == "listwise":
        values = _pairs.complete(values)
    frame = pd.DataFrame(values, columns=labels)
    pairs = _pairs.table(frame, names, names if rest else held, method, confidence_level)
    pairs["adjusted_p_value"] = adjusted(pairs["p_value"].to_numpy(), adjust)
    if not (rest or held):
        pairs = pairs.drop(columns="semipartial")
    square = {column: _pairs.square(pairs, names, column) for column in ("r", "p_value", "ci_low", "ci_high", "n")}
    levels, notes = _pairs.no_levels(), []
    if groups is not None:
        kept = pd.Series(cluster_codes(data, groups, "correlate", "groups"))
        if without := int((kept < 0).sum()):
            text = "{count} of {received} rows have no group and count only for the correlations of all rows."
            notes.append(Note("rows_outside_levels", text, {"count": without, "received": len(data)}))
        levels = _pairs.levels(variables.set_axis(labels, axis=1)[names].reset_index(drop=True), kept)
    known = [float(reliability.get(name, np.nan)) if reliability is not None else np.nan for name in names]
    if beyond := _pairs.beyond_one(square["r"], known):
        text = "Corrected for attenuation these exceed 1, so their scores hold nothing that differs: {pairs}."
        notes.append(Note("corrected_beyond_one", text, {"pairs": ", ".join(beyond)}))
    used = {name: summary(frame[name].to_numpy()) for name in names}
    return Correlations(
        correlations=square["r"],
        p_values=square["p_value"],
        ci_low=square["ci_low"],
        ci_high=square["ci_high"],
        n=square["n"].astype("int64"),
        pairs=pairs,
        variables=pd.DataFrame(
            {key: [used[name][key] for name in names] for key in ("n", "mean", "sd")},
            index=pd.Index(names, name="variable"),
        ).assign(reliability=known),
        disattenuated=_pairs.corrected(square["r"], known) if reliability is not None else square["r"].iloc[:0],
        levels=levels,
        definition={
            "method": method,
            "missing": "listwise" if rest else missing,
            "n": int(pairs["n"].min()),
            "interval": _pairs.INTERVALS[method],
            "adjust": adjust or "none",
            "partial": "rest" if rest else ", ".join(held) or "none",
            "confidence_level": confidence_level,
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    variables: Variables = ("dimensions",),
    method: Method = "pearson",
    missing: Missing = "pairwise",
    partial: Variables = (),
    adjust: Adjust = "holm",
    group: Variable | None = None,
    confidence_level: float = 0.95,
) -> Correlations:
    """Correlate ``variables``, the scores of all dimensions by default, with Holm's adjustment over all pairs.

    Dimensions have their alpha on the diagonal, and correlations corrected for attenuation beside the observed ones.

    When the answers are nested, the correlations between and within the outermost groups (or ``group``) stand beside
    them, with the largest design effect. The answers to an ordinal background question count as the ranks of its
    levels.
    """
    group = chosen_group(scored, group)
    held = scored.expand(partial)
    names = [name for name in scored.expand(variables) if name not in held]
    if len(names) < 2:
        text = "Correlations need two variables or more; there is nothing to set beside {variables}."
        raise InsufficientDataError(Note("one_variable", text, {"variables": ", ".join(names) or ", ".join(held)}))
    data, ordinal = _ranked(scored, scored.frame([*names, *held]))
    if words := [name for name in data.columns if not pd.api.types.is_numeric_dtype(data[name].dtype)]:
        raise PlanError(f"The answers to {words[0]!r} are words and have no correlations; leave it out of 'variables'.")
    constant = [name for name in names if data[name].nunique() < 2]
    if constant and len(names) - len(constant) >= 2:
        data = data.drop(columns=constant)
        names = [name for name in names if name not in constant]
    result = correlate(
        data,
        method=method,
        missing=missing,
        partial=held,
        adjust=adjust,
        reliability=_alphas(scored, names),
        groups=scored.groups[group] if group is not None and scored.groups[group].nunique() > 1 else None,
        confidence_level=confidence_level,
    )
    notes = list(result.notes)
    if constant and constant[0] not in names:
        left_out = {"variables": ", ".join(constant)}
        notes.append(Note("constant_left_out", "Left out because everybody answered alike: {variables}.", left_out))
    if ranked := [name for name in ordinal if name in data.columns]:
        text = "Answers count as the ranks 1, 2, … of their levels in the questionnaire's order: {variables}."
        notes.append(Note("ordinal_as_ranks", text, {"variables": ", ".join(ranked)}))
    if group is not None:
        notes.append(_nesting_note(data[names], scored, group))
    return replace(result, notes=(*notes, *unweighted(scored)))


def _alphas(scored: ScoredResponses, names: Sequence[str]) -> dict[str, float]:
    """Alpha of the dimensions among ``names``; one that has none (a single item, say) is left out."""
    found = {}
    for name in names:
        if name in scored.instrument.dimension_ids:
            try:
                found[name] = cronbach_alpha(scored.scale_items(name)).alpha
            except InsufficientDataError:
                continue
    return found


def _ranked(scored: ScoredResponses, data: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Write the answers to ordinal background questions as ranks of the questions' levels, and name them."""
    ordinal = []
    data = data.copy()
    for question in scored.instrument.background:
        if question.kind != "ordinal" or question.id not in data.columns:
            continue
        column = data[question.id]
        if pd.api.types.is_numeric_dtype(column.dtype):
            continue
        ranks = {str(level.value): float(rank) for rank, level in enumerate(question.levels, start=1)}
        if stray := sorted(set(column.dropna().astype(str)) - set(ranks)):
            raise PlanError(
                f"The answer {stray[0]!r} to {question.id!r} is none of its levels and has no rank; list it among the "
                "levels of the questionnaire or leave the question out of 'variables'."
            )
        data[question.id] = column.astype(object).map(ranks).astype(float)
        ordinal.append(question.id)
    return data, ordinal


def _nesting_note(data: pd.DataFrame, scored: ScoredResponses, group: str) -> Note:
    """Say that p values ignore the groups, and how much that can matter: the largest design effect of a variable."""
    codes = pd.Series(pd.factorize(scored.groups[group])[0], index=data.index)
    effects = []
    for name in data.columns:
        kept = data[name].notna() & (codes >= 0)
        try:
            analysis = one_way(data.loc[kept, name].to_numpy(dtype=float), pd.factorize(codes[kept])[0])
        except EstimationError:
            continue  # a variable that cannot be analysed by groups has no design effect to report
        effects.append(1 + (analysis.size_of_a_raters_group - 1) * max(analysis.icc1(analysis.mean_size), 0.0))
    if max(effects, default=1.0) <= _NO_EFFECT:
        return Note(
            "correlations_ignore_nesting",
            "P values and intervals take respondents as independent although they are nested in {group}.",
            {"group": group},
        )
    text = (
        "P values and intervals take respondents as independent although they are nested in {group}: design effects of "
        "means reach {design_effect}, so p values are too small and intervals too narrow."
    )
    return Note("correlations_ignore_nesting_effect", text, {"group": group, "design_effect": max(effects)})
