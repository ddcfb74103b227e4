"""What standard errors and tests need when answers are not normal, or rows come in clusters."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadership_study.sem.data import GroupData
from leadership_study.sem.normal_theory import case_scores, inverse_and_log_determinant
from leadership_study.sem.structure import Generators, State
from leadership_study.sem.weighted_squares import lower_triangle

Floats = NDArray[np.float64]


def cluster_sums(scores: Floats, clusters: NDArray[np.int64] | None) -> Floats:
    """Add up scores by cluster, times √(C/(C − 1)) for C clusters; without clusters the scores as they are."""
    if clusters is None:
        return scores
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(clusters[order]) != 0])
    sums = np.add.reduceat(scores[order], starts, axis=0)
    return np.asarray(sums * np.sqrt(len(starts) / max(len(starts) - 1, 1)))


def predicted(rows: Floats, covariates: Sequence[int]) -> Floats:
    """Return what a linear regression on the covariates predicts of each row; of the covariates, themselves."""
    given = rows[:, list(covariates)]
    given = np.column_stack([np.ones(len(rows)), given])
    return np.asarray(given @ np.linalg.lstsq(given, rows, rcond=None)[0])


def score_products(
    state: State, cells: Generators, group: GroupData, means: Floats | None, centre: bool,
    covariates: Sequence[int] = (),
) -> Floats:  # fmt: skip
    """Return the mean outer product of the rows' scores, parameters × parameters.

    Parameters
    ----------
    means : p or None
        The sample's means when there is a mean structure; else rows are centred at them.
    centre : bool
        Take scores about their mean: what Δ′WΓWΔ means for the sample's fourth moments (Satorra & Bentler, 1994);
        otherwise as they are (Huber, 1967; White, 1982).
    covariates
        Positions of variables whose moments are taken as they are: with ``centre``, only what they do not predict of
        the moments varies.
    """
    if group.rows is None:
        raise ValueError("Scores of rows need rows.")
    at = group.means if means is None or centre else state.mu
    scores = case_scores(state, cells, group.rows, means is not None, at if at is not None else state.mu)
    if centre and covariates:
        scores = scores - case_scores(state, cells, predicted(group.rows, covariates), means is not None, (
            at if at is not None else state.mu))  # fmt: skip
    if centre:
        scores = scores - scores.mean(axis=0)
    scores = cluster_sums(scores, group.clusters)
    return np.asarray(scores.T @ scores / group.n)


def fourth_moment_trace(
    group: GroupData, covariance: Floats, precision: Floats, with_means: bool, covariates: Sequence[int] = ()
) -> float:
    """Return tr(WΓ): W the normal-theory weight at a covariance matrix's inverse, Γ from the rows' fourth moments.

    Without clusters only the rows' Mahalanobis distances are needed: ½(mean d⁴ − tr(PSPS)), and tr(PS) for means.
    """
    if group.rows is None or group.means is None:
        raise ValueError("Fourth moments need rows.")
    centred = group.rows - group.means
    if group.clusters is None and not covariates:
        distance = np.einsum("ij,ij->i", centred @ precision, centred)
        product = precision @ covariance
        found = 0.5 * (float(np.mean(distance**2)) - float(np.sum(product * product.T)))
        return found + (float(np.trace(product)) if with_means else 0.0)
    i, j = lower_triangle(len(covariance))
    half = np.where(i == j, 0.5, 1.0)
    z = centred @ precision
    scores = (z[:, i] * z[:, j] - (precision @ covariance @ precision)[i, j]) * half
    if covariates:
        known = (predicted(group.rows, covariates) - group.means) @ precision
        scores -= known[:, i] * known[:, j] * half
        scores -= scores.mean(axis=0)
        z = z - known
    own = cluster_sums(scores, group.clusters)
    products = own.T @ own / group.n
    # tr(A⁻¹B), A⁻¹ the normal covariance of the moments in the metric of these scores
    sigma = np.linalg.inv(precision)
    gamma = sigma[np.ix_(i, i)] * sigma[np.ix_(j, j)] + sigma[np.ix_(i, j)] * sigma[np.ix_(j, i)]
    found = float(np.sum(products * gamma))
    if with_means:
        level = cluster_sums(z, group.clusters)
        found += float(np.sum((level.T @ level / group.n) * sigma))
    return found


def saturated_trace(group: GroupData, with_means: bool) -> float:
    """Return tr(A⁻¹B) of the saturated model (Asparouhov & Muthén, 2005): its excess over normal data is kurtosis."""
    inverted = inverse_and_log_determinant(group.covariance)
    if inverted is None:
        raise np.linalg.LinAlgError("the sample covariance matrix is singular")
    return fourth_moment_trace(group, group.covariance, inverted[0], with_means)
