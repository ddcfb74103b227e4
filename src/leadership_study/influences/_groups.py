"""Groups given as a column of the data or as one value a row: their codes, their labels, and the order of labels."""

import re
from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown

Clusters = Hashable | pd.Series | Sequence[object] | NDArray[np.generic]
"""The label of a column (text, number or whatever the frame's columns are called by), or one group a row."""

_NUMBER = re.compile(r"[-+]?[0-9]{1,300}(\.[0-9]*)?")
_DIGITS = re.compile(r"([0-9]{1,300})")


def place_of(data: pd.DataFrame, label: Hashable, what: str) -> int:
    """Position of the column ``label``; text finds a column of that name written as text too.

    Raises
    ------
    ValueError
        When there is none, or more than one.
    """
    names = list(data.columns)
    found = [at for at, name in enumerate(names) if name == label]
    if not found and isinstance(label, str):
        found = [at for at, name in enumerate(names) if str(name) == label]
    if not found:
        raise ValueError(unknown(what, str(label), [str(name) for name in names]))
    if len(found) > 1:
        raise ValueError(f"The column {label!r} occurs more than once; give each variable its own name.")
    return found[0]


def column_of(data: pd.DataFrame, label: Hashable, what: str) -> pd.Series:
    """Return the column that `place_of` finds."""
    column: pd.Series = data.iloc[:, place_of(data, label, what)]
    return column


def is_label(data: pd.DataFrame, groups: Clusters) -> bool:
    """Whether ``groups`` names a column; a tuple does when a column is called so."""
    names: list[object] = list(data.columns)
    if isinstance(groups, tuple):
        return groups in names
    return bool(pd.api.types.is_scalar(groups))


def one_a_row(data: pd.DataFrame, groups: Clusters, what: str, function: str) -> pd.Series:
    """Group of each row of ``data``, missing ones as the data have them; ``what`` is "groups" or "clusters"."""
    if is_label(data, groups):
        return column_of(data, groups, f"column of {what}")  # type: ignore[arg-type]
    if isinstance(groups, pd.Series):
        if not groups.index.equals(data.index):
            raise ValueError(f"The {what} of {function} must have the index of the data; reindex them.")
        return groups
    # A list stays a list of objects: numpy would write a missing value among texts as the text "nan".
    values = None if isinstance(groups, pd.DataFrame | dict | set) else list(groups)  # type: ignore[arg-type, call-overload]
    if values is None or not all(pd.api.types.is_scalar(value) for value in values):
        raise ValueError(
            f"The {what} of {function} must be a column of the data or one value a row. "
            f"Got {type(groups).__name__} instead."
        )
    if len(values) != len(data):
        raise ValueError(f"The {what} of {function} must be one a row: {len(data)} rows, {len(values)} {what}.")
    return pd.Series(values, index=data.index, dtype=object)


def coded(groups: pd.Series, what: str, function: str) -> tuple[NDArray[np.int64], list[str]]:
    """Code of each row (−1 where the group is missing) and the label of each code.

    A whole number is written without decimals whatever the column's type, so that a missing value elsewhere in the
    column does not rename the groups.

    Raises
    ------
    ValueError
        When a number and a text would have the same label.
    """
    codes, found = pd.factorize(groups)
    labels = [_label(value) for value in found]
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise ValueError(f"The {what} of {function} hold {twice} both as a number and as text; make them of one kind.")
    return np.asarray(codes, dtype=np.int64), labels


def cluster_codes(data: pd.DataFrame, clusters: Clusters, function: str, what: str = "clusters") -> NDArray[np.int64]:
    """Whole numbers for clusters given as a column or as one value a row; −1 where missing."""
    return coded(one_a_row(data, clusters, what, function), what, function)[0]


def natural(label: str) -> tuple[int, float, tuple[str | int, ...], str]:
    """Sort key: numbers by size before names, and names by spelling with the numbers inside them by size.

    What looks like a number to a computer only ("nan", "inf") is a name, so that the order never depends on chance.
    """
    if _NUMBER.fullmatch(label):
        return 0, float(label), (), label
    parts = tuple(int(part) if at % 2 else part for at, part in enumerate(_DIGITS.split(label)))
    return 1, 0.0, parts, label


def _label(value: object) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
