"""The variables to be imputed: who answered them, who did not, which groups are large enough for their own effect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """One variable to be imputed.

    Attributes
    ----------
    column : int
    rows : array
        Rows that have an answer, sorted by class: the groups with an effect of their own, or all others together.
    starts, counts : arrays, one entry a class that has answers
        Where each class begins in ``rows``, and its answers.
    gaps : array
        Rows to be filled.
    gap_class : array
        Number of the class of each of them.
    shared : array of bool, one entry a row of the table
        Rows of groups that share one effect (all False without groups).
    n_groups, n_effects : int
        Groups, and those with an effect of their own.
    """

    column: int
    rows: Integers
    starts: Integers
    counts: Integers
    gaps: Integers
    gap_class: Integers
    shared: NDArray[np.bool_]
    n_groups: int
    n_effects: int


def targets_of(
    values: NDArray[np.float64], wanted: NDArray[np.bool_], groups: NDArray[np.int64] | None, least: int
) -> list[Target]:
    """One target a column of ``values`` (n × p, NaN where missing) that has a cell ``wanted``.

    ``groups`` are codes, −1 where unknown; a group has an effect of its own when ``least`` of its rows have an answer.
    """
    return [
        _target(int(column), ~np.isnan(values[:, column]), wanted[:, column], groups, least)
        for column in np.flatnonzero(wanted.any(axis=0))
    ]


def _target(
    column: int,
    answered: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
    groups: NDArray[np.int64] | None,
    least: int,
) -> Target:
    n = len(answered)
    rows, gaps = np.flatnonzero(answered), np.flatnonzero(wanted)
    classes, shared, n_groups, n_effects = np.zeros(n, dtype=np.intp), np.zeros(n, dtype=bool), 0, 0
    if groups is not None:
        known = groups >= 0
        size = int(groups.max()) + 1 if known.any() else 0
        answers = np.bincount(groups[answered & known], minlength=size)
        large = answers >= least
        own = np.where(known, np.concatenate((large, [False]))[groups], False)
        classes = np.where(own, groups + 1, 0)  # class 0: all that share one effect
        shared = ~own
        n_groups, n_effects = len(np.unique(groups[known])), int(large.sum())
    rows = rows[np.argsort(classes[rows], kind="stable")]
    there, starts, counts = np.unique(classes[rows], return_index=True, return_counts=True)
    # Rows to be filled whose class has no answer at all (nobody shares the common effect) take the first class.
    place = np.minimum(np.searchsorted(there, classes[gaps]), max(len(there) - 1, 0))
    return Target(
        column=column, rows=rows, starts=starts, counts=counts, gaps=gaps, gap_class=place,
        shared=shared if groups is not None else np.zeros(n, dtype=bool), n_groups=n_groups, n_effects=n_effects,
    )  # fmt: skip
