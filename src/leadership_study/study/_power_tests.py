"""Power of single tests by formula: t, analysis of variance, correlation, regression, model fit."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from leadership_study.results import Note
from leadership_study.samples import power_formulas as formulas
from leadership_study.samples.power import PowerResult, curve_of, rounded_up, sizes_table, smallest, smallest_effect
from leadership_study.samples.power_formulas import Sides
from leadership_study.study import _power_checks as checks

Sizes = tuple[float, ...]

_SIDES = ("two-sided", "one-sided")
SIMPLE_RANDOM = Note(
    "power_simple_random",
    "These sizes hold for respondents drawn independently of each other; multiply by the design effect when they come "
    "in schools or districts.",
)


def t_test_power(
    d: float | None = None,
    *,
    n: int | tuple[int, int] | None = None,
    power: float | None = None,
    ratio: float = 1.0,
    alternative: Sides = "two-sided",
    significance_level: float = 0.05,
) -> PowerResult:
    """Two independent groups compared by a t test: finds the one of ``d``, ``n``, ``power`` that is not given.

    Parameters
    ----------
    d : float
        Cohen's d, difference over the common standard deviation; its sign does not matter.
    n : int or (int, int)
        Respondents in all, or in each group.
    power : float
        .80 when it is not sought.
    ratio : float
        Size of the second group over that of the first.
    alternative : {"two-sided", "one-sided"}
        One-sided means: in the direction of ``d``.

    Raises
    ------
    ValueError
        For all three or fewer than one of them, and values out of range.

    Notes
    -----
    Noncentral t with δ = d √(n₁n₂/(n₁ + n₂)) and n₁ + n₂ − 2 degrees of freedom; both tails count. Each group is
    rounded up. R twin: ``pwr::pwr.t.test``.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.). Erlbaum.
    """
    name = "t_test_power"
    checks.choice(name, "alternative", alternative, _SIDES)
    checks.number(name, "ratio", ratio, 0, math.inf)
    if d is not None:
        checks.number(name, "d", abs(d) if isinstance(d, int | float) else d, 0, math.inf)
    if isinstance(n, tuple):
        if len(n) != 2:
            raise ValueError(f"The 'n' parameter of {name} must be one number or two. Got {n!r} instead.")
        for size in n:
            checks.whole(name, "n", size, 2)
        ratio = n[1] / n[0]

    def reached(effect: float, sizes: Sizes) -> float:
        first, second = sizes
        return formulas.t_power(
            effect * math.sqrt(first * second / (first + second)), first + second - 2, significance_level, alternative
        )

    def split(total: float) -> Sizes:
        return total / (1 + ratio), total * ratio / (1 + ratio)

    return _answer(
        name, "d", reached, split, ("group_1", "group_2"), None if d is None else abs(d), n, power, significance_level,
        lowest=2 * (1 + max(ratio, 1 / ratio)), highest_effect=100.0,
        definition={"formula": "noncentral_t", "effect": "cohen_d", "ratio": ratio, "alternative": alternative,
                    "source": "Cohen (1988)"},
    )  # fmt: skip


def anova_power(
    f: float | None = None,
    *,
    groups: int,
    n: int | None = None,
    power: float | None = None,
    significance_level: float = 0.05,
) -> PowerResult:
    """One-way analysis of variance of equal groups: finds the one of ``f``, ``n``, ``power`` that is not given.

    Parameters
    ----------
    f : float
        Cohen's f = √(η²/(1 − η²)).
    groups : int
        How many.
    n : int
        Respondents in all.
    power : float
        .80 when it is not sought.
    significance_level : float
        Of the test.

    Raises
    ------
    ValueError
        For all three or fewer than one of them, and values out of range.

    Notes
    -----
    Noncentral F with λ = n f². Each group is rounded up. R twin: ``pwr::pwr.anova.test``.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.), chapter 8. Erlbaum.
    """
    name = "anova_power"
    checks.whole(name, "groups", groups, 2)
    if f is not None:
        checks.number(name, "f", f, 0, math.inf)

    def reached(effect: float, sizes: Sizes) -> float:
        total = sum(sizes)
        return formulas.f_power(total * effect**2, groups - 1, total - groups, significance_level)

    return _answer(
        name, "f", reached, lambda total: (total / groups,) * groups,
        tuple(f"group_{at}" for at in range(1, groups + 1)), f, n, power, significance_level,
        lowest=2.0 * groups, highest_effect=100.0,
        definition={"formula": "noncentral_f", "effect": "cohen_f", "groups": groups, "source": "Cohen (1988)"},
    )  # fmt: skip


def correlation_power(
    r: float | None = None,
    *,
    n: int | None = None,
    power: float | None = None,
    alternative: Sides = "two-sided",
    significance_level: float = 0.05,
) -> PowerResult:
    """Test of a correlation against 0: finds the one of ``r``, ``n``, ``power`` that is not given.

    Parameters
    ----------
    r : float
        The correlation in the population.
    n : int
        Respondents.
    power : float
        .80 when it is not sought.
    alternative : {"two-sided", "one-sided"}
        One-sided means: in the direction of ``r``.
    significance_level : float
        Of the test.

    Raises
    ------
    ValueError
        For all three or fewer than one of them, and values out of range.

    Notes
    -----
    Fisher's z with the bias r/(2(n − 1)) and the critical value of t. R twin: ``pwr::pwr.r.test``.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.), section 12.6.1. Erlbaum.
    """
    name = "correlation_power"
    checks.choice(name, "alternative", alternative, _SIDES)
    if r is not None:
        checks.number(name, "r", abs(r) if isinstance(r, int | float) else r, 0, 1)
    return _answer(
        name, "r", lambda effect, sizes: formulas.correlation_power(effect, sizes[0], significance_level, alternative),
        lambda total: (total,), ("respondents",), None if r is None else abs(r), n, power, significance_level,
        lowest=4.0, highest_effect=1 - 1e-9,
        definition={"formula": "fisher_z", "effect": "correlation", "alternative": alternative,
                    "source": "Cohen (1988)"},
    )  # fmt: skip


def regression_power(
    f2: float | None = None,
    *,
    tested: int,
    others: int = 0,
    r_squared: float | None = None,
    r_squared_others: float = 0.0,
    n: int | None = None,
    power: float | None = None,
    noncentrality: str = "n",
    significance_level: float = 0.05,
) -> PowerResult:
    """Multiple regression, all predictors or an added block: finds the one of ``f2``, ``n``, ``power`` not given.

    Parameters
    ----------
    f2 : float
        Cohen's f² = ΔR²/(1 − R²). In its place ``r_squared`` (of the whole model) and ``r_squared_others`` (without the
        tested predictors) may be given.
    tested, others : int
        Predictors tested together, and the other predictors of the model.
    noncentrality : {"n", "cohen"}
        λ = f²·n, exact for fixed predictors and also G*Power's; or Cohen's f²(u + v + 1), which leaves the others out.
        Without others both are the same. R twin of the second: ``pwr::pwr.f2.test``.

    References
    ----------
    Cohen (1988), chapter 9.
    """
    name = "regression_power"
    checks.whole(name, "tested", tested, 1)
    checks.whole(name, "others", others, 0)
    checks.choice(name, "noncentrality", noncentrality, ("n", "cohen"))
    checks.number(name, "r_squared_others", r_squared_others, 0, 0.999999, closed=True)
    if r_squared is not None:
        if f2 is not None:
            raise ValueError(f"{name} takes 'f2' or 'r_squared', not both.")
        checks.number(name, "r_squared", r_squared, r_squared_others, 1)
        f2 = (r_squared - r_squared_others) / (1 - r_squared)
    if f2 is not None:
        checks.number(name, "f2", f2, 0, math.inf)
    terms = tested + others + 1

    def reached(effect: float, sizes: Sizes) -> float:
        counted = sizes[0] - (others if noncentrality == "cohen" else 0)
        return formulas.f_power(effect * counted, tested, sizes[0] - terms, significance_level)

    return _answer(
        name, "f2", reached, lambda total: (total,), ("respondents",), f2, n, power, significance_level,
        lowest=terms + 1.0, highest_effect=1000.0,
        definition={"formula": "noncentral_f", "effect": "cohen_f2", "tested_predictors": tested,
                    "other_predictors": others, "noncentrality": noncentrality, "source": "Cohen (1988)"},
    )  # fmt: skip


def rmsea_power(
    df: int,
    *,
    null: float = 0.05,
    alternative: float = 0.08,
    n: int | None = None,
    power: float | None = None,
    groups: int = 1,
    significance_level: float = 0.05,
) -> PowerResult:
    """Test of a model's fit: sample for a power, or power of a sample.

    Parameters
    ----------
    df : int
        Degrees of freedom of the model.
    null, alternative : float
        RMSEA under the hypothesis and in truth. .05 and .08: test of close fit; .05 and .01: of not-close fit; 0 and
        .05: of exact fit.
    n : int
        Respondents in all ``groups``.

    Notes
    -----
    R twins: ``semTools::findRMSEAsamplesize``, ``findRMSEApower``.

    References
    ----------
    MacCallum, R. C., Browne, M. W., & Sugawara, H. M. (1996). Psychological Methods, 1, 130–149.
    https://doi.org/10.1037/1082-989X.1.2.130
    """
    name = "rmsea_power"
    checks.whole(name, "df", df, 1)
    checks.whole(name, "groups", groups, 1)
    checks.number(name, "null", null, 0, 1, closed=True)
    checks.number(name, "alternative", alternative, 0, 1, closed=True)
    if null == alternative:
        raise ValueError(f"The 'null' and 'alternative' RMSEA of {name} must differ. Got {null!r} twice.")
    test = "not_close_fit" if null > alternative else "close_fit" if null else "exact_fit"
    return _answer(
        name, "alternative",
        lambda effect, sizes: formulas.fit_power(df, null, effect, sizes[0], groups, significance_level),
        lambda total: (total,), ("respondents",), alternative, n, power, significance_level,
        lowest=2.0 * groups + 1, highest_effect=1.0,
        definition={"formula": "noncentral_chi_square", "test": test, "effect": "rmsea", "df": df,
                    "rmsea_null": null, "rmsea_alternative": alternative, "groups": groups,
                    "source": "MacCallum, Browne and Sugawara (1996)"},
    )  # fmt: skip


def _answer(
    function: str,
    effect_name: str,
    reached: Callable[[float, Sizes], float],
    split: Callable[[float], Sizes],
    parts: Sequence[str],
    effect: float | None,
    n: int | tuple[int, int] | None,
    power: float | None,
    significance_level: float,
    *,
    lowest: float,
    highest_effect: float,
    definition: dict[str, Any],
) -> PowerResult:
    """Find what is sought; ``reached`` gives the power of an effect and sizes, ``split`` the sizes of a total."""
    which, target = checks.sought(function, effect_name, effect, n, power, significance_level)
    n_exact: float | None = None
    sizes: Sizes | None = None
    table: pd.DataFrame | None = None
    if isinstance(n, tuple):
        sizes = (float(n[0]), float(n[1]))
    elif n is not None:
        checks.whole(function, "n", n, math.ceil(lowest))
        sizes = split(float(n))
    if effect is None:
        fixed = sizes or ()
        effect = smallest_effect(lambda trial: reached(trial, fixed), target, highest_effect)
    assumed = effect
    if sizes is None:
        n_exact = smallest(lambda total: reached(assumed, split(total)), target, lowest)
        exact = split(n_exact)
        sizes = tuple(float(rounded_up(size)) for size in exact)
        table = _sizes(parts, exact, sizes)
    total = round(sum(sizes))
    return PowerResult(
        n=total,
        n_exact=n_exact,
        effect=effect,
        power=reached(effect, sizes),
        target_power=None if which == "power" else target,
        sizes=table,
        curve=curve_of(lambda size: reached(assumed, split(size)), total, lowest, "power", step=len(parts)),
        definition={**definition, "sought": which, "significance_level": significance_level},
        notes=(SIMPLE_RANDOM,),
    )


def _sizes(parts: Sequence[str], exact: Sizes, sizes: Sizes) -> pd.DataFrame:
    return sizes_table({part: (one, int(up)) for part, one, up in zip(parts, exact, sizes, strict=True)})
