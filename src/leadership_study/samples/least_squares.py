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
_NO_SPREAD = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class LeastSquares:
    """A fitted linear model of n rows and p columns.

    Attributes
    ----------
    terms : p names
        Columns of the design, ``intercept`` among them if the model has one.
    basis : array, n × p
        Orthonormal columns that span the design (Q of its QR decomposition).
    inverse_root : array, p × p
        R⁻¹: design · R⁻¹ = basis, hence (X'X)⁻¹ = R⁻¹R⁻¹'.
    estimates : array of p numbers
    fitted, residuals : arrays of n numbers
    total : float
        Sum of squares of the outcome about its mean (about 0 without an intercept).
    """

    terms: tuple[str, ...]
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
        return "intercept" in self.terms

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
        """Normal log likelihood at the maximum likelihood variance RSS/n."""
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


def least_squares(design: NDArray[np.float64], outcome: NDArray[np.float64], terms: tuple[str, ...]) -> LeastSquares:
    """Fit ``outcome`` (n numbers) on the columns of ``design`` (n × p), a column of ones being called ``intercept``.

    Raises
    ------
    InsufficientDataError
        With no more rows than columns, a constant outcome, or a column that follows from those before it.
    """
    n, p = design.shape
    if n <= p:
        raise InsufficientDataError(
            Note(
                "too_few_rows",
                "{n} complete rows are too few for {coefficients} coefficients.",
                {"n": n, "coefficients": p},
            )
        )
    centre = outcome.mean() if "intercept" in terms else 0.0
    total = float(((outcome - centre) ** 2).sum())
    if outcome.min() == outcome.max() or total <= _NO_SPREAD * float(outcome @ outcome):
        raise InsufficientDataError(
            Note("constant_outcome", "The outcome has the same value in all {n} rows used.", {"n": n})
        )
    basis, root = np.linalg.qr(design)
    norms = np.sqrt((design**2).sum(axis=0))
    left = np.abs(np.diag(root))
    if (dependent := np.flatnonzero(left <= _COLLINEAR * norms)).size:
        raise InsufficientDataError(
            Note(
                "collinear",
                "{term} is constant or follows exactly from the other predictors; leave it out.",
                {"term": terms[int(dependent[0])]},
            )
        )
    inverse_root = linalg.solve_triangular(root, np.eye(p))
    # The outcome is centred first, so that a large constant costs no digits.
    estimates = inverse_root @ (basis.T @ (outcome - centre))
    fitted = basis @ (basis.T @ (outcome - centre)) + centre
    if "intercept" in terms:
        estimates[terms.index("intercept")] += centre
    return LeastSquares(
        terms=terms,
        design=design,
        outcome=outcome,
        basis=basis,
        inverse_root=inverse_root,
        estimates=estimates,
        fitted=fitted,
        residuals=outcome - fitted,
        total=total,
    )
