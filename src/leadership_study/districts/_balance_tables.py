"""The tables of a balance: indicators, inequality, schools, what they lack, districts and verdicts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.districts import _inequality as inequality
from leadership_study.districts._standard import Standard

MEASURES = {
    "cv": inequality.coefficient_of_variation,
    "gini": inequality.gini,
    "theil": inequality.theil,
    "mcloone": inequality.mcloone,
    "range_ratio": lambda values, pupils: inequality.range_ratio(values),
    "restricted_range_ratio": inequality.restricted_range_ratio,
}
_SLACK = 1e-12
"""Rounding of a computer must not decide what lies on a limit exactly."""


def within(value: float, limit: float) -> bool:
    """Whether ``value`` is at most ``limit``."""
    return bool(value <= limit * (1 + _SLACK))


def reaches(value: float, threshold: float) -> bool:
    """Whether ``value`` is at least ``threshold``."""
    return bool(value >= threshold * (1 - _SLACK))


def counted(number: Any) -> float | int:
    """Return a whole number as one; pupils may be counted in parts where somebody says so."""
    return int(number) if float(number).is_integer() else float(number)


def indicator_table(
    table: pd.DataFrame, values: pd.DataFrame, rules: Standard, stages: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the indicators by stage, every measure of their inequality with its range, and Theil's parts."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    ranges: dict[tuple[str, ...], dict[str, float]] = {}
    parts: dict[tuple[str, ...], dict[str, float]] = {}
    for stage in stages:
        inside = (table["stage"] == stage).to_numpy()
        pupils = table.loc[inside, "pupils"].to_numpy(dtype=float)
        for indicator in rules.indicators:
            value = values[indicator.id].to_numpy(dtype=float)[inside]
            mean = float(pupils @ value / pupils.sum())
            found = {}
            for name, measure in MEASURES.items():
                low, high = inequality.leave_one_out(measure, value, pupils)
                found[name] = measure(value, pupils)
                ranges[stage, indicator.id, name] = {"value": found[name], "low": low, "high": high}
            own = ranges[stage, indicator.id, "cv"]
            between = {}
            for by in ("location", "district"):
                groups = table.loc[inside, by]
                between[by] = _between(groups, value, pupils, found["theil"])
                if not np.isnan(between[by]):
                    parts[stage, indicator.id, by] = {
                        "n_groups": int(groups.nunique()),
                        "theil": found["theil"],
                        "theil_between": between[by] * found["theil"],
                        "theil_within": (1 - between[by]) * found["theil"],
                        "share_between": between[by],
                    }
            limit = rules.limits[stage] if rules.rule == "each" else np.nan
            known = rules.rule == "each" and not np.isnan(own["value"])
            rows[stage, indicator.id] = {
                "unit": f"unit_{indicator.id}",
                "threshold": indicator.thresholds.get(stage, np.nan),
                "mean": mean,
                "sd": own["value"] * mean,
                "cv": own["value"],
                "cv_low": own["low"],
                "cv_high": own["high"],
                "limit": limit,
                "meets": within(own["value"], limit) if known else None,
                **{name: found[name] for name in ("gini", "theil")},
                "theil_location": between["location"],
                "theil_district": between["district"],
                **{name: found[name] for name in ("mcloone", "range_ratio")},
            }
    columns = ["n_groups", "theil", "theil_between", "theil_within", "share_between"]
    return (
        indexed(rows, ["stage", "indicator"]),
        indexed(ranges, ["stage", "indicator", "measure"]),
        indexed(parts, ["stage", "indicator", "by"], columns),
    )


def _between(groups: "pd.Series[Any]", values: Any, pupils: Any, whole: float) -> float:
    """The share of Theil's index that lies between ``groups``; NaN when one is unknown or nothing is unequal."""
    if groups.isna().any() or not whole > _SLACK:
        return np.nan
    return inequality.theil_between(values, pupils, pd.factorize(groups)[0].astype(np.int64)) / whole


