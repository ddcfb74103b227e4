"""What is wrong with a solution that an optimiser accepts: improper values, in words with the parameter's name."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.results import Note
from leadership_study.sem.estimates import derived, standard_errors, term_names
from leadership_study.sem.solution import Solution
from leadership_study.sem.structure import State, Structure

Floats = NDArray[np.float64]

_TINY = 1e-8


def problems_of(solution: Solution, standard: Floats) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return one row a problem (``kind``, ``parameter``, ``value``), and a note for each kind.

    ``standard`` is the standardised solution, one value a table row.
    """
    rows = solution.table.rows
    values = solution.complete(solution.values)
    found: list[tuple[str, str, float]] = []
    sizes = [_sizes(part.structure, part.structure.state(values)) for part in solution.problem.parts]
    for at, row in enumerate(rows):
        if row.op == "~~" and row.lhs == row.rhs and values[at] < -_TINY * sizes[row.group].get(row.lhs, 1.0):
            found.append(("negative_variance", term_names(solution)[at], float(values[at])))
        elif row.op == "~~" and row.lhs != row.rhs and abs(standard[at]) > 1 + 1e-6:
            found.append(("correlation_beyond_one", term_names(solution)[at], float(standard[at])))
    labels = [group.label for group in solution.sample.groups]
    for group, part in enumerate(solution.problem.parts):
        state = part.structure.state(values)
        where = f" [{labels[group]}]" if len(labels) > 1 else ""
        k = len(part.structure.latent)
        smallest = _smallest(state.factor_covariance[:k, :k]) if k else 1.0
        if smallest < -_TINY:
            found.append(("factor_covariance_not_positive", f"factors{where}", smallest))
        smallest = _smallest(state.theta)
        if smallest < -_TINY and not any(kind == "negative_variance" and "~~" in name for kind, name, _ in found):
            found.append(("residual_covariance_not_positive", f"residuals{where}", smallest))
    keys, defined, _ = derived(solution)
    found += [
        ("definition_undefined", f"{name} := {text}", float("nan"))
        for (name, _, text), value in zip(keys, defined, strict=True) if not np.isfinite(value)
    ]  # fmt: skip
    errors = standard_errors(solution)
    if solution.options.errors != "none" and np.isnan(errors).any():
        names = term_names(solution)
        found += [("no_standard_error", names[at], float("nan")) for at in np.flatnonzero(np.isnan(errors))]
    index = pd.Index([f"{kind}: {name}" for kind, name, _ in found], name="problem", dtype="str")
    frame = pd.DataFrame(
        {
            "kind": pd.array([kind for kind, _, _ in found], dtype="str"),
            "parameter": pd.array([name for _, name, _ in found], dtype="str"),
            "value": np.array([value for _, _, value in found], dtype=np.float64),
        },
        index=index,
    )
    return frame, _notes(found)


def _sizes(structure: Structure, state: State) -> dict[str, float]:
    """Variances to which those of the model are small or not: of a factor, what they are by its indicators' units."""
    variances = np.abs(np.diag(state.sigma))
    found = dict(zip(structure.observed, variances.tolist(), strict=True))
    for at, name in enumerate(structure.latent):
        own = np.abs(state.loadings[:, at])
        if own.any():
            found[name] = float((variances[own > 0] / own[own > 0] ** 2).min())
    return found


def _smallest(covariance: Floats) -> float:
    """Smallest eigenvalue, whatever the units."""
    size = np.sqrt(np.abs(np.diag(covariance)))
    size[size == 0] = 1.0
    return float(np.linalg.eigvalsh(covariance / np.outer(size, size))[0])


_TEXTS = {
    "negative_variance": (
        "sem_negative_variance",
        "The solution is improper: the variance of {parameters} is estimated below zero; the model does not fit these "
        "data well enough to be read, or asks too much of them.",
    ),
    "correlation_beyond_one": (
        "sem_correlation_beyond_one",
        "The solution is improper: {parameters} as a correlation lies beyond 1; the two cannot be told apart.",
    ),
    "factor_covariance_not_positive": (
        "sem_factor_covariance_not_positive",
        "The solution is improper: the covariance matrix of the {parameters} is not positive definite; one of them is "
        "a combination of the others.",
    ),
    "residual_covariance_not_positive": (
        "sem_residual_covariance_not_positive",
        "The solution is improper: the covariance matrix of the {parameters} is not positive definite.",
    ),
    "definition_undefined": (
        "sem_definition_undefined",
        "{parameters} has no value at these estimates (a logarithm or root of a negative number, or a division by "
        "zero).",
    ),
    "no_standard_error": (
        "sem_no_standard_error",
        "No standard error could be computed for {parameters}.",
    ),
}


def _notes(found: list[tuple[str, str, float]]) -> tuple[Note, ...]:
    notes = []
    for kind, (name, text) in _TEXTS.items():
        if mine := [parameter for k, parameter, _ in found if k == kind]:
            if kind == "negative_variance":  # "x ~~ x [group]" is the variance of "x [group]"
                mine = [parameter.partition(" ~~ ")[2] for parameter in mine]
            notes.append(Note(name, text, {"parameters": ", ".join(mine)}))
    return tuple(notes)
