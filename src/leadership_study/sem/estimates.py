"""The table of estimates, with standard errors, tests, intervals and standardised values."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from leadership_study.sem.expressions import jacobian_of, values_of
from leadership_study.sem.solution import Solution
from leadership_study.sem.standardised import Kind, standardised_values

Floats = NDArray[np.float64]
_STEP = 1e-30


def term_names(solution: Solution) -> list[str]:
    """Return a unique name for each row of the table, groups in brackets."""
    labels = [group.label for group in solution.sample.groups]
    several = len(labels) > 1
    return [f"{row.name} [{labels[row.group]}]" if several else row.name for row in solution.table.rows]


def derived(solution: Solution) -> tuple[list[tuple[str, str, str]], Floats, Floats]:
    """Return keys, values and derivatives (by the free parameters) of ``:=`` and of constraints."""
    table = solution.table
    names, values = dict(solution.problem.constraints.names), solution.values
    keys = [(name, ":=", text) for name, _, text in table.definitions]
    known = [name for name, _, _ in table.definitions]
    expressions = [expression for _, expression, _ in table.definitions]
    found = np.real(values_of(expressions, names, values, known)) if keys else np.zeros(0)
    slopes = jacobian_of(expressions, names, values, known)[:, solution.problem.free] if keys else np.zeros((0, 0))
    return keys, found, slopes


def standard_errors(solution: Solution) -> Floats:
    """Return a standard error for every table row; 0 for fixed ones."""
    found = np.zeros(len(solution.table.rows))
    variances = np.diag(solution.covariance)
    with np.errstate(invalid="ignore"):
        found[solution.problem.free] = np.sqrt(np.where(variances > -1e-14, np.maximum(variances, 0.0), np.nan))
    return found


def standardised_derivatives(solution: Solution, kind: Kind = "all") -> Floats:
    """Return the derivatives of all standardised values by the free parameters, by complex steps."""
    values, free = solution.values, solution.problem.free
    found = np.empty((len(values), len(free)))
    for k, at in enumerate(free):
        stepped = values.astype(complex)
        stepped[at] += _STEP * 1j
        found[:, k] = standardised_values(solution, solution.complete(stepped), kind).imag / _STEP
    return found


def estimates_frame(solution: Solution, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Return the table that `SemFit.estimates` documents."""
    table, values = solution.table, solution.complete(solution.values)
    rows = table.rows
    number = np.zeros(len(rows), dtype=np.int64)
    number[solution.problem.free] = np.arange(1, len(solution.problem.free) + 1)
    keys, extra, slopes = derived(solution)
    errors = standard_errors(solution)
    standard = standardised_values(solution, values)
    if keys:
        variance = np.einsum("ij,jk,ik->i", slopes, solution.covariance, slopes)
        errors = np.concatenate([errors, np.sqrt(np.maximum(variance, 0.0))])
        names, known = dict(solution.problem.constraints.names), [name for name, _, _ in table.definitions]
        more = np.real(values_of([e for _, e, _ in table.definitions], names, standard, known))
        standard = np.concatenate([standard, more])
    estimate = np.concatenate([values, extra])
    index = term_names(solution) + [f"{lhs} := {rhs}" for lhs, _, rhs in keys]
    frame = {
        "lhs": [row.lhs for row in rows] + [key[0] for key in keys],
        "op": [row.op for row in rows] + [key[1] for key in keys],
        "rhs": [row.rhs for row in rows] + [key[2] for key in keys],
        "group": np.concatenate([[row.group + 1 for row in rows], np.zeros(len(keys))]).astype(np.int64),
        "label": [row.label for row in rows] + [key[0] for key in keys],
        "free": np.concatenate([number, np.zeros(len(keys), dtype=np.int64)]),
        "estimate": estimate,
        **inference(estimate, errors, confidence_level),
        "std_all": standard,
    }
    return pd.DataFrame(frame, index=pd.Index(index, name="term", dtype="str"))


def inference(estimate: Floats, errors: Floats, confidence_level: float) -> dict[str, Floats]:
    """Return standard error, z, p and the normal interval; z and p are NaN where the standard error is 0."""
    with np.errstate(all="ignore"):
        z = np.where(errors > 0, estimate / errors, math.nan)
    half = float(ndtri((1 + confidence_level) / 2)) * errors
    return {
        "std_error": errors,
        "statistic": z,
        "p_value": 2 * ndtr(-np.abs(z)),
        "ci_low": estimate - half,
        "ci_high": estimate + half,
    }


def standardised_frame(solution: Solution, kind: Kind = "all", *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Return the standardised solution with delta-method standard errors."""
    values = solution.complete(solution.values)
    standard = standardised_values(solution, values, kind)
    slopes = standardised_derivatives(solution, kind)
    keys, _, _ = derived(solution)
    if keys:
        names, known = dict(solution.problem.constraints.names), [name for name, _, _ in solution.table.definitions]
        expressions = [expression for _, expression, _ in solution.table.definitions]
        slopes = np.vstack([slopes, jacobian_of(expressions, names, standard, known) @ slopes])
        standard = np.concatenate([standard, np.real(values_of(expressions, names, standard, known))])
    variance = np.einsum("ij,jk,ik->i", slopes, solution.covariance, slopes)
    errors = np.sqrt(np.where(variance > 1e-20, variance, 0.0))
    rows = solution.table.rows
    frame = {
        "lhs": [row.lhs for row in rows] + [key[0] for key in keys],
        "op": [row.op for row in rows] + [key[1] for key in keys],
        "rhs": [row.rhs for row in rows] + [key[2] for key in keys],
        "group": np.concatenate([[row.group + 1 for row in rows], np.zeros(len(keys))]).astype(np.int64),
        "estimate": standard,
        **inference(standard, errors, confidence_level),
    }
    index = term_names(solution) + [f"{lhs} := {rhs}" for lhs, _, rhs in keys]
    return pd.DataFrame(frame, index=pd.Index(index, name="term", dtype="str"))


def r_squared_frame(solution: Solution) -> pd.DataFrame:
    """Return 1 − residual variance/variance of every dependent variable; NaN where that variance is negative."""
    labels = [group.label for group in solution.sample.groups]
    names, groups, shares = [], [], []
    values = solution.complete(solution.values)
    for group, part in enumerate(solution.problem.parts):
        structure = part.structure
        state = structure.state(values)
        dependent = {row.rhs for _, row in solution.table.of_group(group) if row.op == "=~"}
        dependent |= {row.lhs for _, row in solution.table.of_group(group) if row.op == "~"}
        for name in (*structure.observed, *structure.latent):
            if name not in dependent:
                continue
            if name in structure.factors:
                k = structure.factors.index(name)
                left, total = state.psi[k, k], state.factor_covariance[k, k]
            else:
                k = structure.observed.index(name)
                left, total = state.theta[k, k], state.sigma[k, k]
            names.append(f"{name} [{labels[group]}]" if len(labels) > 1 else name)
            groups.append(group + 1)
            shares.append(float(1 - left / total) if left >= 0 else math.nan)
    frame = {"group": np.array(groups, dtype=np.int64), "r_squared": np.array(shares)}
    return pd.DataFrame(frame, index=pd.Index(names, name="variable", dtype="str"))
