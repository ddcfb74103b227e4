"""Balance of a county's schools by an official standard, with the indices that tell where the inequality lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.districts import _inequality as inequality
from leadership_study.districts._indicators import by_stage, indicators_of
from leadership_study.districts._standard import Standard, load_standard
from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, Result

__all__ = ["ResourceBalance", "resource_balance"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ResourceBalance(Result):
    """How evenly resources are shared out among the pupils of a county.

    Attributes
    ----------
    verdict : DataFrame
        Index ``stage``: n_schools, pupils, composite_cv (mean of the indicators' coefficients of variation), limit,
        indicators_failing (by the rule of the standard), schools_failing, and verdict: meets, fails.
    indicators : DataFrame
        Rows (stage, indicator): mean (all amounts over all pupils), sd, cv with cv_low, cv_high (leaving out one school
        at a time), limit and meets under the rule "each"; gini, theil, theil_location and theil_district (shares that
        lie between places; NaN when unknown), mcloone, range_ratio.
    schools : DataFrame
        Rows (stage, school): pupils, one column an indicator; with thresholds also indicators_met, lowest_share (of
        its threshold) and meets.
    shortfalls : DataFrame
        Rows (stage, school, indicator) where a threshold is missed: value, threshold, share, and missing, the amount of
        the resource that the school lacks.
    """

    main: ClassVar[str] = "verdict"

    verdict: pd.DataFrame
    indicators: pd.DataFrame
    schools: pd.DataFrame
    shortfalls: pd.DataFrame


def resource_balance(
    schools: pd.DataFrame, *, standard: str | Path, conversion: Mapping[str, float] | None = None
) -> ResourceBalance:
    """Judge a county's schools by a standard.

    Per indicator and stage CV = S/X̄ with X̄ = Σx/ΣP and S² = Σ(P/ΣP)(x/P − X̄)², P the pupils of a school. Under the
    standard of 2012 the mean of the CVs is held against the limit, under that of 2017 each of them, and each school
    must meet six of the seven thresholds and 85 % of the rest; the two are never mixed.

    Parameters
    ----------
    schools : DataFrame
        One row a school: ``school``, ``stage``, ``pupils``, the amounts that the standard's indicators are of (whole
        amounts, not per pupil), and where known ``pupils_lower_secondary``, ``location``, ``district``,
        ``school_type``.
    standard : "2012", "2017" or the path of a TOML file
    conversion : mapping from stage to a number, optional
        Needed for schools of two stages: see `leadership_study.districts._indicators.by_stage`.

    Raises
    ------
    ResponseError
        With every row that cannot be right; there is no verdict on incomplete data.
    PlanError
        A standard, column or ratio that is not there.
    InsufficientDataError
        When no stage has two schools.

    Notes
    -----
    A county's schools are a census: no sampling interval is given, and the range is that of leaving out one school.
    Sources: 教督〔2012〕3号, 教督〔2017〕6号; Theil (1967), Economics and Information Theory.
    """
    rules = load_standard(standard)
    table, notes = by_stage(schools, rules, conversion)
    stages = [stage for stage in rules.limits if not table.empty and (table["stage"] == stage).sum() > 1]
    for stage in rules.limits:
        if stage not in stages:
            text = "{stage}: fewer than two schools, so there is no balance to judge."
            notes.append(Note("stage_without_schools", text, {"stage": stage}))
    if not stages:
        raise InsufficientDataError(notes[-1])
    table = table[table["stage"].isin(stages)].reset_index(drop=True)
    values = indicators_of(table, rules)
    of_indicators = _indicator_table(table, values, rules, stages)
    shortfalls = _shortfalls(table, values, rules)
    of_schools = _school_table(table, values, shortfalls, rules)
    return ResourceBalance(
        verdict=_verdict(table, of_indicators, of_schools, rules, stages),
        indicators=of_indicators,
        schools=of_schools,
        shortfalls=shortfalls,
        definition={
            "formula": "coefficient_of_variation",
            "weights": "pupils",
            "standard": rules.id,
            "rule": rules.rule,
            "range": "leave_one_school_out",
            "source": rules.source,
        },
        notes=tuple(notes),
    )


def _indicator_table(table: pd.DataFrame, values: pd.DataFrame, rules: Standard, stages: list[str]) -> pd.DataFrame:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for stage in stages:
        inside = (table["stage"] == stage).to_numpy()
        pupils = table.loc[inside, "pupils"].to_numpy(dtype=float)
        for indicator in rules.indicators:
            value = values[indicator.id].to_numpy(dtype=float)[inside]
            mean = float(pupils @ value / pupils.sum())
            cv = inequality.coefficient_of_variation(value, pupils)
            low, high = inequality.leave_one_out(inequality.coefficient_of_variation, value, pupils)
            whole = inequality.theil(value, pupils)
            rows[stage, indicator.id] = {
                "mean": mean,
                "sd": cv * mean,
                "cv": cv,
                "cv_low": low,
                "cv_high": high,
                "limit": rules.limits[stage] if rules.rule == "each" else np.nan,
                "meets": bool(cv <= rules.limits[stage]) if rules.rule == "each" else None,
                "gini": inequality.gini(value, pupils),
                "theil": whole,
                "theil_location": _between(table.loc[inside, "location"], value, pupils, whole),
                "theil_district": _between(table.loc[inside, "district"], value, pupils, whole),
                "mcloone": inequality.mcloone(value, pupils),
                "range_ratio": inequality.range_ratio(value),
            }
    return _indexed(rows, ["stage", "indicator"])


def _between(groups: pd.Series, values: np.ndarray, pupils: np.ndarray, whole: float) -> float:
    """The share of Theil's index that lies between ``groups``; NaN when one is unknown or nothing is unequal."""
    if groups.isna().any() or not whole > 0:
        return np.nan
    return inequality.theil_between(values, pupils, pd.factorize(groups)[0]) / whole


