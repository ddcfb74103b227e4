"""How far a respondent's answers are from everybody's: squared Mahalanobis distance."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from leadership_study.validation._blocks import Array, Sums

DistanceMissing = Literal["listwise", "zero_deviation"]


@dataclass(frozen=True)
class Distance:
    """Items that vary (``places``), their means, and the inverse of their covariances, or None if it has none."""

    places: NDArray[np.intp]
    means: Array
    factor: Array | None


def prepare(total: Sums, missing: DistanceMissing) -> Distance:
    """Choose means and covariances: of complete rows, or pairwise; items without variance are left out."""
    covariance = total.complete_covariance if missing == "listwise" else total.covariance
    means = total.complete_means if missing == "listwise" else total.means
    places = np.flatnonzero(np.diag(covariance) > 1e-12)
    kept = covariance[np.ix_(places, places)]
    enough = len(places) > 0 and bool(np.isfinite(kept).all())
    if enough and missing == "listwise":
        enough = total.complete_n > len(places)
    factor = None
    if enough:
        roots = linalg.eigvalsh(kept)
        if roots[0] > 1e-10 * roots[-1]:
            factor = linalg.cho_factor(kept, lower=True)[0]
    return Distance(places, means, factor)


def squared(matrix: Array, distance: Distance, missing: DistanceMissing) -> Array:
    """D² of each row of ``matrix``: (x − m)' S⁻¹ (x − m).

    ``listwise``: NaN for a row with a missing answer; ``zero_deviation``: a missing answer lies on the mean.
    """
    if distance.factor is None:
        return np.full(len(matrix), np.nan)
    deviation = matrix[:, distance.places] - distance.means[distance.places]
    gone = np.isnan(deviation)
    rows = gone.any(axis=1) if missing == "listwise" else gone.all(axis=1)
    deviation[gone] = 0.0
    solved = linalg.solve_triangular(np.tril(distance.factor), deviation.T, lower=True, check_finite=False)
    return np.where(rows, np.nan, (solved**2).sum(axis=0))
