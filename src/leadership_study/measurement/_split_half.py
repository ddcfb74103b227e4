"""Split-half coefficients: of the odd–even halves, and over all halves there are."""

import math
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.measurement import _checks
from leadership_study.measurement._alpha_coefficients import rescaled
from leadership_study.results import Note, Result
from leadership_study.samples.moments import Missing, Moments, moments_of
from leadership_study.samples.resampling import block_generator
from leadership_study.sem.threads import one_thread

Matrix = NDArray[np.float64]

MOST_ITEMS = 16
"""Up to here every distinct split is taken (6435 of them for 15 and 16 items)."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SplitHalf(Result):
    """Split-half coefficients of one scale.

    Attributes
    ----------
    correlation : float
        Between the sums of the items in odd and in even places.
    spearman_brown : float
        2r / (1 + r).
    horst : float
        The same for halves of unequal length; equal to ``spearman_brown`` when k is even.
    guttman_lambda4 : float
        2 (1 − (s²_odd + s²_even) / s²_total).
    maximum, minimum, mean, median : float
        λ4 on covariances over the splits of ⌊k/2⌋ items against the rest.
    n_splits : int
        How many splits those are.
    n, n_items : int
        Rows (of the pair of items with fewest) and items.
    splits : DataFrame
        n_splits, maximum, minimum, mean, median of λ4 and Spearman–Brown, each on covariances and correlations.
    """

    main: ClassVar[str] = "summary"

    correlation: float
    spearman_brown: float
    horst: float
    guttman_lambda4: float
    maximum: float
    minimum: float
    mean: float
    median: float
    n_splits: int
    n: int
    n_items: int
    splits: pd.DataFrame


@one_thread()
def split_half(
    items: pd.DataFrame | Moments, *, missing: Missing = "listwise", splits: int = 10_000, seed: int = 0
) -> SplitHalf:
    """Split-half reliability of the odd–even halves, and its range over all splits.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items, or Moments
        Reverse-keyed items already turned; the order decides the odd–even halves. Missing answers are NaN.
    missing : {"listwise", "pairwise"}
        As in `cronbach_alpha`.
    splits, seed : int
        With more than 16 items: how many random splits are drawn, and the seed of the draw. A split can be drawn
        twice.

    Raises
    ------
    InsufficientDataError
        Fewer than two items; items without answers or variance; halves that do not vary.

    Notes
    -----
    R twin: ``psych::splitHalf(x, raw=TRUE)`` takes λ4 on correlations, and for an odd number of items visits half of
    the distinct splits.

    References
    ----------
    Spearman (1910), 10.1111/j.2044-8295.1910.tb00206.x. Brown (1910), 10.1111/j.2044-8295.1910.tb00207.x. Guttman
    (1945), 10.1007/BF02288892. Horst (1951), Educational and
    Psychological Measurement 11, 368–371.
    """
    if splits < 1:
        raise ValueError(f"The 'splits' parameter of split_half must be at least 1. Got {splits!r} instead.")
    m = moments_of(items, missing=missing)
    _checks.at_least_items(m.labels, 2)
    covariance = m.covariance.to_numpy()
    k = len(covariance)
    _checks.total_varies(float(covariance.sum()), float(np.trace(covariance)))
    odd = np.zeros((1, k))
    odd[0, ::2] = 1
    between, first, second = (float(part[0]) for part in _parts(covariance, odd))
    _checks.total_varies(min(first, second), float(np.trace(covariance)))
    r = between / (math.sqrt(first) * math.sqrt(second))
    halves = _all_halves(k) if k <= MOST_ITEMS else _some_halves(k, splits, seed)
    correlation = rescaled(covariance)
    lambda4 = _spread(_lambda4(covariance, halves))
    table = pd.DataFrame(
        {
            "lambda4_covariance": lambda4,
            "lambda4_correlation": _spread(_lambda4(correlation, halves)),
            "spearman_brown_covariance": _spread(_stepped_up(covariance, halves)),
            "spearman_brown_correlation": _spread(_stepped_up(correlation, halves)),
        }
    ).T.rename_axis("coefficient")
    table = table.astype({"n_splits": "int64"})
    return SplitHalf(
        correlation=r,
        spearman_brown=2 * r / (1 + r) if r > -1 else math.nan,
        horst=_horst(r, math.ceil(k / 2) / k),
        guttman_lambda4=4 * between / float(covariance.sum()),
        maximum=lambda4["maximum"],
        minimum=lambda4["minimum"],
        mean=lambda4["mean"],
        median=lambda4["median"],
        n_splits=len(halves),
        n=m.n,
        n_items=k,
        splits=table,
        definition={
            "formula": "split_half",
            "matrix": "covariance",
            "halves": "odd_even",
            "splits": "all" if k <= MOST_ITEMS else "random",
            "missing": m.missing,
            "n": m.n,
            "source": "Guttman (1945)",
        },
        notes=tuple(_notes(k, len(halves), seed, table)),
    )


def _all_halves(k: int) -> Matrix:
    """One row a split, 1 for the items of its first half; with k even the first item stays in it, so none is twice."""
    size = k // 2
    if k % 2:
        chosen = list(combinations(range(k), size))
    else:
        chosen = [(0, *rest) for rest in combinations(range(1, k), size - 1)]
    halves = np.zeros((len(chosen), k))
    np.put_along_axis(halves, np.array(chosen), 1.0, axis=1)
    return halves


def _some_halves(k: int, splits: int, seed: int) -> Matrix:
    half = np.zeros(k)
    half[: k // 2] = 1
    return block_generator(seed, 0).permuted(np.tile(half, (splits, 1)), axis=1)


def _parts(matrix: Matrix, halves: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Sums of the matrix between the halves, within the first, within the second, for each split."""
    others = 1 - halves
    reached = halves @ matrix
    return (reached * others).sum(axis=1), (reached * halves).sum(axis=1), (others @ matrix * others).sum(axis=1)


