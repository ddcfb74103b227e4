"""Polychoric correlations as a heat map: the lower triangle, with values."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.measurement.polychoric import PolychoricCorrelations
from leadership_study.reporting.figures import _heatmap, _style

KINDS = ("heatmap",)
RESULTS = (PolychoricCorrelations,)


def draw(
    result: PolychoricCorrelations, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw each pair once; the columns bear the numbers that stand before the rows' names."""
    _style.chosen(kind, KINDS, "polychoric")
    words = _style.words("polychoric", language)
    return _heatmap.triangle(result.correlations, labels, words["correlation"])
