"""The tables of a comparison of groups."""

from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.samples import effect_sizes as sizes
from leadership_study.samples import post_hoc as pairs
from leadership_study.samples.k_groups import Center, FTest, KGroups
from leadership_study.samples.mean_tests import MeanTest, TwoGroups, one_sample
from leadership_study.samples.multiplicity import Adjust, adjusted
from leadership_study.samples.nested_groups import NestedGroups, NestedTest
from leadership_study.samples.rank_tests import kruskal_wallis, mann_whitney
from leadership_study.samples.univariate import skewness_kurtosis

Variances = Literal["unequal", "equal", "levene"]

SHAPIRO_LIMIT = 5000  # Royston's approximation to the p value was made for samples up to this size
COHEN = {
    "d": (("negligible", 0.2), ("small", 0.5), ("medium", 0.8), ("large", np.inf)),
    "share": (("negligible", 0.01), ("small", 0.06), ("medium", 0.14), ("large", np.inf)),
    "r": (("negligible", 0.1), ("small", 0.3), ("medium", 0.5), ("large", np.inf)),
}
"""Cohen's (1988) words for the size of an effect: a convention, not a law."""

_QQ_POINTS = 200
_TEST = ("statistic", "df", "df1", "df2", "p_value", "estimate", "std_error", "ci_low", "ci_high", "decides")


def halves(groups: KGroups) -> TwoGroups:
    """The two groups as arrays."""
    return TwoGroups(first=groups.values[groups.codes == 0], second=groups.values[groups.codes == 1])


def tests(groups: KGroups, level: float, nested: dict[str, NestedTest], errors: NestedGroups | None) -> pd.DataFrame:
    """All tests of a comparison, index ``test``; differences of means and their limits where there are two groups."""
    rows: dict[str, dict[str, object]] = {}
    if groups.k == 2:
        two = halves(groups)
        rows["welch_t"], rows["student_t"] = _t_row(two.welch(), level), _t_row(two.student(), level)
        found = mann_whitney(two.first, two.second)
        rows["mann_whitney"] = {"statistic": found.statistic, "p_value": found.p_value}
    else:
        for name, test in (
            ("welch_anova", groups.welch()),
            ("brown_forsythe", groups.brown_forsythe()),
            ("fisher_anova", groups.anova()),
        ):
            rows[name] = _f_row(test)
        found = kruskal_wallis(groups.values, groups.codes)
        rows["kruskal_wallis"] = {"statistic": found.statistic, "df": found.df, "p_value": found.p_value}
    for name, nest in nested.items():
        rows[name] = {"statistic": nest.statistic, "df1": nest.df1, "df2": nest.df2, "p_value": nest.p_value}
    if errors is not None and groups.k == 2:
        rows["cluster_robust"] = _t_row(errors.difference(0, 1), level)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(_TEST)).rename_axis("test")
    table["decides"] = False
    return table.astype(dict.fromkeys(_TEST[:-1], "float64") | {"decides": "bool"})


def effects(groups: KGroups, level: float, errors: NestedGroups | None) -> pd.DataFrame:
    """Effect sizes with intervals, index ``effect_size``.

    With nested answers the limits of standardised differences are those of the difference over the standard deviation;
    those of the others, which would take answers as independent, are NaN.
    """
    rows: dict[str, tuple[sizes.EffectSize, str]] = {}
    if groups.k == 2:
        two = halves(groups)
        d = sizes.cohen_d(two, confidence_level=level)
        n1, n2 = two.sizes
        r = sizes.rank_biserial(mann_whitney(two.first, two.second).statistic, n1, n2, level)
        rows = {
            "hedges_g": (d.times(sizes.small_sample(n1 + n2 - 2)), "d"),
            "cohen_d": (d, "d"),
            "cohen_d_unpooled": (sizes.cohen_d(two, sd="average", confidence_level=level), "d"),
            "glass_delta": (sizes.cohen_d(two, sd="second", confidence_level=level), "d"),
            "rank_biserial": (r, "r"),
            "superiority": (sizes.superiority(r), ""),
        }
    anova = groups.anova()
    f, df1, df2 = anova.statistic, anova.df1, anova.df2
    eta = sizes.eta_squared(f, df1, df2, level)
    rows["eta_squared"] = (eta, "share")
    rows["omega_squared"] = (sizes.omega_squared(f, df1, df2, level), "share")
    rows["epsilon_squared"] = (sizes.epsilon_squared(f, df1, df2, level), "share")
    rows["cohen_f"] = (
        sizes.EffectSize(estimate=_ratio(eta.estimate), ci_low=_ratio(eta.ci_low), ci_high=_ratio(eta.ci_high)),
        "",
    )
    if groups.k > 2:
        h = kruskal_wallis(groups.values, groups.codes).statistic
        rank = sizes.EffectSize(estimate=h / (groups.n - 1), ci_low=np.nan, ci_high=np.nan)
        rows["rank_epsilon_squared"] = (rank, "share")
    if errors is not None:
        rows = {
            name: (_with_clusters(name, effect, groups, errors, level), kind) for name, (effect, kind) in rows.items()
        }
    return pd.DataFrame(
        {
            "estimate": [effect.estimate for effect, _ in rows.values()],
            "ci_low": [effect.ci_low for effect, _ in rows.values()],
            "ci_high": [effect.ci_high for effect, _ in rows.values()],
            "verdict": [verdict(effect.estimate, kind) for effect, kind in rows.values()],
        },
        index=pd.Index(list(rows), name="effect_size"),
    ).astype({"verdict": "object"})


