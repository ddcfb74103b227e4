"""How little, or how regularly, respondents vary their answers: runs, standard deviation, entropy."""

import numpy as np
from numpy.typing import NDArray

from leadership_study.validation._blocks import Array

_FEW_KINDS = 12
"""Different answers up to which pairs of them are counted in a table and not by sorting."""
_LONGEST_SCALE = 1_000


def runs(matrix: Array, *, skip_missing: bool) -> tuple[Array, Array]:
    """Longest and average run of identical consecutive answers of each row of ``matrix`` (n × p).

    A missing answer counts as an answer of its own kind, or, with ``skip_missing``, as not there at all. NaN for rows
    without an answer to count.
    """
    columns = np.ascontiguousarray(matrix.T)
    gone = np.isnan(columns)
    if not skip_missing:
        columns = np.where(gone, np.inf, columns)  # no answer is infinite
        gone = np.zeros_like(gone)
    n = matrix.shape[0]
    last = np.full(n, np.nan)
    current, longest, count = np.zeros(n), np.zeros(n), np.zeros(n)
    for values, missing in zip(columns, gone, strict=True):
        same = values == last
        fresh = ~same & ~missing
        current = np.where(missing, current, np.where(same, current + 1, 1))
        count += fresh
        np.maximum(longest, current, out=longest)
        last = np.where(missing, last, values)
    answered = (~gone).sum(axis=0)
    with np.errstate(invalid="ignore"):
        average = answered / np.where(count > 0, count, np.nan)
    return np.where(answered > 0, longest, np.nan), average


