"""The regressions of a mediation: which columns predict which, and the indirect effects they make."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError
from leadership_study.influences._columns import is_number
from leadership_study.influences._design import Design, from_columns
from leadership_study.influences._groups import Clusters
from leadership_study.results import Note
from leadership_study.samples.path_effects import Effect, Equation, PathModel
from leadership_study.samples.path_effects import Term as Product

TOTAL_INDIRECT, DIRECT, TOTAL = "total_indirect", "direct_effect", "total_effect"
ARROW = " → "


@dataclass(frozen=True, kw_only=True, eq=False)
class PathDesign:
    """Rows and regressions of a mediation.

    Attributes
    ----------
    design : Design
        The outcome with all predictors; its columns are those of the moments, the outcome comes last.
    x : int
        Column of the predictor; ``mediators`` and ``covariates`` are columns too.
    model : PathModel
        Regressions of the mediators in their order, then that of the outcome.
    total : Equation
        Regression of the outcome without the mediators.
    """

    design: Design
    x: int
    mediators: tuple[int, ...]
    covariates: tuple[int, ...]
    model: PathModel
    total: Equation

    @property
    def y(self) -> int:
        """Column of the outcome."""
        return int(self.design.matrix.shape[1])

    @property
    def values(self) -> NDArray[np.float64]:
        """Columns of the design without the constant, then the outcome: n × p."""
        return np.column_stack([self.design.matrix[:, 1:], self.design.outcome])

    @property
    def model_of_values(self) -> PathModel:
        """The same regressions, their columns counted as in `values`."""
        return PathModel(
            tuple(Equation(one.outcome - 1, tuple(at - 1 for at in one.predictors)) for one in self.model.equations)
        )

    def name(self, column: int) -> str:
        """Name of a column."""
        return self.design.outcome_name if column == self.y else self.design.terms[column]

    def design_of(self, outcome: int) -> Design:
        """Design with ``outcome`` as what is explained."""
        if outcome == self.y:
            return self.design
        return replace(self.design, outcome=self.design.matrix[:, outcome], outcome_name=self.name(outcome))

    def chains(self, *, serial: bool) -> list[tuple[int, ...]]:
        """Mediators of each indirect effect, in order."""
        longest = len(self.mediators) if serial else 1
        return [chain for size in range(1, longest + 1) for chain in combinations(self.mediators, size)]

    def indirect(self, chain: Sequence[int]) -> Effect:
        """Product of the slopes along x → … → y."""
        stops = (self.x, *chain, self.y)
        places = [self.model.position(end, start) for start, end in pairwise(stops)]
        return Effect(ARROW.join(self.name(one) for one in chain), (Product(1.0, tuple(places)),))


def as_names(names: str | Sequence[str], what: str, function: str) -> tuple[str, ...]:
    """One name or several, as a tuple.

    Raises
    ------
    ValueError
        When there is none.
    """
    found = (names,) if isinstance(names, str) else tuple(names)
    if not found or not all(isinstance(name, str) for name in found):
        raise ValueError(f"The {what!r} parameter of {function} must name columns of the data. Got {names!r} instead.")
    return found


def path_design(
    data: pd.DataFrame,
    x: str,
    m: tuple[str, ...],
    y: str,
    covariates: tuple[str, ...],
    clusters: Clusters | None,
    *,
    serial: bool,
    function: str,
) -> PathDesign:
    """Complete rows and the regressions of a parallel or serial mediation.

    Raises
    ------
    ValueError, TypeError
        As `from_columns`; for a predictor of three categories or more, and mediators that are no numbers.
    InsufficientDataError
        As `from_columns`; when a variable has the same value in all rows.
    """
    refuse_text(data, [*m, y], function)
    design = from_columns(y, [x, *m, *covariates], data, clusters, function)
    own = design.columns_of([x])
    if len(own) != 1:
        raise ValueError(
            f"The predictor {x!r} of {function} has {len(own) + 1} categories; give a number or two categories."
        )
    mediators = tuple(design.columns_of([name])[0] for name in m)
    controls = tuple(design.columns_of(covariates))
    refuse_constant(design, [own[0], *mediators])
    outcome = design.matrix.shape[1]
    equations = []
    for at, mediator in enumerate(mediators):
        earlier = mediators[:at] if serial else ()
        equations.append(Equation(mediator, (own[0], *earlier, *controls)))
    equations.append(Equation(outcome, (own[0], *mediators, *controls)))
    return PathDesign(
        design=design, x=own[0], mediators=mediators, covariates=controls, model=PathModel(tuple(equations)),
        total=Equation(outcome, (own[0], *controls)),
    )  # fmt: skip


def refuse_text(data: pd.DataFrame, names: Sequence[str], function: str) -> None:
    """Raise TypeError for columns that must be numbers and are not, ValueError for columns that are not there."""
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"The data of {function} must be a DataFrame. Got {type(data).__name__} instead.")
    known = [str(column) for column in data.columns]
    for name in names:
        if name not in known:
            raise ValueError(unknown("variable", name, known))
        if known.count(name) == 1 and not is_number(data.set_axis(known, axis=1)[name]):
            raise TypeError(f"The variable {name!r} of {function} must hold numbers; recode it as numbers first.")


def refuse_constant(design: Design, columns: Sequence[int]) -> None:
    """Raise InsufficientDataError, naming it, for a variable that does not vary in the rows used."""
    for column in columns:
        values = design.matrix[:, column]
        if values.min() == values.max():
            text = "{term} has the same value in all {n} rows used."
            raise InsufficientDataError(
                Note("constant_variable", text, {"term": design.terms[column], "n": len(values)})
            )
