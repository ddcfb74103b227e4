"""Options checked in one form."""

from collections.abc import Sequence
from typing import Any


def one_of(name: str, function: str, got: Any, allowed: Sequence[Any]) -> None:
    """Refuse a value that isn't among those allowed."""
    if got not in allowed:
        listed = ", ".join(repr(value) for value in allowed)
        raise ValueError(f"The '{name}' parameter of {function} must be one of {listed}. Got {got!r} instead.")


def check_numbers(function: str, *, confidence_level: float, bootstrap: int) -> None:
    """Refuse a level outside (0, 1) and a number of replicates below two."""
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of {function} must be between 0 and 1. Got {confidence_level!r} instead."
        )
    if isinstance(bootstrap, bool) or not isinstance(bootstrap, int) or bootstrap < 2:
        raise ValueError(
            f"The 'bootstrap' parameter of {function} must be a whole number of at least 2. Got {bootstrap!r} instead."
        )
