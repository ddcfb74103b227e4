"""Fit a parameter table to a sample: discrepancies by estimator, start values, search."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.sem.constraints import constraints_of
from leadership_study.sem.data import GroupData, Sample
from leadership_study.sem.full_information import FullInformation
from leadership_study.sem.normal_theory import NormalTheory, inverse_and_log_determinant
from leadership_study.sem.options import Options
from leadership_study.sem.ordinal import ordinal_discrepancy
from leadership_study.sem.parameter_table import ParameterTable
from leadership_study.sem.problem import Discrepancy, Part, Problem
from leadership_study.sem.solution import Solution
from leadership_study.sem.starting_values import other_starts, starting_values
from leadership_study.sem.structure import Structure
from leadership_study.sem.weighted_squares import WeightedSquares, lower_triangle, normal_weight

Floats = NDArray[np.float64]


def fit_table(
    table: ParameterTable,
    sample: Sample,
    options: Options,
    *,
    discrepancies: Sequence[Discrepancy] | None = None,
    start: Floats | None = None,
    parts_from: Solution | None = None,
) -> Solution:
    """Fit a parameter table to a sample.

    Raises
    ------
    InsufficientDataError
        When a sample covariance matrix is singular, there are more parameters than moments, or the model is not
        identified.
    ConvergenceError
        When no optimum is found.
    """  # fmt: skip
    structures = [Structure(table, at, table.variables.observed) for at in range(len(sample.groups))]
    if discrepancies is None:
        discrepancies = (
            [part.discrepancy for part in parts_from.problem.parts] if parts_from else
            [group_discrepancy(table, structure, group, options) for structure, group in zip(
                structures, sample.groups, strict=True)]
        )  # fmt: skip
    less = 1 if options.unbiased and options.method != "ML" else 0  # as lavaan; see `Solution.by_rows`
    units = np.array([group.n - less for group in sample.groups], dtype=float)
    shares = units / units.sum()
    parts = [Part(s, d, float(w)) for s, d, w in zip(structures, discrepancies, shares, strict=True)]
    covariances = [getattr(d, "covariance", g.covariance) for d, g in zip(discrepancies, sample.groups, strict=True)]
    means = [getattr(d, "means", None) if options.meanstructure else None for d in discrepancies]
    cuts = [d.thresholds for d in discrepancies if hasattr(d, "thresholds")]
    base = starting_values(table, table.variables.observed, covariances, means, cuts)
    problem = Problem(table, parts, constraints_of(table), base)
    if start is not None:
        problem.base = np.where([row.covariate for row in table.rows], base, start)
    _refuse_too_many(problem, sample, options)

    def starts() -> Iterator[Floats]:
        yield base if start is None else problem.base
        if start is None:
            yield from other_starts(table, table.variables.observed, covariances, base)

    if options.missing == "fiml" and start is None:  # the optimum for complete rows with the same moments is close by
        near = [Part(p.structure, p.discrepancy.complete_data(), p.share) for p in parts]  # type: ignore[attr-defined]
        first = Problem(table, near, problem.constraints, base)
        found = problem.solve(chain([first.values(first.solve(starts()).z)], starts()))
    else:
        found = problem.solve(starts())
    if start is None and _is_improper(problem, found.z):  # perhaps another optimum is deeper
        others = other_starts(table, table.variables.observed, covariances, base)
        found = min((found, *problem.try_all(others)), key=lambda each: each.value)
    return Solution(problem, sample, options, found.z, found.iterations)


def _is_improper(problem: Problem, z: Floats) -> bool:
    """Whether a variance is negative."""
    values = problem.values(z)
    return any(row.op == "~~" and row.lhs == row.rhs and values[at] < 0 for at, row in enumerate(problem.table.rows))


def _refuse_too_many(problem: Problem, sample: Sample, options: Options) -> None:
    probe = Solution(problem, sample, options, problem.coordinates(problem.base), 0)
    n_parameters = problem.constraints.basis.shape[1] - len(problem.constraints.curved)
    if probe.n_moments < n_parameters:
        text = (
            "The model is not identified: it has {n_parameters} free parameters for {n_moments} moments (degrees of "
            "freedom {df}); fix or constrain parameters, or give factors more indicators."
        )
        values = {"n_parameters": n_parameters, "n_moments": probe.n_moments, "df": probe.n_moments - n_parameters}
        raise InsufficientDataError(Note("model_negative_df", text, values))
    if sample.n < n_parameters:
        text = (
            "The model has {n_parameters} free parameters, but only {n} rows can be used; simplify it or collect more "
            "answers."
        )
        values = {"n_parameters": n_parameters, "n": sample.n}
        raise InsufficientDataError(Note("model_fewer_rows_than_parameters", text, values))


def group_discrepancy(table: ParameterTable, structure: Structure, group: GroupData, options: Options) -> Discrepancy:
    """Make the discrepancy of one group."""
    if options.ordered:
        theta = table.defaults.parameterization == "theta"
        return ordinal_discrepancy(group, structure, options.method, theta)  # type: ignore[arg-type]
    if options.missing == "fiml":
        return FullInformation(group.rows, list(table.variables.observed))  # type: ignore[arg-type]
    return discrepancy_of(group, options, table.variables.observed)


def discrepancy_of(group: GroupData, options: Options, observed: Sequence[str]) -> Discrepancy:
    """Make the discrepancy of one group of continuous variables."""
    covariance = group.covariance * (group.n / (group.n - 1) if options.unbiased else 1.0)
    means = group.means if options.meanstructure else None
    if options.method == "ULS" and (group.rows is None or not _singular(covariance)):
        size = len(lower_triangle(len(covariance))[0]) + (0 if means is None else len(means))
        squares = _with_covariance(WeightedSquares(covariance, means, np.ones(size)), covariance)
        squares.unit = 0.5 * float(np.sum(covariance**2))  # type: ignore[attr-defined]  # least squares are in the data's units
        return squares
    if _singular(covariance):
        refuse_singular(covariance, observed, group)
    if options.method == "ML":
        return NormalTheory(covariance, means)
    precision = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    weight = normal_weight(precision, means is not None)
    return _with_covariance(WeightedSquares(covariance, means, weight), covariance)


def _singular(covariance: Floats) -> bool:
    correlations = _correlations(covariance)
    inverted = inverse_and_log_determinant(correlations)
    if inverted is None:
        return True
    bound = len(correlations) * float(np.trace(inverted[0]))  # the condition number is never above it
    return not bound < 1e13 and bool(np.linalg.cond(correlations) > 1e13)


def _with_covariance(squares: WeightedSquares, covariance: Floats) -> WeightedSquares:
    squares.covariance = covariance  # type: ignore[attr-defined]
    return squares


def _correlations(covariance: Floats) -> Floats:
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd))


def refuse_singular(covariance: Floats, observed: Sequence[str], group: GroupData) -> None:
    """Say which variable makes a sample covariance matrix singular."""
    vectors = np.linalg.eigh(_correlations(covariance))[1]
    worst = observed[int(np.argmax(np.abs(vectors[:, 0])))]
    where = f" of group {group.label}" if group.label else ""
    text = (
        "The covariance matrix{where} is not positive definite ({n} rows, {p} variables): {variable} is a combination "
        "of the others, or there are too few rows; leave variables out or collect more answers."
    )
    values = {"where": where, "n": group.n, "p": len(observed), "variable": worst}
    raise InsufficientDataError(Note("model_covariance_singular", text, values))
