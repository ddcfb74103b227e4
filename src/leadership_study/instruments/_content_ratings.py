"""What content validity takes: ratings of experts, checked, and who calls an item essential."""

from typing import Any

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

_SHOWN = 5


def check_options(
    relevant_from: int, essential: Any, scale: tuple[int, int], confidence_level: float, significance_level: float
) -> None:
    """Refuse cut-offs outside the scale and shares outside 0 … 1."""
    where = "parameter of content_validity must be"
    low, high = scale
    if not (float(low).is_integer() and float(high).is_integer() and low < high):
        raise ValueError(f"The 'scale' {where} two whole numbers, the lower first. Got {scale!r} instead.")
    cuts = {"relevant_from": relevant_from}
    if essential is not None and not isinstance(essential, pd.DataFrame):
        cuts["essential"] = essential
    for name, cut in cuts.items():
        if isinstance(cut, bool) or not isinstance(cut, int | float | np.number) or not low < cut <= high:
            raise ValueError(f"The {name!r} {where} above {low} and not above {high}. Got {cut!r} instead.")
    for name, share in {"confidence_level": confidence_level, "significance_level": significance_level}.items():
        if not 0 < share < 1:
            raise ValueError(f"The {name!r} {where} between 0 and 1. Got {share!r} instead.")


def checked_ratings(ratings: pd.DataFrame, scale: tuple[int, int]) -> pd.DataFrame:
    """Return the ratings as floats, ids as text, experts without any rating left out."""
    if not isinstance(ratings, pd.DataFrame):
        raise TypeError(
            f"The 'ratings' of content_validity must be a DataFrame, items × experts. Got {type(ratings).__name__}."
        )
    for what, labels in (("item", ratings.index), ("expert", ratings.columns)):
        names = [str(label) for label in labels]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"The {what} {twice[0]!r} stands in the ratings more than once; give each {what} its own.")
    low, high = scale
    wrong = []
    numbers = pd.DataFrame(index=ratings.index.map(str), columns=ratings.columns.map(str), dtype="float64")
    for expert, column in ratings.items():
        for item, value in column.items():
            if pd.isna(value):
                continue
            if (
                isinstance(value, bool | np.bool_)
                or not isinstance(value, int | float | np.number)
                or not (low <= float(value) <= high and float(value).is_integer())
            ):
                wrong.append(f"item {item}, expert {expert}: {value!r}")
            else:
                numbers.loc[str(item), str(expert)] = float(value)
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ValueError(
            f"Ratings must be whole numbers from {low} to {high}, or missing; "
            f"correct {'; '.join(wrong[:_SHOWN])}{more}."
        )
    used = numbers.loc[:, numbers.notna().any()]
    if used.shape[1] < 2:
        raise InsufficientDataError(
            Note(
                "one_expert",
                "Content validity needs the ratings of several experts, three at least for a verdict; {n} gave any.",
                {"n": used.shape[1]},
            )
        )
    return used


def essential_answers(used: pd.DataFrame, essential: int | pd.DataFrame | None, relevant_from: int) -> pd.DataFrame:
    """Return 1, 0 or NaN for each item and expert."""
    if not isinstance(essential, pd.DataFrame):
        return (used >= (relevant_from if essential is None else essential)).astype(float).where(used.notna())
    given = essential.rename(index=str, columns=str)
    if set(given.index) != set(used.index) or not set(used.columns) <= set(given.columns):
        raise ValueError("The 'essential' answers of content_validity must have the items and experts of the ratings.")
    given = given.loc[used.index, used.columns]
    if not given.isin([True, False]).where(given.notna(), True).to_numpy().all():
        raise ValueError("The 'essential' answers of content_validity must be True, False or missing.")
    return given.astype(object).where(given.notna(), np.nan).astype(float)
