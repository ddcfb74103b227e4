"""Factor scores from ordered items: the most likely factor values given the answers (empirical Bayes modal)."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from leadership_study.errors import ConvergenceError
from leadership_study.results import Note
from leadership_study.sem.solution import Solution

Floats = NDArray[np.float64]

_MOST = 200
_FAR = 40.0  # standard deviations: beyond every threshold


def modal_scores(solution: Solution) -> list[Floats]:
    """Return each group's scores, rows × latent variables; missing answers are left out.

    Maximises Σᵢ log P(yᵢ | η) − ½(η − α)′Φ⁻¹(η − α) by Newton steps for all rows at once, where an answer's probability
    is the normal mass between its thresholds and answers are independent given η (Skrondal & Rabe-Hesketh, 2004).
    R twin: ``lavPredict(fit, method = "EBM")``.

    Raises
    ------
    ConvergenceError
        When the factors' covariance matrix is singular, or the steps do not settle.
    """
    values = solution.complete(solution.values)
    found = []
    for part, group in zip(solution.problem.parts, solution.sample.groups, strict=True):
        structure = part.structure
        state = structure.state(values)
        m = len(structure.factors)
        loadings, level = state.loadings[:, :m], state.mu - state.loadings @ state.factor_means
        sd = np.sqrt(np.diag(state.theta))
        if group.rows is None or not (sd > 0).all() or np.linalg.eigvalsh(state.factor_covariance[:m, :m])[0] <= 0:
            text = "Scores of ordered items need a proper solution: residual variances above zero, distinct factors."
            raise ConvergenceError(Note("modal_scores_improper", text))
        low, high = _limits(structure.threshold_item, state.thresholds, group.rows)
        prior = np.linalg.inv(state.factor_covariance[:m, :m])
        scores = _maximise((low - level) / sd, (high - level) / sd, loadings / sd[:, None],
                           state.factor_means[:m], prior)  # fmt: skip
        found.append(scores[:, : len(structure.latent)])
    return found


def _limits(item: NDArray[np.int64], cuts: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Return the thresholds below and above each answer; a missing answer lies between −∞ and ∞."""
    low, high = np.full(rows.shape, -np.inf), np.full(rows.shape, np.inf)
    for at in range(rows.shape[1]):
        own = np.concatenate([[-np.inf], cuts[item == at], [np.inf]])
        there = ~np.isnan(rows[:, at])
        codes = np.unique(rows[there, at], return_inverse=True)[1]
        low[there, at], high[there, at] = own[codes], own[codes + 1]
    return low, high


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * np.minimum(np.abs(x), _FAR) ** 2) / np.sqrt(2 * np.pi))


def _value(low: Floats, high: Floats, slopes: Floats, mean: Floats, prior: Floats, eta: Floats) -> Floats:
    shift = eta @ slopes.T
    mass = _mass(low - shift, high - shift)
    away = eta - mean
    return np.asarray(np.log(np.maximum(mass, 1e-300)).sum(axis=1) - 0.5 * np.einsum("na,ab,nb->n", away, prior, away))


def _mass(a: Floats, b: Floats) -> Floats:
    """Φ(b) − Φ(a), taken in the tail where digits are kept."""
    upper = a > 0
    return np.asarray(np.where(upper, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a)))


def _maximise(low: Floats, high: Floats, slopes: Floats, mean: Floats, prior: Floats) -> Floats:
    eta = np.tile(mean, (len(low), 1))
    value = _value(low, high, slopes, mean, prior, eta)
    todo = np.arange(len(low))
    for _ in range(_MOST):
        shift = eta[todo] @ slopes.T
        a, b = low[todo] - shift, high[todo] - shift
        mass = np.maximum(_mass(a, b), 1e-300)
        fa, fb = _density(a), _density(b)
        pull = (fa - fb) / mass
        bend = pull**2 + (np.where(np.isfinite(b), b, 0.0) * fb - np.where(np.isfinite(a), a, 0.0) * fa) / mass
        gradient = pull @ slopes - (eta[todo] - mean) @ prior
        hessian = np.einsum("ni,ia,ib->nab", np.maximum(bend, 0.0), slopes, slopes) + prior
        step = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        gain = np.einsum("na,na->n", gradient, step)
        share = np.ones(len(todo))
        for _ in range(30):
            trial = eta[todo] + share[:, None] * step
            new = _value(low[todo], high[todo], slopes, mean, prior, trial)
            worse = new < value[todo] - 1e-12
            if not worse.any():
                break
            share[worse] /= 2
        eta[todo], value[todo] = trial, new
        todo = todo[gain > 1e-18]
        if not len(todo):
            return eta
    text = "The scores of {n} rows did not settle; the factors may be nearly undetermined."
    raise ConvergenceError(Note("modal_scores_not_converged", text, {"n": len(todo)}))
