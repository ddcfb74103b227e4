"""Gaps between town and country: what pupils have by the location of their school, and the measures that address it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.districts import _inequality as inequality
from leadership_study.districts._balance_tables import counted, indexed
from leadership_study.districts._fields import DEFAULT, Field, load_fields
from leadership_study.districts._indicators import by_stage, indicators_of
from leadership_study.districts._labelled import Labelled, words_frame
from leadership_study.districts._standard import Standard, load_standard
from leadership_study.districts.balance import StandardName, words_of
from leadership_study.districts.balance import check as check_balance
from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.results import Note
from leadership_study.scoring.variables import TableFile

__all__ = ["LocationGaps", "location_gaps"]

_SLACK = 1e-12
"""Rounding of a computer is no gap."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LocationGaps(Labelled):
    """Gaps between town and country.

    Attributes
    ----------
    gaps : DataFrame
        Rows (stage, indicator): town_mean, country_mean (all amounts over all pupils), difference (country less town),
        ratio (country over town) with ratio_low, ratio_high when one school is left out, share_between (the share of
        Theil's index that lies between town and country), favours: in_town, in_country, open when the range has 1 in
        it.
    locations : DataFrame
        Rows (stage, location): n_schools, pupils, and the mean of each indicator.
    fields : DataFrame
        Index ``field`` of measures: the measure, the indicators that it addresses, how many gaps there are to the
        disadvantage of the country and of town, and the largest of the former.
    """

    main: ClassVar[str] = "gaps"

    gaps: pd.DataFrame
    locations: pd.DataFrame
    fields: pd.DataFrame


def location_gaps(
    schools: pd.DataFrame,
    *,
    standard: str | Path = "2017",
    conversion: Mapping[str, float] | None = None,
    country: Sequence[str] = ("rural",),
    fields: str | Path = DEFAULT,
    check_units: bool = True,
) -> LocationGaps:
    """Compare what pupils of town and country have, indicator by indicator.

    Parameters
    ----------
    schools : DataFrame
        As for `resource_balance`, with a ``location`` for every school.
    standard : str or path
        Whose indicators.
    conversion : mapping, optional
        As for `resource_balance`.
    country : sequence of str
        Locations that count as country; all others are town.
    fields : str or path
        Fields of measures and the indicators that they address.
    check_units : bool
        As for `resource_balance`.

    Raises
    ------
    ResponseError
        With every row that cannot be right.
    PlanError
        Without locations, or when none or all are country.
    InsufficientDataError
        When no stage has schools in town and in the country.

    Notes
    -----
    Means weigh every pupil alike. The schools are a census: the range is that of leaving out one school, no interval of
    a sample. Theil (1967), Economics and Information Theory, for the share between.
    """
    rules, measures = load_standard(standard), load_fields(fields)
    table, notes = by_stage(schools, rules, conversion, check_units=check_units)
    known = _locations(table, country)
    values = indicators_of(table, rules).reset_index(drop=True)
    is_country = table["location"].isin(country)
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for stage in rules.limits:
        inside = (table["stage"] == stage).to_numpy()
        if table.loc[inside, "location"].isin(country).nunique() < 2:
            text = "{stage}: no schools both in town and in the country, so there is no gap to tell."
            notes.append(Note("stage_without_both_places", text, {"stage": stage}))
            continue
        pupils = table.loc[inside, "pupils"].to_numpy(dtype=float)
        where = is_country[inside].to_numpy(dtype=bool)
        for indicator in rules.indicators:
            value = values.loc[inside, indicator.id].to_numpy(dtype=float)
            rows[stage, indicator.id] = {"unit": f"unit_{indicator.id}", **_gap(value, pupils, where)}
    if not rows:
        raise InsufficientDataError(notes[-1])
    gaps = indexed(rows, ["stage", "indicator"])
    texts = {**words_of(rules), **{field.id: field.label for field in measures}}
    texts |= {f"measure_{field.id}": field.measure for field in measures}
    return LocationGaps(
        gaps=gaps,
        locations=_by_location(table, values, rules, known),
        fields=_fields(gaps, measures),
        words=words_frame(texts),
        definition={
            "formula": "gaps_between_places",
            "weights": "pupils",
            "standard": rules.id,
            "country": ", ".join(country),
            **({"conversion": dict(conversion)} if conversion else {}),
            "range": "leave_one_school_out",
            "source": rules.source,
        },
        notes=tuple(notes),
    )


