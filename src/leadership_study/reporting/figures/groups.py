"""Groups compared in one outcome: means with intervals, and residuals beside the normal distribution."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.groups import GroupComparison
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._points import draw_points, draw_rows, level_text, under_headings

KINDS = ("means", "qq")
RESULTS = (GroupComparison,)


def draw(
    result: GroupComparison, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row a group, or one point a quantile of the residuals."""
    words = _style.words("groups", language)
    if _style.chosen(kind, KINDS, "groups") == "qq":
        figure, axes = _style.new(3.6, width=4.6)
        table = result.qq
        slope = float(np.polyfit(table["theoretical"], table["residual"], 1)[0]) if len(table) > 1 else 1.0
        ends = np.array([table["theoretical"].min(), table["theoretical"].max()])
        axes.plot(ends, slope * ends, color=_style.INK, linewidth=1)
        axes.plot(table["theoretical"], table["residual"], linestyle="none", marker="o", markersize=3,
                  color=_style.BLUE)  # fmt: skip
        axes.set_xlabel(words["normal"])
        axes.set_ylabel(words["residual"])
        return figure
    texts = [_style.wrapped(level_text(result.group, str(level), labels), 30) for level in result.groups.index]
    rows = under_headings([("", texts)])
    figure, axes = _style.new(_style.rows_height(len(texts), frame=1.1, each=0.36))
    draw_points(axes, rows, result.groups, value="mean")
    draw_rows(axes, rows, size=8.5)
    (outcome,) = _style.shown([result.outcome], labels)
    level = _style.percent(result.definition["confidence_level"])
    axes.set_xlabel(words["mean"].format(outcome=outcome, level=level))
    axes.margins(x=0.08)
    _style.light_grid(axes)
    return figure
