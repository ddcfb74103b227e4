"""What was answered: distribution of items and scale scores, how often each answer was given, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._groups import coded
from leadership_study.influences._mean_tests import against_midpoint
from leadership_study.influences._scored import outermost
from leadership_study.instruments import Instrument
from leadership_study.results import Note, Result
from leadership_study.samples.moments import numbers
from leadership_study.samples.univariate import MomentType, summary
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.dimensions import unweighted


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Description(Result):
    """Distribution of several variables.

    Attributes
    ----------
    variables : DataFrame, index ``variable``
        n, missing, mean, sd, std_error, median, trimmed_mean, mad, minimum_value, maximum_value, skewness, kurtosis.
    n_rows, n_complete, n_patterns : int
        Rows, rows without a missing value, different patterns of missing values.
    """

    variables: pd.DataFrame
    n_rows: int
    n_complete: int
    n_patterns: int

    main: ClassVar[str] = "variables"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Descriptives(Result):
    """Distribution of items and scale scores.

    Attributes
    ----------
    items : DataFrame, index ``item``
        dimension, then as in `Description`.
    scales : DataFrame, index ``dimension``
        As in `Description`, with low and high, the ends that a score can reach, and
        score_rate = (mean − low) / (high − low).
    frequencies : DataFrame, index ``item``, ``value``
        n and share (of the answers given) of each answer that the response scale allows, 0 included.
    missing : DataFrame, index ``item``
        n, missing, missing_share.
    groups : DataFrame, index ``level``
        n_groups, mean_size, smallest, largest of each level that answers are nested in; no row for a level that
        nobody of them belongs to.
    midpoint : DataFrame, index ``dimension``
        Mean scores against the midpoint of their scale: null, estimate (mean less null), std_error, statistic (t), df,
        p_value, adjusted_p_value (Holm, over the dimensions), ci_low, ci_high, cohen_d, verdict ("above", "below",
        "undecided"). Errors are CR2 with Satterthwaite degrees of freedom when answers are nested.
    n_rows, n_complete, n_patterns : int
        Respondents, those with every item, patterns of missing items.
    """

    items: pd.DataFrame
    scales: pd.DataFrame
    frequencies: pd.DataFrame
    missing: pd.DataFrame
    groups: pd.DataFrame
    midpoint: pd.DataFrame
    n_rows: int
    n_complete: int
    n_patterns: int

    main: ClassVar[str] = "scales"


def describe(data: pd.DataFrame, *, type: MomentType = 2) -> Description:
    """Describe each column of ``data``.

    Parameters
    ----------
    data : DataFrame
        Numbers, one column a variable, missing as NaN.
    type : {2, 1, 3}
        Skewness and kurtosis corrected as in SPSS and Excel (2), plain moments (1), or with s of n − 1 as psych (3).

    Raises
    ------
    TypeError, ValueError
        For text, an infinite number, a name that occurs twice.
    InsufficientDataError
        Without any answer.

    Notes
    -----
    Every statistic uses the answers that are there. SD, std_error = sd/√n with n − 1; trimmed_mean leaves out a tenth
    at each end; mad is 1.4826 times the median distance from the median. R twin: ``psych::describe``.

    References
    ----------
    Joanes, D. N., & Gill, C. A. (1998). https://doi.org/10.1111/1467-9884.00122
    """
    values, labels = numbers(data)
    if type not in (1, 2, 3):
        raise ValueError(f"The 'type' parameter of describe must be one of 1, 2, 3. Got {type!r} instead.")
    gone = np.isnan(values)
    if gone.all():
        raise InsufficientDataError(Note("no_answers", "There are no answers to describe."))
    rows = {label: summary(values[:, at], type=type) for at, label in enumerate(labels)}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("variable")
    notes: tuple[Note, ...] = ()
    if empty := [label for label in labels if rows[label]["n"] == 0]:
        text = "Nobody answered {variables}, so there is nothing to describe there."
        notes = (Note("variables_without_answers", text, {"variables": ", ".join(empty)}),)
    return Description(
        variables=table.astype({"n": "int64", "missing": "int64"}),
        n_rows=len(values),
        n_complete=int((~gone.any(axis=1)).sum()),
        n_patterns=len(np.unique(gone, axis=0)),
        definition={
            "type": f"type_{type}",
            "missing": "available",
            "n_rows": len(values),
            "source": "Joanes & Gill (1998)",
        },
        notes=notes,
    )


def frequencies(items: pd.DataFrame, values: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """How often each answer was given.

    Parameters
    ----------
    items : DataFrame
        Numbers, missing as NaN.
    values : mapping of item to the answers that its scale allows, rising

    Returns
    -------
    DataFrame, index ``item``, ``value`` (text)
        n and share of the answers given to the item; 0 for an answer nobody gave, NaN share without any answer.

    Raises
    ------
    ValueError
        When an item holds an answer that its scale does not have.
    """
    answers, labels = numbers(items)
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for at, label in enumerate(labels):
        given = answers[~np.isnan(answers[:, at]), at]
        counts = [int((given == value).sum()) for value in values[label]]
        if sum(counts) != len(given):
            stray = given[~np.isin(given, list(values[label]))][0]
            raise ValueError(f"The column {label!r} holds {stray:g}, which is not on its response scale; correct it.")
        for value, count in zip(values[label], counts, strict=True):
            share = count / len(given) if len(given) else float("nan")
            rows[label, f"{value:g}"] = {"n": count, "share": share}
    index = pd.MultiIndex.from_tuples(list(rows), names=["item", "value"])
    return pd.DataFrame(list(rows.values()), index=index).astype({"n": "int64", "share": "float64"})


def run(scored: ScoredResponses, *, dimensions: Variables = ("dimensions",), type: MomentType = 2) -> Descriptives:
    """Describe the items and scores of ``dimensions``; items are keyed, so high always means much of the dimension."""
    instrument = scored.instrument
    wanted = [name for name in scored.expand(dimensions) if name in instrument.dimension_ids]
    if not wanted:
        raise InsufficientDataError(Note("no_dimension", "No dimension was named, so there is nothing to describe."))
    home = {item: dimension for dimension in wanted for item in instrument.item_ids(dimension)}
    items = scored.items[list(home)]
    described, scores = describe(items, type=type), describe(scored.scales[wanted], type=type)
    table = described.variables.rename_axis("item")
    table.insert(0, "dimension", pd.Series(home).loc[table.index].to_numpy(dtype=object))
    scale_table = scores.variables.rename_axis("dimension")
    ends = [scored.limits(dimension) for dimension in wanted]
    scale_table["low"], scale_table["high"] = [low for low, _ in ends], [high for _, high in ends]
    scale_table["score_rate"] = (scale_table["mean"] - scale_table["low"]) / (scale_table["high"] - scale_table["low"])
    missing = table[["n", "missing"]].copy()
    missing["missing_share"] = missing["missing"] / len(items)
    return Descriptives(
        items=table,
        scales=scale_table,
        frequencies=frequencies(items, _allowed(instrument, list(home))),
        missing=missing,
        groups=_groups(scored),
        midpoint=_midpoint(scored, wanted),
        n_rows=described.n_rows,
        n_complete=described.n_complete,
        n_patterns=described.n_patterns,
        definition={**described.definition, "score_rate": "from_low_to_high", "confidence_level": 0.95},
        notes=(*described.notes, *unweighted(scored)),
    )


def _midpoint(scored: ScoredResponses, wanted: Sequence[str]) -> pd.DataFrame:
    outer = outermost(scored)
    codes = None if outer is None else coded(scored.groups[outer], "clusters", "descriptives")[0]
    if codes is not None and codes.max(initial=-1) < 1:  # nobody has a group, or all have the same
        codes = None
    middles = {dimension: sum(scored.limits(dimension)) / 2 for dimension in wanted}
    return against_midpoint(scored.scales[wanted], middles, codes, "holm", 0.95).rename_axis("dimension")


def _allowed(instrument: Instrument, items: Sequence[str]) -> dict[str, tuple[float, ...]]:
    return {item: tuple(float(value) for value in instrument.scale_of(item).values) for item in items}


def _groups(scored: ScoredResponses) -> pd.DataFrame:
    rows = {}
    for level in scored.nested_in:
        sizes = scored.groups[level].value_counts()
        if sizes.empty:  # heads have no school
            continue
        rows[level] = {
            "n_groups": len(sizes),
            "mean_size": float(sizes.mean()),
            "smallest": int(sizes.min()),
            "largest": int(sizes.max()),
        }
    types = {"n_groups": "int64", "mean_size": "float64", "smallest": "int64", "largest": "int64"}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(types)).astype(types).rename_axis("level")
