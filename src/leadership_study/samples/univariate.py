"""One variable at a time: mean, spread and shape of the numbers that are there."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

MomentType = Literal[1, 2, 3]

_MAD_OF_NORMAL = 1.4826  # the median absolute deviation of a normal variable times this is its standard deviation


def skewness_kurtosis(values: NDArray[np.float64], *, type: MomentType = 2) -> tuple[float, float]:
    """Skewness and excess kurtosis of ``values`` (no NaN).

    Parameters
    ----------
    values : array of n numbers
    type : {2, 1, 3}
        1: g1 = m3 / m2^1.5 and g2 = m4 / m2² − 3, moments with divisor n. 2: g1 and g2 corrected for bias as SPSS, SAS
        and Excel do, which needs 3 and 4 values. 3: m3 / s³ and m4 / s⁴ − 3 with s² of divisor n − 1 (b1 and b2).

    Returns
    -------
    skewness, kurtosis : float
        NaN where there are too few values or no spread.

    References
    ----------
    Joanes, D. N., & Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis. The Statistician, 47,
    183–189. https://doi.org/10.1111/1467-9884.00122. R twin: ``psych::describe(type=)``.
    """
    if type not in (1, 2, 3):
        raise ValueError(f"The 'type' parameter of skewness_kurtosis must be one of 1, 2, 3. Got {type!r} instead.")
    n = len(values)
    if n < 2 or values.min() == values.max():
        return np.nan, np.nan
    deviation = values - values.mean()
    square = deviation**2
    m2, m3, m4 = square.mean(), (square * deviation).mean(), (square**2).mean()
    g1, g2 = m3 / m2**1.5, m4 / m2**2 - 3
    if type == 1:
        return float(g1), float(g2)
    if type == 3:
        shrink = (n - 1) / n
        return float(g1 * shrink**1.5), float((g2 + 3) * shrink**2 - 3)
    skewness = g1 * np.sqrt(n * (n - 1)) / (n - 2) if n > 2 else np.nan
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6) if n > 3 else np.nan
    return float(skewness), float(kurtosis)


def trimmed_mean(values: NDArray[np.float64], share: float = 0.1) -> float:
    """Mean without the ⌊share · n⌋ smallest and as many largest values; R's ``mean(x, trim=)``."""
    cut = int(share * len(values))
    return float(np.sort(values)[cut : len(values) - cut].mean())


def median_absolute_deviation(values: NDArray[np.float64]) -> float:
    """1.4826 times the median distance from the median; R's ``mad``."""
    return float(_MAD_OF_NORMAL * np.median(np.abs(values - np.median(values))))


def summary(values: NDArray[np.float64], *, type: MomentType = 2) -> dict[str, float | int]:
    """Describe the numbers of one column that are not NaN; with none of them every statistic but n is NaN."""
    given = values[~np.isnan(values)]
    n = len(given)
    shape = skewness_kurtosis(given, type=type)
    sd = float(given.std(ddof=1)) if n > 1 else np.nan
    return {
        "n": n,
        "missing": len(values) - n,
        "mean": float(given.mean()) if n else np.nan,
        "sd": sd,
        "std_error": sd / np.sqrt(n) if n else np.nan,
        "median": float(np.median(given)) if n else np.nan,
        "trimmed_mean": trimmed_mean(given) if n else np.nan,
        "mad": median_absolute_deviation(given) if n else np.nan,
        "minimum_value": float(given.min()) if n else np.nan,
        "maximum_value": float(given.max()) if n else np.nan,
        "skewness": shape[0],
        "kurtosis": shape[1],
    }
