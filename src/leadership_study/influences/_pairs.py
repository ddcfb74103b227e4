"""One pair of variables at a time: correlation, test, interval; and the tables made of all pairs."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.polychoric import polychoric
from leadership_study.results import Note
from leadership_study.samples.multiplicity import Adjust

Method = Literal["pearson", "spearman", "kendall", "polychoric"]

INTERVALS = {"pearson": "fisher_z", "spearman": "bonett_wright", "kendall": "fieller", "polychoric": "wald_of_fisher_z"}

_COLUMNS = ("r", "ci_low", "ci_high", "statistic", "df", "p_value", "semipartial", "n")
_LEVELS = ("r_between", "r_within", "eta_x_between", "eta_y_between", "eta_x_within", "eta_y_within", "n", "n_groups")
_NO_SPREAD = 1e-12


def check(method: str, missing: str, partial: Sequence[str] | str, adjust: str | None, confidence_level: float) -> None:
    """Refuse options that `correlate` does not have."""
    for name, value, choices in (
        ("method", method, get_args(Method)),
        ("missing", missing, ("pairwise", "listwise")),
        ("adjust", adjust, (None, *get_args(Adjust))),
    ):
        if value not in choices:
            listed = ", ".join(repr(choice) for choice in choices)
            raise ValueError(f"The {name!r} parameter of correlate must be one of {listed}. Got {value!r} instead.")
    if isinstance(partial, str) and partial != "rest":
        raise ValueError(f"The 'partial' parameter of correlate must be 'rest' or a list of columns. Got {partial!r}.")
    if method == "kendall" and len(partial):
        raise ValueError("Partial Kendall correlations have no known test; use method 'spearman' with 'partial'.")
    if method == "polychoric" and len(partial):
        raise ValueError("Polychoric correlations have no partial ones here; use method 'spearman' with 'partial'.")
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of correlate must be between 0 and 1. Got {confidence_level!r} instead."
        )


def split(labels: list[str], partial: Sequence[str] | str) -> tuple[list[str], list[str]]:
    """Columns held constant, and the others, of which there must be two."""
    held = [] if partial == "rest" else list(partial)
    for name in held:
        if name not in labels:
            raise ValueError(unknown("column in 'partial'", name, labels))
    names = [label for label in labels if label not in held]
    if len(names) < 2:
        raise ValueError(f"Correlations need at least two columns besides those in 'partial'. Got {len(names)}.")
    return held, names


def complete(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows without NaN."""
    return values[~np.isnan(values).any(axis=1)]


def table(
    data: pd.DataFrame, names: list[str], held: list[str], method: Method, confidence_level: float
) -> pd.DataFrame:
    """Every pair of ``names``, the columns ``held`` (less the pair itself) being constant; index ``pair``."""
    rows = {}
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            others = [name for name in held if name not in (first, second)]
            values = complete(data[[first, second, *others]].to_numpy(dtype=float))
            rows[f"{first} – {second}"] = _pair(values, (first, second), method, confidence_level)
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(_COLUMNS))
    return frame.astype({"n": "int64"}).rename_axis("pair")


