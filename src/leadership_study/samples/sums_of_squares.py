"""Sums of squares of a linear model's terms: in order (I), given terms not containing them (II), given all (III)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadership_study.samples.k_groups import FTest

Floats = NDArray[np.float64]
SquaresType = Literal[1, 2, 3]


@dataclass(frozen=True, kw_only=True, eq=False)
class Term:
    """Columns of one term of a model; ``parts`` are the variables that it joins (none for the constant)."""

    name: str
    parts: frozenset[str]
    columns: Floats

    @property
    def df(self) -> int:
        """Columns."""
        return int(self.columns.shape[1])


@dataclass(frozen=True, kw_only=True)
class TermTest:
    """Sum of squares of one term with its F test."""

    sum_of_squares: float
    test: FTest


def sums_of_squares(terms: Sequence[Term], outcome: Floats, type: SquaresType) -> dict[str, TermTest]:
    """Test every term of a model against its residual.

    Parameters
    ----------
    terms : sequence of Term
        All together of full rank; factors coded by contrasts that sum to 0 where ``type`` is 3, for otherwise its tests
        of main effects beside interactions mean nothing.
    outcome : array of n numbers
    type : {1, 2, 3}
        In the order given; each term given all those that do not contain it (marginality); each given all others.

    References
    ----------
    Langsrud, Ø. (2003). https://doi.org/10.1023/A:1023260610025. R twins: ``anova``, ``car::Anova``.
    """
    everything = _left(terms, outcome)
    df = len(outcome) - sum(term.df for term in terms)
    found = {}
    for at, term in enumerate(terms):
        if type == 1:
            others = list(terms[:at])
        elif type == 2:
            others = [other for other in terms if other is not term and not term.parts < other.parts]
        else:
            others = [other for other in terms if other is not term]
        without = _left(others, outcome)
        within = everything if type != 2 else _left([*others, term], outcome)
        if type == 1:
            within = _left([*others, term], outcome)
        squares = max(without - within, 0.0)
        f = squares / term.df / (everything / df) if everything > 0 else np.nan
        found[term.name] = TermTest(sum_of_squares=squares, test=FTest(statistic=f, df1=term.df, df2=df))
    return found


def residual_squares(terms: Sequence[Term], outcome: Floats) -> float:
    """Residual sum of squares of the model of all ``terms``."""
    return _left(terms, outcome)


def _left(terms: Sequence[Term], outcome: Floats) -> float:
    if not terms:
        return float(outcome @ outcome)
    basis = np.linalg.qr(np.column_stack([term.columns for term in terms]))[0]
    left = outcome - basis @ (basis.T @ outcome)
    return float(left @ left)