def shortfall_table(table: pd.DataFrame, values: pd.DataFrame, rules: Standard) -> pd.DataFrame:
    """Return every threshold that a school misses, with what it lacks."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for at, (stage, school) in enumerate(values.index):
        for indicator in rules.indicators if rules.judges_schools else ():
            value, threshold = float(values[indicator.id].iloc[at]), indicator.thresholds[stage]
            if not reaches(value, threshold):
                needed = threshold * float(table["pupils"].iloc[at]) / indicator.per
                rows[stage, school, indicator.id] = {
                    "value": value,
                    "threshold": threshold,
                    "share": value / threshold,
                    "gap": threshold - value,
                    "unit": f"unit_{indicator.id}",
                    "missing": needed - float(table[indicator.of].iloc[at]),
                    "amount_unit": f"amount_{indicator.id}",
                }
    columns = ["value", "threshold", "share", "gap", "unit", "missing", "amount_unit"]
    return indexed(rows, ["stage", "school", "indicator"], columns)


def school_table(table: pd.DataFrame, values: pd.DataFrame, shortfalls: pd.DataFrame, rules: Standard) -> pd.DataFrame:
    """Return every school's indicators and, with thresholds, whether it meets the standard."""
    found = values.copy()
    whole = bool((table["pupils"] % 1 == 0).all())
    found.insert(0, "pupils", table["pupils"].to_numpy(dtype="int64" if whole else float))
    if table["location"].notna().any():
        found.insert(0, "location", table["location"].astype(object).where(table["location"].notna(), None).to_numpy())
    if rules.indicators_met is not None:
        missed = shortfalls.groupby(level=["stage", "school"])["share"].agg(["size", "min"]).reindex(found.index)
        met = len(rules.indicators) - missed["size"].fillna(0).astype("int64")
        lowest = missed["min"].fillna(1.0).astype(float)
        enough = [reaches(one, rules.rest_at_least) for one in lowest]
        found["indicators_met"] = met
        found["lowest_share"] = lowest
        found["meets"] = (met >= rules.indicators_met) & pd.Series(enough, index=found.index, dtype=bool)
    return found


def failing_table(schools: pd.DataFrame, shortfalls: pd.DataFrame, rules: Standard) -> pd.DataFrame:
    """Return the schools that do not meet the standard, with what each lacks to every threshold."""
    gaps = [f"gap_{indicator.id}" for indicator in rules.indicators]
    columns = ["indicators_met", "lowest_share", *gaps]
    failing: Any = schools.index[~schools["meets"].astype(bool)] if rules.judges_schools else []
    lacking = {key: float(gap) for key, gap in shortfalls["gap"].items()}
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for stage, school in failing:
        rows[stage, school] = {
            "indicators_met": int(schools.loc[(stage, school), "indicators_met"]),
            "lowest_share": float(schools.loc[(stage, school), "lowest_share"]),
            **{
                f"gap_{indicator.id}": lacking.get((stage, school, indicator.id), np.nan)
                for indicator in rules.indicators
            },
        }
    return indexed(rows, ["stage", "school"], columns)


