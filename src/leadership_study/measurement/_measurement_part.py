"""The measurement part of a fitted model as matrices: what reliability and validity of factors are computed from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadership_study.measurement._sem_result import SemFit
from leadership_study.sem.solution import Solution

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MeasurementPart:
    """One group's measurement model: p items, m factors.

    Attributes
    ----------
    group : str
        Label; "" when there is one group.
    items, factors : list of str
        All observed variables; all factors, also those that are measured by factors only.
    loadings : array, p × m
        Direct ones, unstandardised.
    indirect : array, m × m
        I − B inverted: how factors act on factors.
    disturbances : array, m × m
        Covariances of what factors do not explain of each other.
    covariance : array, m × m
        Covariances of the factors.
    residual : array, p × p
        Residual covariances.
    implied, observed : array, p × p
        Implied and sample covariances; of ordered items, of the underlying responses.
    rows, clusters : array or None
        Complete rows of the items, and the clusters' codes.
    n : int
    """

    group: str
    items: list[str]
    factors: list[str]
    loadings: Floats
    indirect: Floats
    disturbances: Floats
    covariance: Floats
    residual: Floats
    implied: Floats
    observed: Floats
    rows: Floats | None
    clusters: NDArray[np.int64] | None
    n: int

    def indicators(self, factor: str) -> list[int]:
        """Positions of the items that load on ``factor``."""
        return [int(at) for at in np.flatnonzero(self.loadings[:, self.factors.index(factor)])]

    @property
    def measured(self) -> list[str]:
        """Factors with items of their own."""
        return [factor for factor in self.factors if self.indicators(factor)]

    def standardised(self) -> "MeasurementPart":
        """Return the completely standardised part: items and factors with variance 1."""
        item, factor = np.sqrt(np.diag(self.implied)), np.sqrt(np.diag(self.covariance))
        sd = np.sqrt(np.diag(self.observed))
        return MeasurementPart(
            group=self.group, items=self.items, factors=self.factors,
            loadings=self.loadings * factor / item[:, None], indirect=self.indirect / factor[:, None] * factor,
            disturbances=self.disturbances / np.outer(factor, factor),
            covariance=self.covariance / np.outer(factor, factor), residual=self.residual / np.outer(item, item),
            implied=self.implied / np.outer(item, item), observed=self.observed / np.outer(sd, sd),
            rows=self.rows, clusters=self.clusters, n=self.n,
        )  # fmt: skip


def measurement_parts(fit: SemFit) -> list[MeasurementPart]:
    """Return the measurement part of each group.

    Raises
    ------
    ValueError
        When the fit was read back from a file.
    """
    solution: Solution = fit.solution
    found = []
    for part, state, group in zip(solution.problem.parts, solution.states, solution.sample.groups, strict=True):
        m = len(part.structure.latent)
        if part.structure.ordered:  # residual variances of underlying responses follow from the rest
            state = part.structure.state(solution.complete(solution.values))
        implied, residual = state.sigma, state.theta
        observed = getattr(part.discrepancy, "covariance", None)
        if observed is None:
            observed = group.covariance
        if part.structure.ordered:
            spread = np.sqrt(np.diag(implied))
            observed = observed * np.outer(spread, spread)
        found.append(MeasurementPart(
            group=group.label, items=list(part.structure.observed), factors=list(part.structure.latent),
            loadings=np.asarray(state.loadings[:, :m]), indirect=np.asarray(state.inverse[:m, :m]),
            disturbances=np.asarray(state.psi[:m, :m]), covariance=np.asarray(state.factor_covariance[:m, :m]),
            residual=np.asarray(residual), implied=np.asarray(implied), observed=np.asarray(observed),
            rows=group.rows, clusters=group.clusters, n=group.n,
        ))  # fmt: skip
    return found
