"""The same respondents measured k times: analysis of variance with corrections for unequal covariances."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.k_groups import FTest

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Repeated:
    """n respondents × k measures without NaN."""

    values: Floats

    @property
    def n(self) -> int:
        """Respondents."""
        return len(self.values)

    @property
    def k(self) -> int:
        """Measures."""
        return int(self.values.shape[1])

    @cached_property
    def means(self) -> Floats:
        """Mean of each measure."""
        return np.asarray(self.values.mean(axis=0))

    @cached_property
    def contrasts(self) -> Floats:
        """Values in k − 1 orthonormal contrasts of the measures."""
        return self.values @ _orthonormal(self.k)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the contrasts, divisor n − 1."""
        return np.atleast_2d(np.cov(self.contrasts, rowvar=False))

    @property
    def ss_measures(self) -> float:
        """Sum of squares between measures."""
        return float(self.n * ((self.means - self.means.mean()) ** 2).sum())

    @property
    def ss_error(self) -> float:
        """Sum of squares of measures within respondents."""
        return float((self.n - 1) * np.trace(self.covariance))

    @property
    def f(self) -> float:
        """F ratio; its degrees of freedom are k − 1 and (n − 1)(k − 1), times an epsilon."""
        return self.ss_measures / (self.k - 1) / (self.ss_error / ((self.n - 1) * (self.k - 1)))

    def test(self, epsilon: float = 1.0) -> FTest:
        """F test with both degrees of freedom times ``epsilon``."""
        return FTest(statistic=self.f, df1=epsilon * (self.k - 1), df2=epsilon * (self.n - 1) * (self.k - 1))

    @cached_property
    def greenhouse_geisser(self) -> float:
        """ε̂ = tr(S)² / ((k − 1) tr(S²)) of the covariance S of the contrasts (Greenhouse & Geisser, 1959)."""
        return float(np.trace(self.covariance) ** 2 / ((self.k - 1) * (self.covariance**2).sum()))

    @property
    def huynh_feldt(self) -> float:
        """ε̃ = (n(k − 1)ε̂ − 2) / ((k − 1)(n − 1 − (k − 1)ε̂)), at most 1 (Huynh & Feldt, 1976)."""
        q, e = self.k - 1, self.greenhouse_geisser
        below = q * (self.n - 1 - q * e)
        return min(1.0, (self.n * q * e - 2) / below) if below > 0 else 1.0

    def mauchly(self) -> tuple[float, float, int, float]:
        """Mauchly's W, chi-square, df and p value of sphericity; NaN for two measures, which are always spherical.

        The p value has the second term of the expansion, as ``mauchly.test`` in R and SPSS have it.
        """
        q, f = self.k - 1, self.n - 1
        if q < 2:
            return np.nan, np.nan, 0, np.nan
        sign, log_determinant = np.linalg.slogdet(self.covariance)
        df = q * (q + 1) // 2 - 1
        if sign <= 0 or f < q:
            return np.nan, np.nan, df, np.nan
        log_w = float(log_determinant - q * np.log(np.trace(self.covariance) / q))
        rho = 1 - (2 * q**2 + q + 2) / (6 * q * f)
        w2 = (q + 2) * (q - 1) * (q - 2) * (2 * q**3 + 6 * q**2 + 3 * q + 2) / (288 * (f * q * rho) ** 2)
        z = -f * rho * log_w
        first, second = float(stats.chi2.sf(z, df)), float(stats.chi2.sf(z, df + 4))
        return float(np.exp(log_w)), z, df, first + w2 * (second - first)

    def multivariate(self) -> FTest:
        """Hotelling's T² that all measures have the same mean, as F(k − 1, n − k + 1); needs no sphericity."""
        q = self.k - 1
        if self.n <= q:
            return FTest(statistic=np.nan, df1=q, df2=np.nan)
        mean = self.contrasts.mean(axis=0)
        squared = self.n * float(mean @ np.linalg.solve(self.covariance, mean))
        return FTest(statistic=squared * (self.n - q) / (q * (self.n - 1)), df1=q, df2=self.n - q)


def repeated(values: Floats) -> Repeated:
    """Take ``values`` (n × k, no NaN).

    Raises
    ------
    InsufficientDataError
        With fewer than two measures or three respondents, or when respondents do not differ in their contrasts.

    References
    ----------
    Greenhouse, S. W., & Geisser, S. (1959). https://doi.org/10.1007/BF02289823. Huynh, H., & Feldt, L. S. (1976).
    https://doi.org/10.3102/10769986001001069. Mauchly, J. W. (1940). https://doi.org/10.1214/aoms/1177731915. R twins:
    ``anova.mlm(test="Spherical")``, ``mauchly.test``.
    """
    n, k = values.shape
    if k < 2 or n < 3:
        text = "Measures are compared over two of them and three respondents with all or more; there are {k} and {n}."
        raise InsufficientDataError(Note("repeated_too_few", text, {"k": k, "n": n}))
    found = Repeated(values=values)
    spread = float(((values - values.mean()) ** 2).sum())
    if found.ss_error <= 1e-20 * max(spread, float((values**2).sum())):
        text = "All respondents have the same differences between the measures, so no error can be estimated."
        raise InsufficientDataError(Note("repeated_constant", text))
    return found


def _orthonormal(k: int) -> Floats:
    """K × (k − 1) orthonormal columns that sum to 0 (Helmert)."""
    columns = np.zeros((k, k - 1))
    for at in range(1, k):
        columns[:at, at - 1], columns[at, at - 1] = 1.0, -at
    return np.asarray(columns / np.sqrt((columns**2).sum(axis=0)))
