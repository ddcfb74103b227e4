"""What is wrong with a solution that an optimiser accepts: improper values, in words with the parameter's name."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.results import Note
from leadership_study.sem.estimates import standard_errors, term_names
from leadership_study.sem.solution import Solution

Floats = NDArray[np.float64]

_TINY = 1e-8


def problems_of(solution: Solution, standard: Floats) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return one row a problem (``kind``, ``parameter``, ``value``), and a note for each kind.

    ``standard`` is the standardised solution, one value a table row.
    """
    names, rows = term_names(solution), solution.table.rows
    values = solution.complete(solution.values)
    found: list[tuple[str, str, float]] = []
    for at, row in enumerate(rows):
        if row.op == "~~" and row.lhs == row.rhs and values[at] < -_TINY:
            found.append(("negative_variance", names[at], float(values[at])))
        elif row.op == "~~" and row.lhs != row.rhs and abs(standard[at]) > 1 + 1e-6:
            found.append(("correlation_beyond_one", names[at], float(standard[at])))
    labels = [group.label for group in solution.sample.groups]
    for group, part in enumerate(solution.problem.parts):
        state = part.structure.state(values)
        where = f" [{labels[group]}]" if len(labels) > 1 else ""
        k = len(part.structure.latent)
        smallest = float(np.linalg.eigvalsh(state.factor_covariance[:k, :k])[0]) if k else 1.0
        if smallest < -_TINY:
            found.append(("factor_covariance_not_positive", f"factors{where}", smallest))
        smallest = float(np.linalg.eigvalsh(state.theta)[0])
        if smallest < -_TINY and not any(kind == "negative_variance" and "~~" in name for kind, name, _ in found):
            found.append(("residual_covariance_not_positive", f"residuals{where}", smallest))
    errors = standard_errors(solution)
    if solution.options.errors != "none":
        found += [("no_standard_error", names[at], float("nan")) for at in np.flatnonzero(np.isnan(errors))]
    index = pd.Index([f"{kind}: {name}" for kind, name, _ in found], name="problem", dtype="str")
    frame = pd.DataFrame(
        {
            "kind": pd.Series([kind for kind, _, _ in found], index=index, dtype="str"),
            "parameter": pd.Series([name for _, name, _ in found], index=index, dtype="str"),
            "value": pd.Series([value for _, _, value in found], index=index, dtype="float64"),
        },
        index=index,
    )
    return frame, _notes(found)


_TEXTS = {
    "negative_variance": (
        "sem_negative_variance",
        "The solution is improper: the variance {parameters} is estimated below zero; the model does not fit these "
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
    "no_standard_error": (
        "sem_no_standard_error",
        "No standard error could be computed for {parameters}.",
    ),
}


def _notes(found: list[tuple[str, str, float]]) -> tuple[Note, ...]:
    notes = []
    for kind, (name, text) in _TEXTS.items():
        if mine := [parameter for k, parameter, _ in found if k == kind]:
            notes.append(Note(name, text, {"parameters": ", ".join(mine)}))
    return tuple(notes)
