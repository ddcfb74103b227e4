"""Codes and informants: a grid of references."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.interviews.informant_codes import InformantCodes
from leadership_study.reporting.figures import _heatmap, _style
from leadership_study.reporting.figures._count_grid import count_grid

KINDS = ("matrix",)
RESULTS = (InformantCodes,)


def draw(
    result: InformantCodes, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw a row for each code that was given and a column for each informant."""
    _style.chosen(kind, KINDS, "informant_codes")
    words = _style.words("informant_codes", language)
    table = result.table[(result.table > 0).any(axis="columns")]
    values = table.to_numpy(dtype=float)
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.3, each=0.2, most=9.5))
    size = _style.font_for(len(table), room=figure.get_figheight() - 1.3, largest=8.0)
    count_grid(axes, values, size=size - 1)
    _heatmap.row_names(axes, _style.shown(table.index, labels), size=size)
    _heatmap.column_names(axes, _style.shown(table.columns, labels), size=min(size, 7.5), turned=True)
    axes.set_xlabel(words["references"])
    return figure
