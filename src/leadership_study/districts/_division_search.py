"""The search for a division: to the optimum while the county is small, otherwise with a bound that is proven."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from leadership_study.districts._county import County
from leadership_study.districts._division_criteria import Requirements, best_centre
from leadership_study.districts._division_model import NEVER, DivisionModel, Ints, Solved, demands_of, least_total

_EXACT = 1200
"""Schools times candidates up to which the free choice of centres, or connectedness, is solved to the optimum."""
_TRIED = 2400
"""Up to here the same is tried, within the limit, when the division found otherwise may lie too far above the least."""
_RELAXED = 20_000
"""Up to here the bound is also sought with the requirements, whole numbers aside."""
_CLOSE = 0.01
_IMPROVEMENTS = 3
_NEAREST = 3
"""Strong schools tried around each proposed centre when no division fits the centres themselves."""
_OPTIONAL = ("mixed_locations", "mixed_strength", "complete_stages", "connected", "crossed")
_BOUNDS = ("size_tolerance", "max_imbalance", "max_distance")


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be divided, and how; ``centres`` are positions, none when they are free."""

    county: County
    n_districts: int
    centres: tuple[int, ...]
    asked: Requirements
    gap: float | None
    time_limit: float


@dataclass(frozen=True, kw_only=True)
class Found:
    """``centres`` (n,): the position of each school's centre; None when there is no division."""

    centres: Ints | None
    total: float
    bound: float
    status: str
    possible_without: tuple[str, ...] = ()

    @property
    def gap(self) -> float:
        """Share of the total by which it may lie above the least one."""
        return 0.0 if self.total <= 0 else max(0.0, (self.total - self.bound) / self.total)


def search(task: Task, *, explain: bool = True) -> Found:
    """Return the division with the least sum of distances that was found, and the bound."""
    candidates = list(task.centres) or [int(at) for at in np.flatnonzero(task.county.strong)]
    small = task.county.n * len(candidates) <= _EXACT
    if small or (task.centres and not task.asked.connected):
        found = _exact(task, candidates, gap=(1e-9 if small else _CLOSE) if task.gap is None else task.gap)
    else:
        wanted = _CLOSE if task.gap is None else task.gap
        found = _bounded(task, candidates, gap=wanted)
        if found.status == "limit" and task.county.n * len(candidates) <= _TRIED:
            found = _better(found, _exact(task, candidates, gap=wanted), gap=wanted)
    if found.centres is None and found.status == NEVER and explain:
        return replace(found, possible_without=_culprits(task))
    return found


def _better(first: Found, second: Found, *, gap: float) -> Found:
    """The shorter of two divisions, with the tighter of their bounds."""
    if second.status == NEVER:
        return second
    best = second if first.centres is None or second.total < first.total - 1e-9 else first
    if best.centres is None:
        return replace(best, bound=max(first.bound, second.bound))
    done = replace(best, bound=min(max(first.bound, second.bound), best.total))
    return replace(done, status="optimal" if done.gap <= gap else "limit")


def _model(task: Task, candidates: list[int], *, trees: bool = False) -> DivisionModel:
    asked = task.asked
    demands = demands_of(
        task.county, n_districts=task.n_districts, strong_schools=asked.strong_schools,
        mixed_locations=asked.mixed_locations, mixed_strength=asked.mixed_strength,
        complete_stages=asked.complete_stages, size_tolerance=asked.size_tolerance, max_imbalance=asked.max_imbalance,
    )  # fmt: skip
    return DivisionModel(
        task.county, candidates, n_districts=task.n_districts,
        demands=[demand for several in demands.values() for demand in several],
        max_distance=asked.max_distance, crossing=asked.crossed, trees=trees,
    )  # fmt: skip


def _exact(task: Task, candidates: list[int], *, gap: float) -> Found:
    model = _model(task, candidates)
    solve = model.solve_connected if task.asked.connected else model.solve
    return _named(solve(gap=gap, time_limit=task.time_limit), candidates)


def _named(solved: Solved, candidates: list[int]) -> Found:
    centres = None if solved.assignment is None else np.array(candidates)[solved.assignment]
    return Found(centres=centres, total=solved.total, bound=solved.bound, status=solved.status)


def _bounded(task: Task, candidates: list[int], *, gap: float) -> Found:
    """Choose centres, divide around them, move each to the middle of its district, and divide again."""
    county = task.county
    share = task.time_limit / (_IMPROVEMENTS + 2)
    if task.centres:
        centres = candidates
        relaxed = _model(task, candidates).solve(gap=gap, time_limit=share)
        if relaxed.status == NEVER:
            return _named(relaxed, candidates)
        bound = relaxed.bound
    else:
        bound, chosen = least_total(county, candidates, task.n_districts)
        if county.n * len(candidates) <= _RELAXED:
            bound = max(bound, _model(task, candidates).relaxed_total(time_limit=share))
        centres = [candidates[at] for at in chosen]
    best: Found | None = None
    for _ in range(1 if task.centres else _IMPROVEMENTS):
        model = _model(task, centres, trees=task.asked.connected)
        found = _named(model.solve(gap=gap / 2, time_limit=share), centres)
        if found.centres is None and best is None and not task.centres:
            around = _around(county, centres, candidates)
            model = _model(task, around, trees=task.asked.connected)
            found = _named(model.solve(gap=gap / 2, time_limit=share), around)
        if found.centres is None or (best is not None and found.total >= best.total - 1e-9):
            break
        best = found
        centres = [best_centre(county, np.flatnonzero(found.centres == centre)) for centre in np.unique(found.centres)]
    if best is None:
        return Found(centres=None, total=np.inf, bound=bound, status="limit")
    done = replace(best, bound=min(bound, best.total))
    return replace(done, status="optimal" if done.gap <= gap else "limit")


def _around(county: County, centres: list[int], candidates: list[int]) -> list[int]:
    near = county.distances[np.ix_(centres, candidates)].argsort(axis=1, kind="stable")[:, :_NEAREST]
    return [candidates[at] for at in np.unique(near)]


def _culprits(task: Task) -> tuple[str, ...]:
    """Name the requirements without any one of which there is a division."""
    asked, found = task.asked, []
    for name in (*_OPTIONAL, *_BOUNDS, "strong_schools"):
        without: Any = 1 if name == "strong_schools" else None if name in _BOUNDS else False
        if getattr(asked, name) == without:
            continue
        easier = replace(task, asked=replace(asked, **{name: without}), gap=1.0, time_limit=task.time_limit / 6)
        if search(easier, explain=False).centres is not None:
            found.append(name)
    return tuple(found)
