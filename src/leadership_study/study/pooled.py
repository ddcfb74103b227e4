"""One result from those of several imputed data sets: Rubin's rules where they apply, and nothing made up elsewhere.

A number of a table is treated by what it is:

- an ``estimate`` (or a ``mean``) with its ``std_error`` is pooled by Rubin's rules; ``df``, ``statistic``, ``p_value``
  and the limits beside it are worked out anew (Barnard & Rubin, 1999), and two diagnostics are added: ``lambda``, the
  share of the variance that is due to the missing answers, and ``fmi``, the fraction of missing information, which also
  counts what few degrees of freedom leave open and is therefore large with few clusters although little is missing;
- a test of several coefficients (``statistic`` with ``df1``, ``df2`` and ``p_value``, no error beside it) is pooled
  from the statistics of the data sets (Li, Meng, Raghunathan & Rubin, 1991: D2);
- what is the same in every data set stays;
- a descriptive statistic (a standard deviation, alpha, a correlation, R²) is its mean over the data sets;
- anything else, such as a test statistic or a limit that has no standard error beside it, is left empty, since its mean
  would be no statistic of that name.

A table of which nothing can be pooled or averaged is the one of the answers as given, and a note says so; where that is
the main table, or rows mean something else in every data set (factors), the whole result is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, NotEstimated, Result
from leadership_study.samples.pooling import pool, pool_tests

Kind = Literal["rubin", "mean", "same", "none"]

_MADE = ("estimate", "std_error", "statistic", "df", "p_value", "ci_low", "ci_high")
_ADDED = ("lambda", "fmi")
_ODDS = {"odds_ratio": "estimate", "odds_ratio_ci_low": "ci_low", "odds_ratio_ci_high": "ci_high"}
_TEST = ("statistic", "df1", "df2", "p_value")
_NO_MEAN = re.compile(
    r"(^|_)(ci_low|ci_high|p_value|std_error|statistic|chi_square|f|df[12]?|critical_ratio|minimum|maximum|cut|n|fmi|lambda)$"
)
_MEAN = re.compile(
    r"(^|_)(mean|sd|median|mad|skewness|kurtosis|score_rate|share|alpha|omega|spearman_brown|horst|lambda\d|r|correlation"
    r"|item_total|alpha_if_deleted|communality|uniqueness|loading|r_squared|cohen_f2|beta|semipartial|vif|gvif|estimate"
    r"|icc[12]|rwg|rwg_j|awg|average_deviation|design_effect|kmo|smc|difference|cohen_d|hedges_g|eta_squared)(_|$)"
)


def pool_results(results: Sequence[Result], observed: Result) -> Result:
    """Return one result for those of the imputed data sets.

    Parameters
    ----------
    results
        One a data set, all of one class, in any order.
    observed
        The result of the answers as given, for tables that cannot be pooled.

    Raises
    ------
    InsufficientDataError
        When one of ``results`` was not estimated, or the main table cannot be pooled.
    """
    for at, result in enumerate(results, start=1):
        if isinstance(result, NotEstimated):
            text = "In the imputed data set {number}: {reason}"
            raise InsufficientDataError(Note("imputed_not_estimated", text, {"number": at, "reason": result.reason}))
    first, level = results[0], float(results[0].definition.get("confidence_level", 0.95))
    values: dict[str, Any] = {}
    kinds: dict[str, Kind] = {}
    for entry in fields(first):
        parts = [getattr(result, entry.name) for result in results]
        if isinstance(parts[0], pd.DataFrame):
            values[entry.name], kinds[entry.name] = pool_table(parts, _statistic(first, entry.name), level)
        elif isinstance(parts[0], pd.Series):
            table, kinds[entry.name] = pool_table([part.to_frame("value") for part in parts], None, level)
            values[entry.name] = pd.Series(table["value"].astype(parts[0].dtype), name=parts[0].name)
        elif isinstance(parts[0], bool | int | float | str | np.generic):
            values[entry.name], kind = _scalar(parts, entry.name)
            kinds["summary"] = kind if kinds.get("summary", "same") == "same" else kinds["summary"]
    if not first.aligned or kinds.get(first.main, "none") == "none":
        text = (
            "Results of imputed data sets cannot be put together here: what this analysis gives are no estimates with "
            "standard errors, and means of its numbers would say nothing."
        )
        raise InsufficientDataError(Note("cannot_be_pooled", text))
    left = [name for name, kind in kinds.items() if kind == "none" and name != "summary"]
    for name in left:
        values[name] = getattr(observed, name, values[name])
    return replace(
        first,
        **values,
        definition={**first.definition, "imputations": len(results), "pooling": "rubin"},
        notes=(*_notes(results), *_pooling_notes(kinds, left, observed), *_test_notes(values, kinds)),
    )


def _statistic(result: Result, table: str) -> str | None:
    """Return what the cells of a table are where its columns are items: a table of limits holds limits."""
    return table if _NO_MEAN.search(table) else result.shown_as.get(table)


def pool_table(frames: Sequence[pd.DataFrame], shown_as: str | None, level: float) -> tuple[pd.DataFrame, Kind]:
    """Pool one table; the kind says what was done with its numbers: ``none`` when nothing could be."""
    first = frames[0]
    if all(frame.equals(first) for frame in frames):
        return first, "same"
    if not all(frame.index.equals(first.index) and list(frame.columns) == list(first.columns) for frame in frames):
        return _emptied(first), "none"
    columns: dict[str, Any] = {}
    kind: Kind = "none"
    for name in first.columns:
        parts = [frame[name] for frame in frames]
        if all(part.equals(parts[0]) for part in parts):
            columns[name] = parts[0]
        elif name == "value":
            rows = {key: _scalar([part[key] for part in parts], str(key)) for key in first.index}
            columns[name] = pd.Series({key: value for key, (value, _) in rows.items()}, index=first.index, dtype=object)
            kind = "mean" if any(found == "mean" for _, found in rows.values()) else kind
        elif parts[0].dtype == np.float64 and is_averaged(shown_as or str(name)):
            columns[name], kind = _mean(parts), "mean"
        else:
            columns[name] = _blank(parts[0])
    table = pd.DataFrame(columns, index=first.index, columns=first.columns)
    if set(_TEST) <= set(first.columns) and "std_error" not in first.columns:
        table, kind = _tests_pooled(table, frames), "mean" if kind == "none" else kind
    if any(name in table and table[name].isna().all() for name in ("statistic", "f", "chi_square")):
        for name in ("df", "df1", "df2"):  # of a test that is not given
            if name in table:
                table[name] = _blank(table[name])
    estimate = "estimate" if "estimate" in first else "mean"
    if {estimate, "std_error"} <= set(first.columns):
        return _by_rubin(table, frames, estimate, level), "rubin"
    return table, kind


def _tests_pooled(table: pd.DataFrame, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put pooled tests into the rows that were tested in every data set with the same df1."""
    rows = []
    for row in range(len(table)):
        found = [tuple(float(frame[name].iloc[row]) for name in _TEST[:3]) for frame in frames]
        if len({df1 for _, df1, _ in found}) == 1 and np.isfinite([statistic for statistic, *_ in found]).all():
            largest = float(np.mean([df2 for *_, df2 in found]))
            rows.append(pool_tests([statistic for statistic, *_ in found], found[0][1], df2=largest))
        else:
            rows.append((np.nan, found[0][1], np.nan, np.nan))
    tests = np.array(rows, dtype=float).reshape(-1, len(_TEST))
    columns = {name: tests[:, at] for at, name in enumerate(_TEST) if name != "df1"}
    return table.assign(**columns)


