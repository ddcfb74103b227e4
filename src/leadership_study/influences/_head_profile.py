"""Shrunken profiles of groups: what a group's mean is worth, given how much groups, units and raters vary."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.influences._multilevel_steps import variance_test
from leadership_study.samples.mixed_model import SINGULAR, MixedFit
from leadership_study.samples.mixed_model_modes import modes_of

Floats = NDArray[np.float64]

_CODE = re.compile(r"[A-Za-z]{0,12}[ _-]?[0-9]{1,6}")

ABOVE, BELOW, OPEN = "above_the_mean", "below_the_mean", "not_told_from_the_mean"


def shown_labels(labels: Sequence[str]) -> tuple[list[str], bool]:
    """Labels that may be printed: codes such as "D06" as they are, names as numbers in their order."""
    if all(_CODE.fullmatch(label) for label in labels):
        return list(labels), False
    width = len(str(len(labels)))
    return [f"{at:0{width}d}" for at in range(1, len(labels) + 1)], True


def variances(fit: MixedFit) -> dict[str, float]:
    """Variances of the levels of a model without predictors, and the test of the outermost."""
    parts = [float(one[0, 0]) for one in fit.covariances]
    between, inside = parts[-1], sum(parts[:-1])
    total = between + inside + fit.sigma**2
    test = variance_test(fit, len(parts) - 1)
    return {
        "mean": float(fit.coefficients[0]),
        "group_variance": between,
        "unit_variance": inside if len(parts) > 1 else float("nan"),
        "residual_variance": fit.sigma**2,
        "icc": between / total,
        "chi_square": test.chi_square,
        "p_value": test.boundary,
    }


def _from_their_mean(known: Floats, with_mean: Floats, variance_of_mean: float) -> Floats:
    """Prediction error variance of each group's deviation from the mean of all groups there are.

    Given μ the errors of groups are independent with the variances ``known``; what they share comes through μ̂.
    """
    weights = np.eye(len(known)) - 1 / len(known)
    return np.asarray(weights**2 @ known + (weights @ with_mean) ** 2 / variance_of_mean)


def profiles(fit: MixedFit, raters: pd.DataFrame, labels: Sequence[str], level: float) -> pd.DataFrame:
    """One row a group: how many rated it, their plain mean, and the shrunken mean with its interval.

    ``raters`` has the outcome and, in the last column, the position of each rater's group in ``labels``; columns
    between hold the positions of units. Without any variance between groups there is nothing to tell them apart by, and
    errors and intervals are NaN.
    """
    outcome, group = raters.iloc[:, 0].to_numpy(dtype=float), raters.iloc[:, -1].to_numpy(dtype=np.int64)
    count = len(labels)
    n = np.bincount(group, minlength=count)
    term, modes = fit.terms[-1], modes_of(fit, coefficients_known=False)[fit.terms[-1].name]
    order = np.array([term.labels.index(label) for label in labels])
    deviation = modes.values[order, 0]
    own = modes.covariance[order, 0, 0]
    both = own + fit.covariance[0, 0] + 2 * modes.with_coefficients[order, 0, 0]
    known = modes_of(fit)[term.name].covariance[order, 0, 0]
    between = float(fit.covariances[-1][0, 0])
    columns: dict[str, Floats | NDArray[np.int64] | list[str]] = {"n": n}
    if raters.shape[1] > 2:
        pairs = raters.iloc[:, [1, -1]].drop_duplicates()
        columns["n_units"] = np.bincount(pairs.iloc[:, 1].to_numpy(dtype=np.int64), minlength=count)
    columns["observed_mean"] = np.bincount(group, outcome, count) / n
    columns["estimate"] = estimates = fit.coefficients[0] + deviation
    there = np.sqrt(between) / fit.sigma >= SINGULAR
    errors = np.sqrt(both) if there else np.full(count, np.nan)
    reach = float(stats.t.ppf((1 + level) / 2, count - 1))
    columns["std_error"] = errors
    columns["ci_low"], columns["ci_high"] = estimates - reach * errors, estimates + reach * errors
    columns["reliability"] = 1 - known / between if there else np.zeros(count)
    half = reach * np.sqrt(_from_their_mean(known, modes.with_coefficients[order, 0, 0], float(fit.covariance[0, 0])))
    apart = deviation - deviation.mean()
    columns["position"] = [
        ABOVE if there and one > limit else BELOW if there and one < -limit else OPEN
        for one, limit in zip(apart, half, strict=True)
    ]
    return pd.DataFrame(columns, index=pd.Index(list(labels), name="group", dtype="str")).astype({"position": object})
