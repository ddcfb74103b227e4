"""Factors whose variance is fixed have no sign of their own: they are turned so that their loadings add up positive."""

import numpy as np
from numpy.typing import NDArray

from leadership_study.sem.solution import Solution

Floats = NDArray[np.float64]


def oriented(solution: Solution) -> Solution:
    """Return the solution with each free-signed factor turned towards the sum of its loadings."""
    table, values = solution.table, solution.values
    turned = values.copy()
    size = [dict(zip(table.variables.observed, np.sqrt(np.diag(group.covariance)), strict=True))
            for group in solution.sample.groups]  # fmt: skip
    for factor in table.variables.latent:
        mine = [at for at, row in enumerate(table.rows) if row.op == "=~" and row.lhs == factor]
        if sum(turned[at] / size[table.rows[at].group].get(table.rows[at].rhs, 1.0) for at in mine) >= 0:
            continue
        rows = [
            (at, row) for at, row in enumerate(table.rows) if (row.lhs == factor) != (row.rhs == factor)
            and row.op in ("=~", "~", "~~", "~1")
        ]  # fmt: skip
        if all(row.free or turned[at] == 0 for at, row in rows):
            candidate = turned.copy()
            candidate[[at for at, _ in rows]] *= -1
            if _obeys(solution, candidate):
                turned = candidate
    if np.array_equal(turned, values):
        return solution
    z = solution.problem.coordinates(turned)
    return Solution(solution.problem, solution.sample, solution.options, z, solution.iterations)


def _obeys(solution: Solution, values: Floats) -> bool:
    """Whether turned values keep all constraints and definitions meaningful."""
    problem = solution.problem
    if solution.table.definitions or solution.table.inequalities:
        return False
    z = problem.coordinates(values)
    again = problem.values(z)
    if not np.allclose(again, values, rtol=1e-9, atol=1e-9):
        return False
    if problem.constraints.curved and np.abs(problem.constraints.violation(again)).max() > 1e-8:
        return False
    return bool(problem.value(z) <= problem.value(solution.z) + 1e-10)
