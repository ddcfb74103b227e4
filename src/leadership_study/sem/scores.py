"""Factor scores of the rows: regression (Thurstone, 1935) and Bartlett (1937)."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.sem.solution import Solution
from leadership_study.sem.structure import State, Structure

Floats = NDArray[np.float64]
Kind = Literal["regression", "bartlett"]


def factor_scores(solution: Solution, method: Kind) -> list[Floats]:
    """Return the scores of each group's rows on the latent variables, rows × factors.

    Missing answers (``missing="fiml"``) are left out pattern by pattern.
    """
    found = []
    for part, state, group in zip(solution.problem.parts, solution.states, solution.sample.groups, strict=True):
        if group.rows is None:
            text = "Factor scores need raw answers; moments of a sample hold none."
            raise InsufficientDataError(Note("factor_scores_need_rows", text))
        k = len(part.structure.latent)
        scores = np.empty((len(group.rows), k))
        with_means = solution.options.meanstructure
        level = state.mu if with_means else group.means
        base = state.factor_means if with_means else _levels(part.structure, state, group.means)  # type: ignore[arg-type]
        there = ~np.isnan(group.rows)
        patterns, which = np.unique(there, axis=0, return_inverse=True)
        for at, pattern in enumerate(patterns):
            mine = np.flatnonzero(which.ravel() == at)
            seen = np.flatnonzero(pattern)
            away = group.rows[np.ix_(mine, seen)] - level[seen]  # type: ignore[index]
            if method == "regression":
                weights = state.factor_covariance @ state.loadings[seen].T @ np.linalg.inv(
                    state.sigma[np.ix_(seen, seen)])  # fmt: skip
                scores[mine] = (base + away @ weights.T)[:, :k]
            else:
                scores[mine] = base[:k] + away @ _bartlett(state, seen, k).T
        found.append(scores)
    return found


def _levels(structure: Structure, state: State, means: Floats) -> Floats:
    """Return the factors' means without a mean structure: what the observed predictors' means make of 0."""
    k, joined = len(structure.latent), structure.factors[len(structure.latent) :]
    found = np.zeros(len(state.factor_means))
    if joined:
        paths = np.eye(len(state.inverse)) - np.linalg.inv(state.inverse)
        found[k:] = means[[structure.observed.index(name) for name in joined]]
        found[:k] = np.linalg.solve(np.eye(k) - paths[:k, :k], paths[:k, k:] @ found[k:])
    return found


def _bartlett(state: object, seen: NDArray[np.int64], k: int) -> Floats:
    loadings, theta = state.loadings[seen], state.theta[np.ix_(seen, seen)]  # type: ignore[attr-defined]
    precision = np.linalg.pinv(theta) if np.linalg.cond(theta) > 1e12 else np.linalg.inv(theta)
    normal = loadings.T @ precision @ loadings
    return np.asarray((np.linalg.pinv(normal) @ loadings.T @ precision)[:k])
