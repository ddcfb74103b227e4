"""Samples for a wanted precision, for ICC(1), and Yamane's formula that older theses cite."""

import math
from collections.abc import Callable
from typing import Literal

import pandas as pd

from leadership_study.results import Note
from leadership_study.samples import power_formulas as formulas
from leadership_study.samples.power import PowerResult, curve_of, rounded_up, sizes_table, smallest, smallest_effect
from leadership_study.study import _power_checks as checks
from leadership_study.study._power_tests import SIMPLE_RANDOM

_EXPECTED_WIDTH = Note(
    "width_at_planning_value",
    "The width holds when the sample shows the value planned with; a sample that shows less gives a wider interval.",
)


def alpha_precision(
    alpha: float,
    *,
    n_items: int,
    width: float | None = None,
    n: int | None = None,
    interval: Literal["feldt", "bonett"] = "feldt",
    confidence_level: float = 0.95,
) -> PowerResult:
    """Sample for an interval of Cronbach's alpha of a wanted ``width``, or the width that ``n`` respondents give.

    Parameters
    ----------
    alpha : float
        The value planned with; a cautious choice is the smallest plausible one.
    n_items : int
        Items of the scale.
    interval : {"feldt", "bonett"}
        As in ``cronbach_alpha``.

    Raises
    ------
    ValueError
        Unless exactly one of ``width`` and ``n`` is given, and for values out of range.

    References
    ----------
    Feldt (1965), 10.1007/BF02289499. Bonett (2002), 10.3102/10769986027004335.
    """
    name = "alpha_precision"
    checks.number(name, "alpha", alpha, 0, 1, closed=False)
    checks.whole(name, "n_items", n_items, 2)
    checks.choice(name, "interval", interval, ("feldt", "bonett"))
    checks.number(name, "confidence_level", confidence_level, 0, 1)

    def at(size: float) -> float:
        return formulas.alpha_width(alpha, n_items, size, interval, confidence_level)

    total, exact = _wanted(name, at, width, n, lowest=4)
    return PowerResult(
        n=total,
        n_exact=exact,
        effect=alpha,
        width=at(total),
        target_width=width,
        curve=curve_of(at, total, 4, "width"),
        definition={
            "formula": "cronbach_alpha",
            "effect": "alpha",
            "n_items": n_items,
            "interval": interval,
            "confidence_level": confidence_level,
            "sought": "width" if width is None else "n",
            "source": "Feldt (1965)" if interval == "feldt" else "Bonett (2002)",
        },
        notes=(_EXPECTED_WIDTH, SIMPLE_RANDOM),
    )


def icc_power(
    icc: float | None = None,
    *,
    raters: int,
    groups: int | None = None,
    null: float = 0.0,
    power: float | None = None,
    significance_level: float = 0.05,
) -> PowerResult:
    """One-sided F test that ICC(1) is above ``null``: finds the one of ``icc``, ``groups``, ``power`` not given.

    ``raters`` answer in each of ``groups`` groups (heads, schools). Exact: F/(1 + kρ/(1 − ρ)) has a central F
    distribution. ``n`` of the result counts the raters in all groups.

    References
    ----------
    Donner, A., & Eliasziw, M. (1987). Statistics in Medicine, 6, 441–448. https://doi.org/10.1002/sim.4780060404
    """
    name = "icc_power"
    checks.whole(name, "raters", raters, 2)
    checks.number(name, "null", null, 0, 0.999999, closed=True)
    if icc is not None:
        checks.number(name, "icc", icc, null, 1)
    which, target = checks.sought(name, "icc", icc, groups, power, significance_level)

    def at(rho: float, count: float) -> float:
        return formulas.icc_power(rho, null, count, raters, significance_level)

    exact = None
    if groups is not None:
        checks.whole(name, "groups", groups, 2)
        count = groups
    if icc is None:
        count = groups or 2
        icc = null + smallest_effect(lambda more: at(null + more, count), target, 1 - 1e-9 - null)
    assumed = icc
    if groups is None:
        exact = smallest(lambda trial: at(assumed, trial), target, 2.0)
        count = rounded_up(exact)
    return PowerResult(
        n=count * raters,
        n_exact=None if exact is None else exact * raters,
        effect=icc,
        power=at(icc, count),
        target_power=None if which == "power" else target,
        sizes=_groups_of_raters(count if exact is None else exact, count, raters),
        curve=curve_of(lambda size: at(assumed, size / raters), count * raters, 2.0 * raters, "power", step=raters),
        definition={
            "formula": "one_way_f",
            "effect": "icc1",
            "icc_null": null,
            "raters": raters,
            "sought": which,
            "significance_level": significance_level,
            "source": "Donner and Eliasziw (1987)",
        },
    )


