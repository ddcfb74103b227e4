"""The correlation matrix that the factor analyses share, with the number of respondents behind it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.moments import Missing, Moments, moments_of


@dataclass(frozen=True)
class ItemCorrelations:
    """Pearson correlations of items.

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


def item_correlations(items: pd.DataFrame | Moments, *, missing: Missing, at_least: int) -> ItemCorrelations:
    """Correlate items, and say what is wrong with the matrix if anything is.

    Raises
    ------
    InsufficientDataError
        Fewer than ``at_least`` items, an item without answers or variance, no more respondents than items.
    TypeError, ValueError
        Columns that are not finite numbers.
    """
    found = moments_of(items, missing=missing)
    matrix = found.correlation.to_numpy(dtype=np.float64, copy=True)
    if len(matrix) < at_least:
        text = "There is only {n_items} item, and this analysis needs at least {needed}."
        if len(matrix) > 1:
            text = "There are only {n_items} items, and this analysis needs at least {needed}."
        name = "too_few_items" if len(matrix) > 1 else "only_one_item"
        raise InsufficientDataError(Note(name, text, {"n_items": len(matrix), "needed": at_least}))
    n = found.n
    if found.missing == "pairwise":
        n = int(items.notna().any(axis=1).sum()) if isinstance(items, pd.DataFrame) else found.n_rows
    positive_definite = bool(np.linalg.eigvalsh(matrix)[0] > 1e-10 * len(matrix))
    if n <= len(matrix):
        text = (
            "There are {n} respondents for {n_items} items, and this analysis needs more respondents than items; take "
            "fewer items or collect more answers."
        )
        raise InsufficientDataError(Note("fewer_rows_than_items", text, {"n": n, "n_items": len(matrix)}))
    notes = []
    if not positive_definite:
        text = (
            "The correlation matrix of the items is not positive definite, so what rests on its determinant or inverse "
            "is not given."
        )
        notes.append(Note("matrix_not_positive_definite", text))
    if found.missing == "pairwise" and found.n < n:
        text = (
            "Each correlation rests on the respondents who answered both items, at least {smallest}; "
            "tests and fit count {n}."
        )
        notes.append(Note("pairwise_correlations", text, {"smallest": found.n, "n": n}))
    return ItemCorrelations(
        matrix=matrix,
        items=found.labels,
        n=n,
        smallest_pair=found.n,
        pair_n=None if found.pair_n is None else found.pair_n.to_numpy(dtype=np.float64),
        missing=found.missing,
        positive_definite=positive_definite,
        notes=tuple(notes),
    )
