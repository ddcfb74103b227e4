"""Options of power analyses: refused in one sentence when they make no sense."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

Sought = Literal["n", "power", "effect"]

DEFAULT_POWER = 0.80


def number(function: str, name: str, value: object, low: float, high: float, *, closed: bool = False) -> None:
    """Refuse what is not a number between ``low`` and ``high`` (``closed``: they themselves may be)."""
    good = isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(float(value))
    if not good or not (low <= float(value) <= high if closed else low < float(value) < high):  # type: ignore[arg-type]
        if math.isinf(high):
            told = f"{'at least' if closed else 'above'} {low:g}"
        else:
            told = f"{'from' if closed else 'between'} {low:g} {'to' if closed else 'and'} {high:g}"
        raise ValueError(f"The {name!r} parameter of {function} must be a number {told}. Got {value!r} instead.")


def whole(function: str, name: str, value: object, low: int) -> None:
    """Refuse what is not a whole number from ``low`` on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        raise ValueError(
            f"The {name!r} parameter of {function} must be a whole number, at least {low}. Got {value!r} instead."
        )


def choice(function: str, name: str, value: object, known: Sequence[str]) -> None:
    """Refuse what is not one of ``known``."""
    if value not in known:
        listed = ", ".join(repr(entry) for entry in known)
        raise ValueError(f"The {name!r} parameter of {function} must be one of {listed}. Got {value!r} instead.")


def sought(
    function: str, name: str, effect: object, n: object, power: float | None, significance_level: float
) -> tuple[Sought, float]:
    """Say which of effect, n and power is to be found, and the power asked for (.80 unless said)."""
    number(function, "significance_level", significance_level, 0, 1)
    if power is not None:
        number(function, "power", power, significance_level, 1)
    if effect is not None and n is not None:
        if power is not None:
            raise ValueError(f"{function} takes two of {name!r}, 'n' and 'power' and finds the third; leave one out.")
        return "power", math.nan
    if effect is None and n is None:
        raise ValueError(f"{function} needs {name!r} to find 'n', or 'n' to find the smallest {name!r}.")
    return ("n" if n is None else "effect"), DEFAULT_POWER if power is None else power