def _shortfalls(table: pd.DataFrame, values: pd.DataFrame, rules: Standard) -> pd.DataFrame:
    rows: dict[tuple[str, ...], dict[str, float]] = {}
    for indicator in rules.indicators if rules.judges_schools else ():
        for at, (stage, school) in enumerate(values.index):
            value, threshold = float(values[indicator.id].iloc[at]), indicator.thresholds[stage]
            if value < threshold * (1 - 1e-12):
                missing = threshold * float(table["pupils"].iloc[at]) / indicator.per - float(
                    table[indicator.of].iloc[at]
                )
                rows[stage, school, indicator.id] = {
                    "value": value, "threshold": threshold, "share": value / threshold, "missing": missing
                }  # fmt: skip
    found = _indexed(rows, ["stage", "school", "indicator"])
    return found if rows else found.reindex(columns=["value", "threshold", "share", "missing"]).astype(float)


def _school_table(table: pd.DataFrame, values: pd.DataFrame, shortfalls: pd.DataFrame, rules: Standard) -> pd.DataFrame:
    found = values.copy()
    found.insert(0, "pupils", table["pupils"].to_numpy())
    if rules.judges_schools and rules.indicators_met is not None:
        missed = shortfalls.groupby(level=["stage", "school"])["share"].agg(["size", "min"]).reindex(found.index)
        met = len(rules.indicators) - missed["size"].fillna(0).astype(int)
        lowest = missed["min"].fillna(1.0)
        found["indicators_met"] = met
        found["lowest_share"] = lowest
        found["meets"] = (met >= rules.indicators_met) & (lowest >= rules.rest_at_least * (1 - 1e-12))
    return found


def _verdict(
    table: pd.DataFrame, indicators: pd.DataFrame, schools: pd.DataFrame, rules: Standard, stages: list[str]
) -> pd.DataFrame:
    rows = {}
    for stage in stages:
        inside = table["stage"] == stage
        own = indicators.loc[stage]
        composite = float(own["cv"].mean())
        failing = list(own.index[~own["meets"].astype(bool)]) if rules.rule == "each" else []
        short = int((~schools.xs(stage)["meets"].astype(bool)).sum()) if rules.judges_schools else 0
        passed = not failing and not short if rules.rule == "each" else composite <= rules.limits[stage] and not short
        rows[stage] = {
            "n_schools": int(inside.sum()),
            "pupils": float(table.loc[inside, "pupils"].sum()),
            "composite_cv": composite,
            "limit": rules.limits[stage],
            "indicators_failing": ", ".join(failing),
            "schools_failing": short,
            "verdict": "meets" if passed else "fails",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("stage")


def _indexed(rows: Mapping[tuple[str, ...], Mapping[str, Any]], names: list[str]) -> pd.DataFrame:
    index = (
        pd.MultiIndex.from_tuples(list(rows), names=names)
        if rows
        else pd.MultiIndex.from_arrays([[]] * len(names), names=names)
    )
    return pd.DataFrame(list(rows.values()), index=index)
