"""What the analyses of this package ask of scored answers: the group to allow for."""

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.influences._groups import natural
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


def with_levels(scored: ScoredResponses, name: str, column: pd.Series, use: str = "a predictor") -> pd.Series:
    """Answers to a question with levels as categories in the questionnaire's order; numbers as they are.

    Raises
    ------
    PlanError
        For a question of another kind, which cannot be ``use``.
    """
    questions = {question.id: question for question in scored.instrument.background}
    if name not in questions or pd.api.types.is_numeric_dtype(column.dtype):
        return column
    question = questions[name]
    if question.kind not in ("nominal", "ordinal", "group"):
        raise PlanError(f"The question {name!r} is of kind {question.kind!r} and cannot be {use}; leave it out.")
    listed = [level.value for level in question.levels]
    others = sorted(set(column.dropna()) - set(listed), key=natural)
    return pd.Series(pd.Categorical(column, categories=[*listed, *others]), index=column.index)
