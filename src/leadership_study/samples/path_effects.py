"""Effects that are products of regression coefficients along paths, for one sample or for thousands at once.

A path model is a list of regressions, each of one column on others. An effect is a sum of terms; a term is a number
times the product of coefficients of different regressions: a·b of a mediator, a₁·d·b of two in a row,
a·b + w·a₃·b of a mediator whose first path depends on a moderator at the value w.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NOTHING_LEFT = 1e-10  # share of a predictor's variance that the predictors before it must leave


@dataclass(frozen=True)
class Equation:
    """A regression: column ``outcome`` on the columns ``predictors``, with a constant."""

    outcome: int
    predictors: tuple[int, ...]


@dataclass(frozen=True)
class Term:
    """``weight`` times the product of the coefficients at ``factors``."""

    weight: float
    factors: tuple[int, ...]


@dataclass(frozen=True)
class Effect:
    """A sum of terms, under a name."""

    name: str
    terms: tuple[Term, ...]

    def minus(self, other: "Effect", name: str) -> "Effect":
        """The difference of two effects."""
        return Effect(name, (*self.terms, *(Term(-term.weight, term.factors) for term in other.terms)))


@dataclass(frozen=True)
class PathModel:
    """Regressions; their slopes are counted through, the first regression's predictors first."""

    equations: tuple[Equation, ...]

    def position(self, outcome: int, predictor: int) -> int:
        """Place of a slope among those of all regressions."""
        at = 0
        for equation in self.equations:
            if equation.outcome == outcome:
                return at + equation.predictors.index(predictor)
            at += len(equation.predictors)
        raise KeyError(outcome)

    def beside(self) -> list[tuple[int, int]]:
        """Pairs of regressions of which neither outcome predicts the other."""
        return [
            (one, two)
            for (one, first), (two, second) in combinations(enumerate(self.equations), 2)
            if first.outcome not in second.predictors and second.outcome not in first.predictors
        ]

    def slopes(self, covariances: Floats) -> Floats:
        """Slopes in each of r samples (r × p × p covariances): r × q, NaN where predictors are collinear."""
        parts = []
        for equation in self.equations:
            own = list(equation.predictors)
            among = covariances[:, own][:, :, own]
            parts.append(_solved(among, covariances[:, own, equation.outcome]))
        return np.concatenate(parts, axis=1)


def totals(effects: Sequence[Effect], slopes: Floats) -> Floats:
    """Each effect in each sample: r × e from r × q slopes."""
    values = np.zeros((len(slopes), len(effects)))
    for at, effect in enumerate(effects):
        for term in effect.terms:
            product = np.full(len(slopes), term.weight)
            for factor in term.factors:
                product = product * slopes[:, factor]
            values[:, at] += product
    return values


def gradients(effects: Sequence[Effect], slopes: Floats) -> Floats:
    """Derivatives of the effects by the q slopes of one sample: e × q."""
    values = np.zeros((len(effects), len(slopes)))
    for at, effect in enumerate(effects):
        for term in effect.terms:
            for place, factor in enumerate(term.factors):
                others = [slopes[other] for k, other in enumerate(term.factors) if k != place]
                values[at, factor] += term.weight * float(np.prod(others))
    return values


def _solved(among: Floats, outcomes: Floats) -> Floats:
    """Solve r systems by elimination, all samples at once; systems without a solution give NaN."""
    matrix, right = among.copy(), outcomes.copy()
    k = right.shape[1]
    scale = np.einsum("rii->ri", among).copy()
    singular = np.zeros(len(right), dtype=np.bool_)
    with np.errstate(divide="ignore", invalid="ignore"):
        for at in range(k):
            pivot = matrix[:, at, at]
            singular |= ~(pivot > _NOTHING_LEFT * scale[:, at])
            for below in range(at + 1, k):
                share = matrix[:, below, at] / pivot
                matrix[:, below, at:] -= share[:, None] * matrix[:, at, at:]
                right[:, below] -= share * right[:, at]
        solution = np.empty_like(right)
        for at in reversed(range(k)):
            known = (matrix[:, at, at + 1 :] * solution[:, at + 1 :]).sum(axis=1)
            solution[:, at] = (right[:, at] - known) / matrix[:, at, at]
    solution[singular] = np.nan
    return solution
