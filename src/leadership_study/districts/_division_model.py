"""The division of a county as an integer programme: schools are assigned to the central schools of districts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, kron, vstack
from scipy.sparse.csgraph import dijkstra

from leadership_study.districts._county import County, Flags, Floats
from leadership_study.districts._separators import Cut, direct, of_shares

Ints = NDArray[np.int64]
NEVER = "infeasible"


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What each district must hold: ``low`` ≤ Σ of ``amounts`` over its schools ≤ ``high``."""

    amounts: Floats
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True, kw_only=True)
class Solved:
    """An assignment (n,) of schools to candidates, with the total distance and what is proven of the least one.

    ``assignment`` is None when there is none (``status`` "infeasible") or none was found in time ("limit").
    """

    assignment: Ints | None
    total: float
    bound: float
    status: str


class DivisionModel:
    """Binary x[i, c]: school i belongs to the district around candidate c; binary y[c]: c is a centre.

    Minimised is the sum of distances to the centres. Demands hold for each district (times y[c]); ``crossing`` asks for
    two groups a district and two districts a group; ``trees`` keeps a district connected by asking for a neighbour on a
    shortest path to the centre (Zoltners & Sinha, 1983: enough, though stricter than connectedness).
    """

    def __init__(
        self, county: County, candidates: Sequence[int], *, n_districts: int, demands: Sequence[Demand],
        max_distance: float | None = None, crossing: bool = False, trees: bool = False,
    ) -> None:  # fmt: skip
        self.county = county
        self.candidates = np.array(candidates)
        self.n, self.m = county.n, len(self.candidates)
        self.distances = county.distances[:, self.candidates]
        self._n_districts = n_districts
        self._given = self.m == n_districts
        self._codes = _group_codes(county.groups) if crossing else np.zeros(0, dtype=np.int64)
        n_groups = int(self._codes.max()) + 1 if crossing else 0
        self._columns = self.n * self.m + self.m + n_groups * self.m
        self._rows: list[csr_array] = []
        self._low: list[Floats] = []
        self._high: list[Floats] = []
        self._upper = np.ones(self._columns)
        if max_distance is not None:
            self._upper[: self.n * self.m][(self.distances > max_distance).ravel()] = 0.0
        self._assignments(n_districts)
        for demand in demands:
            self._demand(demand)
        if crossing:
            self._crossing(n_groups)
        if trees:
            self._trees()

    def solve(self, *, gap: float, time_limit: float) -> Solved:
        """Solve once; no connectedness beyond ``trees``."""
        found = self._run(whole=True, options={"mip_rel_gap": gap, "time_limit": time_limit})
        bound = 0.0 if found.mip_dual_bound is None else float(found.mip_dual_bound)
        if found.x is None:
            status = NEVER if found.status == 2 else "limit"
            return Solved(assignment=None, total=np.inf, bound=np.inf if status == NEVER else bound, status=status)
        chosen = found.x[: self.n * self.m].reshape(self.n, self.m).argmax(axis=1)
        total = float(self.distances[np.arange(self.n), chosen].sum())
        status = "optimal" if found.status == 0 else "limit"
        return Solved(assignment=chosen, total=total, bound=min(bound, total), status=status)

    def solve_connected(self, *, gap: float, time_limit: float, rounds: int = 30) -> Solved:
        """Solve for districts that hang together.

        When every way from school i to centre c passes one of the schools v, x[i, c] ≤ Σ x[v, c] (Oehrlein & Haunert,
        2017). Such cuts tighten the relaxed programme; flows from the centres then keep whole divisions together.
        """
        near = self.county.neighbours
        if near is None:
            return self.solve(gap=gap, time_limit=time_limit)
        self._cut(direct(near, self.candidates))
        for _ in range(rounds):
            shares = self._relaxed(time_limit)
            if shares is None or not self._cut(of_shares(near, self.candidates, shares)):
                break
        self._flows(near)
        return self.solve(gap=gap, time_limit=time_limit)

    def relaxed_total(self, *, time_limit: float) -> float:
        """Return a lower bound of the total: schools may belong to several districts in part."""
        shares = self._relaxed(time_limit)
        return 0.0 if shares is None else float((shares * self.distances).sum())

    def _relaxed(self, time_limit: float) -> Floats | None:
        """Shares (n, m) of the programme without whole numbers; None when it has no solution."""
        found = self._run(whole=False, options={"time_limit": time_limit})
        return None if found.status != 0 else found.x[: self.n * self.m].reshape(self.n, self.m)

    def _run(self, *, whole: bool, options: Any) -> Any:
        at = self.n * self.m
        cost = np.zeros(self._columns)
        cost[:at] = self.distances.ravel()
        lower = np.zeros(self._columns)
        if self._given:
            lower[at : at + self.m] = 1.0
        integrality = np.zeros(self._columns, dtype=np.int64)
        integrality[: at + self.m] = int(whole)
        constraints = LinearConstraint(
            vstack([self._widened(rows) for rows in self._rows]), np.concatenate(self._low), np.concatenate(self._high)
        )
        bounds = Bounds(lower, self._upper)
        return milp(cost, integrality=integrality, bounds=bounds, constraints=constraints, options=options)

    def _add(self, rows: csr_array, low: float | Floats, high: float | Floats) -> None:
        count = rows.shape[0]
        self._rows.append(rows)
        self._low.append(np.broadcast_to(np.asarray(low, dtype=float), (count,)))
        self._high.append(np.broadcast_to(np.asarray(high, dtype=float), (count,)))

    def _widened(self, rows: csr_array) -> csr_array:
        extra = self._columns - rows.shape[1]
        return csr_array(hstack([rows, csr_array((rows.shape[0], extra))])) if extra else rows

    def _of_each(self, amounts: Floats) -> csr_array:
        """Rows (m, n·m): Σ of ``amounts`` over the schools of each candidate."""
        return csr_array(kron(csr_array(amounts[None, :]), eye_array(self.m)))

    def _assignments(self, n_districts: int) -> None:
        self._add(csr_array(kron(eye_array(self.n), csr_array(np.ones((1, self.m))))), 1.0, 1.0)
        centres = np.zeros((1, self.n * self.m + self.m))
        centres[0, self.n * self.m :] = 1.0
        self._add(csr_array(centres), n_districts, n_districts)
        at = self.candidates * self.m + np.arange(self.m)
        own = csr_array((np.ones(self.m), (np.arange(self.m), at)), shape=(self.m, self.n * self.m))
        self._add(csr_array(hstack([own, -eye_array(self.m)])), 0.0, 0.0)
        if not self._given:
            open_only = kron(csr_array(np.ones((self.n, 1))), -eye_array(self.m))
            self._add(csr_array(hstack([eye_array(self.n * self.m), open_only])), -np.inf, 0.0)

    def _demand(self, demand: Demand) -> None:
        sums = self._of_each(demand.amounts)
        for limit, low, high in ((demand.low, 0.0, np.inf), (demand.high, -np.inf, 0.0)):
            if np.isfinite(limit):
                self._add(csr_array(hstack([sums, -limit * eye_array(self.m)])), low, high)

    def _crossing(self, n_groups: int) -> None:
        """z[g, c] ≤ number of g's schools in c; Σ z over g ≥ 2 y[c]; Σ z over c ≥ 2 for groups of several schools."""
        base = self.n * self.m + self.m
        there = [self._of_each((self._codes == group).astype(float)) for group in range(n_groups)]
        for group in range(n_groups):
            own = np.zeros((1, n_groups))
            own[0, group] = 1.0
            marks = kron(csr_array(own), eye_array(self.m))
            self._add(csr_array(hstack([-there[group], csr_array((self.m, self.m)), marks])), -np.inf, 0.0)
            if (self._codes == group).sum() > 1:
                row = np.zeros((1, self._columns))
                row[0, base + group * self.m : base + (group + 1) * self.m] = 1.0
                self._add(csr_array(row), 2.0, np.inf)
        several = kron(csr_array(np.ones((1, n_groups))), eye_array(self.m))
        self._add(
            csr_array(hstack([csr_array((self.m, self.n * self.m)), -2 * eye_array(self.m), several])), 0.0, np.inf
        )

    def _trees(self) -> None:
        near = self.county.neighbours
        if near is None:
            return
        lengths = np.where(near, np.maximum(self.county.distances, 1e-9), 0.0)
        paths = dijkstra(csr_array(lengths), directed=False, indices=self.candidates)
        within = np.isfinite(paths.T)
        self._upper[: self.n * self.m][~within.ravel()] = 0.0
        self._cut(
            (int(i), c, np.flatnonzero(near[i] & (paths[c] < paths[c, i])))
            for c in range(self.m)
            for i in np.flatnonzero(within[:, c])
            if i != self.candidates[c]
        )

    def _flows(self, near: Flags) -> None:
        """From each centre flows what its schools take in, one unit each, through schools of its district only."""
        tails, heads = np.nonzero(near)
        base, arcs = self._columns, len(tails)
        self._columns += arcs * self.m
        self._upper = np.concatenate([self._upper, np.full(arcs * self.m, float(self.n))])
        most = self.n - self._n_districts
        ones = np.ones(arcs)
        into = csr_array((ones, (heads, np.arange(arcs))), shape=(self.n, arcs))
        out = csr_array((ones, (tails, np.arange(arcs))), shape=(self.n, arcs))
        gap = csr_array((self.n - 1, base - self.n * self.m))
        for c, centre in enumerate(self.candidates):
            others = np.flatnonzero(np.arange(self.n) != centre)
            own = csr_array(
                (np.ones(len(others)), (np.arange(len(others)), others * self.m + c)),
                shape=(len(others), self.n * self.m),
            )
            before = csr_array((len(others), c * arcs))
            self._add(csr_array(hstack([-own, gap, before, (into - out)[others]])), 0.0, 0.0)
            self._add(csr_array(hstack([-most * own, gap, before, into[others]])), -np.inf, 0.0)
            self._upper[base + c * arcs : base + (c + 1) * arcs][heads == centre] = 0.0

    def _cut(self, cuts: Iterable[Cut]) -> int:
        """Add x[i, c] ≤ Σ x[v, c] for each cut; return how many there were."""
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        count = 0
        for i, c, separators in cuts:
            rows += [count] * (len(separators) + 1)
            columns += [i * self.m + c, *(separators * self.m + c)]
            values += [1.0] + [-1.0] * len(separators)
            count += 1
        if count:
            self._add(csr_array((values, (rows, columns)), shape=(count, self.n * self.m)), -np.inf, 0.0)
        return count


