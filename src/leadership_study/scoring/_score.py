"""Keying and scale scores."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.instruments import Instrument
from leadership_study.results import Note
from leadership_study.scoring._context import check_nesting, join_context
from leadership_study.scoring._scales import Method, Proration, ScoringRule, check_rule, members_of, scale_scores
from leadership_study.scoring._scored import ScoredResponses
from leadership_study.validation import ValidatedResponses


def score(
    validated: ValidatedResponses,
    *,
    method: Method = "mean",
    min_answered: float = 0.5,
    proration: Proration = "person_mean",
    item_weights: Mapping[str, float] | None = None,
    context: Mapping[str, pd.DataFrame] | None = None,
    nested_in: Sequence[str] | None = None,
) -> ScoredResponses:
    """Turn reverse-keyed items and make one scale score a dimension, and one a composite.

    A reverse-keyed answer x becomes low + high − x of its response scale. With a answered of the k items of a
    dimension, and M the mean of the answered ones, the score is M (``mean``) or k·M (``sum``: the plain sum when all
    are answered, prorated otherwise). It is missing when a/k < ``min_answered`` or nothing was answered; 1.0 asks for
    complete answers. ``.answered`` counts a for every score.

    Parameters
    ----------
    validated
        Checked answers.
    method
        Mean or sum of the items.
    min_answered
        Least share of a dimension's items that must be answered, from 0 to 1.
    proration
        What a partly answered scale gets: ``person_mean``, the mean of what was answered, as above; ``two_way``, every
        unanswered item counts as person mean + item mean − mean of all answers to the scale, within its response scale.
        The second is better where items differ much in their means.
    item_weights
        Weights above 0 of items that do not weigh 1: the mean is Σwx / Σw over the answered items, the sum that times
        the weights of all items.
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
        column whose name is taken, groups that are not nested as said (one school in two districts), or an unknown item
        in ``item_weights``.
    ValueError
        ``method``, ``min_answered``, ``proration`` or a weight outside of what they may be.

    Notes
    -----
    R twin: ``rowMeans(items, na.rm = TRUE)`` and ``rowSums(items)``, with ``low + high - x`` for reverse-keyed items.

    References
    ----------
    Sijtsma, K., & van der Ark, L. A. (2003). Investigation and treatment of missing item scores in test and
    questionnaire data. Multivariate Behavioral Research, 38, 505–528. https://doi.org/10.1207/s15327906mbr3804_4
    """
    instrument, frame = validated.instrument, validated.frame
    rule = ScoringRule(
        method=method, min_answered=min_answered, proration=proration, item_weights=dict(item_weights or {})
    )
    check_rule(rule, instrument)
    groups, nesting = _groups(instrument, frame, nested_in)
    items = keyed(frame[instrument.item_ids()], instrument)
    dimensions, composites = members_of(instrument)
    scales, answered = scale_scores(items, dimensions, rule, instrument)
    totals, counts = scale_scores(items, composites, rule, instrument)
    notes = [*check_nesting(groups, nesting), *_notes(instrument, scales, min_answered)]
    return ScoredResponses(
        instrument=instrument,
        items=items,
        scales=scales,
        background=frame[instrument.background_ids],
        groups=groups,
        forms=form_scores(frame[list(instrument.form_scales)], instrument, rule),
        block=validated.block,
        weights=frame.get("weight", None),
        context=None if context is None else join_context(context, groups, instrument),
        nested_in=nesting,
        definition=_definition(instrument, rule, len(frame)),
        notes=tuple(notes),
        composites=totals if composites else None,
        answered=answered.join(counts) if composites else answered,
        rule=rule,
        validated=validated,
    )


def form_scores(ratings: pd.DataFrame, instrument: Instrument, rule: ScoringRule) -> pd.DataFrame:
    """Add the dimension scores of forms that ask every item (``importance_structural``), by the rule of the items.

    A form is no item turned round: its ratings are never reverse-keyed.
    """
    parts = [ratings]
    for form in instrument.forms:
        if form.of == "items":
            own = {f"{form.id}_{entry.id}": [f"{form.id}_{item.id}" for item in entry.items]
                   for entry in instrument.dimensions}  # fmt: skip
            weights = {f"{form.id}_{item}": weight for item, weight in rule.item_weights.items()}
            parts.append(scale_scores(ratings, own, replace(rule, item_weights=weights), instrument)[0])
    return ratings if len(parts) == 1 else pd.concat(parts, axis=1)


def keyed(items: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Turn the reverse-keyed items of ``items``: low + high − x. Doing it twice gives back the same numbers."""
    turned = items.copy(deep=False)  # only the columns that are turned are new
    for item in instrument.items:
        if item.reverse_keyed and item.id in turned:
            scale = instrument.scale_of(item.id)
            turned[item.id] = scale.low + scale.high - turned[item.id]
    return turned


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


def _definition(instrument: Instrument, rule: ScoringRule, n: int) -> dict[str, object]:
    if rule.method == "mean":
        formula = "mean_of_answered_items"
    else:
        formula = "sum_of_items" if rule.min_answered == 1 else "prorated_sum_of_items"
    if rule.item_weights:
        formula = f"weighted_{formula}"
    turned = sum(item.reverse_keyed for item in instrument.items)
    return {
        "formula": formula,
        "method": rule.method,
        "min_answered": float(rule.min_answered),
        "proration": rule.proration,
        "reverse_keyed_items": turned,
        "n": n,
    }
