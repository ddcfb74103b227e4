"""Weights that give a sample the shares of its population: post-stratification, and raking over several margins."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError
from leadership_study.results import Note

_TOLERANCE = 1e-10
_STEPS = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Raked:
    """Weights with mean 1, and how well they do.

    Attributes
    ----------
    weights : Series
        One a row, with the rows' index.
    shares : DataFrame, index ``variable``, ``level``
        share before, weighted_share after, population_share.
    design_effect : float
        Kish's n Σw² / (Σw)²: how much the variance of a mean grows that is unrelated to the weights.
    steps : int
        Rounds over all variables; 1 with a single one.
    """

    weights: pd.Series
    shares: pd.DataFrame
    design_effect: float
    steps: int


def rake(
    data: pd.DataFrame,
    margins: Mapping[str, pd.Series],
    *,
    base: pd.Series | None = None,
    largest: float | None = None,
) -> Raked:
    """Weight the rows of ``data`` so that every variable has the shares of ``margins``.

    With one variable this is post-stratification; with several, their margins are fitted in turn until all hold
    (iterative proportional fitting).

    Parameters
    ----------
    data : DataFrame
        Text, one column a variable of ``margins``; missing as NaN.
    margins : mapping of variable to Series
        Shares by level, any positive numbers: they are divided by their sum. Levels that nobody has are left out.
    base : Series, optional
        Weights to start from; all 1 when None.
    largest : float, optional
        Bound of a weight as a multiple of the mean weight. Weights above it are cut after fitting, and the others
        raised in proportion, so that the shares then hold only nearly.

    Raises
    ------
    ValueError
        When a row has a level that its margin does not have, or ``largest`` is not above 1.
    ConvergenceError
        When no weights reach all margins, as where one variable's levels never occur together with another's.

    Notes
    -----
    A row without an answer to a variable is not adjusted for it: the shares hold among the rows that have one. R twin:
    ``survey::postStratify`` and ``survey::rake``.

    References
    ----------
    Deming, W. E., & Stephan, F. F. (1940). https://doi.org/10.1214/aoms/1177731829
    Kish, L. (1965). Survey sampling. Wiley.
    """
    if largest is not None and not largest > 1:
        raise ValueError(f"The 'largest' parameter of rake must be above 1. Got {largest!r} instead.")
    start = np.ones(len(data)) if base is None else base.loc[data.index].to_numpy(dtype=float)
    places = {name: _places(data[name], margin) for name, margin in margins.items()}
    weights = start / start.mean()
    for steps in range(1, _STEPS + 1):  # noqa: B007
        for at, target in places.values():
            weights = _fitted(weights, at, target)
        if max((_distance(weights, at, target) for at, target in places.values()), default=0.0) < _TOLERANCE:
            break
    else:
        text = "No weights give the respondents all the shares of the population in {variables} at once."
        raise ConvergenceError(Note("weights_not_found", text, {"variables": list(margins)}))
    weights = weights / weights.mean()
    if largest is not None:
        weights = _bounded(weights, largest)
    rows = {}
    for name, margin in margins.items():
        at, _ = places[name]
        before, after = _shares(start, at, len(margin)), _shares(weights, at, len(margin))
        for level, one, other, wanted in zip(margin.index, before, after, margin / margin.sum(), strict=True):
            rows[(name, str(level))] = (one, other, float(wanted))
    shares = pd.DataFrame.from_dict(rows, orient="index", columns=["share", "weighted_share", "population_share"])
    shares.index = pd.MultiIndex.from_tuples(list(rows), names=["variable", "level"])
    return Raked(
        weights=pd.Series(weights, index=data.index, name="weight"),
        shares=shares,
        design_effect=design_effect(weights),
        steps=steps,
    )


def design_effect(weights: NDArray[np.float64]) -> float:
    """Return Kish's n Σw² / (Σw)²."""
    return float(len(weights) * (weights**2).sum() / weights.sum() ** 2)


def _places(column: pd.Series, margin: pd.Series) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the place of each row's level in the margin (−1: no answer), and the share of each level."""
    levels = pd.Index([str(level) for level in margin.index])
    at = levels.get_indexer(pd.Index(column.to_numpy(dtype=object)))
    if stray := sorted({str(value) for value in column[(at < 0) & column.notna().to_numpy()]}):
        raise ValueError(f"The population has no share of {column.name} = {', '.join(stray)}.")
    there = np.bincount(at[at >= 0], minlength=len(levels)) > 0
    target = np.where(there, margin.to_numpy(dtype=float), 0.0)
    return at, target / target.sum() if target.sum() > 0 else target


def _fitted(weights: NDArray[np.float64], at: NDArray[np.intp], target: NDArray[np.float64]) -> NDArray[np.float64]:
    seen = at >= 0
    shares = _shares(weights, at, len(target))
    factors = np.divide(target, shares, out=np.ones_like(target), where=shares > 0)
    return np.where(seen, weights * factors[at], weights)


def _shares(weights: NDArray[np.float64], at: NDArray[np.intp], size: int) -> NDArray[np.float64]:
    seen = at >= 0
    sums = np.bincount(at[seen], weights=weights[seen], minlength=size).astype(float)
    return sums / sums.sum() if sums.sum() > 0 else sums


def _distance(weights: NDArray[np.float64], at: NDArray[np.intp], target: NDArray[np.float64]) -> float:
    return float(np.abs(_shares(weights, at, len(target)) - target).max())


def _bounded(weights: NDArray[np.float64], largest: float) -> NDArray[np.float64]:
    cut = np.zeros(len(weights), dtype=bool)
    while (weights > largest * (1 + _TOLERANCE)).any():
        cut |= weights > largest
        rest = len(weights) - largest * cut.sum()
        weights = np.where(cut, largest, weights * rest / weights[~cut].sum())
    return weights
