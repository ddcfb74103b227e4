"""What a scale would become without one of its items."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._alpha_coefficients import coefficients, rescaled
from leadership_study.measurement._one_factor import OneFactor, one_factor
from leadership_study.samples.moments import Moments

Matrix = NDArray[np.float64]


def deletions(m: Moments) -> pd.DataFrame:
    """One row an item: the scale of the others, and what is lost with the item.

    Returns
    -------
    DataFrame
        Index ``item``; ``alpha``, ``omega`` (NaN with fewer than three items left, or without a solution) and
        ``average_r`` of the others; ``mean`` and ``sd`` of their mean score (``mean`` NaN for moments without means);
        ``with_whole``, the correlation of that score with the whole scale's; ``lowest_corrected_item_total`` among the
        others.
    """
    covariance = m.covariance.to_numpy()
    k, total = len(covariance), float(covariance.sum())
    whole = _factor(covariance)
    rows = {}
    for at, item in enumerate(m.labels):
        kept = np.delete(np.arange(k), at)
        own = covariance[np.ix_(kept, kept)]
        variance = float(own.sum())
        if k < 3 or not variance > 1e-12 * float(np.trace(own)):
            rows[item] = dict.fromkeys(_COLUMNS, math.nan)
            continue
        of_others = coefficients(own)
        rest = variance + np.diag(own) - 2 * own.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            corrected = (own.sum(axis=0) - np.diag(own)) / np.sqrt(np.diag(own)) / np.sqrt(rest)
        with_whole = float(covariance[kept].sum()) / math.sqrt(variance) / math.sqrt(total) if total > 0 else math.nan
        rows[item] = {
            "alpha": of_others["alpha"],
            "omega": _omega(own, None if whole is None else whole.residuals[kept]),
            "average_r": of_others["average_r"],
            "mean": math.nan if m.means is None else float(m.means.to_numpy()[kept].mean()),
            "sd": math.sqrt(variance) / len(kept),
            "with_whole": with_whole,
            "lowest_corrected_item_total": float(corrected.min()),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS).rename_axis("item").astype(float)


_COLUMNS = ["alpha", "omega", "average_r", "mean", "sd", "with_whole", "lowest_corrected_item_total"]


def _omega(covariance: Matrix, near: Matrix | None) -> float:
    factor = _factor(covariance, near)
    if factor is None:
        return math.nan
    scale = np.sqrt(np.diag(covariance))
    common = float(factor.loadings @ scale) ** 2
    return common / (common + float(factor.residuals @ scale**2))


def _factor(covariance: Matrix, near: Matrix | None = None) -> OneFactor | None:
    if len(covariance) < 3:
        return None
    try:
        found = one_factor(rescaled(covariance), near=near)
    except InsufficientDataError:
        return None
    return found if found.converged else None