def icc_precision(
    icc: float,
    *,
    raters: int,
    width: float | None = None,
    groups: int | None = None,
    confidence_level: float = 0.95,
) -> PowerResult:
    """Groups for an interval of ICC(1) of a wanted ``width``, or the width that ``groups`` give.

    The exact F interval at the F that ``icc`` leads one to expect. With few groups no number of raters makes it
    narrow.

    References
    ----------
    Bonett, D. G. (2002). Statistics in Medicine, 21, 1331–1335 (an approximation of the same).
    https://doi.org/10.1002/sim.1108
    """
    name = "icc_precision"
    checks.number(name, "icc", icc, 0, 1)
    checks.whole(name, "raters", raters, 2)
    checks.number(name, "confidence_level", confidence_level, 0, 1)

    def at(count: float) -> float:
        return formulas.icc_width(icc, count, raters, confidence_level)

    count, exact = _wanted(name, at, width, groups, lowest=3, called="groups")
    return PowerResult(
        n=count * raters,
        n_exact=None if exact is None else exact * raters,
        effect=icc,
        width=at(count),
        target_width=width,
        sizes=_groups_of_raters(count if exact is None else exact, count, raters),
        curve=curve_of(lambda size: at(size / raters), count * raters, 3.0 * raters, "width", step=raters),
        definition={
            "formula": "one_way_f",
            "effect": "icc1",
            "raters": raters,
            "interval": "f",
            "confidence_level": confidence_level,
            "sought": "width" if width is None else "n",
            "source": "Bonett (2002)",
        },
        notes=(_EXPECTED_WIDTH,),
    )


def yamane_sample(population: int, *, error: float = 0.05) -> PowerResult:
    """Yamane's n = N/(1 + N e²), which older theses cite.

    It is the sample for a proportion near one half in a simple random sample, with a margin of ``error`` and z rounded
    to 2. It says nothing about comparisons, regressions or clustered samples; plan those with their own functions.

    References
    ----------
    Yamane, T. (1967). Statistics: An introductory analysis (2nd ed.). Harper & Row.
    """
    name = "yamane_sample"
    checks.whole(name, "population", population, 1)
    checks.number(name, "error", error, 0, 1)
    exact = population / (1 + population * error**2)
    text = (
        "A legacy formula: it holds for a proportion near one half in a simple random sample, and says nothing about "
        "comparisons, regressions or answers that come in schools and districts."
    )
    return PowerResult(
        n=rounded_up(exact),
        n_exact=exact,
        width=2 * error,
        definition={
            "formula": "yamane_legacy",
            "population": population,
            "margin_of_error": error,
            "sought": "n",
            "source": "Yamane (1967)",
        },
        notes=(Note("yamane_legacy", text),),
    )


def _wanted(
    name: str, at: Callable[[float], float], width: float | None, size: int | None, *, lowest: int, called: str = "n"
) -> tuple[int, float | None]:
    """Return the whole size and, when it was sought, the exact one."""
    if (width is None) == (size is None):
        raise ValueError(f"{name} takes 'width' or {called!r} and finds the other; give exactly one of them.")
    if size is not None:
        checks.whole(name, called, size, lowest)
        return size, None
    checks.number(name, "width", width, 0, math.inf)
    exact = smallest(at, float(width or 0), float(lowest), falling=True)
    return rounded_up(exact), exact


def _groups_of_raters(exact: float, groups: int, raters: int) -> pd.DataFrame:
    return sizes_table({"groups": (exact, groups), "raters_per_group": (raters, raters)})
