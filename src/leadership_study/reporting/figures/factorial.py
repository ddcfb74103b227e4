"""Marginal means of every level of every factor, with their intervals."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.factorial import FactorialAnova
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._points import draw_points, draw_rows, level_text, under_headings

KINDS = ("means",)
RESULTS = (FactorialAnova,)


def draw(
    result: FactorialAnova, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row a level, factor by factor."""
    _style.chosen(kind, KINDS, "factorial")
    words = _style.words("factorial", language)
    factors = list(dict.fromkeys(result.means.index.get_level_values("variable")))
    groups = [
        (heading, [_style.wrapped(level_text(name, str(level), labels), 30) for level in result.means.loc[name].index])
        for name, heading in zip(factors, _style.shown(factors, labels), strict=True)
    ]
    rows = under_headings(groups)
    figure, axes = _style.new(_style.rows_height(int(rows.height), frame=1.1, each=0.3))
    draw_points(axes, rows, result.means, value="estimate")
    draw_rows(axes, rows, size=8.5)
    (outcome,) = _style.shown([str(result.definition["outcome"])], labels)
    axes.set_xlabel(words["mean"].format(outcome=outcome, level=_style.percent(result.definition["confidence_level"])))
    axes.margins(x=0.08)
    _style.light_grid(axes)
    return figure
