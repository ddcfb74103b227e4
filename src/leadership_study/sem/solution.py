"""A fitted model: the optimum, standard errors and test statistics."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.sem.data import GroupData, Sample
from leadership_study.sem.fit_measures import NAN, Test
from leadership_study.sem.normal_theory import inverse_and_log_determinant
from leadership_study.sem.options import Options
from leadership_study.sem.ordinal import completed
from leadership_study.sem.parameter_table import ParameterTable
from leadership_study.sem.problem import Part, Problem
from leadership_study.sem.robust import fourth_moment_trace, saturated_trace, score_products
from leadership_study.sem.structure import State

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solution:
    """The optimum of one model on one sample; everything else is derived from it when asked for."""

    problem: Problem
    sample: Sample
    options: Options
    z: Floats
    iterations: int

    @property
    def table(self) -> ParameterTable:
        """The parameter table as it was specified."""
        return self.problem.table

    @cached_property
    def values(self) -> Floats:
        """Values of all table rows."""
        return self.problem.values(self.z)

    @cached_property
    def states(self) -> list[State]:
        """Implied moments by group."""
        return self.problem.states(self.z)

    def complete(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the values of all table rows with those filled in that follow from others (ordered items)."""
        if self.options.ordered:
            theta = self.table.defaults.parameterization == "theta"
            for part in self.problem.parts:
                values = completed(part.structure, values, theta)
        return values

    @cached_property
    def units(self) -> float:
        """What multiplies the discrepancy: n, or n − G with divisor n − 1."""
        return float(self.sample.n - (len(self.sample.groups) if self.options.unbiased else 0))

    @cached_property
    def tangent(self) -> Floats:
        """Directions in which the free parameters may move."""
        return self.problem.constraints.tangent(self.values)

    @cached_property
    def bread(self) -> Floats:
        """Inverse information of one observation about the free coordinates.

        Raises
        ------
        InsufficientDataError
            When the information is singular: the model is not identified; the parameter is named.
        """
        observed = self.options.information == "observed"
        if self.problem.constraints.curved:
            information = self.problem.information(self.z, observed=observed)
            reduced = self.tangent.T @ information @ self.tangent
        else:
            reduced = self.problem.second(self.z) if observed else self.problem.scoring(self.z)
        scale = np.sqrt(np.maximum(np.abs(np.diag(reduced)), 1e-300))
        scaled = reduced / np.outer(scale, scale)
        inverted = inverse_and_log_determinant((scaled + scaled.T) / 2) if len(scaled) else (scaled, 0.0)
        # 1/(A⁻¹)ₖₖ is the share of parameter k that the others do not take up
        if inverted is None or (len(scaled) and np.diag(inverted[0]).max() > 1e11):
            vectors = np.linalg.eigh(scaled)[1]
            worst = int(np.argmax(np.abs(self.tangent @ (vectors[:, 0] / scale)) * self._free_scale()))
            row = self.table.rows[int(self.problem.free[worst])]
            text = (
                "The model is not identified: the data do not determine {parameter}; fix it, constrain it, or give "
                "its factor more indicators."
            )
            raise InsufficientDataError(Note("model_not_identified", text, {"parameter": row.name}))
        return np.asarray(inverted[0] / np.outer(scale, scale))

    def _free_scale(self) -> Floats:
        information = np.diag(self.problem.information(self.z))
        return np.sqrt(np.maximum(information, 1e-12))

    @cached_property
    def meat(self) -> Floats:
        """Mean outer product of scores about the free coordinates, for the sandwich."""
        size = len(self.problem.free)
        found = np.zeros((size, size))
        for part, state, (cells, which), group in zip(
            self.problem.parts, self.states, self.problem.cells, self.sample.groups, strict=True
        ):
            if hasattr(part.discrepancy, "meat"):
                own = part.discrepancy.meat(state, cells)
            else:
                means = group.means if self.options.meanstructure else None
                centre = self.options.scaling == "satorra_bentler"
                own = score_products(state, cells, group, means, centre, self._covariates)
            found[np.ix_(which, which)] += part.share * own
        return np.asarray(self.tangent.T @ found @ self.tangent)

    @cached_property
    def by_rows(self) -> "Solution":
        """The same estimates with groups weighed by n instead of n − 1, as lavaan weighs them for standard errors.

        Only least squares in several groups makes a difference: its estimates and test weigh by n − 1.
        """
        sample, problem = self.sample, self.problem
        if len(sample.groups) == 1 or not self.options.unbiased or self.options.method == "ML":
            return self
        parts = [Part(part.structure, part.discrepancy, group.n / sample.n)
                 for part, group in zip(problem.parts, sample.groups, strict=True)]  # fmt: skip
        again = Problem(problem.table, parts, problem.constraints, problem.base)
        return Solution(again, sample, self.options, self.z, self.iterations)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance matrix of the estimates of the free parameters."""
        if self.options.errors == "none":
            return np.full((len(self.problem.free),) * 2, NAN)
        by_rows = self.by_rows
        core = by_rows.bread if self.options.errors == "standard" else by_rows.bread @ by_rows.meat @ by_rows.bread
        return np.asarray(self.tangent @ core @ self.tangent.T / self.units)

    @property
    def df(self) -> int:
        """Moments less parameters."""
        return self.n_moments - self.n_parameters

    @property
    def n_parameters(self) -> int:
        """Free parameters less equality constraints; inequalities at their bound take nothing off, as in lavaan."""
        return int(self.tangent.shape[1]) + self.problem.constraints.n_held

    @cached_property
    def n_moments(self) -> int:
        """Sample moments that the model explains."""
        variables = self.table.variables
        p, x = len(variables.observed), len(variables.covariates)
        means = p - x if self.options.meanstructure else 0
        if self.options.ordered:
            own = sum(self.table.defaults.thresholds.values()) + p * (p - 1) // 2
        else:
            own = p * (p + 1) // 2 - x * (x + 1) // 2 + means
        return own * len(self.sample.groups)

    @cached_property
    def test(self) -> Test:
        """The unscaled chi-square test."""
        less = 1 if self.options.unbiased else 0
        value = sum(
            2 * (group.n - less) / self.units * part.discrepancy.value(state)
            for part, state, group in zip(self.problem.parts, self.states, self.sample.groups, strict=True)
        )
        has_p = self.options.method not in ("ULS",) and self.df > 0
        return Test(self.units * value if abs(value) > 1e-14 else 0.0, self.df, has_p_value=has_p)

    @cached_property
    def scaled_test(self) -> Test | None:
        """The test corrected for what the answers' distribution does to it, if the estimator has one."""
        df = self.df
        match self.options.scaling:
            case "none":
                return None
            case "satorra_bentler":
                total = 0.0
                for state, group in zip(self.states, self.sample.groups, strict=True):
                    precision = np.linalg.inv(state.sigma)
                    total += fourth_moment_trace(
                        group, group.covariance, precision, self.options.meanstructure, self._covariates
                    )
                used = float(np.sum(self.bread * self.meat))
            case "yuan_bentler_mplus":
                total = self.saturated_trace
                used = float(np.sum(self.bread * self.meat))
            case _:
                return self._shifted()
        if df == 0:
            return Test(self.test.chi_square, 0, NAN)
        scaling = (total - used) / df
        return Test(self.test.chi_square / scaling, df, scaling)

    @cached_property
    def saturated_trace(self) -> float:
        """tr(A⁻¹B) of the saturated model, summed over groups."""
        total = 0.0
        for part, group in zip(self.problem.parts, self.sample.groups, strict=True):
            own = getattr(part.discrepancy, "saturated_trace", None)
            total += own() if own is not None else saturated_trace(group, self.options.meanstructure)
            total -= self.covariates_trace(group)
        return total

    @property
    def _covariates(self) -> list[int]:
        """Positions of the covariates among the observed variables."""
        names = self.table.variables
        return [names.observed.index(name) for name in names.covariates]

    def covariates_trace(self, group: GroupData, *, robust: bool = True) -> float:
        """tr(A⁻¹B) of the covariates' own moments, which are not part of the model; their number unless ``robust``."""
        at = self._covariates
        x = len(at)
        if not x or not robust:
            return float(x * (x + 1) // 2 + (x if self.options.meanstructure else 0))
        if group.rows is None:
            raise ValueError("Fourth moments need rows.")
        rows = group.rows[:, at]  # complete: rows without a covariate are left out
        own = GroupData(
            label=group.label, n=group.n, covariance=np.atleast_2d(np.cov(rows, rowvar=False, bias=True)),
            means=rows.mean(axis=0), rows=rows, clusters=group.clusters, kept=group.kept,
        )  # fmt: skip
        return saturated_trace(own, self.options.meanstructure)

    def _shifted(self) -> Test:
        """Scale and shift so that mean and variance are those of chi-square (Asparouhov & Muthén, 2010)."""
        df = self.df
        if df == 0:
            return Test(self.test.chi_square, 0, NAN)
        first, second = self.traces
        scaling = float(np.sqrt(second / df))
        shift = df - first / scaling
        return Test(self.test.chi_square / scaling + shift, df, scaling, shift)

    @cached_property
    def traces(self) -> tuple[float, float]:
        """tr(UΓ) and tr(UΓUΓ), U what is left of the weight after the model's parameters have taken their share."""
        products = []
        for part, state, (cells, which) in zip(self.problem.parts, self.states, self.problem.cells, strict=True):
            squares: Any = part.discrepancy
            jacobian = squares.jacobian(state, cells) @ self.tangent[which]
            products.append((part.share, squares, jacobian))
        first = second = 0.0
        for share, squares, jacobian in products:
            weighted = squares.weighted(jacobian)
            gamma = squares.gamma
            own = squares.weighted(gamma) - weighted @ (share * self.bread) @ (weighted.T @ gamma)
            first += float(np.trace(own))
            second += float(np.sum(own * own.T))
        for a, (share_a, squares_a, jacobian_a) in enumerate(products):
            for b, (share_b, squares_b, jacobian_b) in enumerate(products):
                if a == b:
                    continue
                one, two = squares_a.weighted(jacobian_a), squares_b.weighted(jacobian_b)
                left = self.bread @ (two.T @ squares_b.gamma @ two)
                second += share_a * share_b * float(np.trace(
                    (one.T @ squares_a.gamma @ one) @ left @ self.bread))  # fmt: skip
        return first, second
