"""Weighted means with their intervals, and beside them the means without weights."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.weighted import DesignMeans, Weighted
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._points import draw_points, draw_rows, under_headings

KINDS = ("means",)
RESULTS = (DesignMeans, Weighted)


def draw(
    result: DesignMeans, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row a variable."""
    _style.chosen(kind, KINDS, "weighted")
    words = _style.words("weighted", language)
    table = result.means
    rows = under_headings([("", [_style.wrapped(text, 28) for text in _style.shown(table.index, labels)])])
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.2, each=0.4))
    level = _style.percent(result.definition["confidence_level"])
    draw_points(axes, rows, table, value="mean", label=words["weighted"].format(level=level))
    axes.plot(table["unweighted_mean"], [place + 0.22 for place in rows.places], linestyle="none", marker="D",
              markersize=5, markerfacecolor="white", markeredgecolor=_style.ORANGE,
              label=words["unweighted"])  # fmt: skip
    draw_rows(axes, rows, size=8.5)
    axes.set_xlabel(words["mean"])
    axes.margins(x=0.08)
    _style.light_grid(axes)
    _style.legend_above(axes, columns=2)
    return figure
