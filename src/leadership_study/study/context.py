"""Tables of facts about groups (``[[context]]``): one row a group, as scoring joins them to the respondents."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from leadership_study.errors import Problem, ResponseError
from leadership_study.results import NotEstimated, Result
from leadership_study.study.plan_setting import ContextPlan
from leadership_study.study.project import Project
from leadership_study.study.tables import read_rows


def read_context(
    project: Project, study: str, plans: Sequence[ContextPlan], settings: Mapping[str, Result] | None = None
) -> dict[str, pd.DataFrame] | None:
    """Read the tables of a plan; return group → frame indexed by its values, or None when there are none.

    Facts that come ``from`` one of the ``settings`` are what it found.

    A column in which every value is a number is float64, any other is text; an empty cell is missing. Several tables
    of the same group are joined.

    Raises
    ------
    ResponseError
        With every problem of every table: no file, not UTF-8, a column that is not there, a group without a name or
        named twice, a setting that could not be computed.
    """
    problems: list[Problem] = []
    tables: dict[str, list[pd.DataFrame]] = {}
    for plan in plans:
        if plan.source:
            facts, found = _of_setting(project, study, (settings or {})[plan.source], plan)
            problems += found
            tables.setdefault(plan.of, []).append(facts)
            continue
        path = project.raw(study) / plan.file
        shown = project.relative(path)
        rows, found = read_rows(path, shown)
        found = found if not rows else [*found, *_problems(shown, rows, plan)]
        problems += found
        if not found:
            tables.setdefault(plan.of, []).append(_table(rows, plan))
    if problems:
        raise ResponseError("The tables of facts about groups have problems", problems)
    return {of: pd.concat(parts, axis="columns") for of, parts in tables.items()} or None


def _of_setting(project: Project, study: str, result: Any, plan: ContextPlan) -> tuple[pd.DataFrame, list[Problem]]:
    """Return what a setting found about each group; without it there is nothing that analyses could use."""
    shown = project.relative(project.study_file(study))
    place = f"[[context]] from {plan.source!r}"
    if isinstance(result, NotEstimated):
        message, remedy = f"{place}: it could not be computed: {result.reason}", "correct its table, or take this out"
        return pd.DataFrame(), [Problem(shown, message, remedy, "context_not_computed")]
    facts: pd.DataFrame = result.facts(plan.of)
    if lacking := [name for name in plan.columns if name not in facts]:
        message = f"{place}: this setting has no {', '.join(lacking)}"
        return pd.DataFrame(), [Problem(shown, message, "leave it out", "context_column")]
    if facts.empty:
        message = f"{place}: its table does not say of each school to which {plan.of} it belongs"
        return pd.DataFrame(), [Problem(shown, message, f"add a column {plan.of}", "context_column")]
    return facts[list(plan.columns)], []


def _problems(shown: str, rows: list[list[str]], plan: ContextPlan) -> list[Problem]:
    header = rows[0]
    problems = []
    for name in (plan.of, *plan.columns):
        if header.count(name) != 1:
            message = "the column is missing" if name not in header else "the column is there more than once"
            problems.append(Problem(shown, message, "correct the header or the plan", "context_column", column=name))
    if problems:
        return problems
    at, seen = header.index(plan.of), set()
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(header):  # told already
            continue
        key = row[at].strip()
        if not key or key in seen:
            message = "the group has a row already" if key else "the group has no name"
            problems.append(
                Problem(shown, message, "keep one row a group", "group", row=number, column=plan.of, value=key)
            )
        seen.add(key)
    return problems


def _table(rows: list[list[str]], plan: ContextPlan) -> pd.DataFrame:
    header = rows[0]
    index = pd.Index([row[header.index(plan.of)].strip() for row in rows[1:]], name=plan.of)
    columns = {}
    for name in plan.columns:
        cells = [row[header.index(name)].strip() for row in rows[1:]]
        numbers = [_number(cell) for cell in cells]
        if None in numbers:
            columns[name] = pd.Series([cell or None for cell in cells], index=index, dtype="str")
        else:
            columns[name] = pd.Series(numbers, index=index, dtype="float64")
    return pd.DataFrame(columns, index=index)


def _number(cell: str) -> float | None:
    if not cell:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
