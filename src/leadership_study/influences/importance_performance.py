"""Which dimensions to work on first: how important each is held to be beside how well it is done.

A quadrant is given only where intervals carry it: a dimension whose importance or performance cannot be told from the
crosshair is undecided, wherever its point happens to lie (Martilla & James, 1977, drew points).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences._groups import Clusters, coded, one_a_row
from leadership_study.influences._mean_tests import (
    against_midpoint,
    clustered_mean,
    error_row,
    from_their_mean,
    with_verdict,
)
from leadership_study.influences._scored import chosen_group
from leadership_study.results import Note, Result
from leadership_study.samples.moments import numbers
from leadership_study.samples.multiplicity import Adjust
from leadership_study.samples.nested_groups import FEW_CLUSTERS
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import dimensions_of, unweighted

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_QUADRANTS = {
    ("above", "above"): "keep_up",
    ("above", "below"): "concentrate_here",
    ("below", "below"): "low_priority",
    ("below", "above"): "possible_overkill",
}
"""Importance, performance → Martilla and James's word."""

_FEWEST = 3


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ImportancePerformance(Result):
    """Importance and performance of the same dimensions.

    Attributes
    ----------
    quadrants : DataFrame, index ``dimension``
        importance, performance (means); difference (performance less importance) with std_error, statistic, df,
        p_value, adjusted_p_value, ci_low, ci_high, cohen_dz, verdict ("above": rated higher than important, "below",
        "undecided"), none of them when the two scales have other ends; quadrant:
        "keep_up", "concentrate_here", "low_priority", "possible_overkill" where both deviations are shown to differ
        from the mean of all dimensions after adjustment, else "undecided"; nominal_quadrant: where the point lies;
        midpoint_quadrant: the same as ``quadrant`` with the midpoints of the scales as the crosshair.
    deviations : DataFrame, index ``dimension``, ``rating`` ("importance", "performance")
        mean; estimate: paired difference from the mean of all dimensions (the crosshair), with std_error, statistic,
        df, p_value, adjusted_p_value (over all of them), ci_low, ci_high, verdict ("above", "below", "undecided").
    n : int
        Respondents with all ratings.
    mean_importance, mean_performance : float
        The crosshair.
    """

    quadrants: pd.DataFrame
    deviations: pd.DataFrame
    n: int
    mean_importance: float
    mean_performance: float

    main: ClassVar[str] = "quadrants"


