"""Weights that turn standardised answers into factor scores."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Floats = NDArray[np.float64]
Method = Literal["regression", "bartlett", "tenBerge"]


def score_weights(correlation: Floats, loadings: Floats, factor_correlations: Floats, method: Method) -> Floats:
    """Weights W (items × factors): scores = Z W of standardised answers Z.

    Parameters
    ----------
    correlation : array (p, p)
        Positive definite.
    loadings, factor_correlations
        Pattern Λ and Φ.
    method
        ``regression`` (Thurstone, 1935): R⁻¹ΛΦ, the most precise and the less variable the less they know.
        ``bartlett`` (1937): U⁻²Λ(Λ′U⁻²Λ)⁻¹, unbiased given the factors. ``tenBerge`` (ten Berge et al., 1999,
        https://doi.org/10.1016/S0024-3795(97)10007-6): scores that correlate as the factors do.

    Raises
    ------
    InsufficientDataError
        The correlation matrix is not positive definite; for ``bartlett`` a uniqueness that is not positive.

    Notes
    -----
    R twin: ``psych::factor.scores(method = "Thurstone" | "Bartlett" | "tenBerge")``.
    """
    if method not in get_args(Method):
        raise ValueError(f"The 'scores' parameter must be one of {get_args(Method)}. Got {method!r} instead.")
    values, vectors = np.linalg.eigh(correlation)
    if values[0] <= 1e-10 * len(values):
        text = (
            "The correlation matrix of the items is not positive definite, so factor scores do not exist; leave out "
            "the items that repeat others."
        )
        raise InsufficientDataError(Note("scores_need_positive_definite", text))
    if method == "regression":
        return np.asarray(np.linalg.solve(correlation, loadings @ factor_correlations))
    if method == "bartlett":
        unique = 1 - np.sum((loadings @ factor_correlations) * loadings, axis=1)
        if unique.min() <= 1e-8:
            text = (
                "Bartlett's factor scores divide by uniquenesses, and one of them is not above 0; use regression "
                "scores or fewer factors."
            )
            raise InsufficientDataError(Note("bartlett_scores_need_uniqueness", text))
        weighted = loadings / unique[:, None]
        return np.asarray(weighted @ np.linalg.inv(loadings.T @ weighted))
    inverse_root = (vectors / np.sqrt(values)) @ vectors.T
    root = _root(factor_correlations)
    turned = loadings @ root
    middle = np.linalg.inv(_root(turned.T @ np.linalg.solve(correlation, turned)))
    return np.asarray(inverse_root @ inverse_root @ turned @ middle @ root)


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
