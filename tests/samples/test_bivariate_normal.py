"""The bivariate normal distribution against direct integration and identities."""

import numpy as np
import pytest
from scipy import integrate, special

from leadership_study.samples.bivariate_normal import cumulative, density, density_slope

RHO = [0.0, 0.07, 0.2, 0.21, 0.5, 0.51, 0.75, 0.9, 0.901, 0.97, 0.999]


def integrated(h: float, k: float, rho: float) -> float:
    """∫ φ(x) Φ((k − ρx)/√(1 − ρ²)) dx up to h, with the steep place as a break."""
    root = np.sqrt(1 - rho * rho)
    centre = k / rho if rho else 0.0
    breaks = [x for x in (centre, centre - 5 * root, centre + 5 * root) if -9 < x < h]
    return integrate.quad(
        lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * special.ndtr((k - rho * x) / root), -9.0, h,
        points=breaks or None, epsabs=1e-14, epsrel=1e-13, limit=300,
    )[0]  # fmt: skip


@pytest.mark.parametrize("rho", RHO + [-rho for rho in RHO[1:]])
def test_cumulative_equals_direct_integration(rho: float) -> None:
    h = np.array([-2.5, -1.0, 0.0, 0.0, 0.3, 1.2, 1.2, 3.0, 0.0, -0.4])
    k = np.array([-2.4, 1.0, 0.0, 0.7, 0.31, 1.2, -1.2, -2.0, -1.5, 0.0])
    found = cumulative(h[None], k[None], np.array([rho]))[0]
    expected = [integrated(a, b, rho) for a, b in zip(h, k, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_limits_at_perfect_correlation(sign: float) -> None:
    h, k = np.array([[-1.0, 0.5, 0.0, 2.0]]), np.array([[0.3, 0.5, 0.0, -2.5]])
    found = cumulative(h, k, np.array([sign]))
    expected = special.ndtr(np.minimum(h, k)) if sign > 0 else np.maximum(special.ndtr(h) - special.ndtr(-k), 0)
    np.testing.assert_allclose(found, expected, atol=1e-15)


def test_infinite_limits_give_the_margins() -> None:
    h, k = np.array([[np.inf, 0.4, -np.inf, np.inf]]), np.array([[0.4, np.inf, 1.0, np.inf]])
    for rho in (0.3, -0.95):
        expected = [special.ndtr(0.4), special.ndtr(0.4), 0.0, 1.0]
        np.testing.assert_allclose(cumulative(h, k, np.array([rho]))[0], expected, atol=1e-15)


def test_the_density_is_the_derivative_by_rho_and_its_slope_the_second() -> None:
    random = np.random.default_rng(5)
    h, k, rho = random.normal(size=(3, 40))
    rho, step = np.tanh(rho), 1e-5
    near = cumulative(h[:, None], k[:, None], rho + step) - cumulative(h[:, None], k[:, None], rho - step)
    at = density(h, k, rho)
    np.testing.assert_allclose(near[:, 0] / (2 * step), at, rtol=1e-4, atol=1e-9)
    slope = (density(h, k, rho + step) - density(h, k, rho - step)) / (2 * step)
    np.testing.assert_allclose(density_slope(h, k, rho, at), slope, rtol=1e-4, atol=1e-8)
