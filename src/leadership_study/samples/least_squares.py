"""Ordinary least squares and its covariance matrices under equal and unequal variances."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

HeteroscedasticType = Literal["HC0", "HC1", "HC2", "HC3", "HC4"]

_COLLINEAR = 1e-9  # share of a column that the columns before it leave unexplained; R's lm stops at 1e-7 of its norm
_ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""What rounding may leave of a number that should be 0, as a share of the numbers it was made of."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LeastSquares:
    """A fitted linear model of n rows and p columns.

    Attributes
    ----------
    terms : p names
        Columns of the design.
    constant : int or None
        Position of the column of ones, None in a model without a constant. Names do not tell: a predictor may be
        called anything.
    basis : array, n × p
        Orthonormal columns that span the design (Q of its QR decomposition).
    inverse_root : array, p × p
        R⁻¹: design · R⁻¹ = basis, hence (X'X)⁻¹ = R⁻¹R⁻¹'.
    estimates : array of p numbers
    fitted, residuals : arrays of n numbers
        Residuals that are nothing but rounding are 0.
    total : float
        Sum of squares of the outcome about its mean (about 0 without a constant).
    """

    terms: tuple[str, ...]
    constant: int | None
    design: NDArray[np.float64]
    outcome: NDArray[np.float64]
    basis: NDArray[np.float64]
    inverse_root: NDArray[np.float64]
    estimates: NDArray[np.float64]
    fitted: NDArray[np.float64]
    residuals: NDArray[np.float64]
    total: float

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.residuals)

    @property
    def df_residual(self) -> int:
        """Rows less columns of the design."""
        return self.n - len(self.terms)

    @property
    def has_intercept(self) -> bool:
        """Whether the model has a constant."""
        return self.constant is not None

    @property
    def slopes(self) -> list[int]:
        """Positions of all columns but the constant."""
        return [at for at in range(len(self.terms)) if at != self.constant]

    @property
    def is_exact(self) -> bool:
        """Whether the fit leaves no residual, so that there are no errors and no tests."""
        return self.rss == 0

    @cached_property
    def rss(self) -> float:
        """Residual sum of squares."""
        return float(self.residuals @ self.residuals)

    @property
    def sigma_squared(self) -> float:
        """Residual variance with divisor n − p."""
        return self.rss / self.df_residual

    @property
    def r_squared(self) -> float:
        """1 − residual / total sum of squares."""
        return 1 - self.rss / self.total

    @property
    def adj_r_squared(self) -> float:
        """1 − (1 − R²)(n − 1)/(n − p), n in place of n − 1 without an intercept."""
        return 1 - (1 - self.r_squared) * (self.n - int(self.has_intercept)) / self.df_residual

    @property
    def log_likelihood(self) -> float:
        """Normal log likelihood at the maximum likelihood variance RSS/n; NaN for an exact fit."""
        if self.is_exact:
            return float("nan")
        return float(-self.n / 2 * (np.log(2 * np.pi * self.rss / self.n) + 1))

    @cached_property
    def leverages(self) -> NDArray[np.float64]:
        """Diagonal of the hat matrix."""
        leverages: NDArray[np.float64] = np.minimum((self.basis**2).sum(axis=1), 1.0)
        return leverages

    @cached_property
    def unscaled_covariance(self) -> NDArray[np.float64]:
        """(X'X)⁻¹."""
        return self.inverse_root @ self.inverse_root.T

    def covariance(self, type: Literal["nonrobust"] | HeteroscedasticType = "nonrobust") -> NDArray[np.float64]:
        """Covariance matrix of the estimates, p × p.

        Parameters
        ----------
        type : {"nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4"}
            σ²(X'X)⁻¹, or the sandwich with squared residuals (HC0) times n/(n − p) (HC1), over 1 − h (HC2), over
            (1 − h)² (HC3), over (1 − h)^min(4, nh/p) (HC4); h are the leverages.

        Raises
        ------
        InsufficientDataError
            For HC2 to HC4 when a row is fitted perfectly because it alone determines a coefficient (h = 1).

        References
        ----------
        MacKinnon, J. G., & White, H. (1985). Journal of Econometrics, 29, 305–325.
        https://doi.org/10.1016/0304-4076(85)90158-7. Cribari-Neto, F. (2004). Computational Statistics & Data
        Analysis, 45, 215–233. https://doi.org/10.1016/S0167-9473(02)00366-3. R twin: ``sandwich::vcovHC``.
        """
        if type == "nonrobust":
            return self.sigma_squared * self.unscaled_covariance
        squares, left = self.residuals**2, 1 - self.leverages
        if type in ("HC2", "HC3", "HC4") and left.min() < 1e-10:
            raise InsufficientDataError(
                Note(
                    "row_determines_coefficient",
                    "A single row determines a coefficient, so {covariance} errors do not exist; use HC1 or merge rare "
                    "categories.",
                    {"covariance": type},
                )
            )
        weights = squares
        if type == "HC4":
            weights = squares / left ** np.minimum(4.0, self.n * self.leverages / len(self.terms))
        elif type in ("HC2", "HC3"):
            weights = squares / left ** (1.0 if type == "HC2" else 2.0)
        middle = self.basis.T @ (self.basis * weights[:, None])
        factor = self.n / self.df_residual if type == "HC1" else 1.0
        return factor * self.inverse_root @ middle @ self.inverse_root.T


def least_squares(
    design: NDArray[np.float64], outcome: NDArray[np.float64], terms: tuple[str, ...], *, constant: int | None = 0
) -> LeastSquares:
    """Fit ``outcome`` (n numbers) on the columns of ``design`` (n × p).

    Parameters
    ----------
    constant : int or None
        Position of the column of ones; None when the model has no constant.

    Raises
    ------
    InsufficientDataError
        With no more rows than columns, a constant outcome, or a column that follows from those before it.
    ValueError
        When the column at ``constant`` holds anything but ones.

    Notes
    -----
    With a constant the outcome and all other columns are centred first, so that large means cost no digits. What counts
    as no spread is what rounding can leave of numbers of that size, not a share of the size itself.
    """
    n, p = design.shape
    if constant is not None and not (design[:, constant] == 1).all():
        raise ValueError("The constant of least_squares must be a column of ones; give its position in 'constant'.")
    if n <= p:
        raise InsufficientDataError(
            Note(
                "too_few_rows",
                "{n} complete rows are too few for {coefficients} coefficients.",
                {"n": n, "coefficients": p},
            )
        )
    centre = float(outcome.mean()) if constant is not None else 0.0
    centred = outcome - centre
    total = float(centred @ centred)
    size = float(outcome @ outcome)
    if outcome.min() == outcome.max() or total <= _ROUNDING**2 * size:
        raise InsufficientDataError(
            Note("constant_outcome", "The outcome has the same value in all {n} rows used.", {"n": n})
        )
    # design = shifted · (I + e·means'), e the unit vector of the constant: the inverse takes the means off again.
    means = np.zeros(p)
    if constant is not None:
        means = design.mean(axis=0)
        means[constant] = 0.0
    shifted = design - means
    basis, root = np.linalg.qr(shifted)
    _refuse_dependent(design, shifted, np.abs(np.diag(root)), terms)
    inverse_root = linalg.solve_triangular(root, np.eye(p))
    if constant is not None:
        inverse_root[constant] -= means @ inverse_root
    loadings = basis.T @ centred
    estimates = inverse_root @ loadings
    explained = basis @ loadings
    residuals = centred - explained
    if float(residuals @ residuals) <= _ROUNDING**2 * p * (total + size):
        residuals = np.zeros(n)
    if constant is not None:
        estimates[constant] += centre
    return LeastSquares(
        terms=terms,
        constant=constant,
        design=design,
        outcome=outcome,
        basis=basis,
        inverse_root=inverse_root,
        estimates=estimates,
        fitted=explained + centre,
        residuals=residuals,
        total=total,
    )


def _refuse_dependent(
    design: NDArray[np.float64], shifted: NDArray[np.float64], left: NDArray[np.float64], terms: tuple[str, ...]
) -> None:
    """Refuse a column of which those before it leave (``left``) nothing but what rounding can leave."""
    size, spread = np.sqrt((design**2).sum(axis=0)), np.sqrt((shifted**2).sum(axis=0))
    varies = spread > _ROUNDING * size
    doubt = np.divide(_ROUNDING * size, spread, out=np.zeros(len(terms)), where=varies)
    # Rounding of a column shows in those after it that depend on it.
    limit = np.maximum(_COLLINEAR, np.maximum.accumulate(doubt))
    if (dependent := np.flatnonzero(~varies | (left <= limit * spread))).size:
        raise InsufficientDataError(
            Note(
                "collinear",
                "{term} is constant or follows exactly from the other predictors; leave it out.",
                {"term": terms[int(dependent[0])]},
            )
        )
