"""Equal labels and ``==``: free parameters as functions of fewer coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.sem.expressions import Expression, jacobian_of, values_of
from leadership_study.sem.parameter_table import ParameterTable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Constraints:
    """What holds between the free parameters x.

    Attributes
    ----------
    basis, offset
        The linear ones: x = basis · z + offset for free coordinates z.
    curved : tuple of Expression
        The nonlinear ones: each must be 0.
    n_held : int
        How many of the curved ones are inequalities held at their bound.
    """

    free: NDArray[np.int64]
    basis: Floats
    offset: Floats
    curved: tuple[Expression, ...]
    names: dict[str, int]
    inequalities: tuple[Expression, ...]
    trivial: bool
    n_held: int = 0

    def violation(self, values: Floats) -> Floats:
        """Return the values of the curved constraints at the values of all table rows."""
        return np.asarray(values_of(self.curved, self.names, values))

    def slopes(self, values: Floats) -> Floats:
        """Return the derivatives of the curved constraints by the free parameters."""
        return jacobian_of(self.curved, self.names, values)[:, self.free]

    def tangent(self, values: Floats) -> Floats:
        """Return a basis of the directions in which the free parameters may move, free × dimensions."""
        if not self.curved:
            return self.basis
        return self.basis @ _null_space(self.slopes(values) @ self.basis)

    def bound(self, more: Sequence[Expression]) -> "Constraints":
        """Return the same with ``more`` expressions held at 0."""
        return Constraints(
            self.free, self.basis, self.offset, (*self.curved, *more), self.names, self.inequalities, False, len(more)
        )


def constraints_of(table: ParameterTable) -> Constraints:
    """Collect the constraints of a parameter table.

    Raises
    ------
    InsufficientDataError
        When constraints contradict each other.
    """
    free = np.array([at for at, row in enumerate(table.rows) if row.free], dtype=np.int64)
    place = {int(at): k for k, at in enumerate(free)}
    names: dict[str, int] = {}
    rows: list[Floats] = []
    right: list[float] = []
    labelled: dict[str, list[int]] = {}
    for at, row in enumerate(table.rows):
        if row.label:
            labelled.setdefault(row.label, []).append(at)
    for label, members in labelled.items():
        fixed = [at for at in members if at not in place]
        names[label] = leader = (fixed or members)[0]
        for at in members:
            if at in place and at != leader:
                line = np.zeros(len(free))
                line[place[at]] = 1.0
                if leader in place:
                    line[place[leader]] = -1.0
                rows.append(line)
                right.append(0.0 if leader in place else table.rows[leader].value)
    names |= {name: at for at, row in enumerate(table.rows) for name in (f".p{at + 1}.",) if name not in names}
    values = np.array([0.0 if row.free or row.covariate else row.value for row in table.rows])
    curved = []
    defined = {name: expression for name, expression, _ in table.definitions}
    for lhs, rhs, *_ in table.equalities:
        difference = Expression("operator", "-", (_inlined(lhs, defined), _inlined(rhs, defined)))
        if (found := _linear(difference, names, values, free)) is None:
            curved.append(difference)
        else:
            rows.append(found[0])
            right.append(-found[1])
    inequalities = tuple(
        Expression("operator", "-", (_inlined(a, defined), _inlined(b, defined)) if sign == ">" else
                   (_inlined(b, defined), _inlined(a, defined)))
        for a, b, _, _, sign in table.inequalities
    )  # fmt: skip
    if not rows:
        return Constraints(free, np.eye(len(free)), np.zeros(len(free)), tuple(curved), names, inequalities, not curved)
    if table.equalities:
        matrix, target = np.array(rows), np.array(right)
        offset = np.linalg.lstsq(matrix, target, rcond=None)[0]
        if not np.allclose(matrix @ offset, target, atol=1e-8):
            text = "The equality constraints of the model contradict each other; remove one of them."
            raise InsufficientDataError(Note("constraints_contradict", text))
        basis = _null_space(matrix)
    else:
        basis, offset = _grouped(labelled, place, len(free), table)
    return Constraints(free, basis, offset, tuple(curved), names, inequalities, False)


def _grouped(
    labelled: dict[str, list[int]], place: dict[int, int], n: int, table: ParameterTable
) -> tuple[Floats, Floats]:
    """Equal labels only: one coordinate for each set of equal parameters, in the order of the table."""
    leader = list(range(n))
    held: dict[int, float] = {}
    for members in labelled.values():
        here = [place[at] for at in members if at in place]
        for k in here:
            leader[k] = here[0]
        if fixed := [at for at in members if at not in place]:
            held |= dict.fromkeys(here, table.rows[fixed[0]].value)
    kept = [k for k in range(n) if leader[k] == k and k not in held]
    column = {k: at for at, k in enumerate(kept)}
    basis = np.zeros((n, len(kept)))
    for k in range(n):
        if leader[k] in column:
            basis[k, column[leader[k]]] = 1.0
    offset = np.zeros(n)
    offset[list(held)] = list(held.values())
    return basis, offset


def _inlined(expression: Expression, defined: dict[str, Expression]) -> Expression:
    """Replace names that ``:=`` defined by what they stand for."""
    if expression.kind == "name" and str(expression.value) in defined:
        return _inlined(defined[str(expression.value)], defined)
    parts = tuple(_inlined(part, defined) for part in expression.arguments)
    return Expression(expression.kind, expression.value, parts)


def _linear(
    expression: Expression, names: dict[str, int], values: Floats, free: NDArray[np.int64]
) -> tuple[Floats, float] | None:
    """Return slopes by the free parameters and the constant, or None when the expression is not linear."""
    points = [values.copy() for _ in range(3)]
    for at, point in enumerate(points):
        point[free] = 0.4 + 0.1 * (at + 1) * np.cos(np.arange(len(free)) * (at + 1))
    slopes = [jacobian_of((expression,), names, point)[0, free] for point in points]
    if not all(np.allclose(slope, slopes[0], rtol=1e-10, atol=1e-12) for slope in slopes):
        return None
    constant = values_of((expression,), names, points[0])[0] - slopes[0] @ points[0][free]
    return slopes[0], float(constant)


def _null_space(matrix: Floats) -> Floats:
    _, size, right = np.linalg.svd(matrix)
    rank = int((size > 1e-10 * max(size[0], 1e-300)).sum()) if len(size) else 0
    return np.asarray(right[rank:].T)