def _lambda4(matrix: Matrix, halves: Matrix) -> Matrix:
    return np.asarray(4 * _parts(matrix, halves)[0] / matrix.sum())


def _stepped_up(matrix: Matrix, halves: Matrix) -> Matrix:
    between, first, second = _parts(matrix, halves)
    usable = (first > 0) & (second > 0)  # pairwise covariances can give a half a negative variance
    scale = np.sqrt(np.where(usable, first, 1.0)) * np.sqrt(np.where(usable, second, 1.0))
    r = np.divide(between, scale, out=np.full(len(halves), np.nan), where=usable)
    return np.asarray(np.divide(2 * r, 1 + r, out=np.full(len(halves), np.nan), where=r > -1))


def _spread(values: Matrix) -> dict[str, float]:
    return {
        "n_splits": len(values),
        "maximum": float(values.max()),
        "minimum": float(values.min()),
        "mean": float(values.mean()),
        "median": float(np.median(values)),
    }


def _horst(r: float, share: float) -> float:
    """Reliability of the whole from halves that hold ``share`` and 1 − ``share`` of the items."""
    rest = 1 - r**2
    if rest <= 0:
        return 1.0 if r > 0 else math.nan
    product = share * (1 - share)
    return r * (math.sqrt(r**2 + 4 * product * rest) - r) / (2 * product * rest)


def _notes(k: int, n_splits: int, seed: int, table: pd.DataFrame) -> list[Note]:
    notes = []
    if k > MOST_ITEMS:
        text = "{n_items} items have too many splits to take all: {n_splits} random ones stand for them (seed {seed})."
        notes.append(Note("splits_sampled", text, {"n_items": k, "n_splits": n_splits, "seed": seed}))
    if table.isna().to_numpy().any():
        text = (
            "Some splits have a half that does not vary, or halves that run exactly against each other, so the range "
            "of the Spearman-Brown coefficient is not given."
        )
        notes.append(Note("splits_without_coefficient", text))
    return notes
