"""Polyserial correlations: of continuous scores with the normal variables behind ordinal items."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._checks import one_of
from leadership_study.results import Note, Result
from leadership_study.samples import polyserial as kernel
from leadership_study.samples.contingency import categories
from leadership_study.samples.moments import Missing, numbers, refuse_constant, refuse_empty

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PolyserialCorrelations(Result):
    """Polyserial correlations of items with scores.

    Attributes
    ----------
    correlations : DataFrame, items × scores
    pair_n : DataFrame, items × scores
        Respondents behind each.
    n : int
        Respondents with every score and item; with pairwise deletion, those with at least one of each.
    """

    correlations: pd.DataFrame
    pair_n: pd.DataFrame
    n: int

    main: ClassVar[str] = "correlations"
    shown_as: ClassVar[Mapping[str, str]] = {"correlations": "r", "pair_n": "n"}


def polyserial(
    scores: pd.DataFrame | pd.Series,
    items: pd.DataFrame,
    *,
    method: kernel.Method = "two_step",
    missing: Missing = "listwise",
) -> PolyserialCorrelations:
    """Correlate continuous scores with the normal variables that ordinal items are taken to cut into categories.

    Parameters
    ----------
    scores : DataFrame or Series of numbers
        One column a score; its unit and origin do not matter. A score that contains the item itself correlates with it
        for that reason alone.
    items : DataFrame, the same index
        One column an item, numbers whose order counts. Missing values are NaN on both sides.
    method : {"two_step", "ml", "conversion"}
        See `leadership_study.samples.polyserial.polyserial`.
    missing : {"listwise", "pairwise"}
        Rows that have everything, or for each score and item those that have both.

    Raises
    ------
    InsufficientDataError
        Fewer than three rows; a score or an item without values, or that does not vary, in the rows used.
    TypeError, ValueError
        Columns that are not finite numbers, items of more than 127 values, rows that are not the same on both sides, an
        unknown option.

    Notes
    -----
    A pair in perfect order, where no correlation below 1 is as likely, has ±1 and is named in a note. R twins:
    ``lavaan::lavCor``, ``polycor::polyserial(ML = TRUE)``, ``psych::polyserial`` ("conversion"). Olsson, Drasgow and
    Dorans (1982, https://doi.org/10.1007/BF02294164).
    """
    one_of(method, get_args(kernel.Method), name="method", function="polyserial")
    one_of(missing, ("listwise", "pairwise"), name="missing", function="polyserial")
    if isinstance(scores, pd.Series):
        scores = scores.to_frame("score" if scores.name is None else str(scores.name))
    (values, names), (answers, labels) = numbers(scores), numbers(items)
    if not scores.index.equals(items.index):
        raise ValueError(
            "The 'items' parameter of polyserial must have the respondents of 'scores', in the same order; use reindex "
            "to match them."
        )
    there: NDArray[np.bool_] = np.asarray(~np.isnan(values))
    seen: NDArray[np.bool_] = np.asarray(~np.isnan(answers))
    refuse_empty(there, names)
    refuse_empty(seen, labels)
    if missing == "listwise":
        used: NDArray[np.bool_] = np.asarray(there.all(axis=1) & seen.all(axis=1))
        there, seen = there & used[:, None], seen & used[:, None]
    else:
        used = np.asarray(there.any(axis=1) & seen.any(axis=1))
    found, counts = np.empty((len(labels), len(names))), np.empty((len(labels), len(names)), dtype=np.int64)
    limits = []
    for row, label in enumerate(labels):
        for column, name in enumerate(names):
            both = seen[:, row] & there[:, column]
            counts[row, column] = both.sum()
            found[row, column] = _pair(values[both, column], answers[both, row], name, label, method)
            if abs(found[row, column]) == 1:
                limits.append(f"{label} – {name}")
    notes = []
    if limits:
        text = (
            "These items and scores are in perfect order, so their polyserial correlation is at its limit of 1 or −1: "
            "{pairs}."
        )
        notes.append(Note("polyserial_perfect_order", text, {"pairs": "; ".join(limits)}))
    index, columns = pd.Index(labels, name="item", dtype="str"), pd.Index(names, dtype="str")
    return PolyserialCorrelations(
        correlations=pd.DataFrame(found, index=index, columns=columns),
        pair_n=pd.DataFrame(counts, index=index, columns=columns),
        n=int(used.sum()),
        definition={
            "matrix": "polyserial_correlation",
            "estimation": {"two_step": "two_step_ml", "ml": "ML", "conversion": "conversion"}[method],
            "missing": missing,
            "n": int(used.sum()),
            "source": "Olsson, Drasgow and Dorans (1982)",
        },
        notes=tuple(notes),
    )


def _pair(values: Floats, answers: Floats, name: str, label: str, method: kernel.Method) -> float:
    if len(values) < 3:
        text = "Only {n} respondents have both {first} and {second}; at least three are needed."
        raise InsufficientDataError(
            Note("polyserial_too_few_rows", text, {"n": len(values), "first": name, "second": label})
        )
    refuse_constant(np.array([np.ptp(values) == 0, np.ptp(answers) == 0]), [name, label])
    codes = categories(answers[:, None], [label]).codes[0].astype(np.int64)
    return kernel.polyserial(values, codes, method=method)
