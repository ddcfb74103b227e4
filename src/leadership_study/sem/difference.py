"""Chi-square difference tests between nested models."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.sem.ordinal import OrdinalSquares
from leadership_study.sem.solution import Solution
from leadership_study.sem.structure import mean_jacobian, moment_jacobian
from leadership_study.sem.weighted_squares import lower_triangle

Floats = NDArray[np.float64]
Method = Literal["standard", "satorra_bentler_2001", "satorra_2000"]


@dataclass(frozen=True)
class Difference:
    """A difference test: statistic, degrees of freedom, p value and how it was made."""

    chi_square: float
    df: int
    p_value: float
    method: Method


def difference_test(nested: Solution, wider: Solution, *, method: Method | None = None) -> Difference:
    """Test the restrictions that lead from the wider model to the nested one.

    Parameters
    ----------
    method : {"standard", "satorra_bentler_2001", "satorra_2000"}, optional
        None: the plain difference for unscaled tests; Satorra and Bentler (2001,
        https://doi.org/10.1007/BF02296192) for MLM and MLR; Satorra (2000), scaled and shifted, for WLSMV and ULSMV.

    Raises
    ------
    ValueError
        When the two were not fitted alike, or the nested one has no more degrees of freedom.
    InsufficientDataError
        When the scaling factor of the difference is negative.

    Notes
    -----
    R twin: ``lavTestLRT(wider, nested)``; Satorra's with ``A.method = "delta"``.
    """
    same = nested.options.estimator == wider.options.estimator and nested.sample.n == wider.sample.n
    if not same or nested.table.variables.observed != wider.table.variables.observed:
        raise ValueError("The two models must have the same variables, rows and estimator.")
    df = nested.df - wider.df
    if df <= 0:
        raise ValueError(f"The first model must be nested in the second: it has {df} more degrees of freedom.")
    plain = nested.test.chi_square - wider.test.chi_square
    scaling = nested.options.scaling
    chosen = method or {"none": "standard", "scaled_shifted": "satorra_2000"}.get(scaling, "satorra_bentler_2001")
    if chosen == "satorra_2000":
        first, second = _traces(nested, wider)
        factor = math.sqrt(second / df)
        value = plain / factor + df - first / factor
    elif chosen == "satorra_bentler_2001":
        one, two = nested.scaled_test, wider.scaled_test
        if one is None or two is None:
            raise ValueError("This difference test needs scaled tests; fit both models by MLM or MLR.")
        own = two.scaling if wider.df else 0.0
        factor = (nested.df * one.scaling - wider.df * own) / df
        if factor <= 0:
            text = (
                "The scaling factor of the difference test is negative ({factor}); the scaled difference does not "
                "exist for these two models."
            )
            raise InsufficientDataError(Note("difference_scaling_negative", text, {"factor": factor}))
        value = plain / factor
    else:
        value = plain
    return Difference(value, df, float(chdtrc(df, max(value, 0.0))), chosen)  # type: ignore[arg-type]


def _traces(nested: Solution, wider: Solution) -> tuple[float, float]:
    """tr(UΓ) and tr(UΓUΓ) of the restrictions, at the wider model's estimates."""
    upper, lower = _jacobians(wider), _jacobians(nested)
    share = [part.share for part in wider.problem.parts]
    squares: list[Any] = [part.discrepancy for part in wider.problem.parts]
    if not all(isinstance(each, OrdinalSquares) for each in squares):
        raise ValueError("Satorra's (2000) difference test is offered for ordered items.")
    # how the nested model's coordinates move the wider model's: what they cannot reach is restricted
    onto = np.linalg.lstsq(np.vstack(upper), np.vstack(lower), rcond=None)[0]
    left = np.linalg.svd(onto)[0]
    rank = nested.tangent.shape[1]
    away = left[:, rank:]
    bread = wider.bread
    middle = bread @ away @ np.linalg.solve(away.T @ bread @ away, away.T @ bread)
    total = np.zeros_like(bread)
    for w, each, jacobian in zip(share, squares, upper, strict=True):
        weighted = each.weighted(jacobian)
        total += w * weighted.T @ each.gamma @ weighted
    product = middle @ total
    return float(np.trace(product)), float(np.sum(product * product.T))


def _jacobians(solution: Solution) -> list[Floats]:
    found = []
    for part, state, (cells, which) in zip(
        solution.problem.parts, solution.states, solution.problem.cells, strict=True
    ):
        own = part.discrepancy
        if isinstance(own, OrdinalSquares):
            jacobian = own.jacobian(state, cells)
        else:
            i, j = lower_triangle(len(state.mu))
            jacobian = np.vstack([mean_jacobian(cells, state), moment_jacobian(cells, state, i, j)])
        found.append(jacobian @ solution.tangent[which])
    return found
