"""What cannot be right in a table of schools: every problem, told at once, before anything is computed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.districts._standard import Indicator, Standard
from leadership_study.errors import PlanError, Problem

STAGES_OF = {
    "primary": ("primary",),
    "lower_secondary": ("lower_secondary",),
    "nine_year": ("primary", "lower_secondary"),
    "complete_secondary": ("lower_secondary", "upper_secondary"),
    "twelve_year": ("primary", "lower_secondary", "upper_secondary"),
}
"""Kinds of schools, and the stages that pupils of each are in."""

LEFT_OUT = ("special", "vocational")
"""Types of schools that no standard judges."""

FILE = "schools"
"""How problems call the table of schools; a study puts its own file there."""

_FAR = 1000
"""A value so many times above or below the median of its stage is in another unit than the others."""

_PART = 0.3
"""So little of a person or a thing is an amount a pupil; a share of a post may be more."""

_FEW = 30
"""Parts of pupils in schools so small are hundreds or thousands of them."""

_Add = Callable[[int, str, object, str, str, str], None]


def parts_of(stage: str) -> tuple[str, ...]:
    """Return the columns that say how the pupils of a school of several stages are split."""
    return {"nine_year": ("pupils_lower_secondary",), "complete_secondary": ("pupils_lower_secondary",),
            "twelve_year": ("pupils_primary", "pupils_lower_secondary")}.get(stage, ())  # fmt: skip


def check_columns(schools: pd.DataFrame) -> None:
    """Refuse a table that has a column twice: nobody knows which one is meant.

    Raises
    ------
    PlanError
        With the name of the column.
    """
    if twice := [str(name) for name in schools.columns[schools.columns.duplicated()]]:
        raise PlanError(f"The table of schools has the column {twice[0]!r} more than once; keep one.")


def number_of(value: Any) -> float:
    """Return a cell as a number; NaN when it is none."""
    return float(pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0])


def is_left_out(schools: pd.DataFrame) -> "pd.Series[bool]":
    """Say of each school whether it is of a type that no standard judges."""
    if "school_type" not in schools:
        return pd.Series(False, index=schools.index)
    return schools["school_type"].isin(LEFT_OUT)


def school_problems(schools: pd.DataFrame, standard: Standard, *, check_units: bool = True) -> list[Problem]:
    """Return everything that is wrong with a table whose columns are all there.

    ``check_units`` also finds amounts in another unit than the rest, or given for one pupil instead of for the school.
    """
    found: list[Problem] = []

    def add(at: int, column: str, value: object, rule: str, message: str, remedy: str) -> None:
        found.append(Problem(FILE, message, remedy, rule, row=at + 1, column=column, value=str(value)))

    judged = ~is_left_out(schools).to_numpy(dtype=bool)
    amounts = list(dict.fromkeys(indicator.of for indicator in standard.indicators))
    numbers = {name: pd.to_numeric(schools[name], errors="coerce").to_numpy(dtype=float) for name in
               ("pupils", *amounts)}  # fmt: skip
    repeated = schools["school"].astype("str").str.strip().duplicated(keep=False).to_numpy()
    for at, (_, school) in enumerate(schools.iterrows()):
        _check_name(add, at, school["school"], bool(repeated[at]))
        if not judged[at]:
            continue
        stage = school["stage"]
        if stage not in STAGES_OF:
            value = "" if pd.isna(stage) else stage
            add(at, "stage", value, "unknown_stage", "this is no stage", f"write one of {', '.join(STAGES_OF)}")
        for column, values in numbers.items():
            _check_amount(add, at, column, school[column], values[at])
        _check_parts(add, at, school, numbers["pupils"][at])
    if check_units and not found:
        found += _of_units(schools, standard.indicators, numbers, judged)
    return found


def _check_name(add: _Add, at: int, name: Any, repeated: bool) -> None:
    if pd.isna(name) or not str(name).strip():
        add(at, "school", "", "missing_school", "the school has no name", "give each school a name of its own")
    elif repeated:
        add(at, "school", name, "duplicate_school", "two rows have this school", "keep one, or tell them apart")


def _check_amount(add: _Add, at: int, column: str, cell: Any, value: float) -> None:
    if np.isnan(value):
        empty = pd.isna(cell) or not str(cell).strip()
        message = "a number is missing" if empty else "this is no number"
        add(at, column, "" if empty else cell, "not_a_number", message, "fill in digits only, without a unit or commas")
    elif value < 0 or not np.isfinite(value):
        add(at, column, cell, "impossible_amount", "an amount cannot be negative or endless", "correct it")
    elif column == "pupils" and value == 0:
        message = "a school without pupils has no indicators"
        add(at, column, cell, "no_pupils", message, "correct the number, or leave the school out")


def _check_parts(add: _Add, at: int, school: "pd.Series[Any]", pupils: float) -> None:
    total = 0.0
    for column in parts_of(str(school["stage"])):
        part = number_of(school.get(column))
        stage = column.removeprefix("pupils_").replace("_", " ")
        if np.isnan(part):
            message = f"a school of several stages needs its pupils of the {stage} stage"
            add(at, column, "", "missing_pupils", message, "fill the number in")
            return
        total += part
        if part < 0 or total > pupils:
            message = "the stage has more pupils than the school, or fewer than none"
            add(at, column, part, "impossible_pupils", message, "correct one of the two")


def _of_units(
    schools: pd.DataFrame, indicators: Sequence[Indicator], numbers: dict[str, Any], judged: Any
) -> Iterator[Problem]:
    """Yield amounts that are in another unit: of a whole column, or of single schools beside the others."""
    pupils = numbers["pupils"]
    middle = float(np.median(pupils[judged])) if judged.any() else np.nan
    if middle < 1 or (middle < _FEW and np.mean(pupils[judged] % 1 > 0) > 0.5):
        yield Problem(
            FILE, f"the pupils are no whole numbers and half of the schools have less than {middle:.4g}: they are "
            "counted in hundreds or more", "give the number of pupils, or say check_units = false", "unit",
            column="pupils",
        )  # fmt: skip
        return
    for indicator in indicators:
        column, amount = indicator.of, numbers[indicator.of]
        value = np.where(judged, amount * indicator.per / np.where(pupils > 0, pupils, 1.0), 0.0)
        some = value > 0
        if not some.any():
            continue
        unit = indicator.unit.get("en", "")
        if np.median(value[some]) < indicator.least or (indicator.count and np.median(amount[some]) < _PART):
            message = (
                f"half of the schools have less than {indicator.least:g} {unit}"
                if not indicator.count
                else "half of the schools have a small part of one"
            )
            yield Problem(
                FILE, f"{message}: the column is in another unit (10,000 m², 10,000 yuan), or holds amounts a pupil",
                "give the whole amount of each school in the unit of the standard, or say check_units = false", "unit",
                column=column,
            )  # fmt: skip
            continue
        for stage in schools.loc[judged, "stage"].unique():
            inside = some & (schools["stage"] == stage).to_numpy()
            middle = float(np.median(value[inside])) if inside.sum() > 2 else np.nan
            for at in np.flatnonzero(inside):
                tiny = value[at] < indicator.least and value[at] * 100 < middle
                part = indicator.count and amount[at] < _PART
                if tiny or part or value[at] * _FAR < middle or value[at] > middle * _FAR:
                    yield Problem(
                        FILE, f"the amount is in another unit than the others: it makes {value[at]:.4g} {unit}, where "
                        f"the schools of this stage have {middle:.4g} in the middle",
                        "give the whole amount of the school in the unit of the standard, or say check_units = false",
                        "unit", row=int(at) + 1, column=column, value=str(schools[column].iloc[at]),
                    )  # fmt: skip
