"""Indices of agreement inside groups, and the answers they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.influences._design import Clusters
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


def prepare(data: pd.DataFrame, group: Clusters, nested_in: Sequence[str], scale: tuple[float, float]) -> Answers:
    """Take the raters who have every item, a group and a unit; groups are sorted by number or name."""
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"The data of rater_agreement must be a DataFrame. Got {type(data).__name__} instead.")
    for name in [*nested_in, *([group] if isinstance(group, str) else [])]:
        if name not in data.columns:
            raise ValueError(unknown("column of groups", name, [str(column) for column in data.columns]))
    aside = [*nested_in, *([group] if isinstance(group, str) else [])]
    items, names = numbers(data.drop(columns=aside))
    off = (items < scale[0]) | (items > scale[1])
    if off.any():
        row, at = np.argwhere(off)[0]
        raise ValueError(
            f"The column {names[at]!r} holds {items[row, at]:g} in row {data.index[row]!r}, which is not on the scale "
            f"from {scale[0]:g} to {scale[1]:g}; correct it or the scale."
        )
    groups = _labels(data, group)
    keep = ~np.isnan(items).any(axis=1) & groups.notna().to_numpy()
    if nested_in:
        keep = keep & data[nested_in[0]].notna().to_numpy()
    notes: tuple[Note, ...] = ()
    if not keep.all():
        text = "{left_out} of {received} raters were left out because an answer or their group was missing."
        notes = (Note("raters_left_out", text, {"left_out": int((~keep).sum()), "received": len(data)}),)
    labels, codes = _sorted_codes(groups[keep])
    unit_codes = None
    if nested_in:
        # A unit belongs to its group: the same school number under two heads is two schools.
        within = pd.factorize(data[nested_in[0]].to_numpy()[keep])[0]
        unit_codes = np.unique(codes * (int(within.max(initial=0)) + 1) + within, return_inverse=True)[1]
    return Answers(items=items[keep], names=names, codes=codes, unit_codes=unit_codes, labels=labels, notes=notes)


def null_variance(low: float, high: float, categories: int | None, null: str | float) -> tuple[int, float]:
    """Number of categories and the variance that answers without agreement would have."""
    if high <= low:
        raise ValueError(
            f"The 'scale' parameter of rater_agreement must be (low, high). Got ({low:g}, {high:g}) instead."
        )
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
    if isinstance(null, bool) or not null > 0:
        raise ValueError(f"The 'null' parameter of rater_agreement must be a variance above 0. Got {null!r} instead.")
    return categories, float(null)


def within_groups(
    answers: Answers, low: float, high: float, variance: float, deviation: Literal["mean", "median"], truncate: bool
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Indices of each group, r_wg of each group and item, and how many r_wg(j) were set to 0."""
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
    awg[variances == 0] = 1.0
    usable = ~np.isnan(awg)
    awg_of_group = np.full(len(sizes), np.nan)
    np.divide(np.where(usable, awg, 0.0).sum(axis=1), usable.sum(axis=1), out=awg_of_group, where=usable.any(axis=1))
    outside = int(((rwg_j < 0) | (rwg_j > 1)).sum())
    if truncate:
        rwg_j[(rwg_j < 0) | (rwg_j > 1)] = 0.0
        rwg[(rwg < 0) | (rwg > 1)] = 0.0
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
    return table, pd.DataFrame(rwg, index=index, columns=answers.names), outside if truncate else 0


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


def _labels(data: pd.DataFrame, group: Clusters) -> pd.Series:
    if isinstance(group, str):
        return data[group]
    if isinstance(group, pd.Series):
        if not group.index.equals(data.index):
            raise ValueError("The groups of rater_agreement must have the index of the data; reindex them.")
        return group
    if len(values := np.asarray(group)) != len(data):
        raise ValueError(f"The groups of rater_agreement must be one a row: {len(data)} rows, {len(values)} groups.")
    return pd.Series(values, index=data.index)


def _sorted_codes(groups: pd.Series) -> tuple[list[str], NDArray[np.int64]]:
    text = groups.astype(str)
    labels = sorted(set(text), key=_natural)
    place = {label: at for at, label in enumerate(labels)}
    return labels, np.asarray(text.map(place), dtype=np.int64)


def _natural(label: str) -> tuple[int, float, str]:
    """Sort key: numbers by size before names by spelling."""
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label


def _group_means(
    values: NDArray[np.float64], codes: NDArray[np.int64], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    groups = len(sizes)
    return np.column_stack([np.bincount(codes, column, groups) / sizes for column in values.T])


def _group_medians(values: NDArray[np.float64], codes: NDArray[np.int64], groups: int) -> NDArray[np.float64]:
    order = np.argsort(codes, kind="stable")
    parts = np.split(values[order], np.flatnonzero(np.diff(codes[order])) + 1)
    return np.array([np.median(part, axis=0) for part in parts]).reshape(groups, -1)


def check(icc: str, deviation: str, nested_in: Sequence[str], confidence_level: float) -> None:
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
