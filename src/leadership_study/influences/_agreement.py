"""Indices of agreement inside groups, and the answers they rest on."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._groups import Clusters, cluster_codes, coded, is_label, natural, one_a_row, place_of
from leadership_study.results import Note
from leadership_study.samples.moments import numbers

_SKEWED_NULLS = {"slight_skew": 1.34, "moderate_skew": 0.90}
_SKEWED_CATEGORIES = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """Complete answers: ``items`` n × J, ``codes`` and ``unit_codes`` of each rater, ``labels`` of the groups."""

    items: NDArray[np.float64]
    names: list[str]
    codes: NDArray[np.int64]
    unit_codes: NDArray[np.int64] | None
    labels: list[str]
    notes: tuple[Note, ...]


def prepare(data: pd.DataFrame, group: Clusters, nested_in: Sequence[Hashable], scale: tuple[float, float]) -> Answers:
    """Take the raters who have every item, a group and a unit; groups are in natural order."""
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"The data of rater_agreement must be a DataFrame. Got {type(data).__name__} instead.")
    named = [*nested_in, *([group] if is_label(data, group) else [])]
    aside = [place_of(data, name, "column of groups") for name in named]  # type: ignore[arg-type]
    items, names = numbers(data.iloc[:, [at for at in range(data.shape[1]) if at not in aside]])
    off = (items < scale[0]) | (items > scale[1])
    if off.any():
        row, at = np.argwhere(off)[0]
        raise ValueError(
            f"The column {names[at]!r} holds {items[row, at]:g} in row {data.index[row]!r}, which is not on the scale "
            f"from {scale[0]:g} to {scale[1]:g}; correct it or the scale."
        )
    codes, labels = coded(one_a_row(data, group, "groups", "rater_agreement"), "groups", "rater_agreement")
    grouped, units = codes >= 0, None
    if nested_in:
        units = cluster_codes(data, nested_in[0], "rater_agreement", "groups")
        grouped = grouped & (units >= 0)
    answered = np.asarray(~np.isnan(items).any(axis=1))
    keep = np.logical_and(answered, grouped)
    notes = _left_out(answered, grouped)
    used = sorted(np.unique(codes[keep]), key=lambda code: natural(labels[code]))
    place = np.zeros(len(labels), dtype=np.int64)
    place[used] = np.arange(len(used))
    codes = place[codes[keep]]
    if units is not None:
        # A unit belongs to its group: the same school number under two heads is two schools.
        units = np.unique(codes * (int(units.max()) + 1) + units[keep], return_inverse=True)[1]
    labels = [labels[code] for code in used]
    return Answers(items=items[keep], names=names, codes=codes, unit_codes=units, labels=labels, notes=notes)


def _left_out(answered: NDArray[np.bool_], grouped: NDArray[np.bool_]) -> tuple[Note, ...]:
    """Say who is left out, those with missing answers apart from those whom only the group fails."""
    received = len(answered)
    if not (answered & grouped).any():
        text = (
            "No rater has both an answer to every item and a group: of {received}, {answered} answered every item and "
            "{grouped} have a group."
        )
        values = {"received": received, "answered": int(answered.sum()), "grouped": int(grouped.sum())}
        raise InsufficientDataError(Note("no_complete_rater", text, values))
    notes = []
    if not answered.all():
        text = "{left_out} of {received} raters were left out because an answer was missing."
        values = {"left_out": int((~answered).sum()), "received": received}
        notes.append(Note("raters_without_answers", text, values))
    if (without := int((answered & ~grouped).sum())) > 0:
        text = "{left_out} of {received} raters answered every item and were left out because their group was missing."
        notes.append(Note("raters_without_group", text, {"left_out": without, "received": received}))
    return tuple(notes)


def ends_of(scale: tuple[float, float]) -> tuple[float, float]:
    """Low and high end of the response scale, or ValueError."""
    wrong = ValueError(
        "The 'scale' parameter of rater_agreement must be (low, high), two finite numbers, the low one first. "
        f"Got {scale!r} instead."
    )
    if isinstance(scale, str) or not isinstance(scale, Sequence | np.ndarray) or len(scale) != 2:
        raise wrong
    if not all(_is_finite(end) for end in scale) or not scale[0] < scale[1]:
        raise wrong
    return float(scale[0]), float(scale[1])


def _is_finite(value: object) -> bool:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return math.isfinite(value)


def null_variance(low: float, high: float, categories: int | None, null: str | float) -> tuple[int, float]:
    """Number of categories and the variance that answers without agreement would have."""
    if categories is None:
        if not float(high - low).is_integer():
            raise ValueError(f"The scale from {low:g} to {high:g} is not of whole steps; give 'categories'.")
        categories = int(high - low) + 1
    if categories < 2:
        raise ValueError(f"The 'categories' parameter of rater_agreement must be at least 2. Got {categories} instead.")
    spacing = (high - low) / (categories - 1)
    if null == "uniform":
        return categories, spacing**2 * (categories**2 - 1) / 12
    if isinstance(null, str):
        if null not in _SKEWED_NULLS:
            choices = ", ".join(repr(choice) for choice in ("uniform", *_SKEWED_NULLS))
            raise ValueError(
                f"The 'null' parameter of rater_agreement must be one of {choices} or a variance. Got {null!r} instead."
            )
        if categories != _SKEWED_CATEGORIES:
            raise ValueError(
                f"The null distribution {null!r} is known for five categories, and the scale has {categories}; give "
                "its variance as a number."
            )
        return categories, spacing**2 * _SKEWED_NULLS[null]
    if not _is_finite(null) or not null > 0:
        raise ValueError(
            "The 'null' parameter of rater_agreement must be 'uniform', 'slight_skew', 'moderate_skew' or a finite "
            f"variance above 0. Got {null!r} instead."
        )
    return categories, float(null)


def null_variances(low: float, high: float, categories: int, chosen: str | float) -> dict[str, float]:
    """Variances of all null distributions that are known for the scale, and of the ``chosen`` one."""
    known = ["uniform", *(_SKEWED_NULLS if categories == _SKEWED_CATEGORIES else ())]
    found = {name: null_variance(low, high, categories, name)[1] for name in known}
    return found if isinstance(chosen, str) else {**found, "chosen": float(chosen)}


def within_groups(
    answers: Answers, low: float, high: float, variance: float, deviation: Literal["mean", "median"], truncate: bool
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    """Indices of each group, r_wg of each group and item, and the notes on how many of both were set to 0."""
    sizes = np.bincount(answers.codes).astype(float)
    single = sizes < 2
    j = answers.items.shape[1]
    means = _group_means(answers.items, answers.codes, sizes)
    squares = _group_means((answers.items - means[answers.codes]) ** 2, answers.codes, sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = squares * (sizes / (sizes - 1))[:, None]  # NaN for one rater
        variances[single] = np.nan
        rwg = 1 - variances / variance
        ratio = variances.mean(axis=1) / variance
        rwg_j = j * (1 - ratio) / (j * (1 - ratio) + ratio)
        # The widest variance that a group with this mean can have on this scale.
        widest = ((high + low) * means - means**2 - high * low) * (sizes / (sizes - 1))[:, None]
        awg = 1 - 2 * variances / widest
    # Nearer to an end than one rater can move it, no group could reach the widest variance: a_wg does not apply.
    nearest = low + (high - low) / sizes[:, None]
    beyond = (means < nearest - 1e-9) | (means > low + high - nearest + 1e-9)
    awg[beyond] = np.nan
    # Agreement at an end is perfect; agreement elsewhere beyond the range stays without an index, as in multilevel.
    at_end = np.minimum(means - low, high - means) <= 1e-9 * (high - low)
    awg[at_end & ~single[:, None]] = 1.0
    usable = ~np.isnan(awg)
    awg_of_group = np.full(len(sizes), np.nan)
    np.divide(np.where(usable, awg, 0.0).sum(axis=1), usable.sum(axis=1), out=awg_of_group, where=usable.any(axis=1))
    notes: tuple[Note, ...] = ()
    if truncate:
        outside, items_outside = (rwg_j < 0) | (rwg_j > 1), rwg < 0  # r_wg of one item never is above 1
        rwg_j[outside], rwg[items_outside] = 0.0, 0.0
        notes = _set_to_zero(int(outside.sum()), int(items_outside.sum()), int(items_outside.any(axis=1).sum()))
    centre = means if deviation == "mean" else _group_medians(answers.items, answers.codes, len(sizes))
    deviations = _group_means(np.abs(answers.items - centre[answers.codes]), answers.codes, sizes).mean(axis=1)
    index = pd.Index(answers.labels, name="group")
    table = pd.DataFrame(
        {
            "n": sizes.astype(np.int64),
            "mean": means.mean(axis=1),
            "rwg_j": rwg_j,
            "rwg_j_lindell": 1 - ratio,
            "awg": awg_of_group,
            "awg_items": usable.sum(axis=1).astype(np.int64),
            "average_deviation": np.where(single, np.nan, deviations),
        },
        index=index,
    )
    return table, pd.DataFrame(rwg, index=index, columns=answers.names), notes


def _set_to_zero(groups: int, values: int, groups_of_values: int) -> tuple[Note, ...]:
    notes = []
    if groups:
        text = "Groups whose r_wg for the whole dimension fell below 0 or above 1 and is shown as 0: {groups}."
        notes.append(Note("rwg_outside", text, {"groups": groups}))
    if values:
        text = "Values of r_wg for single items that fell below 0 and are shown as 0: {count}, in {groups} groups."
        notes.append(Note("rwg_items_outside", text, {"count": values, "groups": groups_of_values}))
    return tuple(notes)


def summarise(groups: pd.DataFrame, agreed: float, largest_deviation: float) -> pd.DataFrame:
    """Mean, median, sd, extremes and share of groups that agree, over the groups of two or more raters."""
    rows = {}
    for name in ("rwg_j", "rwg_j_lindell", "awg", "average_deviation"):
        values = groups[name].dropna()
        agree = values <= largest_deviation if name == "average_deviation" else values >= agreed
        rows[name] = {
            "mean": float(values.mean()),
            "median": float(values.median()),
            "sd": float(values.std()),
            "minimum": float(values.min()),
            "maximum": float(values.max()),
            "share": float(agree.mean()),
            "n_groups": len(values),
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype({"n_groups": "int64"}).rename_axis("index")


def _group_means(
    values: NDArray[np.float64], codes: NDArray[np.int64], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    groups = len(sizes)
    return np.column_stack([np.bincount(codes, column, groups) / sizes for column in values.T])


def _group_medians(values: NDArray[np.float64], codes: NDArray[np.int64], groups: int) -> NDArray[np.float64]:
    order = np.argsort(codes, kind="stable")
    parts = np.split(values[order], np.flatnonzero(np.diff(codes[order])) + 1)
    return np.array([np.median(part, axis=0) for part in parts]).reshape(groups, -1)


def check(icc: str, deviation: str, nested_in: Sequence[Hashable], confidence_level: float) -> None:
    """Refuse options that `rater_agreement` does not have."""
    for name, value, choices in (
        ("icc", icc, ("anova", "mixed_model")),
        ("deviation", deviation, ("mean", "median")),
    ):
        if value not in choices:
            listed = ", ".join(repr(choice) for choice in choices)
            raise ValueError(
                f"The {name!r} parameter of rater_agreement must be one of {listed}. Got {value!r} instead."
            )
    if isinstance(nested_in, str) or len(nested_in) > 1:
        raise ValueError(
            "The 'nested_in' parameter of rater_agreement must be a tuple of at most one column, the level between "
            f"raters and groups. Got {nested_in!r} instead."
        )
    if not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of rater_agreement must be between 0 and 1. "
            f"Got {confidence_level!r} instead."
        )
