"""From a table of schools to the indicators of a standard, school by school and stage by stage."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.districts._school_checks import STAGES_OF, check_columns, is_left_out, parts_of, school_problems
from leadership_study.districts._standard import STAGES, Standard
from leadership_study.errors import InsufficientDataError, PlanError, ResponseError
from leadership_study.results import Note

TEACHING_POINT = "teaching_point"
"""The type of school that a standard leaves out when it is small."""

_ABOUT = ("location", "district")


def by_stage(
    schools: pd.DataFrame,
    standard: Standard,
    conversion: Mapping[str, float] | None,
    *,
    check_units: bool = True,
) -> tuple[pd.DataFrame, list[Note]]:
    """One row a school and stage: pupils, location and the amounts behind each indicator.

    Parameters
    ----------
    schools : DataFrame
        ``school``, ``stage`` (a key of `STAGES_OF`), ``pupils`` and the columns that the indicators are of; nine-year
        and complete schools also ``pupils_lower_secondary``, twelve-year schools ``pupils_primary`` too; ``location``,
        ``district`` and ``school_type`` if known. Cells may be text.
    conversion : mapping from stage to a number, optional
        What a pupil of each stage counts when a school of several stages shares out what it has: the ratios are the
        province's, there is no default.
    check_units : bool
        Refuse amounts that can only be in another unit.

    Raises
    ------
    ResponseError
        With every school that cannot be right: no name or twice, unknown stage, no pupils, negative or missing
        amounts, more pupils in a stage than in the school, amounts in another unit.
    InsufficientDataError
        A table without rows.
    PlanError
        Columns that are missing or there twice, several years, or a school of several stages without ``conversion``.
    """
    amounts = list(dict.fromkeys(indicator.of for indicator in standard.indicators))
    check_columns(schools)
    if lacking := [name for name in ("school", "stage", "pupils", *amounts) if name not in schools]:
        named = ", ".join(repr(name) for name in lacking)
        columns = "columns" if len(lacking) > 1 else "column"
        raise PlanError(f"The table of schools has no {columns} {named}, which the standard {standard.id} needs.")
    if schools.empty:
        raise InsufficientDataError(Note("table_without_schools", "The table of schools has no rows."))
    if "year" in schools and schools["year"].nunique() > 1:
        raise PlanError("The table of schools has several years: use balance_trend, or give the rows of one year.")
    if problems := school_problems(schools, standard, check_units=check_units):
        count = len(problems)
        raise ResponseError(f"The table of schools has {count} problem{'' if count == 1 else 's'}.", problems)
    numbers = {name: pd.to_numeric(schools[name]).astype(float) for name in ("pupils", *amounts)}
    kept, notes = _kept(schools.assign(**numbers), standard)
    _check_conversion(kept, conversion)
    rows = []
    for _, school in kept.iterrows():
        pupils = _pupils(school)
        weights = _weights(pupils, conversion)
        for stage, number in pupils.items():
            if stage in STAGES and stage in standard.limits and number > 0:
                rows.append(
                    {
                        "stage": stage,
                        "school": str(school["school"]),
                        **{name: school.get(name) for name in _ABOUT},
                        "pupils": number,
                        **{name: float(school[name]) * weights[stage] for name in amounts},
                    }
                )
    rows.sort(key=lambda row: list(standard.limits).index(str(row["stage"])))
    table = pd.DataFrame(rows, columns=["stage", "school", *_ABOUT, "pupils", *amounts])
    return table, [*notes, *_doubts(kept)]


def indicators_of(table: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """Indicators of every row of `by_stage`: amount × per / pupils; the index is (stage, school)."""
    found = {indicator.id: table[indicator.of] * indicator.per / table["pupils"] for indicator in standard.indicators}
    return pd.DataFrame(found).set_index(pd.MultiIndex.from_frame(table[["stage", "school"]]))


def _kept(schools: pd.DataFrame, standard: Standard) -> tuple[pd.DataFrame, list[Note]]:
    kind = schools["school_type"] if "school_type" in schools else pd.Series(None, index=schools.index, dtype=object)
    special = is_left_out(schools)
    # What kind of school it is may be unknown; a school known to be no teaching point is judged, however small.
    small = (schools["pupils"] < standard.fewest_pupils) & ~special & (kind.isna() | (kind == TEACHING_POINT))
    notes = []
    if special.any():
        text = "Special and vocational schools are left out by rule: {schools}."
        names = ", ".join(schools.loc[special, "school"].astype(str))
        notes.append(Note("special_schools_left_out", text, {"schools": names}))
    if small.any():
        text = "Schools with fewer than {pupils} pupils are left out by rule: {schools}."
        values = {"pupils": standard.fewest_pupils, "schools": ", ".join(schools.loc[small, "school"].astype(str))}
        notes.append(Note("small_schools_left_out", text, values))
    return schools[~special & ~small], notes


def _doubts(schools: pd.DataFrame) -> list[Note]:
    """Say which schools have more of a kind of teachers than teachers."""
    if "teachers" not in schools:
        return []
    whole = pd.to_numeric(schools["teachers"], errors="coerce")
    kinds = [name for name in map(str, schools) if name.startswith("teachers_") or name == "backbone_teachers"]
    more = np.zeros(len(schools), dtype=bool)
    for name in kinds:
        more |= (pd.to_numeric(schools[name], errors="coerce") > whole).to_numpy()
    if not more.any():
        return []
    text = (
        "These schools report more teachers of a kind than teachers in all, so one of the numbers is wrong: {schools}."
    )
    return [Note("more_of_a_kind_than_teachers", text, {"schools": ", ".join(schools.loc[more, "school"].astype(str))})]


def _pupils(school: "pd.Series[Any]") -> dict[str, float]:
    whole = float(school["pupils"])
    stages = STAGES_OF[school["stage"]]
    told = {name.removeprefix("pupils_"): float(school[name]) for name in parts_of(school["stage"])}
    (rest,) = [stage for stage in stages if stage not in told]
    return {stage: told[stage] if stage != rest else whole - sum(told.values()) for stage in stages}


def check_ratios(conversion: Mapping[str, Any] | None) -> None:
    """Refuse ratios of what is no stage, and what is no number above 0."""
    for stage, ratio in (conversion or {}).items():
        if stage not in (*STAGES, "upper_secondary"):
            raise PlanError(f"{unknown('stage in conversion', stage, [*STAGES, 'upper_secondary'])}.")
        if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 0 < ratio < float("inf"):
            raise PlanError(f"The ratio of {stage} in 'conversion' must be a number above 0. Got {ratio!r} instead.")


def _check_conversion(schools: pd.DataFrame, conversion: Mapping[str, float] | None) -> None:
    check_ratios(conversion)
    lacking: dict[str, list[str]] = {}
    for name, stage in zip(schools["school"], schools["stage"], strict=True):
        for one in STAGES_OF[stage] if len(STAGES_OF[stage]) > 1 else ():
            if one not in (conversion or {}):
                lacking.setdefault(str(name), []).append(one)
    if not lacking:
        return
    needed = ", ".join(dict.fromkeys(one for stages in lacking.values() for one in stages))
    names = list(lacking)
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    verb = "has" if len(names) == 1 else "have"
    raise PlanError(
        f"{shown} {verb} pupils of two stages, and what a pupil of each counts is the province's to say: "
        f"give 'conversion' a ratio for {needed}."
    )


def _weights(pupils: dict[str, float], conversion: Mapping[str, float] | None) -> dict[str, float]:
    """The share of what the school has that belongs to each of its stages."""
    if conversion is None or len(pupils) == 1:
        return dict.fromkeys(pupils, 1.0)
    counted = {stage: number * conversion[stage] for stage, number in pupils.items()}
    total = sum(counted.values())
    return {stage: number / total for stage, number in counted.items()}
