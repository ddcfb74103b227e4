"""The rows of a comparison of groups: who has an answer, a group and, where answers are nested, a cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._columns import check_kind, is_number
from leadership_study.influences._groups import Clusters, coded, column_of, is_label, natural, one_a_row
from leadership_study.results import Note
from leadership_study.samples.k_groups import KGroups, k_groups

Nesting = Clusters | Sequence[Clusters]

FEW_ANSWERS = 10
"""Groups with fewer answers are named: a mean of so few is a blurred one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupRows:
    """Values by group.

    Attributes
    ----------
    groups : KGroups
        Groups in order, each with two answers or more.
    labels : list of k names
    levels : list of (name, codes)
        What answers are nested in, inner to outer; codes 0 … g − 1, one a value.
    received : int
        Rows handed in.
    notes : tuple of Note
    """

    groups: KGroups
    labels: list[str]
    levels: list[tuple[str, NDArray[np.int64]]]
    received: int
    notes: tuple[Note, ...]


def group_rows(data: pd.DataFrame, outcome: str, group: str, nested_in: Nesting | None, function: str) -> GroupRows:
    """Take the rows that have everything needed, groups in the order of their categories or in natural order.

    Raises
    ------
    TypeError, ValueError
        For a column that is absent, no numbers as outcome, an infinite number, clusters of another length.
    InsufficientDataError
        With fewer than two groups of two answers.
    """
    answers, labels = column_of(data, outcome, "outcome"), column_of(data, group, "grouping column")
    if outcome == group:
        raise ValueError(f"The outcome and the groups of {function} are both {outcome!r}; name two columns.")
    check_kind(answers, outcome)
    if not is_number(answers):
        raise TypeError(f"The outcome {outcome!r} holds {answers.dtype}, not numbers; recode it as numbers first.")
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    kept = ~np.isnan(values) & labels.notna().to_numpy()
    nesting, notes = [], []
    for at, level in enumerate(_levels(data, nested_in)):
        codes = coded(one_a_row(data, level, "clusters", function), "clusters", function)[0]
        name = str(level) if is_label(data, level) else str(getattr(level, "name", None) or f"level_{at + 1}")
        if without := int((kept & (codes < 0)).sum()):
            text = "{count} of {received} rows with an answer and a group have no {level}; they are left out."
            notes.append(Note("rows_outside_clusters", text, {"count": without, "received": len(data), "level": name}))
        kept &= codes >= 0
        nesting.append((name, codes))
    codes, names = ordered(labels[kept], function)
    values = values[kept]
    sizes = np.bincount(codes, minlength=len(names))
    left_out: list[str] = []
    if (lonely := np.flatnonzero(sizes < 2)).size:
        left_out = [names[at] for at in lonely]
        if len(names) - lonely.size >= 2:
            text = "Left out because fewer than two of the group answered: {groups}."
            notes.append(
                Note("groups_of_one_left_out", text, {"groups": ", ".join(f"{group}[{name}]" for name in left_out)})
            )
        stay = ~np.isin(codes, lonely)
        values, codes = values[stay], np.unique(codes[stay], return_inverse=True)[1]
        kept[np.flatnonzero(kept)[~stay]] = False
        names = [name for at, name in enumerate(names) if at not in lonely]
    if len(names) < 2:
        text = "{group} has fewer than two groups with two answers or more, so nothing can be compared."
        raise InsufficientDataError(Note("nothing_to_compare", text, {"group": group}))
    groups = k_groups(values, codes)
    if small := [f"{group}[{name}]" for name, n in zip(names, groups.sizes, strict=True) if n < FEW_ANSWERS]:
        text = "Groups with fewer than {least} answers: {groups}."
        notes.append(Note("small_groups", text, {"groups": ", ".join(small), "least": FEW_ANSWERS}))
    if silent := _silent(labels, [*names, *left_out], function):
        text = "Nobody with an answer belongs to: {groups}."
        notes.append(Note("empty_groups", text, {"groups": ", ".join(f"{group}[{name}]" for name in silent)}))
    return GroupRows(
        groups=groups,
        labels=names,
        levels=[(name, np.unique(each[kept], return_inverse=True)[1]) for name, each in nesting],
        received=len(data),
        notes=tuple(notes),
    )


def _levels(data: pd.DataFrame, nested_in: Nesting | None) -> list[Clusters]:
    """One or several groupings: a list of columns of the data is several, any other list is one group a row."""
    if nested_in is None:
        return []
    if isinstance(nested_in, list | tuple) and all(
        isinstance(one, pd.Series) or (pd.api.types.is_scalar(one) and is_label(data, one) and one in data.columns)
        for one in nested_in
    ):
        return list(nested_in)
    return [nested_in]  # type: ignore[list-item]


def ordered(labels: pd.Series, function: str) -> tuple[NDArray[np.int64], list[str]]:
    """Code of each row and the groups' names: in the order of the categories, else in natural order."""
    codes, names = coded(labels, "groups", function)
    if isinstance(labels.dtype, pd.CategoricalDtype):
        place = {label: at for at, label in enumerate(coded(labels.cat.categories.to_series(), "groups", function)[1])}
        order = sorted(range(len(names)), key=lambda at: place[names[at]])
    else:
        order = sorted(range(len(names)), key=lambda at: natural(names[at]))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[codes], [names[at] for at in order]


def _silent(labels: pd.Series, names: list[str], function: str) -> list[str]:
    """Categories that nobody with an answer belongs to."""
    if not isinstance(labels.dtype, pd.CategoricalDtype):
        return []
    return [name for name in coded(labels.cat.categories.to_series(), "groups", function)[1] if name not in names]
