"""Degrees of freedom for the coefficients of a mixed model: Satterthwaite's and Kenward and Roger's."""

from dataclasses import dataclass

import numpy as np

from leadership_study.samples.mixed_model import MixedFit
from leadership_study.samples.mixed_model_search import Parts, hessian_of
from leadership_study.samples.mixed_model_structure import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class WaldTest:
    """A test that the rows of L'β are 0: F with two degrees of freedom; for one row F is t²."""

    statistic: float
    df1: int
    df2: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Satterthwaite:
    """Degrees of freedom from how surely the covariance of β̂ itself is known.

    Attributes
    ----------
    covariance : array, p × p
        (X'V⁻¹X)⁻¹, as it is.
    slopes : array, c × p × p
        Its derivatives by the entries of T and by σ.
    uncertainty : array, c × c
        Covariance of the estimates of these: twice the inverse Hessian of the deviance.
    """

    covariance: Floats
    slopes: Floats
    uncertainty: Floats

    def df(self, contrast: Floats) -> float:
        """Degrees of freedom of contrast'β̂: 2v²/Var(v̂), v its variance; infinite when v̂ is known for certain."""
        variance = float(contrast @ self.covariance @ contrast)
        slope = np.einsum("i,kij,j->k", contrast, self.slopes, contrast)
        spread = float(slope @ self.uncertainty @ slope)
        return 2 * variance**2 / spread if spread > 0 else float("inf")

    def test(self, contrasts: Floats, coefficients: Floats) -> WaldTest:
        """F test of several contrasts (rows): the mean of t² over orthogonal ones, df2 by matching its mean."""
        values, vectors = np.linalg.eigh(contrasts @ self.covariance @ contrasts.T)
        turned = vectors.T @ contrasts
        squares = (turned @ coefficients) ** 2 / values
        each = np.array([self.df(row) for row in turned])
        statistic, q = float(squares.mean()), len(contrasts)
        if q == 1:
            return WaldTest(statistic=statistic, df1=1, df2=float(each[0]))
        if (each <= 2).any():
            return WaldTest(statistic=statistic, df1=q, df2=2.0)
        total = float((each / (each - 2)).sum()) if np.isfinite(each).all() else _finite_sum(each)
        df2 = 2 * total / (total - q) if total > q else float("inf")
        return WaldTest(statistic=statistic, df1=q, df2=df2)


def _finite_sum(each: Floats) -> float:
    return float(sum(1.0 if np.isinf(df) else df / (df - 2) for df in each))


def satterthwaite(fit: MixedFit) -> Satterthwaite:
    """Satterthwaite's degrees of freedom of a fitted model.

    The Hessian is that of the deviance by the entries of T and σ; directions in which the deviance is flat, as at some
    borders, are left out.

    References
    ----------
    Fai, A. H.-T., & Cornelius, P. L. (1996). Journal of Statistical Computation and Simulation, 54, 363–378.
    https://doi.org/10.1080/00949659608811740. Kuznetsova, A., Brockhoff, P. B., & Christensen, R. H. B. (2017).
    Journal of Statistical Software, 82(13). https://doi.org/10.18637/jss.v082.i13. R twin: ``lmerTest``.
    """
    deviance_of, sigma = fit.deviance_of, fit.sigma
    parts = Parts(fit.eliminated, fit.reml)
    root = fit.ols.inverse_root @ parts.inverse
    p = fit.structure.p
    by_theta = [-(sigma**2) * root @ slope[:p, :p] @ root.T for slope in fit.eliminated.slopes]
    slopes = np.array([*by_theta, 2 * fit.covariance / sigma])

    def relative(at: Floats) -> tuple[float, Floats]:  # the last entry is ln σ, so that all entries are of one order
        value, slope = deviance_of.at(at[:-1], sigma * float(np.exp(at[-1])))
        slope[-1] *= sigma * float(np.exp(at[-1]))
        return value, slope

    hessian = hessian_of(relative, np.append(fit.theta, 0.0))
    values, vectors = np.linalg.eigh(hessian)
    firm = values > 1e-8 * float(values.max())
    inverse = (vectors[:, firm] / values[firm]) @ vectors[:, firm].T
    scale = np.append(np.ones(len(fit.theta)), sigma)
    return Satterthwaite(covariance=fit.covariance, slopes=slopes, uncertainty=2 * inverse * np.outer(scale, scale))
