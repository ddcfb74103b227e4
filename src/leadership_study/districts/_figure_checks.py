"""Checks on reported figures: sums, ratios, changes between years, last digits, and what they can carry at all."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.districts._balance_tables import counted, indexed
from leadership_study.districts._figure_table import ALL, COUNTY
from leadership_study.districts._plausible import Bound, Bounds
from leadership_study.districts._school_checks import STAGES_OF
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


def totals_of_schools(figures: pd.DataFrame, by_place: pd.DataFrame) -> pd.DataFrame:
    """Return every total of the report beside the sum over the table of schools, where each school reports it.

    Only totals over all stages: of a school of two stages nobody knows what belongs to which. ``schools`` counts rows.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    whole = figures[(figures["stage"] == ALL) & (figures["location"] == "") & (figures["bound"] == "exact")]
    for name, figure in whole.iterrows():
        own = by_place[by_place["year"] == figure["year"]] if (by_place["year"] != "").any() else by_place
        n = own["place"].nunique()
        told = own.loc[own["quantity"] == figure["quantity"], "value"]
        if figure["quantity"] == "schools" and "schools" not in set(own["quantity"]):
            told = pd.Series(1.0, index=range(n))
        if n < 2 or len(told) < n:
            continue
        reported, found = float(figure["value"]), float(told.sum())
        same = abs(reported - found) <= _EXACT * max(abs(reported), 1)
        rows[str(name), "single_schools_of_table"] = {
            "n_parts": n,
            "reported": counted(reported),
            "parts_sum": counted(found),
            "difference": counted(found - reported),
            "verdict": "adds_up" if same else "does_not_add_up",
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
            if after["value"] == before["value"] and before["value"] >= known[quantity].unchanged_from:
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

    One in five does by chance; the p value is the binomial one of so many or more. Of several quantities the one with
    the smallest p is held against `HEAPED` by their number, the next by one less, and so on (Holm, 1979), so that many
    columns do not make one of them heaped by chance.
    """
    usable = amounts[(amounts["bound"] == "exact") & (amounts["value"] >= 100) & (amounts["value"] % 1 == 0)]
    groups = {str(name): own["value"] for name, own in usable.groupby("quantity", sort=False)} | {ALL: usable["value"]}
    rows: dict[str, dict[str, Any]] = {}
    for name, values in groups.items():
        n, ending = len(values), int((values % 5 == 0).sum())
        if n == 0:
            continue
        p = float(stats.binomtest(ending, n, 0.2, alternative="greater").pvalue)
        verdict = "too_few" if n < FEWEST_DIGITS else "not_heaped"
        rows[name] = {"n": n, "n_heaped": ending, "share_heaped": ending / n, "p_value": p, "verdict": verdict}
    tested = sorted((row["p_value"], name) for name, row in rows.items() if row["verdict"] != "too_few")
    for at, (p, name) in enumerate(tested):
        if p >= HEAPED / (len(tested) - at):
            break
        rows[name]["verdict"] = "heaped"
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
    of the stage, a coefficient those of every school of the stage, two at least.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for stage in standard.limits:
        totals = amounts[(amounts["stage"] == stage) & (amounts["bound"] == "exact")]
        known = dict(zip(totals["quantity"], totals["value"], strict=True))
        # What a school of several stages has is shared out among them by declared ratios, so it has a value for each.
        inside = np.array([stage in STAGES_OF.get(str(kind), ()) for kind in by_place["stage"]], dtype=bool)
        here = by_place[inside]
        for indicator in standard.indicators:
            own = here[here["quantity"] == indicator.of]
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
                "cv_possible": n > 1 and n == here["place"].nunique() and _with_pupils(here) >= n,
            }
    return indexed(rows, ["stage", "indicator"])


def _with_pupils(amounts: pd.DataFrame) -> int:
    return int(amounts.loc[amounts["quantity"] == "pupils", "place"].nunique())


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