def _pair(values: NDArray[np.float64], names: tuple[str, str], method: Method, level: float) -> tuple[float, ...]:
    n, k = len(values), values.shape[1] - 2
    if n < 4 + k:
        text = "{first} and {second} have {n} rows in common, too few to correlate them."
        raise InsufficientDataError(Note("pair_too_short", text, {"first": names[0], "second": names[1], "n": n}))
    for at, name in enumerate(names):
        if values[:, at].min() == values[:, at].max():
            text = "{variable} has the same value in all {n} rows used, so it has no correlations."
            raise InsufficientDataError(Note("variable_does_not_vary", text, {"variable": name, "n": n}))
    if method == "kendall":
        return _kendall(values[:, 0], values[:, 1], level)
    if method == "polychoric":
        return _polychoric(values, names, level)
    scores = np.column_stack([stats.rankdata(column) for column in values.T]) if method == "spearman" else values
    scores = scores - scores.mean(axis=0)
    x, y = scores[:, 0], scores[:, 1]
    free_x, free_y = _free(x, scores[:, 2:], names[0]), _free(y, scores[:, 2:], names[1])
    r = _cosine(free_x, free_y)
    semipartial = _cosine(x, free_y)
    df = n - 2 - k
    with np.errstate(divide="ignore"):
        statistic = float(r * np.sqrt(df / np.float64(max(1 - r**2, 0.0)))) if r else 0.0
    error = np.sqrt((1 + r**2 / 2 if method == "spearman" else 1.0) / (n - k - 3)) if n - k > 3 else np.inf
    low, high = _interval(r, error, level)
    return r, low, high, statistic, float(df), float(2 * stats.t.sf(abs(statistic), df)), semipartial, n


def _kendall(x: NDArray[np.float64], y: NDArray[np.float64], level: float) -> tuple[float, ...]:
    """Tau-b; the variance of the number of concordant less discordant pairs is Kendall's for ties in both variables."""
    n = len(x)
    tau = float(stats.kendalltau(x, y, method="asymptotic").statistic)
    tx, ty = (np.unique(values, return_counts=True)[1].astype(float) for values in (x, y))
    pairs = n * (n - 1) / 2
    difference = tau * np.sqrt((pairs - (tx * (tx - 1) / 2).sum()) * (pairs - (ty * (ty - 1) / 2).sum()))

    def spread(t: NDArray[np.float64]) -> float:
        return float((t * (t - 1) * (2 * t + 5)).sum())

    all_of = np.array([float(n)])
    variance = (spread(all_of) - spread(tx) - spread(ty)) / 18
    variance += (tx * (tx - 1)).sum() * (ty * (ty - 1)).sum() / (2 * n * (n - 1))
    variance += (tx * (tx - 1) * (tx - 2)).sum() * (ty * (ty - 1) * (ty - 2)).sum() / (9 * n * (n - 1) * (n - 2))
    statistic = float(difference / np.sqrt(variance))
    low, high = _interval(tau, float(np.sqrt(0.437 / (n - 4))) if n > 4 else np.inf, level)
    return tau, low, high, statistic, np.nan, float(2 * stats.norm.sf(abs(statistic))), np.nan, n


def _polychoric(values: NDArray[np.float64], names: tuple[str, str], level: float) -> tuple[float, ...]:
    """Two-step estimate with its asymptotic error; the interval is that of Fisher's z by the delta method."""
    found = polychoric(pd.DataFrame(values, columns=list(names)), std_errors=True)
    r = float(found.correlations.to_numpy()[0, 1])
    error = np.nan if found.std_errors is None else float(found.std_errors.to_numpy()[0, 1])
    if abs(r) >= 1 or not error > 0:
        return r, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, len(values)
    statistic = r / error
    low, high = _interval(r, error / (1 - r**2), level)
    return r, low, high, statistic, np.nan, float(2 * stats.norm.sf(abs(statistic))), np.nan, len(values)


def _interval(r: float, error: float, level: float) -> tuple[float, float]:
    if abs(r) >= 1:
        return r, r
    half = stats.norm.ppf((1 + level) / 2) * error
    z = np.arctanh(r)
    return float(np.tanh(z - half)), float(np.tanh(z + half))


def _free(values: NDArray[np.float64], held: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """What of ``values`` is left when the centred columns ``held`` are constant."""
    if held.shape[1] == 0:
        return values
    left = values - held @ np.linalg.lstsq(held, values, rcond=None)[0]
    if left @ left <= _NO_SPREAD * (values @ values):
        text = "{variable} follows exactly from the variables held constant, so nothing of it is left to correlate."
        raise InsufficientDataError(Note("variable_fully_explained", text, {"variable": name}))
    return left


def _cosine(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1, 1))


