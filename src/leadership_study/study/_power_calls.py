"""Each kind of ``leadership-study power``: the options of the command line handed to the function that answers."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadership_study.samples.power import PowerResult


def _solved(options: argparse.Namespace) -> dict[str, Any]:
    return {"n": options.n, "power": options.power, "significance_level": options.significance_level}


def _sides(options: argparse.Namespace) -> Any:
    return "one-sided" if options.one_sided else "two-sided"


def t_test(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power t-test``."""
    from leadership_study.study.power import t_test_power

    return t_test_power(options.d, ratio=options.ratio, alternative=_sides(options), **_solved(options))


def anova(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power anova``."""
    from leadership_study.study.power import anova_power

    return anova_power(options.f, groups=options.groups, **_solved(options))


def correlation(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power correlation``."""
    from leadership_study.study.power import correlation_power

    return correlation_power(options.r, alternative=_sides(options), **_solved(options))


def regression(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power regression``."""
    from leadership_study.study.power import regression_power

    return regression_power(
        options.f2, tested=options.tested, others=options.others, r_squared=options.r_squared,
        r_squared_others=options.r_squared_others, **_solved(options),
    )  # fmt: skip


def rmsea(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power rmsea``."""
    from leadership_study.study.power import rmsea_power

    return rmsea_power(
        options.df, null=options.null, alternative=options.alternative, groups=options.groups, **_solved(options)
    )


def alpha(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power alpha``."""
    from leadership_study.study.power import alpha_precision

    return alpha_precision(
        options.alpha, n_items=options.items, width=options.width, n=options.n, interval=options.interval,
        confidence_level=options.confidence_level,
    )  # fmt: skip


def icc(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power icc``."""
    from leadership_study.study.power import icc_power, icc_precision

    if options.width is not None:
        return icc_precision(
            options.icc, raters=options.raters, width=options.width, groups=options.groups,
            confidence_level=options.confidence_level,
        )  # fmt: skip
    return icc_power(
        options.icc, raters=options.raters, groups=options.groups, null=options.null, power=options.power,
        significance_level=options.significance_level,
    )  # fmt: skip


def cluster(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power cluster``."""
    from leadership_study.study.power import cluster_design

    return cluster_design(
        options.n, icc=options.icc, cluster_size=options.cluster_size, size_cv=options.size_cv,
        predictor_icc=options.predictor_icc,
    )  # fmt: skip


def cluster_comparison(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power cluster-comparison``."""
    from leadership_study.study.power import cluster_comparison_power

    return cluster_comparison_power(
        options.d, icc=options.icc, cluster_size=options.cluster_size, size_cv=options.size_cv,
        clusters=options.clusters, power=options.power, alternative=_sides(options),
        significance_level=options.significance_level,
    )  # fmt: skip


def yamane(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power yamane``."""
    from leadership_study.study.power import yamane_sample

    return yamane_sample(options.population, error=options.error)


def _nested(options: argparse.Namespace) -> dict[str, Any]:
    from leadership_study.study.power import NestedDesign

    vary = {"schools": "schools_per_district", "teachers": "teachers_per_school"}.get(options.vary, options.vary)
    return {
        "design": NestedDesign(
            districts=options.districts, schools_per_district=options.schools, teachers_per_school=options.teachers,
            icc_district=options.icc_district, icc_school=options.icc_school, size_cv=options.size_cv,
        ),
        "test": options.test, "clusters": options.clusters, "vary": vary, "values": options.values,
        "target_power": options.target_power, "significance_level": options.significance_level,
        "replicates": options.replicates, "seed": options.seed, "progress": _progress,
    }  # fmt: skip


def group_difference(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power group-difference``."""
    from leadership_study.study.power import simulate_group_difference

    return simulate_group_difference(
        means=options.means, shares=options.shares, level=options.level, **_nested(options)
    )


def nested_regression(options: argparse.Namespace) -> "PowerResult":
    """Answer ``power nested-regression``."""
    from leadership_study.study.power import Predictor, simulate_regression

    predictors = []
    for text in options.predictor:
        name, *rest = text.split(":")
        try:
            slope = float(rest[0])
            level: Any = rest[1] if len(rest) > 1 else "teacher"
        except (IndexError, ValueError):
            raise ValueError(f"--predictor must be NAME:SLOPE or NAME:SLOPE:LEVEL. Got {text!r} instead.") from None
        predictors.append(Predictor(name=name, slope=slope, level=level))
    return simulate_regression(
        predictors=predictors, tested=options.tested, correlation=options.correlation, **_nested(options)
    )


def _progress(done: int, planned: int) -> None:
    """Show how far the simulation is, on a terminal only; Ctrl-C gives what is done so far."""
    if sys.stderr.isatty():
        print(f"\r{done}/{planned}", end="\n" if done == planned else "", file=sys.stderr)  # noqa: T201
