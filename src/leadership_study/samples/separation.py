"""Whether the likelihood of a model for categories has a maximum at all."""

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

_SUSPECT = 8.0
"""Linear predictors beyond this (odds of 3,000 to 1) may be on their way to infinity."""

_MOVES = 1e-6


def may_be_separated(predictors: NDArray[np.float64], settled: bool) -> bool:
    """Whether a fit gives cause to look for separation: it did not settle, or a probability is all but 0 or 1."""
    return not settled or bool(np.abs(predictors).max(initial=0.0) > _SUSPECT)


def separating_direction(rows: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Direction in which no row's likelihood falls and some row's rises for ever, or None.

    Parameters
    ----------
    rows : array, m × p
        Each row's linear predictor, signed so that more is more likely: (2y − 1)x of a binary outcome.

    Returns
    -------
    array of p numbers or None
        In units in which the largest possible entry is 1; entries of 0 belong to coefficients that stay finite.

    Notes
    -----
    A linear program: the largest sum of rows·d over −1 ≤ d ≤ 1 with rows·d ≥ 0 (Albert & Anderson, 1984, Biometrika,
    71, 1–10, https://doi.org/10.1093/biomet/71.1.1; Konis, 2007).
    """
    scale = np.abs(rows).max(axis=0)
    scaled = np.unique(rows / np.where(scale > 0, scale, 1.0), axis=0)
    found = optimize.linprog(
        -scaled.sum(axis=0), A_ub=-scaled, b_ub=np.zeros(len(scaled)), bounds=(-1, 1), method="highs"
    )
    if found.status != 0 or found.x is None or float(scaled.sum(axis=0) @ found.x) <= _MOVES:
        return None
    direction = np.where(np.abs(found.x) > _MOVES, found.x, 0.0)
    return np.asarray(direction)
