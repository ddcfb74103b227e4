"""Checks on reported figures: sums, ratios, changes between years, last digits, and what they can carry at all."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.districts._balance_tables import counted, indexed
from leadership_study.districts._figure_table import ALL, COUNTY
from leadership_study.districts._plausible import Bound, Bounds
from leadership_study.districts._standard import Standard

FEWEST_DIGITS = 20
HEAPED = 0.01
UNKNOWN = "unknown"
"""The stage of a figure of which it is not told."""

_EXACT = 1e-9


def sums(figures: pd.DataFrame) -> pd.DataFrame:
    """Return every total with the sum of its parts, one row a partition."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    parts = figures[figures["part_of"] != ""]
    for key, own in parts.groupby(["part_of", "partition"], sort=False):
        total, partition = _texts(key)
        reported, found = float(figures["value"][total]), float(own["value"].sum())
        exact = (own["bound"] == "exact").all() and figures["bound"][total] == "exact"
        same = abs(reported - found) <= _EXACT * max(abs(reported), 1)
        rows[total, partition] = {
            "n_parts": len(own),
            "reported": counted(reported),
            "parts_sum": counted(found),
            "difference": counted(found - reported),
            "verdict": "not_exact" if not exact else "adds_up" if same else "does_not_add_up",
        }
    return indexed(rows, ["total_figure", "partition"], ["n_parts", "reported", "parts_sum", "difference", "verdict"])


def ratios(amounts: pd.DataFrame, bounds: Bounds) -> pd.DataFrame:
    """Return every ratio of two quantities of the same place, stage and year, with what it can be."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    exact = amounts[(amounts["bound"] == "exact") & (amounts["stage"] != UNKNOWN)]
    # Of two figures of the same kind nobody knows which one a ratio should take.
    exact = exact[~exact.duplicated(["place", "stage", "year", "quantity"], keep=False)]
    for key, own in exact.groupby(["place", "stage", "year"], sort=False):
        place, stage, year = _texts(key)
        known = dict(zip(own["quantity"], own["value"], strict=True))
        for rule in bounds.ratios:
            if rule.of in known and rule.by in known:
                value = known[rule.of] / known[rule.by] if known[rule.by] > 0 else np.nan
                rows[place, stage, year, rule.id] = {"value": value, **_judged(value, rule, "possible", "doubtful")}
    return indexed(rows, ["place", "stage", "year", "ratio"], ["value", "low", "high", "verdict"])


def changes(amounts: pd.DataFrame, bounds: Bounds) -> pd.DataFrame:
    """Return every change of a quantity between two reported years, by year, with what it can be."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    known = {rule.of: rule for rule in bounds.changes}
    timed = amounts[(amounts["year"] != "") & (amounts["bound"] == "exact")]
    for key, own in timed.groupby(["place", "stage", "quantity"], sort=False):
        place, stage, quantity = _texts(key)
        if quantity not in known or own["year"].nunique() < 2:
            continue
        years = pd.to_numeric(own["year"], errors="coerce")
        ordered = own.assign(number=years).dropna(subset="number").sort_values("number")
        for (_, before), (_, after) in zip(ordered.iloc[:-1].iterrows(), ordered.iloc[1:].iterrows(), strict=True):
            span = float(after["number"] - before["number"])
            ratio = after["value"] / before["value"] if before["value"] > 0 else np.nan
            change = float(ratio ** (1 / span) - 1) if span > 0 else np.nan
            judged = _judged(change, known[quantity], "possible", "doubtful")
            if after["value"] == before["value"] and before["value"] >= 100:
                judged["verdict"] = "unchanged"
            rows[place, stage, quantity, f"{before['year']}–{after['year']}"] = {
                "before": before["value"], "after": after["value"], "yearly_change": change, **judged
            }  # fmt: skip
    columns = ["before", "after", "yearly_change", "low", "high", "verdict"]
    return indexed(rows, ["place", "stage", "quantity", "years"], columns)


def _texts(key: Any) -> tuple[str, ...]:
    return tuple(str(part) for part in key)


def _judged(value: float, rule: Bound, inside: str, outside: str) -> dict[str, Any]:
    verdict = "not_known" if np.isnan(value) else inside if rule.low <= value <= rule.high else outside
    return {"low": rule.low, "high": rule.high, "verdict": verdict}


def digits(amounts: pd.DataFrame) -> pd.DataFrame:
    """Return how often whole numbers of at least three digits end in 0 or 5, quantity by quantity and over all.

    One in five does by chance; the p value is the binomial one of so many or more.
    """
    usable = amounts[(amounts["bound"] == "exact") & (amounts["value"] >= 100) & (amounts["value"] % 1 == 0)]
    groups = {str(name): own["value"] for name, own in usable.groupby("quantity", sort=False)} | {ALL: usable["value"]}
    rows = {}
    for name, values in groups.items():
        n, ending = len(values), int((values % 5 == 0).sum())
        if n == 0:
            continue
        p = float(stats.binomtest(ending, n, 0.2, alternative="greater").pvalue)
        verdict = "too_few" if n < FEWEST_DIGITS else "heaped" if p < HEAPED else "not_heaped"
        rows[name] = {"n": n, "n_heaped": ending, "share_heaped": ending / n, "p_value": p, "verdict": verdict}
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=["n", "n_heaped", "share_heaped", "p_value", "verdict"]
    )
    return frame.rename_axis("quantity")


