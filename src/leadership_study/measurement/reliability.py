"""Reliability of the scales: alpha with its interval, omega, split halves; one row a dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._alpha import Alpha, Interval, cronbach_alpha
from leadership_study.measurement._omega import Omega, mcdonald_omega, omega_or_reason
from leadership_study.measurement._split_half import SplitHalf, split_half
from leadership_study.results import Note, Result
from leadership_study.samples.moments import Missing
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import all_failed, dimensions_of, not_estimated, unweighted

__all__ = [
    "DEVELLIS",
    "Alpha",
    "Omega",
    "Reliability",
    "SplitHalf",
    "cronbach_alpha",
    "mcdonald_omega",
    "run",
    "split_half",
]

DEVELLIS = (
    (0.60, "unacceptable"),
    (0.65, "undesirable"),
    (0.70, "minimally_acceptable"),
    (0.80, "respectable"),
)
"""Bands of alpha for research scales: below the limit, the word; then up to .90 very good, above it consider
shortening the scale. DeVellis and Thorpe (2022), Scale Development: Theory and Applications, 5th edition."""

_SHORTEN = 0.90


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Reliability(Result):
    """Reliability of several scales.

    Attributes
    ----------
    table : DataFrame
        One row a dimension: n_items, n, alpha with its interval, standardized_alpha, omega, split halves, average_r,
        std_error_of_measurement, verdict (a word of `DEVELLIS`).
    items : DataFrame
        The items of `cronbach_alpha`, rows (dimension, item).
    alphas : mapping
        The whole result of `cronbach_alpha` for each dimension.
    """

    main: ClassVar[str] = "table"

    table: pd.DataFrame
    items: pd.DataFrame
    alphas: Mapping[str, Alpha]


def run(
    scored: ScoredResponses,
    *,
    scales: Variables = ("dimensions",),
    confidence_level: float = 0.95,
    interval: Interval = "feldt",
    missing: Missing = "listwise",
    bootstrap: int = 2000,
    seed: int = 0,
) -> Reliability:
    """Reliability of each scale of the questionnaire.

    Parameters
    ----------
    scales : ids of dimensions
        One row each. There is no alpha over several dimensions: it would count the items that they have in common as
        consistency of one scale.
    bootstrap, seed : int
        Resamples of ``interval="bootstrap"``; they draw whole outermost groups when the answers are nested.

    Raises
    ------
    PlanError
        If one of ``scales`` is not a dimension.
    InsufficientDataError
        If no dimension can be estimated.

    Notes
    -----
    The other parameters are those of `cronbach_alpha`.
    """
    dimensions = dimensions_of(scored, scales, what="Reliability")
    options: dict[str, Any] = {"confidence_level": confidence_level, "interval": interval, "missing": missing}
    if interval == "bootstrap":
        options |= {"bootstrap": bootstrap, "seed": seed}
        if scored.nested_in:
            options["clusters"] = _outermost(scored)
    rows, items, alphas = {}, {}, {}
    failures: list[Note] = []
    notes = [*_nesting_notes(scored, interval), *unweighted(scored)]
    for dimension in dimensions:
        answers = scored.scale_items(dimension)
        try:
            alpha = cronbach_alpha(answers, **options)
            halves = split_half(answers, missing=missing, seed=seed)
        except InsufficientDataError as trouble:
            failures.append(not_estimated(dimension, trouble.note))
            continue
        omega = omega_or_reason(answers, missing=missing)
        if isinstance(omega, Note):
            notes.append(_about("dimension_without_omega", dimension, omega))
        notes += [_about("dimension_note", dimension, note) for note in _own_notes(alpha, halves, omega)]
        rows[dimension] = _row(alpha, halves, omega)
        items[dimension] = alpha.items
        alphas[dimension] = alpha
    if not rows:
        raise all_failed(failures)
    return Reliability(
        table=pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension"),
        items=pd.concat(items, names=["dimension", "item"]),
        alphas=alphas,
        definition={
            "formula": "cronbach_alpha",
            "matrix": "covariance",
            "missing": missing,
            "interval": interval,
            "confidence_level": confidence_level,
            "source": next(iter(alphas.values())).definition["source"],
            "verdict": "devellis_thorpe_2022",
        },
        notes=(*failures, *notes),
    )


def verdict(alpha: float) -> str:
    """The word of `DEVELLIS` for an alpha."""
    for limit, word in DEVELLIS:
        if alpha < limit:
            return word
    return "very_good" if alpha <= _SHORTEN else "consider_shortening"


def _outermost(scored: ScoredResponses) -> pd.Series:
    group = scored.nested_in[-1]
    codes = scored.groups[group]
    if unknown := int(codes.isna().sum()):
        text = "For {n} respondents the {group} is not known, so whole groups cannot be drawn; choose another interval."
        raise InsufficientDataError(Note("groups_unknown_for_bootstrap", text, {"n": unknown, "group": group}))
    return codes


def _nesting_notes(scored: ScoredResponses, interval: Interval) -> list[Note]:
    if not scored.nested_in:
        return []
    groups = ", ".join(scored.nested_in)
    text = (
        "Answers are nested in {groups}: this is how consistently the respondents answer, not how reliable the score "
        "of a group or of its leader is; ICC(2) tells that."
    )
    notes = [Note("consistency_of_raters", text, {"groups": groups})]
    if interval != "bootstrap":
        text = (
            "The intervals take respondents as independent; the bootstrap interval would draw whole groups ({groups})."
        )
        notes.append(Note("interval_ignores_nesting", text, {"groups": scored.nested_in[-1]}))
    return notes


_ABOUT = {
    "dimension_without_omega": "No omega for {dimension}: {reason}",
    "dimension_note": "{dimension}: {reason}",
}


def _about(id: str, dimension: str, note: Note) -> Note:
    return Note(id, _ABOUT[id], {"dimension": dimension, "reason": note})


def _own_notes(alpha: Alpha, halves: SplitHalf, omega: Omega | Note) -> list[Note]:
    return [*alpha.notes, *halves.notes, *(() if isinstance(omega, Note) else omega.notes)]


def _row(alpha: Alpha, halves: SplitHalf, omega: Omega | Note) -> dict[str, Any]:
    return {
        "n_items": alpha.n_items,
        "n": alpha.n,
        "alpha": alpha.alpha,
        "alpha_ci_low": alpha.ci_low,
        "alpha_ci_high": alpha.ci_high,
        "standardized_alpha": alpha.standardized_alpha,
        "omega": float("nan") if isinstance(omega, Note) else omega.omega,
        "spearman_brown": halves.spearman_brown,
        "guttman_lambda4": halves.guttman_lambda4,
        "lambda4_maximum": halves.maximum,
        "lambda4_minimum": halves.minimum,
        "lambda4_mean": halves.mean,
        "average_r": alpha.average_r,
        "std_error_of_measurement": alpha.std_error_of_measurement,
        "verdict": verdict(alpha.alpha),
    }
