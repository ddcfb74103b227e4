"""Means and covariances of ordered categories cut from normal variables: exact population values, no sampling.

With f the score of the category that a standard normal X falls into, the Hermite expansion f(X) = Σ c_m h_m(X) in
orthonormal polynomials gives Cov(f(X), g(Y)) = Σ_{m ≥ 1} c_m d_m ρ^m for correlation ρ of X and Y (Mehler's formula).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

TERMS = 120


def hermite_coefficients(cuts: Floats, values: Floats, shifts: Floats, *, terms: int = TERMS) -> Floats:
    """Return c_0 … c_terms of the score: shape (len(shifts), terms + 1); c_0 is its mean.

    Parameters
    ----------
    cuts : array of c − 1 rising thresholds
    values : array of c scores
    shifts : array
        What is added to the standard normal variable before it is cut.

    Notes
    -----
    c_m = Σ_j (v_{j+1} − v_j) φ(t_j) h_{m−1}(t_j) / √m, with t_j the threshold less the shift.
    """
    at = cuts[None, :] - shifts[:, None]
    steps = np.diff(values)
    found = np.empty((len(shifts), terms + 1))
    found[:, 0] = values[0] + special.ndtr(-at) @ steps
    density = np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi)
    before, now = np.zeros_like(at), density  # φ times h_{−1}, h_0: the product stays bounded, the polynomials do not
    for m in range(1, terms + 1):
        found[:, m] = now @ steps / np.sqrt(m)
        before, now = now, (at * now - np.sqrt(m - 1) * before) / np.sqrt(m)
    return found


def category_variance(cuts: Floats, values: Floats, shifts: Floats) -> Floats:
    """Variance of the score for each shift."""
    upper = special.ndtr(cuts[None, :] - shifts[:, None])
    edges = np.concatenate([np.zeros((len(shifts), 1)), upper, np.ones((len(shifts), 1))], axis=1)
    shares = np.diff(edges, axis=1)
    mean = shares @ values
    return np.asarray(((values[None, :] - mean[:, None]) ** 2 * shares).sum(axis=1))


def series(first: Floats, second: Floats, correlation: Floats) -> Floats:
    """Return Σ_{m ≥ 1} c_m d_m ρ^m over the last axis of ``first`` and ``second``, ρ shaped as what comes before it."""
    powers = np.cumprod(np.broadcast_to(correlation[..., None], (*correlation.shape, first.shape[-1] - 1)), axis=-1)
    return np.asarray((first[..., 1:] * second[..., 1:] * powers).sum(axis=-1))
