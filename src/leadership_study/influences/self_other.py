"""Self–other ratings: how those rated see themselves beside how their raters see them, in level and in order."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import EstimationError, InsufficientDataError, PlanError
from leadership_study.influences import _pairs
from leadership_study.influences._groups import Clusters, coded, column_of, natural, one_a_row
from leadership_study.influences._head_profile import shown_labels
from leadership_study.influences._mean_tests import clustered_mean, error_row
from leadership_study.influences._scored import chosen_group
from leadership_study.results import Note, Result
from leadership_study.samples.moments import numbers
from leadership_study.samples.multiplicity import Adjust, adjusted
from leadership_study.samples.two_way import intraclass_correlations, two_way
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import dimensions_of, unweighted

Floats = NDArray[np.float64]

_FEWEST = 3
_FEW_HEADS = 10


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SelfOther(Result):
    """Self-ratings beside the ratings of others.

    Attributes
    ----------
    table : DataFrame, index ``dimension``
        n_groups (with both ratings), self_mean, other_mean (means over groups); estimate (self less others), std_error,
        statistic, df, p_value, adjusted_p_value, ci_low, ci_high, cohen_dz; agreement with agreement_ci_low and
        agreement_ci_high: ICC(2,1) of self and mean of others, which a difference in level lowers; rank_correlation
        with rank_ci_low and rank_ci_high: Spearman's, of the order of groups only; verdict of the difference: "above"
        (selves rate higher), "below", "undecided".
    heads : DataFrame, index ``group``, ``dimension``
        n (other raters), self_rating, other_mean, difference, std_error (of the others' mean), df, ci_low, ci_high,
        position: "self_above_others", "self_below_others" when the interval excludes 0, else "not_told_apart".
    profiles : DataFrame, index ``group``
        difference: mean over dimensions of self less others; rank_correlation: Spearman's over the dimensions, whether
        both see the same dimensions as strong; NaN with fewer than four or without any difference among them.
    """

    table: pd.DataFrame
    heads: pd.DataFrame
    profiles: pd.DataFrame

    main: ClassVar[str] = "table"


def self_other(
    others: pd.DataFrame,
    own: pd.DataFrame,
    group: Clusters,
    *,
    units: Clusters | None = None,
    adjust: Adjust = "holm",
    confidence_level: float = 0.95,
) -> SelfOther:
    """Compare what groups (heads) say of themselves with what their raters say of them.

    Parameters
    ----------
    others : DataFrame, raters × dimensions
        Numbers, missing as NaN; it may hold the columns ``group`` and ``units`` too.
    own : DataFrame, groups × the same dimensions
        One row a group, its index the group that it rates.
    group : column label, Series or array
        Whom each of ``others`` rates.
    units : column label, Series or array, optional
        Schools between raters and the group: the error of the mean of others is then CR2 over schools.
    adjust : {"holm", "bonferroni", "fdr_bh"}
        Adjusts the p values over dimensions.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For text, infinite numbers, other columns, a group that rates itself twice.
    InsufficientDataError
        When fewer than three groups have both ratings on every dimension.

    Notes
    -----
    Groups count alike, however many rate them. The mean difference is a paired t test over groups. Agreement in level
    and order is ICC(2,1) with the interval of McGraw & Wong (1996); order alone is Spearman's with that of Bonett &
    Wright (2000). Others' means are less reliable the fewer they are, which lowers both. The interval of one group
    counts the error of the mean of its raters and takes its self-rating as it is. R twins: ``t.test(paired=TRUE)``,
    ``psych::ICC(lmer=FALSE)``, ``cor.test(method="spearman", exact=FALSE)``.

    References
    ----------
    Fleenor, J. W., Smither, J. W., Atwater, L. E., Braddy, P. W., & Sturm, R. E. (2010). The Leadership Quarterly, 21,
    1005–1034. https://doi.org/10.1016/j.leaqua.2010.10.006. McGraw & Wong (1996),
    https://doi.org/10.1037/1082-989X.1.1.30
    """
    _check(adjust, confidence_level)
    selves, labels = numbers(own)
    ratings, _ = numbers(pd.DataFrame({label: column_of(others, label, "dimension") for label in labels}))
    of, codes = _own_groups(own), coded(one_a_row(others, group, "groups", "self_other"), "groups", "self_other")
    inner = None if units is None else coded(one_a_row(others, units, "units", "self_other"), "units", "self_other")[0]
    both = sorted(set(of) & set(codes[1]), key=natural)
    notes = []
    if alone := len(of) - len(both):
        text = "Self-ratings without a rating by others, left out: {count}."
        notes.append(Note("self_without_others", text, {"count": alone}))
    if without := len(codes[1]) - len(both):
        text = "Groups rated by others that did not rate themselves, left out: {count}."
        notes.append(Note("others_without_self", text, {"count": without}))
    shown, numbered = shown_labels(both)
    if numbered:
        text = "Those rated are numbered in the order of their labels, which are names and are not printed."
        notes.append(Note("rated_numbered", text))
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for name, head in zip(shown, both, strict=True):
        mine = codes[0] == codes[1].index(head)
        for at, label in enumerate(labels):
            value = float(selves[of.index(head), at])
            there = mine & ~np.isnan(ratings[:, at]) & (True if inner is None else inner >= 0)
            if np.isnan(value) or not there.any():
                continue
            rows[name, label] = _one(
                value, ratings[there, at], None if inner is None else inner[there], confidence_level
            )
    heads = pd.DataFrame.from_dict(rows, orient="index")
    heads.index = pd.MultiIndex.from_tuples(list(rows) or [("", "")][:0], names=["group", "dimension"])
    table, more = _table(heads, labels, adjust, confidence_level)
    return SelfOther(
        table=table,
        heads=heads.astype({"n": "int64", "position": "object"}),
        profiles=_profiles(heads, [name for name in shown if name in heads.index.get_level_values("group")]),
        definition={
            "test": "paired_t",
            "adjust": adjust,
            "interval": "bonett_wright",
            "missing": "available",
            "units": "none" if units is None else "cluster_robust",
            "confidence_level": confidence_level,
            "source": "McGraw & Wong (1996)",
        },
        notes=(*notes, *more),
    )


def run(
    scored: ScoredResponses,
    *,
    self_ratings: str,
    dimensions: Variables = ("dimensions",),
    group: Variable | None = None,
    adjust: Adjust = "holm",
    confidence_level: float = 0.95,
) -> SelfOther:
    """Compare the block ``self_ratings`` with the other blocks; name all of them in ``of``.

    Parameters
    ----------
    self_ratings : id of the [[responses]] block in which those rated rate themselves
    dimensions : ids of dimensions
    group : id of a group
        What those rated are the heads of; the outermost by default. The level inside it counts as ``units``.
    adjust, confidence_level
        As `self_other` takes them.
    """
    known = list(dict.fromkeys(scored.block))
    rest = [block for block in known if block != self_ratings]
    if self_ratings not in known or not rest:
        raise PlanError(
            f"Self-ratings are compared with those of others, and the block has those of {', '.join(known)}; name "
            f"{self_ratings!r} and the block of the others in 'of'."
        )
    group = chosen_group(scored, group)
    if group is None:
        text = "The answers are not nested in groups, so nobody can be told whom the others rate."
        raise InsufficientDataError(Note("self_other_no_groups", text))
    names = dimensions_of(scored, dimensions, what="The comparison of self-ratings")
    selves, others = scored.of([self_ratings]), scored.of(rest)
    levels = scored.nested_in
    inside = levels[levels.index(group) - 1] if group in levels and levels.index(group) > 0 else None
    mine = selves.scales[names].set_axis(pd.Index(selves.groups[group], name="group"), axis=0)
    nameless = int(np.asarray(mine.index.isna()).sum())
    result = self_other(
        others.scales[names],
        mine[mine.index.notna()],
        others.groups[group],
        units=None if inside is None else others.groups[inside],
        adjust=adjust,
        confidence_level=confidence_level,
    )
    notes = list(result.notes)
    if nameless:
        text = "Self-ratings that do not say which {group} they are about, left out: {count}."
        notes.append(Note("self_without_group", text, {"group": group, "count": nameless}))
    return replace(
        result, definition={**result.definition, "rated": group, "units": inside or "none"},
        notes=(*notes, *unweighted(scored)),
    )  # fmt: skip


def _own_groups(own: pd.DataFrame) -> list[str]:
    codes, labels = coded(own.index.to_series(), "groups", "self_other")
    if (codes < 0).any():
        raise ValueError("The index of 'own' of self_other holds a missing group; leave such rows out.")
    if len(labels) < len(codes):
        twice = labels[int(np.bincount(codes).argmax())]
        raise ValueError(f"The group {twice} rates itself more than once; keep one self-rating of each.")
    return labels


def _one(value: float, given: Floats, units: NDArray[np.int64] | None, level: float) -> dict[str, float]:
    """One group on one dimension; without an error where one rater, or one school, stands behind the others' mean."""
    away = value - given
    row: dict[str, float] = {"n": len(given), "self_rating": value, "other_mean": float(given.mean())}
    codes = None if units is None else np.unique(units, return_inverse=True)[1]
    if len(given) < 2 or (codes is not None and codes.max() < 1):
        unknown = dict.fromkeys(("std_error", "df", "ci_low", "ci_high"), np.nan)
    else:
        found = error_row(clustered_mean(away, codes), level)
        unknown = {name: found[name] for name in ("std_error", "df", "ci_low", "ci_high")}
    side = "self_above_others" if unknown["ci_low"] > 0 else "self_below_others" if unknown["ci_high"] < 0 else ""
    return {**row, "difference": float(away.mean()), **unknown, "position": side or "not_told_apart"}  # type: ignore[dict-item]


def _table(heads: pd.DataFrame, labels: list[str], adjust: Adjust, level: float) -> tuple[pd.DataFrame, list[Note]]:
    rows: dict[str, dict[str, float]] = {}
    notes: list[Note] = []
    for label in labels:
        pairs = heads[heads.index.get_level_values("dimension") == label] if len(heads) else heads
        if len(pairs) < _FEWEST:
            text = "{dimension} has self-ratings and ratings by others of {n} only; at least {needed} are needed."
            notes.append(Note("self_other_too_few", text, {"dimension": label, "n": len(pairs), "needed": _FEWEST}))
            continue
        own, given = (pairs[name].to_numpy(dtype=float) for name in ("self_rating", "other_mean"))
        away = own - given
        test, spread = clustered_mean(away, None), float(away.std(ddof=1))
        rows[label] = {
            "n_groups": len(pairs),
            "self_mean": float(own.mean()),
            "other_mean": float(given.mean()),
            "estimate": test.estimate,
            **error_row(test, level),
            "cohen_dz": test.estimate / spread if spread > 0 else np.nan,
            **_agreement(own, given, level),
        }
    if not rows:
        raise InsufficientDataError(notes[0])
    if 0 < min(row["n_groups"] for row in rows.values()) < _FEW_HEADS:
        text = "Fewer than {few} have both ratings: correlations and agreement over so few are rough."
        notes.append(Note("self_other_few", text, {"few": _FEW_HEADS}))
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension").astype({"n_groups": "int64"})
    place = list(table.columns).index("p_value") + 1
    table.insert(place, "adjusted_p_value", adjusted(table["p_value"].to_numpy(), adjust))
    shown, above = table["adjusted_p_value"] < 1 - level, table["estimate"] > 0
    table["verdict"] = np.select([shown & above, shown & ~above], ["above", "below"], "undecided").astype(object)
    return table, notes


def _agreement(own: Floats, given: Floats, level: float) -> dict[str, float]:
    """Agreement in level and order (ICC) and in order alone (Spearman); NaN where ratings do not vary."""
    names = ("agreement", "agreement_ci_low", "agreement_ci_high", "rank_correlation", "rank_ci_low", "rank_ci_high")
    found = dict.fromkeys(names, np.nan)
    try:
        icc = intraclass_correlations(two_way(np.column_stack([own, given])), confidence_level=level).loc["ICC(2,1)"]
        found |= dict(zip(names[:3], icc[["icc", "ci_low", "ci_high"]].to_numpy(dtype=float), strict=True))
        both = pd.DataFrame({"self": own, "other": given})
        ranks = _pairs.table(both, ["self", "other"], [], "spearman", level).iloc[0]
        found |= dict(zip(names[3:], ranks[["r", "ci_low", "ci_high"]].to_numpy(dtype=float), strict=True))
    except EstimationError:  # one of the two does not vary, or fewer than four: the cells stay empty
        pass
    return found


def _profiles(heads: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    rows = {}
    for name in names:
        own = heads.loc[[name]]
        both = own[["self_rating", "other_mean"]].astype(float)
        order = np.nan
        if len(own) >= 4 and (both.nunique() > 1).all():
            order = float(both.rank().corr().to_numpy()[0, 1])
        rows[name] = {"difference": float(own["difference"].mean()), "rank_correlation": order}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def _check(adjust: str, confidence_level: float) -> None:
    if adjust not in ("holm", "bonferroni", "fdr_bh"):
        listed = "'holm', 'bonferroni', 'fdr_bh'"
        raise ValueError(f"The 'adjust' parameter of self_other must be one of {listed}. Got {adjust!r} instead.")
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of self_other must be between 0 and 1. Got {confidence_level!r} instead."
        )
