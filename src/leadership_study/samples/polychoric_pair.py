"""The polychoric correlation of one table, in two steps or by full maximum likelihood, with its test of normality."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from leadership_study.samples.bivariate_normal import density
from leadership_study.samples.contingency import PairTables
from leadership_study.samples.polychoric import (
    cell_probabilities,
    correlations_of,
    inner_cells,
    threshold_grid,
    threshold_slopes,
)

Floats = NDArray[np.float64]
Method = Literal["two_step", "ml"]


@dataclass(frozen=True)
class PolychoricPair:
    """Correlation of two ordinal items.

    ``variance`` is that of the correlation: with two steps the inverse of its own observed information, thresholds
    taken as known; by maximum likelihood from the observed information of correlation and thresholds together.
    ``chi_square`` compares the table with the bivariate normal (likelihood ratio), ``df`` = rc − r − c, with its
    ``p_value``. ``row_thresholds`` (r − 1) and ``column_thresholds`` (c − 1) are normal quantiles; ``converged`` is
    False where the search stopped short.
    """

    correlation: float
    variance: float
    row_thresholds: Floats
    column_thresholds: Floats
    chi_square: float
    df: int
    p_value: float
    converged: bool


def polychoric_pair(table: Floats, *, method: Method = "two_step") -> PolychoricPair:
    """Estimate the correlation of a table of counts, at least 2 × 2, no empty row or column.

    Notes
    -----
    Olsson (1979, https://doi.org/10.1007/BF02296207). R twin: ``polycor::polychor(ML = …, std.err = TRUE)``.
    """
    table = np.asarray(table, dtype=np.float64)
    if method not in get_args(Method):
        raise ValueError(
            f"The 'method' parameter of polychoric_pair must be one of {get_args(Method)}. Got {method!r}."
        )
    if table.ndim != 2 or min(table.shape) < 2 or (table.sum(axis=0) <= 0).any() or (table.sum(axis=1) <= 0).any():
        raise ValueError("A table needs at least two rows and two columns, each with a count above 0.")
    rows, columns = table.shape
    x = np.concatenate([_quantiles(table.sum(axis=1)), _quantiles(table.sum(axis=0)), [0.0]])
    pair = _as_pair(table)
    x[-1] = correlations_of(pair, threshold_grid(pair.margins, pair.sizes))[0][0]
    converged = True
    if method == "ml":
        bounds = [(None, None)] * (len(x) - 1) + [(-0.9999, 0.9999)]
        found = optimize.minimize(  # type: ignore[call-overload]
            lambda at: _log_likelihood(at, table), x, jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-7},
        )  # fmt: skip
        x = _newton(found.x, table)
        converged = bool(np.max(np.abs(_log_likelihood(x, table)[1])) < 1e-5 * table.sum())
    hessian = _hessian(x, table)
    information = hessian if method == "ml" else hessian[-1:, -1:]
    variance = float(np.linalg.inv(information)[-1, -1])
    df = rows * columns - rows - columns
    with np.errstate(divide="ignore", invalid="ignore"):
        saturated = float(np.sum(np.where(table > 0, table * np.log(table / table.sum()), 0.0)))
    chi_square = 2 * (saturated + _log_likelihood(x, table)[0])
    return PolychoricPair(
        correlation=float(x[-1]), variance=variance, row_thresholds=x[: rows - 1], column_thresholds=x[rows - 1 : -1],
        chi_square=chi_square, df=df, p_value=float(stats.chi2.sf(chi_square, df)) if df > 0 else np.nan,
        converged=converged,
    )  # fmt: skip


def _quantiles(margin: Floats) -> Floats:
    return np.asarray(special.ndtri(np.cumsum(margin)[:-1] / margin.sum()))


def _as_pair(table: Floats) -> PairTables:
    most = max(table.shape)
    padded = np.zeros((1, most, most))
    padded[0, : table.shape[0], : table.shape[1]] = table
    margins = np.stack([padded[0].sum(axis=1), padded[0].sum(axis=0)])
    return PairTables(padded, margins, np.array([0]), np.array([1]), np.array(table.shape, dtype=np.int64))


def _log_likelihood(x: Floats, table: Floats) -> tuple[float, Floats]:
    # Minus the log-likelihood and its gradient, by row thresholds, column thresholds and correlation.
    rows = len(table) - 1
    h, k, rho = x[None, :rows], x[None, rows:-1], x[-1:]
    if (np.diff(h[0]) <= 0).any() or (np.diff(k[0]) <= 0).any():
        return np.inf, np.zeros_like(x)
    probability = np.maximum(cell_probabilities(h, k, rho), 1e-300)
    share = table / probability[0]
    by_rho = inner_cells(density(h[:, :, None], k[:, None, :], rho[:, None, None]))[0]
    by_row = threshold_slopes(h, k, rho)[0]
    by_column = np.swapaxes(threshold_slopes(k, h, rho)[0], 1, 2)
    gradient = [np.einsum("ab,mab->m", share, by_row), np.einsum("ab,mab->m", share, by_column)]
    gradient.append(np.array([np.sum(share * by_rho)]))
    return -float(np.sum(table * np.log(probability[0]))), -np.concatenate(gradient)


def _hessian(x: Floats, table: Floats) -> Floats:
    # Fourth-order central differences of the exact gradient: good to about ten digits.
    gaps = np.concatenate([[1.0], np.diff(x[: len(table) - 1]), np.diff(x[len(table) - 1 : -1]), [1 - abs(x[-1])]])
    step = min(1e-3, float(gaps.min()) / 5)
    columns = []
    for at in range(len(x)):
        move = np.zeros_like(x)
        move[at] = step
        near = _log_likelihood(x + move, table)[1] - _log_likelihood(x - move, table)[1]
        far = _log_likelihood(x + 2 * move, table)[1] - _log_likelihood(x - 2 * move, table)[1]
        columns.append((8 * near - far) / (12 * step))
    found = np.column_stack(columns)
    return np.asarray((found + found.T) / 2)


def _newton(x: Floats, table: Floats) -> Floats:
    for _ in range(3):
        x = x - np.linalg.solve(_hessian(x, table), _log_likelihood(x, table)[1])
    return x
