"""A model bound to data: one function of the free coordinates, summed over groups."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError
from leadership_study.results import Note
from leadership_study.sem.constraints import Constraints
from leadership_study.sem.optimise import Minimum, minimise, minimise_constrained, minimise_near
from leadership_study.sem.parameter_table import ParameterTable
from leadership_study.sem.structure import Generators, State, Structure

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Discrepancy(Protocol):
    """How far one group's implied moments are from its data, per observation."""

    def value(self, state: State) -> float:
        """Return f."""

    def gradient(self, state: State, cells: Generators) -> Floats:
        """Return ∂f/∂θ."""

    def expected(self, state: State, cells: Generators) -> Floats:
        """Return the expected information, or Δ′WΔ."""

    def observed(self, state: State, cells: Generators) -> Floats:
        """Return ∂²f/∂θ∂θ′."""


@dataclass(frozen=True)
class Part:
    """One group: its structure, discrepancy and share of the whole."""

    structure: Structure
    discrepancy: Discrepancy
    share: float


def _unit(parts: Sequence[Part]) -> float:
    return min((getattr(part.discrepancy, "unit", 1.0) for part in parts), default=1.0)


def _places(basis: Floats, parts: Sequence[Whole]) -> list[Whole] | None:
    """Return which coordinate each free parameter of a group is, where that is all that the constraints say.

    None where parameters of one group are equal, held, or tied otherwise.
    """
    if not ((basis == 1).sum(axis=1) == 1).all() or np.count_nonzero(basis) != len(basis):
        return None
    places = [basis[which].argmax(axis=1) for which in parts]
    return places if all(len(np.unique(place)) == len(place) for place in places) else None


