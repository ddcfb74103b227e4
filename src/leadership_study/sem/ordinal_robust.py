"""CFI and RMSEA of ordered items that do not depend on the estimator's weights (Savalei, 2021).

The least-squares estimates are put into the normal-theory discrepancy of the polychoric correlations; its expectation
under the model follows from the correlations' large-sample covariance (https://doi.org/10.1080/00273171.2020.1717922).
"""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadership_study.sem.fit_measures import Test
from leadership_study.sem.normal_theory import inverse_and_log_determinant

if TYPE_CHECKING:
    from leadership_study.sem.ordinal import OrdinalSquares
    from leadership_study.sem.solution import Solution

Floats = NDArray[np.float64]


def normal_theory_test(solution: "Solution") -> Test | None:
    """Return the normal-theory statistic at the least-squares estimates with what it should average to, per df.

    None when it is not defined: correlations that are not positive definite, or scales that are parameters.
    """
    if solution.df <= 0 or _scales_are_free(solution):
        return None
    statistic = expectation = 0.0
    size = solution.tangent.shape[1]
    inner, outer = np.zeros((size, size)), np.zeros((size, size))  # what estimation takes up, over all groups
    for part, state, (cells, which), group in zip(
        solution.problem.parts, solution.states, solution.problem.cells, solution.sample.groups, strict=True
    ):
        squares: OrdinalSquares = part.discrepancy  # type: ignore[assignment]
        sigma, sample = squares.implied_correlations(state), squares.covariance
        model, best = inverse_and_log_determinant(sigma), inverse_and_log_determinant(sample)
        if model is None or best is None:
            return None
        value = model[1] - best[1] + float(np.sum(model[0] * sample)) - len(sample)
        statistic += group.n * value
        jacobian = squares.jacobian(state, cells) @ solution.tangent[which]
        first = len(squares.thresholds)
        weight = _weight(model[0], squares)
        weighted = squares.weighted(jacobian)
        pulled = squares.gamma[first:] @ weighted
        expectation += float(np.sum(weight * squares.gamma[first:, first:]))
        expectation -= 2 * part.share * float(np.sum((jacobian[first:] @ solution.bread) * (weight @ pulled)))
        inner += part.share * jacobian[first:].T @ weight @ jacobian[first:]
        outer += part.share * weighted.T @ squares.gamma @ weighted
    expectation += float(np.sum((solution.bread @ inner) * (solution.bread @ outer).T))
    return Test(statistic, solution.df, expectation / solution.df)


def as_lavaan(independent: Test, baseline: "Solution") -> Test:
    """Return the independence model's test with the expectation that lavaan 0.6-14 takes for it in several groups.

    Under independence the expectation is the sum of the groups' traces of Γ; lavaan divides each by its group's share
    of the rows, there but not in the fitted model's. In one group the two are the same.
    """
    n, groups = baseline.sample.n, baseline.sample.groups
    if len(groups) == 1:
        return independent
    expectation = 0.0
    for part, group in zip(baseline.problem.parts, groups, strict=True):
        squares: OrdinalSquares = part.discrepancy  # type: ignore[assignment]
        first = len(squares.thresholds)
        expectation += n / group.n * float(np.trace(squares.gamma[first:, first:]))
    return Test(independent.chi_square, independent.df, expectation / independent.df)


def _weight(precision: Floats, squares: "OrdinalSquares") -> Floats:
    """Return the normal-theory weight of correlations, off-diagonal elements only."""
    i, j = squares.i, squares.j
    found = precision[np.ix_(i, i)] * precision[np.ix_(j, j)] + precision[np.ix_(i, j)] * precision[np.ix_(j, i)]
    return np.asarray(found)


def _scales_are_free(solution: "Solution") -> bool:
    """Whether y* has a scale of its own: free scales or intercepts, or thresholds that are not free."""
    theta = solution.table.defaults.parameterization == "theta"
    ordered = solution.table.defaults.thresholds
    labels = [row.label for row in solution.table.rows if row.label]
    for row in solution.table.rows:
        if row.op == "|" and (not row.free or labels.count(row.label) > 1):
            return True
        own_scale = row.op == ("~~" if theta else "~*~") and row.lhs == row.rhs
        if row.free and row.lhs in ordered and (own_scale or row.op == "~1"):
            return True
    return not math.isfinite(solution.test.chi_square)
