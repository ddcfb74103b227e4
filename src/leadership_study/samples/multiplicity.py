"""P values of several tests at once."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Adjust = Literal["holm", "bonferroni", "fdr_bh"]


def adjusted(p_values: NDArray[np.float64], adjust: Adjust | None) -> NDArray[np.float64]:
    """P values adjusted over the whole family; NaN without an adjustment. R twin: ``p.adjust``.

    A NaN stays NaN and does not count as a test.

    References
    ----------
    Holm, S. (1979). Scandinavian Journal of Statistics, 6, 65–70. Benjamini, Y., & Hochberg, Y. (1995).
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    """
    if adjust is None:
        return np.full(len(p_values), np.nan)
    result = np.full(len(p_values), np.nan)
    there = ~np.isnan(p_values)
    own = p_values[there]
    m = len(own)
    if m == 0:
        return result
    if adjust == "bonferroni":
        result[there] = np.minimum(m * own, 1.0)
    elif adjust == "fdr_bh":
        result[there] = stats.false_discovery_control(own, method="bh")
    else:
        order = np.argsort(own, kind="stable")
        steps = np.empty(m)
        steps[order] = np.minimum(np.maximum.accumulate((m - np.arange(m)) * own[order]), 1.0)
        result[there] = steps
    return result
