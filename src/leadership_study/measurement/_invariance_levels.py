"""The levels of measurement invariance: what each holds equal, and the criteria by which a step is judged."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._sem_result import SemFit
from leadership_study.measurement.cfa import Missing, cfa
from leadership_study.results import Note
from leadership_study.sem.options import Estimator
from leadership_study.sem.ordinal_invariance import LEVELS as ORDINAL_LEVELS
from leadership_study.sem.ordinal_invariance import ordinal_level
from leadership_study.sem.syntax import parse
from leadership_study.sem.variables import variables_of

CONTINUOUS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "means": ("loadings", "intercepts", "residuals", "means"),
}
"""What is equal over groups at each level of continuous items."""
USUAL = ("configural", "metric", "scalar", "strict")
MEANS_FROM = ("scalar", "strict", "intercepts", "residuals")
"""Levels at which latent means can be compared, the first of those fitted being used."""

Criteria = Literal["chen_2007", "chen_2007_small", "cheung_rensvold_2002"]
Verdict = Literal["held", "doubtful", "not_held", "not_judged", "baseline"]


@dataclass(frozen=True, kw_only=True)
class ChangeCriteria:
    """Changes up to which a step is taken to hold; infinite ones are not looked at."""

    cfi: float
    rmsea: float
    srmr_loadings: float
    srmr_others: float


CRITERIA: Mapping[str, ChangeCriteria] = {
    "chen_2007": ChangeCriteria(cfi=0.010, rmsea=0.015, srmr_loadings=0.030, srmr_others=0.010),
    "chen_2007_small": ChangeCriteria(cfi=0.005, rmsea=0.010, srmr_loadings=0.025, srmr_others=0.005),
    "cheung_rensvold_2002": ChangeCriteria(cfi=0.010, rmsea=math.inf, srmr_loadings=math.inf, srmr_others=math.inf),
}
"""Chen (2007, https://doi.org/10.1080/10705510701301834; ``_small`` for at most 300 respondents in unequal groups) and
Cheung and Rensvold (2002, https://doi.org/10.1207/S15328007SEM0902_5)."""


def judged(row: Mapping[str, Any], criteria: ChangeCriteria, level: str) -> Verdict:
    """Return the word for a step: held when all changes are within the criteria, not_held when CFI falls by more.

    ``doubtful`` when CFI is within but RMSEA or SRMR rises by more.
    """
    cfi, rmsea, srmr = (float(row[f"delta_{name}"]) for name in ("cfi", "rmsea", "srmr"))
    if math.isnan(cfi):
        return "not_judged"
    slack = 1e-12
    if cfi < -criteria.cfi - slack:
        return "not_held"
    most = criteria.srmr_loadings if level in ("metric", "loadings", "thresholds") else criteria.srmr_others
    return "doubtful" if rmsea > criteria.rmsea + slack or srmr > most + slack else "held"


def fit_continuous(
    model: str, data: pd.DataFrame, group: str, level: str, *, estimator: Estimator | None, missing: Missing,
    partial: Sequence[str], std_lv: bool, clusters: str | None = None,
) -> SemFit:  # fmt: skip
    """Fit one level of continuous items."""
    equal = CONTINUOUS[level]
    return cfa(
        model, data, estimator=estimator, missing=missing, group=group, equal=equal, partial=partial if equal else (),
        std_lv=std_lv, clusters=clusters,
    )  # fmt: skip


def fit_ordinal(
    model: str, data: pd.DataFrame, group: str, level: str, *, thresholds: Mapping[str, int], n_groups: int,
    estimator: Estimator | None, missing: Missing, partial: Sequence[str],
) -> SemFit:  # fmt: skip
    """Fit one level of ordered items, identified after Wu and Estabrook (2016)."""
    text = ordinal_level(model, thresholds, n_groups, level, partial=partial)  # type: ignore[arg-type]
    return cfa(
        text, data, estimator=estimator, missing=missing, ordered=True, group=group,
        parameterization="theta" if level == "residuals" else "delta",
    )  # fmt: skip


def levels_of(levels: Sequence[str] | None, *, ordered: bool, binary: bool) -> tuple[str, ...]:
    """Return the levels to fit, in order.

    Raises
    ------
    ValueError
        For an unknown level, one that comes before another it contains, or a ladder that does not begin below.
    """
    known = ORDINAL_LEVELS if ordered else tuple(CONTINUOUS)
    if levels is None:
        if not ordered:
            return USUAL
        return tuple(level for level in known if not binary or level not in ("thresholds", "loadings"))
    chosen = (levels,) if isinstance(levels, str) else tuple(levels)
    for level in chosen:
        if level not in known:
            listed = ", ".join(map(repr, known))
            kind = "ordered" if ordered else "continuous"
            raise ValueError(f"The 'levels' parameter for {kind} items may name {listed}. Got {level!r} instead.")
    if not chosen or list(chosen) != sorted(set(chosen), key=known.index):
        raise ValueError(f"The 'levels' parameter must list levels in the order {', '.join(known)}, each once.")
    return chosen


def threshold_counts(model: str, data: pd.DataFrame, group: str, missing: Missing) -> dict[str, int]:
    """Return how many thresholds each item has among the rows that are used."""
    names = list(variables_of(parse(model).terms).observed)
    known = [str(column) for column in data.columns]
    if absent := [name for name in names if name not in known]:
        raise ValueError(unknown("variable in the model", absent[0], known))
    rows = data.loc[data[group].notna(), names]
    if missing == "listwise":
        rows = rows.dropna()
    values = rows.to_numpy(dtype=float)
    return {name: len(np.unique(values[~np.isnan(values[:, at]), at])) - 1 for at, name in enumerate(names)}


def category_notes(thresholds: Mapping[str, int]) -> list[Note]:
    """Say which items have too few categories for their thresholds to be tested by themselves."""
    notes = []
    if two := [name for name, count in thresholds.items() if count == 1]:
        text = (
            "Items with two categories ({items}) have one threshold: thresholds and loadings cannot be tested before "
            "intercepts, so these are made equal in one step."
        )
        notes.append(Note("invariance_two_categories", text, {"items": ", ".join(two)}))
    if three := [name for name, count in thresholds.items() if count == 2]:
        text = (
            "Of items with three categories ({items}) equal thresholds only set the scale: the level of thresholds "
            "does "
            "not test them, and their equality is taken on trust in the later levels."
        )
        notes.append(Note("invariance_three_categories", text, {"items": ", ".join(three)}))
    return notes


def check_partial(partial: Sequence[str], fit: SemFit, ordered: bool) -> None:
    """Refuse names that are no parameters of the model."""
    known = {"".join(f"{row.lhs}{row.op}{row.rhs}".split()) for row in fit.estimates.itertuples()}
    for name in partial:
        if "".join(name.split()) not in known:
            kinds = "loadings ('f =~ x2'), thresholds ('x3 | t1'), intercepts ('x3 ~1')" if ordered else (
                "loadings ('f =~ x2'), intercepts ('x3 ~1'), residuals ('x3 ~~ x3')")  # fmt: skip
            raise ValueError(f"The 'partial' parameter names {name!r}, which the model does not have; name {kinds}.")


def too_few(counts: Mapping[str, int], least: int) -> list[Note]:
    """Say which groups are small."""
    small = [f"{label} ({n})" for label, n in counts.items() if n < least]
    text = "Groups of fewer than {least} respondents: {groups}. Differences of their measurement would hardly be seen."
    return [Note("invariance_small_groups", text, {"least": least, "groups": ", ".join(small)})] if small else []


def needs_two_groups(labels: Sequence[str], group: str) -> None:
    """Refuse fewer than two groups."""
    if not labels:
        text = "Invariance compares groups, and nobody has a value of {group}."
        raise InsufficientDataError(Note("invariance_no_group", text, {"group": group}))
    if len(labels) < 2:
        text = "Invariance compares groups, and {group} has only one: {labels}."
        raise InsufficientDataError(Note("invariance_one_group", text, {"group": group, "labels": ", ".join(labels)}))
