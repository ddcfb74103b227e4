"""Fields of measures and the indicators that each addresses, from a TOML file that a study can replace."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.districts._rule_file import read_rules
from leadership_study.errors import PlanError

DEFAULT = "seven_fields"
_KEYS = ("id", "label", "measure", "indicators")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of measures."""

    id: str
    label: Mapping[str, str]
    measure: Mapping[str, str]
    indicators: tuple[str, ...]


def load_fields(name_or_path: str | Path) -> tuple[Field, ...]:
    """Read the seven fields of the county study, or those of a file.

    Raises
    ------
    PlanError
        When there is no such file, or a field says too little or what no field has.
    """
    name = Path(name_or_path).name
    data = read_rules(
        name_or_path, folder="measures", what="file of fields of measures", called="fields of measures in"
    )
    found = tuple(_field(entry, name) for entry in data.get("field", []))
    if not found:
        raise PlanError(f"{name} has no [[field]].")
    return found


def _field(entry: Mapping[str, Any], name: str) -> Field:
    for key in entry:
        if key not in _KEYS:
            raise PlanError(f"{name}: {unknown('key of a field', key, list(_KEYS))}.")
    for key in _KEYS:
        if key not in entry:
            raise PlanError(f"{name}: the field {entry.get('id', '?')!r} has no {key!r}.")
    return Field(id=entry["id"], label=entry["label"], measure=entry["measure"], indicators=tuple(entry["indicators"]))
