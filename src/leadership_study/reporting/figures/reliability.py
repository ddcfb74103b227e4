"""Reliability of the scales: alpha and omega with their intervals."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.measurement.reliability import Reliability
from leadership_study.reporting.figures import _style
from leadership_study.results import format_number

KINDS = ("reliability",)
RESULTS = (Reliability,)

_BENCHMARK = 0.7


def draw(
    result: Reliability, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row a scale, in the questionnaire's order, with the values at the right."""
    _style.chosen(kind, KINDS, "reliability")
    words = _style.words("reliability", language)
    table = result.table
    rows = np.arange(len(table), dtype=float)
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.2, each=0.42))

    level = _style.percent(result.definition["confidence_level"])
    _style.intervals(axes, list(rows - 0.13), table["alpha"], table["alpha_ci_low"], table["alpha_ci_high"],
                     label=words["alpha"].format(level=level))  # fmt: skip
    _style.intervals(axes, list(rows + 0.17), table["omega"], table["omega_ci_low"], table["omega_ci_high"],
                     color=_style.ORANGE, marker="D", filled=False,
                     label=words["omega"].format(level=level))  # fmt: skip
    _style.benchmark(axes, _BENCHMARK, words["benchmark"])
    for row, name in zip(rows, table.index, strict=True):
        for at, column, color in ((row - 0.13, "alpha", _style.BLUE), (row + 0.17, "omega", _style.ORANGE)):
            axes.annotate(format_number(table.loc[name, column], column), (1, at), xycoords=("axes fraction", "data"),
                          xytext=(8, 0), textcoords="offset points", va="center", fontsize=8, color=color)  # fmt: skip
    _style.rows_on_y(axes, [_style.wrapped(text, 26) for text in _style.shown(table.index, labels)])
    lowest = float(np.nanmin([_BENCHMARK, *table["alpha_ci_low"], *table["alpha"], *table["omega_ci_low"]]))
    axes.set_xlim(min(0.5, np.floor(lowest * 10 - 0.2) / 10), 1)
    _style.unzeroed(axes)
    axes.set_xlabel(words["coefficient"])
    _style.light_grid(axes)
    _style.legend_above(axes, columns=3)
    return figure
