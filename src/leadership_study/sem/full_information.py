"""Maximum likelihood from rows with missing answers (Arbuckle, 1996; Yuan & Bentler, 2000), pattern by pattern.

Per observation and relative to the saturated model, whose moments come from EM. Each pattern's inverse is written into
a p × p matrix of zeros, so that the formulas of complete rows hold for it as they are.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.samples.expectation_maximization import em_moments
from leadership_study.samples.moments import moments_of
from leadership_study.sem.fit_measures import Test
from leadership_study.sem.normal_theory import (
    NormalTheory,
    expected_information,
    observed_information,
)
from leadership_study.sem.structure import (
    Generators,
    State,
    curvature,
    mean_factors,
    mean_jacobian,
    moment_jacobian,
    pull_back,
)
from leadership_study.sem.weighted_squares import lower_triangle, normal_weight, saturated_model

if TYPE_CHECKING:
    from leadership_study.sem.solution import Solution

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Padded:
    """Of each pattern: Σ⁻¹, second moments about μ, mean less μ (zero where nothing is observed), and log|Σ|."""

    precision: Floats
    second: Floats
    away: Floats
    log_determinant: Floats


class FullInformation:
    """The likelihood of one group's rows, missing answers as NaN.

    Attributes
    ----------
    covariance, means
        The saturated model's: maximum likelihood by EM.
    """

    def __init__(self, rows: Floats, observed: list[str]) -> None:
        self.rows = rows
        found = em_moments(pd.DataFrame(rows, columns=observed))
        self.patterns, self.n = found.patterns, found.n
        self.covariance = found.covariance.to_numpy(dtype=float)
        self.means = found.means.to_numpy(dtype=float)
        self.saturated_log_likelihood = float(found.log_likelihood)
        p, count = rows.shape[1], len(self.patterns)
        self._seen, self._level = np.zeros((count, p), dtype=bool), np.zeros((count, p))
        self._scatter = np.zeros((count, p, p))
        for at, pattern in enumerate(self.patterns):
            self._seen[at, pattern.observed] = True
            self._level[at, pattern.observed] = pattern.mean
            self._scatter[at][np.ix_(pattern.observed, pattern.observed)] = pattern.scatter
        self._share = np.array([pattern.n for pattern in self.patterns]) / self.n
        self._both = self._seen[:, :, None] & self._seen[:, None, :]
        self._last: tuple[Any, ...] = ()

    def complete_data(self) -> NormalTheory:
        """Return the likelihood that complete rows with the saturated moments would have: it starts the search."""
        return NormalTheory(self.covariance, self.means)

    def _at(self, state: State) -> Padded | None:
        """Return Σ⁻¹, T and x̄ − μ of all patterns, and log|Σ|; None when Σ is not positive definite."""
        if not (self._last and self._last[0] is state):
            self._last = (state, self._padded(state.sigma, state.mu))
        return self._last[1]  # type: ignore[no-any-return]

    def _padded(self, sigma: Floats, mu: Floats) -> Padded | None:
        own = np.where(self._both, sigma, np.eye(len(mu)))
        try:
            factor = np.linalg.cholesky(own)
        except np.linalg.LinAlgError:
            return None
        log_determinant = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        precision = np.where(self._both, np.linalg.inv(own), 0.0)
        away = np.where(self._seen, self._level - mu, 0.0)
        return Padded(precision, self._scatter + away[:, :, None] * away[:, None, :], away, log_determinant)

    def _known(self, state: State) -> Padded:
        at = self._at(state)
        if at is None:
            raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
        return at

    def value(self, state: State) -> float:
        """Return f, infinite when Σ is not positive definite."""
        at = self._at(state)
        if at is None or np.linalg.eigvalsh(state.sigma)[0] <= 0:
            return np.inf
        return (self.saturated_log_likelihood - self._log_likelihood(at)) / self.n

    def _log_likelihood(self, at: Padded) -> float:
        sizes = self._seen.sum(axis=1) * math.log(2 * math.pi)
        traces = np.einsum("jab,jab->j", at.precision, at.second)
        return -0.5 * self.n * float(self._share @ (sizes + at.log_determinant + traces))

    def log_likelihood(self, state: State) -> tuple[float, float]:
        """Return the log-likelihood of the model and of the saturated one."""
        return self._log_likelihood(self._known(state)), self.saturated_log_likelihood

    def weights(self, state: State) -> tuple[Floats, Floats]:
        """Return ∂f/∂Σ and ∂f/∂μ."""
        at = self._known(state)
        by_sigma = 0.5 * (at.precision - at.precision @ at.second @ at.precision)
        by_mu = -np.einsum("j,jab,jb->a", self._share, at.precision, at.away)
        return np.tensordot(self._share, by_sigma, axes=1), by_mu

    def gradient(self, state: State, cells: Generators) -> Floats:
        """Return ∂f/∂θ."""
        return np.asarray(pull_back(cells, state, *self.weights(state)))

    def expected(self, state: State, cells: Generators) -> Floats:
        """Return the expected information of one observation, given the patterns."""
        found = np.zeros((len(cells), len(cells)))
        for share, precision, _, _ in self._patterns(state):
            found += share * expected_information(state, cells, precision, True)
        return found

    def observed(self, state: State, cells: Generators) -> Floats:
        """Return ∂²f/∂θ∂θ′."""
        found = curvature(cells, state, *self.weights(state))
        for share, precision, second, away in self._patterns(state):
            found += share * observed_information(state, cells, precision, second, away)
        return found

    def _patterns(self, state: State) -> Iterator[tuple[float, Floats, Floats, Floats]]:
        """Share of rows, padded Σ⁻¹, T and x̄ − μ of each pattern."""
        at = self._known(state)
        return zip(self._share, at.precision, at.second, at.away, strict=True)

    def scores(self, state: State, cells: Generators) -> Floats:
        """Return ∂log-likelihood/∂θ of each row, rows × parameters."""
        found = np.zeros((len(self.rows), len(cells)))
        moves, c = mean_factors(cells, state), state.columns
        for pattern, precision in zip(self.patterns, self._known(state).precision, strict=True):
            weighted = precision @ c
            z = (self.rows[np.ix_(pattern.rows, pattern.observed)] - state.mu[pattern.observed]) @ weighted[
                pattern.observed
            ]
            zu = z[:, cells.u]
            found[pattern.rows] = cells.s * (zu * z[:, cells.v] - (c.T @ weighted)[cells.u, cells.v]) + moves * zu
        return found

    def meat(self, state: State, cells: Generators) -> Floats:
        """Return the mean outer product of the rows' scores."""
        scores = self.scores(state, cells)
        return np.asarray(scores.T @ scores / self.n)

    @cached_property
    def _saturated(self) -> tuple[State, Generators]:
        """The model in which every mean and covariance is a parameter."""
        return saturated_model(self.covariance, self.means, True)

    @cached_property
    def saturated_information(self) -> Floats:
        """Observed information of one observation about means and covariances, at the saturated moments."""
        return self.moment_information(self._saturated[0])

    def moment_information(self, state: State) -> Floats:
        """Return the observed information of one observation about means and covariances, at the model's moments."""
        at = self._known(state)
        middle = at.precision @ at.second @ at.precision - 0.5 * at.precision
        return self._moment_information(at.precision, middle, np.einsum("jab,jb->ja", at.precision, at.away))

    def moment_weight(self, state: State) -> Floats:
        """Return the expected information of one observation about means and covariances, at the model's moments."""
        precision = self._known(state).precision
        return self._moment_information(precision, 0.5 * precision, None)

    def _moment_information(self, precision: Floats, middle: Floats, pull: Floats | None) -> Floats:
        """Sum tr(Aⱼ dΣₗ Pⱼ dΣₖ) over patterns j, for all entries of Σ at once, with the rows and columns of the means.

        Such a sum is a product of two matrices whose rows are patterns: Σⱼ Pⱼ[a, b]Aⱼ[c, d] for all a, b, c, d.
        """
        cells, share = self._saturated[1], self._share
        p, count = len(self.means), len(self._share)
        flat = precision.reshape(count, -1)
        both = ((share[:, None] * middle.reshape(count, -1)).T @ flat).reshape(p, p, p, p)
        i, j, half = cells.u[p:], cells.v[p:], cells.s[p:]
        k, m = i[:, None], j[:, None]
        found = np.zeros((len(cells), len(cells)))
        found[:p, :p] = np.tensordot(share, precision, axes=1)
        found[p:, p:] = np.outer(half, half) * (
            both[m, i, k, j] + both[k, i, m, j] + both[m, j, k, i] + both[k, j, m, i]
        )
        if pull is not None:
            cross = ((share[:, None] * pull).T @ flat).reshape(p, p, p)
            rows = np.arange(p)[:, None]
            found[:p, p:] = half * (cross[i[None, :], j[None, :], rows] + cross[j[None, :], i[None, :], rows])
            found[p:, :p] = found[:p, p:].T
        return found

    def available(self) -> tuple[Floats, Floats]:
        """Return means and covariances (divisor n) of the answers there are, each pair over its own rows."""
        found = moments_of(pd.DataFrame(self.rows), missing="pairwise")
        if found.means is None:
            raise ValueError("Moments of rows have means.")
        return found.means.to_numpy(dtype=float), found.covariance.to_numpy(dtype=float) * (self.n - 1) / self.n

    @cached_property
    def saturated_meat(self) -> Floats:
        """Mean outer product of the rows' scores about means and covariances."""
        return self.meat(*self._saturated)

    def saturated_trace(self) -> float:
        """Return tr(A⁻¹B) of the saturated model."""
        return float(np.trace(np.linalg.solve(self.saturated_information, self.saturated_meat)))

    def robust_tests(self, solution: "Solution", baseline: "Solution") -> tuple[Test, Test] | None:
        """Return the tests behind the robust CFI and RMSEA, of the model and of independence."""
        return complete_data_test(solution), complete_data_test(baseline)


