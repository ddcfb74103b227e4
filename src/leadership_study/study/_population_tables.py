"""Numbers, shares and names in a population file: each is checked as it is taken."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.study.checked import Table


def number(
    table: Table, key: str, default: float, *, low: float = -math.inf, high: float = math.inf, below: bool = False
) -> float:
    """Return a number from ``low`` to ``high``, which ``below`` leaves out."""
    if not table.has(key):
        return default
    value = table.data[key]
    if not fits(value, low, high) or (below and value >= high):
        table.wrong(key, described(low, high, below=below))
        return default
    return float(value)


def count(table: Table, key: str, default: int, *, low: int = 0) -> int:
    """Return a whole number of at least ``low``."""
    value = table.whole(key, default)
    if value < low and table.has(key):
        table.wrong(key, f"a whole number of at least {low}")
        return default
    return value


def each(
    table: Table,
    key: str,
    known: Sequence[str],
    default: float,
    what: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
) -> dict[str, float]:
    """Return one number for each of ``known``: the same for all, or a table where those not named get ``default``."""
    found = dict.fromkeys(known, default)
    if not table.has(key):
        return found
    value = table.data[key]
    if not isinstance(value, dict):
        return dict.fromkeys(known, number(table, key, default, low=low, high=high))
    return found | named(table, key, known, what, low=low, high=high)


def named(
    table: Table,
    key: str,
    known: Sequence[str],
    what: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
) -> dict[str, float]:
    """Return a table of numbers whose keys are among ``known``."""
    if not table.has(key):
        return {}
    value = table.data[key]
    if not isinstance(value, dict):
        table.wrong(key, f"a table of numbers, as in {{ {known[0] if known else 'name'} = 0.1 }}")
        return {}
    found = {}
    for name, entry in value.items():
        if name not in known:
            message = unknown(f"{what} in {key!r}", name, list(known)) if known else f"there is no {what}: {name!r}"
            table.problems.note(table.place, message, "correct it or leave it out", "unknown_name", name)
        elif not fits(entry, low, high):
            message = f"{name!r} in {key!r} must be {described(low, high)}"
            table.problems.note(table.place, message, "correct it", "wrong_value", entry)
        else:
            found[name] = float(entry)
    return found


def shares(table: Table, key: str, levels: Sequence[str], *, several: bool = False) -> dict[str, float]:
    """Return the share of each level: equal ones when the key is absent; levels not named have none."""
    if not table.has(key):
        return dict.fromkeys(levels, 0.5 if several else 1 / max(len(levels), 1))
    found = dict.fromkeys(levels, 0.0) | named(table, key, levels, "level", low=0, high=1)
    if not several and isinstance(table.data[key], dict) and abs(sum(found.values()) - 1) > 1e-6:
        table.problems.note(
            table.place, f"the numbers in {key!r} must add up to 1", "correct them", "shares", sum(found.values())
        )
        return dict.fromkeys(levels, 1 / len(levels))
    return found


def subtables(table: Table, key: str) -> dict[str, Table]:
    """Return the tables ``[key.<name>]`` by their names."""
    outer = table.table(key)
    found = {}
    for name, value in outer.data.items():
        outer.has(name)
        if isinstance(value, dict):
            found[name] = Table(value, f"[{key}.{name}]", table.problems)
        else:
            outer.wrong(name, f"a table: [{key}.{name}]")
    return found


def known_name(table: Table, name: str, known: Sequence[str], what: str) -> bool:
    """Whether ``name`` is one of ``known``; note it when it is not."""
    if name in known:
        return True
    message = unknown(what, name, list(known)) if known else f"there is no {what}: {name!r}"
    table.problems.note(table.place, message, "correct it or leave it out", "unknown_name", name)
    return False


def lists(table: Table, key: str) -> Mapping[str, Sequence[Any]]:
    """Return a table of lists."""
    if not table.has(key):
        return {}
    value = table.data[key]
    if not isinstance(value, dict) or not all(isinstance(entry, list) for entry in value.values()):
        table.wrong(key, 'a table of lists, as in { name = ["…"] }')
        return {}
    return value


def fits(value: object, low: float, high: float) -> bool:
    """Whether ``value`` is a number from ``low`` to ``high``; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high and abs(value) < 1e12


def described(low: float, high: float, *, below: bool = False) -> str:
    """Return in words which numbers are allowed."""
    if math.isinf(low) and math.isinf(high):
        return "a number"
    if math.isinf(high):
        return f"a number of at least {low:g}"
    if math.isinf(low):
        return f"a number of at most {high:g}"
    return f"a number from {low:g} to {'below ' if below else ''}{high:g}"
