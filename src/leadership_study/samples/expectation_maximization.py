"""Means and covariances of normal variables with missing values, by maximum likelihood (EM algorithm)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.incomplete_normal import log_likelihood, observed_inverse
from leadership_study.samples.missing_patterns import Patterns, missing_patterns
from leadership_study.samples.moments import numbers, refuse_constant, refuse_empty

Floats = NDArray[np.float64]

_TOLERANCE = 1e-11  # largest change of a standardised mean or covariance in one step
_STEPS = 5000
_PLAIN_STEPS = 50  # EM that has not settled by then is sped up
_SINGULAR = 1e-10  # smallest eigenvalue of a correlation matrix that still counts as positive


@dataclass(frozen=True, kw_only=True, eq=False)
class NormalMoments:
    """Maximum-likelihood moments of p items with missing answers.

    Attributes
    ----------
    means : Series
    covariance : DataFrame, p × p
        Maximum likelihood: divisor n. Times n/(n − 1) it is comparable with a sample covariance matrix.
    log_likelihood : float
        Of the observed answers.
    n, n_empty : int
        Rows with at least one answer; rows without any, left out.
    iterations : int
    patterns : Patterns
        The rows by pattern of missing answers, for further likelihoods.
    """

    means: pd.Series
    covariance: pd.DataFrame
    log_likelihood: float
    n: int
    n_empty: int
    iterations: int
    patterns: Patterns


def em_moments(items: pd.DataFrame) -> NormalMoments:
    """Estimate means and covariances of ``items`` from all answers there are.

    Parameters
    ----------
    items : DataFrame of numbers, rows × items
        A missing answer is NaN. Answers are taken as missing at random, and as normal for the likelihood's sake.

    Raises
    ------
    TypeError, ValueError
        Columns that hold text or an infinite number.
    InsufficientDataError
        An item without answers or variance, two items that nobody answered together (their covariance then has no
        estimate), or items that are linear combinations of others.
    ConvergenceError
        When the steps do not settle.

    Notes
    -----
    EM (Dempster, Laird & Rubin, 1977, https://doi.org/10.1111/j.2517-6161.1977.tb01600.x) on sums per pattern, until no
    standardised moment changes by more than 1e-11; slow ones are extrapolated (Varadhan & Roland, 2008,
    https://doi.org/10.1111/j.1467-9469.2007.00585.x) where that does not lower the likelihood. R twins: ``norm::em.norm``,
    ``lavaan::lavCor(missing = "ml")``.
    """  # noqa: E501
    values, labels = numbers(items)
    seen = ~np.isnan(values)
    refuse_empty(seen, labels)
    low, high = np.where(seen, values, np.inf).min(axis=0), np.where(seen, values, -np.inf).max(axis=0)
    refuse_constant(low == high, labels)
    _refuse_apart(seen, labels)
    # Standardised, so that neither the tolerance nor the digits depend on the units of the answers.
    above = values - low
    centre, scale = np.nanmean(above, axis=0), np.nanstd(above, axis=0)
    patterns = missing_patterns((above - centre) / scale)
    try:
        mean, covariance, iterations = _iterate(patterns)
    except np.linalg.LinAlgError:
        raise _singular() from None
    spread = np.sqrt(np.diag(covariance))
    if np.linalg.eigvalsh(covariance / np.outer(spread, spread))[0] < _SINGULAR:
        raise _singular()
    own = missing_patterns(values)
    means = low + centre + scale * mean
    full = covariance * np.outer(scale, scale)
    return NormalMoments(
        means=pd.Series(means, index=pd.Index(labels, name="item", dtype="str")),
        covariance=pd.DataFrame(full, index=pd.Index(labels, name="item", dtype="str"), columns=labels),
        log_likelihood=log_likelihood(own, means, full),
        n=patterns.n,
        n_empty=patterns.n_empty,
        iterations=iterations,
        patterns=own,
    )


def em_step(patterns: Patterns, mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Make one step: expected sums given ``mean`` and ``covariance``, and the moments that they give (divisor n)."""
    size = patterns.n_columns
    first, second = np.zeros(size), np.zeros((size, size))
    for pattern in patterns:
        distance, moments = pattern.about(mean)
        seen, gone = pattern.observed, pattern.unobserved
        if len(gone) == 0:
            first += pattern.n * distance
            second += pattern.n * moments
            continue
        inverse, _ = observed_inverse(pattern, covariance)
        across = covariance[np.ix_(gone, seen)]
        slopes = across @ inverse
        expect = np.zeros((size, len(seen)))  # all columns from the observed ones
        expect[seen, np.arange(len(seen))] = 1.0
        expect[gone] = slopes
        first += pattern.n * (expect @ distance)
        second += pattern.n * (expect @ moments @ expect.T)
        second[np.ix_(gone, gone)] += pattern.n * (covariance[np.ix_(gone, gone)] - slopes @ across.T)
    shift = first / patterns.n
    second = second / patterns.n - np.outer(shift, shift)
    return mean + shift, (second + second.T) / 2


def _iterate(patterns: Patterns) -> tuple[Floats, Floats, int]:
    mean, covariance = np.zeros(patterns.n_columns), np.eye(patterns.n_columns)
    steps = 0
    while steps < _STEPS:
        after = em_step(patterns, mean, covariance)
        steps += 1
        if _change((mean, covariance), after) < _TOLERANCE:
            return *after, steps
        if steps > _PLAIN_STEPS:
            twice = em_step(patterns, *after)
            steps += 1
            after = _extrapolated(patterns, (mean, covariance), after, twice)
        mean, covariance = after
    text = "The means and covariances of answers with gaps did not settle in {steps} steps; leave out sparse items."
    raise ConvergenceError(Note("em_not_settled", text, {"steps": _STEPS}))


def _change(before: tuple[Floats, Floats], after: tuple[Floats, Floats]) -> float:
    return max(float(np.abs(new - old).max()) for old, new in zip(before, after, strict=True))


def _extrapolated(
    patterns: Patterns, start: tuple[Floats, Floats], once: tuple[Floats, Floats], twice: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    # Along the way that two steps went, as far as their shrinking suggests; kept only if the likelihood gains by it.
    went = [one - old for old, one in zip(start, once, strict=True)]
    bend = [two - one - gone for one, two, gone in zip(once, twice, went, strict=True)]
    curvature = sum(float((part**2).sum()) for part in bend)
    if curvature == 0:
        return twice
    length = -np.sqrt(sum(float((part**2).sum()) for part in went) / curvature)
    mean, covariance = (
        old - 2 * length * gone + length**2 * turn for old, gone, turn in zip(start, went, bend, strict=True)
    )
    try:
        if log_likelihood(patterns, mean, covariance) >= log_likelihood(patterns, *twice):
            return em_step(patterns, mean, covariance)
    except np.linalg.LinAlgError:
        pass  # too far: no covariance matrix any more
    return twice


def _refuse_apart(seen: NDArray[np.bool_], labels: list[str]) -> None:
    there = seen.astype(np.float32)  # counts up to 2^24 are exact
    if (apart := there.T @ there == 0).any():
        first, second = (labels[at] for at in np.argwhere(apart)[0])
        text = "Nobody answered both {first} and {second}, so their covariance has no estimate; leave one of them out."
        raise InsufficientDataError(Note("pair_never_together", text, {"first": first, "second": second}))


def _singular() -> InsufficientDataError:
    text = (
        "The items repeat each other, or there are too few respondents for so many items, so that their covariances "
        "cannot be estimated from answers with gaps; leave out the redundant items."
    )
    return InsufficientDataError(Note("em_singular", text))
