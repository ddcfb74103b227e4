"""Weights from a propensity score, and the weighted difference of two groups with an error that knows of the score."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Estimand = Literal["average", "treated", "overlap"]


@dataclass(frozen=True, kw_only=True)
class Weighted:
    """Means of both groups under the weights, and the influence (n,) of each row on their difference."""

    treated: float
    comparison: float
    weights: Floats
    influence: Floats

    @property
    def difference(self) -> float:
        """Treated less comparison."""
        return self.treated - self.comparison


def balancing_weights(score: Floats, treated: Floats, estimand: Estimand) -> Floats:
    """Weights of rows with propensity ``score``: 1/e and 1/(1 − e), 1 and e/(1 − e), or 1 − e and e."""
    if estimand == "average":
        return np.where(treated == 1, 1 / score, 1 / (1 - score))
    if estimand == "treated":
        return np.where(treated == 1, 1.0, score / (1 - score))
    return np.where(treated == 1, 1 - score, score)


def weighted_difference(
    outcome: Floats, treated: Floats, design: Floats, score: Floats, estimand: Estimand
) -> Weighted:  # fmt: skip
    """Return the difference of the weighted means (weights sum to 1 in each group).

    The influence of a row is that on both means plus, through the derivative of the difference by the coefficients of
    the score, that on the logistic regression with ``design`` (Lunceford & Davidian, 2004; Li, Morgan & Zaslavsky,
    2018).
    """
    weights = balancing_weights(score, treated, estimand)
    slopes = {
        "average": np.where(treated == 1, -1 / score**2, 1 / (1 - score) ** 2),
        "treated": np.where(treated == 1, 0.0, 1 / (1 - score) ** 2),
        "overlap": np.where(treated == 1, -1.0, 1.0),
    }[estimand]
    n = len(outcome)
    spread = score * (1 - score)
    influence = np.zeros(n)
    slope = np.zeros(design.shape[1])
    means = []
    for side, sign in ((1, 1.0), (0, -1.0)):
        inside = treated == side
        mean = float(weights[inside] @ outcome[inside] / weights[inside].sum())
        share = weights[inside].sum() / n
        away = np.where(inside, outcome - mean, 0.0)
        influence += sign * weights * away / share
        slope += sign * design.T @ (slopes * spread * away) / n / share
        means.append(mean)
    information = (design * spread[:, None]).T @ design / n
    influence += design @ np.linalg.solve(information, slope) * (treated - score)
    return Weighted(treated=means[0], comparison=means[1], weights=weights, influence=influence)


def effective_size(weights: Floats) -> float:
    """Number of unweighted rows that carry as much (Kish, 1965): (Σw)² / Σw²."""
    return float(weights.sum() ** 2 / (weights @ weights))