def verdict_table(
    table: pd.DataFrame, indicators: pd.DataFrame, schools: pd.DataFrame, rules: Standard, stages: Sequence[str]
) -> pd.DataFrame:
    """Return the verdict on each stage: "meets", "fails", or "open" when an indicator has no balance to judge."""
    rows = {}
    for stage in stages:
        own = indicators.loc[stage]
        composite = float(own["cv"].mean(skipna=False))
        each = rules.rule == "each"
        failing = [str(name) for name, met in own["meets"].items() if met is not None and not met] if each else []
        short = _short(schools, stage, rules)
        failed = bool(failing or short) or (not each and composite > rules.limits[stage] * (1 + _SLACK))
        rows[stage] = {
            "n_schools": int((table["stage"] == stage).sum()),
            "pupils": counted(table.loc[table["stage"] == stage, "pupils"].sum()),
            "composite_cv": composite,
            "limit": rules.limits[stage],
            "indicators_failing": ", ".join(failing),
            "schools_failing": short if rules.judges_schools else None,
            "verdict": "fails" if failed else "open" if own["cv"].isna().any() else "meets",
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("stage")
    return frame if rules.judges_schools else frame.astype({"schools_failing": "Int64"})


def county_verdict(verdict: pd.DataFrame, schools: pd.DataFrame, rules: Standard) -> str:
    """Return the verdict on the county: it meets the standard when every stage of the standard does."""
    if (verdict["verdict"] == "fails").any() or any(_short(schools, stage, rules) for stage in rules.limits):
        return "fails"
    return "meets" if len(verdict) == len(rules.limits) and (verdict["verdict"] == "meets").all() else "open"


def _short(schools: pd.DataFrame, stage: str, rules: Standard) -> int:
    if not rules.judges_schools or stage not in schools.index.get_level_values("stage"):
        return 0
    return int((~schools.xs(stage, level="stage")["meets"].astype(bool)).sum())


def district_table(table: pd.DataFrame, values: pd.DataFrame, rules: Standard) -> pd.DataFrame:
    """Return facts about each district, ready to go with the leadership of its head.

    The composite is that of the district's own schools, stage by stage where it has at least two, and the mean of the
    stages by their pupils. The level is the mean, over indicators and stages, of the district's mean by the county's.
    """
    stages = list(rules.limits)
    columns = ["n_schools", "pupils", "composite_cv", *(f"composite_cv_{stage}" for stage in stages), "resource_level"]
    if table.empty or table["district"].isna().any():
        return pd.DataFrame({name: pd.Series(dtype=float) for name in columns}, index=pd.Index([], name="district"))
    county = {stage: _means(table, values, table["stage"] == stage) for stage in stages}
    rows = {}
    for district in sorted(table["district"].astype(str).unique()):
        inside = table["district"].astype(str) == district
        composites, levels, weights = {}, [], []
        for stage in stages:
            here = (inside & (table["stage"] == stage)).to_numpy()
            pupils = table.loc[here, "pupils"].to_numpy(dtype=float)
            composites[stage] = np.nan
            if here.sum() > 1:
                own = values.to_numpy(dtype=float)[here]
                cvs = [inequality.coefficient_of_variation(own[:, at], pupils) for at in range(own.shape[1])]
                composites[stage] = float(np.mean(cvs))
            if here.any():
                levels.append(float((_means(table, values, pd.Series(here)) / county[stage]).mean()))
                weights.append(float(pupils.sum()))
        sizes = {stage: float(table.loc[inside & (table["stage"] == stage), "pupils"].sum()) for stage in stages}
        known = [stage for stage in stages if not np.isnan(composites[stage])]
        mean = np.average([composites[s] for s in known], weights=[sizes[s] for s in known]) if known else np.nan
        rows[district] = {
            "n_schools": int(table.loc[inside, "school"].nunique()),
            "pupils": counted(table.loc[inside, "pupils"].sum()),
            "composite_cv": float(mean),
            **{f"composite_cv_{stage}": composites[stage] for stage in stages},
            "resource_level": float(np.average(levels, weights=weights)),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("district")


def _means(table: pd.DataFrame, values: pd.DataFrame, inside: "pd.Series[bool]") -> Any:
    rows = inside.to_numpy()
    pupils = table["pupils"].to_numpy(dtype=float)[rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        return pupils @ values.to_numpy(dtype=float)[rows] / pupils.sum()


def indexed(
    rows: Mapping[tuple[str, ...], Mapping[str, Any]], names: list[str], columns: Sequence[str] = ()
) -> pd.DataFrame:
    """Return rows by their keys, with the ``columns`` even when there is none."""
    if not rows:
        index = pd.MultiIndex.from_arrays([[]] * len(names), names=names)
        return pd.DataFrame({name: pd.Series(dtype=float) for name in columns}, index=index)
    return pd.DataFrame(list(rows.values()), index=pd.MultiIndex.from_tuples(list(rows), names=names))
