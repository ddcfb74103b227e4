"""Indirect effects at values of the moderator."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.moderated_mediation import ModeratedMediation
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._effect_rows import effect_rows, names

KINDS = ("conditional",)
RESULTS = (ModeratedMediation,)


def draw(
    result: ModeratedMediation, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw one row a mediator and value of the moderator; hollow where the interval holds zero."""
    _style.chosen(kind, KINDS, "moderated_mediation")
    words = _style.words("moderated_mediation", language)
    table = result.conditional
    mediators = names(list(table.index.get_level_values("path_effect")), language, labels)
    values = names(list(table.index.get_level_values("at")), language, labels)
    several = len(set(mediators)) > 1
    pairs = zip(mediators, values, strict=True)
    texts = [words["row"].format(mediator=one, value=two) if several else two for one, two in pairs]
    outcome, moderator = names([str(result.definition[key]) for key in ("outcome", "moderator")], language, labels)
    level = _style.percent(result.definition["confidence_level"])
    axis = words["axis"].format(outcome=outcome, moderator=moderator, level=level)
    return effect_rows(table, texts, _style.wrapped(axis, 90))
