"""Keying and scale scores."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.instruments import Dimension, Instrument
from leadership_study.results import Note
from leadership_study.scoring._context import check_nesting, join_context
from leadership_study.scoring._scored import ScoredResponses
from leadership_study.validation import ValidatedResponses

_EPSILON = 1e-9  # a share of 2/3 that was typed as 0.6666666667 still means two of three


def score(
    validated: ValidatedResponses,
    *,
    method: Literal["mean", "sum"] = "mean",
    min_answered: float = 0.5,
    context: Mapping[str, pd.DataFrame] | None = None,
    nested_in: Sequence[str] | None = None,
) -> ScoredResponses:
    """Turn reverse-keyed items and make one scale score a dimension.

    A reverse-keyed answer x becomes low + high − x of its response scale. With a answered of the k items of a
    dimension, and M the mean of the answered ones, the score is M (``mean``) or k·M (``sum``: the plain sum when all
    are answered, prorated otherwise). It is missing when a/k < ``min_answered`` or nothing was answered; 1.0 asks for
    complete answers.

    Parameters
    ----------
    validated
        Checked answers.
    method
        Mean or sum of the items.
    min_answered
        Least share of a dimension's items that must be answered, from 0 to 1.
    context
        Facts about groups: for a background question of kind ``group``, a frame indexed by its values. The columns
        become variables of the respondents.
    nested_in
        Groups that the analyses allow for, inner to outer. When None, the only group question if there is exactly one,
        else none: an order among several must be said.

    Returns
    -------
    ScoredResponses

    Raises
    ------
    PlanError
        An unknown group in ``nested_in`` or ``context``, a group's value that the context does not have, a context
        column whose name is taken, or groups that are not nested as said (one school in two districts).
    ValueError
        ``method`` or ``min_answered`` outside of what they may be.

    Notes
    -----
    R twin: ``rowMeans(items, na.rm = TRUE)`` and ``rowSums(items)``, with ``low + high - x`` for reverse-keyed items.
    """
    _check_options(method, min_answered)
    instrument, frame = validated.instrument, validated.frame
    groups, nesting = _groups(instrument, frame, nested_in)
    items = keyed(frame[instrument.item_ids()], instrument)
    scales = pd.DataFrame(
        {entry.id: _scale_score(items, entry, method, min_answered) for entry in instrument.dimensions},
        index=frame.index,
    )
    notes = [*check_nesting(groups, nesting), *_notes(instrument, scales, min_answered)]
    return ScoredResponses(
        instrument=instrument,
        items=items,
        scales=scales,
        background=frame[instrument.background_ids],
        groups=groups,
        forms=frame[list(instrument.form_scales)],
        block=validated.block,
        weights=frame.get("weight", None),
        context=None if context is None else join_context(context, groups, instrument),
        nested_in=nesting,
        definition=_definition(instrument, method, min_answered, len(frame)),
        notes=tuple(notes),
    )


def keyed(items: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Turn the reverse-keyed items of ``items``: low + high − x. Doing it twice gives back the same numbers."""
    turned = items.copy()
    for item in instrument.items:
        if item.reverse_keyed and item.id in turned:
            scale = instrument.scale_of(item.id)
            turned[item.id] = scale.low + scale.high - turned[item.id]
    return turned


def _scale_score(items: pd.DataFrame, dimension: Dimension, method: str, min_answered: float) -> np.ndarray:
    answers = items[[item.id for item in dimension.items]].to_numpy(dtype=float)
    size = answers.shape[1]
    answered = np.isfinite(answers).sum(axis=1)
    total = np.nansum(answers, axis=1)
    enough = (answered > 0) & (answered >= min_answered * size - _EPSILON)
    mean: np.ndarray = np.divide(total, answered, out=np.full(len(answers), np.nan), where=enough)
    if method == "mean":
        return mean
    # A complete sum stays exact; only gaps are filled with the mean of what was answered.
    sums: np.ndarray = np.where((answered == size) & enough, total, mean * size)
    return sums


def _groups(
    instrument: Instrument, frame: pd.DataFrame, nested_in: Sequence[str] | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    known = instrument.group_ids
    only = known if len(known) == 1 else []
    nesting = tuple(only if nested_in is None else nested_in)
    for name in nesting:
        if name not in known:
            raise PlanError(unknown("background question of kind 'group' in nested_in", name, known))
    if len(set(nesting)) < len(nesting):
        raise PlanError(f"nested_in names a group twice: {', '.join(nesting)}; name each once, inner to outer.")
    return frame[[*nesting, *(name for name in known if name not in nesting)]], nesting


def _check_options(method: str, min_answered: float) -> None:
    if method not in ("mean", "sum"):
        raise ValueError(f"The 'method' parameter of score must be one of 'mean', 'sum'. Got {method!r} instead.")
    number = isinstance(min_answered, int | float) and not isinstance(min_answered, bool)
    if not number or not (math.isfinite(min_answered) and 0 <= min_answered <= 1):
        raise ValueError(
            f"The 'min_answered' parameter of score must be a share from 0 to 1. Got {min_answered!r} instead."
        )


def _notes(instrument: Instrument, scales: pd.DataFrame, min_answered: float) -> list[Note]:
    notes = []
    for dimension in instrument.dimensions:
        used = {item.response_scale for item in dimension.items}
        ends = {(instrument.response_scales[name].low, instrument.response_scales[name].high) for name in used}
        if len(ends) > 1:
            text = "The items of {dimension} are answered on scales with different end points and were not rescaled."
            notes.append(Note("mixed_response_scales", text, {"dimension": dimension.id}))
        if missing := int(scales[dimension.id].isna().sum()):
            text = (
                "Respondents without a score for {dimension}, because they answered too few of its items "
                "(the least share is {min_answered}): {count}."
            )
            values = {"count": missing, "dimension": dimension.id, "min_answered": float(min_answered)}
            notes.append(Note("scale_not_scored", text, values))
    return notes


def _definition(instrument: Instrument, method: str, min_answered: float, n: int) -> dict[str, object]:
    if method == "mean":
        formula = "mean_of_answered_items"
    else:
        formula = "sum_of_items" if min_answered == 1 else "prorated_sum_of_items"
    turned = sum(item.reverse_keyed for item in instrument.items)
    return {"formula": formula, "min_answered": float(min_answered), "reverse_keyed_items": turned, "n": n}
