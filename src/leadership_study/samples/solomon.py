"""A sample cut into two halves that both hold every source of its variance, to explore in one and confirm in the other.

After Lorenzo-Seva (2022), https://doi.org/10.3758/s13428-021-01750-y, whose SOLOMON carries the DUPLEX algorithm (Snee,
1977, https://doi.org/10.1080/00401706.1977.10489581) from regression to factor analysis.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.moments import numbers

Floats = NDArray[np.float64]
Half = Literal["all", "first", "second"]

BLOCK = 5000
"""Rows that are compared with each other; larger samples are cut block by block."""


@dataclass(frozen=True, kw_only=True)
class Halves:
    """Which rows are in which half.

    Attributes
    ----------
    first : array of n truths
        Rows of the first half; all others that have an answer are in the second.
    used : array of n truths
        Rows with at least one answer.
    kmo : tuple of two numbers
        Kaiser–Meyer–Olkin measure of the complete rows of each half.
    communality_ratio : float
        The smaller KMO over the larger: 1 when the halves share equally much; NaN when a half's correlation matrix has
        no inverse.
    """

    first: NDArray[np.bool_]
    used: NDArray[np.bool_]
    kmo: tuple[float, float]
    communality_ratio: float


def solomon_halves(items: pd.DataFrame) -> Halves:
    """Cut the rows into two equivalent halves.

    The two rows that lie farthest from each other among the items' standardised principal components (Mahalanobis'
    distance) begin the first half, the two farthest of the rest the second; then each half in turn takes the row
    farthest from its own. Deterministic: the same rows in the same order give the same halves.

    Parameters
    ----------
    items : DataFrame of numbers, rows × items
        A missing answer takes the item's mean while distances are measured; rows without any answer are left out.

    Raises
    ------
    InsufficientDataError
        For fewer than eight rows with an answer, or items that do not vary.
    TypeError, ValueError
        Columns that are not finite numbers.
    """
    values, _ = numbers(items)
    seen = ~np.isnan(values)
    used = np.asarray(seen.any(axis=1))
    rows = values[used]
    if len(rows) < 8:
        text = "There are {n} respondents, too few to be cut into halves; analyse all of them."
        raise InsufficientDataError(Note("too_few_for_halves", text, {"n": len(rows)}))
    scores = _components(rows)
    mine = np.zeros(len(rows), dtype=bool)
    for start in range(0, len(rows), BLOCK):
        mine[start : start + BLOCK] = _duplex(scores[start : start + BLOCK])
    first = np.zeros(len(values), dtype=bool)
    first[np.flatnonzero(used)[mine]] = True
    kmo = (_kmo(rows[mine]), _kmo(rows[~mine]))
    return Halves(first=first, used=used, kmo=kmo, communality_ratio=min(kmo) / max(kmo))


def half_of(items: pd.DataFrame, half: Half) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return one half of the rows (or all) and the note that says so."""
    if half not in ("all", "first", "second"):
        raise ValueError(f"The 'half' parameter must be one of 'all', 'first', 'second'. Got {half!r} instead.")
    if half == "all":
        return items, ()
    halves = solomon_halves(items)
    chosen = halves.used & (halves.first if half == "first" else ~halves.first)
    text = (
        "This used the {half} of two equivalent halves of the respondents: {n} of {n_rows}. The halves were made so "
        "that "
        "each holds the same sources of variance; the ratio of their sampling adequacy is {share}."
    )
    values = {"half": half, "n": int(chosen.sum()), "n_rows": int(halves.used.sum()), "share": halves.communality_ratio}
    return items[chosen], (Note("half_of_sample", text, values),)


def _components(rows: Floats) -> Floats:
    """Principal components of the standardised items, each with variance 1; those without variance are left out."""
    seen = ~np.isnan(rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        counts = np.maximum(seen.sum(axis=0), 1)
        means = np.where(seen, rows, 0.0).sum(axis=0) / counts
        centred = np.where(seen, rows - means, 0.0)
        sd = np.sqrt((centred**2).sum(axis=0) / counts)
    varying = sd > 1e-12 * np.maximum(np.abs(means), 1.0)
    if not varying.any():
        text = "All respondents gave the same answers, so there are no halves to make; analyse all of them."
        raise InsufficientDataError(Note("halves_without_variance", text))
    left, size, _ = np.linalg.svd(centred[:, varying] / sd[varying], full_matrices=False)
    return np.asarray(left[:, size > 1e-8 * size[0]] * np.sqrt(len(rows)))


def _duplex(scores: Floats) -> NDArray[np.bool_]:
    """Which rows the first half takes."""
    n = len(scores)
    taken, first = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    nearest = [np.full(n, np.inf), np.full(n, np.inf)]
    squares = (scores**2).sum(axis=1)

    def take(row: int, half: int) -> None:
        taken[row] = True
        first[row] = half == 0
        away = squares + squares[row] - 2 * (scores @ scores[row])
        np.minimum(nearest[half], away, out=nearest[half])

    for half in (0, 1):
        free = np.flatnonzero(~taken)
        for row in _farthest_pair(scores[free], squares[free]):
            take(int(free[row]), half)
    half = 0
    for _ in range(n - int(taken.sum())):
        take(int(np.argmax(np.where(taken, -np.inf, nearest[half]))), half)
        half = 1 - half
    return first


def _farthest_pair(scores: Floats, squares: Floats) -> list[int]:
    if len(scores) < 2:
        return list(range(len(scores)))
    best, pair = -np.inf, [0, 1]
    for start in range(0, len(scores), 500):
        part = slice(start, start + 500)
        away = squares[part, None] + squares - 2 * (scores[part] @ scores.T)
        at = int(np.argmax(away))
        if away.flat[at] > best + 1e-9:
            best, pair = float(away.flat[at]), [start + at // len(scores), at % len(scores)]
    return pair


def _kmo(rows: Floats) -> float:
    """Σr²/(Σr² + Σq²), r correlations and q partial correlations of the complete rows."""
    complete = rows[~np.isnan(rows).any(axis=1)]
    if rows.shape[1] < 2 or len(complete) <= rows.shape[1] or (complete.std(axis=0) <= 1e-12).any():
        return float("nan")
    matrix = np.corrcoef(complete, rowvar=False)
    if np.linalg.eigvalsh(matrix)[0] <= 1e-10:
        return float("nan")
    inverse = np.linalg.inv(matrix)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    r, q = (float((each**2).sum() - np.trace(each**2)) for each in (matrix, partial))
    return r / (r + q)
