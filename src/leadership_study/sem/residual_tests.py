"""How large standardised residuals are in the population: unbiased SRMR with its tests (Maydeu-Olivares, 2017).

https://doi.org/10.1080/10705511.2016.1269606
"""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.sem.full_information import FullInformation
from leadership_study.sem.normal_theory import observed_information
from leadership_study.sem.ordinal import OrdinalSquares
from leadership_study.sem.robust import cluster_sums
from leadership_study.sem.solution import Solution
from leadership_study.sem.structure import mean_jacobian, moment_jacobian
from leadership_study.sem.weighted_squares import (
    cross_products,
    lower_triangle,
    normal_covariance,
    normal_weight,
    saturated_model,
)

Floats = NDArray[np.float64]

CLOSE = 0.05


def residual_summary(solution: Solution) -> pd.DataFrame:
    """Return SRMR and the unbiased SRMR with standard errors, 90 % interval and tests of exact and close fit.

    Columns: ``covariance`` (or ``correlation``), with a mean structure ``mean`` (or ``threshold``), and ``total``. R
    twin: ``lavResiduals(fit)$summary``.

    Raises
    ------
    InsufficientDataError
        For several groups.
    """
    if len(solution.sample.groups) > 1:
        raise InsufficientDataError(Note("residual_summary_one_group", "Tests of residuals are offered for one group."))
    residual, spread, first = _standardised(solution)
    p = len(solution.table.variables.observed)
    pairs = p * (p + 1) // 2
    ordered = solution.options.ordered
    own = "correlation" if ordered else "covariance"
    columns = {own: _sizes(residual[first:], spread[first:, first:], pairs)}
    if first:
        level = "threshold" if ordered else "mean"
        columns[level] = _sizes(residual[:first], spread[:first, :first], first)
        columns["total"] = _sizes(residual, spread, pairs + first)
    return pd.DataFrame(columns).rename_axis("statistic")


def _sizes(residual: Floats, spread: Floats, count: int) -> dict[str, float]:
    total, squares = float(residual @ residual), float(np.sum(spread * spread))
    trace, bend = float(np.trace(spread)), float(residual @ spread @ residual)
    srmr, nan = math.sqrt(total / count), math.nan
    names = (
        "srmr", "srmr_std_error", "srmr_exact_fit_z", "srmr_exact_fit_p_value", "usrmr", "usrmr_std_error",
        "usrmr_ci_low", "usrmr_ci_high", "usrmr_close_fit_z", "usrmr_close_fit_p_value",
    )  # fmt: skip
    if total < 1e-16 or trace < 1e-16:  # means or thresholds that the model does not restrict
        return dict(zip(names, (srmr, *[nan] * 3, 0.0, *[nan] * 5), strict=True))
    mean = math.sqrt(trace / count) * (1 - squares / (4 * trace**2))
    sd = math.sqrt(squares / trace / (2 * count))
    exact = (srmr - mean) / sd
    shrink = 1 - (squares + 2 * bend) / (4 * total**2)
    unbiased = math.sqrt(max(total - trace, 0.0) / count) / shrink
    error = math.sqrt((squares + 2 * bend) / (2 * count * total)) / shrink
    half, z = float(ndtri(0.95)) * error, (unbiased - CLOSE) / error
    values = (
        srmr,
        sd,
        exact,
        float(ndtr(-exact)),
        unbiased,
        error,
        unbiased - half,
        unbiased + half,
        z,
        float(ndtr(-z)),
    )
    return dict(zip(names, values, strict=True))


def _standardised(solution: Solution) -> tuple[Floats, Floats, int]:
    """Residuals (means or thresholds first), their large-sample covariance, and how many are of means or thresholds."""
    part, state = solution.problem.parts[0], solution.states[0]
    cells, which = solution.problem.cells[0]
    own = part.discrepancy
    if isinstance(own, OrdinalSquares):
        jacobian = own.jacobian(state, cells) @ solution.tangent[which]
        left = np.eye(len(jacobian)) - jacobian @ solution.bread @ own.weighted(jacobian).T
        return own.residual(state), left @ own.gamma @ left.T / solution.sample.n, len(own.thresholds)
    covariance: Floats = own.covariance  # type: ignore[attr-defined]
    i, j = lower_triangle(len(covariance))
    with_means = solution.options.meanstructure
    sd = np.sqrt(np.diag(covariance))
    scale, away = 1 / (sd[i] * sd[j]), (covariance - state.sigma)[i, j]
    jacobian = moment_jacobian(cells, state, i, j)
    if with_means:
        scale = np.concatenate([1 / sd, scale])
        away = np.concatenate([own.means - state.mu, away])  # type: ignore[attr-defined]
        jacobian = np.vstack([mean_jacobian(cells, state), jacobian])
    jacobian = jacobian @ solution.tangent[which]
    weight = _weight(solution)
    inverse = np.linalg.inv(jacobian.T @ weight @ jacobian)
    left = (np.eye(len(jacobian)) - jacobian @ inverse @ (jacobian.T @ weight)) * scale[:, None]
    return away * scale, left @ _gamma(solution) @ left.T / solution.units, len(sd) if with_means else 0


def _weight(solution: Solution) -> Floats:
    """Information of one observation about the moments, at the model's moments."""
    state, own = solution.states[0], solution.problem.parts[0].discrepancy
    observed, with_means = solution.options.information == "observed", solution.options.meanstructure
    if isinstance(own, FullInformation):
        return own.moment_information(state) if observed else own.moment_weight(state)
    precision = np.linalg.inv(state.sigma)
    if not observed:
        return np.asarray(normal_weight(precision, with_means), dtype=np.float64)
    saturated, cells = saturated_model(state.sigma, state.mu, with_means)
    away = own.means - state.mu if with_means else None  # type: ignore[attr-defined]
    second = own.covariance + (0.0 if away is None else np.outer(away, away))  # type: ignore[attr-defined]
    return observed_information(saturated, cells, precision, second, away)


def _gamma(solution: Solution) -> Floats:
    """Large-sample covariance of the sample moments."""
    own, group = solution.problem.parts[0].discrepancy, solution.sample.groups[0]
    robust, with_means = solution.options.errors == "robust", solution.options.meanstructure
    if isinstance(own, FullInformation):
        inverse = np.asarray(np.linalg.inv(own.saturated_information), dtype=np.float64)
        return np.asarray(inverse @ own.saturated_meat @ inverse) if robust else inverse
    if robust and group.rows is not None and group.means is not None:
        products = cross_products(group.rows, group.means, with_means)
        products = cluster_sums(products - products.mean(axis=0), group.clusters)
        return np.asarray(products.T @ products / group.n)
    return normal_covariance(own.covariance, with_means)  # type: ignore[attr-defined]
