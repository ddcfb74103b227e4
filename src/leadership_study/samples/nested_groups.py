"""Groups compared when answers are nested: cluster-robust errors, and a mixed model with every level random."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import EstimationError
from leadership_study.results import Note
from leadership_study.samples.cluster_robust import ClusterRobust, cluster_robust
from leadership_study.samples.k_groups import KGroups
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.mean_tests import MeanTest
from leadership_study.samples.mixed_model import fit_mixed_model
from leadership_study.samples.mixed_model_kenward_roger import kenward_roger
from leadership_study.samples.mixed_model_structure import RandomTerm

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_NOTHING = 1e-14  # a variance of this share of the classical one is 0 but for rounding
FEW_CLUSTERS = 20


@dataclass(frozen=True, kw_only=True)
class NestedTest:
    """F test that all groups have the same mean, allowing for nesting; NaN where it cannot be made."""

    statistic: float
    df1: float
    df2: float
    p_value: float


@dataclass(frozen=True, kw_only=True, eq=False)
class NestedGroups:
    """Group means with errors that allow for the clusters that values come from.

    Attributes
    ----------
    robust : ClusterRobust
        CR2 covariance of the k means.
    classical : array of k variances, were values independent
    means : array of k numbers
    """

    robust: ClusterRobust
    classical: Floats
    means: Floats

    def contrast(self, weights: Floats) -> MeanTest:
        """Test of a weighted sum of the group means, with Satterthwaite's degrees of freedom.

        The error is 0, so that the test is NaN, where clusters cannot tell it: when one cluster alone is a group.
        """
        variance = float(weights @ self.robust.covariance @ weights)
        if variance <= _NOTHING * float(weights**2 @ self.classical):
            variance = 0.0
        df = float(self.robust.satterthwaite_df(weights[None])[0])
        alone = self.robust.determined and bool((self._alone() & (weights != 0)).any())
        error = 0.0 if alone or not np.isfinite(df) else variance**0.5
        return MeanTest(estimate=float(weights @ self.means), std_error=error, df=df)

    def difference(self, minuend: int, subtrahend: int) -> MeanTest:
        """Test of one group mean less another."""
        weights = np.zeros(len(self.means))
        weights[minuend], weights[subtrahend] = 1.0, -1.0
        return self.contrast(weights)

    def mean(self, group: int) -> MeanTest:
        """Error of one group mean."""
        weights = np.zeros(len(self.means))
        weights[group] = 1.0
        return self.contrast(weights)

    def test(self) -> NestedTest:
        """HTZ test that all means are the same (Pustejovsky & Tipton, 2018)."""
        k = len(self.means)
        if k == 2:
            single = self.difference(0, 1)
            return NestedTest(statistic=single.statistic**2, df1=1, df2=single.df, p_value=single.p_value)
        nothing = NestedTest(statistic=np.nan, df1=k - 1, df2=np.nan, p_value=np.nan)
        if (self.robust.determined and self._alone().any()) or k - 1 >= self.robust.n_clusters - 1:
            return nothing
        contrasts = np.column_stack([-np.ones(k - 1), np.eye(k - 1)])
        found = self.robust.htz_test(self.means, contrasts)
        return NestedTest(statistic=found.statistic, df1=k - 1, df2=found.df2, p_value=found.p_value)

    def _alone(self) -> NDArray[np.bool_]:
        """Whether all values of a group come from one cluster."""
        shares = np.einsum("gkk->gk", self.robust.grams)  # of each cluster in each group
        return np.asarray(shares.max(axis=0) > 1 - 1e-10)


def nested_groups(groups: KGroups, clusters: Integers) -> NestedGroups:
    """Means of ``groups`` with CR2 errors for ``clusters`` (0 … g − 1, two or more, one a value)."""
    design = (groups.codes[:, None] == np.arange(groups.k)).astype(float)
    names = tuple(str(at) for at in range(groups.k))
    fit = least_squares(design, groups.values - groups.values.mean(), names, constant=None)
    return NestedGroups(
        robust=cluster_robust(fit, clusters, "CR2"),
        classical=groups.variances / groups.sizes,
        means=groups.means,
    )


def mixed_test(groups: KGroups, levels: Sequence[tuple[str, Integers]]) -> tuple[NestedTest, tuple[Note, ...]]:
    """F test of the groups in a mixed model with a random intercept of every level (inner to outer), Kenward–Roger.

    Returns
    -------
    test, notes
        NaN with the reason where the model cannot be fitted.
    """
    k = groups.k
    nothing = NestedTest(statistic=np.nan, df1=k - 1, df2=np.nan, p_value=np.nan)
    codes = groups.codes[:, None] == np.arange(1, k)
    design = np.column_stack([np.ones(groups.n), codes.astype(float)])
    terms = [
        RandomTerm(
            name=name,
            codes=own,
            labels=tuple(str(at) for at in range(int(own.max()) + 1)),
            columns=("intercept",),
            design=np.ones((groups.n, 1)),
            blocks=((0,),),
        )
        for name, own in levels
        if own.max() + 1 < groups.n
    ]
    if not terms:
        return nothing, ()
    try:
        fit = fit_mixed_model(design, groups.values, ("intercept", *(str(at) for at in range(1, k))), terms)
        found = kenward_roger(fit).test(np.eye(k)[1:], fit.coefficients)
    except EstimationError as problem:
        text = "The mixed model could not be fitted: {reason}"
        return nothing, (Note("comparison_mixed_model_failed", text, {"reason": problem.note}),)
    except np.linalg.LinAlgError:
        text = "The mixed model could not be fitted: its matrices have no inverse."
        return nothing, (Note("comparison_mixed_model_singular", text),)
    p_value = float(stats.f.sf(found.statistic, found.df1, found.df2))
    return NestedTest(statistic=found.statistic, df1=found.df1, df2=found.df2, p_value=p_value), ()
