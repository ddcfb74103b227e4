"""Outcomes that are categories: their codes, and the tables that both logistic regressions share."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError
from leadership_study.influences._columns import check_kind, levels_of
from leadership_study.influences._groups import Clusters, column_of
from leadership_study.results import Note

_SOURCES = {"nonrobust": "McCullagh & Nelder (1989)", "HC": "White (1982)", "CR": "Pustejovsky & Tipton (2018)"}


def outcome_of(formula: str, data: pd.DataFrame, function: str) -> str:
    """Name of the column to the left of ``~``.

    Raises
    ------
    ValueError
        When the left side is no column of the data.
    """
    if not isinstance(formula, str) or formula.count("~") != 1:
        raise ValueError(f"The formula must have the form 'outcome ~ predictors'. Got {formula!r} instead.")
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"The data of {function} must be a DataFrame. Got {type(data).__name__} instead.")
    left = formula.partition("~")[0].strip()
    name = left[2:-1].strip("\"'") if left.startswith("Q(") and left.endswith(")") else left
    if name not in [str(column) for column in data.columns]:
        raise ValueError(
            f"The outcome of {function} must be a column: {unknown('variable', name, [str(c) for c in data.columns])}"
        )
    return name


def with_codes(data: pd.DataFrame, outcome: str, levels: Sequence[object]) -> pd.DataFrame:
    """Return the data with the outcome as the position of its level, missing where it has none."""
    column = column_of(data, outcome, "variable")
    place = {level: float(at) for at, level in enumerate(levels)}
    codes = pd.Series([place.get(value, np.nan) for value in column], index=data.index, dtype=float)
    return data.assign(**{outcome: codes})


def observed_levels(data: pd.DataFrame, outcome: str) -> list[object]:
    """Levels that occur, in their order: numbers by size, categories as they are ordered, text in natural order."""
    column = column_of(data, outcome, "variable")
    if pd.api.types.is_bool_dtype(column.dtype):
        return sorted(set(column.dropna()))
    check_kind(column, outcome)
    present = column.dropna()
    if pd.api.types.is_numeric_dtype(column.dtype):
        return sorted(set(present.tolist()))
    return levels_of(present)


def binary_codes(data: pd.DataFrame, outcome: str, event: Hashable | None) -> tuple[pd.DataFrame, str, str]:
    """Return the data with an outcome of 0 and 1, and the labels of the event and of the other outcome.

    Raises
    ------
    ValueError
        When the event is no level of the outcome.
    InsufficientDataError
        When the outcome has not two levels.
    """
    levels = observed_levels(data, outcome)
    if len(levels) == 1:
        raise InsufficientDataError(
            Note("constant_outcome", "The outcome has the same value in all {n} rows used.", {"n": len(data)})
        )
    if len(levels) != 2:
        text = "{outcome} has {levels} different values; a binary logistic regression needs two of them."
        raise InsufficientDataError(Note("outcome_not_binary", text, {"outcome": outcome, "levels": len(levels)}))
    if event is not None:
        same = [level for level in levels if level == event or label(level) == str(event)]
        if not same:
            raise ValueError(unknown("event", str(event), [label(level) for level in levels]))
        levels = [*(level for level in levels if level != same[0]), same[0]]
    return with_codes(data, outcome, levels), label(levels[1]), label(levels[0])


def label(level: object) -> str:
    """A level as text: 1.0 is "1"."""
    if isinstance(level, float) and level.is_integer():
        return str(int(level))
    return str(level)


def check_options(
    function: str,
    covariance: str,
    allowed: Sequence[str],
    clusters: Clusters | None,
    df: str | None,
    dfs: Sequence[str],
    confidence_level: float,
) -> None:
    """Refuse unknown options, and clusters without errors that use them."""
    for name, value, known in (("covariance", covariance, allowed), ("df", df, (None, *dfs))):
        if value not in known:
            listed = ", ".join(repr(choice) for choice in known if choice is not None)
            raise ValueError(f"The {name!r} parameter of {function} must be one of {listed}. Got {value!r} instead.")
    robust = covariance.startswith("CR")
    if robust and clusters is None:
        raise ValueError(f"The covariance {covariance!r} of {function} needs clusters; give 'clusters'.")
    if not robust and clusters is not None:
        raise ValueError(f"The 'clusters' parameter of {function} needs a covariance CR0 … CR3 to have an effect.")
    if df in ("satterthwaite", "G-1") and not robust:
        raise ValueError(f"The df {df!r} of {function} needs clusters and a covariance CR0 … CR3.")
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of {function} must be between 0 and 1. Got {confidence_level!r} instead."
        )


def odds_table(
    estimates: NDArray[np.float64],
    std_error: NDArray[np.float64],
    df: NDArray[np.float64],
    terms: Sequence[str],
    confidence_level: float,
) -> pd.DataFrame:
    """Coefficients with tests, intervals, and odds ratios with theirs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimates / std_error
    half = stats.t.ppf((1 + confidence_level) / 2, df) * std_error
    low, high = estimates - half, estimates + half
    return pd.DataFrame(
        {
            "estimate": estimates,
            "std_error": std_error,
            "statistic": statistic,
            "df": df,
            "p_value": 2 * stats.t.sf(np.abs(statistic), df),
            "ci_low": low,
            "ci_high": high,
            "odds_ratio": np.exp(estimates),
            "odds_ratio_ci_low": np.exp(low),
            "odds_ratio_ci_high": np.exp(high),
        },
        index=pd.Index(terms, name="term"),
    )


def likelihood_measures(log_likelihood: float, null: float, parameters: int, n: int) -> dict[str, Any]:
    """Deviance, criteria and the usual analogues of R².

    McFadden 1 − l/l₀; Cox & Snell 1 − exp(2(l₀ − l)/n); Nagelkerke (1991, Biometrika, 78, 691–692,
    https://doi.org/10.1093/biomet/78.3.691) that over its maximum 1 − exp(2 l₀/n).
    """
    cox_snell = 1 - np.exp(2 * (null - log_likelihood) / n)
    return {
        "log_likelihood": log_likelihood,
        "null_log_likelihood": null,
        "aic": 2 * parameters - 2 * log_likelihood,
        "bic": parameters * np.log(n) - 2 * log_likelihood,
        "mcfadden_r_squared": 1 - log_likelihood / null,
        "cox_snell_r_squared": float(cox_snell),
        "nagelkerke_r_squared": float(cox_snell / (1 - np.exp(2 * null / n))),
    }


def source_of(covariance: str) -> str:
    """Who gave the errors."""
    return _SOURCES["nonrobust" if covariance == "nonrobust" else covariance[:2]]
