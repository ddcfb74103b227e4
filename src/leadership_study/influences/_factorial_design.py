"""The model of several factors and covariates: coded columns, cells, and what marginal means are made of."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._columns import check_kind, is_number
from leadership_study.influences._group_rows import ordered
from leadership_study.influences._groups import Clusters, cluster_codes, column_of
from leadership_study.results import Note
from leadership_study.samples.sums_of_squares import Term

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Contrasts = Literal["sum", "treatment"]

_JOINT = " × "


@dataclass(frozen=True, kw_only=True, eq=False)
class Factor:
    """Codes 0 … k − 1 of each row, and the names of the levels."""

    name: str
    codes: Integers
    labels: list[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class FactorialDesign:
    """Complete rows of a factorial model.

    Attributes
    ----------
    terms : list of Term
        The constant first, then covariates, factors and their interactions.
    outcome : array of n numbers
    cells : array of n whole numbers
        Combination of all factors of each row.
    clusters : array of n whole numbers, or None
    """

    terms: list[Term]
    factors: list[Factor]
    covariates: list[str]
    outcome: Floats
    cells: Integers
    clusters: Integers | None
    received: int
    notes: tuple[Note, ...]
    contrasts: Contrasts
    interactions: bool

    @property
    def matrix(self) -> Floats:
        """All columns."""
        return np.column_stack([term.columns for term in self.terms])

    def marginal(self, which: Sequence[int], levels: Sequence[int]) -> Floats:
        """Row of the design whose product with the coefficients is a marginal mean.

        Factors ``which`` are at ``levels``, the others at the mean of all their levels, covariates at their mean.
        """
        at = dict(zip(which, levels, strict=True))
        coded = {}
        for number, factor in enumerate(self.factors):
            code = coding(len(factor.labels), self.contrasts)
            coded[factor.name] = code[at[number]] if number in at else code.mean(axis=0)
        parts = []
        for term in self.terms:
            row = np.ones(1)
            for name in term.name.split(_JOINT):
                if name in coded:
                    row = np.outer(row, coded[name]).ravel()
            parts.append(term.columns.mean(axis=0) if term.name in self.covariates else row)
        return np.concatenate(parts)


def coding(k: int, contrasts: Contrasts) -> Floats:
    """K × (k − 1): indicators of all levels but the last, which is −1 ("sum"), or of all but the first."""
    if contrasts == "treatment":
        return np.eye(k)[:, 1:]
    return np.vstack([np.eye(k - 1), -np.ones(k - 1)])


def factorial_design(
    data: pd.DataFrame,
    outcome: str,
    factors: Sequence[str],
    covariates: Sequence[str],
    interactions: bool,
    contrasts: Contrasts,
    clusters: Clusters | None,
    function: str,
) -> FactorialDesign:
    """Code the complete rows of ``data``.

    Raises
    ------
    ValueError, TypeError
        For unknown or repeated columns, an outcome or covariate that is no numbers.
    InsufficientDataError
        With a factor of one level, or a cell that nobody is in while interactions are asked for.
    """
    names = [outcome, *covariates, *factors]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"The variable {repeated[0]!r} stands in {function} more than once; name it once.")
    columns = {name: column_of(data, name, f"variable of {function}") for name in names}
    kept = np.ones(len(data), dtype=bool)
    for name, column in columns.items():
        check_kind(column, name)
        if name not in factors and not is_number(column):
            raise TypeError(f"The column {name!r} holds {column.dtype}, not numbers; recode it or make it a factor.")
        kept &= column.notna().to_numpy()
    codes = None
    if clusters is not None:
        codes = cluster_codes(data, clusters, function)
        kept &= codes >= 0
        codes = np.unique(codes[kept], return_inverse=True)[1]
    notes = []
    if left := int((~kept).sum()):
        text = "{count} of {received} rows lack the outcome or a variable and are left out."
        notes.append(Note("factorial_incomplete", text, {"count": left, "received": len(data)}))
    made = [Factor(name=name, codes=own[0], labels=own[1]) for name in factors
            for own in (ordered(columns[name][kept], function),)]  # fmt: skip
    for factor in made:
        if len(factor.labels) < 2:
            text = "{factor} has fewer than two levels among the rows used, so nothing can be compared."
            raise InsufficientDataError(Note("factor_of_one_level", text, {"factor": factor.name}))
    cells = np.zeros(int(kept.sum()), dtype=np.int64)
    for factor in made:
        cells = cells * len(factor.labels) + factor.codes
    possible = int(np.prod([len(factor.labels) for factor in made]))
    if interactions and len(np.unique(cells)) < possible:
        text = (
            "{count} of {possible} combinations of {factors} have no respondent, so interactions cannot be estimated; "
            "merge levels or leave interactions out."
        )
        told = {"count": possible - len(np.unique(cells)), "possible": possible, "factors": ", ".join(factors)}
        raise InsufficientDataError(Note("factorial_empty_cell", text, told))
    terms = [Term(name="intercept", parts=frozenset(), columns=np.ones((len(cells), 1)))]
    for name in covariates:
        values = columns[name][kept].to_numpy(dtype=float)[:, None]
        terms.append(Term(name=name, parts=frozenset({name}), columns=values))
    for size in range(1, (len(made) if interactions else 1) + 1):
        terms += [_term(group, contrasts) for group in itertools.combinations(made, size)]
    return FactorialDesign(
        terms=terms,
        factors=made,
        covariates=list(covariates),
        outcome=columns[outcome][kept].to_numpy(dtype=float),
        cells=np.unique(cells, return_inverse=True)[1],
        clusters=codes,
        received=len(data),
        notes=tuple(notes),
        contrasts=contrasts,
        interactions=interactions,
    )


def _term(factors: Sequence[Factor], contrasts: Contrasts) -> Term:
    columns = np.ones((len(factors[0].codes), 1))
    for factor in factors:
        own = coding(len(factor.labels), contrasts)[factor.codes]
        columns = (columns[:, :, None] * own[:, None, :]).reshape(len(columns), -1)
    name = _JOINT.join(factor.name for factor in factors)
    return Term(name=name, parts=frozenset(factor.name for factor in factors), columns=columns)
