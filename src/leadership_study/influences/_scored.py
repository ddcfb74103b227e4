"""What the analyses of this package ask of scored answers: the group to allow for."""

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.results import Note
from leadership_study.scoring import ScoredResponses


def outermost(scored: ScoredResponses) -> str | None:
    """Id of the outermost group that the answers are nested in, or None."""
    return scored.nested_in[-1] if scored.nested_in else None


def chosen_group(scored: ScoredResponses, group: str | None) -> str | None:
    """Return ``group`` when the answers have it, the outermost one when none is named.

    Raises
    ------
    PlanError
        For a group that the answers do not have.
    """
    if group is None:
        return outermost(scored)
    if group not in scored.groups.columns:
        raise PlanError(unknown("group", group, [str(column) for column in scored.groups.columns]))
    return group


def about(dimension: str, note: Note) -> Note:
    """The note of one dimension in a table of several."""
    return Note("dimension_note", "{dimension}: {reason}", {"dimension": dimension, "reason": note})
