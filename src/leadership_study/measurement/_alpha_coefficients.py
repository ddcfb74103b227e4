"""The coefficients behind alpha, from a covariance matrix alone."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.samples.moments import Moments

Matrix = NDArray[np.float64]


def rescaled(covariance: Matrix) -> Matrix:
    """The correlations of a covariance matrix."""
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def _raw_alpha(matrix: Matrix) -> float:
    k = len(matrix)
    return float(k / (k - 1) * (1 - np.trace(matrix) / matrix.sum()))


def coefficients(covariance: Matrix) -> dict[str, float]:
    """Alpha, standardised alpha, λ6, the distribution of the correlations, signal to noise; for k ≥ 2 items."""
    correlation = rescaled(covariance)
    k = len(correlation)
    between = correlation[np.tril_indices(k, -1)]
    average = float(between.mean())
    return {
        "alpha": _raw_alpha(covariance),
        "standardized_alpha": _raw_alpha(correlation),
        "guttman_lambda6": _lambda6(correlation),
        "average_r": average,
        "median_r": float(np.median(between)),
        "variance_r": float(between.var(ddof=1)) if len(between) > 1 else math.nan,
        "signal_to_noise": k * average / (1 - average) if average < 1 else math.inf,
    }


def _squared_multiple_correlations(correlation: Matrix) -> Matrix:
    """R² of each item on the others; NaN when the matrix cannot be inverted."""
    roots = np.linalg.eigvalsh(correlation)
    if roots[0] <= len(roots) * np.finfo(float).eps * roots[-1]:
        return np.full(len(correlation), np.nan)
    return np.asarray(1 - 1 / np.diag(np.linalg.inv(correlation)))


def _lambda6(matrix: Matrix) -> float:
    error = np.diag(matrix) * (1 - _squared_multiple_correlations(rescaled(matrix)))
    return float(1 - error.sum() / matrix.sum())


def guttman_bounds(covariance: Matrix) -> pd.DataFrame:
    """Guttman's λ1, λ2, λ3, λ6 (rows) on covariances and on correlations (columns)."""
    rows = {}
    for name, matrix in {"covariance": covariance, "correlation": rescaled(covariance)}.items():
        k, total = len(matrix), matrix.sum()
        between = matrix - np.diag(np.diag(matrix))
        first = float(between.sum() / total)
        second = first + float(np.sqrt(k / (k - 1) * (between**2).sum()) / total)
        rows[name] = {"lambda1": first, "lambda2": second, "lambda3": _raw_alpha(matrix), "lambda6": _lambda6(matrix)}
    return pd.DataFrame(rows).rename_axis("coefficient")


def asymptotic_error(covariance: Matrix, n: int) -> float:
    """Standard error of alpha of n rows (Duhachek and Iacobucci, 2004); NaN where its square is negative.

    Pairwise covariances that are not positive definite can make it so.
    """
    k, total, trace = len(covariance), covariance.sum(), np.trace(covariance)
    spread = total * (np.trace(covariance @ covariance) + trace**2) - 2 * trace * (covariance @ covariance).sum()
    return float(np.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * spread / n)) if spread >= 0 else math.nan


def item_table(m: Moments, n: int) -> pd.DataFrame:
    """One row an item: its relation to the total, and the coefficients of the scale without it."""
    covariance = m.covariance.to_numpy()
    correlation = rescaled(covariance)
    k, variance = len(covariance), np.diag(covariance)
    scale, total = np.sqrt(variance), covariance.sum()
    with_total = covariance.sum(axis=0)
    rest = total + variance - 2 * with_total
    overlap = correlation.copy()
    np.fill_diagonal(overlap, _squared_multiple_correlations(correlation))
    with np.errstate(invalid="ignore", divide="ignore"):  # items that cancel out leave no total: NaN
        columns = {
            "n": np.diag(m.pair_n.to_numpy()) if m.pair_n is not None else np.full(k, m.n),
            "mean": np.full(k, np.nan) if m.means is None else m.means.to_numpy(),
            "sd": scale,
            "item_total": with_total / scale / np.sqrt(total),
            "standardized_item_total": correlation.sum(axis=0) / np.sqrt(correlation.sum()),
            "overlap_corrected_item_total": overlap.sum(axis=0) / np.sqrt(overlap.sum()),
            "corrected_item_total": np.where(
                rest > 1e-12 * total, (with_total - variance) / scale / np.sqrt(rest), np.nan
            ),
        }
    deleted = [_without(covariance, item, n) for item in range(k)]
    columns |= {f"{key}_if_deleted": np.array([row[key] for row in deleted]) for key in deleted[0]}
    return pd.DataFrame(columns, index=m.covariance.index.rename("item"))


def _without(covariance: Matrix, item: int, n: int) -> dict[str, float]:
    left = np.delete(np.delete(covariance, item, axis=0), item, axis=1)
    names = (
        "alpha", "standardized_alpha", "guttman_lambda6", "average_r", "median_r", "variance_r", "signal_to_noise"
    )  # fmt: skip
    if len(left) < 2 or not left.sum() > 1e-12 * np.trace(left):
        return dict.fromkeys((*names, "std_error"), math.nan)
    return {**coefficients(left), "std_error": asymptotic_error(left, n)}
