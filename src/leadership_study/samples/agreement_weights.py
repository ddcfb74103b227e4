"""How far apart two categories are: weights of partial agreement, distances of Krippendorff."""

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Weights = Literal["linear", "quadratic"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]


def positions(values: Sequence[Hashable]) -> Floats:
    """Categories as numbers: their values, or their places when they are text."""
    if all(isinstance(value, int | float | bool) for value in values):
        return np.array([float(value) for value in values])  # type: ignore[arg-type]
    return np.arange(len(values), dtype=float)


def agreement_weights(values: Sequence[Hashable], weights: Weights | None) -> Floats:
    """Weights of agreement, categories × categories: 1 on the diagonal, 0 for the farthest apart.

    Linear 1 − d/D, quadratic 1 − d²/D² with D the whole range (Cicchetti and Allison, 1971; Fleiss and Cohen, 1973);
    None counts equal categories only.
    """
    if weights is None:
        return np.eye(len(values))
    at = positions(values)
    apart = np.abs(at[:, None] - at)
    widest = apart.max() if len(values) > 1 else 1.0
    share = apart / widest
    found: Floats = 1 - (share if weights == "linear" else share**2)
    return found


def distances(values: Sequence[Hashable], level: Level, margins: Floats | None = None) -> Floats:
    """Squared distances of Krippendorff (2011), categories × categories (× before, where ``margins`` has several rows).

    Parameters
    ----------
    margins : array of shape (…, categories)
        Values in the coincidence matrix: needed at the ordinal level only, where the distance between two categories is
        the number of values between them, counting half of each end.
    """
    n = len(values)
    if level == "nominal":
        return 1 - np.eye(n)
    if level == "ordinal":
        if margins is None:
            raise ValueError("Ordinal distances need the margins of the coincidence matrix.")
        middle = np.cumsum(margins, axis=-1) - margins / 2
        gap: Floats = (middle[..., :, None] - middle[..., None, :]) ** 2
        return gap
    at = positions(values)
    gap = (at[:, None] - at) ** 2
    if level == "interval":
        return gap
    total = (at[:, None] + at) ** 2
    return np.divide(gap, total, out=np.zeros_like(gap), where=total > 0)
