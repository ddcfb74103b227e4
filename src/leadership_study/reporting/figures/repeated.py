"""How far each measure lies from the mean of all measures of the same respondents, with intervals."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.repeated import RepeatedMeasures
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._points import draw_points, draw_rows, under_headings

KINDS = ("deviations",)
RESULTS = (RepeatedMeasures,)


def draw(
    result: RepeatedMeasures, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row a measure, in the order of the questionnaire: sorting would look like a ranking."""
    _style.chosen(kind, KINDS, "repeated")
    words = _style.words("repeated", language)
    table = result.deviations
    rows = under_headings([("", [_style.wrapped(text, 28) for text in _style.shown(table.index, labels)])])
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.1, each=0.4))
    axes.axvline(0, color=_style.INK, linewidth=1, zorder=1)
    draw_points(axes, rows, table, value="estimate")
    draw_rows(axes, rows, size=8.5)
    axes.set_xlabel(words["deviation"].format(level=_style.percent(result.definition["confidence_level"])))
    axes.margins(x=0.08)
    _style.light_grid(axes)
    return figure
