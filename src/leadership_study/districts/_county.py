"""A county to be divided: its schools as arrays, every row checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.districts._school_checks import STAGES_OF
from leadership_study.districts._separators import pieces
from leadership_study.errors import PlanError, Problem, ResponseError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_EARTH_KM = 6371.0088
_YES = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False, "1.0": True, "0.0": False}
_PLACE = "schools"


@dataclass(frozen=True, kw_only=True)
class County:
    """n schools: ``distances`` (n, n) in km, and per school what a division is judged by."""

    names: tuple[str, ...]
    distances: Floats
    places: Floats
    pupils: Floats
    strength: Floats
    strong: Flags
    country: Flags
    stages: dict[str, Flags]
    neighbours: Flags | None
    groups: NDArray[np.object_] | None

    @property
    def n(self) -> int:
        """Number of schools."""
        return len(self.names)

    def positions(self, names: Sequence[str], what: str) -> list[int]:
        """Return where these schools stand; unknown ones are an error."""
        at = {name: place for place, name in enumerate(self.names)}
        if lacking := [name for name in names if name not in at]:
            raise PlanError(f"{what} names {lacking[0]!r}, which is no school of the table; correct the name.")
        return [at[name] for name in names]

    def hangs_together(self, members: Flags) -> bool:
        """Whether one can go from any of these schools to any other through neighbours among them."""
        if self.neighbours is None:
            return True
        return len(np.unique(pieces(self.neighbours, np.flatnonzero(members)))) <= 1


def read_county(
    schools: pd.DataFrame, *, strong: str | float, country: Sequence[str], crossed_by: str | None,
    neighbours: pd.DataFrame | None, reach: float | None,
) -> County:  # fmt: skip
    """Check a table of schools and turn it into arrays.

    Raises
    ------
    ResponseError
        With every row that cannot be right.
    PlanError
        Columns that are missing, or neighbours that are no schools.
    """
    place = ("longitude", "latitude") if "longitude" in schools else ("x_km", "y_km")
    wanted = ["school", *place, "stage", "location", "strength", "pupils", *([crossed_by] if crossed_by else [])]
    if isinstance(strong, str):
        wanted.append(strong)
    if lacking := [name for name in wanted if name not in schools]:
        raise PlanError(f"The table of schools has no column {lacking[0]!r}, which zoning needs; add it.")
    table = schools.reset_index(drop=True)
    numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in (*place, "strength", "pupils")}
    problems = _problems(table, numbers, place, strong)
    if problems:
        count = len(problems)
        raise ResponseError(f"The table of schools has {count} problem{'' if count == 1 else 's'}.", problems)
    names = tuple(table["school"].astype("str"))
    places = np.column_stack([numbers[name] for name in place]).astype(float)
    distances = _great_circle(places) if "longitude" in place else _straight(places)
    strength = numbers["strength"].to_numpy(dtype=float)
    offered = [STAGES_OF[str(stage)] for stage in table["stage"]]
    if crossed_by is not None and table[crossed_by].nunique() < 2:
        raise PlanError(f"Fewer than two groups stand in {crossed_by!r}; districts cannot cross them.")
    return County(
        names=names,
        distances=distances,
        places=places,
        pupils=numbers["pupils"].to_numpy(dtype=float),
        strength=strength,
        strong=_strong(table, strength, strong),
        country=table["location"].isin(list(country)).to_numpy(),
        stages={
            stage: np.array([stage in kinds for kinds in offered])
            for stage in sorted({kind for kinds in offered for kind in kinds})
        },
        neighbours=_neighbours(names, distances, neighbours, reach),
        groups=None
        if crossed_by is None
        else table[crossed_by].astype(object).mask(table[crossed_by].isna()).to_numpy(),
    )


def _problems(
    table: pd.DataFrame, numbers: dict[str, pd.Series], place: tuple[str, str], strong: str | float
) -> list[Problem]:
    found: list[Problem] = []

    def add(at: int, column: str, rule: str, message: str, remedy: str) -> None:
        value = str(table[column][at])
        found.append(
            Problem(file=_PLACE, row=at + 1, column=column, value=value, rule=rule, message=message, remedy=remedy)
        )

    names = table["school"].astype("str")
    for at in range(len(table)):
        if pd.isna(table["school"][at]) or not names[at].strip():
            add(at, "school", "missing_school", "the school has no name", "give each school a name of its own")
        elif (names == names[at]).sum() > 1:
            add(at, "school", "duplicate_school", "two rows have this school", "keep one, or tell them apart")
        if str(table["stage"][at]) not in STAGES_OF:
            add(at, "stage", "unknown_stage", "this is no stage", f"write one of {', '.join(STAGES_OF)}")
        if pd.isna(table["location"][at]):
            add(at, "location", "missing_location", "the location is missing", "fill it in")
        for name, values in numbers.items():
            if not np.isfinite(values[at]):
                add(at, name, "not_a_number", "a number is missing or is none", "fill it in")
        if numbers["pupils"][at] <= 0:
            add(at, "pupils", "no_pupils", "a school to be placed has pupils", "correct it, or leave the school out")
        if "latitude" in place and (abs(numbers["latitude"][at]) > 90 or abs(numbers["longitude"][at]) > 180):
            add(at, "latitude", "impossible_place", "degrees are out of range", "give degrees, or x_km and y_km")
        if isinstance(strong, str) and str(table[strong][at]).lower() not in _YES:
            add(at, strong, "not_yes_or_no", "whether a school is strong is told by true or false", "write one of them")
    return found


def _strong(table: pd.DataFrame, strength: Floats, strong: str | float) -> Flags:
    if isinstance(strong, str):
        return np.array([_YES[str(value).lower()] for value in table[strong]], dtype=bool)
    count = max(1, round(strong * len(strength)))
    return np.asarray(strength >= np.sort(strength)[-count])


def _straight(places: Floats) -> Floats:
    return np.asarray(np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2)))


def _great_circle(degrees: Floats) -> Floats:
    """Haversine distances."""
    longitude, latitude = np.radians(degrees).T
    rise = np.sin((latitude[:, None] - latitude) / 2) ** 2
    turn = np.sin((longitude[:, None] - longitude) / 2) ** 2
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(rise + np.cos(latitude[:, None]) * np.cos(latitude) * turn)))


def _neighbours(
    names: tuple[str, ...], distances: Floats, pairs: pd.DataFrame | None, reach: float | None
) -> Flags | None:
    if pairs is None and reach is None:
        return None
    if pairs is None:
        near: Flags = distances <= float(reach or 0.0)
        np.fill_diagonal(near, False)
        return near
    if lacking := [name for name in ("school", "neighbour") if name not in pairs]:
        raise PlanError(f"The table of neighbours has no column {lacking[0]!r}; it needs school and neighbour.")
    at = {name: place for place, name in enumerate(names)}
    found = np.zeros_like(distances, dtype=bool)
    for row, (first, second) in enumerate(zip(pairs["school"], pairs["neighbour"], strict=True), start=1):
        for name in (first, second):
            if str(name) not in at:
                raise PlanError(f"Row {row} of the neighbours names {name!r}, which is no school of the table.")
        found[at[str(first)], at[str(second)]] = found[at[str(second)], at[str(first)]] = str(first) != str(second)
    return found
