"""Reported figures, as a report or a table of schools gives them, brought into one form."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from leadership_study.errors import PlanError, Problem, ResponseError

BOUNDS = ("exact", "at_most", "at_least")
COLUMNS = ("place", "stage", "year", "quantity", "value", "bound")
COUNTY = "county"
ALL = "all"
_TOLD = {"figure", "value", "quantity", "stage", "year", "bound", "part_of", "partition", "unit", "source", "location"}


def read_figures(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of figures checked: index ``figure``, numbers as numbers, what was not said filled in.

    Raises
    ------
    PlanError
        Without the columns figure and value.
    ResponseError
        With every figure that has no name of its own or no number, an unknown bound, or is part of nothing known.
    """
    if lacking := [name for name in ("figure", "value") if name not in table]:
        raise PlanError(f"The table of figures has no column {lacking[0]!r}.")
    problems: list[Problem] = []

    def add(at: int, column: str, value: object, rule: str, message: str, remedy: str) -> None:
        problems.append(Problem("figures", message, remedy, rule, row=at + 1, column=column, value=str(value)))

    values = pd.to_numeric(table["value"], errors="coerce").astype(float)
    names = table["figure"].astype(object).where(table["figure"].notna(), "").astype(str).str.strip()
    bounds = _filled(table, "bound", "exact")
    parts = _filled(table, "part_of", "")
    for at, name in enumerate(names):
        if not name or (names == name).sum() > 1:
            add(at, "figure", name, "figure_name", "each figure needs a name of its own", "rename it")
        if not np.isfinite(values.iloc[at]):
            add(at, "value", table["value"].iloc[at], "not_a_number", "this is no number", "write digits only")
        elif values.iloc[at] < 0:
            add(at, "value", table["value"].iloc[at], "impossible_amount", "a figure cannot be negative", "correct it")
        if bounds.iloc[at] not in BOUNDS:
            add(at, "bound", bounds.iloc[at], "unknown_bound", "this is no bound", f"write one of {', '.join(BOUNDS)}")
        if (part := parts.iloc[at]) and (part == name or part not in set(names)):
            add(
                at, "part_of", part, "unknown_total", "no other figure has this name", "name the total, or leave it out"
            )
    if problems:
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise ResponseError(f"The table of figures has {count}.", problems)
    return pd.DataFrame(
        {
            "quantity": _filled(table, "quantity", "").to_numpy(),
            "stage": _filled(table, "stage", ALL).to_numpy(),
            "location": _filled(table, "location", "").to_numpy(),
            "year": _filled(table, "year", "").to_numpy(),
            "value": values.to_numpy(),
            "bound": bounds.to_numpy(),
            "unit": _filled(table, "unit", "").to_numpy(),
            "part_of": parts.to_numpy(),
            "partition": _filled(table, "partition", "parts").to_numpy(),
        },
        index=pd.Index(names, name="figure"),
    )


def wording(table: pd.DataFrame) -> dict[str, Mapping[str, str]]:
    """Return what a table calls its figures: every column that is none of its own is a language."""
    languages = [str(name) for name in table if str(name) not in _TOLD]
    return {
        str(row["figure"]).strip(): {name: str(row[name]) for name in languages if pd.notna(row[name])}
        for _, row in table.iterrows()
    }


def of_figures(figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures as rows of one quantity each."""
    whole = figures[(figures["quantity"] != "") & (figures["location"] == "")]
    return pd.DataFrame({"place": COUNTY, **{name: whole[name] for name in COLUMNS[1:]}}).reset_index(drop=True)


def of_schools(schools: pd.DataFrame) -> pd.DataFrame:
    """Return the numeric columns of a table of schools as rows of one quantity each.

    Raises
    ------
    PlanError
        Without a column ``school``.
    """
    if "school" not in schools:
        raise PlanError("The table of schools has no column 'school'.")
    rows = []
    for name in schools:
        numbers = pd.to_numeric(schools[name], errors="coerce").astype(float)
        if name in ("school", "year", "stage", "district") or numbers.notna().sum() < 0.9 * len(numbers):
            continue
        rows.append(
            pd.DataFrame(
                {
                    "place": schools["school"].astype(str),
                    "stage": _filled(schools, "stage", ALL),
                    "year": _filled(schools, "year", ""),
                    "quantity": str(name),
                    "value": numbers,
                    "bound": "exact",
                }
            ).dropna(subset="value")
        )
    if not rows:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(rows, ignore_index=True)


def _filled(table: pd.DataFrame, column: str, default: str) -> pd.Series:
    if column not in table:
        return pd.Series(default, index=table.index, dtype=object)
    texts = table[column].astype(object).where(table[column].notna(), default)
    return texts.map(lambda cell: str(cell).strip() or default)