def is_averaged(statistic: str) -> bool:
    """Say whether the mean over data sets of a statistic of this name is an estimate of the same thing."""
    return bool(_MEAN.search(statistic)) and not _NO_MEAN.search(statistic)


def _by_rubin(table: pd.DataFrame, frames: Sequence[pd.DataFrame], estimate: str, level: float) -> pd.DataFrame:
    """Pool the rows that have an estimate with an error in every data set; the others have nothing to pool."""
    estimates = np.array([frame[estimate].to_numpy(dtype=float) for frame in frames])
    variances = np.array([frame["std_error"].to_numpy(dtype=float) for frame in frames]) ** 2
    complete = np.full(len(table), np.inf)
    if "df" in table:
        given = np.mean([frame["df"].to_numpy(dtype=float) for frame in frames], axis=0)
        complete = np.where(np.isfinite(given) & (given > 0), given, np.inf)
    known = np.isfinite(estimates).all(axis=0) & np.isfinite(variances).all(axis=0)
    made = pd.DataFrame(np.nan, index=range(len(table)), columns=[*_MADE, *_ADDED])
    if known.any():
        names = [f"row {at}" for at in np.flatnonzero(known)]
        pooled = pool(
            pd.DataFrame(estimates[:, known], columns=names),
            pd.DataFrame(variances[:, known], columns=names),
            np.inf,
            df_complete=dict(zip(names, complete[known], strict=True)),
            confidence_level=level,
        ).table
        made.loc[known] = pooled[[*_MADE, *_ADDED]].to_numpy()
    made = made.rename(columns={"estimate": estimate}).set_axis(table.index)
    for name in made.columns:
        if name in table:
            table[name] = made[name]
    for name, source in _ODDS.items():
        if name in table:
            table[name] = np.exp(table[source].astype(float))
    return table.assign(**{name: made[name] for name in _ADDED})


