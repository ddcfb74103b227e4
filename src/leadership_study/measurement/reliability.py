"""Reliability of the scales: alpha with its interval, omega, split halves; one row a dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pandas as pd

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement import _checks
from leadership_study.measurement._alpha import Alpha, Interval, cronbach_alpha
from leadership_study.measurement._group_level import COLUMNS, group_levels
from leadership_study.measurement._omega import Omega, mcdonald_omega, omega_or_reason
from leadership_study.measurement._split_half import SplitHalf, split_half
from leadership_study.results import Note, Result
from leadership_study.samples.moments import Missing
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import all_failed, dimensions_of, not_estimated, unweighted

__all__ = [
    "BANDS",
    "Alpha",
    "Omega",
    "Reliability",
    "SplitHalf",
    "cronbach_alpha",
    "mcdonald_omega",
    "run",
    "split_half",
]

Banding = Literal["devellis", "chinese_guides"]


@dataclass(frozen=True, kw_only=True)
class Bands:
    """Words for an alpha: of the first limit that it lies below, else ``good`` up to ``shorten``, ``above`` beyond."""

    source: str
    below: tuple[tuple[float, str], ...]
    good: str
    shorten: float = 1.0
    above: str = "consider_shortening"


BANDS: Mapping[str, Bands] = {
    "devellis": Bands(
        source="devellis_thorpe_2022",
        below=(
            (0.60, "unacceptable"),
            (0.65, "undesirable"),
            (0.70, "minimally_acceptable"),
            (0.80, "respectable"),
        ),
        good="very_good",
        shorten=0.90,
    ),
    "chinese_guides": Bands(
        source="chinese_guides",
        below=((0.70, "to_be_dropped"), (0.80, "to_be_revised"), (0.90, "acceptable")),
        good="very_good",
    ),
}
"""Named sets of bands.