def importance_performance(
    importance: pd.DataFrame,
    performance: pd.DataFrame,
    *,
    clusters: Clusters | None = None,
    importance_scale: tuple[float, float] | None = None,
    performance_scale: tuple[float, float] | None = None,
    adjust: Adjust = "holm",
    confidence_level: float = 0.95,
) -> ImportancePerformance:
    """Set importance beside performance, dimension by dimension.

    Parameters
    ----------
    importance, performance : DataFrames, respondents × the same dimensions
        Numbers, the same index; respondents who lack a rating are left out, and counted.
    clusters : Series or array, optional
        What respondents are nested in: errors are then CR2 with Satterthwaite degrees of freedom.
    importance_scale, performance_scale : (low, high), optional
        Ends of the scales, for the crosshair at their midpoints. Scales with other ends have no difference; without
        ends they are taken to be the same.
    adjust : {"holm", "bonferroni", "fdr_bh"}
        Adjusts the p values of the differences, and of all deviations together, each a family.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For text, infinite numbers, other columns or rows, unknown options.
    InsufficientDataError
        With one dimension, fewer than three complete respondents, or one cluster.

    Notes
    -----
    The crosshair is estimated from the same answers, so a deviation is a paired difference: the mean over respondents
    of a rating less the mean of all their ratings. Differences are paired t tests. R twin: ``t.test(paired=TRUE)``.

    References
    ----------
    Martilla, J. A., & James, J. C. (1977). Importance–performance analysis. Journal of Marketing, 41, 77–79.
    https://doi.org/10.1177/002224297704100112
    """
    _check(adjust, confidence_level)
    first, labels = numbers(importance)
    second, others = numbers(performance)
    if labels != others:
        raise ValueError("The importance and performance of importance_performance must have the same columns.")
    if not importance.index.equals(performance.index):
        raise ValueError("The importance and performance of importance_performance must have the same rows.")
    if len(labels) < 2:
        text = "Importance and performance are compared over two dimensions or more; the number here is {n}."
        raise InsufficientDataError(Note("quadrants_one_dimension", text, {"n": len(labels)}))
    kept = np.asarray(~np.isnan(np.column_stack([first, second])).any(axis=1))
    codes = None
    if clusters is not None:
        read = one_a_row(importance, clusters, "clusters", "importance_performance")
        codes = coded(read, "clusters", "importance_performance")[0]
        kept &= codes >= 0
        codes = np.unique(codes[kept], return_inverse=True)[1]
    first, second = first[kept], second[kept]
    notes = _notes(kept, codes)
    same = importance_scale == performance_scale
    if not same:
        text = (
            "Importance and performance are answered on scales with other ends, so no difference between them is given."
        )
        notes.append(Note("quadrants_other_scale", text))
    deviations = _deviations({"importance": first, "performance": second}, labels, codes, adjust, confidence_level)
    sides = deviations["verdict"].unstack("rating").loc[labels]
    means = deviations["estimate"].unstack("rating").loc[labels]
    nominal = means.map(lambda value: "above" if value > 0 else "below")
    table = _differences(first, second, labels, codes, adjust, confidence_level)
    if not same:
        table.loc[:, "difference":"cohen_dz"] = np.nan  # type: ignore[misc]
        table["verdict"] = None
    table["quadrant"] = _words(sides)
    table["nominal_quadrant"] = _words(nominal)
    ends = {"importance": importance_scale, "performance": performance_scale}
    table["midpoint_quadrant"] = _at_midpoints(first, second, labels, codes, ends, adjust, confidence_level)
    return ImportancePerformance(
        quadrants=table.rename_axis("dimension"),
        deviations=deviations,
        n=len(first),
        mean_importance=float(first.mean()),
        mean_performance=float(second.mean()),
        definition={
            "crosshair": "means",
            "test": "paired_t" if codes is None else "cluster_robust",
            "adjust": adjust,
            "missing": "listwise",
            "n": len(first),
            "confidence_level": confidence_level,
            "source": "Martilla & James (1977)",
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    form: str = "importance",
    dimensions: Variables = ("dimensions",),
    group: Variable | None = None,
    adjust: Adjust = "holm",
    confidence_level: float = 0.95,
) -> ImportancePerformance:
    """Set the ratings of the questionnaire's ``form`` beside the scores of the same dimensions.

    Nested answers are allowed for: errors are those of the outermost groups unless ``group`` names others.
    """
    instrument = scored.instrument
    forms = [one.id for one in instrument.forms]
    if form not in forms:
        raise PlanError(unknown("form of the questionnaire", form, forms))
    names = dimensions_of(scored, dimensions, what="Importance and performance")
    columns = [f"{form}_{name}" for name in names]
    rated = scored.forms[columns].set_axis(names, axis=1)
    asked = {name: [f"{form}_{item}" for item in instrument.item_ids(name)] for name in names}
    of_items = next(one for one in instrument.forms if one.id == form).of == "items"
    own = {
        name: scored.rule.limits(asked[name], instrument) if of_items else _ends(scored, form, name) for name in names
    }
    limits = {name: scored.limits(name) for name in names}
    for ends in (own, limits):
        if other := [name for name in names if ends[name] != ends[names[0]]]:
            text = "{first} and {second} are measured on different scales, so they have no common crosshair."
            raise InsufficientDataError(Note("quadrants_scales_differ", text, {"first": names[0], "second": other[0]}))
    outer = chosen_group(scored, group)
    result = importance_performance(
        rated,
        scored.scales[names],
        clusters=None if outer is None else scored.groups[outer],
        importance_scale=own[names[0]] if names else None,
        performance_scale=limits[names[0]] if names else None,
        adjust=adjust,
        confidence_level=confidence_level,
    )
    definition = {**result.definition, "form": form, "nested_in": outer or "none"}
    return replace(result, definition=definition, notes=(*result.notes, *unweighted(scored)))


def _ends(scored: ScoredResponses, form: str, dimension: str) -> tuple[float, float]:
    scale = scored.instrument.form_scales[f"{form}_{dimension}"]
    return float(scale.low), float(scale.high)


def _notes(kept: NDArray[np.bool_], codes: Integers | None) -> list[Note]:
    n, notes = int(kept.sum()), []
    if n < _FEWEST:
        text = "Respondents with all ratings of importance and performance: {n}; at least {needed} are needed."
        raise InsufficientDataError(Note("quadrants_too_few", text, {"n": n, "needed": _FEWEST}))
    if n < len(kept):
        text = "{count} of {received} respondents lack a rating of importance or performance and are left out."
        notes.append(Note("quadrants_incomplete", text, {"count": len(kept) - n, "received": len(kept)}))
    if codes is not None:
        count = int(codes.max()) + 1
        if count < 2:
            text = "All respondents belong to one group, so its differences cannot be allowed for."
            raise InsufficientDataError(Note("quadrants_one_cluster", text))
        if count < FEW_CLUSTERS:
            text = "Respondents are nested in only {count} groups: tests with so few have little power."
            notes.append(Note("quadrants_few_clusters", text, {"count": count}))
    return notes


def _deviations(
    ratings: Mapping[str, Floats], labels: list[str], codes: Integers | None, adjust: Adjust, level: float
) -> pd.DataFrame:
    """Deviations from the crosshair, both ratings of a dimension below each other; adjusted over all of them."""
    parts = {}
    for rating, values in ratings.items():
        table = from_their_mean(values, labels, codes, adjust, level)
        table.insert(0, "mean", values.mean(axis=0))
        parts[rating] = table.drop(columns=["adjusted_p_value", "verdict"])
    joined = pd.concat(parts, names=["rating", "dimension"]).swaplevel()
    order = [(label, rating) for label in labels for rating in ratings]
    return with_verdict(joined.loc[order], adjust, level, "estimate")


def _differences(
    first: Floats, second: Floats, labels: list[str], codes: Integers | None, adjust: Adjust, level: float
) -> pd.DataFrame:
    rows = {}
    for at, label in enumerate(labels):
        away = second[:, at] - first[:, at]
        test, spread = clustered_mean(away, codes), float(away.std(ddof=1))
        rows[label] = {
            "importance": float(first[:, at].mean()),
            "performance": float(second[:, at].mean()),
            "difference": test.estimate,
            **error_row(test, level),
            "cohen_dz": test.estimate / spread if spread > 0 else np.nan,
        }
    return with_verdict(pd.DataFrame.from_dict(rows, orient="index").astype(float), adjust, level, "difference")


def _at_midpoints(
    first: Floats,
    second: Floats,
    labels: list[str],
    codes: Integers | None,
    ends: Mapping[str, tuple[float, float] | None],
    adjust: Adjust,
    level: float,
) -> list[str | None]:
    """Quadrants with the midpoints of the scales as the crosshair; None without ends."""
    columns: dict[str, Floats] = {}
    middles: dict[str, float] = {}
    for (rating, scale), values in zip(ends.items(), (first, second), strict=True):
        if scale is None:
            return [None] * len(labels)
        columns |= {f"{rating}:{label}": values[:, at] for at, label in enumerate(labels)}
        middles |= {f"{rating}:{label}": sum(scale) / 2 for label in labels}
    verdicts = against_midpoint(pd.DataFrame(columns), middles, codes, adjust, level)["verdict"]
    return _words(pd.DataFrame({name: [verdicts[f"{name}:{label}"] for label in labels] for name in ends}))


def _words(sides: pd.DataFrame) -> list[str | None]:
    """Quadrants of dimensions from the sides of importance and performance."""
    found = zip(sides["importance"], sides["performance"], strict=True)
    return [_QUADRANTS.get(pair, "undecided") for pair in found]


def _check(adjust: str, confidence_level: float) -> None:
    if adjust not in ("holm", "bonferroni", "fdr_bh"):
        listed = "'holm', 'bonferroni', 'fdr_bh'"
        raise ValueError(
            f"The 'adjust' parameter of importance_performance must be one of {listed}. Got {adjust!r} instead."
        )
    if not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of importance_performance must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )
