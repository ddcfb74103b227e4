"""Scale scores from keyed items: mean or sum, item weights, and what to do with partly answered scales."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.instruments import Instrument

Method = Literal["mean", "sum"]
Proration = Literal["person_mean", "two_way"]

_EPSILON = 1e-9  # a share of 2/3 that was typed as 0.6666666667 still means two of three


@dataclass(frozen=True, kw_only=True)
class ScoringRule:
    """How keyed items become scale scores; the options of `score` of the same names."""

    method: Method = "mean"
    min_answered: float = 0.5
    proration: Proration = "person_mean"
    item_weights: Mapping[str, float] = field(default_factory=dict)

    def weights(self, items: Sequence[str]) -> NDArray[np.float64]:
        """Weights of ``items``: 1 where none was said."""
        return np.array([float(self.item_weights.get(item, 1.0)) for item in items])

    def limits(self, items: Sequence[str], instrument: Instrument) -> tuple[float, float]:
        """Lowest and highest score that ``items`` can give."""
        weights, scales = self.weights(items), [instrument.scale_of(item) for item in items]
        share = 1.0 if self.method == "sum" else float(weights.sum())
        low = float(sum(weight * scale.low for weight, scale in zip(weights, scales, strict=True)))
        high = float(sum(weight * scale.high for weight, scale in zip(weights, scales, strict=True)))
        return low / share, high / share


def check_rule(rule: ScoringRule, instrument: Instrument) -> None:
    """Refuse options of `score` that are none: ValueError, or `PlanError` for an unknown item in ``item_weights``."""
    _one_of("method", rule.method, ("mean", "sum"))
    _one_of("proration", rule.proration, ("person_mean", "two_way"))
    if not (_is_number(rule.min_answered) and 0 <= rule.min_answered <= 1):
        raise ValueError(
            f"The 'min_answered' parameter of score must be a share from 0 to 1. Got {rule.min_answered!r} instead."
        )
    for item, weight in rule.item_weights.items():
        if item not in instrument.item_ids():
            raise PlanError(unknown("item in item_weights", item, instrument.item_ids()))
        if not (_is_number(weight) and weight > 0):
            raise ValueError(
                f"The weight of {item!r} in item_weights must be a number above 0. Got {weight!r} instead."
            )


def members_of(instrument: Instrument) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The items of every dimension, and those of every composite: each item counts alike, whatever its dimension."""
    dimensions = {entry.id: [item.id for item in entry.items] for entry in instrument.dimensions}
    composites = {id: [item.id for item in instrument.composite_items(id)] for id in instrument.composite_ids}
    return dimensions, composites


def scale_scores(
    items: pd.DataFrame, members: Mapping[str, Sequence[str]], rule: ScoringRule, instrument: Instrument
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score the scales ``members``; return the scores and how many items of each were answered.

    With weights w and the answered items A of a scale of k items, the mean is M = Σ_A w·x / Σ_A w and the sum
    M·Σw. ``two_way`` first gives each unanswered item of a partly answered scale the value person mean + item mean −
    overall mean, kept within its response scale. A score is missing where nothing, or less than the share
    ``min_answered`` of the items, was answered.

    References
    ----------
    Sijtsma, K., & van der Ark, L. A. (2003). Investigation and treatment of missing item scores in test and
    questionnaire data. Multivariate Behavioral Research, 38, 505–528. https://doi.org/10.1207/s15327906mbr3804_4
    """
    scores, answered = {}, {}
    for name, own in members.items():
        scores[name], answered[name] = _score(items, list(own), rule, instrument)
    return pd.DataFrame(scores, index=items.index), pd.DataFrame(answered, index=items.index, dtype=np.int16)


def _score(
    items: pd.DataFrame, own: list[str], rule: ScoringRule, instrument: Instrument
) -> tuple[NDArray[np.float64], NDArray[np.int16]]:
    # Column by column: no second copy of all answers, whatever their number.
    n, weights = len(items), rule.weights(own)
    total, weight, answered = np.zeros(n), np.zeros(n), np.zeros(n, dtype=np.int16)
    for item, share in zip(own, weights, strict=True):
        column = items[item].to_numpy(dtype=float)
        seen = ~np.isnan(column)
        total += np.where(seen, column if share == 1 else share * column, 0.0)
        weight += share * seen
        answered += seen
    enough = (answered > 0) & (answered >= rule.min_answered * len(own) - _EPSILON)
    partly = enough & (answered < len(own))
    if rule.proration == "two_way" and partly.any():
        rows = items.loc[partly, own].to_numpy(dtype=float)
        total[partly] = _two_way(items, own, rows, instrument) @ weights
        weight[partly] = weights.sum()
        partly = np.zeros(n, dtype=bool)
    mean: NDArray[np.float64] = np.divide(total, weight, out=np.full(n, np.nan), where=enough)
    if rule.method == "mean":
        return mean, answered
    # A complete sum stays exact; only gaps are filled with the mean of what was answered.
    return np.where(enough & ~partly, total, mean * weights.sum()), answered


def _two_way(
    items: pd.DataFrame, own: list[str], rows: NDArray[np.float64], instrument: Instrument
) -> NDArray[np.float64]:
    counts = np.array([items[item].count() for item in own], dtype=float)
    sums = np.array([items[item].sum() for item in own])
    item_means = np.divide(sums, counts, out=np.zeros(len(own)), where=counts > 0)
    # An item that nobody answered says nothing about how it differs from the others.
    above = np.where(counts > 0, item_means - sums.sum() / counts.sum(), 0.0)
    scales = [instrument.scale_of(item) for item in own]
    filled = np.clip(np.nanmean(rows, axis=1)[:, None] + above, [s.low for s in scales], [s.high for s in scales])
    return np.where(np.isnan(rows), filled, rows)


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        choice = ", ".join(repr(entry) for entry in known)
        raise ValueError(f"The {name!r} parameter of score must be one of {choice}. Got {value!r} instead.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
