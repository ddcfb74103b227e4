"""Correlations as a heat map: the lower triangle, with values."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.correlations import Correlations
from leadership_study.reporting.figures import _heatmap, _style

KINDS = ("heatmap",)
RESULTS = (Correlations,)


def draw(
    result: Correlations, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw each pair once; the columns bear the numbers that stand before the rows' names."""
    _style.chosen(kind, KINDS, "correlations")
    words = _style.words("correlations", language)
    return _heatmap.triangle(result.correlations, labels, words["correlation"])
