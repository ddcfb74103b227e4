"""Polychoric correlations: of the normal variables that ordinal items are taken to cut into categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement._checks import at_least_items, one_of
from leadership_study.measurement._polyserial import PolyserialCorrelations, polyserial
from leadership_study.results import Note, Result
from leadership_study.samples.contingency import Categories, categories
from leadership_study.samples.moments import Missing, numbers
from leadership_study.samples.polychoric import PolychoricEstimate, polychoric_estimate
from leadership_study.samples.polychoric_moments import asymptotic_covariance
from leadership_study.samples.smoothing import nearest_by_eigenvalues
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variables
from leadership_study.sem.threads import one_thread

__all__ = ["PolychoricCorrelations", "PolyserialCorrelations", "polychoric", "polyserial", "run"]

Floats = NDArray[np.float64]

_NAMED = 5
"""How many pairs a note names before it only counts."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PolychoricCorrelations(Result):
    """Polychoric correlations of items.

    Attributes
    ----------
    correlations : DataFrame, items × items
    thresholds : DataFrame, items × (t1, t2, …)
        Standard normal quantiles between the categories; missing where an item has fewer.
    items : DataFrame
        ``n`` who answered, ``categories`` that occur, ``lowest`` and ``highest`` of them.
    std_errors, threshold_errors : DataFrame or None
        Two-step standard errors of the correlations and of the thresholds, when asked for.
    pair_n : DataFrame or None
        Respondents behind each correlation, with pairwise deletion.
    n : int
        Complete rows; with pairwise deletion the respondents with at least one answer.
    smallest_eigenvalue : float
        Of the matrix as estimated, before any smoothing.
    """

    correlations: pd.DataFrame
    thresholds: pd.DataFrame
    items: pd.DataFrame
    std_errors: pd.DataFrame | None
    threshold_errors: pd.DataFrame | None
    pair_n: pd.DataFrame | None
    n: int
    smallest_eigenvalue: float

    main: ClassVar[str] = "correlations"
    shown_as: ClassVar[Mapping[str, str]] = {"correlations": "r", "std_errors": "r", "thresholds": "threshold"}


