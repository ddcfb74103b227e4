"""The coefficients behind alpha, from a covariance matrix alone."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.samples.moments import Moments, numbers

Matrix = NDArray[np.float64]


def rescaled(covariance: Matrix) -> Matrix:
    """The correlations of a covariance matrix, or of each one of a stack of them."""
    scale = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    correlation = covariance / (scale[..., :, None] * scale[..., None, :])
    at = np.arange(covariance.shape[-1])
    correlation[..., at, at] = 1.0
    return np.asarray(correlation)


def _alpha(stack: Matrix) -> Matrix:
    k = stack.shape[-1]
    return np.asarray(k / (k - 1) * (1 - np.trace(stack, axis1=1, axis2=2) / stack.sum(axis=(1, 2))))


def coefficients(covariance: Matrix) -> dict[str, float]:
    """Alpha, standardised alpha, λ6, the distribution of the correlations, signal to noise; for k ≥ 2 items."""
    return {name: float(values[0]) for name, values in _of_stack(covariance[None]).items()}


_NAMES = ("alpha", "standardized_alpha", "guttman_lambda6", "average_r", "median_r", "variance_r", "signal_to_noise")


def _of_stack(stack: Matrix, smc: Matrix | None = None) -> dict[str, Matrix]:
    """Coefficients of each matrix; ``smc`` are the squared multiple correlations, where they are known already."""
    correlation = rescaled(stack)
    if smc is None:
        smc = _squared_multiple_correlations(correlation)
    k = stack.shape[-1]
    below = np.tril_indices(k, -1)
    between = correlation[:, below[0], below[1]]
    average = between.mean(axis=1)
    with np.errstate(divide="ignore"):
        noise = np.where(average < 1, k * average / np.where(average < 1, 1 - average, 1), np.inf)
    values = (
        _alpha(stack),
        _alpha(correlation),
        1 - (1 - smc).sum(axis=1) / correlation.sum(axis=(1, 2)),
        average,
        np.median(between, axis=1),
        between.var(axis=1, ddof=1) if between.shape[1] > 1 else np.full(len(stack), math.nan),
        noise,
    )
    return dict(zip(_NAMES, values, strict=True))


def _squared_multiple_correlations(correlation: Matrix) -> Matrix:
    """R² of each item on the others, for each matrix of a stack; NaN where one cannot be inverted."""
    roots = np.linalg.eigvalsh(correlation)
    definite = roots[:, 0] > roots.shape[1] * np.finfo(float).eps * roots[:, -1]
    found = np.full(correlation.shape[:2], math.nan)
    if definite.any():
        inverse = np.linalg.inv(correlation[definite])
        found[definite] = 1 - 1 / np.diagonal(inverse, axis1=1, axis2=2)
    return found


def guttman_bounds(covariance: Matrix) -> pd.DataFrame:
    """Guttman's λ1, λ2, λ3, λ5, λ5+, λ6 and Armor's theta (rows) on covariances and on correlations (columns).

    λ4 is that of a split: `leadership_study.measurement._split_half` has it for all of them.
    """
    rows = {}
    error = 1 - _squared_multiple_correlations(rescaled(covariance)[None])[0]
    for name, matrix in {"covariance": covariance, "correlation": rescaled(covariance)}.items():
        k, shares = len(matrix), matrix / matrix.sum()
        between = shares - np.diag(np.diag(shares))
        first = float(between.sum())
        second = first + float(np.sqrt(k / (k - 1) * (between**2).sum()))
        rows[name] = {
            "lambda1": first,
            "lambda2": second,
            "lambda3": float(_alpha(matrix[None])[0]),
            "lambda5": first + (fifth := float(2 * np.sqrt((between**2).sum(axis=0).max()))),
            "lambda5_plus": first + k / (k - 1) * fifth,
            "lambda6": 1 - float(np.diag(shares) @ error),
            "theta": k / (k - 1) * (1 - 1 / float(np.linalg.eigvalsh(matrix)[-1]))
            if name == "correlation"
            else math.nan,
        }
    return pd.DataFrame(rows).rename_axis("coefficient")


def unidimensionality(covariance: Matrix) -> float:
    """1 − Σ(r − r̄)² / Σr² over the whole correlation matrix, its ones included; r̄ the mean beside the diagonal."""
    correlation = rescaled(covariance)
    average = correlation[np.tril_indices(len(correlation), -1)].mean()
    return float(1 - ((correlation - average) ** 2).sum() / (correlation**2).sum())


def answered_totals(items: pd.DataFrame) -> tuple[float, float, Matrix]:
    """Mean and SD of each respondent's mean of the items answered, and each item's correlation with it."""
    values, _ = numbers(items)
    values = values[~np.isnan(values).all(axis=1)]
    scores = np.nanmean(values, axis=1)
    found = np.empty(values.shape[1])
    for item, answers in enumerate(values.T):
        seen = ~np.isnan(answers)
        found[item] = np.corrcoef(answers[seen], scores[seen])[0, 1]
    return float(scores.mean()), float(scores.std(ddof=1)), found


def asymptotic_error(covariance: Matrix, n: int) -> float:
    """Standard error of alpha of n rows (Duhachek and Iacobucci, 2004); NaN where its square is negative.

    Pairwise covariances that are not positive definite can make it so.
    """
    return float(_errors(covariance[None], n)[0])


def _errors(stack: Matrix, n: int) -> Matrix:
    k = stack.shape[-1]
    stack = stack / stack.sum(axis=(1, 2))[:, None, None]  # the unit of the answers cancels, and cannot overflow
    trace, squared = np.trace(stack, axis1=1, axis2=2), stack @ stack
    spread = np.trace(squared, axis1=1, axis2=2) + trace**2 - 2 * trace * squared.sum(axis=(1, 2))
    square = 2 * k**2 / (k - 1) ** 2 * spread / n
    return np.where(spread >= 0, np.sqrt(np.where(spread >= 0, square, 0)), math.nan)


def item_table(m: Moments, n: int) -> pd.DataFrame:
    """One row an item: its relation to the total, and the coefficients of the scale without it."""
    covariance = m.covariance.to_numpy()
    correlation = rescaled(covariance)
    k, variance = len(covariance), np.diag(covariance)
    scale, total = np.sqrt(variance), covariance.sum()
    with_total = covariance.sum(axis=0)
    rest = total + variance - 2 * with_total
    overlap = correlation.copy()
    np.fill_diagonal(overlap, _squared_multiple_correlations(correlation[None])[0])
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
    columns |= {f"{key}_if_deleted": values for key, values in _without_each(covariance, n).items()}
    return pd.DataFrame(columns, index=m.covariance.index.rename("item"))


def _without_each(covariance: Matrix, n: int) -> dict[str, Matrix]:
    """The coefficients of the scale without each of its items, all of them at once; NaN where nothing is left."""
    k = len(covariance)
    kept = np.array([[place for place in range(k) if place != item] for item in range(k)], dtype=np.int64)
    left = covariance[kept[:, :, None], kept[:, None, :]]
    usable = np.full(k, k > 2)
    if k > 2:
        usable = left.sum(axis=(1, 2)) > 1e-12 * np.trace(left, axis1=1, axis2=2)
    columns = {name: np.full(k, math.nan) for name in (*_NAMES, "std_error")}
    if not usable.any():
        return columns
    found = {
        **_of_stack(left[usable], _smc_without_each(covariance, kept)[usable]),
        "std_error": _errors(left[usable], n),
    }
    for name, values in found.items():
        columns[name][usable] = values
    return columns


def _smc_without_each(covariance: Matrix, kept: NDArray[np.int64]) -> Matrix:
    """Squared multiple correlations of the items ``kept`` in each row, all but one.

    (R without i)⁻¹ is R⁻¹ without i less p p′/pᵢᵢ, with p the i-th column of R⁻¹.
    """
    correlation = rescaled(covariance)
    if np.isnan(
        _squared_multiple_correlations(correlation[None])[0]
    ).any():  # no R⁻¹, but one without an item may exist
        return _squared_multiple_correlations(correlation[kept[:, :, None], kept[:, None, :]])
    inverse = np.linalg.inv(correlation)
    diagonal = np.diag(inverse)
    without = diagonal - inverse**2 / diagonal[:, None]
    return np.asarray(1 - 1 / np.take_along_axis(without, kept, axis=1))