def least_total(county: County, candidates: Sequence[int], n_districts: int, *, steps: int = 400) -> tuple[float, Ints]:
    """Bound the sum of distances from below, and propose centres: the p-median problem without any demand.

    Each school's assignment is priced (Lagrangian relaxation, subgradient steps; Held, Wolfe & Crowder, 1974); the best
    price gives the bound, and its cheapest plan the centres, as positions among the candidates.
    """
    distances = county.distances[:, list(candidates)]
    prices = np.partition(distances, 1, axis=1)[:, 1] if distances.shape[1] > 1 else distances[:, 0] + 1.0
    bound, least, centres = -np.inf, np.inf, np.arange(n_districts)
    width, idle = 1.0, 0
    for _ in range(steps):
        savings = np.minimum(distances - prices[:, None], 0.0)
        opened = np.argsort(savings.sum(axis=0), kind="stable")[:n_districts]
        value = float(prices.sum() + savings[:, opened].sum())
        total = float(distances[:, opened].min(axis=1).sum())
        if total < least:
            least, centres = total, np.sort(opened)
        if value > bound + 1e-12:
            bound, idle = value, 0
        else:
            idle += 1
        if idle >= 20:
            width, idle = width / 2, 0
        slope = 1.0 - (savings[:, opened] < 0).sum(axis=1)
        if least - value < 1e-9 or not slope.any():
            break
        prices = prices + width * (least - value) / float(slope @ slope) * slope
    return max(bound, 0.0), centres


