"""One draw of the unanswered cells of one variable, given predictors that are complete for the moment."""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from leadership_study.samples._imputation_targets import Target

Floats = NDArray[np.float64]

_RIDGE = 1e-5  # share of each predictor's sum of squares: keeps collinear predictors from having no solution
_PRIOR_SD = 2.5  # of a logit's slope: keeps levels that a predictor separates from having infinite slopes
_NEWTON_STEPS = 25


def draw_matches(
    answers: Floats, predictors: Floats, target: Target, random: np.random.Generator, *, donors: int
) -> Floats:
    """Predictive mean matching of type 1, with one intercept for each class of ``target``.

    ``answers`` are those of ``target.rows``; ``predictors`` has all rows of the table. The intercepts are absorbed:
    slopes come from deviations from class means, an intercept's posterior is normal around what the slopes leave.
    """
    seen = predictors[target.rows]
    centre = np.add.reduceat(seen, target.starts, axis=0) / target.counts[:, None]
    level = np.add.reduceat(answers, target.starts) / target.counts
    inner = seen - np.repeat(centre, target.counts, axis=0)
    deviation = answers - np.repeat(level, target.counts)
    gram = inner.T @ inner
    ridge = _RIDGE * np.diag(gram)
    gram[np.diag_indices_from(gram)] += np.where(ridge > 0, ridge, 1.0)  # a predictor that is constant within classes
    factor = linalg.cholesky(gram, lower=True)
    slopes = linalg.cho_solve((factor, True), inner.T @ deviation)
    residual = deviation - inner @ slopes
    freedom = max(len(answers) - len(target.counts) - len(slopes), 1)
    sd = float(np.sqrt(residual @ residual / random.chisquare(freedom)))
    drawn = slopes + sd * linalg.solve_triangular(factor, random.standard_normal(len(slopes)), lower=True, trans="T")
    fitted = answers - residual
    intercepts = level - centre @ drawn + sd * random.standard_normal(len(level)) / np.sqrt(target.counts)
    predicted = intercepts[target.gap_class] + predictors[target.gaps] @ drawn
    return answers[_matched(fitted, predicted, random, donors)]


def _matched(fitted: Floats, predicted: Floats, random: np.random.Generator, donors: int) -> NDArray[np.intp]:
    """For each of ``predicted``, one of the ``donors`` nearest of ``fitted`` at random; ties in random order."""
    count = min(donors, len(fitted))
    shuffled = random.permutation(len(fitted))
    order = shuffled[np.argsort(fitted[shuffled], kind="stable")]
    line = fitted[order]
    # The nearest ones lie side by side: as many below as above, within the line's ends.
    at = np.searchsorted(line, predicted)
    window = np.clip(at[:, None] + np.arange(-count, count), 0, len(line) - 1)
    distance = np.abs(line[window] - predicted[:, None])
    distance[:, 1:][window[:, 1:] == window[:, :-1]] = np.inf  # the same donor again, at an end of the line
    nearest = np.argpartition(distance, count - 1, axis=1)[:, :count]
    picked = nearest[np.arange(len(predicted)), random.integers(count, size=len(predicted))]
    return np.asarray(order[window[np.arange(len(predicted)), picked]], dtype=np.intp)


def draw_nominal(answers: Floats, seen: Floats, missing: Floats, random: np.random.Generator) -> Floats:
    """Draw levels from a multinomial logit whose coefficients are drawn from their posterior.

    Normal priors of standard deviation 2.5 on the slopes of standardised predictors, as Gelman, Jakulin, Pittau and Su
    (2008, https://doi.org/10.1214/08-AOAS191) reason; the posterior is taken as normal around its mode.
    """
    levels = np.unique(answers)
    if len(levels) == 1:
        return np.full(len(missing), levels[0])
    design, new = (np.column_stack([np.ones(len(part)), part]) for part in (seen, missing))
    given = (answers[:, None] == levels[1:]).astype(float)
    coefficients, factor = _multinomial(design, given)
    noise = linalg.solve_triangular(factor, random.standard_normal(coefficients.size), lower=True, trans="T")
    drawn = coefficients + noise.reshape(coefficients.shape)
    share = _shares(new @ drawn.T)
    above = random.random(len(new))[:, None] > np.cumsum(np.column_stack([1 - share.sum(axis=1), share]), axis=1)
    return np.asarray(levels[np.minimum(above.sum(axis=1), len(levels) - 1)])


def _multinomial(design: Floats, given: Floats) -> tuple[Floats, Floats]:
    """Posterior mode (levels but the first × columns) and the Cholesky factor of the negative Hessian there."""
    width, kinds = design.shape[1], given.shape[1]
    precision = np.tile(np.r_[1e-4, np.full(width - 1, _PRIOR_SD**-2)], kinds)
    at = np.zeros(kinds * width)
    for _ in range(_NEWTON_STEPS):
        share = _shares(design @ at.reshape(kinds, width).T)
        pull = ((given - share).T @ design).ravel() - precision * at
        hessian = np.empty((kinds * width, kinds * width))
        for one in range(kinds):
            for two in range(one, kinds):
                weight = share[:, one] * ((one == two) - share[:, two])
                block = (design * weight[:, None]).T @ design
                hessian[one * width : (one + 1) * width, two * width : (two + 1) * width] = block
                hessian[two * width : (two + 1) * width, one * width : (one + 1) * width] = block
        hessian[np.diag_indices_from(hessian)] += precision
        factor = linalg.cholesky(hessian, lower=True)
        step = linalg.cho_solve((factor, True), pull)
        # A long first step of the logit overshoots; one of length 5 crosses any plausible share.
        at += step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        if float(np.abs(step).max()) < 1e-6:
            break
    return at.reshape(kinds, width), factor


def _shares(scores: Floats) -> Floats:
    """Probabilities of all levels but the first."""
    top = np.maximum(scores.max(axis=1, keepdims=True), 0.0)
    odds = np.exp(scores - top)
    return np.asarray(odds / (np.exp(-top) + odds.sum(axis=1, keepdims=True)))
