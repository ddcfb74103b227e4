"""What a division of a county into districts is like, by the criteria of zoning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.districts._county import County
from leadership_study.districts._division_model import Ints

_ASKED = "meets "


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """What a district must meet; None and False where nothing is asked."""

    strong_schools: int
    mixed_locations: bool
    mixed_strength: bool
    complete_stages: bool
    size_tolerance: float | None
    max_imbalance: float | None
    max_distance: float | None
    connected: bool
    crossed: bool


def best_centre(county: County, members: Ints) -> int:
    """Return the strong school (any, if none is strong) with the least sum of distances to the members."""
    eligible = members[county.strong[members]]
    if not len(eligible):
        eligible = members
    return int(eligible[county.distances[np.ix_(members, eligible)].sum(axis=0).argmin()])


def criteria_of(county: County, districts: Mapping[str, tuple[Ints, int]], asked: Requirements) -> pd.DataFrame:
    """Return one row a district; ``districts`` maps its name to its schools' positions and its centre's."""
    size = county.pupils.sum() / len(districts)
    level = county.strength.mean()
    rows: dict[str, dict[str, Any]] = {}
    for name, (members, centre) in districts.items():
        inside = np.zeros(county.n, dtype=bool)
        inside[members] = True
        far = county.distances[members, centre]
        row: dict[str, Any] = {
            "centre": county.names[centre],
            "n_schools": len(members),
            "pupils": float(county.pupils[members].sum()),
            "size_ratio": float(county.pupils[members].sum() / size),
            "n_strong": int(county.strong[members].sum()),
            "n_town": int((~county.country[members]).sum()),
            "n_country": int(county.country[members].sum()),
            "strength_difference": float(county.strength[members].mean() - level),
            "stages_missing": sum(not there[members].any() for there in county.stages.values()),
            "mean_distance": float(far.mean()),
            "maximum_distance": float(far.max()),
            "in_one_piece": county.hangs_together(inside),
        }
        if county.groups is not None:
            row["n_groups"] = len({group for group in county.groups[members] if group == group})
        rows[name] = row | _met(row, county, members, asked)
    return pd.DataFrame.from_dict(rows, orient="index")


def group_table(county: County, districts: Mapping[str, tuple[Ints, int]]) -> pd.DataFrame:
    """Return one row a school-running group: its schools, and the districts that they lie in."""
    rows: dict[str, dict[str, int]] = {}
    if county.groups is not None:
        of_school = {int(at): name for name, (members, _) in districts.items() for at in members}
        for group in sorted({str(group) for group in county.groups if group == group and group is not None}):
            own = [at for at in range(county.n) if str(county.groups[at]) == group]
            reached = {of_school[at] for at in own if at in of_school}
            rows[group] = {"n_schools": len(own), "n_districts": len(reached)}
    index = pd.Index(list(rows), dtype="str", name="school_group")
    return pd.DataFrame(list(rows.values()), index=index, columns=["n_schools", "n_districts"]).astype("int64")


def split(criteria: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the criteria with ``meets`` (all requirements), and how many districts meet each requirement."""
    asked = [name for name in criteria if str(name).startswith(_ASKED)]
    met = criteria[asked].rename(columns=lambda name: str(name).removeprefix(_ASKED))
    counts = pd.DataFrame({"districts_meeting": met.sum().astype(int), "n_districts": len(met)})
    return criteria.drop(columns=asked).assign(meets=met.all(axis=1)), counts.rename_axis("requirement")


def summary_of(criteria: pd.DataFrame) -> dict[str, Any]:
    """Return a division's figures over its districts: the mean distance is that of a school."""
    weights = criteria["n_schools"].to_numpy(dtype=float)
    return {
        "n_districts": len(criteria),
        "districts_meeting": int(criteria["meets"].sum()),
        "mean_distance": float(weights @ criteria["mean_distance"] / weights.sum()),
        "maximum_distance": float(criteria["maximum_distance"].max()),
        "imbalance": float(criteria["strength_difference"].abs().max()),
        "smallest_size_ratio": float(criteria["size_ratio"].min()),
        "largest_size_ratio": float(criteria["size_ratio"].max()),
    }


def _met(row: Mapping[str, Any], county: County, members: Ints, asked: Requirements) -> dict[str, bool]:
    slack = 1e-9
    ratio, tolerance = row["size_ratio"], asked.size_tolerance
    most, farthest = asked.max_imbalance, asked.max_distance
    checks = {
        "strong_schools": (asked.strong_schools > 0, row["n_strong"] >= asked.strong_schools),
        "mixed_strength": (asked.mixed_strength, not county.strong[members].all()),
        "mixed_locations": (asked.mixed_locations, row["n_town"] > 0 and row["n_country"] > 0),
        "complete_stages": (asked.complete_stages, row["stages_missing"] == 0),
        "even_sizes": (tolerance is not None, abs(ratio - 1) <= (tolerance or 0) + slack),
        "max_imbalance": (most is not None, abs(row["strength_difference"]) <= (most or 0) + slack),
        "max_distance": (farthest is not None, row["maximum_distance"] <= (farthest or 0) + slack),
        "connected": (asked.connected, row["in_one_piece"]),
        "crossed_by": (asked.crossed, row.get("n_groups", 0) > 1),
    }
    return {_ASKED + name: bool(met) for name, (wanted, met) in checks.items() if wanted}
