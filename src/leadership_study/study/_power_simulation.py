"""Power by simulation in nested designs: draw the study many times, test each time, count.

Replicates come in fixed blocks with a random stream each, so a result depends on the seed and the number of replicates
only. Every design of the curve uses the same streams.
"""

import math
from collections.abc import Sequence
from typing import Literal

from leadership_study.samples.power import SimulatedPower
from leadership_study.study import _power_checks as checks
from leadership_study.study._nested_design import LEVELS, Level, NestedDesign, Predictor, explained
from leadership_study.study._power_runs import Progress, Vary, simulate
from leadership_study.study._power_studies import TESTS, Compared, Regressed, Test, Way


def simulate_group_difference(
    design: NestedDesign,
    *,
    means: Sequence[float],
    level: Level,
    shares: Sequence[float] | None = None,
    test: Test = "CR2",
    clusters: Literal["district", "school"] = "district",
    vary: Vary = "districts",
    values: Sequence[int] | None = None,
    target_power: float = 0.80,
    significance_level: float = 0.05,
    replicates: int = 1000,
    seed: int,
    progress: Progress | None = None,
) -> SimulatedPower:
    """Power to find a difference between groups of teachers, schools or districts.

    Parameters
    ----------
    design : NestedDesign
        The study as planned.
    means : sequence of numbers
        Mean of each group in SDs of the answers inside a group: ``(0, 0.4)`` is d = .4.
    level : {"teacher", "school", "district"}
        What belongs to one group or another.
    shares : sequence of numbers, optional
        Share of each group; equal unless said.
    test : {"CR2", "cluster_means", "nonrobust"}
        Least squares with CR2 errors and Satterthwaite or HTZ degrees of freedom; analysis of variance of the district
        means (for groups of districts; with equal sizes the exact test of the mixed model); ordinary least squares,
        which ignores the nesting and is there to show what that does.
    clusters : {"district", "school"}
        Clusters of CR2.
    vary, values
        What the curve varies, and its values; half to twice the planned one unless said. The planned one is added.
    target_power : float
        ``sufficient`` is the first value of the curve that reaches it.
    replicates : int
        Simulated studies a design. The Monte Carlo interval at a power of .80 is about ±.025 wide with 1000.
    seed : int
    progress : callable, optional
        Called with the replicates done and those in all after each block.

    Returns
    -------
    SimulatedPower
        Interrupted from the keyboard, it holds the blocks done so far and says so; before the first block is done the
        interruption goes on to the caller.

    Raises
    ------
    ValueError
        For values out of range, or fewer than two units a group at ``level``.

    Notes
    -----
    Scores are normal at each level. As the residuals of least squares do not depend on the effect, the same replicate
    is tested with and without it: ``false_positive_rate`` shows whether the test keeps its level with so few clusters.

    References
    ----------
    Arnold, B. F., et al. (2011). BMC Medical Research Methodology, 11, 94. https://doi.org/10.1186/1471-2288-11-94
    """
    name = "simulate_group_difference"
    checks.choice(name, "level", level, LEVELS)
    if len(means) < 2:
        raise ValueError(f"The 'means' parameter of {name} must have one number a group. Got {means!r} instead.")
    for mean in means:
        checks.number(name, "means", mean, -10, 10)
    if max(means) == min(means):
        raise ValueError(f"The 'means' parameter of {name} must differ. Got {means!r} instead.")
    parts = [1.0] * len(means) if shares is None else list(shares)
    if len(parts) != len(means):
        raise ValueError(f"The 'shares' parameter of {name} must have one number a group. Got {shares!r} instead.")
    for part in parts:
        checks.number(name, "shares", part, 0, math.inf)
    way = _way(name, test, clusters, significance_level)
    if test == "cluster_means" and level != "district":
        raise ValueError(f"The test 'cluster_means' of {name} is for groups of districts. Got level {level!r} instead.")
    study = Compared(means=tuple(means), shares=tuple(part / sum(parts) for part in parts), level=level, way=way)
    definition = {"effect": "group_means", "means": ", ".join(f"{mean:g}" for mean in means), "level": level}
    return simulate(
        name, study, design, definition, max(means) - min(means), vary, values, target_power, replicates, seed, progress
    )


def simulate_regression(
    design: NestedDesign,
    predictors: Sequence[Predictor],
    *,
    tested: Sequence[str] | None = None,
    correlation: float = 0.0,
    test: Test = "CR2",
    clusters: Literal["district", "school"] = "district",
    vary: Vary = "districts",
    values: Sequence[int] | None = None,
    target_power: float = 0.80,
    significance_level: float = 0.05,
    replicates: int = 1000,
    seed: int,
    progress: Progress | None = None,
) -> SimulatedPower:
    """Power to find that ``predictors`` go with the outcome.

    Parameters
    ----------
    predictors : sequence of Predictor
        All predictors of the model, with their standardised coefficients.
    tested : sequence of str, optional
        Those tested together; all unless said. One is tested by t, several by the HTZ test (or the classical F).
    correlation : float
        Between the parts that two predictors have at the same level, from 0 to below 1.
    test : {"CR2", "nonrobust"}
    design, clusters, vary, values, target_power, significance_level, replicates, seed, progress
        As in `simulate_group_difference`. The ICCs of the design are those of what the predictors leave.

    Raises
    ------
    ValueError
        For values out of range, predictors that explain everything, names given twice or unknown.
    """
    name = "simulate_regression"
    names = [entry.name for entry in predictors]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"The 'predictors' parameter of {name} must list predictors of different names.")
    checks.number(name, "correlation", correlation, 0, 0.999, closed=True)
    chosen = names if tested is None else list(tested)
    for entry in chosen:
        checks.choice(name, "tested", entry, names)
    if not chosen:
        raise ValueError(f"The 'tested' parameter of {name} must name at least one predictor.")
    if (share := explained(predictors, correlation)) >= 1:
        raise ValueError(f"The slopes of {name} explain {share:.3f} of the variance; they must leave some: lower them.")
    way = _way(name, test, clusters, significance_level)
    if test == "cluster_means":
        raise ValueError(f"The 'test' parameter of {name} must be one of 'CR2', 'nonrobust'. Got {test!r} instead.")
    study = Regressed(
        predictors=tuple(predictors),
        tested=tuple(names.index(entry) for entry in chosen),
        correlation=correlation,
        residual_sd=(1 - share) ** 0.5,
        way=way,
    )
    definition = {"effect": "standardized_slopes", "tested": ", ".join(chosen), "explained": share}
    effect = predictors[names.index(chosen[0])].slope if len(chosen) == 1 else None
    return simulate(
        name, study, design, definition, effect, vary, values, target_power, replicates, seed, progress
    )  # fmt: skip


def _way(name: str, test: str, clusters: str, significance_level: float) -> Way:
    checks.choice(name, "test", test, TESTS)
    checks.choice(name, "clusters", clusters, ("district", "school"))
    checks.number(name, "significance_level", significance_level, 0, 1)
    return Way(test=test, clusters=clusters, significance_level=significance_level)
