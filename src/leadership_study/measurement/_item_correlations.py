"""The correlation matrix that the factor analyses share, with the number of respondents behind it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._checks import one_of
from leadership_study.measurement.polychoric import polychoric
from leadership_study.results import Note
from leadership_study.samples.moments import Missing, Moments, moments_of, numbers

Correlation = Literal["pearson", "polychoric"]


@dataclass(frozen=True)
class ItemCorrelations:
    """Pearson or polychoric correlations of items; ``kind`` is the definition's word for which.

    ``n`` are the respondents that tests and fit indices count: the complete rows, or with pairwise deletion those who
    answered at least one item (R's psych counts all rows, empty ones too); ``smallest_pair`` is the smallest number
    behind any correlation, ``pair_n`` all of them (None when they are equal). ``missing`` is the rule used.
    """

    matrix: NDArray[np.float64]
    items: list[str]
    n: int
    smallest_pair: int
    pair_n: NDArray[np.float64] | None
    missing: str
    positive_definite: bool
    notes: tuple[Note, ...]
    kind: str = "pearson_correlation"


def item_correlations(
    items: pd.DataFrame | Moments, *, missing: Missing, at_least: int, correlation: Correlation = "pearson"
) -> ItemCorrelations:
    """Correlate items, and say what is wrong with the matrix if anything is.

    Raises
    ------
    InsufficientDataError
        Fewer than ``at_least`` items, an item without answers or variance, no more respondents than items.
    TypeError, ValueError
        Columns that are not finite numbers.
    """
    one_of(correlation, ("pearson", "polychoric"), name="correlation", function="the factor analyses")
    if correlation == "polychoric":
        return _polychoric(items, missing, at_least)
    found = moments_of(items, missing=missing)
    matrix = found.correlation.to_numpy(dtype=np.float64, copy=True)
    _refuse_few(len(matrix), at_least)
    n, pair_n = found.n_rows, None
    if found.missing != "pairwise":
        n = found.n
    elif found.pair_n is not None and found.n < found.n_rows:
        pair_n = found.pair_n.to_numpy(dtype=np.float64)
        n = int(items.notna().any(axis=1).sum()) if isinstance(items, pd.DataFrame) else found.n_rows
    refuse_short(n, len(matrix))
    notes: list[Note] = []
    if pair_n is not None and found.n < n:
        text = (
            "Each correlation rests on the respondents who answered both items, at least {smallest}; "
            "tests and fit count {n}."
        )
        notes.append(Note("pairwise_correlations", text, {"smallest": found.n, "n": n}))
    return _assembled(matrix, found.labels, n, found.n, pair_n, found.missing, notes, "pearson_correlation")


def _polychoric(items: pd.DataFrame | Moments, missing: Missing, at_least: int) -> ItemCorrelations:
    if isinstance(items, Moments):
        text = "Polychoric correlations need the answers themselves, not only their moments; use correlation = pearson."
        raise InsufficientDataError(Note("polychoric_needs_answers", text))
    _refuse_few(len(numbers(items)[1]), at_least)
    found = polychoric(items, missing=missing)
    refuse_short(found.n, len(found.correlations))
    matrix = found.correlations.to_numpy(dtype=np.float64, copy=True)
    pair_n = None if found.pair_n is None else found.pair_n.to_numpy(dtype=np.float64)
    smallest = found.n if pair_n is None else int(pair_n.min())
    notes = [each for each in found.notes if each.id != "polychoric_not_positive_definite"]
    labels = [str(name) for name in found.correlations.columns]
    return _assembled(matrix, labels, found.n, smallest, pair_n, missing, notes, "polychoric_correlation")


def _refuse_few(p: int, at_least: int) -> None:
    if p < at_least:
        text = "There is only {n_items} item, and this analysis needs at least {needed}."
        if p > 1:
            text = "There are only {n_items} items, and this analysis needs at least {needed}."
        name = "too_few_items" if p > 1 else "only_one_item"
        raise InsufficientDataError(Note(name, text, {"n_items": p, "needed": at_least}))


def refuse_short(n: int, p: int) -> None:
    """Raise `InsufficientDataError` unless there are more respondents than items."""
    if n <= p:
        text = (
            "There are {n} respondents for {n_items} items, and this analysis needs more respondents than items; take "
            "fewer items or collect more answers."
        )
        raise InsufficientDataError(Note("fewer_rows_than_items", text, {"n": n, "n_items": p}))


def _assembled(
    matrix: NDArray[np.float64],
    labels: list[str],
    n: int,
    smallest: int,
    pair_n: NDArray[np.float64] | None,
    missing: str,
    notes: list[Note],
    kind: str,
) -> ItemCorrelations:
    positive_definite = bool(np.linalg.eigvalsh(matrix)[0] > 1e-10 * len(matrix))
    if not positive_definite:
        text = (
            "The correlation matrix of the items is not positive definite, so what rests on its determinant or inverse "
            "is not given."
        )
        notes = [Note("matrix_not_positive_definite", text), *notes]
    return ItemCorrelations(
        matrix=matrix, items=labels, n=n, smallest_pair=smallest, pair_n=pair_n, missing=missing,
        positive_definite=positive_definite, notes=tuple(notes), kind=kind,
    )  # fmt: skip
