"""The two kinds of simulated studies: groups compared, and an outcome regressed; each replicate drawn and tested."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from leadership_study.samples.cluster_robust import cluster_robust, wald_f
from leadership_study.samples.least_squares import LeastSquares, least_squares
from leadership_study.study._nested_design import (
    Array,
    Asked,
    Codes,
    Level,
    NestedDesign,
    Predictor,
    ask,
    memberships,
    predictors,
    residuals,
)

Test = Literal["CR2", "cluster_means", "nonrobust"]
TESTS = ("CR2", "cluster_means", "nonrobust")

INTERCEPT = "intercept"


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a study is tested."""

    test: str
    clusters: str
    significance_level: float

    def codes(self, asked: Asked) -> Codes:
        """Clusters of the teachers."""
        return asked.district if self.clusters == "district" else asked.school


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one replicate gave: the joint test with the effect and without it, and each coefficient's own."""

    found: bool
    false_positive: bool
    untestable: bool
    terms: tuple[bool, ...]
    estimates: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Groups compared; the first is the reference of the coefficients."""

    means: tuple[float, ...]
    shares: tuple[float, ...]
    level: Level
    way: Way

    @property
    def terms(self) -> tuple[str, ...]:
        """Coefficients."""
        return tuple(f"group_{at}" for at in range(2, len(self.means) + 1))

    @property
    def true_values(self) -> tuple[float, ...]:
        """Differences from the first group."""
        return tuple(mean - self.means[0] for mean in self.means[1:])

    def too_small(self, design: NestedDesign) -> str:
        """Say why a design cannot be compared; empty when it can."""
        units = {"district": design.districts, "school": design.schools, "teacher": design.n}[self.level]
        counts = np.diff(np.rint(np.cumsum(self.shares) * units), prepend=0)
        if counts.min() < 2:
            return f"each group needs at least two {self.level}s; {units} are too few for these shares, take more."
        if self.way.test == "CR2" and self.way.clusters == "school" and design.schools < 3:
            return "CR2 needs at least three clusters; take more schools."
        return ""

    def replicate(self, design: NestedDesign, random: np.random.Generator) -> Outcome:
        """Draw and test one study."""
        asked = ask(design, random)
        groups = memberships(design, asked, self.level, self.shares, random)
        outcome = residuals(design, asked, random) + np.array(self.means)[groups]
        clusters = self.way.codes(asked)
        if self.way.test == "cluster_means":
            sizes = np.bincount(asked.district)
            outcome = np.bincount(asked.district, outcome) / sizes
            groups = groups[np.unique(asked.district, return_index=True)[1]]
        dummies = (groups[:, None] == np.arange(1, len(self.means))).astype(np.float64)
        matrix = np.column_stack([np.ones(len(outcome)), dummies])
        fit = least_squares(matrix, outcome, (INTERCEPT, *self.terms))
        return judge(fit, clusters, self.way, list(range(1, len(self.means))), np.array(self.true_values))


@dataclass(frozen=True, kw_only=True)
class Regressed:
    """An outcome of variance 1 regressed on standardised predictors."""

    predictors: tuple[Predictor, ...]
    tested: tuple[int, ...]
    correlation: float
    residual_sd: float
    way: Way

    @property
    def terms(self) -> tuple[str, ...]:
        """Coefficients."""
        return tuple(entry.name for entry in self.predictors)

    @property
    def true_values(self) -> tuple[float, ...]:
        """Their standardised slopes."""
        return tuple(entry.slope for entry in self.predictors)

    def too_small(self, design: NestedDesign) -> str:
        """Say why a design cannot carry the model; empty when it can."""
        places = {"district": design.districts, "school": design.schools, "teacher": design.n}
        for level, units in places.items():
            count = sum(entry.level == level for entry in self.predictors)
            if count and units < count + 2:
                return f"{count} predictors of {level}s need at least {count + 2} {level}s; take more."
        if design.n < len(self.predictors) + 3:
            return f"{design.n} teachers are too few for {len(self.predictors)} predictors; take more."
        return ""

    def replicate(self, design: NestedDesign, random: np.random.Generator) -> Outcome:
        """Draw and test one study."""
        asked = ask(design, random)
        drawn = predictors(design, asked, self.predictors, self.correlation, random)
        outcome = drawn @ np.array(self.true_values) + self.residual_sd * residuals(design, asked, random)
        matrix = np.column_stack([np.ones(len(outcome)), drawn])
        fit = least_squares(matrix, outcome, (INTERCEPT, *self.terms))
        slopes = np.array(self.true_values)[list(self.tested)]
        return judge(fit, self.way.codes(asked), self.way, [at + 1 for at in self.tested], slopes)


def judge(fit: LeastSquares, clusters: Codes, way: Way, tested: list[int], true_values: Array) -> Outcome:
    """Test the coefficients at ``tested`` together, with and without their true values, and every one on its own.

    The residuals of least squares do not change with a linear effect, so taking the true values off the estimates gives
    the test of a study without them.
    """
    p, level = len(fit.terms), way.significance_level
    if way.test == "CR2":
        robust = cluster_robust(fit, clusters, "CR2")
        covariance = robust.covariance
        dfs = robust.satterthwaite_df(np.eye(p)[1:])
    else:
        robust = None
        covariance = fit.covariance("nonrobust")
        dfs = np.full(p - 1, float(fit.df_residual))
    estimates = fit.estimates[1:]
    errors = np.sqrt(np.diag(covariance)[1:])
    without = fit.estimates.copy()
    without[tested] -= true_values

    def p_values(values: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2 * stats.t.sf(np.abs(values / errors), dfs), dtype=np.float64)

    alone = p_values(estimates)
    if len(tested) == 1:
        joint = [float(alone[tested[0] - 1]), float(p_values(without[1:])[tested[0] - 1])]
    else:
        contrasts = np.eye(p)[tested]
        joint = [
            robust.htz_test(values, contrasts).p_value
            if robust is not None
            else wald_f(values, covariance, contrasts, fit.df_residual).p_value
            for values in (fit.estimates, without)
        ]
    # NaN compares as False: what cannot be tested is not significant.
    return Outcome(
        found=bool(joint[0] < level),
        false_positive=bool(joint[1] < level),
        untestable=bool(np.isnan(joint[0])),
        terms=tuple(bool(value < level) for value in alone),
        estimates=tuple(float(value) for value in estimates),
    )
