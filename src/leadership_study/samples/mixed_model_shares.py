"""What share of the variance a mixed model accounts for, and the test of one mixed model within another."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from leadership_study.samples.mixed_model import MixedFit

_NOTHING = 1e-8  # a difference of deviances that is rounding


@dataclass(frozen=True, kw_only=True)
class Shares:
    """R² of Nakagawa and Schielzeth.

    ``fixed`` is the variance of Xβ̂ over rows, ``random`` the mean over rows of z'Σz (Johnson, 2014), ``residual`` σ².
    """

    fixed: float
    random: float
    residual: float

    @property
    def marginal(self) -> float:
        """Share of the fixed effects."""
        return self.fixed / (self.fixed + self.random + self.residual)

    @property
    def conditional(self) -> float:
        """Share of fixed and random effects."""
        return (self.fixed + self.random) / (self.fixed + self.random + self.residual)

    @property
    def icc(self) -> float:
        """Share of the random effects in what the fixed ones leave (the adjusted ICC)."""
        return self.random / (self.random + self.residual)


def shares_of(fit: MixedFit) -> Shares:
    """Variance shares of a fitted model.

    References
    ----------
    Nakagawa, S., Johnson, P. C. D., & Schielzeth, H. (2017). Journal of the Royal Society Interface, 14, 20170213.
    https://doi.org/10.1098/rsif.2017.0213. R twin: ``performance::r2_nakagawa``.
    """
    fitted = fit.ols.design @ fit.coefficients
    random = sum(
        float(np.einsum("ni,ij,nj->", term.design, covariance, term.design)) / len(term.design)
        for term, covariance in zip(fit.terms, fit.covariances, strict=True)
    )
    return Shares(fixed=float(fitted.var(ddof=1)), random=random, residual=fit.sigma**2)


@dataclass(frozen=True, kw_only=True)
class RatioTest:
    """A likelihood-ratio test; ``boundary`` is the p value when a variance of 0 is what is tested, else NaN."""

    chi_square: float
    df: int
    p_value: float
    boundary: float


def ratio_test(smaller: float, larger: float, df: int, *, new_effects: int = 0, covariances: int = 0) -> RatioTest:
    """Test of ``df`` parameters by the log likelihoods of two models.

    ``new_effects`` of them are variances, with ``covariances`` covariances of theirs: a variance cannot be below 0, so
    one new effect with c covariances has a mixture of half χ²(c) and half χ²(c + 1) as its distribution.

    References
    ----------
    Stram, D. O., & Lee, J. W. (1994). Biometrics, 50, 1171–1177. https://doi.org/10.2307/2533455
    """
    statistic = max(2 * (larger - smaller), 0.0)
    plain = float(stats.chi2.sf(statistic, df))
    boundary = float("nan")
    if new_effects == 1 and df == covariances + 1:
        lower = float(stats.chi2.sf(statistic, covariances)) if covariances else float(statistic <= _NOTHING)
        boundary = (lower + plain) / 2
    return RatioTest(chi_square=statistic, df=df, p_value=plain, boundary=boundary)
