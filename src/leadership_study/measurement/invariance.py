"""Measurement invariance: whether a model means the same in every group, level by level."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement._checks import one_of
from leadership_study.measurement._differences import TEST_COLUMNS, tested
from leadership_study.measurement._dimension_models import dimension_data, model_of, most_parameters
from leadership_study.measurement._invariance_levels import (
    CRITERIA,
    MEANS_FROM,
    ChangeCriteria,
    Criteria,
    category_notes,
    check_partial,
    fit_continuous,
    fit_ordinal,
    judged,
    levels_of,
    needs_two_groups,
    threshold_counts,
    too_few,
)  # fmt: skip
from leadership_study.measurement._nesting import outer_groups, takes_independent, usable_clusters
from leadership_study.measurement._reported_fit import COLUMNS, common_variant, fit_notes, fit_table, reported
from leadership_study.measurement._sem_result import SemFit
from leadership_study.measurement.cfa import Missing
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variable, Variables
from leadership_study.sem.options import Estimator

__all__ = ["CRITERIA", "ChangeCriteria", "MeasurementInvariance", "measurement_invariance", "run"]

_LEAST = 100
_PLAIN = ("cfi", "tli", "rmsea", "srmr", "mfi")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MeasurementInvariance(Result):
    """The ladder of invariance over groups.

    Attributes
    ----------
    table : DataFrame, one row a level
        Fit as in `cfa`'s tables; ``delta_cfi, delta_rmsea, delta_srmr`` from the level before, of the indices shown;
        the difference test against it; and the ``verdict`` of the step (baseline, held, doubtful, not_held,
        not_judged), where ``fit_verdict`` judges the model itself.
    plain : DataFrame
        Changes of the uncorrected statistics, as other programs print them.
    groups : DataFrame
        Rows used by group, in order of appearance; the first is the reference group.
    latent_means : DataFrame, a row a factor and group
        Means of the factors with errors, from the first level that allows comparing them (``level``); 0 in the
        reference group. ``std_difference`` is in standard deviations of the factor, pooled over the groups.
        ``verdict`` is that of the ladder up to this level: with not_held the groups answer in different ways, and
        the means are no difference between them.
    fits : mapping
        The `SemFit` of each level.
    supported : str
        The highest level up to which every step held; "none" when not even the first model fits acceptably.
    n : int
    """

    supported: str
    n: int
    table: pd.DataFrame
    plain: pd.DataFrame
    groups: pd.DataFrame
    latent_means: pd.DataFrame
    fits: Mapping[str, SemFit]

    main: ClassVar[str] = "table"


def measurement_invariance(
    model: str,
    data: pd.DataFrame,
    group: str,
    *,
    estimator: Estimator | None = "ML",
    ordered: Sequence[str] | bool = (),
    levels: Sequence[str] | None = None,
    partial: Sequence[str] = (),
    missing: Missing = "listwise",
    criteria: Criteria = "chen_2007",
    std_lv: bool = False,
    clusters: str | None = None,
) -> MeasurementInvariance:
    """Fit a model to all groups with more and more held equal.

    Parameters
    ----------
    model : str
        The measurement model.
    data : DataFrame
    group : str
        Column of groups.
    estimator : str
        As in `cfa`; with ordered items "ML" means their default, WLSMV.
    ordered : sequence of str or bool
        Ordered items: all of the model's, or none.
    levels : sequence of str, optional
        Of "configural", "metric" (equal loadings), "scalar" (and intercepts), "strict" (and residual variances),
        "means" (and latent means); without the last by default. Of ordered items: "configural", "thresholds", "
        ""loadings",
        "intercepts", "residuals".
    partial : sequence of str
        Parameters that stay free over groups at every level: ``"f =~ x2"``, ``"x3 ~1"``, ``"x3 | t1"``.
    missing : {"listwise", "fiml", "pairwise"}
    criteria : {"chen_2007", "chen_2007_small", "cheung_rensvold_2002"}
        See `CRITERIA`.
    std_lv : bool
        Identify continuous models by factor variances of 1 in the first group instead of first loadings.
    clusters : str, optional
        Column of clusters, for errors and tests of continuous items that allow for dependence within them.

    Raises
    ------
    InsufficientDataError
        Fewer than two groups, a category seen in one group only, a model that is not identified.
    ConvergenceError
        When the first level has no optimum; a later one is left out with a note, and the ladder ends.
    ValueError
        Unknown columns, levels or names in ``partial``.

    Notes
    -----
    Continuous items: as ``lavaan::cfa(group.equal = …)``. Ordered items after Wu and Estabrook (2016,
    https://doi.org/10.1007/s11336-016-9506-0): thresholds come first, since they set the scale of what underlies the
    answers; R twin ``semTools::measEq.syntax(ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016")``. Difference tests:
    plain for ML; Satorra and Bentler (2001) for MLM and MLR; Satorra (2000) for WLSMV.
    """
    one_of(criteria, tuple(CRITERIA), name="criteria", function="measurement_invariance")
    if group not in data.columns:
        raise ValueError(f"The data have no column {group!r} to group by; the columns are "
                         f"{', '.join(map(str, data.columns))}.")  # fmt: skip
    held = [partial] if isinstance(partial, str) else list(partial)
    is_ordered = ordered is True or (not isinstance(ordered, bool) and len(ordered) > 0)
    thresholds = threshold_counts(model, data, group, missing) if is_ordered else {}
    chosen = levels_of(levels, ordered=is_ordered, binary=1 in thresholds.values())
    if is_ordered and clusters is not None:
        raise ValueError("Cluster-robust errors are not offered for ordered items; leave out 'clusters'.")
    own_estimator = None if estimator == "ML" and (is_ordered or clusters is not None) else estimator
    notes = category_notes(thresholds)
    n_groups = int(data[group].nunique())
    needs_two_groups([str(value) for value in data[group].dropna().unique()], group)
    fits: dict[str, SemFit] = {}
    for level in chosen:
        try:
            if is_ordered:
                fits[level] = fit_ordinal(
                    model, data, group, level, thresholds=thresholds, n_groups=n_groups, estimator=own_estimator,
                    missing=missing, partial=held,
                )  # fmt: skip
            else:
                fits[level] = fit_continuous(
                    model, data, group, level, estimator=own_estimator, missing=missing, partial=held, std_lv=std_lv,
                    clusters=clusters,
                )  # fmt: skip
        except (InsufficientDataError, ConvergenceError) as trouble:
            if not fits:
                raise
            text = "The ladder ends before {level}: {reason}"
            notes.append(Note("invariance_level_missing", text, {"level": level, "reason": trouble.note}))
            break
        if len(fits) == 1:
            check_partial(held, fits[level], is_ordered)
    first = fits[chosen[0]]
    table, more = _table(fits, CRITERIA[criteria])
    counts = {str(label): int(n) for label, n in first.groups["n"].items()}
    latent_means = _latent_means(fits, table)
    notes += [*more, *too_few(counts, _LEAST), *_mean_notes(latent_means), *_notes(fits, held, is_ordered)]
    return MeasurementInvariance(
        supported=_supported(table),
        n=first.n,
        table=table,
        plain=_plain(fits),
        groups=first.groups,
        latent_means=latent_means,
        fits=fits,
        definition={
            "estimator": first.definition["estimator"],
            "matrix": first.definition["matrix"],
            "missing": first.definition["missing"],
            "n": first.n,
            "group": group,
            "identification": "wu_estabrook_2016" if is_ordered else "std_lv" if std_lv else "marker",
            "criteria": criteria,
            "released": ", ".join(held) if held else "none",
            "confidence_level": 0.95,
        },
        notes=tuple(notes),
    )


def _table(fits: Mapping[str, SemFit], criteria: ChangeCriteria) -> tuple[pd.DataFrame, list[Note]]:
    rows: dict[str, dict[str, Any]] = {}
    notes: list[Note] = []
    before: str | None = None
    variant = common_variant(fits.values())
    for level, fit in fits.items():
        row = reported(fit, variant)
        row["fit_verdict"] = row["verdict"]
        row |= dict.fromkeys(("delta_cfi", "delta_rmsea", "delta_srmr", "difference", "difference_p_value"), math.nan)
        row |= {"difference_df": pd.NA, "difference_test": "none", "verdict": "baseline"}
        if before is not None:
            earlier = rows[before]
            for name in ("cfi", "rmsea", "srmr"):
                row[f"delta_{name}"] = row[name] - earlier[name]
            test, more = tested(fit, fits[before], level)
            notes += more
            row |= test
            if test["difference_df"] == 0:
                row["verdict"] = "not_judged"
                text = "{level} restricts nothing beyond the level before it, and is no test of its own."
                notes.append(Note("invariance_no_restriction", text, {"level": level}))
            else:
                row["verdict"] = judged(row, criteria, level)
        rows[level] = row
        before = level
    table = fit_table(rows, "level")
    deltas = ("delta_cfi", "delta_rmsea", "delta_srmr")
    for column in (*deltas, *TEST_COLUMNS, "fit_verdict"):
        kind = (
            "Int64"
            if column == "difference_df"
            else "str"
            if column in ("difference_test", "fit_verdict")
            else "float64"
        )
        table[column] = pd.Series([row[column] for row in rows.values()], index=table.index, dtype=kind)
    order = [name for name in COLUMNS if name != "verdict"]
    return table[[*order, "fit_verdict", *deltas, *TEST_COLUMNS, "verdict"]], notes


def _supported(table: pd.DataFrame) -> str:
    """The highest level up to which no step failed; none when the first model fits poorly."""
    reached = "none" if table["fit_verdict"].iloc[0] == "poor" else str(table.index[0])
    for level, verdict in table["verdict"].iloc[1:].items():
        if reached == "none" or verdict not in ("held", "not_judged"):
            break
        reached = str(level)
    return reached


def _plain(fits: Mapping[str, SemFit]) -> pd.DataFrame:
    rows = []
    before: pd.Series[float] | None = None
    for fit in fits.values():
        own = fit.fit
        row = {"chi_square": own["chi_square"], "df": int(own["df"]), "p_value": own["p_value"]}
        row |= {name: own[name] for name in _PLAIN}
        for name in ("chi_square", "df", *_PLAIN):
            row[f"delta_{name}"] = math.nan if before is None else own[name] - before[name]
        rows.append(row)
        before = own
    index = pd.Index(list(fits), name="level", dtype="str")
    return pd.DataFrame(rows, index=index).astype(dict.fromkeys(rows[0], "float64") | {"df": "int64"})


def _latent_means(fits: Mapping[str, SemFit], table: pd.DataFrame) -> pd.DataFrame:
    columns = ["level", "estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high", "std_difference"]
    level = next((name for name in MEANS_FROM if name in fits), None)
    index = pd.MultiIndex.from_tuples([], names=["factor", "group"])
    kinds = dict.fromkeys(columns[1:], "float64") | {"level": "str"}
    if level is None:
        return pd.DataFrame(columns=[*columns, "verdict"], index=index).astype(kinds | {"verdict": "str"})
    fit = fits[level]
    labels, sizes = [str(name) for name in fit.groups.index], fit.groups["n"].to_numpy(dtype=float)
    rows, keys = [], []
    means = fit.estimates[fit.estimates["op"] == "~1"]
    spread = fit.estimates[(fit.estimates["op"] == "~~") & (fit.estimates["lhs"] == fit.estimates["rhs"])]
    for factor in fit.latent_correlations.columns:
        own = means[means["lhs"] == factor].sort_values("group")
        variances = spread[spread["lhs"] == factor].sort_values("group")["estimate"].to_numpy()
        pooled = float(np.sum((sizes - 1) * variances) / np.sum(sizes - 1))
        statistics = own[columns[1:-1]].to_numpy(dtype=float)
        for label, found in zip(labels, statistics, strict=True):
            keys.append((str(factor), label))
            rows.append([level, *found.tolist(), float(found[0]) / math.sqrt(pooled) if pooled > 0 else math.nan])
    frame = pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(keys, names=index.names), columns=columns)
    frame["verdict"] = _verdict_up_to(table, level)
    return frame.astype(kinds | {"verdict": "str"})


def _verdict_up_to(table: pd.DataFrame, level: str) -> str:
    """The worst verdict of the steps that lead to a level; a first model that fits poorly leaves it doubtful."""
    at = [str(name) for name in table.index].index(level) + 1
    judgements, dfs = list(table["verdict"])[1:at], list(table["difference_df"])[1:at]
    verdicts = {str(word) for word, df in zip(judgements, dfs, strict=True) if df != 0}  # 0: no test of its own
    if at == 1:
        verdicts = {"not_judged"}
    if table["fit_verdict"].iloc[0] == "poor":
        verdicts.add("doubtful")
    return next((word for word in ("not_held", "not_judged", "doubtful") if word in verdicts), "held")


def _mean_notes(means: pd.DataFrame) -> list[Note]:
    """Say when the latent means rest on a level that does not hold."""
    if means.empty or means["verdict"].iloc[0] != "not_held":
        return []
    text = (
        "The latent means suppose that {level} holds, and the ladder does not hold up to there: they mix differences "
        "of measurement with differences between the groups, and are not to be read as the latter. Release what "
        "differs by `partial`, or leave the means out."
    )
    return [Note("invariance_means_not_comparable", text, {"level": str(means["level"].iloc[0])})]


def _notes(fits: Mapping[str, SemFit], partial: Sequence[str], ordered: bool) -> list[Note]:
    first = next(iter(fits.values()))
    notes = list(fit_notes(first, common_variant(fits.values())))
    for level, fit in fits.items():
        for note in fit.notes:
            notes.append(Note("model_note", "{model}: {reason}", {"model": level, "reason": note}))
    if partial:
        text = "Free over the groups at every level: {parameters}. Means are compared by the items that stay equal."
        notes.append(Note("invariance_partial", text, {"parameters": ", ".join(partial)}))
    if ordered:
        text = (
            "The criteria for changes of CFI, RMSEA and SRMR were found for continuous answers; with ordered items the "
            "difference tests say more."
        )
        notes.append(Note("invariance_criteria_continuous", text))
    return notes


def run(
    scored: ScoredResponses,
    *,
    group: Variable,
    model: str | None = None,
    scales: Variables = ("dimensions",),
    estimator: Estimator | None = None,
    ordered: bool = False,
    levels: tuple[str, ...] = (),
    partial: tuple[str, ...] = (),
    missing: Missing = "listwise",
    criteria: Criteria = "chen_2007",
) -> MeasurementInvariance:
    """Invariance of the dimensions as correlated factors, or of ``model``, over the groups of a background question.

    Continuous items are fitted by MLR unless another estimator is named; in a nested study errors and tests are
    cluster-robust where the clusters suffice, and said to take respondents as independent where they do not.
    """
    data, members = dimension_data(scored, scales)
    text = model_of("correlated", members) if model is None else model
    estimator = estimator if estimator is not None or ordered else "MLR"
    data = data.assign(**{group: scored.frame((group,))[group]})
    clusters: str | None = None
    notes: tuple[Note, ...] = ()
    outer = outer_groups(scored)
    if outer is not None and outer.name != group:
        if ordered or missing != "listwise" or estimator not in ("ML", "MLR"):
            notes = (takes_independent(str(outer.name)),)
        else:
            clusters, notes = usable_clusters(
                outer, int(data[group].nunique()) * most_parameters(members, beside_method=False)
            )
    if clusters is not None:
        data = data.assign(**{clusters: outer})
    found = measurement_invariance(
        text, data, group, estimator=estimator, ordered=ordered, levels=levels or None, partial=partial,
        missing=missing, criteria=criteria, clusters=clusters,
    )  # fmt: skip
    found = _named(found, group)
    return replace(found, notes=(*found.notes, *notes))


def _named(found: MeasurementInvariance, group: str) -> MeasurementInvariance:
    """Call the groups by question and answer, as reports name the levels of a question."""

    def named(labels: pd.Index) -> list[str]:
        return [f"{group}[{label}]" for label in labels]

    means = found.latent_means
    keys = list(zip(means.index.get_level_values("factor"), named(means.index.get_level_values("group")), strict=True))
    return replace(
        found,
        groups=found.groups.set_axis(pd.Index(named(found.groups.index), name="group", dtype="str")),
        latent_means=means.set_axis(pd.MultiIndex.from_tuples(keys, names=means.index.names)),
    )