@one_thread()
def polychoric(
    items: pd.DataFrame,
    *,
    missing: Missing = "listwise",
    empty_cell: float = 0.0,
    std_errors: bool = False,
    smooth: bool = False,
) -> PolychoricCorrelations:
    """Estimate the polychoric correlations of ordinal items.

    Parameters
    ----------
    items : DataFrame
        One column an item, whole or other numbers whose order counts, NaN where missing.
    missing : {"listwise", "pairwise"}
        Rows that have every item; or thresholds from all who answered an item and correlations from all who answered
        both.
    empty_cell : float
        Count put into every empty cell of a pair's table, .5 by custom; 0 leaves the tables as they are. In 2 × 2
        tables the margins are kept.
    std_errors : bool
        Give standard errors too, from the asymptotic covariance of both steps.
    smooth : bool
        Replace a matrix that is not positive definite by the nearest one in its eigenvalues, as R's
        ``psych::cor.smooth``. Otherwise it is only named.

    Raises
    ------
    InsufficientDataError
        Fewer than two items, an item without answers or with the same answer throughout, fewer than two rows, two
        items that nobody answered both or of which one does not vary among those who did.
    ConvergenceError
        A correlation that the search did not find.
    TypeError, ValueError
        Columns that are not finite numbers or have more than 127 different values; an unknown option.

    Notes
    -----
    Two-step maximum likelihood (Olsson, 1979, https://doi.org/10.1007/BF02296207): thresholds are the normal quantiles
    of each item's cumulative proportions, then each correlation maximises the multinomial likelihood of its table.
    A pair in perfect order has ±1, the limit of the likelihood. R twins: ``lavaan::lavCor(ordered = …)`` to the digits
    of its optimiser, ``psych::polychoric(correct = 0)`` to 2e-5.
    """
    one_of(missing, ("listwise", "pairwise"), name="missing", function="polychoric")
    if not (isinstance(empty_cell, int | float) and 0 <= empty_cell <= 1):
        raise ValueError(f"The 'empty_cell' parameter of polychoric must lie between 0 and 1. Got {empty_cell!r}.")
    values, labels = numbers(items)
    at_least_items(labels, 2)
    coded = _coded(values, labels, missing)
    estimate = polychoric_estimate(coded, empty_cell=empty_cell)
    _refuse_pairs(estimate, labels)
    matrix, smallest, notes = estimate.correlations, float(np.linalg.eigvalsh(estimate.correlations)[0]), []
    if smallest <= 1e-10 * len(labels):
        text = (
            "The matrix of polychoric correlations is not positive definite (smallest eigenvalue {smallest}); what "
            "needs its inverse or determinant cannot be had from it."
        )
        if smooth:
            matrix = nearest_by_eigenvalues(matrix)
            text = (
                "The matrix of polychoric correlations was not positive definite (smallest eigenvalue {smallest}) and "
                "has been smoothed; no correlation moved by more than {moved}."
            )
        moved = float(np.abs(matrix - estimate.correlations).max())
        name = "polychoric_smoothed" if smooth else "polychoric_not_positive_definite"
        notes.append(Note(name, text, {"smallest": smallest, "moved": moved} if smooth else {"smallest": smallest}))
    index, columns = pd.Index(labels, name="item", dtype="str"), pd.Index(labels, dtype="str")
    n = coded.codes.shape[1]
    counts = estimate.tables
    errors, of_thresholds = _std_errors(coded, estimate, index) if std_errors else (None, None)
    return PolychoricCorrelations(
        correlations=pd.DataFrame(matrix, index=index, columns=columns),
        thresholds=_threshold_table(estimate, index),
        items=pd.DataFrame(
            {
                "n": counts.margins.sum(axis=1).astype(np.int64),
                "categories": counts.sizes,
                "lowest": [float(each[0]) for each in coded.values],
                "highest": [float(each[-1]) for each in coded.values],
            },
            index=index,
        ),
        std_errors=errors,
        threshold_errors=of_thresholds,
        pair_n=_symmetric(estimate, counts.n, counts.margins.sum(axis=1), index).astype(np.int64)
        if missing == "pairwise"
        else None,
        n=n,
        smallest_eigenvalue=smallest,
        definition={
            "matrix": "polychoric_correlation",
            "estimation": "two_step_ml",
            "empty_cell": float(empty_cell),
            "smoothing": "eigenvalues_raised" if smooth and smallest <= 1e-10 * len(labels) else "none",
            "missing": missing,
            "n": n,
        },
        notes=(*notes, *_notes(estimate, labels, empty_cell, n, missing)),
    )


def _coded(values: Floats, labels: list[str], missing: Missing) -> Categories:
    seen = ~np.isnan(values)
    complete = bool(seen.all())
    if not complete:
        if absent := [
            name for name, any_seen in zip(labels, np.any(seen, axis=0).tolist(), strict=True) if not any_seen
        ]:
            text = "No respondent answered {items}; leave them out of `items`, or of their dimension."
            raise InsufficientDataError(Note("items_without_answers", text, {"items": ", ".join(absent)}))
        values = values[seen.all(axis=1) if missing == "listwise" else seen.any(axis=1)]
    if len(values) < 2:
        text = "Only {n} of {n_rows} respondents answered every item; at least two are needed."
        raise InsufficientDataError(Note("too_few_complete_rows", text, {"n": len(values), "n_rows": len(seen)}))
    coded = categories(values, labels)
    if same := [name for name, size in zip(labels, coded.sizes, strict=True) if size < 2]:
        text = "All respondents gave the same answer to {items}; leave them out of `items`, or of their dimension."
        raise InsufficientDataError(Note("items_without_variance", text, {"items": ", ".join(same)}))
    return coded


def _refuse_pairs(estimate: PolychoricEstimate, labels: list[str]) -> None:
    counts = estimate.tables
    if len(few := np.flatnonzero(counts.n < 2)):
        text = "{first} and {second} were answered together by fewer than two respondents; leave one of them out."
        values = {"first": labels[counts.second[few[0]]], "second": labels[counts.first[few[0]]]}
        raise InsufficientDataError(Note("pair_too_few_rows", text, values))
    for axis, own, other in ((2, counts.first, counts.second), (1, counts.second, counts.first)):
        if len(same := np.flatnonzero((counts.tables.sum(axis=axis) > 0).sum(axis=1) < 2)):
            text = "{first} does not vary among those who also answered {second}; leave one of them out."
            values = {"first": labels[own[same[0]]], "second": labels[other[same[0]]]}
            raise InsufficientDataError(Note("pair_constant", text, values))
    if len(lost := np.flatnonzero(~estimate.converged)):
        text = "The polychoric correlation of {first} and {second} was not found; merge their rare categories."
        values = {"first": labels[counts.second[lost[0]]], "second": labels[counts.first[lost[0]]]}
        raise ConvergenceError(Note("polychoric_not_converged", text, values))


