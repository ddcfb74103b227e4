"""Which way round items and scales go, as the answers themselves say it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CLEAR = 0.20
"""An item whose correlation with the rest is this far below 0 goes the wrong way."""
WEAK = 0.10
"""From here on it goes the right way; in between, nobody knows."""
OPPOSED = 0.30
"""A scale this far below 0 with each of the others, which hang together as much above it, may be upside down."""


@dataclass(frozen=True)
class Direction:
    """One item: ``rest``, its correlation with the sum of the others, each turned as the majority of them goes."""

    rest: float
    n: int

    @property
    def wrong(self) -> bool:
        """Clearly below 0: by its size, and beyond its sampling error."""
        return self.n > 3 and self.rest <= -CLEAR and self.rest + 1.96 / np.sqrt(self.n - 3) < 0

    @property
    def fits(self) -> bool:
        """Above 0 by more than nothing."""
        return self.rest >= WEAK


def directions(correlation: Array, pair_n: Array) -> list[Direction]:
    """Say of each item of a scale, keyed as declared, whether it goes with the others.

    The majority is that of the first principal component's weights; every item is then held against the standardised
    sum of the others, turned as the component says, so that several wrong items do not hide one another. NaN for an
    item without variance or without pairs.
    """
    known = np.isfinite(correlation)
    matrix = np.where(known, correlation, 0.0)
    np.fill_diagonal(matrix, 1.0)
    _, vectors = np.linalg.eigh(matrix)
    weights = vectors[:, -1]
    if weights.sum() < 0:
        weights = -weights
    signs = np.where(weights < 0, -1.0, 1.0)
    found = []
    for at in range(len(matrix)):
        others = np.array([other for other in range(len(matrix)) if other != at and known[at, other]], dtype=int)
        if not len(others):
            found.append(Direction(float("nan"), 0))
            continue
        own = signs[others]
        spread = float(own @ matrix[np.ix_(others, others)] @ own)
        rest = float(matrix[at, others] @ own) / np.sqrt(spread) if spread > 1e-12 else float("nan")
        found.append(Direction(rest, int(pair_n[at, others].min())))
    return found
