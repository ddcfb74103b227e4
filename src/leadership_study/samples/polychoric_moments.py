"""Thresholds and polychoric correlations with their joint large-sample covariance, as ordinal models need them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.bivariate_normal import density
from leadership_study.samples.contingency import Categories, categories
from leadership_study.samples.polychoric import (
    PolychoricEstimate,
    cell_probabilities,
    inner_cells,
    polychoric_estimate,
    threshold_grid,
    threshold_slopes,
)

Floats = NDArray[np.float64]

_SMALLEST = 1e-15
_BLOCK = 1 << 22
"""Entries of one block of respondents × estimates."""


@dataclass(frozen=True)
class PolychoricMoments:
    """What an ordinal model is fitted to.

    Attributes
    ----------
    thresholds : tuple of arrays
        c − 1 an item.
    correlations : array (p, p)
    asymptotic_covariance : array (q, q)
        n times the covariance of the estimates: first the thresholds, item by item, then the correlations below the
        diagonal, column by column: (2, 1), (3, 1), …, (p, 1), (3, 2), … lavaan calls it gamma or NACOV.
    n : int
        Respondents with an answer to at least one item.
    estimate : PolychoricEstimate
        Tables, pairs at their limit, empty cells.
    """

    thresholds: tuple[Floats, ...]
    correlations: Floats
    asymptotic_covariance: Floats
    n: int
    estimate: PolychoricEstimate

    @property
    def values(self) -> Floats:
        """Thresholds and correlations in one vector, in the order of ``asymptotic_covariance``."""
        return np.concatenate([*self.thresholds, self.estimate.pairs])


def polychoric_moments(
    answers: Floats | Categories,
    *,
    labels: Sequence[str] | None = None,
    empty_cell: float = 0.0,
    empty_cell_2x2: float | None = None,
) -> PolychoricMoments:
    """Estimate thresholds, polychoric correlations and their asymptotic covariance.

    Parameters
    ----------
    answers : array, respondents × items, or Categories
        Missing as NaN: each estimate rests on those who gave the answers that it needs.
    labels : sequence of str, optional
        Names of the items, for messages.
    empty_cell, empty_cell_2x2
        See `polychoric_estimate`; lavaan's default is 0 and .5.

    Raises
    ------
    InsufficientDataError
        An item with one category, or a pair in perfect order, whose correlation of ±1 has no sampling variance.

    Notes
    -----
    The two steps solve score equations one after the other, so each respondent's influence on a threshold vector is
    A⁻¹ s, and on a correlation (s_ρ − a₁′ψ₁ − a₂′ψ₂)/a₀: s the scores, ψ the influences on the two items' thresholds,
    A, a the sums of products of scores. The covariance is the sum of products of these influences, times n (Muthén,
    1984, https://doi.org/10.1007/BF02294210; Muthén & Satorra, 1995, https://doi.org/10.1007/BF02294325). An influence
    depends on the answers to two items only, so it is computed once a cell. R twin: ``lavInspect(fit, "gamma")``.
    """
    items = answers if isinstance(answers, Categories) else categories(answers)
    items = items if items.complete else items.of_rows(np.asarray((items.codes >= 0).any(axis=0)))
    names = [str(at + 1) for at in range(len(items.codes))] if labels is None else list(labels)
    if (single := np.flatnonzero(items.sizes < 2)).size:
        text = "All respondents gave the same answer to {items}; leave them out of `items`, or of their dimension."
        raise InsufficientDataError(
            Note("items_without_variance", text, {"items": ", ".join(names[at] for at in single)})
        )
    estimate = polychoric_estimate(items, empty_cell=empty_cell, empty_cell_2x2=empty_cell_2x2)
    if (stuck := np.flatnonzero(estimate.at_limit)).size:
        first, second = names[estimate.tables.second[stuck[0]]], names[estimate.tables.first[stuck[0]]]
        text = (
            "The answers to {first} and {second} are in perfect order, so their polychoric correlation has no sampling "
            "variance; leave one of them out, or fill empty cells."
        )
        raise InsufficientDataError(Note("polychoric_without_variance", text, {"first": first, "second": second}))
    covariance = asymptotic_covariance(items, estimate)
    return PolychoricMoments(estimate.thresholds, estimate.correlations, covariance, items.codes.shape[1], estimate)


def asymptotic_covariance(items: Categories, estimate: PolychoricEstimate) -> Floats:
    """Matrix of `PolychoricMoments.asymptotic_covariance`; no pair may be at its limit."""
    counts = estimate.tables
    grid = threshold_grid(counts.margins, counts.sizes)
    on_thresholds = _threshold_influences(counts.margins, counts.sizes, grid)
    on_correlations = _correlation_influences(estimate, grid, on_thresholds)
    own = [on_thresholds[item, : size - 1] for item, size in enumerate(counts.sizes)]
    n, width = items.codes.shape[1], sum(len(each) for each in own) + len(counts.first)
    most = on_correlations.shape[1]
    flat = on_correlations.reshape(len(counts.first), -1)
    total = np.zeros((width, width))
    rows = max(1, min(n, _BLOCK // width))
    for start in range(0, n, rows):
        codes = items.codes[:, start : start + rows].astype(np.int64)
        codes[codes < 0] = most - 1
        influence = np.empty((width, codes.shape[1]))
        at = 0
        for item, table in enumerate(own):
            influence[at : at + len(table)] = table[:, codes[item]]
            at += len(table)
        for pair, (first, second) in enumerate(zip(counts.first, counts.second, strict=True)):
            influence[at + pair] = flat[pair, codes[first] * most + codes[second]]
        total += influence @ influence.T
    return np.asarray(total * n)


def _threshold_influences(margins: Floats, sizes: NDArray[np.int64], grid: Floats) -> Floats:
    # Items × thresholds × categories, with a last category for a missing answer that influences nothing.
    p, most = margins.shape
    influences = np.zeros((p, most - 1, most + 1))
    for item, size in enumerate(sizes):
        score = _threshold_scores(grid[item, : size - 1], margins[item, :size] / margins[item].sum())
        information = (score * margins[item, :size]) @ score.T
        influences[item, : size - 1, :size] = np.linalg.solve(information, score)
    return influences


def _threshold_scores(thresholds: Floats, shares: Floats) -> Floats:
    # Derivatives of log p_c by the thresholds: thresholds × categories.
    edge = np.exp(-(thresholds**2) / 2) / np.sqrt(2 * np.pi)
    at = np.arange(len(thresholds))
    score = np.zeros((len(thresholds), len(shares)))
    score[at, at] = edge / shares[:-1]
    score[at, at + 1] = -edge / shares[1:]
    return score


def _correlation_influences(estimate: PolychoricEstimate, grid: Floats, on_thresholds: Floats) -> Floats:
    counts, rho = estimate.tables, estimate.pairs
    first, second = counts.first, counts.second
    h, k, r = grid[first], grid[second], rho[:, None, None]
    probability = np.maximum(cell_probabilities(h, k, rho), _SMALLEST)
    score = inner_cells(density(h[:, :, None], k[:, None, :], r)) / probability
    weighted = counts.tables * score
    share = weighted / probability
    along_first = np.einsum("pab,pmab->pm", share, threshold_slopes(h, k, rho))
    along_second = np.einsum("pba,pmab->pm", share, threshold_slopes(k, h, rho))
    pairs, most = h.shape[0], h.shape[1] + 1
    influences = np.zeros((pairs, most + 1, most + 1))
    influences[:, :most, :most] = score
    influences -= np.einsum("pm,pmc->pc", along_first, on_thresholds[first])[:, :, None]
    influences -= np.einsum("pm,pmc->pc", along_second, on_thresholds[second])[:, None, :]
    return np.asarray(influences / np.einsum("pab,pab->p", weighted, score)[:, None, None])