def _notes(estimate: PolychoricEstimate, labels: list[str], empty_cell: float, n: int, missing: Missing) -> list[Note]:
    notes = []
    counts = estimate.tables
    if len(ordered := np.flatnonzero(estimate.at_limit)):
        text = (
            "The answers to these items are in perfect order, so their polychoric correlation is at its limit of 1 or "
            "−1: {pairs}."
        )
        notes.append(Note("polychoric_perfect_order", text, {"pairs": _pairs(estimate, ordered, labels)}))
    if with_gaps := int((estimate.empty > 0).sum()):
        text = "{n_tables} of the {n_pairs} pairs of items have empty cells in their table; they were left empty."
        if empty_cell:
            text = (
                "{n_tables} of the {n_pairs} pairs of items have empty cells in their table; {added} was put in each."
            )
        values = {"n_tables": with_gaps, "n_pairs": len(counts.first)}
        name = "polychoric_empty_cells_filled" if empty_cell else "polychoric_empty_cells"
        notes.append(Note(name, text, values | {"added": empty_cell} if empty_cell else values))
    if many := [name for name, size in zip(labels, counts.sizes, strict=True) if size > 10]:
        text = "{items} have more than {most} categories; with so many, Pearson correlations do as well."
        notes.append(Note("polychoric_many_categories", text, {"items": ", ".join(many), "most": 10}))
    if missing == "pairwise" and (smallest := int(counts.n.min())) < n:
        text = (
            "Each correlation rests on the respondents who answered both items, at least {smallest}; "
            "tests and fit count {n}."
        )
        notes.append(Note("pairwise_correlations", text, {"smallest": smallest, "n": n}))
    return notes


def _pairs(estimate: PolychoricEstimate, chosen: NDArray[np.int64], labels: list[str]) -> str:
    counts = estimate.tables
    named = [f"{labels[counts.second[at]]} – {labels[counts.first[at]]}" for at in chosen[:_NAMED]]
    return "; ".join(named) + ("; …" if len(chosen) > _NAMED else "")


def _threshold_table(estimate: PolychoricEstimate, index: pd.Index) -> pd.DataFrame:
    most = int(estimate.tables.sizes.max()) - 1
    padded = np.full((len(index), most), np.nan)
    for row, own in enumerate(estimate.thresholds):
        padded[row, : len(own)] = own
    return pd.DataFrame(padded, index=index, columns=pd.Index([f"t{at + 1}" for at in range(most)], dtype="str"))


def _symmetric(estimate: PolychoricEstimate, pairs: Floats, diagonal: Floats, index: pd.Index) -> pd.DataFrame:
    full = np.diag(np.asarray(diagonal, dtype=np.float64))
    first, second = estimate.tables.first, estimate.tables.second
    full[first, second] = full[second, first] = pairs
    return pd.DataFrame(full, index=index, columns=pd.Index(list(index), dtype="str"))


def _std_errors(coded: Categories, estimate: PolychoricEstimate, index: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of the correlations, and of the thresholds."""
    thresholds = _threshold_table(estimate, index)
    there = thresholds.notna().to_numpy()
    count = int(there.sum())
    errors = np.full(count + len(estimate.pairs), np.nan)
    if not estimate.at_limit.any():
        errors = np.sqrt(np.diag(asymptotic_covariance(coded, estimate)) / (coded.codes.shape[1] - 1))  # as lavaan
    own = np.full(there.shape, np.nan)
    own[there] = errors[:count]
    return (
        _symmetric(estimate, errors[count:], np.zeros(len(index)), index),
        pd.DataFrame(own, index=index, columns=thresholds.columns),
    )


def run(
    scored: ScoredResponses,
    *,
    items: Variables = ("items",),
    missing: Missing = "listwise",
    empty_cell: float = 0.0,
    std_errors: bool = False,
    smooth: bool = False,
) -> PolychoricCorrelations:
    """Polychoric correlations of the keyed items."""
    return polychoric(scored.frame(items), missing=missing, empty_cell=empty_cell, std_errors=std_errors, smooth=smooth)
