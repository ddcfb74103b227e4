"""Groups: whether they are nested as said, and facts about them joined to their respondents."""

import itertools
from collections.abc import Mapping, Sequence

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem
from leadership_study.instruments import Instrument
from leadership_study.results import Note
from leadership_study.scoring.variables import variable_ids


def check_nesting(groups: pd.DataFrame, nested_in: Sequence[str]) -> list[Note]:
    """Raise a `PlanError` naming every inner group that lies in several outer ones; note respondents without a group.

    A respondent without a value for one of the two groups does not count against the nesting.
    """
    problems = []
    for inner, outer in itertools.pairwise(nested_in):
        pairs = groups[[inner, outer]].dropna().drop_duplicates()
        for name, rows in pairs.groupby(inner, sort=True):
            if len(rows) > 1:
                within = ", ".join(sorted(rows[outer]))
                problems.append(
                    Problem(
                        file="answers",
                        column=inner,
                        value=str(name),
                        rule="not_nested",
                        message=f"{inner} {name} lies in more than one {outer}: {within}",
                        remedy=f"correct the answers, give each {inner} a name of its own, or change nested_in",
                    )
                )
    if problems:
        raise PlanError(f"The groups are not nested as nested_in says ({', '.join(nested_in)}).", problems)
    notes = []
    for name in nested_in:
        if missing := int(groups[name].isna().sum()):
            text = "Respondents without a value for {group}, who stay out of analyses that need it: {count}."
            notes.append(Note("group_missing", text, {"count": missing, "group": name}))
    return notes


def join_context(context: Mapping[str, pd.DataFrame], groups: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Give each respondent the facts about its groups; a respondent without a group gets missing values.

    Raises
    ------
    PlanError
        An unknown group question, a repeated row, a column whose name is taken, or groups of respondents that the
        context does not know.
    """
    joined: dict[str, pd.Series] = {}
    for name, facts in context.items():
        if name not in groups:
            raise PlanError(unknown("background question of kind 'group' in context", name, list(groups.columns)))
        table = facts.set_axis(facts.index.map(str), axis="index")
        if repeated := sorted(set(table.index[table.index.duplicated()])):
            raise PlanError(f"The context of {name} has more than one row for {', '.join(repeated)}; keep one.")
        if lacking := sorted(set(groups[name].dropna()) - set(table.index)):
            raise PlanError(
                f"The context of {name} has no row for {', '.join(lacking)}; add them, or correct the answers."
            )
        for column in table.columns:
            if column in joined or column in variable_ids(instrument):
                raise PlanError(f"The context column {column!r} of {name} has a name that is taken; rename it.")
            joined[str(column)] = table[column].reindex(groups[name]).set_axis(groups.index)
    return pd.DataFrame(joined, index=groups.index)
