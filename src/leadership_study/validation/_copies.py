"""Respondents whose answers are those of somebody else, wholly or nearly."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.validation._blocks import Array, blocks

MOST_COMPARED = 20_000
"""Respondents up to which everybody is compared with everybody: 2 · 10⁸ pairs, a few seconds."""

_BLOCK = 1_000


def identical(items: pd.DataFrame) -> NDArray[np.int64]:
    """Number of other respondents with the same answer to every item, missing ones included."""
    keys = np.empty(len(items), dtype=np.uint64)
    for place, matrix in blocks(items):
        keys[place] = _hashed(matrix)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.array([], dtype=int)
    ends = np.r_[starts[1:], len(ordered)]
    found = np.zeros(len(items), dtype=np.int64)
    several = ends - starts > 1
    # Equal hashes are compared in full, all groups at once: chance collisions do not count.
    members = np.concatenate([order[a:b] for a, b in zip(starts[several], ends[several], strict=True)] or [order[:0]])
    if len(members):
        found[members] = _same_rows(items, members, (ends - starts)[several])
    return found


def nearest(items: pd.DataFrame, compared: NDArray[np.bool_], least: int) -> Array:
    """Largest share of items that each respondent answered as some other one did.

    Over the items that both answered, if these are at least ``least``; among the ``compared`` respondents, NaN for the
    others and for those whom nobody shares enough items with.
    """
    rows = np.flatnonzero(compared)
    values = items.to_numpy(dtype=np.float64)[rows]
    given = (~np.isnan(values)).astype(np.float32)
    answers = np.unique(values[~np.isnan(values)])
    hot = np.concatenate([(values == answer).astype(np.float32) for answer in answers] or [given], axis=1)
    best = np.full(len(rows), np.nan)
    for start in range(0, len(rows), _BLOCK):
        own = slice(start, min(start + _BLOCK, len(rows)))
        shared = given[own] @ given.T
        agree = hot[own] @ hot.T
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(shared >= least, agree / shared, -1.0)
        share[np.arange(share.shape[0]), np.arange(own.start, own.stop)] = -1.0
        top = share.max(axis=1, initial=-1.0)
        best[own] = np.where(top >= 0, top, np.nan)
    result = np.full(len(items), np.nan)
    result[rows] = best
    return result


def _hashed(matrix: Array) -> NDArray[np.uint64]:
    """Return 64 bits a row that differ, nearly always, where the rows do."""
    bits = np.where(np.isnan(matrix), np.inf, matrix + 0.0).view(np.uint64)  # −0.0 is 0.0
    state = np.full(len(matrix), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for column in bits.T:
        state = (state ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        state ^= state >> np.uint64(29)
    return state


def _same_rows(items: pd.DataFrame, members: NDArray[np.intp], sizes: NDArray[np.intp]) -> NDArray[np.int64]:
    """Count, for each of ``members`` (groups of ``sizes`` in a row), the others of its group with equal answers."""
    counts = np.empty(len(members), dtype=np.int64)
    group = np.repeat(np.arange(len(sizes)), sizes)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rest = np.zeros(len(members), dtype=bool)
    for at in range(0, len(members), 50_000):
        part = slice(at, at + 50_000)
        own = items.iloc[members[part]].to_numpy(dtype=np.float64)
        model = items.iloc[members[first[group[part]]]].to_numpy(dtype=np.float64)
        rest[part] = ~((own == model) | (np.isnan(own) & np.isnan(model))).all(axis=1)
    like_first = np.bincount(group, weights=~rest, minlength=len(sizes)).astype(np.int64)
    counts[:] = like_first[group] - 1
    for at in map(int, np.flatnonzero(rest)):  # a collision: compared one by one
        peers = members[group == group[at]]
        own = items.iloc[[members[at]]].to_numpy(dtype=np.float64)
        others = items.iloc[peers].to_numpy(dtype=np.float64)
        counts[at] = int(((own == others) | (np.isnan(own) & np.isnan(others))).all(axis=1).sum()) - 1
    return counts
