"""Tests of means: one sample, pairs, two groups; each with its difference, error and interval."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MeanTest:
    """An estimate with its standard error and degrees of freedom, tested against ``null`` by Student's t.

    Without any spread the error is 0 and every test is NaN: nothing is known about chance then.
    """

    estimate: float
    std_error: float
    df: float
    null: float = 0.0

    @property
    def statistic(self) -> float:
        """(estimate − null) / std_error."""
        return (self.estimate - self.null) / self.std_error if self.std_error > 0 else np.nan

    @property
    def p_value(self) -> float:
        """Two-sided."""
        return float(2 * stats.t.sf(abs(self.statistic), self.df))

    def interval(self, confidence_level: float = 0.95) -> tuple[float, float]:
        """Limits of the estimate."""
        half = float(stats.t.ppf((1 + confidence_level) / 2, self.df)) * self.std_error
        return (self.estimate - half, self.estimate + half) if self.std_error > 0 else (np.nan, np.nan)

    def equivalence_p_value(self, bound: float) -> float:
        """P value of two one-sided tests that the estimate lies within ``bound`` of ``null`` (Schuirmann, 1987).

        The larger of the two: small when the estimate is shown to be closer to ``null`` than ``bound``.

        References
        ----------
        Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics, 15, 657–680.
        https://doi.org/10.1007/BF01068419. R twin: ``TOSTER::tsum_TOST``.
        """
        if not self.std_error > 0:
            return np.nan
        away = self.estimate - self.null
        above = stats.t.sf((away + bound) / self.std_error, self.df)
        below = stats.t.cdf((away - bound) / self.std_error, self.df)
        return float(max(above, below))


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoGroups:
    """Two groups of independent values; every difference is the first less the second.

    Attributes
    ----------
    first, second : arrays of numbers, no NaN
    """

    first: Floats
    second: Floats

    @cached_property
    def sizes(self) -> tuple[int, int]:
        """Values in each group."""
        return len(self.first), len(self.second)

    @cached_property
    def variances(self) -> tuple[float, float]:
        """Variances with divisor n − 1."""
        return float(self.first.var(ddof=1)), float(self.second.var(ddof=1))

    @cached_property
    def difference(self) -> float:
        """Mean of the first group less that of the second."""
        return float(self.first.mean() - self.second.mean())

    @cached_property
    def pooled_sd(self) -> float:
        """Root of the variance within groups."""
        (n1, n2), (v1, v2) = self.sizes, self.variances
        return float((((n1 - 1) * v1 + (n2 - 1) * v2) / (n1 + n2 - 2)) ** 0.5)

    @property
    def average_sd(self) -> float:
        """Root of the mean of the two variances, whatever the sizes."""
        return float((sum(self.variances) / 2) ** 0.5)

    def student(self) -> MeanTest:
        """Student's t test: equal variances, n₁ + n₂ − 2 degrees of freedom. R twin: ``t.test(var.equal=TRUE)``."""
        n1, n2 = self.sizes
        error = self.pooled_sd * (1 / n1 + 1 / n2) ** 0.5
        return MeanTest(estimate=self.difference, std_error=error, df=n1 + n2 - 2)

    def welch(self) -> MeanTest:
        """Welch's t test: unequal variances, Satterthwaite's degrees of freedom. R twin: ``t.test``."""
        (n1, n2), (v1, v2) = self.sizes, self.variances
        a, b = v1 / n1, v2 / n2
        df = (a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1)) if a + b > 0 else np.nan
        return MeanTest(estimate=self.difference, std_error=(a + b) ** 0.5, df=df)

    def variance_ratio(self) -> tuple[float, float]:
        """F = first variance / second, and its two-sided p value under normality. R twin: ``var.test``."""
        (n1, n2), (v1, v2) = self.sizes, self.variances
        if v2 == 0:
            return np.nan, np.nan
        f = v1 / v2
        below = float(stats.f.cdf(f, n1 - 1, n2 - 1))
        above = float(stats.f.sf(f, n1 - 1, n2 - 1))
        return f, 2 * min(below, above)


def two_groups(first: Floats, second: Floats) -> TwoGroups:
    """Put two groups of values (no NaN) side by side.

    Raises
    ------
    InsufficientDataError
        When a group has fewer than two values, or all values are the same.
    """
    if min(len(first), len(second)) < 2:
        text = "A comparison of means needs two values or more in each group; there are {first} and {second}."
        raise InsufficientDataError(Note("group_too_small", text, {"first": len(first), "second": len(second)}))
    refuse_constant(np.concatenate([first, second]))
    return TwoGroups(first=first, second=second)


def one_sample(values: Floats, null: float = 0.0) -> MeanTest:
    """Test the mean of ``values`` (no NaN) against ``null``. R twin: ``t.test(mu=)``.

    Raises
    ------
    InsufficientDataError
        With fewer than two values.
    """
    n = len(values)
    if n < 2:
        text = "A test of a mean needs two values or more; the number of values here is {n}."
        raise InsufficientDataError(Note("mean_of_too_few", text, {"n": n}))
    return MeanTest(estimate=float(values.mean()), std_error=float(values.std(ddof=1)) / n**0.5, df=n - 1, null=null)


def refuse_constant(values: Floats) -> None:
    """Refuse values that are all the same.

    Raises
    ------
    InsufficientDataError
        When they are.
    """
    if values.min() == values.max():
        text = "The outcome has the same value in all {n} rows used."
        raise InsufficientDataError(Note("constant_outcome", text, {"n": len(values)}))
