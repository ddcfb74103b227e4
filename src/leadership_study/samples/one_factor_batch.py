"""The one-factor minimum-residual solutions of many correlation matrices at once, for parallel analysis."""

import numpy as np
from numpy.typing import NDArray

from leadership_study.samples.factoring import LOWEST_UNIQUENESS, extract

Floats = NDArray[np.float64]

_GRADIENT = 1e-10
_STEPS = 30


def one_factor_uniquenesses(correlations: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Uniquenesses of each matrix (m, p) and whether their search converged.

    Full Newton steps from 1 − squared multiple correlations, taken by all matrices together. A matrix whose step would
    leave the bounds or go uphill is handed to `leadership_study.samples.factoring.extract` with one start, which takes
    the same steps as far as they go.
    """
    m, p, _ = correlations.shape
    found, converged = np.empty((m, p)), np.zeros(m, dtype=bool)
    active = np.flatnonzero(np.linalg.eigvalsh(correlations)[:, 0] > 1e-10 * p)
    inverses = np.linalg.inv(correlations[active])
    psi = np.clip(1 / np.diagonal(inverses, axis1=1, axis2=2), LOWEST_UNIQUENESS, 1.0)
    value, gradient, hessian, leading = _residuals(correlations[active], psi)
    for _ in range(_STEPS):
        if not len(active):
            break
        flat = np.abs(gradient).max(axis=1) < _GRADIENT
        definite = np.linalg.eigvalsh(hessian)[:, 0] > 0
        steady = np.where(definite[:, None, None], hessian, leading + 1e-6 * np.eye(p))
        step = -np.linalg.solve(steady, gradient[:, :, None])[:, :, 0]
        slope = np.sum(gradient * step, axis=1)
        # Rounding hides such a small descent, but the step still doubles the digits.
        last = (np.abs(gradient).max(axis=1) < 1e-5) & (-slope < 1e-14 * np.maximum(1.0, value))
        trial = np.where(flat[:, None], psi, psi + step)
        inside = ((trial > LOWEST_UNIQUENESS) & (trial < 1.0)).all(axis=1)
        done = inside & (flat | last)
        found[active[done]], converged[active[done]] = trial[done], True
        going = np.flatnonzero(inside & ~done)
        active, trial, value, slope = active[going], trial[going], value[going], slope[going]
        if not len(active):
            break
        new = _residuals(correlations[active], trial)
        downhill = new[0] <= value + 1e-4 * slope
        active, psi = active[downhill], trial[downhill]
        value, gradient, hessian, leading = (each[downhill] for each in new)
    for at in np.flatnonzero(~converged):
        one = extract(correlations[at], 1, starts="one")
        found[at], converged[at] = one.uniquenesses, one.converged
    return found, converged


def _residuals(correlations: Floats, psi: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    # As factoring._residuals for one factor: ½ Σ of the squared eigenvalues of R − Ψ that the factor leaves.
    p = psi.shape[1]
    reduced = correlations.copy()
    reduced[:, range(p), range(p)] -= psi
    values, vectors = np.linalg.eigh(reduced)
    theta, rest = values[:, :-1], vectors[:, :, :-1]
    top, axis = values[:, -1:], vectors[:, :, -1]
    gradient = -np.einsum("mpt,mt->mp", rest**2, theta)
    across = np.swapaxes(rest, 1, 2)
    leading = (rest @ across) ** 2
    weights = 2 * theta / (theta - top)
    hessian = leading + axis[:, :, None] * axis[:, None, :] * ((rest * weights[:, None, :]) @ across)
    return np.sum(theta**2, axis=1) / 2, gradient, hessian, leading
