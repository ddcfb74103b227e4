"""The bivariate standard normal distribution on arrays: distribution function, density and its derivatives."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

FAR = 40.0
"""Stands for an infinite threshold: beyond it the normal distribution has no mass that a float could hold."""

_STEEP = 0.9
"""Above this correlation the integrand is too sharp for quadrature; Owen's function takes over."""
_NODES = ((0.2, 8), (0.5, 12), (0.75, 18), (_STEEP, 32))
"""Up to which correlation how many nodes keep the error of the distribution function below 1e-13."""


def density(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Density at (h, k), for |rho| < 1; it is also the derivative of `cumulative` by rho (Plackett, 1954).

    The arguments broadcast. https://doi.org/10.1093/biomet/41.3-4.351
    """
    left = 1 - rho * rho
    return np.asarray(np.exp((2 * rho * h * k - h * h - k * k) / (2 * left)) / (2 * np.pi * np.sqrt(left)))


def density_slope(h: Floats, k: Floats, rho: Floats, at: Floats) -> Floats:
    """Derivative of the density by rho, given the density ``at`` the point."""
    left = 1 - rho * rho
    return np.asarray(at * (rho + (h * k * (1 + rho * rho) - rho * (h * h + k * k)) / left) / left)


def cumulative(h: Floats, k: Floats, rho: Floats) -> Floats:
    """P(X ≤ h, Y ≤ k) of a bivariate standard normal with correlation rho.

    Parameters
    ----------
    h, k : arrays
        Limits, of the same shape; infinite ones are allowed.
    rho : array
        Correlations from −1 to 1: shape of ``h``, or of its leading axes, all points of a row sharing one.

    Returns
    -------
    array, the shape of ``h``
        Absolute error below 1e-13.

    Notes
    -----
    Φ(h)Φ(k) + (1/2π) ∫ exp(−(h² + k² − 2hk sin θ)/(2 cos² θ)) dθ from 0 to arcsin ρ, by Gauss–Legendre quadrature with
    8 to 32 nodes as the correlation asks (Drezner & Wesolowsky, 1990, https://doi.org/10.1080/00949659008811236; Genz,
    2004, https://doi.org/10.1023/B:STCO.0000035304.20635.31). Above .9 by Owen's function, Φ(h)/2 + Φ(k)/2 −
    T(h, (k/h − ρ)/√(1 − ρ²)) − T(k, (h/k − ρ)/√(1 − ρ²)) − ½[hk < 0] (Owen, 1956,
    https://doi.org/10.1214/aoms/1177728074). R twin: ``mvtnorm::pmvnorm``.
    """
    h, k = np.clip(h, -FAR, FAR), np.clip(k, -FAR, FAR)
    shape = h.shape
    rho = np.asarray(rho, dtype=np.float64)
    rows = rho.size
    h, k, flat = h.reshape(rows, -1), k.reshape(rows, -1), rho.reshape(-1)
    result = special.ndtr(h) * special.ndtr(k)
    size, lowest = np.abs(flat), 0.0
    for highest, nodes in _NODES:
        chosen = np.flatnonzero((size > lowest) & (size <= highest))
        if len(chosen) == rows:
            result += _quadrature(h, k, flat, nodes)
        elif len(chosen):
            result[chosen] += _quadrature(h[chosen], k[chosen], flat[chosen], nodes)
        lowest = highest
    if len(steep := np.flatnonzero(size > _STEEP)):
        result[steep] = _owen(h[steep], k[steep], flat[steep, None])
    return np.asarray(result.reshape(shape))


@cache
def _legendre(nodes: int) -> tuple[Floats, Floats]:
    x, weights = np.polynomial.legendre.leggauss(nodes)
    return (x + 1) / 2, weights / 2


def _quadrature(h: Floats, k: Floats, rho: Floats, nodes: int) -> Floats:
    # Nodes along the first axis: every operation runs over one contiguous rows × points block.
    x, weights = _legendre(nodes)
    angle = np.arcsin(rho)
    cross, squares = h * k, h * h + k * k
    squares /= 2
    total, exponent, other = np.zeros_like(h), np.empty_like(h), np.empty_like(h)
    for at, weight in zip(x, weights, strict=True):
        sine = np.sin(at * angle)[:, None]
        scale = 1 / (1 - sine * sine)
        np.multiply(cross, sine * scale, out=exponent)
        np.multiply(squares, scale, out=other)
        exponent -= other
        np.exp(exponent, out=exponent)
        exponent *= weight
        total += exponent
    total *= (angle / (2 * np.pi))[:, None]
    return total


def _owen(h: Floats, k: Floats, rho: Floats) -> Floats:
    # Exact limits at |rho| = 1, and where a limit is 0 the ratio's sign is that of the other limit.
    root = np.sqrt((1 - rho) * (1 + rho))
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(h == 0, np.copysign(np.inf, k), (k - rho * h) / (h * root))
        second = np.where(k == 0, np.copysign(np.inf, h), (h - rho * k) / (k * root))
    value = (special.ndtr(h) + special.ndtr(k)) / 2 - special.owens_t(h, first) - special.owens_t(k, second)
    value -= np.where((h * k < 0) | ((h * k == 0) & (h + k < 0)), 0.5, 0.0)
    both = (h == 0) & (k == 0)
    value = np.where(both, 0.25 + np.arcsin(rho) / (2 * np.pi), value)
    value = np.where(rho >= 1, special.ndtr(np.minimum(h, k)), value)
    value = np.where(rho <= -1, np.maximum(special.ndtr(h) - special.ndtr(-k), 0.0), value)
    return np.asarray(np.clip(value, 0.0, 1.0))
