"""Several groups of independent values: analyses of variance, equal variances or not, and their assumptions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.mean_tests import refuse_constant

Floats = NDArray[np.float64]
Center = Literal["median", "mean"]


@dataclass(frozen=True, kw_only=True)
class FTest:
    """F test with two degrees of freedom; NaN where it cannot be made."""

    statistic: float
    df1: float
    df2: float

    @property
    def p_value(self) -> float:
        """Chance of an F as large, were there no difference."""
        return float(stats.f.sf(self.statistic, self.df1, self.df2))


@dataclass(frozen=True, kw_only=True, eq=False)
class KGroups:
    """k groups of values: sizes, means and variances (divisor n − 1) of each."""

    values: Floats
    codes: NDArray[np.int64]
    sizes: NDArray[np.int64]
    means: Floats
    variances: Floats

    @property
    def k(self) -> int:
        """Number of groups."""
        return len(self.sizes)

    @property
    def n(self) -> int:
        """Number of values."""
        return len(self.values)

    @property
    def ss_within(self) -> float:
        """Sum of squares within groups."""
        return float(((self.sizes - 1) * self.variances).sum())

    @property
    def ss_between(self) -> float:
        """Sum of squares between groups."""
        return float((self.sizes * (self.means - self.values.mean()) ** 2).sum())

    @property
    def mean_square(self) -> float:
        """Variance within groups, divisor n − k."""
        return self.ss_within / (self.n - self.k)

    def anova(self) -> FTest:
        """Fisher's analysis of variance: equal variances. R twin: ``aov``."""
        df1, df2 = self.k - 1, self.n - self.k
        f = self.ss_between / df1 / self.mean_square if self.mean_square > 0 else np.nan
        return FTest(statistic=f, df1=df1, df2=df2)

    def welch(self) -> FTest:
        """Welch's analysis of variance: unequal variances; NaN when a group has none.

        References
        ----------
        Welch, B. L. (1951). https://doi.org/10.1093/biomet/38.3-4.330. R twin: ``oneway.test``.
        """
        k = self.k
        if not (self.variances > 0).all():
            return FTest(statistic=np.nan, df1=k - 1, df2=np.nan)
        weights = self.sizes / self.variances
        share = weights / weights.sum()
        mean = (share * self.means).sum()
        spread = float(((1 - share) ** 2 / (self.sizes - 1)).sum()) / (k**2 - 1)
        f = float((weights * (self.means - mean) ** 2).sum()) / (k - 1) / (1 + 2 * (k - 2) * spread)
        return FTest(statistic=f, df1=k - 1, df2=1 / (3 * spread))

    def brown_forsythe(self) -> FTest:
        """Brown and Forsythe's F*: Fisher's numerator over what it expects under unequal variances.

        References
        ----------
        Brown, M. B., & Forsythe, A. B. (1974). https://doi.org/10.1080/00401706.1974.10489158
        """
        parts = (1 - self.sizes / self.n) * self.variances
        below = float(parts.sum())
        if not below > 0:
            return FTest(statistic=np.nan, df1=self.k - 1, df2=np.nan)
        df2 = 1 / float(((parts / below) ** 2 / (self.sizes - 1)).sum())
        return FTest(statistic=self.ss_between / below, df1=self.k - 1, df2=df2)

    def levene(self, center: Center = "median") -> FTest:
        """Analysis of variance of the distances from each group's median (Brown & Forsythe, 1974) or mean (Levene).

        R twin: ``car::leveneTest``.
        """
        middle = self.means
        if center == "median":
            middle = np.array([np.median(self.values[self.codes == at]) for at in range(self.k)])
        away = np.abs(self.values - middle[self.codes])
        if away.min() == away.max():
            return FTest(statistic=np.nan, df1=self.k - 1, df2=self.n - self.k)
        return _summarised(away, self.codes).anova()

    def bartlett(self) -> tuple[float, int, float]:
        """Bartlett's K² of equal variances under normality, its df and p value. R twin: ``bartlett.test``."""
        df = self.sizes - 1
        if not (self.variances > 0).all():
            return np.nan, self.k - 1, np.nan
        whole = float(df.sum() * np.log(self.mean_square) - (df * np.log(self.variances)).sum())
        statistic = whole / (1 + (float((1 / df).sum()) - 1 / float(df.sum())) / (3 * (self.k - 1)))
        return statistic, self.k - 1, float(stats.chi2.sf(statistic, self.k - 1))

    @property
    def residuals(self) -> Floats:
        """Values less their group's mean."""
        return np.asarray(self.values - self.means[self.codes], dtype=np.float64)


def k_groups(values: Floats, codes: NDArray[np.int64]) -> KGroups:
    """Summarise ``values`` (no NaN) in groups ``codes`` (0 … k − 1).

    Raises
    ------
    InsufficientDataError
        With one group, a group of fewer than two values, or the same value everywhere.
    """
    sizes = np.bincount(codes) if len(codes) else np.zeros(0, dtype=np.int64)
    if len(sizes) < 2:
        text = "A comparison needs two groups or more with answers; there is {n}."
        raise InsufficientDataError(Note("one_group_to_compare", text, {"n": len(sizes)}))
    if sizes.min() < 2:
        text = "A group has fewer than two answers, so its spread is unknown; leave it out or merge it with another."
        raise InsufficientDataError(Note("group_of_one", text))
    refuse_constant(values)
    return _summarised(values, codes)


def _summarised(values: Floats, codes: NDArray[np.int64]) -> KGroups:
    sizes = np.bincount(codes)
    centre = values.mean()
    means = np.bincount(codes, values - centre) / sizes + centre
    variances = np.bincount(codes, (values - means[codes]) ** 2) / (sizes - 1)
    return KGroups(values=values, codes=codes, sizes=sizes, means=means, variances=variances)
