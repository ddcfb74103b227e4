"""In how many interviews each code was found: bars, group by group, coloured by kind."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from leadership_study.interviews.code_frequencies import CodeFrequencies
from leadership_study.reporting.figures import _style

KINDS = ("sources",)
RESULTS = (CodeFrequencies,)

_COLOURS = {"state": _style.GREEN, "problem": _style.ORANGE, "cause": _style.GOLD, "measure": _style.BLUE}


def draw(
    result: CodeFrequencies, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one bar a code that was given, in the order of the codebook; its number of references stands at its end."""
    _style.chosen(kind, KINDS, "code_frequencies")
    words = _style.words("code_frequencies", language)
    table = result.table[result.table["references"] > 0]
    kinds = [name if isinstance(name, str) else "" for name in table["kind"]]
    rows = np.arange(len(table))
    figure, axes = _style.new(_style.rows_height(len(rows), frame=1.1, each=0.21, most=9.5))
    axes.barh(rows, table["sources"], height=0.68, color=[_COLOURS.get(name, _style.QUIET) for name in kinds])
    size = _style.font_for(len(rows), room=figure.get_figheight() - 1.1, largest=8.0)
    for row, (sources, references) in enumerate(zip(table["sources"], table["references"], strict=True)):
        axes.annotate(
            f"{references}", (sources, row), xytext=(3, 0), textcoords="offset points", va="center_baseline",
            fontsize=size - 0.5, color=_style.QUIET,
        )  # fmt: skip
    _style.rows_on_y(axes, _style.shown(table.index, labels), size=size)
    axes.set_xlim(0, result.n_sources)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(words["sources"].format(n=result.n_sources))
    _style.light_grid(axes)
    there = [name for name in _COLOURS if name in kinds]
    if there:
        handles = [Patch(color=_COLOURS[name], label=words[name]) for name in there]
        figure.legend(handles=handles, loc="outside upper left", ncols=len(there), handlelength=1.2)
    return figure
