"""Columns of a regression: which kinds there are, and the levels of those that become dummies."""

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.influences._groups import column_of, natural


def check_kind(column: pd.Series, name: str) -> None:
    """Let numbers, text and categories pass; refuse anything else, and infinite numbers, naming the column."""
    if is_number(column):
        if np.isinf(column.to_numpy(dtype=float, na_value=np.nan)).any():
            raise ValueError(f"The column {name!r} holds an infinite number; correct it or mark it as missing.")
        return
    if isinstance(column.dtype, pd.CategoricalDtype):
        return
    if not (pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)):
        raise TypeError(f"The column {name!r} holds {column.dtype}, not numbers or text; recode it first.")
    other = [value for value in column.dropna() if not isinstance(value, str)]
    if other:
        raise TypeError(
            f"The column {name!r} is of type object and holds {other[0]!r}; convert it to numbers with "
            "pd.to_numeric, or to text with astype(str) for dummies."
        )


def is_number(column: pd.Series) -> bool:
    """Whether the column's type is one of real numbers."""
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype)


def numbers_of(column: pd.Series, name: str) -> NDArray[np.float64]:
    """Numbers of the outcome, or TypeError."""
    if not is_number(column):
        raise TypeError(f"The outcome {name!r} holds {column.dtype}, not numbers; recode it as numbers first.")
    return column.to_numpy(dtype=float)


def number_column(data: pd.DataFrame, label: Hashable, what: str) -> NDArray[np.float64]:
    """Return the column ``label`` of the data as numbers, or refuse it by its name."""
    column = column_of(data, label, what)
    check_kind(column, str(label))
    return numbers_of(column, str(label))


def levels_of(column: pd.Series) -> list[object]:
    """Levels that occur: in the order of the categories, else in natural order; the first is the reference."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column)
        return [level for level in column.cat.categories if level in present]
    return sorted(set(column), key=natural)


def for_patsy(column: pd.Series) -> pd.Series:
    """Return the column with the type that gives patsy the levels meant."""
    if pd.api.types.is_integer_dtype(column.dtype):
        return column.astype("int64")  # so that C(company) has the levels 1, 2, not 1.0, 2.0
    if is_number(column):
        return column.astype(float)
    return pd.Series(pd.Categorical(column.astype(object), categories=levels_of(column)), index=column.index)
