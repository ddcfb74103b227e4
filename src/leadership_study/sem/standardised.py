"""Standardised solutions: variances of all variables (``all``) or of the factors (``latent``) become 1."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadership_study.sem.solution import Solution

Floats = NDArray[np.float64]
Kind = Literal["all", "latent", "no_covariates"]


def standardised_values(solution: Solution, values: NDArray[Any], kind: Kind = "all") -> NDArray[Any]:
    """Return all table rows in the standardised metric, from their ``values``."""
    table = solution.table
    found = values.copy()
    covariates = table.variables.covariates if kind == "no_covariates" else ()
    for group, part in enumerate(solution.problem.parts):
        structure = part.structure
        state = structure.state(values)
        sigma = state.sigma
        sd_factor = dict(zip(structure.factors, _root(np.diag(state.factor_covariance)), strict=False))
        sd: dict[str, Any] = dict(zip(structure.observed, _root(np.diag(sigma)), strict=True))
        if kind == "latent":
            sd = dict.fromkeys(structure.observed, 1.0)
        for name in covariates:
            sd[name] = 1.0
        for name in structure.latent:
            sd[name] = sd_factor[name]
        for at, row in table.of_group(group):
            match row.op:
                case "=~":
                    found[at] = values[at] * sd[row.lhs] / sd[row.rhs]
                case "~":
                    found[at] = values[at] * sd[row.rhs] / sd[row.lhs]
                case "~~":
                    found[at] = _covariance(solution, values, at, state, structure, sd, kind)
                case "~1":
                    found[at] = values[at] / sd[row.lhs]
                case "|":
                    found[at] = values[at] / sd[row.lhs]
                case _:
                    found[at] = values[at] * (sd[row.lhs] if row.op == "~*~" and kind != "latent" else 1.0)
    return found


def _covariance(
    solution: Solution, values: NDArray[Any], at: int, state: Any, structure: Any, sd: dict[str, Any], kind: Kind
) -> Any:
    """Variances relative to the variable's total; covariances between residuals as correlations of the residuals."""
    row = solution.table.rows[at]
    if row.lhs == row.rhs or row.covariate:
        return values[at] / (sd[row.lhs] * sd[row.rhs])

    def residual_sd(name: str) -> Any:
        if kind == "latent" and name not in structure.latent:
            return 1.0
        if name in structure.factors:
            k = structure.factors.index(name)
            own = state.psi[k, k]
        else:
            k = structure.observed.index(name)
            own = state.theta[k, k]
        return np.sqrt(own) if np.real(own) > 0 else sd[name]

    return values[at] / (residual_sd(row.lhs) * residual_sd(row.rhs))


def _root(values: NDArray[Any]) -> NDArray[Any]:
    """Square roots; of a negative variance the root of its size, so that the sign of loadings stays."""
    return np.asarray(np.sqrt(np.where(np.real(values) < 0, -values, values)))
