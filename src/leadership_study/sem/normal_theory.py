"""Maximum likelihood for complete rows: discrepancy, gradient, information and scores of one group.

All functions are per observation and stand for minus the log-likelihood relative to the saturated model, f = ½F with
F = log|Σ| + tr(Σ⁻¹T) − log|S| − p, T = S + (ȳ − μ)(ȳ − μ)′ (Bollen, 1989, chapter 4 and appendix 4B).
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from leadership_study.sem.structure import Generators, State, curvature, mean_factors, pull_back

Floats = NDArray[np.float64]


def inverse_and_log_determinant(matrix: Floats) -> tuple[Floats, float] | None:
    """Return A⁻¹ and log|A| from one Cholesky factor; None when A is not positive definite."""
    factor, failed = lapack.dpotrf(matrix, lower=1)
    if failed:
        return None
    log_determinant = 2 * float(np.log(factor.diagonal()).sum())
    inverse, failed = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or not math.isfinite(log_determinant):
        return None
    whole = inverse + inverse.T  # what lies above the diagonal of the factor is zero
    whole.flat[:: len(whole) + 1] *= 0.5
    return whole, log_determinant


class NormalTheory:
    """The likelihood of one group's means and covariances.

    Parameters
    ----------
    covariance : p × p
    means : p, or None without a mean structure
    """

    def __init__(self, covariance: Floats, means: Floats | None) -> None:
        self.covariance, self.means = covariance, means
        found = inverse_and_log_determinant(covariance)
        self.saturated = -np.inf if found is None else found[1] + len(covariance)
        self._last: tuple[Any, ...] = ()

    def _at(self, state: State) -> tuple[Floats, Floats, Floats, float] | None:
        """Σ⁻¹, T, ȳ − μ and log|Σ|."""
        if self._last and self._last[0] is state:
            return self._last[1]  # type: ignore[no-any-return]
        found = inverse_and_log_determinant(state.sigma)
        answer = None
        if found is not None:
            if self.means is None:
                answer = (found[0], self.covariance, np.zeros(len(state.mu)), found[1])
            else:
                away = self.means - state.mu
                answer = (found[0], self.covariance + np.outer(away, away), away, found[1])
        self._last = (state, answer)
        return answer

    def value(self, state: State) -> float:
        """Return f, infinite when Σ is not positive definite."""
        at = self._at(state)
        if at is None:
            return np.inf
        return 0.5 * (at[3] + float(np.vdot(at[0], at[1])) - self.saturated)

    def weights(self, state: State) -> tuple[Floats, Floats | None]:
        """Return ∂f/∂Σ and ∂f/∂μ."""
        at = self._at(state)
        if at is None:
            raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
        p, t, away, _ = at
        return 0.5 * (p - p @ t @ p), None if self.means is None else -p @ away

    def gradient(self, state: State, cells: Generators) -> Floats:
        """Return ∂f/∂θ."""
        return np.asarray(pull_back(cells, state, *self.weights(state)))

    def expected(self, state: State, cells: Generators) -> Floats:
        """Return the expected information of one observation."""
        at = self._at(state)
        if at is None:
            raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
        return expected_information(state, cells, at[0], self.means is not None)

    def expected_beside(self, state: State, cells: Generators, few: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return the columns ``few`` of `expected` and its diagonal."""
        at = self._at(state)
        if at is None:
            raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
        c, k = state.columns, cells
        g = c.T @ at[0] @ c
        u, v, s = k.u[few], k.v[few], k.s[few]
        gu, gv = g[k.u], g[k.v]
        uu, moves = gu[:, u], mean_factors(k, state) if self.means is not None else np.zeros(len(k))
        left = k.s[:, None] * s * (uu * gv[:, v] + gu[:, v] * gv[:, u]) + moves[:, None] * moves[few] * uu
        own = g[k.u, k.u]
        return left, k.s**2 * (own * g[k.v, k.v] + g[k.u, k.v] ** 2) + moves**2 * own

    def observed(self, state: State, cells: Generators) -> Floats:
        """Return ∂²f/∂θ∂θ′."""
        at = self._at(state)
        if at is None:
            raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
        p, t, away, _ = at
        found = observed_information(state, cells, p, t, None if self.means is None else away)
        return found + curvature(cells, state, *self.weights(state))


def expected_information(state: State, cells: Generators, precision: Floats, with_means: bool) -> Floats:
    """Return ½ tr(Σ⁻¹ ∂Σₖ Σ⁻¹ ∂Σₗ) + ∂μₖ′Σ⁻¹∂μₗ for all pairs of parameters."""
    c = state.columns
    g = c.T @ precision @ c
    gu, gv = g[cells.u], g[cells.v]
    uu = gu[:, cells.u]
    uv = gu[:, cells.v]
    found = np.outer(cells.s, cells.s) * (uu * gv[:, cells.v] + uv * uv.T)
    if with_means:
        moves = mean_factors(cells, state)
        found += np.outer(moves, moves) * uu
    return np.asarray(found)


def observed_information(
    state: State, cells: Generators, precision: Floats, second: Floats, away: Floats | None
) -> Floats:
    """Return the second derivatives of f by the moments, carried to the parameters (without `curvature`).

    ``second`` is T, ``away`` ȳ − μ.
    """
    c = state.columns
    middle = precision @ second @ precision - 0.5 * precision
    gp, ga = c.T @ precision @ c, c.T @ middle @ c
    u, v = cells.u, cells.v
    pu, pv, au, av = gp[u], gp[v], ga[u], ga[v]
    # tr(A dΣₗ P dΣₖ) with dΣ = s(uv′ + vu′)
    part = av[:, u] * pu[:, v] + au[:, u] * pv[:, v] + av[:, v] * pu[:, u] + au[:, v] * pv[:, u]
    found = np.outer(cells.s, cells.s) * part
    if away is not None:
        moves = mean_factors(cells, state)
        h = c.T @ (precision @ away)
        found += np.outer(moves, moves) * pu[:, u]
        # ∂²f/∂μₖ∂Σₗ = (ȳ − μ)′P dΣₗ P dμₖ
        cross = moves[:, None] * cells.s[None, :] * (h[u][None, :] * pu[:, v] + h[v][None, :] * pu[:, u])
        found += cross + cross.T
    return np.asarray(found)


def case_scores(state: State, cells: Generators, rows: Floats, with_means: bool, centre: Floats) -> Floats:
    """Return ∂log-likelihood/∂θ of each row, rows × parameters; ``centre`` is μ, or ȳ without a mean structure."""
    found = inverse_and_log_determinant(state.sigma)
    if found is None:
        raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
    precision = found[0]
    c = state.columns
    z = (rows - centre) @ (precision @ c)
    level = (c.T @ precision @ c)[cells.u, cells.v]
    zu = z[:, cells.u]
    scores = cells.s * (zu * z[:, cells.v] - level)
    return np.asarray(scores + mean_factors(cells, state) * zu if with_means else scores)