def demands_of(
    county: County, *, n_districts: int, strong_schools: int, mixed_locations: bool, mixed_strength: bool,
    complete_stages: bool, size_tolerance: float | None, max_imbalance: float | None,
) -> Mapping[str, tuple[Demand, ...]]:  # fmt: skip
    """Return what each district must hold, by the name of the requirement."""
    found: dict[str, tuple[Demand, ...]] = {
        "strong_schools": (Demand(amounts=county.strong.astype(float), low=strong_schools),)
    }
    if mixed_strength:
        found["mixed_strength"] = (Demand(amounts=(~county.strong).astype(float), low=1),)
    if mixed_locations:
        sides = (county.country, ~county.country)
        found["mixed_locations"] = tuple(Demand(amounts=side.astype(float), low=1) for side in sides)
    if complete_stages:
        found["complete_stages"] = tuple(Demand(amounts=there.astype(float), low=1) for there in county.stages.values())
    if size_tolerance is not None:
        size = county.pupils * n_districts / county.pupils.sum()
        found["even_sizes"] = (Demand(amounts=size, low=1 - size_tolerance, high=1 + size_tolerance),)
    if max_imbalance is not None:
        above = county.strength - county.strength.mean()
        found["max_imbalance"] = (
            Demand(amounts=above - max_imbalance, high=0.0),
            Demand(amounts=above + max_imbalance, low=0.0),
        )
    return found


def _group_codes(groups: NDArray[np.object_] | None) -> Ints:
    """Numbers of the groups; −1 for schools of no group, which cross nothing."""
    if groups is None:
        return np.zeros(0, dtype=np.int64)
    known: dict[object, int] = {}
    return np.array([-1 if group != group else known.setdefault(group, len(known)) for group in groups])
