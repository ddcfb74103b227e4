"""Checks and sentences that the coefficients of this package share."""

from collections.abc import Sequence

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note


def one_of(value: object, allowed: Sequence[str], *, name: str, function: str) -> None:
    """Raise ValueError unless ``value`` is one of ``allowed``."""
    if value not in allowed:
        listed = ", ".join(repr(choice) for choice in allowed)
        raise ValueError(f"The '{name}' parameter of {function} must be one of {listed}. Got {value!r} instead.")


def inside_unit(value: float, *, name: str, function: str) -> None:
    """Raise ValueError unless 0 < ``value`` < 1."""
    if not 0 < value < 1:
        raise ValueError(f"The '{name}' parameter of {function} must lie between 0 and 1. Got {value!r} instead.")


def at_least_items(labels: Sequence[str], needed: int) -> None:
    """Raise `InsufficientDataError` when there are fewer items than a coefficient needs."""
    if len(labels) < needed:
        text = "This coefficient needs at least {needed} items; there are {n_items} ({items})."
        values = {"needed": needed, "n_items": len(labels), "items": ", ".join(labels)}
        raise InsufficientDataError(Note("coefficient_needs_items", text, values))


def total_varies(total_variance: float, sum_of_variances: float) -> None:
    """Raise `InsufficientDataError` when the items cancel each other out, so that their sum does not vary."""
    if not total_variance > 1e-12 * sum_of_variances:
        text = "The items cancel each other out: their sum does not vary, so it has no reliability; check their keying."
        raise InsufficientDataError(Note("total_without_variance", text))


def whole_number_and_seed(samples: int, seed: int | None, *, function: str) -> None:
    """Refuse a bootstrap that is no number of samples from 0, or has no seed."""
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 0 or (samples and seed is None):
        raise ValueError(f"The bootstrap of {function} needs a whole number of samples and a seed. Got {samples!r}.")
