"""What the platform recorded: how long respondents took, and whether answers arrived as if a program sent them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.validation._blocks import Array

_SHORTEST_GAP = 3.0
"""Seconds: a class that submits at once makes equal gaps of 0, 1 and 2 seconds by itself."""


def durations(system: pd.DataFrame, n_items: int) -> tuple[Array, Array]:
    """Seconds an item, and the time taken as a share of the median; NaN where no time was recorded."""
    if "duration_seconds" not in system:
        return np.full(len(system), np.nan), np.full(len(system), np.nan)
    taken = system["duration_seconds"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = taken[~np.isnan(taken)]
    middle = float(np.median(known)) if len(known) else float("nan")
    share = taken / middle if middle > 0 else np.full(len(taken), np.nan)
    return taken / max(n_items, 1), share


def regular(system: pd.DataFrame) -> Array:
    """Length of the run of submissions at equal distances in time that each respondent is part of.

    Sorted by ``submitted_at``; two gaps are equal when they differ by at most one second or a fiftieth; gaps under
    three seconds do not count. 1 for a submission outside of any run, NaN without a time.
    """
    if "submitted_at" not in system:
        return np.full(len(system), np.nan)
    moments = pd.to_datetime(system["submitted_at"], errors="coerce", utc=True, format="ISO8601")
    known = np.flatnonzero(moments.notna())
    result = np.full(len(system), np.nan)
    if len(known) < 3:
        result[known] = 1.0
        return result
    stamps = moments.iloc[known].to_numpy(dtype="datetime64[ms]")
    seconds: Array = stamps.astype(np.int64).astype(np.float64) / 1000
    order = np.argsort(seconds, kind="stable")
    gaps = np.diff(seconds[order])
    alike = np.abs(np.diff(gaps)) <= np.maximum(1.0, gaps[:-1] / 50)
    alike &= (gaps[:-1] >= _SHORTEST_GAP) & (gaps[1:] >= _SHORTEST_GAP)
    length: Array = np.ones(len(known), dtype=np.float64)
    for start, end in _stretches(alike):
        # k equal neighbours among the gaps are k + 2 submissions.
        places = slice(start, end + 2)
        length[places] = [max(one, end - start + 2) for one in length[places]]
    result[known[order]] = length
    return result


def sharing(system: pd.DataFrame) -> Array:
    """Respondents, oneself included, behind the same address or device; NaN where none was recorded."""
    if "same_address" not in system:
        return np.full(len(system), np.nan)
    address = pd.Series(system["same_address"].to_numpy(dtype=np.float64, na_value=np.nan))
    counts: Array = np.asarray(address.map(address.value_counts()), dtype=np.float64)
    return counts


def _stretches(true: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and end (exclusive) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], true.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
