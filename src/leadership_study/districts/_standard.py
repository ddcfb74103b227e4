"""A standard of balance: its indicators, thresholds and rules, from a TOML file that a province can replace."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from leadership_study.by_name import unknown
from leadership_study.districts._rule_file import names_in, read_rules
from leadership_study.errors import PlanError

_FOLDER = "standards"
STAGES = ("primary", "lower_secondary")
_HIGHEST_LIMIT = 3.0
_KEYS = {
    "id", "title", "source", "rule", "limits", "indicator", "indicators_met", "rest_at_least", "fewest_pupils"
}  # fmt: skip
_INDICATOR_KEYS = {"id", "of", "per", "unit", "label", "thresholds", "amount_unit", "least", "count"}


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One indicator: the column ``of`` the table of schools per ``per`` pupils; thresholds by stage, or none.

    ``unit`` is that of the indicator, ``amount_unit`` that of what a school has. A value above 0 but below ``least`` is
    none that schools have: the amounts are in another unit. A ``count`` is of persons or things, never part of one.
    """

    id: str
    of: str
    per: float
    unit: Mapping[str, str]
    label: Mapping[str, str]
    thresholds: Mapping[str, float]
    amount_unit: Mapping[str, str]
    least: float
    count: bool


@dataclass(frozen=True, kw_only=True)
class Standard:
    """What a county is judged by.

    ``rule`` "composite" holds the mean of the indicators' coefficients of variation against ``limits`` (by stage),
    "each" every single one. With thresholds a school meets the standard with ``indicators_met`` of them, the others
    being at least ``rest_at_least`` of theirs.
    """

    id: str
    title: Mapping[str, str]
    source: str
    rule: Literal["composite", "each"]
    limits: Mapping[str, float]
    indicators: tuple[Indicator, ...]
    indicators_met: int | None
    rest_at_least: float
    fewest_pupils: int

    @property
    def judges_schools(self) -> bool:
        """Whether each school has thresholds to meet."""
        return self.indicators_met is not None


def known_standards() -> list[str]:
    """Names of the standards that come with the package."""
    return names_in(_FOLDER)


def load_standard(name_or_path: str | Path) -> Standard:
    """Read a standard by its name or from a file.

    Raises
    ------
    PlanError
        When there is none of that name, or the file says too little or what no standard has.
    """
    data = read_rules(name_or_path, folder=_FOLDER, what="standard", called="standard")
    return _standard(data, Path(name_or_path).name)


def _standard(data: Mapping[str, Any], name: str) -> Standard:
    for key in data:
        if key not in _KEYS:
            raise PlanError(f"{name}: {unknown('key', key, sorted(_KEYS))}.")
    for key in ("id", "title", "source", "rule", "limits", "indicator"):
        if not data.get(key):
            raise PlanError(f"{name}: {key!r} is missing.")
    if not isinstance(data["limits"], Mapping):
        raise PlanError(f"{name}: 'limits' has one limit a stage, as {{ primary = 0.50, lower_secondary = 0.45 }}.")
    if not isinstance(data["indicator"], list) or not all(isinstance(one, Mapping) for one in data["indicator"]):
        raise PlanError(f"{name}: write each indicator as a table of its own, under [[indicator]].")
    if data["rule"] not in ("composite", "each"):
        raise PlanError(f"{name}: {unknown('rule', str(data['rule']), ['composite', 'each'])}.")
    indicators = tuple(_indicator(entry, name) for entry in data["indicator"])
    ids = [entry.id for entry in indicators]
    if twice := [one for one in dict.fromkeys(ids) if ids.count(one) > 1]:
        raise PlanError(f"{name}: the indicator {twice[0]!r} is there twice.")
    if odd := [stage for stage in data["limits"] if stage not in STAGES]:
        raise PlanError(f"{name}: {unknown('stage in limits', odd[0], list(STAGES))}.")
    needed = data.get("indicators_met")
    if needed is not None:
        if isinstance(needed, bool) or not isinstance(needed, int) or not 0 < needed <= len(indicators):
            raise PlanError(f"{name}: 'indicators_met' must be 1 to {len(indicators)}, the number of indicators.")
        if lacking := [entry.id for entry in indicators if set(entry.thresholds) != set(data["limits"])]:
            raise PlanError(f"{name}: {lacking[0]!r} needs a threshold for each stage of 'limits'.")
    return Standard(
        id=str(data["id"]),
        title=_texts(data["title"], name, "title"),
        source=_text(data["source"], name, "source"),
        rule=data["rule"],
        limits={stage: _share(value, name, "limits", _HIGHEST_LIMIT) for stage, value in data["limits"].items()},
        indicators=indicators,
        indicators_met=needed,
        rest_at_least=_share(data.get("rest_at_least", 1.0), name, "rest_at_least", 1.0),
        fewest_pupils=_whole(data.get("fewest_pupils", 0), name, "fewest_pupils"),
    )


def _indicator(entry: Mapping[str, Any], name: str) -> Indicator:
    for key in entry:
        if key not in _INDICATOR_KEYS:
            raise PlanError(f"{name}: {unknown('key of an indicator', key, sorted(_INDICATOR_KEYS))}.")
    for key in ("id", "of", "per", "unit", "label"):
        if key not in entry:
            raise PlanError(f"{name}: the indicator {entry.get('id', '?')!r} has no {key!r}.")
    given = entry.get("thresholds", {})
    if not isinstance(given, Mapping):
        raise PlanError(f"{name}: 'thresholds' of {entry['id']!r} has one threshold a stage.")
    thresholds = {stage: _positive(value, name, "thresholds") for stage, value in given.items()}
    if not isinstance(entry.get("count", False), bool):
        raise PlanError(f"{name}: 'count' of {entry['id']!r} must be true or false.")
    return Indicator(
        id=_text(entry["id"], name, "id"),
        of=_text(entry["of"], name, "of"),
        per=_positive(entry["per"], name, "per"),
        unit=_texts(entry["unit"], name, "unit"),
        label=_texts(entry["label"], name, "label"),
        thresholds=thresholds,
        amount_unit=_texts(entry.get("amount_unit", entry["unit"]), name, "amount_unit"),
        least=_positive(entry["least"], name, "least") if "least" in entry else 0.0,
        count=entry.get("count", False),
    )


def _text(value: Any, name: str, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PlanError(f"{name}: a text belongs to {key!r}. Got {value!r} instead.")
    return value


def _texts(value: Any, name: str, key: str) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not value or not all(isinstance(text, str) for text in value.values()):
        raise PlanError(f'{name}: {key!r} has one text a language, as {{ en = "…", zh = "…" }}. Got {value!r} instead.')
    return value


def _whole(value: Any, name: str, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PlanError(f"{name}: a whole number belongs to {key!r}. Got {value!r} instead.")
    return value


def _share(value: Any, name: str, key: str, highest: float) -> float:
    """Return a coefficient or share; a percentage in its place is a slip that would let every county pass."""
    number = _positive(value, name, key)
    if number > highest:
        raise PlanError(f"{name}: {key!r} is a share such as 0.5, not a percentage. Got {value!r} instead.")
    return number


def _positive(value: Any, name: str, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise PlanError(f"{name}: a number above 0 belongs to {key!r}. Got {value!r} instead.")
    return float(value)
