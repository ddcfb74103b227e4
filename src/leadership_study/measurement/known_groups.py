"""Known-groups validity: whether scores tell groups apart in the order that theory expects of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.measurement import _checks
from leadership_study.results import Note, Result
from leadership_study.samples.effect_sizes import EffectSize, omega_squared, small_sample, standardised
from leadership_study.samples.k_groups import FTest, KGroups, k_groups
from leadership_study.samples.mean_tests import MeanTest, TwoGroups
from leadership_study.samples.moments import numbers
from leadership_study.samples.nested_groups import FEW_CLUSTERS, nested_groups
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import dimensions_of, unweighted

__all__ = ["KnownGroups", "known_groups", "run"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class KnownGroups(Result):
    """Scores of groups that should differ.

    Attributes
    ----------
    table : DataFrame
        A row a scale: ``n``; Welch's ``f``, ``df1``, ``df2``, ``p_value`` and ``omega_squared`` with its interval (NaN
        with clusters); ``difference`` of the group expected highest less the one expected lowest, with ``ci_low`` and
        ``ci_high``, and ``hedges_g`` with its own; ``in_order``, whether all means rise as expected; ``verdict``:
        "as_expected" (they do, and the interval of the difference lies above 0), "against" (the interval of the
        difference, or of some step, lies below 0), "undecided".
    groups : DataFrame
        Rows (scale, group) in the expected order: ``n``, ``mean``, ``sd``.
    steps : DataFrame
        Rows (scale, group, next_group), from each group to the next: ``difference`` with ``ci_low`` and ``ci_high``,
        ``p_value``, ``hedges_g`` with its interval, ``as_expected`` (the mean rises).
    """

    main: ClassVar[str] = "table"

    table: pd.DataFrame
    groups: pd.DataFrame
    steps: pd.DataFrame


def known_groups(
    scores: pd.DataFrame,
    groups: pd.Series,
    order: Sequence[str],
    *,
    clusters: pd.Series | None = None,
    confidence_level: float = 0.95,
) -> KnownGroups:
    """Compare groups whose order was declared before the data were looked at.

    Parameters
    ----------
    scores : DataFrame of numbers, respondents × scales
    groups : Series, the same index
        Group of each respondent. Those of no group in ``order``, or without a score, are left out and counted.
    order : names of two groups or more
        From the one expected lowest to the one expected highest.
    clusters : Series, optional, the same index
        Answers of one cluster (the outermost) go together: differences then have CR2 errors with Satterthwaite degrees
        of freedom, and the F test, which would ignore the clusters, is not given.
    confidence_level : float

    Raises
    ------
    InsufficientDataError
        A group without respondents; no scale with two answers in every group, and variance.
    TypeError, ValueError
        Scores that are not finite numbers; another index; a group twice, or alone.

    Notes
    -----
    Differences have Welch's error and degrees of freedom. g is the difference over the pooled standard deviation of
    both groups, corrected for small samples; its limits come from the noncentrality of the test. The steps were
    declared before, so their p values are not adjusted. R twins: ``t.test``, ``oneway.test``, ``effectsize::hedges_g``,
    ``clubSandwich::vcovCR(type = "CR2")``.

    References
    ----------
    Hattie and Cooksey (1984), 10.1177/014662168400800306. Welch (1951), 10.1093/biomet/38.3-4.330. Hedges (1981),
    10.3102/10769986006002107.
    """
    _checks.inside_unit(confidence_level, name="confidence_level", function="known_groups")
    values, scales = numbers(scores)
    codes, names = _codes(scores, groups, order)
    inside = None if clusters is None else _clusters(scores, clusters)
    rows: dict[str, dict[str, float | bool | str]] = {}
    means: dict[tuple[str, ...], dict[str, float]] = {}
    steps: dict[tuple[str, ...], dict[str, float | bool]] = {}
    notes: list[Note] = []
    if left := int((codes < 0).sum()):
        text = "{n} respondents are of no group that was declared and are left out."
        notes.append(Note("known_groups_others_left_out", text, {"n": left}))
    for at, scale in enumerate(scales):
        used = (codes >= 0) & ~np.isnan(values[:, at])
        if inside is not None:
            used &= inside >= 0
        try:
            found = k_groups(values[used, at], codes[used])
            if found.k < len(names):
                raise InsufficientDataError(_no_answers(names[found.k :]))
        except InsufficientDataError as trouble:
            text = "{scale} is left out: {reason}"
            notes.append(Note("scale_left_out", text, {"scale": scale, "reason": trouble.note}))
            continue
        own = None if inside is None else np.unique(inside[used], return_inverse=True)[1]
        rows[scale] = _row(found, own, confidence_level)
        for group, name in enumerate(names):
            spread = float(np.sqrt(found.variances[group]))
            means[scale, name] = {"n": int(found.sizes[group]), "mean": float(found.means[group]), "sd": spread}
        for low, high in pairwise(range(len(names))):
            steps[scale, names[low], names[high]] = _step(found, low, high, own, confidence_level)
        verdict = _verdict(rows[scale], [step for key, step in steps.items() if key[0] == scale])
        rows[scale] |= {"verdict": verdict}
    if not rows:
        raise InsufficientDataError(notes[-1])
    if inside is not None and (count := len(np.unique(inside[inside >= 0]))) < FEW_CLUSTERS:
        text = "With only {n} clusters the intervals are wide, and each rests on few degrees of freedom."
        notes.append(Note("known_groups_few_clusters", text, {"n": count}))
    return KnownGroups(
        table=pd.DataFrame.from_dict(rows, orient="index").rename_axis("scale").astype({"verdict": "str"}),
        groups=_table(means, ("scale", "group")),
        steps=_table(steps, ("scale", "group", "next_group")),
        definition={
            "formula": "known_groups",
            **({"test": "welch_t"} if clusters is None else {"covariance": "CR2"}),
            "confidence_level": confidence_level,
            "missing": "pairwise",
            "source": "Hattie and Cooksey (1984)",
        },
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    group: Variable,
    order: tuple[str, ...],
    scales: Variables = ("dimensions",),
    confidence_level: float = 0.95,
) -> KnownGroups:
    """Known-groups validity of ``scales``.

    Parameters
    ----------
    group : id of a background question with levels, or of a group
    order : values of its levels
        From the one expected lowest to the one expected highest.
    scales : ids of dimensions

    Raises
    ------
    PlanError
        For a value that is no level of the question.
    InsufficientDataError
        When no scale can be compared.

    Notes
    -----
    Nested answers: whole outermost groups go together, unless ``group`` is that level itself.
    """
    dimensions = dimensions_of(scored, scales, what="Known-groups validity")
    answers = scored.frame([group])[group]
    known = sorted({str(value) for value in answers.dropna()} | set(scored.level_labels("en").get(group, {})))
    for value in order:
        if value not in known:
            raise PlanError(unknown(f"answer to {group!r}", value, known))
    outer = scored.nested_in[-1] if scored.nested_in and scored.nested_in[-1] != group else None
    called = {value: f"{group}[{value}]" for value in scored.level_labels("en").get(group, {})}
    found = known_groups(
        scored.scales[dimensions],
        answers.astype("str").where(answers.notna()).replace(called),
        [called.get(value, value) for value in order],
        clusters=None if outer is None else scored.groups[outer],
        confidence_level=confidence_level,
    )
    return replace(found, notes=(*found.notes, *unweighted(scored)))


def _codes(scores: pd.DataFrame, groups: pd.Series, order: Sequence[str]) -> tuple[Codes, list[str]]:
    names = [str(name) for name in order]
    if isinstance(order, str) or len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(
            "The 'order' parameter of known_groups must name two groups or more, each once, from the one expected "
            f"lowest. Got {order!r} instead."
        )
    if not isinstance(groups, pd.Series) or not groups.index.equals(scores.index):
        raise ValueError("The 'groups' parameter of known_groups must be a Series with the index of the scores.")
    labels = [None if pd.isna(value) else str(value) for value in groups]
    if absent := [name for name in names if name not in labels]:
        raise InsufficientDataError(_no_answers(absent))
    place = {name: at for at, name in enumerate(names)}
    return np.array([-1 if label is None else place.get(label, -1) for label in labels], dtype=np.int64), names


def _clusters(scores: pd.DataFrame, clusters: pd.Series) -> Codes:
    if not isinstance(clusters, pd.Series) or not clusters.index.equals(scores.index):
        raise ValueError("The 'clusters' parameter of known_groups must be a Series with the index of the scores.")
    return pd.factorize(clusters, sort=True)[0].astype(np.int64)


def _no_answers(names: Sequence[str]) -> Note:
    return Note(
        "known_groups_empty", "There are no respondents with a score in {groups}.", {"groups": ", ".join(names)}
    )


def _row(found: KGroups, clusters: Codes | None, level: float) -> dict[str, float | bool | str]:
    nothing = FTest(statistic=np.nan, df1=np.nan, df2=np.nan)
    test = found.welch() if clusters is None else nothing
    share = EffectSize(estimate=np.nan, ci_low=np.nan, ci_high=np.nan)
    if np.isfinite(test.statistic):
        share = omega_squared(test.statistic, test.df1, test.df2, level)
    extremes = _step(found, 0, found.k - 1, clusters, level)
    return {
        "n": found.n,
        "f": test.statistic,
        "df1": float(test.df1),
        "df2": float(test.df2),
        "p_value": test.p_value,
        "omega_squared": share.estimate,
        "omega_squared_ci_low": share.ci_low,
        "omega_squared_ci_high": share.ci_high,
        **{name: value for name, value in extremes.items() if name not in ("p_value", "as_expected")},
        "in_order": bool((np.diff(found.means) > 0).all()),
    }


def _step(found: KGroups, low: int, high: int, clusters: Codes | None, level: float) -> dict[str, float | bool]:
    """The group expected higher less the one expected lower."""
    pair = TwoGroups(first=found.values[found.codes == high], second=found.values[found.codes == low])
    test = pair.welch() if clusters is None else _clustered(found, low, high, clusters)
    effect = standardised(test, pair.pooled_sd, level).times(small_sample(len(pair.first) + len(pair.second) - 2))
    ci_low, ci_high = test.interval(level)
    return {
        "difference": test.estimate,
        "ci_low": ci_low,
        "ci_high": ci_high,
        "p_value": test.p_value,
        "hedges_g": effect.estimate,
        "hedges_g_ci_low": effect.ci_low,
        "hedges_g_ci_high": effect.ci_high,
        "as_expected": bool(test.estimate > 0),
    }


def _clustered(found: KGroups, low: int, high: int, clusters: Codes) -> MeanTest:
    if clusters.max() < 1:  # one cluster tells nothing about chance
        return MeanTest(estimate=float(found.means[high] - found.means[low]), std_error=0.0, df=np.nan)
    return nested_groups(found, clusters).difference(high, low)


def _verdict(row: dict[str, float | bool | str], steps: list[dict[str, float | bool]]) -> str:
    limits = [float(row["ci_high"]), *(float(step["ci_high"]) for step in steps)]
    if any(limit < 0 for limit in limits):
        return "against"
    return "as_expected" if row["in_order"] and float(row["ci_low"]) > 0 else "undecided"


def _table(
    rows: Mapping[tuple[str, ...], Mapping[str, float]] | Mapping[tuple[str, ...], Mapping[str, float | bool]],
    names: tuple[str, ...],
) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(rows), names=names)
    return pd.DataFrame(list(rows.values()), index=index)
