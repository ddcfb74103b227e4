"""Criterion validity: how scale scores go with measures that they should go with."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.measurement import _checks
from leadership_study.measurement._alpha import cronbach_alpha
from leadership_study.results import Note, Result
from leadership_study.samples.moments import numbers
from leadership_study.samples.resampled_moments import jackknife_moments, unit_sums
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import dimensions_of, unweighted

__all__ = ["CriterionValidity", "criterion_validity", "run"]

Codes = NDArray[np.int64]
FEW_CLUSTERS = 20


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CriterionValidity(Result):
    """Correlations of scale scores with criteria.

    Attributes
    ----------
    table : DataFrame
        Rows (``scale``, ``criterion``): n, correlation with ci_low, ci_high and p_value, reliability of the scale
        (alpha), and corrected: the correlation divided by √ of that reliability, what it would be had the scale no
        error; NaN where that is unknown or not positive.
    """

    main: ClassVar[str] = "table"

    table: pd.DataFrame


def criterion_validity(
    scores: pd.DataFrame,
    criteria: pd.DataFrame,
    *,
    reliability: pd.Series | None = None,
    clusters: pd.Series | None = None,
    confidence_level: float = 0.95,
) -> CriterionValidity:
    """Correlate every score with every criterion, over the rows that have both.

    Parameters
    ----------
    scores, criteria : DataFrame of numbers, the same index
        One column a scale, and one a criterion. Missing values are NaN.
    reliability : Series, optional
        Reliability of each score, by its column.
    clusters : Series, optional, the same index
        Answers of one cluster (the outermost) go together: interval and p value then rest on the jackknife that leaves
        one whole cluster out at a time. Respondents of no known cluster (missing) are left out.
    confidence_level : float

    Raises
    ------
    InsufficientDataError
        When no pair has four rows and variance.
    TypeError, ValueError
        Columns that are not finite numbers, or respondents that are not the same, in the same order.

    Notes
    -----
    Without clusters: Fisher's z with 1/√(n − 3), and t with n − 2 degrees of freedom. With g of them: z = artanh r has
    the variance (g − 1)/g Σ(z₍ᵢ₎ − z̄)² over the g values without one cluster, and both interval and test refer to t
    with g − 1 degrees of freedom; a correlation that is not defined without one of the clusters has neither.
    Correction for unreliability of the scale only: the criterion's own error stays. R twins: ``cor.test``;
    ``psych::correct.cor``.

    References
    ----------
    Spearman (1904), 10.2307/1412159. Fisher (1921), Metron 1, 3–32. Cameron and Miller (2015), 10.3368/jhr.50.2.317.
    """
    _checks.inside_unit(confidence_level, name="confidence_level", function="criterion_validity")
    (own, scales), (others, names) = numbers(scores), numbers(criteria)
    if not scores.index.equals(criteria.index):
        raise ValueError(
            "The 'criteria' parameter of criterion_validity must have the respondents of 'scores', in the same order; "
            "use reindex to match them."
        )
    inside = None if clusters is None else _clusters(scores, clusters)
    rows, notes = {}, []
    for at, scale in enumerate(scales):
        for other, criterion in enumerate(names):
            pair = np.column_stack([own[:, at], others[:, other]])
            used = ~np.isnan(pair).any(axis=1)
            if inside is not None:
                used &= inside >= 0
            pair = pair[used]
            if len(pair) < 4 or (np.ptp(pair, axis=0) == 0).any():
                text = "{scale} and {criterion}: too few respondents with both, or no variance."
                notes.append(Note("criterion_pair_left_out", text, {"scale": scale, "criterion": criterion}))
                continue
            alpha = math.nan if reliability is None else float(reliability.get(scale, math.nan))
            members = None if inside is None else np.unique(inside[used], return_inverse=True)[1]
            rows[scale, criterion] = _row(pair, alpha, members, confidence_level)
    if not rows:
        raise InsufficientDataError(notes[0])
    if inside is not None:
        notes += _cluster_notes(inside)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["scale", "criterion"])
    return CriterionValidity(
        table=table,
        definition={
            "formula": "pearson",
            "interval": "fisher_z" if clusters is None else "fisher_z_cluster_jackknife",
            "confidence_level": confidence_level,
            "missing": "pairwise",
            "source": "Spearman (1904)",
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    criteria: Variables,
    scales: Variables = ("dimensions",),
    confidence_level: float = 0.95,
) -> CriterionValidity:
    """Criterion validity of ``scales``.

    Parameters
    ----------
    criteria : ids of numbers
        Background questions of kind number, importance forms, context columns, other dimensions.
    scales : ids of dimensions

    Notes
    -----
    Nested answers: whole outermost groups go together.

    Raises
    ------
    PlanError
        For a criterion that is no number, or one that is also a scale.
    InsufficientDataError
        When no pair can be correlated.
    """
    dimensions = dimensions_of(scored, scales, what="Criterion validity")
    names = scored.expand(criteria)
    if both := [name for name in names if name in dimensions]:
        raise PlanError(f"A criterion cannot be one of the scales: take {', '.join(both)} out of one of the two.")
    frame = scored.frame(names)
    if words := [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]:
        raise PlanError(
            f"A criterion must be a number, and {words[0]!r} is none; groups that should differ are for 'known_groups'."
        )
    reliability = {}
    for dimension in dimensions:
        try:
            reliability[dimension] = cronbach_alpha(scored.scale_items(dimension)).alpha
        except InsufficientDataError:
            continue  # a scale of one item has no alpha: its correlation stands uncorrected
    found = criterion_validity(
        scored.scales[dimensions],
        frame,
        reliability=pd.Series(reliability, dtype=float),
        clusters=scored.groups[scored.nested_in[-1]] if scored.nested_in else None,
        confidence_level=confidence_level,
    )
    return replace(found, notes=(*found.notes, *unweighted(scored)))


def _clusters(scores: pd.DataFrame, clusters: pd.Series) -> Codes:
    if not isinstance(clusters, pd.Series) or not clusters.index.equals(scores.index):
        raise ValueError(
            "The 'clusters' parameter of criterion_validity must be a Series with the index of the scores."
        )
    return pd.factorize(clusters, sort=True)[0].astype(np.int64)


def _cluster_notes(inside: Codes) -> list[Note]:
    notes, count = [], len(np.unique(inside[inside >= 0]))
    if unknown := int((inside < 0).sum()):
        text = "{n} respondents are of no known group and are left out."
        notes.append(Note("criterion_group_unknown", text, {"n": unknown}))
    if count < FEW_CLUSTERS:
        text = "With only {n} clusters the intervals are wide, and each rests on few degrees of freedom."
        notes.append(Note("criterion_few_clusters", text, {"n": count}))
    return notes


def _row(pair: np.ndarray, reliability: float, clusters: Codes | None, level: float) -> dict[str, float]:
    n = len(pair)
    scaled = (pair - pair.mean(axis=0)) / np.abs(pair - pair.mean(axis=0)).max(axis=0)  # no square can overflow
    r = float(np.corrcoef(scaled.T)[0, 1])
    z = _fisher(r)
    if clusters is None:
        error, quantile = 1 / math.sqrt(n - 3), float(stats.norm.isf((1 - level) / 2))
        p_value = float(2 * stats.t.sf(abs(r) * math.sqrt((n - 2) / max(1 - r**2, 1e-300)), n - 2))
    else:
        error, groups = _jackknife_error(scaled, clusters), int(clusters.max()) + 1
        quantile = float(stats.t.isf((1 - level) / 2, groups - 1)) if groups > 1 else math.nan
        p_value = float(2 * stats.t.sf(abs(z) / error, groups - 1)) if error > 0 else math.nan
    return {
        "n": n,
        "correlation": r,
        "ci_low": math.tanh(z - quantile * error),
        "ci_high": math.tanh(z + quantile * error),
        "p_value": p_value,
        "reliability": reliability,
        "corrected": r / math.sqrt(reliability) if reliability > 0 else math.nan,
    }


def _fisher(r: float) -> float:
    return math.atanh(min(max(r, -1 + 1e-15), 1 - 1e-15))


def _jackknife_error(pair: np.ndarray, clusters: Codes) -> float:
    """Standard error of Fisher's z from the correlations without one cluster each; NaN where one is not defined."""
    if clusters.max() < 1 or len(pair) - np.bincount(clusters).max() < 3:
        return math.nan
    without = jackknife_moments(unit_sums(pair, clusters))
    spread = without.covariances
    if (np.diagonal(spread, axis1=1, axis2=2) <= 1e-12).any():
        return math.nan
    r = spread[:, 0, 1] / np.sqrt(spread[:, 0, 0] * spread[:, 1, 1])
    z = np.array([_fisher(float(value)) for value in r])
    return math.sqrt((len(z) - 1) / len(z) * float(np.sum((z - z.mean()) ** 2)))
