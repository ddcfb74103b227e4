"""Two-way fixed effects: right when all that join do so at once."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.samples.cluster_robust import cluster_robust
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.staggered_adoption import Cohorts


def two_way_effect(panel: Cohorts, codes: NDArray[np.int64] | None, level: float) -> dict[str, float] | None:
    """Return the coefficient of "has joined" beside unit and time effects, errors CR2 with Satterthwaite's df.

    None when too little is left to estimate it.
    """
    n, times = panel.outcomes.shape
    unit, time = (part.ravel() for part in np.indices((n, times)))
    outcome = panel.outcomes.ravel()
    there = np.isfinite(outcome)
    treated = (panel.times[time] >= panel.joined[unit]).astype(float)
    unit, time, outcome, treated = unit[there], time[there], outcome[there], treated[there]
    later = pd.get_dummies(time).to_numpy(dtype=float)[:, 1:]
    design = np.column_stack([treated, later])
    design, outcome = _within(design, unit), _within(outcome[:, None], unit)[:, 0]
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    names = ("joined", *(f"time {at}" for at in range(later.shape[1])))
    fit = least_squares(design, outcome, names, constant=None)
    groups = unit if codes is None else codes[unit]
    robust = cluster_robust(fit, pd.factorize(groups)[0].astype(np.int64), "CR2")
    contrast = np.zeros((1, design.shape[1]))
    contrast[0, 0] = 1.0
    df = float(robust.satterthwaite_df(contrast)[0])
    estimate, error = float(fit.estimates[0]), float(robust.covariance[0, 0]) ** 0.5
    if not (np.isfinite(df) and error > 0):
        return None
    width = float(stats.t.ppf((1 + level) / 2, df)) * error
    return {
        "estimate": estimate,
        "std_error": error,
        "statistic": estimate / error,
        "p_value": float(2 * stats.t.sf(abs(estimate / error), df)),
        "ci_low": estimate - width,
        "ci_high": estimate + width,
    }


def _within(values: NDArray[np.float64], unit: NDArray[np.int64]) -> NDArray[np.float64]:
    means = np.column_stack([np.bincount(unit, weights=column) for column in values.T]) / np.bincount(unit)[:, None]
    return np.asarray(values - means[unit])
