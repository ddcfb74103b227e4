"""Cronbach's alpha of bootstrap samples, all of them from weights on the rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.moments import Missing, moments_of, numbers
from leadership_study.samples.resampling import weight_blocks

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]


def bootstrap_alphas(
    items: pd.DataFrame, missing: Missing, replicates: int, seed: int, clusters: pd.Series | Sequence[str] | None
) -> tuple[Matrix, int | None]:
    """Alpha of each resample, and the number of groups drawn from (None: rows are drawn).

    Rows that cannot be used under ``missing`` are left out before drawing. A resample whose total does not vary, or
    where a pair of items shares fewer than two rows, gives NaN.

    Raises
    ------
    ValueError
        If ``clusters`` does not give one group for each row of ``items``.
    InsufficientDataError
        If there is only one group, which every resample would repeat.
    """
    values, seen, used, codes = drawn_rows(items, missing, clusters, function="cronbach_alpha")
    groups = None if codes is None else int(codes.max()) + 1
    centre = moments_of(items, missing=missing).means
    centred = np.where(seen, values - centre.to_numpy() if centre is not None else values, 0.0)[used]
    blocks = weight_blocks(len(centred), replicates, seed, clusters=codes)
    if missing == "pairwise":
        return np.concatenate([_pairwise(weights, centred, seen[used]) for weights in blocks]), groups
    both = np.hstack([centred, centred.sum(axis=1, keepdims=True)])
    powers = np.hstack([both, both**2])
    return np.concatenate([_complete(weights, powers) for weights in blocks]), groups


def drawn_rows(
    items: pd.DataFrame, missing: Missing, clusters: pd.Series | Sequence[str] | None, *, function: str
) -> tuple[Matrix, Mask, Mask, NDArray[np.int64] | None]:
    """Answers, which of them there are, the rows to draw from, and the group of each of these (None: rows are drawn).

    Raises
    ------
    ValueError, InsufficientDataError
        As `bootstrap_alphas`.
    """
    values, _ = numbers(items)
    seen: Mask = np.asarray(~np.isnan(values))
    used: Mask = np.asarray(seen.all(axis=1) if missing == "listwise" else seen.any(axis=1))
    if clusters is None:
        return values, seen, used, None
    present, codes = np.unique(_codes(clusters, items, function)[used], return_inverse=True)
    if len(present) < 2:
        text = (
            "All answers come from one group, so drawing whole groups tells nothing about chance; choose another "
            "interval."
        )
        raise InsufficientDataError(Note("bootstrap_one_group", text))
    return values, seen, used, codes


def _codes(clusters: pd.Series | Sequence[str], items: pd.DataFrame, function: str) -> NDArray[np.int64]:
    if isinstance(clusters, pd.Series) and not clusters.index.equals(items.index):
        raise ValueError(f"The 'clusters' parameter of {function} must have the index of the items.")
    if len(clusters) != len(items):
        raise ValueError(f"The 'clusters' parameter of {function} must have {len(items)} values, one a row.")
    codes, _ = pd.factorize(pd.Series(clusters).to_numpy(), sort=True)
    if (codes < 0).any():
        raise ValueError(f"The 'clusters' parameter of {function} must name a group for every row; some are missing.")
    return codes.astype(np.int64)


def _complete(weights: Matrix, powers: Matrix) -> Matrix:
    """``powers`` holds the items and their total, then the squares of these."""
    sums, squares = np.hsplit(weights @ powers, 2)
    within = squares - sums**2 / weights.sum(axis=1, keepdims=True)  # divisors cancel in alpha
    squares = np.where(within > 1e-12 * squares, within, 0.0)  # one answer drawn throughout leaves nothing but rounding
    return _alpha(squares[:, :-1].sum(axis=1), squares[:, -1], powers.shape[1] // 2 - 1)


def _pairwise(weights: Matrix, centred: Matrix, seen: NDArray[np.bool_]) -> Matrix:
    there = seen.astype(float)
    traces, totals = np.empty(len(weights)), np.empty(len(weights))
    with np.errstate(invalid="ignore", divide="ignore"):
        for at, weight in enumerate(weights):
            weighted = there * weight[:, None]
            n = there.T @ weighted
            sums = centred.T @ weighted
            covariance = (centred.T @ (centred * weight[:, None]) - sums * sums.T / n) / np.where(n > 1, n - 1, np.nan)
            traces[at], totals[at] = np.trace(covariance), covariance.sum()
    return _alpha(traces, totals, centred.shape[1])


def _alpha(sum_of_variances: Matrix, total_variance: Matrix, k: int) -> Matrix:
    usable = (sum_of_variances > 0) & (total_variance > 1e-12 * sum_of_variances)
    share = np.divide(sum_of_variances, total_variance, out=np.full(len(usable), np.nan), where=usable)
    return np.asarray(k / (k - 1) * (1 - share))
