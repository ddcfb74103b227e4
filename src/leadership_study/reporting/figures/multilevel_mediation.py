"""Indirect effects within and between groups."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.multilevel_mediation import MultilevelMediation
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._effect_rows import effect_rows, names

KINDS = ("effects",)
RESULTS = (MultilevelMediation,)


def draw(
    result: MultilevelMediation, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw one row a level, and their difference; hollow where the interval holds zero."""
    _style.chosen(kind, KINDS, "multilevel_mediation")
    words = _style.words("multilevel_mediation", language)
    texts = names(list(result.indirect.index), language, labels)
    (outcome,) = names([str(result.definition["outcome"])], language, labels)
    level = _style.percent(result.definition["confidence_level"])
    return effect_rows(result.indirect, texts, words["axis"].format(outcome=outcome, level=level))
