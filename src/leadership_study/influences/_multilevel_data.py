"""Predictors of every level for a multilevel analysis: split at the means of groups, multiplied, in steps."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences._columns import is_number
from leadership_study.influences._design import INTERCEPT, from_columns
from leadership_study.influences._groups import coded
from leadership_study.influences._mixed_design import renumbered, rows_left_out
from leadership_study.influences._multilevel_steps import INTERACTIONS, NULL, SLOPES, Prepared, Stage, column_level
from leadership_study.influences._scored import with_levels
from leadership_study.results import Note
from leadership_study.scoring import ScoredResponses

WITHIN = "within"


def levels_of(scored: ScoredResponses, groups: Sequence[str]) -> tuple[str, ...]:
    """Grouping factors, inner to outer: those named, or those that the answers are nested in."""
    chosen = tuple(groups) or scored.nested_in
    known = [str(column) for column in scored.groups.columns]
    for name in chosen:
        if name not in known:
            raise PlanError(unknown("group", name, known))
    if not chosen:
        raise InsufficientDataError(
            Note("no_groups_for_levels", "The answers are not nested in groups, so there are no levels to model.")
        )
    return chosen


def split_at_means(values: NDArray[np.float64], codes: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float64], ...]:
    """Deviations from the innermost group's mean, then of each level's means from the next level's.

    The means of the outermost groups are those about the mean of all rows; the parts add up to x less that mean.
    """
    means = [values, *(_means(values, one) for one in codes), np.full(len(values), values.mean())]
    return tuple(below - above for below, above in pairwise(means))


def _means(values: NDArray[np.float64], codes: NDArray[np.int64]) -> NDArray[np.float64]:
    sums, counts = np.bincount(codes, values), np.bincount(codes)
    return np.asarray((sums / np.maximum(counts, 1))[codes])


def prepare(
    scored: ScoredResponses,
    outcome: str,
    blocks: Sequence[Sequence[str]],
    centred: Sequence[str],
    slopes: Sequence[str],
    interactions: Sequence[Sequence[str]],
    levels: tuple[str, ...],
) -> Prepared:
    """Complete rows with all columns, in the order of the steps."""
    expanded = [scored.expand(block) for block in blocks]
    named = [name for block in expanded for name in block]
    _check(scored, outcome, named, centred, slopes, interactions, levels)
    frame = scored.frame([outcome, *named])
    kept, codes, labels, notes = _complete(scored, frame, levels)
    data = pd.DataFrame({outcome: frame[outcome][kept]})
    columns: dict[str, list[str]] = {}
    split = []
    for name in named:
        column = with_levels(scored, name, frame[name])[kept]
        if name not in centred:
            data[name], columns[name] = column, [name]
            continue
        parts = split_at_means(_number(column, name, "centred").to_numpy(dtype=float), codes)
        called = [f"{name} – {WITHIN}", *(f"{name} – {level}" for level in levels)]
        # A level whose units differ no more than rounding has no part: a fact about schools has none within them.
        size = max(1.0, float(np.abs(column.to_numpy(dtype=float)).max()))
        there = [(one, part) for one, part in zip(called, parts, strict=True) if np.abs(part).max() > 1e-10 * size]
        for one, part in there:
            data[one] = part
        columns[name] = [one for one, _ in there]
        split.append((name, tuple(columns[name])))
    products = []
    for pair in interactions:
        called_one = " × ".join(columns[name][0] for name in pair)
        numbers = [_number(data[columns[name][0]], name, "interactions").to_numpy(dtype=float) for name in pair]
        data[called_one] = np.prod([one - one.mean() for one in numbers], axis=0)
        products.append(called_one)
    everything = [one for name in named for one in columns[name]] + products
    design = from_columns(outcome, everything, data, None, "multilevel")
    place = {part: design.columns_of([part]) for part in design.parts}
    stages = [Stage(name=NULL, added=(), columns=(0,), slopes=False)]
    for number, block in enumerate(expanded, start=1):
        more = [j for name in block for one in columns[name] for j in place[one]]
        at = (*stages[-1].columns, *more)
        stages.append(Stage(name=str(number), added=tuple(block), columns=at, slopes=False))
    varying = []
    for name in slopes:
        (column_at,) = place[columns[name][0]] if len(place[columns[name][0]]) == 1 else (None,)
        if column_at is None:
            raise PlanError(f"The slope of {name!r} cannot vary: it has several categories; leave it out of 'slopes'.")
        level = column_level(design.matrix[:, column_at], codes)
        if level >= len(levels):
            raise PlanError(
                f"The slope of {name!r} cannot vary between groups: it is constant in each {levels[-1]}; leave it out "
                "of 'slopes'."
            )
        varying.append((column_at, level))
    if varying:
        stages.append(Stage(name=SLOPES, added=tuple(slopes), columns=stages[-1].columns, slopes=True))
    if products:
        at = (*stages[-1].columns, *(j for one in products for j in place[one]))
        stages.append(Stage(name=INTERACTIONS, added=tuple(products), columns=at, slopes=bool(varying)))
    return Prepared(
        design=design, stages=tuple(stages), levels=levels, codes=codes, labels=labels, slopes=tuple(varying),
        split=tuple(split), notes=(*notes, *design.notes),
    )  # fmt: skip


def _check(
    scored: ScoredResponses,
    outcome: str,
    named: Sequence[str],
    centred: Sequence[str],
    slopes: Sequence[str],
    interactions: Sequence[Sequence[str]],
    levels: Sequence[str],
) -> None:
    if outcome in named:
        raise PlanError(
            f"The outcome {outcome!r} is also a predictor; name the other predictors one by one in 'blocks'."
        )
    if repeated := [name for name in named if named.count(name) > 1]:
        raise PlanError(f"The variable {repeated[0]!r} stands in 'blocks' more than once; name it once.")
    if inside := [name for name in [outcome, *named] if name in levels]:
        raise PlanError(f"{inside[0]!r} is a level of the model and cannot be a variable of it too; leave it out.")
    pairs = [name for pair in interactions for name in pair]
    for option, names in (("centred", centred), ("slopes", slopes), ("interactions", pairs)):
        if stray := [name for name in names if name not in named]:
            raise PlanError(f"{stray[0]!r} stands in {option!r} but in none of the 'blocks'; add it there.")
    if wrong := [pair for pair in interactions if len(set(pair)) != 2 or len(pair) != 2]:
        raise PlanError(f"Each of the 'interactions' must name two predictors. Got {', '.join(wrong[0])} instead.")
    if INTERCEPT in named:
        raise PlanError(f"A predictor is called {INTERCEPT!r} as the constant's row is; rename it.")


def _complete(
    scored: ScoredResponses, frame: pd.DataFrame, levels: Sequence[str]
) -> tuple[NDArray[np.bool_], tuple[NDArray[np.int64], ...], tuple[tuple[str, ...], ...], list[Note]]:
    """Rows with all variables and groups, the groups' codes in natural order, and notes on what was left out."""
    answered = frame.notna().all(axis=1).to_numpy()
    grouped = scored.groups[list(levels)].notna().all(axis=1).to_numpy()
    kept = answered & grouped
    if not answered.any():
        fewest = str(frame.notna().sum().idxmin())
        raise InsufficientDataError(
            Note("no_complete_row", "No row has all variables; {term} has the fewest answers.", {"term": fewest})
        )
    notes = rows_left_out(int(answered.sum()), int(kept.sum()), len(frame))
    found = [renumbered(*coded(scored.groups[name][kept], "groups", "multilevel")) for name in levels]
    return kept, tuple(codes for codes, _ in found), tuple(labels for _, labels in found), notes


def _number(column: pd.Series, name: str, option: str) -> pd.Series:
    if not is_number(column):
        raise PlanError(f"{name!r} has categories and cannot stand in {option!r}, which takes numbers; leave it out.")
    return column
