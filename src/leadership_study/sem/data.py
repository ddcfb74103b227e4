"""Rows or moments of each group, in the order of the model's observed variables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.moments import Moments, numbers

Floats = NDArray[np.float64]
Missing = Literal["listwise", "fiml", "pairwise"]


@dataclass(frozen=True, kw_only=True)
class GroupData:
    """What the engine knows of one group.

    ``covariance`` has divisor n and is that of the complete rows (or was given); ``rows`` are None when moments were
    given; ``kept`` are positions in the caller's frame.
    """

    label: str
    n: int
    covariance: Floats
    means: Floats | None
    rows: Floats | None
    clusters: NDArray[np.int64] | None
    kept: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """All groups, in order of appearance."""

    observed: tuple[str, ...]
    groups: tuple[GroupData, ...]
    n_rows: int
    missing: str
    index: pd.Index | None = None
    """Row names of the data; ``kept`` of the groups points into it."""

    @property
    def n(self) -> int:
        """Rows used in all groups."""
        return sum(group.n for group in self.groups)


def sample_of(
    data: pd.DataFrame | Moments,
    observed: Sequence[str],
    *,
    missing: Missing,
    group: str | None = None,
    clusters: str | None = None,
    complete: Sequence[str] = (),
) -> Sample:
    """Take the model's variables out of the data.

    Parameters
    ----------
    complete : sequence of str
        Variables that must be there even when answers may be missing: covariates whose moments are fixed.

    Raises
    ------
    InsufficientDataError
        No rows left, variables without variance, or raw rows needed where moments were given.
    ValueError, TypeError
        An unknown variable, text or infinite numbers; the column is named.
    """
    if isinstance(data, Moments):
        return _given(data, observed, group=group, clusters=clusters, missing=missing)
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"Data must be a DataFrame or ls.moments(…). Got {type(data).__name__} instead.")
    columns = data.columns
    for name in (*observed, *(extra for extra in (group, clusters) if extra is not None)):
        if name not in columns:
            raise ValueError(_unknown(name, [str(c) for c in columns]))
        if not columns.is_unique and (columns == name).sum() > 1:
            raise ValueError(f"The column {name!r} occurs more than once; give each its own name.")
    values, _ = numbers(data[list(observed)])
    there = ~np.isnan(values)
    if missing == "listwise":
        used = there.all(axis=1)
    else:
        used = there.any(axis=1)
        for name in complete:
            used &= there[:, list(observed).index(name)]
    for extra in (group, clusters):
        if extra is not None:
            used &= data[extra].notna().to_numpy()
    kept = np.flatnonzero(used)
    codes, labels = np.zeros(len(kept), dtype=np.int64), [""]
    if group is not None:
        found, names = pd.factorize(data[group].iloc[kept])
        codes, labels = found.astype(np.int64), [_label(name) for name in names]
        if len(kept) < len(values):
            _refuse_lost_groups(data[group], names)
    cluster_codes = None if clusters is None else pd.factorize(data[clusters].iloc[kept])[0].astype(np.int64)
    if not len(kept):
        text = "No row can be used: {n_rows} rows were given, but none has an answer to every variable of the model."
        raise InsufficientDataError(Note("no_rows_for_model", text, {"n_rows": len(values)}))
    if cluster_codes is not None and cluster_codes.max() < 1:
        text = "All rows belong to one cluster of {clusters}; errors that allow for clusters need several."
        raise InsufficientDataError(Note("one_cluster_for_model", text, {"clusters": str(clusters)}))
    groups = []
    for at, label in enumerate(labels):
        mine = kept[codes == at] if group is not None else kept
        own = None if cluster_codes is None else cluster_codes[codes == at]
        groups.append(_group(values[mine], observed, label, mine, own, missing))
    return Sample(observed=tuple(observed), groups=tuple(groups), n_rows=len(values), missing=missing, index=data.index)


def _refuse_lost_groups(column: pd.Series, kept: object) -> None:
    """Raise when no row of a group can be used: its absence would be silent."""
    gone = [name for name in pd.unique(column.dropna()) if name not in kept]  # type: ignore[operator]
    if gone:
        text = "No row of group {group} can be used: none has an answer to every variable of the model."
        raise InsufficientDataError(Note("no_rows_of_group", text, {"group": _label(gone[0])}))


def _unknown(name: str, known: list[str]) -> str:
    text = unknown("variable in the model", name, known)
    return text if text.endswith("?") else f"{text}."


def _label(name: object) -> str:
    return str(int(name)) if isinstance(name, float) and name.is_integer() else str(name)


def _group(
    rows: Floats,
    observed: Sequence[str],
    label: str,
    kept: NDArray[np.int64],
    clusters: NDArray[np.int64] | None,
    missing: Missing,
) -> GroupData:
    n = len(rows)
    if n < 2:
        text = "Only {n} row of group {group} can be used; a model needs more."
        raise InsufficientDataError(Note("too_few_rows_for_model", text, {"n": n, "group": label or "1"}))
    if missing == "listwise":
        low, high = rows.min(axis=0), rows.max(axis=0)
    else:
        with np.errstate(all="ignore"):
            low, high = np.nanmin(rows, axis=0, initial=np.inf), np.nanmax(rows, axis=0, initial=-np.inf)
    refuse_constant(low >= high, observed, label)
    if missing == "listwise":
        means = rows.mean(axis=0)
        centred = rows - means
        covariance = centred.T @ centred / n
    else:  # a description for start values; the estimator has its own moments
        means = np.nanmean(rows, axis=0)
        filled = np.where(np.isnan(rows), 0.0, rows - means)
        there = (~np.isnan(rows)).astype(float)
        covariance = filled.T @ filled / np.maximum(there.T @ there, 1.0)
    return GroupData(label=label, n=n, covariance=covariance, means=means, rows=rows, clusters=clusters, kept=kept)


def refuse_constant(constant: NDArray[np.bool_], observed: Sequence[str], label: str) -> None:
    """Raise when a variable does not vary among the rows of a group."""
    if same := [name for name, is_constant in zip(observed, constant, strict=True) if is_constant]:
        where = f" in group {label}" if label else ""
        text = "{variables} do not vary{where}; leave them out of the model."
        values = {"variables": ", ".join(same), "where": where}
        raise InsufficientDataError(Note("variables_without_variance", text, values))


def _given(data: Moments, observed: Sequence[str], *, group: str | None, clusters: str | None, missing: str) -> Sample:
    if group is not None or clusters is not None or missing != "listwise":
        text = "Groups, clusters and missing answers need raw rows; moments of a sample hold none of them."
        raise InsufficientDataError(Note("model_needs_rows", text))
    for name in observed:
        if name not in data.labels:
            raise ValueError(_unknown(name, list(data.labels)))
    names = list(observed)
    covariance = data.covariance.loc[names, names].to_numpy(dtype=float) * (data.n - 1) / data.n
    means = None if data.means is None else data.means[names].to_numpy(dtype=float)
    only = GroupData(label="", n=data.n, covariance=covariance, means=means, rows=None, clusters=None,
                     kept=np.arange(0))  # fmt: skip
    return Sample(observed=tuple(observed), groups=(only,), n_rows=data.n_rows, missing="listwise")