class Problem:
    """The objective of a model, as `optimise.Objective` over free coordinates z.

    Parameters
    ----------
    base : values of all table rows; those of free rows are overwritten.
    """

    def __init__(self, table: ParameterTable, parts: Sequence[Part], constraints: Constraints, base: Floats) -> None:
        self.table, self.parts, self.constraints = table, tuple(parts), constraints
        self.base, self.unit = base, _unit(self.parts)
        self.free = constraints.free
        self.cells = [part.structure.select(self.free) for part in parts]
        self._at: tuple[bytes | None, list[State]] = (None, [])

    def on(self, parts: Sequence[Part], base: Floats) -> "Problem":
        """Return the same model bound to other data: to ``parts`` of the same structures."""
        again = copy(self)
        again.parts, again.base, again.unit, again._at = tuple(parts), base, _unit(parts), (None, [])
        return again

    @cached_property
    def _places(self) -> list[Whole] | None:
        return _places(self.constraints.basis, [which for _, which in self.cells])

    def values(self, z: Floats) -> Floats:
        """Return the values of all table rows."""
        found = self.base.astype(z.dtype)
        found[self.free] = z if self.constraints.trivial else self.constraints.basis @ z + self.constraints.offset
        return found

    def states(self, z: Floats) -> list[State]:
        """Return the implied moments of all groups."""
        key = z.tobytes()
        if self._at[0] != key:
            values = self.values(z)
            self._at = (key, [part.structure.state(values) for part in self.parts])
        return self._at[1]

    def value(self, z: Floats) -> float:
        """Return f(z)."""
        try:
            states = self.states(z)
        except np.linalg.LinAlgError:  # I − B cannot be inverted
            return np.inf
        found = sum(part.share * part.discrepancy.value(s) for part, s in zip(self.parts, states, strict=True))
        return float(found) if np.isfinite(found) else np.inf

    def free_gradient(self, z: Floats) -> Floats:
        """Return ∂f/∂x for the free parameters x."""
        found = np.zeros(len(self.free))
        for part, state, (cells, which) in zip(self.parts, self.states(z), self.cells, strict=True):
            found[which] += part.share * part.discrepancy.gradient(state, cells)
        return found

    def information(self, z: Floats, *, observed: bool = False) -> Floats:
        """Return the information of one observation about the free parameters."""
        return self.information_at(self.states(z), self.cells, len(self.free), observed=observed)

    def information_at(
        self, states: Sequence[State], cells: Sequence[tuple[Generators, Whole]], size: int, *, observed: bool
    ) -> Floats:
        """Return the information about any set of parameters, free or not."""
        found = np.zeros((size, size))
        for part, state, (own, which) in zip(self.parts, states, cells, strict=True):
            measure = part.discrepancy.observed if observed else part.discrepancy.expected
            found[np.ix_(which, which)] += part.share * measure(state, own)
        return found

    def information_beside(
        self, states: Sequence[State], cells: Sequence[tuple[Generators, Whole]], size: int, k: int
    ) -> tuple[Floats, Floats]:
        """Return the first k columns of `information_at`, and its diagonal: all that score tests need."""
        found, diagonal = np.zeros((size, k)), np.zeros(size)
        for part, state, (own, which) in zip(self.parts, states, cells, strict=True):
            few = np.flatnonzero(which < k)
            beside: Any = getattr(part.discrepancy, "expected_beside", None)
            if beside is None:
                whole = part.discrepancy.expected(state, own)
                left, along = whole[:, few], np.diag(whole)
            else:
                left, along = beside(state, own, few)
            found[np.ix_(which, which[few])] += part.share * left
            diagonal[which] += part.share * along
        return found, diagonal

    def _about_coordinates(self, z: Floats, *, observed: bool) -> Floats:
        basis = self.constraints.basis
        if self.constraints.trivial or self._places is None:
            matrix = self.information(z, observed=observed)
            return matrix if self.constraints.trivial else basis.T @ matrix @ basis
        found = np.zeros((basis.shape[1],) * 2)
        for part, state, (cells, _), place in zip(self.parts, self.states(z), self.cells, self._places, strict=True):
            measure = part.discrepancy.observed if observed else part.discrepancy.expected
            found[np.ix_(place, place)] += part.share * measure(state, cells)
        return found

    def gradient(self, z: Floats) -> Floats:
        """Return ∂f/∂z."""
        found = self.free_gradient(z)
        return found if self.constraints.trivial else self.constraints.basis.T @ found

    def scoring(self, z: Floats) -> Floats:
        """Return the expected information about z."""
        return self._about_coordinates(z, observed=False)

    def second(self, z: Floats) -> Floats:
        """Return ∂²f/∂z∂z′."""
        return self._about_coordinates(z, observed=True)

    def coordinates(self, values: Floats) -> Floats:
        """Return z for values of all table rows."""
        if self.constraints.trivial:
            return values[self.free]
        basis, away = self.constraints.basis, values[self.free] - self.constraints.offset
        if self._places is not None:
            return np.asarray(basis.T @ away / basis.sum(axis=0))
        return np.asarray(np.linalg.lstsq(basis, away, rcond=None)[0])

    def solve(self, starts: Iterable[Floats]) -> Minimum:
        """Minimise from the first start that leads to an optimum.

        Raises
        ------
        ConvergenceError
            When none does; the parameter that the search pushes hardest is named.
        """
        best: Minimum | None = None
        for values in starts:
            found = self._search(self.coordinates(values))
            if found.converged:
                return self._within_bounds(found)
            best = found if best is None or found.value < best.value else best
        if best is None:
            raise ValueError("There is no start to search from.")
        raise ConvergenceError(self._stuck(best))

    def try_all(self, starts: Iterable[Floats]) -> list[Minimum]:
        """Return the optima that these starts lead to; those that lead nowhere are left out."""
        found = [self._search(self.coordinates(values)) for values in starts]
        return [each for each in found if each.converged]

    def solve_near(self, z: Floats, inverse: Floats) -> Floats:
        """Minimise from z, close to the optimum, where ``inverse`` is the inverse Hessian; return where."""
        near = None if self.constraints.curved else minimise_near(self, z, inverse)
        found = near or self._search(z)
        if not found.converged:
            raise ConvergenceError(self._stuck(found))
        return found.z

    def _search(self, z: Floats) -> Minimum:
        if not np.isfinite(self.value(z)):
            return Minimum(z, np.inf, False, 0, np.inf)
        limits = self.constraints
        if not limits.curved:
            return minimise(self, z)

        def violation(at: Floats) -> Floats:
            return limits.violation(self.values(at))

        def slopes(at: Floats) -> Floats:
            return np.asarray(limits.slopes(self.values(at)) @ limits.basis)

        return minimise_constrained(self, z, violation, slopes)

    def _within_bounds(self, found: Minimum) -> Minimum:
        """Hold violated inequalities at their bound and search again."""
        limits = self.constraints
        held: list = []
        for _ in range(len(limits.inequalities)):
            size = Constraints(limits.free, limits.basis, limits.offset, limits.inequalities, limits.names, (), False)
            room = size.violation(self.values(found.z))
            broken = {at: r for at, r in enumerate(room) if r < -1e-9 and limits.inequalities[at] not in held}
            if not broken:
                break
            held.append(limits.inequalities[min(broken, key=lambda at: broken[at])])  # the most violated first
            self.constraints = limits.bound(held)
            found = self._search(found.z)
            if not found.converged:
                raise ConvergenceError(self._stuck(found))
        return found

    def _stuck(self, found: Minimum) -> Note:
        text = (
            "The model did not converge after {iterations} steps; the search ended at an unacceptable value of "
            "{parameter} ({value}). The model may not be identified, or ask too much of the data: simplify it."
        )
        values = self.values(found.z)
        worst = int(self.free[0]) if len(self.free) else 0
        if np.isfinite(found.value) and len(self.free):
            information = np.diag(self.information(found.z))
            pushed = np.abs(values[self.free]) / np.maximum(1e-8, np.sqrt(np.maximum(information, 1e-16)))
            worst = int(self.free[int(np.argmax(pushed))])
        row = self.table.rows[worst]
        return Note("model_not_converged", text,
                    {"iterations": found.iterations, "parameter": row.name, "value": float(values[worst])})  # fmt: skip