``devellis``: for research scales, DeVellis and Thorpe, Scale Development: Theory and Applications, 5th edition, 2022.
``chinese_guides``: what Chinese guides to questionnaires ask, from .90 very good, from .80 acceptable, from .70 to be
revised, below to be dropped (https://baijiahao.baidu.com/s?id=1695636560086587356).
"""

_ORDINAL = ["ordinal_alpha", "ordinal_omega", "categorical_omega"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Reliability(Result):
    """Reliability of several scales.

    Attributes
    ----------
    table : DataFrame
        One row a dimension: n_items, n, alpha and omega with their intervals, standardized_alpha, split halves,
        average_r, std_error_of_measurement, verdict (a word of `BANDS` for alpha).
    items : DataFrame
        The items of `cronbach_alpha`, rows (dimension, item).
    levels : DataFrame
        Rows (dimension, group) when answers are nested: what `group_levels` tells about the scores of schools and
        heads, which alpha does not; empty otherwise.
    ordinal : DataFrame
        Rows dimension, when asked for: ordinal_alpha and ordinal_omega of the underlying responses, and
        categorical_omega (Green and Yang) of the sum of the answers; empty otherwise.
    alphas : mapping
        The whole result of `cronbach_alpha` for each dimension.
    """

    main: ClassVar[str] = "table"

    table: pd.DataFrame
    items: pd.DataFrame
    levels: pd.DataFrame
    ordinal: pd.DataFrame
    alphas: Mapping[str, Alpha]


def run(
    scored: ScoredResponses,
    *,
    scales: Variables = ("dimensions",),
    confidence_level: float = 0.95,
    interval: Interval = "feldt",
    missing: Missing = "listwise",
    bootstrap: int = 2000,
    ordinal: bool = False,
    bands: Banding = "devellis",
    seed: int = 0,
) -> Reliability:
    """Reliability of each scale of the questionnaire.

    Parameters
    ----------
    scales : ids of dimensions
        One row each. There is no alpha over several dimensions: it would count the items that they have in common as
        consistency of one scale.
    bootstrap, seed : int
        Resamples of ``interval="bootstrap"``; they draw whole outermost groups when the answers are nested. The
        interval of omega is that of the same resamples, otherwise that of the delta method.
    ordinal : bool
        Give the coefficients of ordinal items beside the others. They never take their place.
    bands : {"devellis", "chinese_guides"}
        The words for alpha, one of `BANDS`.

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
    _checks.one_of(bands, list(BANDS), name="bands", function="reliability")
    dimensions = dimensions_of(scored, scales, what="Reliability")
    options: dict[str, Any] = {"confidence_level": confidence_level, "interval": interval, "missing": missing}
    if interval == "bootstrap":
        options |= {"bootstrap": bootstrap, "seed": seed}
        if scored.nested_in:
            options["clusters"] = _outermost(scored)
    of_omega = options | {"interval": "bootstrap" if interval == "bootstrap" else "delta"}
    rows, items, alphas = {}, {}, {}
    levels: dict[tuple[str, str], tuple[float, ...]] = {}
    of_ordinal: dict[str, dict[str, float]] = {}
    failures: list[Note] = []
    common: list[Note] = []
    notes = [*_nesting_notes(scored, interval), *unweighted(scored)]
    for dimension in dimensions:
        answers = scored.scale_items(dimension)
        try:
            alpha = cronbach_alpha(answers, **options)
            halves = split_half(answers, missing=missing, seed=seed)
        except InsufficientDataError as trouble:
            failures.append(not_estimated(dimension, trouble.note))
            continue
        omega = omega_or_reason(answers, **of_omega)
        if isinstance(omega, Note):
            notes.append(_about("dimension_without_omega", dimension, omega))
        notes += [_about("dimension_note", dimension, note) for note in _own_notes(alpha, halves, omega)]
        if ordinal:
            of_ordinal[dimension], trouble_of = _ordinal(answers, missing)
            common += [note for note in trouble_of if note.id == "ordinal_alpha"]
            notes += [_about("dimension_note", dimension, note) for note in trouble_of if note.id != "ordinal_alpha"]
        if scored.nested_in:
            found = group_levels(answers, scored.groups[list(scored.nested_in)])
            levels |= {(dimension, group): row for group, row in found.rows.items()}
            notes += [_about("dimension_note", dimension, note) for note in found.notes]
        rows[dimension] = _row(alpha, halves, omega) | {"verdict": verdict(alpha.alpha, bands)}
        items[dimension] = alpha.items
        alphas[dimension] = alpha
    if not rows:
        raise all_failed(failures)
    return Reliability(
        table=pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension"),
        items=pd.concat(items, names=["dimension", "item"]),
        levels=_level_table(levels),
        ordinal=pd.DataFrame.from_dict(of_ordinal, orient="index", columns=_ORDINAL)
        .rename_axis("dimension")
        .astype(float),
        alphas=alphas,
        definition={
            "formula": "cronbach_alpha",
            "matrix": "covariance",
            "missing": missing,
            "interval": interval,
            "confidence_level": confidence_level,
            "source": next(iter(alphas.values())).definition["source"],
            "verdict": BANDS[bands].source,
        },
        notes=(*failures, *notes, *common[:1]),
    )


def verdict(alpha: float, bands: Banding = "devellis") -> str:
    """The word of one of `BANDS` for an alpha."""
    chosen = BANDS[bands]
    for limit, word in chosen.below:
        if alpha < limit:
            return word
    return chosen.good if alpha <= chosen.shorten else chosen.above


def _ordinal(answers: pd.DataFrame, missing: Missing) -> tuple[dict[str, float], list[Note]]:
    """The coefficients of `_ORDINAL`, NaN with a note where one cannot be had."""
    found: dict[str, float] = dict.fromkeys(_ORDINAL, float("nan"))
    notes: dict[str, Note] = {}
    for name, coefficient in (
        ("ordinal_alpha", lambda: cronbach_alpha(answers, missing=missing, ordinal=True)),
        ("ordinal_omega", lambda: mcdonald_omega(answers, missing=missing, ordinal=True)),
        ("categorical_omega", lambda: mcdonald_omega(answers, missing=missing, ordinal="green-yang")),
    ):
        try:
            result = coefficient()
        except (InsufficientDataError, ConvergenceError) as trouble:
            notes[trouble.note.id] = trouble.note
            continue
        found[name] = result.alpha if isinstance(result, Alpha) else result.omega
        notes |= {note.id: note for note in result.notes}
    return found, list(notes.values())


def _level_table(rows: Mapping[tuple[str, str], tuple[float, ...]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(rows), names=["dimension", "group"])
    table = pd.DataFrame(list(rows.values()), index=index, columns=list(COLUMNS), dtype=float)
    return table.astype({"n": "int64", "n_groups": "int64"})


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
    nothing = float("nan")
    return {
        "n_items": alpha.n_items,
        "n": alpha.n,
        "alpha": alpha.alpha,
        "alpha_ci_low": alpha.ci_low,
        "alpha_ci_high": alpha.ci_high,
        "standardized_alpha": alpha.standardized_alpha,
        "omega": nothing if isinstance(omega, Note) else omega.omega,
        "omega_ci_low": nothing if isinstance(omega, Note) else omega.ci_low,
        "omega_ci_high": nothing if isinstance(omega, Note) else omega.ci_high,
        "spearman_brown": halves.spearman_brown,
        "guttman_lambda4": halves.guttman_lambda4,
        "lambda4_maximum": halves.maximum,
        "lambda4_minimum": halves.minimum,
        "lambda4_mean": halves.mean,
        "average_r": alpha.average_r,
        "std_error_of_measurement": alpha.std_error_of_measurement,
    }
