"""How large a sample must be: the result of a power analysis, and the search for the size."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import optimize

from leadership_study.errors import ConvergenceError
from leadership_study.results import Note, Result

_HIGHEST = 1e8
_POINTS = 40


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PowerResult(Result):
    """A sample size, the power or precision that it gives, and how both go together.

    Attributes
    ----------
    n : int
        Respondents in all.
    n_exact : float or None
        Solution before it was rounded up, when the size was sought.
    effect : float or None
        Effect assumed, or the smallest one that can be detected; ``definition["effect"]`` says which measure.
    power, target_power : float or None
        Power with these whole sizes, and the power asked for.
    width, target_width : float or None
        The same for the width of a confidence interval.
    design_effect : float or None
        Of a cluster design.
    sizes : DataFrame, index ``part``, or None
        exact, n of each group of respondents, of clusters, of raters.
    curve : DataFrame, index ``sample``, or None
        n, and power or width.
    """

    n: int
    n_exact: float | None = None
    effect: float | None = None
    power: float | None = None
    target_power: float | None = None
    width: float | None = None
    target_width: float | None = None
    design_effect: float | None = None
    sizes: pd.DataFrame | None = None
    curve: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SimulatedPower(PowerResult):
    """Power found by simulating the study many times and testing each time.

    Attributes
    ----------
    ci_low, ci_high : float
        Monte Carlo interval of ``power`` (Wilson, 95 %): what more replicates would narrow.
    false_positive_rate, false_positive_ci_low, false_positive_ci_high : float
        The same for rejections without any effect: near the significance level, or the test cannot be trusted here.
    replicates, replicates_planned : int
        Studies simulated, and asked for; fewer when it was interrupted.
    complete : bool
    sufficient : int or None
        Smallest value on the curve whose power reaches the target; None when none does.
    not_testable : int
        Replicates of the planned design without a test (too few clusters); they count as not significant.
    curve : DataFrame, index ``sample``
        districts, schools_per_district, teachers_per_school, n, and the rates above for each design.
    terms : DataFrame, index ``term``
        true_value, mean_estimate, power, ci_low, ci_high of each coefficient in the planned design.
    """

    main: ClassVar[str] = "curve"

    ci_low: float
    ci_high: float
    false_positive_rate: float
    false_positive_ci_low: float
    false_positive_ci_high: float
    replicates: int
    replicates_planned: int
    complete: bool
    sufficient: int | None
    not_testable: int
    terms: pd.DataFrame


def smallest(reached: Callable[[float], float], target: float, start: float, *, falling: bool = False) -> float:
    """Return the smallest size from ``start`` on at which ``reached`` gets to ``target``.

    ``reached`` grows with the size, or falls with it when ``falling``.

    Raises
    ------
    ConvergenceError
        When a hundred million do not suffice.
    """

    def lacking(size: float) -> float:
        gap = reached(size) - target
        return -gap if falling else gap

    low, high = start, start
    while not lacking(high) >= 0:
        low, high = high, high * 2
        if high > _HIGHEST:
            text = "No sample up to {n} reaches {target}; assume a larger effect or ask for less."
            raise ConvergenceError(Note("sample_not_found", text, {"n": int(_HIGHEST), "target": target}))
    if low == high:
        return start
    return float(optimize.brentq(lacking, low, high, xtol=1e-11, rtol=1e-15))


def smallest_effect(reached: Callable[[float], float], target: float, highest: float) -> float:
    """Return the smallest effect up to ``highest`` whose power is ``target``.

    Raises
    ------
    ConvergenceError
        When even the highest one is not detected.
    """
    if reached(highest) < target:
        text = "No effect up to {highest} reaches a power of {power} with this sample; it is too small."
        raise ConvergenceError(Note("effect_not_found", text, {"highest": highest, "power": target}))
    return float(optimize.brentq(lambda effect: reached(effect) - target, 1e-9, highest, xtol=1e-12))


def rounded_up(size: float) -> int:
    """Return the next whole number; a whole one that the search missed by a hair stays itself."""
    return math.ceil(size - 1e-7)


def curve_of(at: Callable[[float], float], n: int, lowest: float, column: str, *, step: int = 1) -> pd.DataFrame:
    """Return ``at`` from a quarter of ``n`` to twice as many, in multiples of ``step``, ``n`` itself among them."""
    ends = max(lowest, n / 4), 2 * n
    marks = {int(round(mark / step) * step) for mark in np.linspace(*ends, _POINTS)} | {n}
    sizes = sorted(mark for mark in marks if mark >= lowest or mark == n)
    frame = pd.DataFrame({"n": np.array(sizes, dtype="int64"), column: [float(at(size)) for size in sizes]})
    return frame.set_index(pd.Index([str(size) for size in sizes], name="sample"))


def sizes_table(parts: dict[str, tuple[float, int]]) -> pd.DataFrame:
    """Return the table ``sizes``: exact and whole size of each part."""
    frame = pd.DataFrame.from_dict(parts, orient="index", columns=["exact", "n"])
    return frame.astype({"exact": "float64", "n": "int64"}).rename_axis("part")