def spread(matrix: Array) -> Array:
    """Standard deviation (n − 1) of the answers of each row; NaN with fewer than two."""
    given = ~np.isnan(matrix)
    n = given.sum(axis=1)
    whole = bool(given.all())
    values = matrix if whole else np.where(given, matrix, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = values - (values.sum(axis=1) / n)[:, None]
        if not whole:
            deviation[~given] = 0.0
        squares = np.einsum("ij,ij->i", deviation, deviation)
        # Equal answers have no spread at all, not one of 1e-17.
        squares[squares <= 1e-24 * np.einsum("ij,ij->i", values, values)] = 0.0
        result: Array = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
    return result


def parts(size: int, count: int) -> list[slice]:
    """Split ``size`` columns into ``count`` consecutive parts: equal intervals of the places 1 … size, as R's cut."""
    of = [max(1, -(-place * count // (size - 1))) if size > 1 else 1 for place in range(size)]
    found = []
    for part in range(1, count + 1):
        places = [at for at, own in enumerate(of) if own == part]
        found.append(slice(places[0], places[-1] + 1) if places else slice(0, 0))
    return found


def disorder(matrix: Array) -> tuple[Array, Array]:
    """Entropy of each row's answers in bits, and how well an answer tells the next one.

    Entropy is −Σ p log₂ p over the different answers. Predictability is Σ n_ij² / (n_i N) over the N pairs of
    neighbouring answers, n_ij of them i followed by j: 1 when each answer is always followed by the same next one, as
    in 3 3 3 3 and in 1 2 3 4 5 1 2 3 4 5. Missing answers are skipped, and so are pairs that have one. NaN without.
    """
    codes, kinds = _coded(matrix)
    before, after = codes[:, :-1], codes[:, 1:]
    lost = (before == kinds - 1) | (after == kinds - 1)
    total = (~lost).sum(axis=1)
    if kinds <= _FEW_KINDS:
        counts = _counted(codes, kinds)[:, :-1].astype(np.float64)
        n = counts.sum(axis=1)
        weight = (counts * np.log2(np.maximum(counts, 1))).sum(axis=1)
        steps = (
            _counted(before * kinds + after, kinds * kinds).reshape(-1, kinds, kinds)[:, :-1, :-1].astype(np.float64)
        )
        left = steps.sum(axis=2)
        agreed = ((steps**2).sum(axis=2) / np.maximum(left, 1)).sum(axis=1)
    else:
        ordered = np.sort(codes, axis=1).T
        n = (ordered < kinds - 1).sum(axis=0)
        weight = _log_sum(ordered, kinds - 1)
        agreed = _group_sum(np.sort(np.where(lost, kinds * kinds, before * kinds + after), axis=1).T, kinds)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = np.where(n > 0, np.log2(n) - weight / n, np.nan)
    return np.abs(entropy), np.divide(agreed, total, out=np.full(len(matrix), np.nan), where=total > 0)


def _coded(matrix: Array) -> tuple[NDArray[np.signedinteger], int]:
    """Answers as 0, 1, … in their order, the last code for missing; and how many codes there are."""
    gone = np.isnan(matrix)
    low, high = (float(end) for end in (np.fmin.reduce(matrix, axis=None), np.fmax.reduce(matrix, axis=None)))
    if high - low < _LONGEST_SCALE:
        shifted = np.where(gone, 0.0, matrix - low)
        places = shifted.astype(np.intp)
        if (places == shifted).all():  # whole answers need no search
            used = np.bincount(places[~gone], minlength=1) > 0
            kinds = int(used.sum()) + 1
            codes = (np.cumsum(used) - 1).astype(_short(kinds))[places]
            codes[gone] = kinds - 1
            return codes, kinds
    answers = np.unique(matrix[~gone])
    kinds = len(answers) + 1
    codes = np.searchsorted(answers, matrix).astype(_short(kinds))
    codes[gone] = kinds - 1
    return codes, kinds


def _short(kinds: int) -> type[np.signedinteger]:
    """Pairs are coded up to kinds²; short numbers sort and count faster."""
    return np.int16 if kinds < 180 else np.int64


def _counted(codes: NDArray[np.signedinteger], kinds: int) -> NDArray[np.intp]:
    """How often each code below ``kinds`` stands in each row (n × kinds)."""
    rows = np.arange(len(codes), dtype=np.intp)[:, None] * kinds
    return np.bincount((rows + codes).ravel(), minlength=len(codes) * kinds).reshape(len(codes), kinds)


def _log_sum(ordered: np.ndarray, missing: int) -> Array:
    """Σ c log₂ c over the counts c of equal codes in each column of ``ordered`` (sorted downwards)."""
    table = np.zeros(len(ordered) + 1)
    table[2:] = np.arange(2, len(ordered) + 1) * np.log2(np.arange(2, len(ordered) + 1))
    step = np.diff(table, prepend=0.0)  # what the c-th equal answer adds
    count = np.zeros(ordered.shape[1], dtype=np.int64)
    total = np.zeros(ordered.shape[1])
    last = np.full(ordered.shape[1], -1)
    for row in ordered:
        count = np.where(row == last, count + 1, 1)
        total += np.where(row < missing, step[count], 0.0)
        last = row
    return total


def _group_sum(ordered: np.ndarray, kinds: int) -> Array:
    """Σ over answers i of Σ_j n_ij² / n_i, of pairs i·kinds + j sorted downwards; codes ≥ kinds² do not count."""
    width = ordered.shape[1]
    pair, group, squares, total = (np.zeros(width) for _ in range(4))
    last = np.full(width, -1)
    for row in ordered:
        same_group = (row // kinds) == (last // kinds)
        ended = ~same_group & (group > 0)
        total += np.divide(squares, group, out=np.zeros(width), where=ended)
        counts = row < kinds * kinds
        pair = np.where(row == last, pair + 1, 1)
        # (c + 1)² − c² = 2c + 1
        squares = np.where(same_group, squares, 0.0) + np.where(counts, 2 * pair - 1, 0.0)
        group = np.where(same_group, group, 0.0) + counts
        last = row
    total += np.divide(squares, group, out=np.zeros(width), where=group > 0)
    return total
