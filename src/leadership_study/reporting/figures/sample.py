"""Respondents beside their population: the share of each level in both."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.measurement.sample import Sample
from leadership_study.reporting.figures import _style
from leadership_study.results import Result

KINDS = ("population",)
RESULTS = (Sample,)


def kinds_of(result: Result) -> tuple[str, ...]:
    """Return the figure there is: none without a population."""
    return KINDS if isinstance(result, Sample) and len(result.levels) else ()


def draw(
    result: Sample, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row a level, its share among the respondents and in the population joined by a line."""
    _style.chosen(kind, KINDS, "sample")
    words, table = _style.words("sample", language), result.levels
    rows = np.arange(len(table), dtype=float)
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.2, each=0.36))
    own, other = table["share"].to_numpy(dtype=float) * 100, table["population_share"].to_numpy(dtype=float) * 100
    axes.hlines(rows, own, other, color="0.75", linewidth=2, zorder=1)
    axes.plot(other, rows, linestyle="none", marker="D", markersize=6, markerfacecolor="white",
              markeredgecolor=_style.ORANGE, markeredgewidth=1.4, label=words["population"])  # fmt: skip
    axes.plot(own, rows, linestyle="none", marker="o", markersize=6, color=_style.BLUE, label=words["respondents"])
    names = [f"{variable}[{level}]" for variable, level in table.index]
    _style.rows_on_y(axes, [_style.wrapped(text, 34) for text in _style.shown(names, labels)])
    axes.set_xlim(0, min(100.0, float(np.nanmax([own, other])) * 1.1))
    axes.set_xlabel(words["share"])
    _style.light_grid(axes)
    _style.legend_above(axes, columns=2)
    return figure