def square(pairs: pd.DataFrame, names: list[str], column: str) -> pd.DataFrame:
    """Symmetric table of one column of ``pairs``; 1 on the diagonal for r, the pairs' largest n for n, else NaN."""
    diagonal = {"r": 1.0, "n": 0.0}.get(column, np.nan)
    values = np.full((len(names), len(names)), diagonal)
    values[np.triu_indices(len(names), 1)] = pairs[column]
    lower = np.tril_indices(len(names), -1)
    values[lower] = values.T[lower]
    if column == "n":
        np.fill_diagonal(values, values.max(axis=0))
    return pd.DataFrame(values, index=pd.Index(names, name="variable"), columns=names)


def corrected(square: pd.DataFrame, reliability: Sequence[float]) -> pd.DataFrame:
    """Observed correlations below the diagonal, reliabilities on it, correlations over √(product of both) above."""
    known = np.where(np.asarray(reliability) > 0, reliability, np.nan)
    values = square.to_numpy(dtype=float).copy()
    above = np.triu_indices(len(values), 1)
    values[above] = (values / np.sqrt(np.outer(known, known)))[above]
    np.fill_diagonal(values, known)
    return pd.DataFrame(values, index=square.index, columns=square.columns)


def beyond_one(square: pd.DataFrame, reliability: Sequence[float]) -> list[str]:
    """Pairs whose corrected correlation exceeds 1 in absolute value."""
    values = corrected(square, reliability).to_numpy()
    names = list(square.index)
    i, j = np.triu_indices(len(names), 1)
    return [f"{names[a]} – {names[b]}" for a, b in zip(i, j, strict=True) if abs(values[a, b]) > 1]


def levels(data: pd.DataFrame, codes: pd.Series) -> pd.DataFrame:
    """Correlations between and within groups, pair by pair, on the rows with both variables and a group (code ≥ 0).

    Raises
    ------
    InsufficientDataError
        With fewer than two groups.
    """
    rows = {}
    names = list(data.columns)
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            kept = (data[[first, second]].notna().all(axis=1) & (codes >= 0)).to_numpy()
            values = data.loc[kept, [first, second]].to_numpy(dtype=float)
            own = np.unique(codes[kept], return_inverse=True)[1]
            if len(own) == 0:
                text = "No row has {first}, {second} and a group, so levels cannot be told apart."
                raise InsufficientDataError(Note("no_pair_in_a_group", text, {"first": first, "second": second}))
            if own.max() == 0:
                raise InsufficientDataError(
                    Note("one_group_of_pairs", "All answers come from one group, so levels cannot be told apart.")
                )
            total = values - values.mean(axis=0)
            sizes = np.bincount(own)
            between = np.column_stack([np.bincount(own, column) / sizes for column in total.T])[own]
            within = total - between
            spread = (total**2).sum(axis=0)
            share = (between**2).sum(axis=0) / spread
            rows[f"{first} – {second}"] = (
                _level_r(between, spread),
                _level_r(within, spread),
                *np.sqrt(share),
                *np.sqrt(np.maximum(1 - share, 0)),
                len(own),
                len(sizes),
            )
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(_LEVELS))
    return frame.astype({"n": "int64", "n_groups": "int64"}).rename_axis("pair")


def _level_r(part: NDArray[np.float64], spread: NDArray[np.float64]) -> float:
    """Correlation of one level; NaN when a variable does not vary there."""
    if ((part**2).sum(axis=0) <= _NO_SPREAD * spread).any():
        return float("nan")
    return _cosine(part[:, 0], part[:, 1])


def no_levels() -> pd.DataFrame:
    """Return the empty table of levels."""
    types = dict.fromkeys(_LEVELS, "float64") | {"n": "int64", "n_groups": "int64"}
    return pd.DataFrame(columns=list(_LEVELS), index=pd.Index([], name="pair", dtype="str")).astype(types)
