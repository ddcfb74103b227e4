"""Weighted least squares of sample moments: GLS, ULS and WLS of means and covariances (Browne, 1984)."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadership_study.sem.structure import (
    NU,
    THETA,
    Generators,
    State,
    curvature,
    mean_jacobian,
    moment_jacobian,
)

Floats = NDArray[np.float64]


@lru_cache(maxsize=64)
def lower_triangle(p: int, *, diagonal: bool = True) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the lower triangle, column by column: the order of all moment vectors here."""
    column, row = (index.astype(np.int64) for index in np.triu_indices(p, 0 if diagonal else 1))
    row.flags.writeable = column.flags.writeable = False  # all callers share them
    return row, column


class WeightedSquares:
    """½(s − σ)′W(s − σ), s the means (when there is a mean structure) and the lower triangle of the covariances.

    Parameters
    ----------
    covariance : p × p
    means : p, or None
    weight : square matrix, or vector of its diagonal
    """

    def __init__(self, covariance: Floats, means: Floats | None, weight: Floats) -> None:
        self.i, self.j = lower_triangle(len(covariance))
        self.means, self.weight = means, weight
        moments = covariance[self.i, self.j]
        self.moments = moments if means is None else np.concatenate([means, moments])

    def residual(self, state: State) -> NDArray[Any]:
        """Return s − σ(θ)."""
        implied = state.sigma[self.i, self.j]
        return np.asarray(self.moments - (implied if self.means is None else np.concatenate([state.mu, implied])))

    def jacobian(self, state: State, cells: Generators) -> NDArray[Any]:
        """Return ∂σ/∂θ, moments × parameters."""
        found = moment_jacobian(cells, state, self.i, self.j)
        return found if self.means is None else np.vstack([mean_jacobian(cells, state), found])

    def weighted(self, matrix: Floats) -> Floats:
        """Return W·matrix."""
        return np.asarray((self.weight * matrix.T).T if self.weight.ndim == 1 else self.weight @ matrix)

    def value(self, state: State) -> float:
        """Return f."""
        residual = self.residual(state)
        return 0.5 * float(residual @ self.weighted(residual))

    def gradient(self, state: State, cells: Generators) -> Floats:
        """Return ∂f/∂θ."""
        return np.asarray(-self.jacobian(state, cells).T @ self.weighted(self.residual(state)))

    def expected(self, state: State, cells: Generators) -> Floats:
        """Return Δ′WΔ."""
        jacobian = self.jacobian(state, cells)
        return np.asarray(jacobian.T @ self.weighted(jacobian))

    def observed(self, state: State, cells: Generators) -> Floats:
        """Return ∂²f/∂θ∂θ′."""
        pull = -self.weighted(self.residual(state))
        by_mu = None
        if self.means is not None:
            by_mu, pull = pull[: len(self.means)], pull[len(self.means) :]
        p = len(state.mu)
        by_sigma = np.zeros((p, p))
        by_sigma[self.i, self.j] += pull / 2
        by_sigma[self.j, self.i] += pull / 2
        return self.expected(state, cells) + curvature(cells, state, by_sigma, by_mu)


def normal_weight(precision: Floats, with_means: bool) -> Floats:
    """Return the normal-theory weight ½D′(P ⊗ P)D of covariances, behind P for means if there are any."""
    p = len(precision)
    i, j = lower_triangle(p)
    weight = precision[np.ix_(i, i)] * precision[np.ix_(j, j)] + precision[np.ix_(i, j)] * precision[np.ix_(j, i)]
    half = np.where(i == j, 0.5, 1.0)
    weight = weight * np.outer(half, half)
    # on the diagonal ½·½·(2σσ) = ½σσ, off it σσ + σσ: the entries of ½D′(P ⊗ P)D
    if not with_means:
        return np.asarray(weight)
    whole = np.zeros((p + len(i), p + len(i)))
    whole[:p, :p], whole[p:, p:] = precision, weight
    return whole


def normal_covariance(sigma: Floats, with_means: bool) -> Floats:
    """Return the asymptotic covariance of covariances under normality, σᵢₖσⱼₗ + σᵢₗσⱼₖ, behind Σ for means."""
    p = len(sigma)
    i, j = lower_triangle(p)
    gamma = sigma[np.ix_(i, i)] * sigma[np.ix_(j, j)] + sigma[np.ix_(i, j)] * sigma[np.ix_(j, i)]
    if not with_means:
        return np.asarray(gamma)
    whole = np.zeros((p + len(i), p + len(i)))
    whole[:p, :p], whole[p:, p:] = sigma, gamma
    return whole


def cross_products(rows: Floats, means: Floats, with_means: bool) -> Floats:
    """Return each row's contributions (yᵢ − ȳᵢ)(yⱼ − ȳⱼ), behind y − ȳ for means: rows × moments."""
    centred = rows - means
    i, j = lower_triangle(rows.shape[1])
    products = centred[:, i] * centred[:, j]
    return np.hstack([centred, products]) if with_means else products


def saturated_model(sigma: Floats, mu: Floats, with_means: bool) -> tuple[State, Generators]:
    """Return the model in which every covariance (and mean) is a parameter of its own, in the order of the moments."""
    p = len(mu)
    i, j = lower_triangle(p)
    none = np.zeros((1, 1))
    state = State(
        np.zeros((p, 1)), np.eye(1), none, sigma, none, np.zeros(1), sigma, mu, np.eye(p), np.zeros(0), np.ones(p)
    )
    kind, u, v, s = np.full(len(i), THETA), i, j, np.where(i == j, 0.5, 1.0)
    if with_means:
        own = np.arange(p)
        kind, u, v = np.r_[np.full(p, NU), kind], np.r_[own, u], np.r_[np.zeros(p, dtype=np.int64), v]
        s = np.r_[np.zeros(p), s]
    return state, Generators(kind, u, v, u, v, s)
