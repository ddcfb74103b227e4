"""What a division of a county into districts is like, by the criteria of zoning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.districts._county import County, Flags
from leadership_study.districts._division_model import Ints


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
        row["unmet"] = ", ".join(_unmet(row, county, members, asked))
        row["meets"] = not row["unmet"]
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index")


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


def _unmet(row: Mapping[str, Any], county: County, members: Ints, asked: Requirements) -> list[str]:
    slack = 1e-9
    ratio, tolerance = row["size_ratio"], asked.size_tolerance
    checks = {
        "strong_schools": row["n_strong"] >= asked.strong_schools,
        "mixed_strength": not asked.mixed_strength or _mixed(county.strong[members], least=1),
        "mixed_locations": not asked.mixed_locations or (row["n_town"] > 0 and row["n_country"] > 0),
        "complete_stages": not asked.complete_stages or row["stages_missing"] == 0,
        "even_sizes": tolerance is None or abs(ratio - 1) <= tolerance + slack,
        "max_imbalance": asked.max_imbalance is None or abs(row["strength_difference"]) <= asked.max_imbalance + slack,
        "max_distance": asked.max_distance is None or row["maximum_distance"] <= asked.max_distance + slack,
        "connected": not asked.connected or row["in_one_piece"],
        "crossed_by": not asked.crossed or row["n_groups"] > 1,
    }
    return [name for name, met in checks.items() if not met]


def _mixed(strong: Flags, *, least: int) -> bool:
    return int((~strong).sum()) >= least
