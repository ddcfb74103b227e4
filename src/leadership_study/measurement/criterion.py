"""Criterion validity: how scale scores go with measures that they should go with."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.measurement import _checks
from leadership_study.measurement._alpha import cronbach_alpha
from leadership_study.results import Note, Result
from leadership_study.samples.moments import numbers
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import dimensions_of, unweighted

__all__ = ["CriterionValidity", "criterion_validity", "run"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CriterionValidity(Result):
    """Correlations of scale scores with criteria.

    Attributes
    ----------
    table : DataFrame
        Rows (``scale``, ``criterion``): n, correlation with ci_low, ci_high (Fisher) and p_value, reliability of the
        scale (alpha), and corrected: the correlation divided by √ of that reliability, what it would be had the scale
        no error; NaN where that is unknown or not positive.
    """

    main: ClassVar[str] = "table"

    table: pd.DataFrame


def criterion_validity(
    scores: pd.DataFrame,
    criteria: pd.DataFrame,
    *,
    reliability: pd.Series | None = None,
    confidence_level: float = 0.95,
) -> CriterionValidity:
    """Correlate every score with every criterion, over the rows that have both.

    Parameters
    ----------
    scores, criteria : DataFrame of numbers, the same index
        One column a scale, and one a criterion. Missing values are NaN.
    reliability : Series, optional
        Reliability of each score, by its column.
    confidence_level : float

    Raises
    ------
    InsufficientDataError
        When no pair has four rows and variance.
    TypeError, ValueError
        Columns that are not finite numbers, or respondents that are not the same, in the same order.

    Notes
    -----
    Correction for unreliability of the scale only: the criterion's own error stays. R twin: ``cor.test``;
    ``psych::correct.cor``.

    References
    ----------
    Spearman (1904), 10.2307/1412159. Fisher (1921), Metron 1, 3–32.
    """
    _checks.inside_unit(confidence_level, name="confidence_level", function="criterion_validity")
    (own, scales), (others, names) = numbers(scores), numbers(criteria)
    if not scores.index.equals(criteria.index):
        raise ValueError(
            "The 'criteria' parameter of criterion_validity must have the respondents of 'scores', in the same order; "
            "use reindex to match them."
        )
    rows, notes = {}, []
    for at, scale in enumerate(scales):
        for other, criterion in enumerate(names):
            pair = np.column_stack([own[:, at], others[:, other]])
            pair = pair[~np.isnan(pair).any(axis=1)]
            if len(pair) < 4 or (np.ptp(pair, axis=0) == 0).any():
                text = "{scale} and {criterion}: too few respondents with both, or no variance."
                notes.append(Note("criterion_pair_left_out", text, {"scale": scale, "criterion": criterion}))
                continue
            alpha = math.nan if reliability is None else float(reliability.get(scale, math.nan))
            rows[scale, criterion] = _row(pair, alpha, confidence_level)
    if not rows:
        raise InsufficientDataError(notes[0])
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["scale", "criterion"])
    return CriterionValidity(
        table=table,
        definition={
            "formula": "pearson",
            "interval": "fisher_z",
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
        confidence_level=confidence_level,
    )
    notes = [*found.notes, *unweighted(scored)]
    if scored.nested_in:
        text = "The intervals take respondents as independent, though they are nested in {groups}."
        notes.append(Note("criterion_ignores_nesting", text, {"groups": ", ".join(scored.nested_in)}))
    return CriterionValidity(table=found.table, definition=found.definition, notes=tuple(notes))


def _row(pair: np.ndarray, reliability: float, confidence_level: float) -> dict[str, float]:
    n = len(pair)
    r = float(np.corrcoef(pair.T)[0, 1])
    spread = float(stats.norm.isf((1 - confidence_level) / 2)) / math.sqrt(n - 3)
    z = math.atanh(min(max(r, -1 + 1e-15), 1 - 1e-15))
    t = r * math.sqrt((n - 2) / max(1 - r**2, 1e-300))
    return {
        "n": n,
        "correlation": r,
        "ci_low": math.tanh(z - spread),
        "ci_high": math.tanh(z + spread),
        "p_value": float(2 * stats.t.sf(abs(t), n - 2)),
        "reliability": reliability,
        "corrected": r / math.sqrt(reliability) if reliability > 0 else math.nan,
    }
