"""Correlation matrices of items that have nothing in common: the chance that parallel analysis compares with.

Replicates come in fixed blocks, each with a random stream of its own, so that the first hundred are the same however
many are drawn and whoever draws them.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Floats = NDArray[np.float64]

BLOCK = 50


def streams(replicates: int, seed: int) -> Iterator[tuple[np.random.Generator, int]]:
    """Yield a generator and the number of replicates to keep for each block."""
    for block, start in enumerate(range(0, replicates, BLOCK)):
        stream = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, block])))
        yield stream, min(BLOCK, replicates - start)


def normal_correlations(n: int, p: int, replicates: int, seed: int) -> Floats:
    """Correlations of ``replicates`` samples of n independent normal respondents × p items: (replicates, p, p).

    Notes
    -----
    With n > p the scatter matrix is drawn itself, as LL′ with independent normals below the diagonal of L and the
    square roots of chi-squares with n − 1, n − 2, … degrees of freedom on it (Bartlett, 1933,
    https://doi.org/10.1017/S0370164600015601): the same distribution at a cost that does not grow with n.
    """
    blocks = []
    for stream, kept in streams(replicates, seed):
        if n > p:
            lower = np.tril(stream.standard_normal((BLOCK, p, p)), -1)
            lower[:, range(p), range(p)] = np.sqrt(stream.chisquare(n - 1 - np.arange(p), (BLOCK, p)))
            scatter = lower @ lower.transpose(0, 2, 1)
        else:
            answers = stream.standard_normal((BLOCK, n, p))
            answers -= answers.mean(axis=1, keepdims=True)
            scatter = answers.transpose(0, 2, 1) @ answers
        blocks.append(_rescaled(scatter)[:kept])
    return np.concatenate(blocks)


def permuted_correlations(answers: Floats, replicates: int, seed: int) -> Floats:
    """Correlations of the answers with each column shuffled by itself: (replicates, p, p).

    Missing answers (NaN) are shuffled along; each correlation is over the rows that then have both items.

    Raises
    ------
    InsufficientDataError
        Shuffling left two items fewer than two rows in common, or rows where one of them does not vary.
    """
    blocks = []
    complete = not np.isnan(answers).any()
    centred = answers - np.nanmean(answers, axis=0)
    for stream, kept in streams(replicates, seed):
        for _ in range(kept):
            shuffled = stream.permuted(centred, axis=0)
            blocks.append(_rescaled(shuffled.T @ shuffled) if complete else _pairwise(shuffled))
    return np.stack(blocks)


TOO_FEW_SHARED = Note(
    "permutation_pairs_too_small",
    "With so few answers, shuffling leaves two items no respondents in common whose answers vary; use resample = "
    "normal or missing = listwise.",
)


def _pairwise(answers: Floats) -> Floats:
    seen = ~np.isnan(answers)
    there, filled = seen.astype(float), np.where(seen, answers, 0.0)
    n = there.T @ there
    if n.min() < 2:
        raise InsufficientDataError(TOO_FEW_SHARED)
    sums = filled.T @ there
    products = filled.T @ filled - sums * sums.T / n
    squares = (filled**2).T @ there - sums**2 / n
    if (squares <= 1e-12 * np.diag(squares)[:, None]).any():
        raise InsufficientDataError(TOO_FEW_SHARED)
    correlation = products / np.sqrt(squares * squares.T)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def _rescaled(scatter: Floats) -> Floats:
    scale = np.sqrt(np.diagonal(scatter, axis1=-2, axis2=-1))
    correlation = scatter / (scale[..., :, None] * scale[..., None, :])
    p = correlation.shape[-1]
    correlation[..., range(p), range(p)] = 1.0
    return np.asarray(correlation)
