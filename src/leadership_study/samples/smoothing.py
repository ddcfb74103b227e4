"""Making a correlation matrix positive definite, when that is asked for."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST = 1e-12
_RAISED = 100 * float(np.finfo(np.float64).eps)


def nearest_by_eigenvalues(correlation: Floats) -> Floats:
    """Raise eigenvalues that are not positive to a tiny number, keep their sum, and rescale to ones on the diagonal.

    Notes
    -----
    R twin: ``psych::cor.smooth`` with its default ``eig.tol``.
    """
    values, vectors = np.linalg.eigh(correlation)
    raised = np.where(values < _LEAST, _RAISED, values)
    raised *= len(values) / raised.sum()
    smooth = (vectors * raised) @ vectors.T
    scale = np.sqrt(np.diag(smooth))
    smooth = smooth / np.outer(scale, scale)
    np.fill_diagonal(smooth, 1.0)
    return np.asarray((smooth + smooth.T) / 2)
