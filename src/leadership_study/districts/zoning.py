"""Zoning: the schools of a county divided into districts around strong central schools."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.districts._county import County, read_county
from leadership_study.districts._division_criteria import (
    Requirements,
    best_centre,
    criteria_of,
    group_table,
    split,
    summary_of,
)
from leadership_study.districts._division_model import Ints
from leadership_study.districts._division_search import Task, search
from leadership_study.districts._separators import pieces
from leadership_study.errors import ConvergenceError, InsufficientDataError, PlanError
from leadership_study.results import Note, Result
from leadership_study.scoring.variables import TableFile

__all__ = ["Zoning", "check", "run", "zoning"]


_FROM_ZERO = ("strong_schools", "gap", "front")
_AMOUNTS = (*_FROM_ZERO, "size_tolerance", "max_imbalance", "max_distance", "reach", "time_limit")
_SHOWN = 5


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Zoning(Result):
    """A division of a county's schools into districts.

    Attributes
    ----------
    divisions : DataFrame
        Index ``division`` (proposed, and in_force when the table tells it): n_districts, districts_meeting (all
        requirements), mean_distance and maximum_distance of a school to its centre (km), imbalance (largest difference
        of a district's mean strength from the county's), smallest_size_ratio and largest_size_ratio (pupils of a
        district over the mean).
    criteria : DataFrame
        Rows (division, district): the same for each district, its centre, numbers of schools, pupils, strong, town and
        country schools, stages_missing, in_one_piece, and meets (all requirements).
    requirements : DataFrame
        Rows (division, requirement): districts_meeting of n_districts.
    assignment : DataFrame
        Index ``school``: district (named by its centre), distance (km), in_force, school_group, across and along (its
        place).
    groups : DataFrame
        Rows (division, school_group), with ``crossed_by``: n_schools of the group and the n_districts that it reaches.
    front : DataFrame
        Index ``point`` (none without ``front``): divisions under ever tighter bounds on the imbalance: imbalance_bound,
        imbalance, mean_distance, gap. The first has no bound beyond ``max_imbalance``.
    mean_distance, lower_bound, gap : float
        Of the proposed division: no division that meets the requirements has a mean distance below the bound, and the
        gap is the share by which the proposed one may lie above the best.
    """

    main: ClassVar[str] = "divisions"

    divisions: pd.DataFrame
    criteria: pd.DataFrame
    requirements: pd.DataFrame
    assignment: pd.DataFrame
    groups: pd.DataFrame
    front: pd.DataFrame
    mean_distance: float
    lower_bound: float
    gap: float


def zoning(
    schools: pd.DataFrame, *, n_districts: int, centres: Sequence[str] = (), strong: str | float = 1 / 3,
    strong_schools: int = 2, mixed_locations: bool = True, mixed_strength: bool = True, complete_stages: bool = True,
    size_tolerance: float | None = 0.5, max_imbalance: float | None = None, max_distance: float | None = None,
    connected: bool = False, neighbours: pd.DataFrame | None = None, reach: float | None = None,
    crossed_by: str | None = None, country: Sequence[str] = ("rural",), front: int = 0, gap: float | None = None,
    time_limit: float = 60.0,
) -> Zoning:  # fmt: skip
    """Divide the schools of a county so that strong and weak share districts and distances stay short.

    Minimised is the mean distance of a school to the centre of its district, a strong school. It is an integer
    programme (SciPy's HiGHS): the p-median problem with what each district must hold. Up to thirty schools it is solved
    to the optimum, connectedness included; beyond, a division is found and the bound and gap that are proven are given.

    Parameters
    ----------
    schools : DataFrame
        One row a school: ``school``, ``x_km`` and ``y_km`` (or ``longitude`` and ``latitude`` in degrees), ``stage``
        (primary, lower_secondary, nine_year, complete_secondary, twelve_year), ``location``, ``strength`` (a number,
        higher is stronger), ``pupils``; ``district``, the division in force, if there is one.
    n_districts : int
        How many districts.
    centres : sequence of str, optional
        The central schools, one a district; chosen among the strong schools when left out.
    strong : str or float, default 1/3
        The name of a column of true and false, or the share of the schools, the strongest, that count as strong.
    strong_schools : int, default 2
        Strong schools that each district has at least.
    mixed_locations, mixed_strength, complete_stages : bool
        Each district has town and country; a school that is not strong; every stage there is in the county.
    size_tolerance : float, optional
        Pupils of a district differ from the mean district by at most this share.
    max_imbalance : float, optional
        Largest difference of a district's mean strength from the county's, in the unit of ``strength``.
    max_distance : float, optional
        No school lies further from its centre (km).
    connected : bool
        Each district hangs together; needs ``neighbours`` (columns school, neighbour) or ``reach``, the distance (km)
        up to which schools are neighbours.
    crossed_by : str, optional
        A column of school-running groups: each district has at least two groups, and each group of several schools
        reaches into at least two districts.
    country : sequence of str
        The values of ``location`` that are country.
    front : int
        Number of bounds tried for the front between distance and balance; one that is met already adds no point.
    gap : float, optional
        When to stop: share by which the mean distance may lie above the bound; 0 up to thirty schools, else .01.
    time_limit : float
        Seconds for one run of the solver; a division that was stopped by it says so, since a faster machine may find a
        better one.

    Raises
    ------
    ResponseError
        With every row that cannot be right.
    PlanError
        Missing columns, unknown centres or neighbours, options that do not fit each other.
    InsufficientDataError
        When no division meets the requirements, naming those without which there is one.
    ConvergenceError
        When none was found within the limit.

    Notes
    -----
    Sources: ReVelle & Swain (1970), https://doi.org/10.1111/j.1538-4632.1970.tb00142.x; Zoltners & Sinha (1983),
    https://doi.org/10.1287/mnsc.29.11.1237; Oehrlein & Haunert (2017), https://doi.org/10.5311/JOSIS.2017.15.379.
    """
    _check(
        n_districts, centres, strong, connected, neighbours, strong_schools=strong_schools,
        size_tolerance=size_tolerance, max_imbalance=max_imbalance, max_distance=max_distance, reach=reach, gap=gap,
        front=front, time_limit=time_limit,
    )  # fmt: skip
    if n_districts > len(schools):
        raise PlanError(f"There are {n_districts} districts for {len(schools)} schools; ask for fewer.")
    county = read_county(
        schools, strong=strong, country=country, crossed_by=crossed_by, neighbours=neighbours, reach=reach
    )
    asked = Requirements(
        strong_schools=strong_schools, mixed_locations=mixed_locations, mixed_strength=mixed_strength,
        complete_stages=complete_stages, size_tolerance=size_tolerance, max_imbalance=max_imbalance,
        max_distance=max_distance, connected=connected, crossed=crossed_by is not None,
    )  # fmt: skip
    task = Task(
        county=county, n_districts=n_districts, centres=tuple(county.positions(centres, "centres")), asked=asked,
        gap=gap, time_limit=time_limit,
    )  # fmt: skip
    _enough(county, task)
    _not_cut_off(county, task)
    found = search(task)
    if found.centres is None:
        raise _none(task, found.status, found.possible_without)
    notes = [] if found.status == "optimal" else [_stopped(found.gap)]
    divisions = {"proposed": _districts(county, found.centres)}
    in_force = schools["district"].astype(object).to_numpy() if "district" in schools else None
    if in_force is not None:
        divisions["in_force"] = _as_they_are(county, in_force)
    parts = {name: split(criteria_of(county, districts, asked)) for name, districts in divisions.items()}
    criteria = {name: table for name, (table, _) in parts.items()}
    summary = pd.DataFrame.from_dict({name: summary_of(table) for name, table in criteria.items()}, orient="index")
    own = np.array(found.centres)
    assignment = pd.DataFrame(
        {
            "district": [county.names[centre] for centre in own],
            "distance": county.distances[np.arange(county.n), own],
            "in_force": [None] * county.n if in_force is None else in_force,
            "school_group": [None] * county.n if county.groups is None else county.groups,
            "across": county.places[:, 0],
            "along": county.places[:, 1],
        },
        index=pd.Index(county.names, name="school"),
    )
    return Zoning(
        divisions=summary.rename_axis("division"),
        criteria=pd.concat(criteria, names=["division", "district"]),
        requirements=pd.concat({name: counts for name, (_, counts) in parts.items()}, names=["division"]),
        assignment=assignment,
        groups=pd.concat(
            {name: group_table(county, districts) for name, districts in divisions.items()}, names=["division"]
        ),
        front=_front(task, found.total / county.n, found.gap, float(summary["imbalance"]["proposed"]), front),
        mean_distance=found.total / county.n,
        lower_bound=found.bound / county.n,
        gap=found.gap,
        definition={"formula": "p_median", "n": county.n, "n_districts": n_districts, **_told(asked)},
        notes=tuple(notes),
    )


def _check(
    n_districts: int, centres: Sequence[str], strong: str | float, connected: bool, neighbours: object,
    **amounts: float | None,
) -> None:  # fmt: skip
    """Refuse options that no county could meet; ``amounts`` are those that must be positive, or none."""
    if n_districts < 1:
        raise PlanError(f"n_districts must be at least 1; got {n_districts}.")
    if twice := [one for one in dict.fromkeys(centres) if list(centres).count(one) > 1]:
        raise PlanError(f"centres names {twice[0]!r} twice; name each once.")
    if centres and len(centres) != n_districts:
        raise PlanError(f"There are {len(centres)} centres for {n_districts} districts; name one for each.")
    if not isinstance(strong, str) and not 0 < strong <= 1:
        raise PlanError(f"strong is the name of a column or a share between 0 and 1; got {strong}.")
    if neighbours is not None and amounts["reach"] is not None:
        raise PlanError("Give neighbours or reach, not both.")
    if connected and neighbours is None and amounts["reach"] is None:
        raise PlanError("connected needs neighbours, or reach, the distance up to which schools are neighbours.")
    for name, amount in amounts.items():
        least = 0 if name in _FROM_ZERO else np.nextafter(0, 1)
        if amount is not None and not (least <= amount < np.inf):
            raise PlanError(f"{name} must be {'0 or more' if name in _FROM_ZERO else 'above 0'}; got {amount}.")


def _enough(county: County, task: Task) -> None:
    """Say what cannot be shared out, before anything is tried."""
    asked, k = task.asked, task.n_districts
    there = {"strong_schools": (int(county.strong.sum()), asked.strong_schools * k)}
    if asked.mixed_strength:
        there["mixed_strength"] = (int((~county.strong).sum()), k)
    if asked.mixed_locations:
        there["mixed_locations"] = (int(min(county.country.sum(), (~county.country).sum())), k)
    if asked.complete_stages:
        there["complete_stages"] = (min(int(offered.sum()) for offered in county.stages.values()), k)
    for requirement, (available, needed) in there.items():
        if available < needed:
            text = "{requirement}: the division needs {needed} such schools and the county has {available}."
            values = {"requirement": requirement, "needed": needed, "available": available}
            raise InsufficientDataError(Note("zoning_too_few_schools", text, values))


def _not_cut_off(county: County, task: Task) -> None:
    """Say which schools hang together with no others and make no district of their own."""
    if not task.asked.connected or county.neighbours is None:
        return
    numbers = pieces(county.neighbours, np.arange(county.n))
    if (n_pieces := int(numbers.max()) + 1) > task.n_districts:
        text = (
            "The schools fall into {pieces} parts that no neighbours join, more than there are districts "
            "({n_districts}); add neighbours, or allow a longer reach."
        )
        raise InsufficientDataError(
            Note("zoning_more_pieces", text, {"pieces": n_pieces, "n_districts": task.n_districts})
        )
    for number in np.unique(numbers):
        own = numbers == number
        held = [county.strong[own].sum() >= max(task.asked.strong_schools, not task.centres)]
        if task.centres:
            held.append(own[list(task.centres)].any())
        if task.asked.mixed_strength:
            held.append((~county.strong[own]).any())
        if task.asked.mixed_locations:
            held += [county.country[own].any(), (~county.country[own]).any()]
        if task.asked.complete_stages:
            held += [offered[own].any() for offered in county.stages.values()]
        if not all(held):
            names = [county.names[at] for at in np.flatnonzero(own)]
            shown = names if len(names) <= _SHOWN else [*names[:_SHOWN], "…"]
            text = (
                "Schools hang together with no others and cannot make a district of their own ({n}): {schools}. Add "
                "neighbours, or allow a longer reach."
            )
            raise InsufficientDataError(Note("zoning_cut_off", text, {"n": len(names), "schools": ", ".join(shown)}))


def _none(task: Task, status: str, possible_without: tuple[str, ...]) -> InsufficientDataError | ConvergenceError:
    if status != "infeasible":
        text = "No division that meets all requirements was found within the limit; relax one, or allow more time."
        return ConvergenceError(Note("zoning_not_found", text))
    if possible_without:
        text = "No division meets all requirements; there is one without: {requirements}."
        return InsufficientDataError(Note("zoning_infeasible_but", text, {"requirements": possible_without}))
    text = "No division meets all requirements, nor does leaving out a single one help; relax several."
    return InsufficientDataError(Note("zoning_infeasible", text))


def _stopped(gap: float) -> Note:
    text = (
        "The search ended before the division was proven to be the best: its mean distance may lie above the least by "
        "a share of {gap_share}."
    )
    return Note("zoning_stopped", text, {"gap_share": gap})


def _districts(county: County, centres: Ints) -> dict[str, tuple[Ints, int]]:
    own = np.array(centres)
    return {county.names[centre]: (np.flatnonzero(own == centre), int(centre)) for centre in np.unique(own)}


def _as_they_are(county: County, names: Any) -> dict[str, tuple[Ints, int]]:
    found = {}
    for name in sorted({str(name) for name in names if name == name and name is not None}):
        members = np.flatnonzero(np.array([str(one) == name for one in names]))
        found[name] = (members, best_centre(county, members))
    return found


def _front(task: Task, mean_distance: float, gap: float, imbalance: float, points: int) -> pd.DataFrame:
    if not points:
        columns = ["imbalance_bound", "imbalance", "mean_distance", "gap"]
        return pd.DataFrame(columns=columns, index=pd.Index([], dtype="str", name="point"), dtype=float)
    rows = [{"imbalance_bound": np.nan, "imbalance": imbalance, "mean_distance": mean_distance, "gap": gap}]
    for step in range(1, points + 1):
        bound = imbalance * (1 - step / (points + 1))
        if bound >= rows[-1]["imbalance"]:
            continue
        found = search(replace(task, asked=replace(task.asked, max_imbalance=bound)), explain=False)
        if found.centres is None:
            break
        table = criteria_of(task.county, _districts(task.county, found.centres), task.asked)
        rows.append(
            {
                "imbalance_bound": bound,
                "imbalance": float(table["strength_difference"].abs().max()),
                "mean_distance": found.total / task.county.n,
                "gap": found.gap,
            }
        )
    return pd.DataFrame(rows, index=pd.Index([str(at + 1) for at in range(len(rows))], name="point"))


def _told(asked: Requirements) -> Mapping[str, Any]:
    return {name: value for name, value in asdict(asked).items() if value is not None and value is not False}


def check(**options: Any) -> None:
    """Refuse what a plan asks for before any table is read.

    Raises
    ------
    PlanError
        For options that do not fit each other.
    """
    _check(
        options["n_districts"], options["centres"], options["strong"], options["connected"], options["neighbours"],
        **{name: options[name] for name in _AMOUNTS},
    )  # fmt: skip


def run(
    *, schools: TableFile, n_districts: int, centres: tuple[str, ...] = (), strong: str | float = 1 / 3,
    strong_schools: int = 2, mixed_locations: bool = True, mixed_strength: bool = True, complete_stages: bool = True,
    size_tolerance: float | None = 0.5, max_imbalance: float | None = None, max_distance: float | None = None,
    connected: bool = False, neighbours: TableFile | None = None, reach: float | None = None,
    crossed_by: str | None = None, country: tuple[str, ...] = ("rural",), front: int = 0, gap: float | None = None,
    time_limit: float = 60.0,
) -> Zoning:  # fmt: skip
    """Divide the schools of the table that a plan names."""
    return zoning(
        schools, n_districts=n_districts, centres=centres, strong=strong, strong_schools=strong_schools,
        mixed_locations=mixed_locations, mixed_strength=mixed_strength, complete_stages=complete_stages,
        size_tolerance=size_tolerance, max_imbalance=max_imbalance, max_distance=max_distance, connected=connected,
        neighbours=neighbours, reach=reach, crossed_by=crossed_by, country=country, front=front, gap=gap,
        time_limit=time_limit,
    )  # fmt: skip
