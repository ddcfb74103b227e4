"""Share of the first factor of all items: Harman's single-factor "test", which tests nothing and is described here."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError
from leadership_study.samples.factoring import extract
from leadership_study.samples.moments import Moments, moments_of, numbers
from leadership_study.samples.resampling import weight_blocks

Floats = NDArray[np.float64]


def harman_shares(items: pd.DataFrame | Moments, n_factors: int) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Return shares, eigenvalues and the number of complete rows.

    Shares of the items' standardised variance: of the first principal component (``principal_component``); of one
    common factor by principal axes (``principal_axis``) and minimum residuals (``minres``); and of the first unrotated
    of ``n_factors`` principal axes (``principal_axis_first_of_several``). What does not converge is NaN.
    """
    found = moments_of(items, missing="listwise")
    matrix = found.correlation.to_numpy(dtype=float, copy=True)
    p = len(matrix)
    values = np.linalg.eigvalsh(matrix)[::-1]
    shares = {
        "principal_component": float(values[0] / p),
        "principal_axis": _first(matrix, 1, "paf"),
        "minres": _first(matrix, 1, "minres"),
        "principal_axis_first_of_several": _first(matrix, n_factors, "paf") if 1 < n_factors < p else float("nan"),
    }
    table = pd.DataFrame({"share": shares}, dtype="float64")
    table.index = pd.Index(list(shares), name="extraction", dtype="str")
    index = pd.Index([str(at + 1) for at in range(p)], name="component", dtype="str")
    return table, pd.DataFrame({"eigenvalue": values, "proportion": values / p}, index=index), found.n


def _first(matrix: Floats, n_factors: int, method: str) -> float:
    try:
        found = extract(matrix, n_factors, method=method)  # type: ignore[arg-type]
    except ConvergenceError:
        return float("nan")
    return float((found.loadings[:, 0] ** 2).sum() / len(matrix))


def bootstrap_shares(items: pd.DataFrame, replicates: int, seed: int) -> Floats:
    """Return the share of the first principal component in each of the bootstrap samples of complete rows."""
    values, _ = numbers(items)
    rows = values[~np.isnan(values).any(axis=1)]
    n, p = rows.shape
    centred = rows - rows.mean(axis=0)
    i, j = np.tril_indices(p)
    products = np.hstack([centred, centred[:, i] * centred[:, j]])
    shares = []
    for weights in weight_blocks(n, replicates, seed):
        sums = (weights @ products) / n
        covariance = np.empty((len(weights), p, p))
        covariance[:, i, j] = covariance[:, j, i] = sums[:, p:] - sums[:, i] * sums[:, j]
        sd = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
        usable = (sd > 1e-12).all(axis=1)
        covariance, sd = covariance[usable], sd[usable]
        shares.append(np.linalg.eigvalsh(covariance / (sd[:, :, None] * sd[:, None, :]))[:, -1] / p)
    return np.concatenate(shares)
