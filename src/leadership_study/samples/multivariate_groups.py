"""Several outcomes over groups at once: the four tests of a one-way multivariate analysis of variance, and Box's M."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.k_groups import FTest

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class MultivariateGroups:
    """Values n × p in k groups: eigenvalues of E⁻¹H (largest first), and the covariance of each group."""

    n: int
    p: int
    k: int
    roots: Floats
    covariances: tuple[Floats, ...]
    sizes: NDArray[np.int64]

    @property
    def s(self) -> int:
        """Roots that can differ from 0."""
        return min(self.p, self.k - 1)

    def tests(self) -> dict[str, tuple[float, FTest]]:
        """Value and approximate F of each test, as R's ``summary.manova`` has them (Roy's is an upper bound of F)."""
        p, q, error, s = self.p, self.k - 1, self.n - self.k, self.s
        roots = self.roots[:s]
        m, half = (abs(p - q) - 1) / 2, (error - p - 1) / 2
        pillai, hotelling = float((roots / (1 + roots)).sum()), float(roots.sum())
        wilks = float(np.prod(1 / (1 + roots)))
        first = 2 * m + s + 1
        second = 2 * half + s + 1
        found = {"pillai": (pillai, _f(second / first * pillai / (s - pillai), s * first, s * second))}
        shift, part = error - (p - q + 1) / 2, (p * q - 2) / 4
        spread = p**2 + q**2 - 5
        root = ((p**2 * q**2 - 4) / spread) ** 0.5 if spread > 0 else 1.0
        df2 = shift * root - 2 * part
        found["wilks"] = (wilks, _f((wilks ** (-1 / root) - 1) * df2 / (p * q), p * q, df2))
        df2 = 2 * (s * half + 1)
        found["hotelling_lawley"] = (hotelling, _f(df2 * hotelling / (s**2 * first), s * first, df2))
        df1 = max(p, q)
        df2 = error - df1 + q
        found["roy"] = (float(roots[0]), _f(df2 * float(roots[0]) / df1, df1, df2))
        return found

    def box(self) -> tuple[float, float, float]:
        """Box's M of equal covariances as χ², its df and p value; NaN when a group has too few values."""
        p, k, df = self.p, self.k, self.sizes - 1
        freedom = p * (p + 1) * (k - 1) / 2
        if df.min() < p:
            return np.nan, freedom, np.nan
        pooled = sum(share * one for share, one in zip(df, self.covariances, strict=True)) / df.sum()
        logs = np.array([np.linalg.slogdet(one)[1] for one in self.covariances])
        whole = float(df.sum() * np.linalg.slogdet(pooled)[1] - (df * logs).sum())
        factor = (2 * p**2 + 3 * p - 1) / (6 * (p + 1) * (k - 1)) * (float((1 / df).sum()) - 1 / float(df.sum()))
        statistic = whole * (1 - factor)
        return statistic, freedom, float(stats.chi2.sf(statistic, freedom))


def multivariate_groups(values: Floats, codes: NDArray[np.int64]) -> MultivariateGroups:
    """Summarise ``values`` (n × p, no NaN) in groups ``codes`` (0 … k − 1, each of two values or more).

    Raises
    ------
    InsufficientDataError
        With fewer rows than groups and outcomes need, or outcomes of which one follows from the others.

    References
    ----------
    Pillai, K. C. S. (1955). https://doi.org/10.1214/aoms/1177728599. Box, G. E. P. (1949).
    https://doi.org/10.1093/biomet/36.3-4.317. R twins: ``summary(manova())``, ``biotools::boxM``.
    """
    n, p = values.shape
    sizes = np.bincount(codes)
    k = len(sizes)
    if n - k <= p:
        text = "{n} respondents are too few to compare {p} outcomes over {k} groups at once."
        raise InsufficientDataError(Note("manova_too_few", text, {"n": n, "p": p, "k": k}))
    centred = values - values.mean(axis=0)
    means = np.column_stack([np.bincount(codes, column) / sizes for column in centred.T])
    within = centred - means[codes]
    error = within.T @ within
    scale = np.sqrt(np.diag(error))
    spread = np.sqrt((centred**2).sum(axis=0))
    if (scale <= 1e-10 * spread).any() or np.linalg.cond(error / np.outer(scale, scale)) > 1e12:
        text = "Within groups an outcome is constant or follows exactly from the others: no test of all at once."
        raise InsufficientDataError(Note("manova_singular", text))
    between = (means * sizes[:, None]).T @ means
    roots = linalg.eigh(between, error, eigvals_only=True)[::-1]
    parts = tuple(np.atleast_2d(np.cov(values[codes == at], rowvar=False)) for at in range(k))
    return MultivariateGroups(n=n, p=p, k=k, roots=np.maximum(roots, 0.0), covariances=parts, sizes=sizes)


def _f(statistic: float, df1: float, df2: float) -> FTest:
    return FTest(statistic=statistic, df1=df1, df2=df2)