def _locations(table: pd.DataFrame, country: Sequence[str]) -> list[str]:
    unknown_of = table.loc[table["location"].isna(), "school"].unique()
    if len(unknown_of):
        named = ", ".join(str(name) for name in unknown_of[:5]) + (" …" if len(unknown_of) > 5 else "")
        raise PlanError(f"The table of schools does not tell the 'location' of {named}: fill it in.")
    known = list(dict.fromkeys(table["location"].astype(str)))
    if lacking := [name for name in country if name not in known]:
        raise PlanError(
            f"No school has the location {lacking[0]!r} of 'country'; there are {', '.join(sorted(known))}."
        )
    if set(known) <= set(country):
        raise PlanError("Every location is in 'country', so there is no town to compare with.")
    return known


def _gap(values: np.ndarray, pupils: np.ndarray, country: np.ndarray) -> dict[str, Any]:
    def ratio(kept: np.ndarray) -> float:
        means = [_mean(values[kept & side], pupils[kept & side]) for side in (~country, country)]
        return means[1] / means[0] if means[0] > 0 else np.nan

    everybody = np.ones(len(values), dtype=bool)
    without = [ratio(everybody & (np.arange(len(values)) != at)) for at in range(len(values))]
    known = [one for one in without if not np.isnan(one)]
    low, high = (min(known), max(known)) if known else (np.nan, np.nan)
    found = ratio(everybody)
    town, rural = _mean(values[~country], pupils[~country]), _mean(values[country], pupils[country])
    whole = inequality.theil(values, pupils)
    between = inequality.theil_between(values, pupils, country.astype(np.int64))
    clear = not np.isnan(found) and len(known) == len(without) and (low > 1 + _SLACK or high < 1 - _SLACK)
    return {
        "town_mean": town,
        "country_mean": rural,
        "difference": rural - town,
        "ratio": found,
        "ratio_low": low,
        "ratio_high": high,
        "share_between": between / whole if whole > _SLACK else np.nan,
        "favours": ("in_country" if found > 1 else "in_town") if clear else "open",
    }


def _mean(values: np.ndarray, pupils: np.ndarray) -> float:
    return float(pupils @ values / pupils.sum()) if len(values) else np.nan


def _by_location(table: pd.DataFrame, values: pd.DataFrame, rules: Standard, known: Sequence[str]) -> pd.DataFrame:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for stage in rules.limits:
        for location in known:
            inside = ((table["stage"] == stage) & (table["location"] == location)).to_numpy()
            if inside.any():
                pupils = table.loc[inside, "pupils"].to_numpy(dtype=float)
                rows[stage, location] = {
                    "n_schools": int(inside.sum()),
                    "pupils": counted(pupils.sum()),
                    **{
                        indicator.id: _mean(values.loc[inside, indicator.id].to_numpy(dtype=float), pupils)
                        for indicator in rules.indicators
                    },
                }
    return indexed(rows, ["stage", "location"])


def _fields(gaps: pd.DataFrame, fields: Sequence[Field]) -> pd.DataFrame:
    """Tie the gaps to the fields of measures that address them."""
    known = list(dict.fromkeys(gaps.index.get_level_values("indicator")))
    rows = {}
    for field in fields:
        own = [name for name in field.indicators if name in known]
        part = gaps[gaps.index.get_level_values("indicator").isin(own)]
        behind = part[part["favours"] == "in_town"]
        worst: Any = behind["ratio"].idxmin() if len(behind) else None
        rows[field.id] = {
            "measure": f"measure_{field.id}",
            "addresses": ", ".join(own),
            "country_behind": len(behind) if own else None,
            "town_behind": int((part["favours"] == "in_country").sum()) if own else None,
            "largest_gap": "" if worst is None else str(worst[1]),
            "largest_gap_stage": "" if worst is None else str(worst[0]),
            "largest_gap_ratio": np.nan if worst is None else float(behind["ratio"].min()),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("field")
    return frame.astype({"country_behind": "Int64", "town_behind": "Int64", "largest_gap_ratio": "float64"})


def check(**options: Any) -> None:
    """Refuse what a plan asks for before any table is read: see `leadership_study.districts.balance.check`."""
    check_balance(**options)
    if not str(options.get("fields", "")).endswith(".toml"):
        load_fields(options["fields"])
    if not options.get("country"):
        raise PlanError("'country' must name at least one location.")


def run(
    *,
    schools: TableFile,
    standard: StandardName = "2017",
    conversion: Mapping[str, float] | None = None,
    country: tuple[str, ...] = ("rural",),
    fields: StandardName = DEFAULT,
    check_units: bool = True,
) -> LocationGaps:
    """Compare town and country in the table of schools that a plan names."""
    return location_gaps(
        schools, standard=standard, conversion=conversion, country=country, fields=fields, check_units=check_units
    )
