"""Variance between groups, between units inside them and between raters: random intercepts without predictors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import ConvergenceError
from leadership_study.results import Note
from leadership_study.samples.mixed_model import fit_mixed_model
from leadership_study.samples.mixed_model_structure import RandomTerm


@dataclass(frozen=True, kw_only=True)
class Components:
    """Variances of a random-intercept model and −2 log REML likelihood at its optimum.

    ``group`` is between the outer groups, ``unit`` between units inside a group (0 when there is no such level),
    ``residual`` between raters inside a unit.
    """

    group: float
    unit: float
    residual: float
    deviance: float


def two_levels(scores: NDArray[np.float64], codes: NDArray[np.int64]) -> Components:
    """Fit raters in groups by restricted maximum likelihood.

    Parameters
    ----------
    scores : array of n numbers
    codes : array of n whole numbers
        Group of each rater, 0 … g − 1, every one used.

    Raises
    ------
    InsufficientDataError, ConvergenceError
        As `fit_mixed_model`.

    Notes
    -----
    Where the raters of every group agree to the last digit the likelihood has no bound; the variance of the groups'
    means is then that between groups. R twin: ``lme4::lmer(y ~ 1 + (1|group))``.
    """
    first = scores[np.unique(codes, return_index=True)[1]]
    if (scores == first[codes]).all():
        return Components(group=float(first.var(ddof=1)), unit=0.0, residual=0.0, deviance=-np.inf)
    fit = fit_mixed_model(np.ones((len(scores), 1)), scores, ("intercept",), [_intercepts("group", codes)])
    return Components(
        group=float(fit.covariances[0][0, 0]), unit=0.0, residual=fit.sigma**2, deviance=float(fit.deviance)
    )


def three_levels(scores: NDArray[np.float64], units: NDArray[np.int64], codes: NDArray[np.int64]) -> Components:
    """Fit raters in units (schools) in groups (heads) by restricted maximum likelihood.

    Parameters
    ----------
    scores : array of n numbers
    units, codes : arrays of n whole numbers
        Unit and group of each rater, from 0 on, every one used; a unit lies in one group.

    Raises
    ------
    InsufficientDataError
        As `fit_mixed_model`.
    ConvergenceError
        When the raters of every unit agree, or the search does not settle.

    Notes
    -----
    Both variances may be 0. R twin: ``lmer(y ~ 1 + (1|group/unit))``.
    """
    first = scores[np.unique(units, return_index=True)[1]]
    if (scores == first[units]).all():
        raise ConvergenceError(
            Note(
                "raters_all_agree", "Raters of the same unit all agree, so the variances of three levels have no bound."
            )
        )
    terms = [_intercepts("unit", units), _intercepts("group", codes)]
    fit = fit_mixed_model(np.ones((len(scores), 1)), scores, ("intercept",), terms)
    found = {term.name: float(matrix[0, 0]) for term, matrix in zip(fit.terms, fit.covariances, strict=True)}
    return Components(group=found["group"], unit=found["unit"], residual=fit.sigma**2, deviance=float(fit.deviance))


def _intercepts(name: str, codes: NDArray[np.int64]) -> RandomTerm:
    return RandomTerm(
        name=name,
        codes=codes,
        labels=tuple(str(at) for at in range(int(codes.max()) + 1)),
        columns=("intercept",),
        design=np.ones((len(codes), 1)),
        blocks=((0,),),
    )