def _scalar(parts: Sequence[Any], name: str) -> tuple[Any, Kind]:
    if all(_equal(part, parts[0]) for part in parts):
        return parts[0], "same"
    if isinstance(parts[0], float | np.floating) and is_averaged(name):
        return float(np.mean([float(part) for part in parts])), "mean"
    return ("–" if isinstance(parts[0], str) else np.nan), "none"


def _equal(one: Any, other: Any) -> bool:
    both_missing = isinstance(one, float) and isinstance(other, float) and np.isnan(one) and np.isnan(other)
    return both_missing or bool(type(one) is type(other) and one == other)


def _mean(parts: Sequence[pd.Series]) -> pd.Series:
    return pd.Series(np.mean([part.to_numpy(dtype=float) for part in parts], axis=0), index=parts[0].index)


def _blank(part: pd.Series) -> pd.Series:
    if part.dtype == np.float64:
        return pd.Series(np.nan, index=part.index)
    whole = pd.api.types.is_integer_dtype(part)
    return pd.Series([pd.NA if whole else None] * len(part), index=part.index, dtype="Int64" if whole else object)


def _emptied(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: _blank(frame[name]) for name in frame.columns}, index=frame.index)


def _notes(results: Sequence[Result]) -> list[Note]:
    """Return the notes that every data set gave; what differs between them hangs on the imputed values."""
    common = [{str(note) for note in result.notes} for result in results]
    return [note for note in results[0].notes if all(str(note) in found for found in common)]


def _test_notes(values: Mapping[str, Any], kinds: Mapping[str, Kind]) -> list[Note]:
    pooled = [
        table
        for name, table in values.items()
        if isinstance(table, pd.DataFrame) and kinds.get(name) == "mean" and set(_TEST) <= set(table.columns)
    ]
    if not any(table["statistic"].notna().any() for table in pooled):
        return []
    text = (
        "Tests of several coefficients at once are pooled from the statistics of the imputed data sets (D2; Li et al., "
        "1991), which is rougher than the tests of single coefficients."
    )
    return [Note("tests_pooled_by_d2", text)]


def _pooling_notes(kinds: Mapping[str, Kind], left: Sequence[str], observed: Result) -> list[Note]:
    notes = []
    if "rubin" in kinds.values():
        text = (
            "Estimates with standard errors are pooled over the imputed data sets by Rubin's rules, with degrees of "
            "freedom after Barnard and Rubin (1999); other numbers are means over them, and those whose mean would say "
            "nothing are left out."
        )
        notes.append(Note("pooled_by_rubin", text))
    else:
        text = (
            "Numbers are means over the imputed data sets; tests and intervals are left out, because this analysis "
            "gives no standard errors to pool them from."
        )
        notes.append(Note("means_over_imputations", text))
    if left:
        if isinstance(observed, NotEstimated):
            text = "These tables cannot be pooled and are left empty: {tables}."
            notes.append(Note("tables_left_empty", text, {"tables": list(left)}))
        else:
            text = "These tables cannot be pooled and are those of the answers as given: {tables}."
            notes.append(Note("tables_of_observed_answers", text, {"tables": list(left)}))
    return notes
