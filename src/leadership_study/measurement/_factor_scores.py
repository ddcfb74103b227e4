"""What a factor solution says about items and respondents: communalities and complexity, factor scores."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._item_correlations import ItemCorrelations
from leadership_study.results import Note
from leadership_study.samples.factor_scores import Method, score_weights
from leadership_study.samples.moments import Moments, numbers

Floats = NDArray[np.float64]


def factor_scores(
    items: pd.DataFrame | Moments,
    found: ItemCorrelations,
    loadings: pd.DataFrame,
    factor_correlations: pd.DataFrame,
    method: Method,
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    """Return the respondents' scores (missing without all answers), the weights, and a note on who has none."""
    if isinstance(items, Moments):
        text = "Factor scores need the answers themselves, not only their moments; leave out `scores`."
        raise InsufficientDataError(Note("scores_need_answers", text))
    weights = score_weights(found.matrix, loadings.to_numpy(), factor_correlations.to_numpy(), method)
    values = numbers(items)[0]
    complete = ~np.isnan(values).any(axis=1)
    used = complete if found.missing == "listwise" else np.ones(len(values), dtype=bool)
    mean, spread = np.nanmean(values[used], axis=0), np.nanstd(values[used], axis=0, ddof=1)
    index = pd.Index([str(label) for label in items.index], name="respondent_id", dtype="str")
    if index.has_duplicates:
        raise ValueError("The rows of the items must have different labels for factor scores; reset the index.")
    notes: tuple[Note, ...] = ()
    if without := int((~complete).sum()):
        text = "{n} respondents did not answer every item and have no factor scores."
        notes = (Note("scores_missing", text, {"n": without}),)
    table = pd.DataFrame(((values - mean) / spread) @ weights, index=index, columns=loadings.columns)
    return table, pd.DataFrame(weights, index=loadings.index, columns=loadings.columns), notes


def item_table(loadings: Floats, communalities: Floats, item: pd.Index, names: list[str]) -> pd.DataFrame:
    """Communality, uniqueness, complexity, and the largest and second largest loading of each item."""
    squares = loadings**2
    totals = np.sum(squares**2, axis=1)
    order = np.argsort(-squares, axis=1, kind="stable")
    rows = np.arange(len(loadings))
    several = loadings.shape[1] > 1
    with np.errstate(divide="ignore", invalid="ignore"):
        complexity = np.where(totals > 0, np.sum(squares, axis=1) ** 2 / totals, np.nan)
    return pd.DataFrame(
        {
            "communality": communalities,
            "uniqueness": 1 - communalities,
            "complexity": complexity,
            "primary_factor": pd.Series([names[at] for at in order[:, 0]], index=item, dtype="str"),
            "primary_loading": loadings[rows, order[:, 0]],
            "cross_loading": loadings[rows, order[:, 1]] if several else np.full(len(loadings), np.nan),
        },
        index=item,
    )
