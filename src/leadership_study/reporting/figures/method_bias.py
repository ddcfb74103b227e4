"""Common-method bias: loadings with and without a method factor."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.measurement.method_bias import MethodBias
from leadership_study.reporting.figures import _style

KINDS = ("loadings",)
RESULTS = (MethodBias,)


def draw(
    result: MethodBias, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row an item: its loading on its dimension without and with a method factor, and on that factor."""
    _style.chosen(kind, KINDS, "method_bias")
    words = _style.words("method_bias", language)
    table = result.loadings
    rows = np.arange(len(table), dtype=float)
    height = _style.rows_height(len(table), frame=1.3, each=0.25, most=9.2)
    figure, axes = _style.new(height)
    size = _style.font_for(len(table), room=height - 1.3)
    axes.hlines(rows, table["traits"], table["with_method"], color=_style.GRID, linewidth=2.2, zorder=1)
    for name, color, marker, filled in (
        ("traits", _style.BLUE, "o", True),
        ("with_method", _style.BLUE, "o", False),
        ("method", _style.ORANGE, "D", True),
    ):
        axes.plot(table[name], rows, linestyle="none", marker=marker, color=color, markersize=5, label=words[name],
                  markerfacecolor=color if filled else "white", markeredgewidth=1.2)  # fmt: skip
    axes.axvline(0, color=_style.QUIET, linewidth=0.8)
    _style.rows_on_y(axes, _style.item_names(table.index, labels, width=38), size=size)
    _style.unzeroed(axes)
    axes.set_xlabel(words["loading"])
    _style.light_grid(axes)
    handles, texts = axes.get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside upper left", ncols=3)
    return figure
