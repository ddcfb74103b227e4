"""How each head is seen, with no more said than the raters can carry: shrunken means with intervals.

The plain means of heads differ by chance too, the more so the fewer teachers and schools stand behind them. Shrunken
(empirical Bayes) means are drawn towards the mean of all heads by as much as they are unreliable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import EstimationError, InsufficientDataError
from leadership_study.influences import _head_profile as parts
from leadership_study.influences._columns import check_kind, numbers_of
from leadership_study.influences._design import INTERCEPT
from leadership_study.influences._groups import column_of
from leadership_study.influences._mixed_design import crossing, grouping, random_term, renumbered, rows_left_out
from leadership_study.influences._mixed_tables import Floats, singular_notes
from leadership_study.influences._multilevel_data import levels_of
from leadership_study.influences._scored import about
from leadership_study.results import Note, Result
from leadership_study.samples.mixed_model import fit_mixed_model
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import all_failed, dimensions_of, not_estimated, unweighted


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HeadProfile(Result):
    """Groups (heads) on one outcome.

    Attributes
    ----------
    n, n_groups : int
    mean : float
        Of all groups, from the model without predictors.
    group_variance, unit_variance, residual_variance : float
        Between groups, between the units inside them (all levels together; NaN without one), between raters.
    icc : float
        Share of the variance that lies between groups.
    chi_square, p_value : float
        Restricted likelihood-ratio test that groups do not differ beyond their units and raters; the p value is that of
        half χ²(0) and half χ²(1).
    profiles : DataFrame, index ``group``
        n, n_units (with units), observed_mean, estimate (shrunken mean), std_error, ci_low, ci_high, reliability,
        position (of the interval of its deviation from the mean of these groups: above_the_mean, below_the_mean,
        not_told_from_the_mean).
    """

    n: int
    n_groups: int
    mean: float
    group_variance: float
    unit_variance: float
    residual_variance: float
    icc: float
    chi_square: float
    p_value: float
    profiles: pd.DataFrame

    main: ClassVar[str] = "profiles"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HeadProfiles(Result):
    """Groups (heads) on every dimension.

    Attributes
    ----------
    table : DataFrame, index ``dimension``
        The numbers of `HeadProfile`, with the mean reliability of the groups' means, and how many groups lie above and
        below the mean.
    profiles : DataFrame, index ``dimension``, ``group``
        As in `HeadProfile`.
    """

    table: pd.DataFrame
    profiles: pd.DataFrame

    main: ClassVar[str] = "profiles"


def head_profiles(
    data: pd.DataFrame, outcome: str, groups: str | Sequence[str], *, confidence_level: float = 0.95
) -> HeadProfile:
    """Estimate how each group stands on ``outcome``.

    Parameters
    ----------
    data : DataFrame
        One row a rater.
    outcome : str
        Column of numbers; rows without it or without a group are left out, and counted.
    groups : str or list of str
        Columns of the grouping factors, inner to outer: ``["school", "head"]``. Profiles are those of the last.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For an unknown column, infinite numbers, text as an outcome.
    InsufficientDataError
        With fewer than three groups, one answer everywhere, as many groups as raters.

    Notes
    -----
    With b the effect of a group in the model y = μ + b + (units) + e fitted by REML, the estimate is μ̂ + b̂, the best
    linear unbiased prediction; its error counts that μ is estimated, and t with G − 1 degrees of freedom stands for the
    variances being estimated too. A group's reliability is 1 − Var(b|y)/σ²_b. Groups whose labels are no codes ("D06",
    "12") are numbered in the natural order of their labels. R twin: ``lme4::ranef``.

    References
    ----------
    Raudenbush, S. W., & Bryk, A. S. (2002). Hierarchical linear models (2nd ed.). Sage. Goldstein, H., & Healy, M. J.
    R. (1995). Journal of the Royal Statistical Society A, 158, 175–177. https://doi.org/10.2307/2983411
    """
    if not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of head_profiles must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )
    levels = [groups] if isinstance(groups, str) else list(groups)
    if not levels or len(set(levels)) < len(levels) or outcome in levels:
        raise ValueError(
            "The 'groups' parameter of head_profiles must name columns, each once and not the outcome. "
            f"Got {groups!r} instead."
        )
    values, found, notes = _complete(data, outcome, levels)
    if len(found[-1][1]) < 3:
        text = "{group} has {n_groups} units in the rows used, too few to say how much units like them vary."
        raise InsufficientDataError(
            Note("too_few_for_profiles", text, {"group": levels[-1], "n_groups": len(found[-1][1])})
        )
    ones = np.ones((len(values), 1))
    terms = [random_term(name, *one, ones, (INTERCEPT,)) for name, one in zip(levels, found, strict=True)]
    fit = fit_mixed_model(ones, values, (INTERCEPT,), terms)
    raters = pd.DataFrame({at: one for at, one in enumerate([values, *(codes for codes, _ in found)])})
    table = parts.profiles(fit, raters, terms[-1].labels, confidence_level)
    shown, numbered = parts.shown_labels(terms[-1].labels)
    if numbered:
        text = "The units of {group} are numbered in the order of their labels, which are names and are not printed."
        notes.append(Note("groups_numbered", text, {"group": levels[-1]}))
    table.index = pd.Index(shown, name="group", dtype="str")
    if table["std_error"].isna().all():
        text = (
            "Nothing tells the units of {group} apart beyond what the levels inside them explain, so all of them are "
            "given the mean of all, and none has an interval of its own."
        )
        notes.append(Note("groups_not_told_apart", text, {"group": levels[-1]}))
    return HeadProfile(
        n=len(values),
        n_groups=len(shown),
        **parts.variances(fit),
        profiles=table,
        definition={
            "formula": "empirical_bayes",
            "outcome": outcome,
            "estimation": "reml",
            "missing": "listwise",
            "group": ", ".join(levels),
            "interval": "prediction",
            "confidence_level": confidence_level,
            "source": "Raudenbush & Bryk (2002)",
        },
        notes=(*notes, *crossing(terms), *(note for note in singular_notes(fit) if note.values["group"] != levels[-1])),
    )


def run(
    scored: ScoredResponses,
    *,
    dimensions: Variables = ("dimensions",),
    groups: Variables = (),
    confidence_level: float = 0.95,
) -> HeadProfiles:
    """Profile the outermost groups on every dimension; ``groups`` names other grouping factors, inner to outer."""
    levels = levels_of(scored, groups)
    rows, tables = {}, {}
    notes: list[Note] = []
    failures: list[Note] = []
    definition = {}
    for dimension in dimensions_of(scored, dimensions, what="The profile of heads"):
        data = pd.concat([scored.scales[[dimension]], scored.groups[list(levels)]], axis=1)
        try:
            found = head_profiles(data, dimension, levels, confidence_level=confidence_level)
        except EstimationError as error:
            failures.append(not_estimated(dimension, error.note))
            continue
        positions = found.profiles["position"]
        summary = found.tables()["summary"]["value"].to_dict()
        rows[dimension] = summary | {
            "reliability": float(found.profiles["reliability"].mean()),
            "n_above": int((positions == parts.ABOVE).sum()),
            "n_below": int((positions == parts.BELOW).sum()),
        }
        tables[dimension] = found.profiles
        notes += [note if note.id == "groups_numbered" else about(dimension, note) for note in found.notes]
        definition = {key: value for key, value in found.definition.items() if key != "outcome"}
    if not rows:
        raise all_failed(failures)
    whole = {name: "int64" for name in ("n", "n_groups", "n_above", "n_below")}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension")
    once = tuple({(note.id, str(note)): note for note in notes}.values())
    return HeadProfiles(
        table=table.astype({name: whole.get(name, "float64") for name in table.columns}),
        profiles=pd.concat(tables, names=["dimension", "group"]),
        definition={**definition, "rated": levels[-1]},
        notes=(*failures, *once, *unweighted(scored)),
    )


def _complete(
    data: pd.DataFrame, outcome: str, levels: Sequence[str]
) -> tuple[Floats, list[tuple[NDArray[np.int64], tuple[str, ...]]], list[Note]]:
    """The outcome, and codes and labels of each level, of the rows that have them all."""
    column = column_of(data, outcome, "variable")
    check_kind(column, outcome)
    values = numbers_of(column, outcome)
    found = [grouping(data, name, "head_profiles") for name in levels]
    answered, grouped = ~np.isnan(values), np.logical_and.reduce([codes >= 0 for codes, _ in found])
    kept = answered & grouped
    notes = rows_left_out(int(answered.sum()), int(kept.sum()), len(data))
    return values[kept], [renumbered(codes[kept], labels) for codes, labels in found], notes
