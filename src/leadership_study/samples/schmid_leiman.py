"""One general factor out of correlated factors: the orthogonal solution of Schmid and Leiman."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadership_study.samples.factoring import Method, extract

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SchmidLeiman:
    """Loadings of items on a general factor and on group factors, all uncorrelated.

    ``general`` (p,), ``group`` (p, k) and ``uniquenesses`` (p,) belong to the items, ``second_order`` (k,) to the
    correlated factors: their loadings on the general one.
    """

    general: Floats
    group: Floats
    uniquenesses: Floats
    second_order: Floats


def schmid_leiman(pattern: Floats, factor_correlations: Floats, *, method: Method = "minres") -> SchmidLeiman:
    """Turn correlated factors into a general one and what is left of each.

    Parameters
    ----------
    pattern : array (p, k)
        Loadings Λ on correlated factors.
    factor_correlations : array (k, k)
        Φ. One common factor of it has the loadings γ; its sign is such that they have a positive sum. Two factors
        leave γ undetermined: they are then taken as equal in size, √|φ|. One factor is the general one.
    method
        How the common factor of Φ is extracted.

    Returns
    -------
    SchmidLeiman
        General loadings Λγ; group loadings Λ diag(√(1 − γ²)), 0 where γ² > 1; uniquenesses 1 − Σλ².

    Raises
    ------
    InsufficientDataError
        When Φ cannot be factored.

    Notes
    -----
    Schmid and Leiman (1957, https://doi.org/10.1007/BF02289209). R twin: ``psych::schmid``, ``option = "equal"``.
    """
    k = pattern.shape[1]
    if k == 1:
        second_order = np.ones(1)
    elif k == 2:
        between = float(factor_correlations[0, 1])
        second_order = math.sqrt(abs(between)) * np.array([1.0, math.copysign(1.0, between)])
    else:
        second_order = extract(factor_correlations, 1, method=method, starts="one").loadings[:, 0]
        if second_order.sum() < 0:
            second_order = -second_order
    general = pattern @ second_order
    group = pattern * np.sqrt(np.maximum(1 - second_order**2, 0))
    unique = 1 - general**2 - (group**2).sum(axis=1)
    return SchmidLeiman(general, group, unique, second_order)
