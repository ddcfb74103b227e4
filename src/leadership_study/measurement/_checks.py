"""Checks and sentences that the coefficients of this package share."""

from collections.abc import Sequence

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.results import Note
from leadership_study.scoring import ScoredResponses


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


def dimensions_of(scored: ScoredResponses, scales: Sequence[str], *, what: str) -> list[str]:
    """Ids of dimensions for ``scales``; `PlanError` for anything else, ``what`` naming the analysis."""
    known = scored.instrument.dimension_ids
    found = scored.expand(scales)
    if other := [name for name in found if name not in known]:
        choice = ", ".join(known)
        raise PlanError(f"{what} takes one dimension at a time, and {other[0]!r} is not one; choose from {choice}.")
    return found


def not_estimated(dimension: str, reason: Note) -> Note:
    """The note that stands where a dimension has no row."""
    text = "{dimension} is left out: {reason}"
    return Note("dimension_not_estimated", text, {"dimension": dimension, "reason": reason})


def unweighted(scored: ScoredResponses) -> tuple[Note, ...]:
    """The note of an analysis that takes each respondent once, where respondents have weights."""
    if scored.weights is None:
        return ()
    return (Note("weights_not_used", "Respondents have weights, which this analysis does not use.", {}),)
