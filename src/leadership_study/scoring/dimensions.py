"""What analyses that take the dimensions of a questionnaire one at a time share: which ones, and those that failed."""

from collections.abc import Sequence

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.results import Note
from leadership_study.scoring._scored import ScoredResponses


def dimensions_of(scored: ScoredResponses, scales: Sequence[str], *, what: str) -> list[str]:
    """Ids of dimensions for ``scales``; `PlanError` for anything else, ``what`` naming the analysis."""
    known = scored.instrument.dimension_ids
    found = scored.expand(scales)
    if other := [name for name in found if name not in known]:
        choice = ", ".join(known)
        raise PlanError(f"{what} takes one dimension at a time, and {other[0]!r} is not one; choose from {choice}.")
    return found


def all_failed(failures: Sequence[Note]) -> InsufficientDataError:
    """The error when no dimension could be estimated: the reason of each, the first dimension's first."""
    reason = failures[-1]
    for failure in reversed(failures[:-1]):
        reason = Note("dimensions_not_estimated", "{first} {rest}", {"first": failure, "rest": reason})
    return InsufficientDataError(reason)


def not_estimated(dimension: str, reason: Note) -> Note:
    """The note that stands where a dimension has no row."""
    text = "{dimension} is left out: {reason}"
    return Note("dimension_not_estimated", text, {"dimension": dimension, "reason": reason})


def unweighted(scored: ScoredResponses) -> tuple[Note, ...]:
    """The note of an analysis that takes each respondent once, where respondents have weights."""
    if scored.weights is None:
        return ()
    return (Note("weights_not_used", "Respondents have weights, which this analysis does not use.", {}),)
