"""The distribution of the largest of several t statistics that share a control group, by quadrature."""

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from leadership_study.samples.studentized_range import legendre, spread_nodes

Floats = NDArray[np.float64]

_NODES = 256
_WIDEST = 8.5


def dunnett_sf(size: float, control: int, others: NDArray[np.int64], df: float) -> float:
    """Chance that the largest |t| of ``others`` against a control group exceeds ``size``, no group differing.

    With n₀ and n_j the sizes of control and others the statistics correlate by λ_i λ_j, λ_j² = n_j/(n_j + n₀); given
    the shared part z and s = √(χ²/df) they are independent, so that the chance is one less a double integral.

    References
    ----------
    Dunnett, C. W. (1955). https://doi.org/10.1080/01621459.1955.10501294. R twin: ``multcomp::glht(mcp = "Dunnett")``.
    """
    if np.isnan(size):
        return np.nan
    shared = np.sqrt(others / (others + control))
    own = np.sqrt(control / (others + control))
    nodes, weights = legendre(_NODES)
    z = nodes * _WIDEST
    density = weights * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * _WIDEST
    s, of_s = spread_nodes(df)
    inside = np.ones((len(s), len(z)))
    for part, rest in zip(shared, own, strict=True):
        centre = part * z[None, :] / rest
        reach = size * s[:, None] / rest
        inside *= special.ndtr(centre + reach) - special.ndtr(centre - reach)
    return float(min(max(1 - of_s @ inside @ density, 0.0), 1.0))


def dunnett_isf(p: float, control: int, others: NDArray[np.int64], df: float) -> float:
    """Value that the largest of them exceeds with chance ``p``."""

    def away(size: float) -> float:
        return dunnett_sf(size, control, others, df) - p

    high = 4.0
    while away(high) > 0:
        high *= 2
    return float(optimize.brentq(away, 0.0, high, xtol=1e-10, rtol=1e-12))
