"""Covariance of the slopes of several regressions of the same rows, taken together.

With classical errors two regressions of a path model are independent when the outcome of one predicts that of the
other. Mediators beside one another share errors, and robust errors rest on nothing of the kind: rows, or clusters, that
pull one slope pull the others too.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from leadership_study.influences._regression_tables import Fitted

Floats = NDArray[np.float64]


def joint_covariance(
    fits: Sequence[Fitted],
    keep: Sequence[Sequence[int]],
    codes: NDArray[np.int64] | None,
    together: Collection[tuple[int, int]] = (),
) -> Floats:
    """Covariance of the coefficients at ``keep`` of each fit, in that order, q × q.

    Its diagonal blocks are the covariances of the fits themselves, cut to ``keep``. Under classical errors the fits at
    ``together``, of which neither outcome predicts the other, have correlated errors: s₁₂(X₁'X₁)⁻¹X₁'X₂(X₂'X₂)⁻¹.
    """
    if fits[0].type == "nonrobust":
        ends = np.cumsum([0, *(len(columns) for columns in keep)])
        whole = np.zeros((ends[-1], ends[-1]))
        for at, (fit, columns) in enumerate(zip(fits, keep, strict=True)):
            whole[ends[at] : ends[at + 1], ends[at] : ends[at + 1]] = fit.covariance[np.ix_(columns, columns)]
        for one, two in together:
            first, second = fits[one].ols, fits[two].ols
            shared = first.residuals @ second.residuals / np.sqrt(first.df_residual * second.df_residual)
            block = shared * first.inverse_root @ (first.basis.T @ second.basis) @ second.inverse_root.T
            block = block[np.ix_(keep[one], keep[two])]
            whole[ends[one] : ends[one + 1], ends[two] : ends[two + 1]] = block
            whole[ends[two] : ends[two + 1], ends[one] : ends[one + 1]] = block.T
        return whole
    pulls = np.column_stack([_pulls(fit, codes)[:, columns] for fit, columns in zip(fits, keep, strict=True)])
    whole = pulls.T @ pulls
    # HC1, CR1 and CR1S multiply by a factor that depends on each regression's own number of coefficients.
    own = np.concatenate(
        [np.sqrt(np.diag(fit.covariance))[list(columns)] for fit, columns in zip(fits, keep, strict=True)]
    )
    raw = np.sqrt(np.diag(whole))
    scale = np.divide(own, raw, out=np.ones_like(own), where=raw > 0)
    return np.asarray(whole * np.outer(scale, scale))


def _pulls(fit: Fitted, codes: NDArray[np.int64] | None) -> Floats:
    """What each row or cluster adds to the estimates, with the adjustment of the errors asked for."""
    ols = fit.ols
    if fit.clusters is None:
        left = 1 - ols.leverages
        power = {"HC2": 0.5, "HC3": 1.0}.get(fit.type, 0.0)
        weights = np.minimum(4.0, ols.n * ols.leverages / len(ols.terms)) / 2 if fit.type == "HC4" else power
        scores = ols.basis * (ols.residuals / left**weights)[:, None]
        return np.asarray(scores @ ols.inverse_root.T)
    if codes is None:
        raise ValueError("Clusters are needed for the pull of each.")
    sums = np.column_stack([np.bincount(codes, column) for column in (ols.basis * ols.residuals[:, None]).T])
    adjusted = (fit.clusters.adjustments @ sums[:, :, None])[:, :, 0]
    return np.asarray(adjusted @ ols.inverse_root.T)
