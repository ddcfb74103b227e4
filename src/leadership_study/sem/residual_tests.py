"""How large residual correlations are in the population: unbiased SRMR with its tests (Maydeu-Olivares, 2017).

https://doi.org/10.1080/10705511.2016.1269606
"""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from leadership_study.sem.normal_theory import inverse_and_log_determinant
from leadership_study.sem.ordinal import OrdinalSquares
from leadership_study.sem.solution import Solution
from leadership_study.sem.structure import mean_jacobian, moment_jacobian
from leadership_study.sem.weighted_squares import cross_products, lower_triangle, normal_covariance, normal_weight

Floats = NDArray[np.float64]

CLOSE = 0.05


def residual_covariance(solution: Solution) -> tuple[Floats, Floats]:
    """Return the standardised residuals of one group (lower triangle) and their large-sample covariance."""
    part, state, group = solution.problem.parts[0], solution.states[0], solution.sample.groups[0]
    cells, which = solution.problem.cells[0]
    own = part.discrepancy
    if isinstance(own, OrdinalSquares):
        jacobian = own.jacobian(state, cells) @ solution.tangent[which]
        left = np.eye(len(jacobian)) - jacobian @ solution.bread @ own.weighted(jacobian).T
        first = len(own.thresholds)
        left = left[first:]
        return own.residual(state)[first:], left @ own.gamma @ left.T / solution.units
    covariance = own.covariance  # type: ignore[attr-defined]
    i, j = lower_triangle(len(covariance))
    sd = np.sqrt(np.diag(covariance))
    scale = 1 / (sd[i] * sd[j])
    residual = (covariance - state.sigma)[i, j] * scale
    found = inverse_and_log_determinant(state.sigma)
    if found is None:
        raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
    with_means = solution.options.meanstructure
    jacobian = moment_jacobian(cells, state, i, j)
    if with_means:
        jacobian = np.vstack([mean_jacobian(cells, state), jacobian])
    jacobian = jacobian @ solution.tangent[which]
    weight = normal_weight(found[0], with_means)
    if solution.options.errors == "robust" and group.rows is not None:
        products = cross_products(group.rows, group.means, with_means)  # type: ignore[arg-type]
        products = products - products.mean(axis=0)
        gamma = products.T @ products / group.n
    else:
        gamma = normal_covariance(state.sigma, with_means)
    inverse = np.linalg.inv(jacobian.T @ weight @ jacobian)
    left = np.eye(len(jacobian)) - jacobian @ inverse @ (jacobian.T @ weight)
    left = left[len(jacobian) - len(i) :]
    spread = left @ gamma @ left.T / solution.units
    return residual, spread * np.outer(scale, scale)


def residual_summary(solution: Solution) -> pd.Series:
    """Return SRMR and the unbiased SRMR with standard errors, interval (90 %) and tests of exact and close fit."""
    residual, spread = residual_covariance(solution)
    p = len(solution.table.variables.observed)
    count = p * (p + 1) // 2 if not solution.options.ordered else len(residual)
    total, squares = float(residual @ residual), float(np.sum(spread * spread))
    trace, bend = float(np.trace(spread)), float(residual @ spread @ residual)
    mean = math.sqrt(trace / count) * (1 - squares / (4 * trace**2))
    sd = math.sqrt(squares / trace / (2 * count))
    srmr = math.sqrt(total / count)
    shrink = 1 - (squares + 2 * bend) / (4 * total**2)
    unbiased = math.sqrt(max(total - trace, 0.0) / count) / shrink
    error = math.sqrt((squares + 2 * bend) / (2 * count * total)) / shrink
    half = float(ndtri(0.95)) * error
    z = (unbiased - CLOSE) / error
    exact = (srmr - mean) / sd
    found = {
        "srmr": srmr, "srmr_std_error": sd, "srmr_exact_fit_z": exact, "srmr_exact_fit_p_value": float(ndtr(-exact)),
        "usrmr": unbiased, "usrmr_std_error": error, "usrmr_ci_low": unbiased - half, "usrmr_ci_high": unbiased + half,
        "usrmr_close_fit_z": z, "usrmr_close_fit_p_value": float(ndtr(-z)),
    }  # fmt: skip
    return pd.Series(found, dtype="float64").rename_axis("statistic")
