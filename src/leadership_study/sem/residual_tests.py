"""How large standardised residuals are in the population: unbiased SRMR with its tests (Maydeu-Olivares, 2017).

https://doi.org/10.1080/10705511.2016.1269606
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    WeightedSquares,
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


@dataclass(frozen=True)
class _Piece:
    """Residuals of one group (means or thresholds first) in units of the variables' standard deviations.

    ``jacobian`` is by the free coordinates and has these units too; ``weight`` and ``gamma`` belong to the moments
    before they were divided by ``scale``.
    """

    residual: Floats
    jacobian: Floats
    scale: Floats
    weight: Floats
    gamma: Floats
    n: int
    n_first: int


def _standardised(solution: Solution) -> tuple[Floats, Floats, int]:
    """Residuals (means or thresholds first), their large-sample covariance, and how many are of means or thresholds."""
    piece = _piece(solution, 0)
    return piece.residual, _spread([piece], [1.0])[0], piece.n_first


def residual_z(solution: Solution) -> list[tuple[Floats, Floats]]:
    """Return residuals over their large-sample standard errors, group by group: means or thresholds, covariances.

    The covariances (of ordered items: correlations) as the lower triangle of `lower_triangle`, row by row, with the
    diagonal except for ordered items. What the model leaves no room for is 0, and NaN where it should be and is not.
    R twin: ``residuals(fit, type = "standardized")``.
    """
    pieces = [_piece(solution, at) for at in range(len(solution.sample.groups))]
    found = []
    for piece, spread in zip(pieces, _spread(pieces, [part.share for part in solution.problem.parts]), strict=True):
        variance = np.diag(spread)
        most = np.diag(piece.gamma) * piece.scale**2 / piece.n
        free = variance > 1e-10 * most
        still = np.where(np.abs(piece.residual) < 1e-4 * np.sqrt(most), 0.0, math.nan)
        z = np.where(free, piece.residual / np.sqrt(np.where(free, variance, 1.0)), still)
        found.append((z[: piece.n_first], z[piece.n_first :]))
    return found


def _spread(pieces: Sequence[_Piece], shares: Sequence[float]) -> list[Floats]:
    """Covariance of each group's residuals: what is left of the moments' own when all groups' parameters are fitted."""
    raw = [piece.jacobian / piece.scale[:, None] for piece in pieces]
    weighted = [w * piece.weight @ j for w, piece, j in zip(shares, pieces, raw, strict=True)]
    inverse = np.linalg.inv(sum(j.T @ own for j, own in zip(raw, weighted, strict=True)))
    found = []
    for g, piece in enumerate(pieces):
        total = np.zeros((len(piece.residual),) * 2)
        for h, other in enumerate(pieces):
            left = -piece.jacobian @ inverse @ weighted[h].T
            if g == h:
                left[np.diag_indices_from(left)] += piece.scale
            total += left @ other.gamma @ left.T / other.n
        found.append(total)
    return found


def _piece(solution: Solution, at: int) -> _Piece:
    part, state, group = solution.problem.parts[at], solution.states[at], solution.sample.groups[at]
    cells, which = solution.problem.cells[at]
    own = part.discrepancy
    if isinstance(own, OrdinalSquares):
        jacobian = own.jacobian(state, cells) @ solution.tangent[which]
        weight = own.weighted(np.eye(len(jacobian)))
        return _Piece(own.residual(state), jacobian, np.ones(len(jacobian)), weight, own.gamma, group.n,
                      len(own.thresholds))  # fmt: skip
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
    jacobian = (jacobian @ solution.tangent[which]) * scale[:, None]
    return _Piece(away * scale, jacobian, scale, _weight(solution, at), _gamma(solution, at), group.n,
                  len(sd) if with_means else 0)  # fmt: skip


def _weight(solution: Solution, at: int) -> Floats:
    """Information of one observation about the moments, at the model's moments."""
    state, own = solution.states[at], solution.problem.parts[at].discrepancy
    observed, with_means = solution.options.information == "observed", solution.options.meanstructure
    if isinstance(own, FullInformation):
        return own.moment_information(state) if observed else own.moment_weight(state)
    if isinstance(own, WeightedSquares):
        return own.weighted(np.eye(len(own.moments)))
    precision = np.linalg.inv(state.sigma)
    if not observed:
        return np.asarray(normal_weight(precision, with_means), dtype=np.float64)
    saturated, cells = saturated_model(state.sigma, state.mu, with_means)
    away = own.means - state.mu if with_means else None  # type: ignore[attr-defined]
    second = own.covariance + (0.0 if away is None else np.outer(away, away))  # type: ignore[attr-defined]
    return observed_information(saturated, cells, precision, second, away)


def _gamma(solution: Solution, at: int) -> Floats:
    """Large-sample covariance of the sample moments."""
    own, group = solution.problem.parts[at].discrepancy, solution.sample.groups[at]
    robust, with_means = solution.options.errors == "robust", solution.options.meanstructure
    if isinstance(own, FullInformation):
        inverse = np.asarray(np.linalg.inv(own.saturated_information), dtype=np.float64)
        return np.asarray(inverse @ own.saturated_meat @ inverse) if robust else inverse
    if robust and group.rows is not None and group.means is not None:
        products = cross_products(group.rows, group.means, with_means)
        products = cluster_sums(products - products.mean(axis=0), group.clusters)
        return np.asarray(products.T @ products / group.n)
    return normal_covariance(own.covariance, with_means)  # type: ignore[attr-defined]