def _with_clusters(
    name: str, effect: sizes.EffectSize, groups: KGroups, errors: NestedGroups, level: float
) -> sizes.EffectSize:
    nothing = sizes.EffectSize(estimate=effect.estimate, ci_low=np.nan, ci_high=np.nan)
    if name not in ("hedges_g", "cohen_d", "cohen_d_unpooled", "glass_delta"):
        return nothing
    test = errors.difference(0, 1)
    if not test.std_error > 0 or test.estimate == 0:
        return nothing
    low, high = test.interval(level)
    unit = effect.estimate / test.estimate
    return sizes.EffectSize(estimate=effect.estimate, ci_low=low * unit, ci_high=high * unit)


def verdict(value: float, kind: str) -> str | None:
    """Cohen's word for an effect size of a kind ("d", "share", "r"); None without one."""
    if not kind or np.isnan(value):
        return None
    return next(word for word, below in COHEN[kind] if abs(value) < below)


def described(groups: KGroups, labels: list[str], level: float, errors: NestedGroups | None) -> pd.DataFrame:
    """Each group by itself, index ``level``; intervals of means allow for clusters where there are some."""
    rows = {}
    for at, label in enumerate(labels):
        own = groups.values[groups.codes == at]
        mean = one_sample(own) if errors is None else errors.mean(at)
        low, high = mean.interval(level)
        skewness, kurtosis = skewness_kurtosis(own)
        rows[label] = {
            "n": len(own),
            "mean": float(groups.means[at]),
            "sd": float(groups.variances[at] ** 0.5),
            "median": float(np.median(own)),
            "std_error": mean.std_error if mean.std_error > 0 else np.nan,
            "ci_low": low,
            "ci_high": high,
            "skewness": skewness,
            "kurtosis": kurtosis,
            "shapiro_p_value": shapiro(own)[1],
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype({"n": "int64"}).rename_axis("level")


def assumptions(groups: KGroups, center: Center) -> pd.DataFrame:
    """Tests of equal variances and of normal residuals, index ``assumption``."""
    levene, bartlett = groups.levene(center), groups.bartlett()
    w, p = shapiro(groups.residuals)
    rows: dict[str, tuple[float, float, float, float]] = {
        "levene_test": (levene.statistic, levene.df1, levene.df2, levene.p_value),
        "bartlett_test": (bartlett[0], bartlett[1], np.nan, bartlett[2]),
        "shapiro_wilk": (w, np.nan, np.nan, p),
    }
    if groups.k == 2:
        two = halves(groups)
        ratio, p = two.variance_ratio()
        rows["variance_ratio"] = (ratio, two.sizes[0] - 1, two.sizes[1] - 1, p)
    columns = ["statistic", "df1", "df2", "p_value"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype(float).rename_axis("assumption")


def shapiro(values: np.ndarray) -> tuple[float, float]:
    """Shapiro–Wilk W and p value; NaN for fewer than 3 or more than 5,000 values, or values without spread."""
    if not 3 <= len(values) <= SHAPIRO_LIMIT or np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return np.nan, np.nan
    found = stats.shapiro(values)
    return float(found.statistic), float(found.pvalue)


def quantiles(groups: KGroups) -> pd.DataFrame:
    """Normal QQ data of the residuals: at most 200 of their quantiles, index ``point``."""
    residuals = np.sort(groups.residuals)
    n = len(residuals)
    at = np.arange(n) if n <= _QQ_POINTS else np.unique(np.linspace(0, n - 1, _QQ_POINTS).round().astype(int))
    offset = 0.375 if n <= 10 else 0.5  # R's ppoints
    theoretical = stats.norm.ppf((at + 1 - offset) / (n + 1 - 2 * offset))
    index = pd.Index([str(place + 1) for place in at], name="point")
    return pd.DataFrame({"theoretical": theoretical, "residual": residuals[at]}, index=index)


def post_hoc(
    groups: KGroups, labels: list[str], method: str, adjust: Adjust, level: float, errors: NestedGroups | None
) -> pd.DataFrame:
    """All pairs, index ``pair``: difference = group2 less group1."""
    if method == "cluster_robust" and errors is not None:
        i, j = np.triu_indices(groups.k, 1)
        found = [errors.difference(int(b), int(a)) for a, b in zip(i, j, strict=True)]
        p_values = np.array([one.p_value for one in found])
        table = pd.DataFrame(
            {
                "first": i,
                "second": j,
                "difference": [one.estimate for one in found],
                "std_error": [one.std_error if one.std_error > 0 else np.nan for one in found],
                "statistic": [one.statistic for one in found],
                "df": [one.df if one.std_error > 0 else np.nan for one in found],
                "p_value": p_values,
                "adjusted_p_value": adjusted(p_values, adjust),
                "ci_low": [one.interval(level)[0] for one in found],
                "ci_high": [one.interval(level)[1] for one in found],
            }
        )
    else:
        table = pairs.post_hoc(groups, method, adjust=adjust, confidence_level=level)  # type: ignore[arg-type]
    first, second = (table.pop(name).to_numpy() for name in ("first", "second"))
    table.insert(0, "group1", [labels[at] for at in first])
    table.insert(1, "group2", [labels[at] for at in second])
    d = [_pair_d(groups, int(a), int(b)) for a, b in zip(first, second, strict=True)]
    table["cohen_d"] = d
    index = [f"{labels[a]} – {labels[b]}" for a, b in zip(first, second, strict=True)]
    return table.set_index(pd.Index(index, name="pair"))


def equivalence(
    groups: KGroups, labels: list[str], bound: float, level: float, errors: NestedGroups | None
) -> pd.DataFrame:
    """Two one-sided tests of every pair against ± ``bound`` pooled standard deviations, index ``pair``."""
    limit = bound * groups.mean_square**0.5
    rows = {}
    for a, b in zip(*np.triu_indices(groups.k, 1), strict=True):
        if errors is None:
            two = TwoGroups(first=groups.values[groups.codes == b], second=groups.values[groups.codes == a])
            test = two.welch()
        else:
            test = errors.difference(int(b), int(a))
        p_value = test.equivalence_p_value(limit)
        low, high = test.interval(2 * level - 1)
        rows[f"{labels[a]} – {labels[b]}"] = (test.estimate, low, high, limit, p_value, bool(p_value < 1 - level))
    columns = ["difference", "ci_low", "ci_high", "bound", "p_value", "equivalent"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("pair")


def _pair_d(groups: KGroups, a: int, b: int) -> float:
    """Standardised difference of two groups, the second less the first, by the pooled sd of all groups."""
    spread = groups.mean_square**0.5
    return float((groups.means[b] - groups.means[a]) / spread) if spread > 0 else np.nan


def _ratio(share: float) -> float:
    return float((share / (1 - share)) ** 0.5) if 0 <= share < 1 else np.nan


def _t_row(test: MeanTest, level: float) -> dict[str, object]:
    low, high = test.interval(level)
    known = test.std_error > 0
    return {
        "statistic": test.statistic,
        "df": test.df if known else np.nan,
        "p_value": test.p_value,
        "estimate": test.estimate,
        "std_error": test.std_error if known else np.nan,
        "ci_low": low,
        "ci_high": high,
    }


def _f_row(test: FTest) -> dict[str, object]:
    return {"statistic": test.statistic, "df1": test.df1, "df2": test.df2, "p_value": test.p_value}
