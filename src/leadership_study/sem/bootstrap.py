"""Bootstrap of a fitted model: rows (or clusters) drawn with replacement within groups, the model fitted again."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.resampling import block_sizes, row_weights
from leadership_study.sem.data import GroupData
from leadership_study.sem.fitting import group_discrepancy
from leadership_study.sem.problem import Discrepancy, Part, Problem
from leadership_study.sem.solution import Solution
from leadership_study.sem.weighted_squares import cross_products, lower_triangle

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bootstrap:
    """Values of all table rows in each sample that led to an optimum, and how many samples did not."""

    values: Floats
    failed: int


def bootstrap(solution: Solution, samples: int, seed: int) -> Bootstrap:
    """Fit the model to ``samples`` resamples.

    Sample k is the same whoever draws it: random numbers come by blocks of 100 samples from ``seed``.
    """
    if any(group.rows is None for group in solution.sample.groups):
        text = "The bootstrap needs raw answers; moments of a sample hold none."
        raise InsufficientDataError(Note("bootstrap_needs_rows", text))
    found, failed = [], 0
    groups = solution.sample.groups
    by_rows = solution.options.ordered or solution.options.missing == "fiml"
    # a start for BFGS: the inverse Hessian at the estimates
    near = np.asarray(np.linalg.pinv(solution.problem.second(solution.z)), dtype=np.float64)
    products = [None if by_rows else _products(group) for group in groups]
    for block, size in enumerate(block_sizes(samples)):
        # each group has streams of its own
        drawn = [
            row_weights(group.n, size, seed, block * len(groups) + at, clusters=_codes(group))
            for at, group in enumerate(groups)
        ]
        moments = [None if own is None else weights @ own / weights.sum(axis=1)[:, None]
                   for own, weights in zip(products, drawn, strict=True)]  # fmt: skip
        for k in range(size):
            resampled = [
                _resampled(group, weights[k], None if own is None else own[k])
                for group, weights, own in zip(groups, drawn, moments, strict=True)
            ]
            try:
                problem = _problem(solution, resampled)
                found.append(problem.values(problem.solve_near(solution.z, near)))
            except (ConvergenceError, InsufficientDataError, np.linalg.LinAlgError):
                failed += 1
    return Bootstrap(np.array(found).reshape(len(found), len(solution.table.rows)), failed)


def _codes(group: GroupData) -> NDArray[np.int64] | None:
    return None if group.clusters is None else np.unique(group.clusters, return_inverse=True)[1].astype(np.int64)


def _problem(solution: Solution, groups: list[GroupData]) -> Problem:
    parts, base = [], solution.problem.base
    total = sum(group.n for group in groups)
    for part, group in zip(solution.problem.parts, groups, strict=True):
        made: Discrepancy = group_discrepancy(solution.table, part.structure, group, solution.options)
        parts.append(Part(part.structure, made, group.n / total))
    if solution.table.variables.covariates:
        base = base.copy()
        place = solution.table.variables.observed.index
        for at, row in enumerate(solution.table.rows):
            if row.covariate:
                own: Any = parts[row.group].discrepancy
                i = place(row.lhs)
                base[at] = own.means[i] if row.op == "~1" else own.covariance[i, place(row.rhs)]
    return solution.problem.on(parts, base)


def _products(group: GroupData) -> Floats | None:
    """Return y − ȳ and its products (lower triangle) of every row; None with missing answers."""
    if group.rows is None or group.means is None or np.isnan(group.rows).any():
        return None
    return cross_products(group.rows, group.means, True)


def _resampled(group: GroupData, weights: Floats, moments: Floats | None) -> GroupData:
    rows, n = group.rows, int(weights.sum())
    if rows is None or group.means is None:
        raise ValueError("The bootstrap needs rows.")
    if moments is None:
        return replace(group, rows=np.repeat(rows, weights.astype(np.int64), axis=0), n=n)
    p = rows.shape[1]
    i, j = lower_triangle(p)
    covariance = np.empty((p, p))
    covariance[i, j] = covariance[j, i] = moments[p:]
    covariance -= np.outer(moments[:p], moments[:p])
    return replace(group, covariance=covariance, means=group.means + moments[:p], n=n)
