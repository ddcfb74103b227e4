"""Reported figures, as a report or a table of schools gives them, brought into one form."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from leadership_study.districts._school_checks import FILE, check_columns, number_of
from leadership_study.errors import InsufficientDataError, PlanError, Problem, ResponseError
from leadership_study.results import Note

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
        With every figure that has no name of its own or no number, no year where one stands, an unknown bound, or is
        part of nothing known.
    InsufficientDataError
        A table without rows.
    """
    if lacking := [name for name in ("figure", "value") if name not in table]:
        raise PlanError(f"The table of figures has no column {lacking[0]!r}.")
    problems: list[Problem] = []

    def add(at: int, column: str, value: object, rule: str, message: str, remedy: str) -> None:
        problems.append(Problem("figures", message, remedy, rule, row=at + 1, column=column, value=str(value)))

    if table.empty:
        raise InsufficientDataError(Note("table_without_figures", "The table of figures has no rows."))
    values = pd.to_numeric(table["value"], errors="coerce").astype(float)
    names = table["figure"].astype(object).where(table["figure"].notna(), "").astype(str).str.strip()
    bounds = _filled(table, "bound", "exact")
    parts = _filled(table, "part_of", "")
    years = _filled(table, "year", "")
    for at, name in enumerate(names):
        if years.iloc[at] and np.isnan(number_of(years.iloc[at])):
            add(at, "year", years.iloc[at], "year", "this is no year", "write it as a number, such as 2017")
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
            "year": years.to_numpy(),
            "value": values.to_numpy(),
            "bound": bounds.to_numpy(),
            "unit": _filled(table, "unit", "").to_numpy(),
            "part_of": parts.to_numpy(),
            "partition": _filled(table, "partition", "parts").to_numpy(),
        },
        index=pd.Index(names, name="figure"),
    )


def no_figures() -> pd.DataFrame:
    """Return what `read_figures` does, for a table of schools alone."""
    return read_figures(pd.DataFrame({"figure": ["none"], "value": [0.0]})).iloc[:0]


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


def of_schools(schools: pd.DataFrame, known: Collection[str] = ()) -> pd.DataFrame:
    """Return the numeric columns of a table of schools as rows of one quantity each.

    Parameters
    ----------
    schools : DataFrame
        One row a school (and ``year``). An empty cell is a number that was not reported.
    known : collection of str
        Columns that are amounts, so that text or a negative number in them is a slip; any other column is left alone.

    Raises
    ------
    PlanError
        Without a column ``school``, or with a column twice.
    ResponseError
        With every school that has no name or is there twice in a year, and every amount that is none.
    InsufficientDataError
        A table without rows.
    """
    if "school" not in schools:
        raise PlanError("The table of schools has no column 'school'.")
    check_columns(schools)
    if schools.empty:
        raise InsufficientDataError(Note("table_without_schools", "The table of schools has no rows."))
    if problems := _problems_of_schools(schools, known):
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise ResponseError(f"The table of schools has {count}.", problems)
    rows = []
    for name in schools:
        numbers = pd.to_numeric(schools[name], errors="coerce").astype(float)
        few = name not in known and numbers.notna().sum() < 0.9 * len(numbers)
        if few or name in ("school", "year", "stage", "district"):
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


def _problems_of_schools(schools: pd.DataFrame, known: Collection[str]) -> list[Problem]:
    found: list[Problem] = []

    def add(at: int, column: str, value: object, rule: str, message: str, remedy: str) -> None:
        found.append(Problem(FILE, message, remedy, rule, row=at + 1, column=column, value=str(value)))

    names, years = _filled(schools, "school", ""), _filled(schools, "year", "")
    repeated = pd.DataFrame({"school": names, "year": years}).duplicated(keep=False).to_numpy()
    for at, (name, year) in enumerate(zip(names, years, strict=True)):
        if not name:
            add(at, "school", "", "missing_school", "the school has no name", "give each school a name of its own")
        elif repeated[at]:
            message = "two rows have this school" + (" in this year" if year else "")
            add(at, "school", name, "duplicate_school", message, "keep one, or tell them apart")
        if "year" in schools and np.isnan(number_of(year)):
            add(at, "year", year, "year", "this is no year", "write it as a number, such as 2017")
    for column in (str(name) for name in schools if str(name) in known):
        cells = _filled(schools, column, "")
        for at, value in enumerate(pd.to_numeric(cells.where(cells != "", None), errors="coerce").astype(float)):
            if cells.iloc[at] and np.isnan(value):
                add(at, column, cells.iloc[at], "not_a_number", "this is no number", "write digits only")
            elif value < 0 or np.isinf(value):
                message = "an amount cannot be negative or endless"
                add(at, column, cells.iloc[at], "impossible_amount", message, "correct it")
    return found


def _filled(table: pd.DataFrame, column: str, default: str) -> pd.Series:
    if column not in table:
        return pd.Series(default, index=table.index, dtype=object)
    texts = table[column].astype(object).where(table[column].notna(), default)
    return texts.map(lambda cell: str(cell).strip() or default)