def complete_data_test(solution: "Solution") -> Test:
    """Return what the chi-square of complete rows would be at these estimates, with its expectation per df.

    The saturated moments take the place of complete rows' (Zhang & Savalei, 2023,
    https://doi.org/10.3758/s13428-022-01825-w).
    """
    statistic = expectation = 0.0
    robust = solution.options.errors == "robust"
    pieces = []
    for part, state, (cells, which), group in zip(
        solution.problem.parts, solution.states, solution.problem.cells, solution.sample.groups, strict=True
    ):
        full: FullInformation = part.discrepancy  # type: ignore[assignment]
        statistic += 2 * group.n * full.complete_data().value(state)
        i, j = lower_triangle(len(state.mu))
        jacobian = np.vstack([mean_jacobian(cells, state), moment_jacobian(cells, state, i, j)])
        pieces.append((part.share, full, jacobian @ solution.tangent[which]))
    bread = np.linalg.inv(sum(w * jac.T @ full.saturated_information @ jac for w, full, jac in pieces))
    size = len(bread)
    inner, outer = np.zeros((size, size)), np.zeros((size, size))
    for share, full, jacobian in pieces:
        information = full.saturated_information
        inverse = np.linalg.inv(information)
        gamma = inverse @ full.saturated_meat @ inverse if robust else inverse
        weight = normal_weight(np.linalg.inv(full.covariance), True)
        taken = jacobian.T @ information
        expectation += float(np.sum(weight * gamma)) - solution.covariates_trace(group, robust=robust)
        expectation -= 2 * share * float(np.sum((jacobian @ bread) * (weight @ gamma @ taken.T)))
        inner += share * jacobian.T @ weight @ jacobian
        outer += share * taken @ gamma @ taken.T
    expectation += float(np.trace(bread @ inner @ bread @ outer))
    df = solution.df
    return Test(statistic, df, expectation / df if df > 0 else np.nan)
