"""Bounds of what figures about schools can be, from a TOML file that a study can replace."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.districts._rule_file import read_rules
from leadership_study.errors import PlanError

DEFAULT = "plausible"
_KEYS = {"ratio": {"id", "of", "by", "low", "high", "label"}, "change": {"of", "low", "high", "unchanged_from"}}


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A ratio ``of`` one quantity ``by`` another, or the yearly change of one, and what it can be.

    From ``unchanged_from`` on a quantity that did not change at all was probably reported twice; rooms and grounds may
    stay what they are.
    """

    id: str
    of: str
    by: str
    low: float
    high: float
    label: Mapping[str, str]
    unchanged_from: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """All bounds of a file."""

    id: str
    source: str
    ratios: tuple[Bound, ...]
    changes: tuple[Bound, ...]


def load_bounds(name_or_path: str | Path) -> Bounds:
    """Read the package's bounds, or those of a file.

    Raises
    ------
    PlanError
        When there is no such file, or it says too little or what no bound has.
    """
    name = Path(name_or_path).name
    data = read_rules(name_or_path, folder="rules", what="file of bounds", called="bounds")
    return Bounds(
        id=str(data.get("id", name)),
        source=str(data.get("source", name)),
        ratios=tuple(_bound(entry, "ratio", name) for entry in data.get("ratio", [])),
        changes=tuple(_bound(entry, "change", name) for entry in data.get("change", [])),
    )


def _bound(entry: Mapping[str, Any], kind: str, name: str) -> Bound:
    for key in entry:
        if key not in _KEYS[kind]:
            raise PlanError(f"{name}: {unknown(f'key of a {kind}', key, sorted(_KEYS[kind]))}.")
    for key in _KEYS[kind] - {"label", "unchanged_from"}:
        if key not in entry:
            raise PlanError(f"{name}: the {kind} {entry.get('id', entry.get('of', '?'))!r} has no {key!r}.")
    for key in ("low", "high", *(["unchanged_from"] if "unchanged_from" in entry else [])):
        if isinstance(entry[key], bool) or not isinstance(entry[key], int | float):
            raise PlanError(f"{name}: a number belongs to {key!r}. Got {entry[key]!r} instead.")
    if entry["low"] > entry["high"]:
        raise PlanError(f"{name}: 'low' of {entry.get('id', entry['of'])!r} lies above its 'high'.")
    return Bound(
        id=str(entry.get("id", entry["of"])),
        of=str(entry["of"]),
        by=str(entry.get("by", "")),
        low=float(entry["low"]),
        high=float(entry["high"]),
        label=entry.get("label", {}),
        unchanged_from=float(entry.get("unchanged_from", math.inf)),
    )
