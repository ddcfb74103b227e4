"""Balance of a county's schools over years: what the indicators and their inequality do from one year to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.districts._labelled import Labelled
from leadership_study.districts.balance import ResourceBalance, StandardName, check, resource_balance
from leadership_study.errors import InsufficientDataError, PlanError, Problem, ResponseError
from leadership_study.results import Note
from leadership_study.scoring.variables import TableFile

__all__ = ["BalanceTrend", "balance_trend", "check"]

_SLACK = 1e-12
"""Rounding of a computer is no change."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class BalanceTrend(Labelled):
    """Balance year by year.

    Attributes
    ----------
    verdicts : DataFrame
        Rows (stage, year): n_schools, pupils, composite_cv, limit, indicators_failing, schools_failing, verdict.
    indicators : DataFrame
        Rows (stage, indicator, year): mean, cv with cv_low, cv_high, gini, theil.
    changes : DataFrame
        Rows (stage, indicator): first and last year's cv, cv_change, mean_ratio (last by first), and towards: even,
        uneven, or open when the ranges of the two years overlap.
    """

    main: ClassVar[str] = "verdicts"

    verdicts: pd.DataFrame
    indicators: pd.DataFrame
    changes: pd.DataFrame


def balance_trend(
    schools: pd.DataFrame,
    *,
    standard: str | Path,
    conversion: Mapping[str, float] | None = None,
    check_units: bool = True,
) -> BalanceTrend:
    """Judge a county's schools by one standard in each of several years.

    Parameters
    ----------
    schools : DataFrame
        As for `resource_balance`, one row a school and ``year``.
    standard, conversion, check_units
        As for `resource_balance`.

    Raises
    ------
    ResponseError
        With every row of every year that cannot be right.
    PlanError
        Without the column ``year``, or with a single year.
    InsufficientDataError
        When in some year no stage has two schools.
    """
    if "year" not in schools:
        raise PlanError("The table of schools has no column 'year', which a trend needs.")
    numbers = pd.to_numeric(schools["year"], errors="coerce")
    if numbers.isna().any():
        rows = [int(at) for at in np.flatnonzero(numbers.isna())]
        raise ResponseError(
            f"The table of schools has {len(rows)} rows without a year.",
            [Problem("schools", "a year is missing", "fill it in", "year", row=at + 1, column="year") for at in rows],
        )
    years = sorted(numbers.unique())
    if len(years) < 2:
        raise PlanError("The table of schools has one year only, and a trend needs two: use resource_balance.")
    found: dict[str, ResourceBalance] = {}
    problems: list[Problem] = []
    for year in years:
        inside = (numbers == year).to_numpy()
        places = np.flatnonzero(inside)
        try:
            found[f"{year:g}"] = resource_balance(
                schools[inside].drop(columns="year").reset_index(drop=True),
                standard=standard, conversion=conversion, check_units=check_units,
            )  # fmt: skip
        except ResponseError as error:
            problems += [_at(problem, places) for problem in error.problem_list]
    if problems:
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise ResponseError(f"The table of schools has {count}.", problems)
    first = next(iter(found.values()))
    stages = [stage for stage in first.verdict.index if all(stage in one.verdict.index for one in found.values())]
    if not stages:
        text = "No stage has two schools in every year, so there is no trend to tell."
        raise InsufficientDataError(Note("trend_without_stage", text))
    indicators = _stacked({year: one.indicators for year, one in found.items()}, stages)
    columns = ["unit", "mean", "cv", "cv_low", "cv_high", "gini", "theil"]
    return BalanceTrend(
        verdicts=_stacked({year: one.verdict for year, one in found.items()}, stages),
        indicators=indicators[columns],
        changes=_changes(found, stages),
        words=first.words,
        definition={**first.definition, "years": ", ".join(found)},
        notes=tuple({str(note): note for one in found.values() for note in one.notes}.values()),
    )


def _at(problem: Problem, places: np.ndarray) -> Problem:
    return problem if problem.row is None else replace(problem, row=int(places[problem.row - 1]) + 1)


def _stacked(tables: Mapping[str, pd.DataFrame], stages: list[str]) -> pd.DataFrame:
    """Put the years below each other inside the rows of the first."""
    first = next(iter(tables.values()))
    names = [str(name) for name in first.index.names]
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for key in first.loc[stages].index:
        for year, table in tables.items():
            rows[(*(key if isinstance(key, tuple) else (key,)), year)] = dict(table.loc[key])
    index = pd.MultiIndex.from_tuples(list(rows), names=[*names, "year"])
    return pd.DataFrame(list(rows.values()), index=index)


def _changes(found: Mapping[str, ResourceBalance], stages: list[str]) -> pd.DataFrame:
    first, *_, last = found.values()
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for stage in stages:
        for name in first.indicators.loc[stage].index:
            before, after = first.indicators.loc[(stage, name)], last.indicators.loc[(stage, name)]
            apart = after["cv_high"] < before["cv_low"] - _SLACK or after["cv_low"] > before["cv_high"] + _SLACK
            rows[stage, name] = {
                "cv_first": float(before["cv"]),
                "cv_last": float(after["cv"]),
                "cv_change": float(after["cv"] - before["cv"]),
                "mean_ratio": float(after["mean"] / before["mean"]) if before["mean"] > 0 else np.nan,
                "towards": "open" if not apart else "even" if after["cv"] < before["cv"] else "uneven",
            }
    index = pd.MultiIndex.from_tuples(list(rows), names=["stage", "indicator"])
    return pd.DataFrame(list(rows.values()), index=index)


def run(
    *,
    schools: TableFile,
    standard: StandardName = "2017",
    conversion: Mapping[str, float] | None = None,
    check_units: bool = True,
) -> BalanceTrend:
    """Follow the table of schools that a plan names through its years."""
    return balance_trend(schools, standard=standard, conversion=conversion, check_units=check_units)
