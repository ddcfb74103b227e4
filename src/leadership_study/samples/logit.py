"""Binary logistic regression by iteratively reweighted least squares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.least_squares import LeastSquares, least_squares
from leadership_study.samples.separation import may_be_separated, separating_direction

_STEPS = 60
_SETTLED = 1e-11


@dataclass(frozen=True, kw_only=True, eq=False)
class Logit:
    """A fitted logistic regression of n rows and p columns.

    Attributes
    ----------
    working : LeastSquares
        The last weighted least-squares problem: rows times the root of μ(1 − μ), Pearson residuals. Robust covariances
        of this fit are those of the model; its (X'X)⁻¹ is the inverse of the information.
    probabilities : array of n numbers
    log_likelihood, null_log_likelihood : float
        Of the model, and of the constant alone.
    """

    working: LeastSquares
    probabilities: NDArray[np.float64]
    log_likelihood: float
    null_log_likelihood: float

    @property
    def estimates(self) -> NDArray[np.float64]:
        """Log odds ratios."""
        return self.working.estimates


def logit(
    design: NDArray[np.float64], outcome: NDArray[np.float64], terms: tuple[str, ...], *, constant: int | None = 0
) -> Logit:
    """Fit the probability that ``outcome`` (n numbers, 0 or 1) is 1.

    Raises
    ------
    InsufficientDataError
        As `least_squares`; and when predictors separate the two outcomes, so that an odds ratio is infinite.
    ConvergenceError
        When the search does not settle.

    References
    ----------
    McCullagh, P., & Nelder, J. A. (1989). Generalized linear models (2nd ed.). R twin: ``glm(family = binomial)``.
    """
    least_squares(design, outcome, terms, constant=constant)  # refuses what no model can use, by name
    share = float(outcome.mean())
    centre = np.zeros(len(terms)) if constant is None else design.mean(axis=0)
    if constant is not None:
        centre[constant] = 0.0
    inside = design - centre  # so that the start has no large cancelling terms
    estimates = np.zeros(len(terms))
    if constant is not None:
        estimates[constant] = special.logit(share)
    before, settled = -np.inf, False
    for _ in range(_STEPS):
        predictor = inside @ estimates
        at = _log_likelihood(predictor, outcome)
        settled = abs(at - before) <= _SETTLED * (abs(at) + 0.1)  # one more step then gives all digits
        before = at
        weight = np.maximum(special.expit(predictor) * special.expit(-predictor), 1e-12)
        step = np.linalg.solve((inside * weight[:, None]).T @ inside, inside.T @ (outcome - special.expit(predictor)))
        length = 1.0
        while _log_likelihood(inside @ (estimates + length * step), outcome) < at and length > 1e-6:
            length /= 2
        estimates = estimates + length * step
        if settled:
            break
    predictor = inside @ estimates
    if may_be_separated(predictor, settled):
        refuse_separated(separating_direction((2 * outcome - 1)[:, None] * design), terms, constant)
    if not settled:
        raise ConvergenceError(Note("logit_not_settled", "The search for the coefficients did not settle."))
    p = special.expit(predictor)
    root = np.sqrt(np.maximum(p * special.expit(-predictor), 1e-300))
    if constant is not None:
        estimates[constant] -= centre @ estimates
    residual = (outcome - p) / root
    working = least_squares(root[:, None] * design, root * predictor + residual, terms, constant=None)
    null = len(outcome) * float(special.xlogy(share, share) + special.xlogy(1 - share, 1 - share))
    if constant is None:
        null = len(outcome) * float(np.log(0.5))
    return Logit(
        working=working,
        probabilities=p,
        log_likelihood=_log_likelihood(predictor, outcome),
        null_log_likelihood=null,
    )


def refuse_separated(direction: NDArray[np.float64] | None, terms: tuple[str, ...], constant: int | None) -> None:
    """Refuse a model whose coefficients run to infinity, naming them."""
    if direction is None:
        return
    named = [term for at, term in enumerate(terms) if direction[at] != 0 and at != constant and term]
    text = (
        "{terms} tell some outcomes apart without exception (separation), so an odds ratio is infinite; merge rare "
        "levels or leave a predictor out."
    )
    raise InsufficientDataError(Note("separation", text, {"terms": ", ".join(named)}))


def _log_likelihood(predictor: NDArray[np.float64], outcome: NDArray[np.float64]) -> float:
    return float(special.log_expit(np.where(outcome == 1, predictor, -predictor)).sum())
