"""Ordered items: implied thresholds and polychoric correlations, compared with the sample's by least squares.

An item is y* cut at its thresholds (Muthén, 1984, https://doi.org/10.1007/BF02294210). With the model's Σ* and μ* of
y*,

    correlations δᵢδⱼσ*ᵢⱼ,   thresholds δᵢ(τᵢₖ − μ*ᵢ),

where the scales δ are parameters (delta parameterization), or 1/√σ*ᵢᵢ with residual variances as parameters (theta).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.polychoric_moments import PolychoricMoments, polychoric_moments
from leadership_study.sem.data import GroupData
from leadership_study.sem.fit_measures import Residuals, Test
from leadership_study.sem.normal_theory import inverse_and_log_determinant
from leadership_study.sem.ordinal_robust import as_lavaan, normal_theory_test
from leadership_study.sem.structure import (
    DELTA,
    PSI,
    TAU,
    THETA,
    Generators,
    State,
    Structure,
    curvature,
    mean_jacobian,
    moment_jacobian,
)
from leadership_study.sem.weighted_squares import lower_triangle

if TYPE_CHECKING:
    from leadership_study.sem.solution import Solution

Floats = NDArray[np.float64]
Weight = Literal["DWLS", "ULS", "WLS"]


class OrdinalSquares:
    """½(s − σ)′W(s − σ), s the thresholds and polychoric correlations of one group.

    Parameters
    ----------
    sample : PolychoricMoments
    threshold_item : for each threshold, the position of its item
    weight : "DWLS" weighs by the inverse variances, "ULS" not, "WLS" by the inverse covariance matrix
    theta : bool
        Whether scales follow from residual variances.
    """

    def __init__(
        self, sample: PolychoricMoments, threshold_item: NDArray[np.int64], weight: Weight, theta: bool
    ) -> None:
        self.sample, self.item, self.theta = sample, threshold_item, theta
        self.covariance = sample.correlations
        self.thresholds = np.concatenate(sample.thresholds)
        self.gamma = sample.asymptotic_covariance
        self.moments = sample.values
        self.i, self.j = lower_triangle(len(self.covariance), diagonal=False)
        self.weight: Floats
        if weight == "ULS":
            self.weight = np.ones(len(self.moments))
        elif weight == "DWLS":
            self.weight = 1 / np.diag(self.gamma)
        else:
            self.weight = _full_weight(self.gamma, sample.n)

    def _scales(self, state: State) -> Floats:
        return 1 / np.sqrt(np.diag(state.sigma)) if self.theta else state.scales

    def implied(self, state: State) -> Floats:
        """Return the thresholds and correlations of the model."""
        d = self._scales(state)
        cuts = d[self.item] * (state.thresholds - state.mu[self.item])
        return np.concatenate([cuts, d[self.i] * d[self.j] * state.sigma[self.i, self.j]])

    def residual(self, state: State) -> Floats:
        """Return s − σ(θ)."""
        return self.moments - self.implied(state)

    def jacobian(self, state: State, cells: Generators) -> Floats:
        """Return ∂σ/∂θ, moments × parameters."""
        i, j, item = self.i, self.j, self.item
        d, sigma = self._scales(state), state.sigma
        on_scales = np.zeros((len(d), len(cells)))
        if self.theta:
            diagonal = np.arange(len(d))
            on_scales = -0.5 * (d**3)[:, None] * moment_jacobian(cells, state, diagonal, diagonal)
        else:
            own = np.flatnonzero(cells.kind == DELTA)
            on_scales[cells.row[own], own] = 1.0
        distance = state.thresholds - state.mu[item]
        cuts = distance[:, None] * on_scales[item] - d[item, None] * mean_jacobian(cells, state)[item]
        own = np.flatnonzero(cells.kind == TAU)
        cuts[cells.row[own], own] += d[item][cells.row[own]]
        pairs = (d[i] * d[j])[:, None] * moment_jacobian(cells, state, i, j)
        if self.theta or (cells.kind == DELTA).any():
            pairs += sigma[i, j, None] * (d[j, None] * on_scales[i] + d[i, None] * on_scales[j])
        return np.vstack([cuts, pairs])

    def weighted(self, matrix: Floats) -> Floats:
        """Return W·matrix."""
        return np.asarray((self.weight * matrix.T).T if self.weight.ndim == 1 else self.weight @ matrix)

    def value(self, state: State) -> float:
        """Return f; infinite where scales do not exist."""
        if self.theta and not (np.diag(state.sigma) > 0).all():
            return np.inf
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
        """Return ∂²f/∂θ∂θ′ under the delta parameterization, and Δ′WΔ under theta."""
        found: Floats = self.expected(state, cells)
        if self.theta:
            return found
        pull = -self.weighted(self.residual(state))
        first = len(self.thresholds)
        cuts, pairs = pull[:first], pull[first:]
        d, i, j, p = state.scales, self.i, self.j, len(state.mu)
        by_pair = np.zeros((p, p))
        by_pair[i, j] = by_pair[j, i] = pairs
        by_mu: Floats = -np.bincount(self.item, cuts * d[self.item], minlength=p).astype(np.float64)
        found = found + curvature(cells, state, 0.5 * by_pair * np.outer(d, d), by_mu)
        scales = np.flatnonzero(cells.kind == DELTA)
        if len(scales):
            at = cells.row[scales]
            found[np.ix_(scales, scales)] += (by_pair * state.sigma)[np.ix_(at, at)]
            # ∂²/∂δᵢ∂θ: Σⱼ aᵢⱼ δⱼ ∂σ*ᵢⱼ/∂θ for correlations, ∂(τ − μ*)/∂θ for thresholds
            slopes = moment_jacobian(cells, state, i, j) * pairs[:, None]
            mixed = np.zeros((p, len(cells)))
            np.add.at(mixed, i, slopes * d[j, None])
            np.add.at(mixed, j, slopes * d[i, None])
            mixed -= np.bincount(self.item, cuts, minlength=p)[:, None] * mean_jacobian(cells, state)
            taus = np.flatnonzero(cells.kind == TAU)
            mixed[self.item[cells.row[taus]], taus] += cuts[cells.row[taus]]
            found[scales] += mixed[at]
            found[:, scales] += mixed[at].T
        return found

    def meat(self, state: State, cells: Generators) -> Floats:
        """Return Δ′WΓWΔ."""
        weighted = self.weighted(self.jacobian(state, cells))
        return np.asarray(weighted.T @ self.gamma @ weighted)

    def implied_correlations(self, state: State) -> Floats:
        """Return the implied correlations, p × p."""
        d = self._scales(state)
        found = np.outer(d, d) * state.sigma
        np.fill_diagonal(found, 1.0)
        return np.asarray(found)

    def robust_tests(self, solution: "Solution", baseline: "Solution") -> tuple[Test, Test] | None:
        """Return the tests behind the robust CFI and RMSEA, of the model and of independence; None without them."""
        model, independent = normal_theory_test(solution), normal_theory_test(baseline)
        return None if model is None or independent is None else (model, as_lavaan(independent, baseline))

    def residuals(self, state: State, n: int) -> Residuals:
        """Observed and implied correlations and thresholds."""
        k = len(self.thresholds)
        return Residuals(n, self.covariance, self.implied_correlations(state), self.thresholds,
                         self.implied(state)[:k], ordered=True)  # fmt: skip


def _full_weight(gamma: Floats, n: int) -> Floats:
    inverted = inverse_and_log_determinant(gamma)
    if inverted is None or np.linalg.cond(gamma) > 1e13:
        text = (
            "The sampling covariances of {p} thresholds and correlations cannot be inverted ({n} rows); use WLSMV, or "
            "collect more answers."
        )
        raise InsufficientDataError(Note("wls_weight_singular", text, {"p": len(gamma), "n": n}))
    return inverted[0]


def ordinal_discrepancy(group: GroupData, structure: Structure, weight: Weight, theta: bool) -> OrdinalSquares:
    """Estimate thresholds and correlations of one group's rows and compare models with them.

    As in lavaan, ½ is added to an empty cell of a table of two dichotomous items, and nothing to larger tables.
    """
    if group.rows is None:
        text = "Models of ordered items need raw answers; moments of a sample hold no categories."
        raise InsufficientDataError(Note("ordinal_needs_rows", text))
    if len(structure.observed) < 2:
        text = "The model has one ordered item, {item}, and no correlation to explain; give it more."
        raise InsufficientDataError(Note("ordinal_one_item", text, {"item": structure.observed[0]}))
    _refuse_unrelated(group.rows, structure.observed)
    sample = polychoric_moments(group.rows, labels=structure.observed, empty_cell=0.0, empty_cell_2x2=0.5)
    return OrdinalSquares(sample, structure.threshold_item, weight, theta)


def _refuse_unrelated(rows: Floats, names: Sequence[str]) -> None:
    """Raise for pairs that nobody answered, and for dichotomous items of which one tells the other."""
    there = (~np.isnan(rows)).astype(float)
    first, second = np.nonzero(np.tril(there.T @ there == 0, -1))
    if len(first):
        text = "Nobody answered both {first} and {second}, so their correlation has no estimate; leave one of them out."
        values = {"first": names[second[0]], "second": names[first[0]]}
        raise InsufficientDataError(Note("no_common_answers", text, values))
    two = [at for at in range(len(names)) if len(np.unique(rows[there[:, at] > 0, at])) == 2]
    low = np.array([np.nanmin(rows[:, at]) for at in two])
    high, seen = (rows[:, two] > low).astype(float), there[:, two]
    joint, yes = high.T @ high, high.T @ seen  # yes[a, b]: high on a among those who answered b
    same = (joint == yes) & (joint == yes.T)
    mirrored = (joint == 0) & (yes + yes.T == seen.T @ seen)
    first, second = np.nonzero(np.tril(same | mirrored, -1))
    if len(first):
        text = (
            "The answers to {first} and {second} are in perfect order, so their polychoric correlation has no sampling "
            "variance; leave one of them out, or fill empty cells."
        )
        values = {"first": names[two[second[0]]], "second": names[two[first[0]]]}
        raise InsufficientDataError(Note("polychoric_without_variance", text, values))


def completed(structure: Structure, values: NDArray, theta: bool) -> NDArray:
    """Fill in what follows from other parameters: residual variances (delta) or scales (theta) of ordered items."""
    state = structure.state(values)
    found = values.copy()
    for at, cell_kind, row in _derived_rows(structure, theta):
        total = state.sigma[row, row]
        if cell_kind == "scale":
            found[at] = 1 / np.sqrt(total)
        else:
            found[at] = values[at] + 1 / state.scales[row] ** 2 - total
    return found


def _derived_rows(structure: Structure, theta: bool) -> list[tuple[int, str, int]]:
    cells = structure.cells
    ordered = {structure.observed.index(name) for name in structure.ordered}
    found = []
    for k, at in enumerate(structure.at):
        kind, row, column = int(cells.kind[k]), int(cells.row[k]), int(cells.column[k])
        if theta and kind == DELTA:
            found.append((int(at), "scale", row))
        if not theta and kind == THETA and row == column and row in ordered:
            found.append((int(at), "residual", row))
        if not theta and kind == PSI and row == column and structure.factors[row] in structure.ordered:
            found.append((int(at), "residual", structure.observed.index(structure.factors[row])))
    return found
