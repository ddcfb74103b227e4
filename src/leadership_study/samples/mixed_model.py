"""Linear mixed models by maximum likelihood or restricted maximum likelihood (REML).

y = Xβ + Zb + e with b normal between the levels of one or several grouping factors, nested or crossed, and e normal
with equal variance. The deviance is profiled over β and σ² and worked out from cross-products of each unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.least_squares import LeastSquares, least_squares
from leadership_study.samples.mixed_model_elimination import Eliminated, factors_of
from leadership_study.samples.mixed_model_search import Deviance, Parts, lowest
from leadership_study.samples.mixed_model_structure import Floats, RandomTerm, Structure, structure_of

SINGULAR = 1e-4
"""A relative standard deviation below this is 0 for all purposes (lme4's ``isSingular``)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MixedFit:
    """A fitted mixed model of n rows, p coefficients and c covariance parameters.

    Attributes
    ----------
    deviance_of : Deviance
        The function that was minimised.
    theta : array of c − 1 numbers
        Entries of the factors T on the scale of the structure's columns; `factors` has them on the data's.
    coefficients : array of p numbers
        β̂.
    covariance : array, p × p
        (X'V⁻¹X)⁻¹.
    sigma : float
        Residual standard deviation.
    deviance : float
        −2 ln L, restricted when ``reml``.
    """

    deviance_of: Deviance
    theta: Floats
    coefficients: Floats
    covariance: Floats
    sigma: float
    deviance: float

    @property
    def structure(self) -> Structure:
        """The cross-products."""
        return self.deviance_of.structure

    @property
    def terms(self) -> tuple[RandomTerm, ...]:
        """Random terms, the innermost factor first."""
        return self.structure.terms

    @property
    def ols(self) -> LeastSquares:
        """The regression without random effects."""
        return self.deviance_of.ols

    @property
    def reml(self) -> bool:
        """Whether the likelihood is the restricted one."""
        return self.deviance_of.reml

    @property
    def n_parameters(self) -> int:
        """Coefficients, entries of T and the residual variance."""
        return len(self.coefficients) + len(self.theta) + 1

    @property
    def log_likelihood(self) -> float:
        """Logarithm of the likelihood."""
        return -self.deviance / 2

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return self.deviance + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz' criterion with the number of rows."""
        return self.deviance + float(np.log(self.structure.n)) * self.n_parameters

    @cached_property
    def factors(self) -> tuple[Floats, ...]:
        """T of each term: its random effects have covariance σ²TT'."""
        scaled = factors_of(self.theta, self.deviance_of.directions, self.terms)
        return tuple(factor / scale[:, None] for factor, scale in zip(scaled, self.structure.scales, strict=True))

    @cached_property
    def covariances(self) -> tuple[Floats, ...]:
        """Covariance matrix of each term's random effects."""
        return tuple(self.sigma**2 * factor @ factor.T for factor in self.factors)

    @cached_property
    def eliminated(self) -> Eliminated:
        """Cross-products given the random effects at the optimum, with derivatives and the way back."""
        return self.deviance_of.eliminated(self.theta, keep=True)

    @property
    def singular(self) -> tuple[str, ...]:
        """Names of the terms whose random effects have a covariance matrix without full rank."""
        scaled = factors_of(self.theta, self.deviance_of.directions, self.terms)
        return tuple(
            term.name for term, factor in zip(self.terms, scaled, strict=True) if np.diag(factor).min() < SINGULAR
        )


def fit_mixed_model(
    design: Floats,
    outcome: Floats,
    names: tuple[str, ...],
    terms: Sequence[RandomTerm],
    *,
    constant: int | None = 0,
    reml: bool = True,
) -> MixedFit:
    """Fit ``outcome`` (n numbers) on ``design`` (n × p) with random effects.

    Parameters
    ----------
    design, outcome, names, constant
        As `least_squares` takes them.
    terms : sequence of RandomTerm
        One for each grouping factor.
    reml : bool
        Restricted maximum likelihood; otherwise maximum likelihood.

    Raises
    ------
    InsufficientDataError
        As `least_squares`; for two factors that divide the rows alike, a factor with one level or with as many random
        effects as rows, and a model that leaves nothing unexplained.
    ConvergenceError
        When no start leads to a minimum.

    Notes
    -----
    With T the Cholesky factor of the covariance of a level's random effects over σ², the profiled deviance is
    ln|T'Z'ZT + I| + n(1 + ln 2πr²/n), r² the penalised residual sum of squares; REML adds ln|X'V⁻¹X|σ² and has n − p
    for n. R twin: ``lme4::lmer``, whose log likelihood is the same.

    References
    ----------
    Bates, D., Mächler, M., Bolker, B., & Walker, S. (2015). Journal of Statistical Software, 67(1).
    https://doi.org/10.18637/jss.v067.i01. Pinheiro, J. C., & Bates, D. M. (2000). Mixed-effects models in S and S-PLUS.
    https://doi.org/10.1007/b98882
    """
    ols = least_squares(design, outcome, names, constant=constant)
    _check(terms, ols)
    return _best(Deviance(structure=structure_of(terms, ols.basis, ols.residuals), ols=ols, reml=reml), None)


def refitted_by_ml(fit: MixedFit) -> MixedFit:
    """The same model fitted by maximum likelihood; its cross-products serve again."""
    return _best(replace(fit.deviance_of, reml=False), fit.theta) if fit.reml else fit


def _best(deviance_of: Deviance, near_by: Floats | None) -> MixedFit:
    found = lowest(deviance_of, near_by)
    if not found.converged:
        raise ConvergenceError(
            Note("mixed_model_not_converged", "The search for the variances of the mixed model did not settle.")
        )
    return fit_at(deviance_of, _tidied(deviance_of, found.theta, found.value))


def fit_at(deviance_of: Deviance, theta: Floats) -> MixedFit:
    """The model at given entries of T."""
    parts = Parts(deviance_of.eliminated(theta, slopes=False), deviance_of.reml)
    ols = deviance_of.ols
    deviance_of.refuse_nothing_left(parts.squares)
    variance = parts.squares / deviance_of.df
    value = parts.logs + deviance_of.constant + deviance_of.df * (1 + np.log(2 * np.pi * variance))
    return MixedFit(
        deviance_of=deviance_of,
        theta=theta,
        coefficients=ols.estimates + ols.inverse_root @ parts.coefficients,
        covariance=variance * ols.inverse_root @ parts.inverse @ ols.inverse_root.T,
        sigma=float(np.sqrt(variance)),
        deviance=float(value),
    )


def _check(terms: Sequence[RandomTerm], ols: LeastSquares) -> None:
    if ols.is_exact:
        raise InsufficientDataError(
            Note("nothing_unexplained", "The random effects leave nothing unexplained, so there is no likelihood.")
        )
    _refuse_same_groups(terms)
    for term in terms:
        if term.n_levels < 2:
            text = "All rows used have the same {group}, so there is no variance between its levels."
            raise InsufficientDataError(Note("one_level_of_group", text, {"group": term.name}))
        if term.n_levels * term.n_columns >= ols.n:
            text = "{group} has {effects} random effects for {n} rows, so they cannot be told from the residuals."
            values = {"group": term.name, "effects": term.n_levels * term.n_columns, "n": ols.n}
            raise InsufficientDataError(Note("as_many_effects_as_rows", text, values))


def _refuse_same_groups(terms: Sequence[RandomTerm]) -> None:
    for one, other in combinations(terms, 2):
        if one.n_levels == other.n_levels == len(np.unique(one.codes * other.n_levels + other.codes)):
            text = "{one} and {other} divide the rows alike, so their variances cannot be told apart; leave one out."
            raise InsufficientDataError(Note("same_groups", text, {"one": one.name, "other": other.name}))


def _tidied(deviance_of: Deviance, theta: Floats, value: float) -> Floats:
    """The same point with factors as Cholesky gives them (no negative diagonal), and what is next to 0 set to 0."""
    factors = factors_of(theta, deviance_of.directions, deviance_of.structure.terms)
    for at, factor in enumerate(factors):
        for block in deviance_of.structure.terms[at].blocks:
            where = np.ix_(block, block)
            factor[where] = lower_root(factor[where] @ factor[where].T)
    tidy = np.array([factors[d.factor][d.row, d.column] for d in deviance_of.directions])
    for number, direction in enumerate(deviance_of.directions):
        if direction.row == direction.column and 0 < tidy[number] < SINGULAR:
            zero = tidy.copy()
            zero[number] = 0.0
            if deviance_of.profiled(zero)[0] <= value + 1e-8:
                tidy = zero
    return tidy


def lower_root(matrix: Floats) -> Floats:
    """Cholesky factor of a positive semi-definite matrix; a pivot that is nothing but rounding is 0."""
    size = len(matrix)
    root = np.zeros((size, size))
    for j in range(size):
        left = matrix[j, j] - root[j, :j] @ root[j, :j]
        if left <= 1e-14 * matrix[j, j] or left <= 0:
            continue
        root[j, j] = np.sqrt(left)
        root[j + 1 :, j] = (matrix[j + 1 :, j] - root[j + 1 :, :j] @ root[j, :j]) / root[j, j]
    return root