def doubts(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return everything that somebody has to look at, from all checks."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    bad = {"does_not_add_up", "doubtful", "unchanged", "heaped"}
    shown = {"sums": "difference", "ratios": "value", "changes": "yearly_change", "digits": "share_heaped",
             "school_ratios": "value", "school_changes": "yearly_change"}  # fmt: skip
    for check, table in found.items():
        for key, row in table[table["verdict"].isin(bad)].iterrows():
            parts = key if isinstance(key, tuple) else (key,)
            place = ", ".join(str(part) for part in parts[:-1] if part and part not in (COUNTY, ALL)) or COUNTY
            rows[check, place, str(parts[-1])] = {
                "value": float(row[shown[check]]),
                "low": float(row.get("low", np.nan)),
                "high": float(row.get("high", np.nan)),
                "verdict": row["verdict"],
            }
    return indexed(rows, ["check", "place", "what"], ["value", "low", "high", "verdict"])


def support(amounts: pd.DataFrame, by_place: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """Return, for each indicator of a standard and stage, whether a mean and a coefficient of variation can be had.

    ``amounts`` are the totals reported, ``by_place`` the values school by school; a mean needs both total and pupils
    of the stage, a coefficient those of at least two schools.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for stage in standard.limits:
        totals = amounts[(amounts["stage"] == stage) & (amounts["bound"] == "exact")]
        known = dict(zip(totals["quantity"], totals["value"], strict=True))
        for indicator in standard.indicators:
            own = by_place[(by_place["quantity"] == indicator.of) & (by_place["stage"] == stage)]
            n = int(own["place"].nunique())
            mean = (
                known[indicator.of] * indicator.per / known["pupils"]
                if {indicator.of, "pupils"} <= set(known)
                else None
            )
            rows[stage, indicator.id] = {
                "unit": f"unit_{indicator.id}",
                "county_mean": np.nan if mean is None else float(mean),
                "n_schools": n,
                "cv_possible": n > 1,
            }
    return indexed(rows, ["stage", "indicator"])


def claims(amounts: pd.DataFrame, places: set[str], by_place: pd.DataFrame, carried: pd.DataFrame) -> pd.DataFrame:
    """Return what the figures as a whole support, and what they do not; ``places`` are the locations told apart."""
    years = (set(amounts["year"]) | set(by_place["year"])) - {""}
    whole = bool(len(ratio_pairs(by_place)))
    by_stage = amounts[~amounts["stage"].isin([ALL, UNKNOWN])]
    found = {
        "county_means": whole or bool(len(ratio_pairs(amounts[amounts["stage"] == ALL]))),
        "stage_means": whole or bool(len(ratio_pairs(by_stage))),
        "smallest_number_of_classes": "class_size" in set(amounts.loc[amounts["bound"] == "at_most", "quantity"]),
        "coefficient_of_variation": bool(carried["cv_possible"].any()),
        "verdict_by_standard": bool(carried["cv_possible"].all()),
        "town_and_country": len(places) > 1,
        "trend": len(years) > 1,
        "single_schools": by_place["place"].nunique() > 0,
    }
    return pd.DataFrame({"carried": pd.Series(found, dtype=bool)}).rename_axis("claim")


def ratio_pairs(amounts: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of quantities that a ratio could be made of: pupils and anything else."""
    known = list(dict.fromkeys(amounts.loc[amounts["bound"] == "exact", "quantity"]))
    return [("pupils", name) for name in known if name != "pupils"] if "pupils" in known else []


def fewest_classes(amounts: pd.DataFrame) -> pd.DataFrame:
    """Return the fewest classes that the pupils of each stage can be in, when none is larger than reported."""
    limits = amounts[(amounts["quantity"] == "class_size") & (amounts["bound"] == "at_most")]
    pupils = amounts[(amounts["quantity"] == "pupils") & (amounts["bound"] == "exact")]
    rows = {}
    for _, own in pupils.iterrows():
        fitting = limits[limits["stage"].isin([own["stage"], ALL])]
        if len(fitting):
            largest = float(fitting["value"].min())
            fewest = int(np.ceil(own["value"] / largest))
            rows[own["stage"]] = {
                "pupils": counted(own["value"]), "class_size": counted(largest), "classes": fewest
            }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=["pupils", "class_size", "classes"]).rename_axis(
        "stage"
    )
