"""From a table of schools to the indicators of a standard, school by school and stage by stage."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from leadership_study.districts._standard import STAGES, Standard
from leadership_study.errors import PlanError, Problem, ResponseError
from leadership_study.results import Note

STAGES_OF = {
    "primary": ("primary",),
    "lower_secondary": ("lower_secondary",),
    "nine_year": ("primary", "lower_secondary"),
    "complete_secondary": ("lower_secondary", "upper_secondary"),
}
"""Kinds of schools, and the stages that pupils of each are in."""

LEFT_OUT = ("special", "vocational")
_PLACE = "schools"


def by_stage(
    schools: pd.DataFrame, standard: Standard, conversion: Mapping[str, float] | None
) -> tuple[pd.DataFrame, list[Note]]:
    """One row a school and stage: pupils, location and the amounts behind each indicator.

    Parameters
    ----------
    schools : DataFrame
        ``school``, ``stage`` (a key of `STAGES_OF`), ``pupils`` and the columns that the indicators are of; nine-year
        and complete schools also ``pupils_lower_secondary``; ``location`` and ``school_type`` if known.
    conversion : mapping from stage to a number, optional
        What a pupil of each stage counts when a school of two stages shares out what it has: the ratios are the
        province's, there is no default.

    Raises
    ------
    ResponseError
        With every school that cannot be right: no name or twice, unknown stage, no pupils, negative or missing
        amounts, more pupils in a stage than in the school.
    PlanError
        Columns that are missing, or a school of two stages without ``conversion``.
    """
    amounts = [indicator.of for indicator in standard.indicators]
    if lacking := [name for name in ("school", "stage", "pupils", *amounts) if name not in schools]:
        raise PlanError(f"The table of schools has no column {lacking[0]!r}, which the standard {standard.id} needs.")
    problems = _problems(schools, amounts)
    if problems:
        count = len(problems)
        raise ResponseError(f"The table of schools has {count} problem{'' if count == 1 else 's'}.", problems)
    kept, notes = _kept(schools, standard)
    rows = []
    for _, school in kept.iterrows():
        pupils = _pupils(school)
        weights = _weights(school, pupils, conversion)
        for stage, number in pupils.items():
            if stage in STAGES and stage in standard.limits and number > 0:
                rows.append(
                    {
                        "stage": stage,
                        "school": str(school["school"]),
                        "location": school.get("location"),
                        "district": school.get("district"),
                        "pupils": number,
                        **{name: float(school[name]) * weights[stage] for name in amounts},
                    }
                )
    return pd.DataFrame(rows), notes


def indicators_of(table: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """Indicators of every row of `by_stage`: amount × per / pupils; the index is (stage, school)."""
    found = {indicator.id: table[indicator.of] * indicator.per / table["pupils"] for indicator in standard.indicators}
    return pd.DataFrame(found).set_index(pd.MultiIndex.from_frame(table[["stage", "school"]]))


def _problems(schools: pd.DataFrame, amounts: list[str]) -> list[Problem]:
    found = []

    def add(at: int, column: str, value: object, rule: str, message: str, remedy: str) -> None:
        found.append(
            Problem(file=_PLACE, row=at + 1, column=column, value=str(value), rule=rule, message=message, remedy=remedy)
        )

    names = schools["school"].astype("str")
    for at, (_, school) in enumerate(schools.iterrows()):
        name, stage = school["school"], school["stage"]
        if pd.isna(name) or not str(name).strip():
            add(at, "school", "", "missing_school", "the school has no name", "give each school a name of its own")
        elif (names == str(name)).sum() > 1:
            add(at, "school", name, "duplicate_school", "two rows have this school", "keep one, or tell them apart")
        if stage not in STAGES_OF and school.get("school_type") not in LEFT_OUT:
            known = ", ".join(STAGES_OF)
            add(at, "stage", stage, "unknown_stage", "this is no stage", f"write one of {known}")
        for column in ("pupils", *amounts):
            value = pd.to_numeric(school[column], errors="coerce")
            if pd.isna(value):
                add(at, column, school[column], "not_a_number", "a number is missing or is none", "fill it in")
            elif value < 0 or not np.isfinite(value):
                add(
                    at,
                    column,
                    school[column],
                    "impossible_amount",
                    "an amount cannot be negative or endless",
                    "correct it",
                )
        pupils = pd.to_numeric(school["pupils"], errors="coerce")
        if pupils == 0:
            add(
                at, "pupils", 0, "no_pupils", "a school without pupils has no indicators", "correct it, or leave it out"
            )
        if stage in ("nine_year", "complete_secondary"):
            part = pd.to_numeric(school.get("pupils_lower_secondary", np.nan), errors="coerce")
            if pd.isna(part):
                message, remedy = "a school of two stages needs its pupils of the lower secondary stage", "fill it in"
                add(at, "pupils_lower_secondary", "", "missing_pupils", message, remedy)
            elif part > pupils or part < 0:
                message, remedy = "the stage has more pupils than the school", "correct one of the two"
                add(at, "pupils_lower_secondary", part, "impossible_pupils", message, remedy)
    return found


def _kept(schools: pd.DataFrame, standard: Standard) -> tuple[pd.DataFrame, list[Note]]:
    kind = schools["school_type"] if "school_type" in schools else pd.Series(None, index=schools.index, dtype=object)
    special = kind.isin(LEFT_OUT)
    small = (schools["pupils"].astype(float) < standard.fewest_pupils) & ~special
    notes = []
    if special.any():
        text = "Special and vocational schools are left out by rule: {schools}."
        notes.append(Note("special_schools_left_out", text, {"schools": ", ".join(schools.loc[special, "school"])}))
    if small.any():
        text = "Schools with fewer than {pupils} pupils are left out by rule: {schools}."
        values = {"pupils": standard.fewest_pupils, "schools": ", ".join(schools.loc[small, "school"].astype(str))}
        notes.append(Note("small_schools_left_out", text, values))
    return schools[~special & ~small], notes


def _pupils(school: pd.Series) -> dict[str, float]:
    whole = float(school["pupils"])
    stages = STAGES_OF[school["stage"]]
    if len(stages) == 1:
        return {stages[0]: whole}
    lower = float(school["pupils_lower_secondary"])
    return {stage: lower if stage == "lower_secondary" else whole - lower for stage in stages}


def _weights(school: pd.Series, pupils: dict[str, float], conversion: Mapping[str, float] | None) -> dict[str, float]:
    """The share of what the school has that belongs to each of its stages."""
    if len(pupils) == 1:
        return dict.fromkeys(pupils, 1.0)
    if conversion is None or (lacking := [stage for stage in pupils if stage not in conversion]):
        needed = ", ".join(pupils if conversion is None else lacking)
        raise PlanError(
            f"{school['school']} has pupils of two stages, and what a pupil of each counts is the province's to say: "
            f"give 'conversion' a ratio for {needed}."
        )
    if wrong := [stage for stage, ratio in conversion.items() if not ratio > 0]:
        raise PlanError(f"The ratio of {wrong[0]} in 'conversion' must be above 0.")
    counted = {stage: number * conversion[stage] for stage, number in pupils.items()}
    total = sum(counted.values())
    return {stage: number / total for stage, number in counted.items()}
