"""Missing answers: patterns, and imputed values held against answers."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leadership_study.measurement.missing_answers import MissingAnswers
from leadership_study.reporting.figures import _style

KINDS = ("patterns", "chains", "distributions")
RESULTS = (MissingAnswers,)

_MOST_PATTERNS = 20
_PANELS = 6
"""Variables drawn: those with most imputed cells."""


def kinds_of(result: MissingAnswers) -> tuple[str, ...]:
    """Return the kinds that there is something to draw for."""
    return KINDS if len(result.imputed) else KINDS[:1]


def draw(
    result: MissingAnswers, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the patterns of missing items, the chains of the imputation, or imputed beside answered values."""
    chosen = _style.chosen(kind, kinds_of(result), "missing_answers")
    words = _style.words("missing_answers", language)
    if chosen == "patterns":
        return _patterns(result, words)
    panels = list(result.imputed.sort_values("cells", ascending=False, kind="stable").index[:_PANELS])
    rows = -(-len(panels) // 2)
    figure, grid = _style.new(1.0 + 1.7 * rows, rows=rows, columns=2, squeeze=False)
    for axes, name in zip(grid.flat, panels, strict=False):
        axes.set_title(_style.item_names([name], labels, width=44)[0], fontsize=8.5, loc="left")
        (_chains if chosen == "chains" else _distribution)(axes, result, name, words)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_visible(False)
    if chosen == "chains":
        figure.supxlabel(words["iteration"])
        figure.supylabel(words["mean"])
    else:
        figure.supylabel(words["share"])
        handles, texts = grid.flat[0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside upper left", ncols=2)
    return figure


def _patterns(result: MissingAnswers, words: Mapping[str, str]) -> Figure:
    """One row a pattern, the most frequent on top; a filled cell is a missing item."""
    shown = result.patterns.iloc[:_MOST_PATTERNS]
    items = list(result.items.index)
    gone = np.zeros((len(shown), len(items)))
    for row, missing in enumerate(shown["missing_items"]):
        for item in str(missing).split(", ") if missing else []:
            gone[row, items.index(item)] = 1.0
    height = _style.rows_height(len(shown), frame=2.3, each=0.2, most=8.5)
    figure, grid = _style.new(
        height,
        rows=2,
        columns=2,
        squeeze=False,
        height_ratios=[1.0, max(0.2 * len(shown), 0.8)],
        width_ratios=[4.4, 1.0],
    )
    above, corner, cells, beside = grid[0, 0], grid[0, 1], grid[1, 0], grid[1, 1]
    corner.set_visible(False)
    at = np.arange(len(items))
    above.bar(at, result.items["missing"], color=_style.ORANGE, width=0.8)
    above.set_xlim(-0.5, len(items) - 0.5)
    above.set_xticks([])
    above.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    above.set_ylabel(words["gaps"])
    for row, item in np.argwhere(gone > 0):
        cells.barh(row, 1.0, left=item - 0.5, height=0.9, color=_style.ORANGE, linewidth=0)
    cells.set_xlim(-0.5, len(items) - 0.5)
    cells.set_ylim(len(shown) - 0.5, -0.5)
    size = min(8.0, 250 / max(len(items), 1))
    cells.set_xticks(at, items, rotation=90, fontsize=max(size, 3.5))
    cells.set_yticks(np.arange(len(shown)), [str(name) for name in shown.index], fontsize=7.5)
    cells.set_xticks(np.arange(len(items) + 1) - 0.5, minor=True)
    cells.set_yticks(np.arange(len(shown) + 1) - 0.5, minor=True)
    cells.grid(visible=True, which="minor", linewidth=0.4)
    cells.tick_params(which="both", length=0)
    cells.set_ylabel(words["pattern"])
    beside.barh(np.arange(len(shown)), shown["n"], color=_style.BLUE, height=0.8)
    for row, n in enumerate(shown["n"]):
        beside.annotate(str(n), (n, row), xytext=(3, 0), textcoords="offset points", va="center", fontsize=7.5)
    beside.set_ylim(len(shown) - 0.5, -0.5)
    beside.set_yticks([])
    beside.set_xlim(0, float(shown["n"].max()) * 1.35)
    beside.xaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
    beside.set_xlabel(words["respondents"])
    if (rest := len(result.patterns) - len(shown)) > 0:
        _style.note_below(figure, words["rest"].format(n=rest))
    return figure


def _chains(axes: Axes, result: MissingAnswers, name: str, words: Mapping[str, str]) -> None:
    del words
    table = result.chains.xs(name, level="variable")
    colours = (_style.BLUE, _style.ORANGE, _style.INK, _style.QUIET)
    for at, dataset in enumerate(dict.fromkeys(table.index.get_level_values("dataset"))):
        line = table.xs(dataset, level="dataset")["mean"]
        axes.plot([int(step) for step in line.index], line, linewidth=0.9, color=colours[at % len(colours)])
    axes.axhline(
        float(result.imputed["mean_answered"].to_dict()[name]), color=_style.INK, linewidth=0.9, linestyle=(0, (5, 3))
    )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))


def _distribution(axes: Axes, result: MissingAnswers, name: str, words: Mapping[str, str]) -> None:
    table = result.distributions.xs(name, level="variable")
    at = np.arange(len(table))
    axes.bar(at - 0.2, table["share_answered"], width=0.38, color=_style.BLUE, label=words["answered"])
    axes.bar(at + 0.2, table["share_imputed"], width=0.38, color=_style.ORANGE, label=words["imputed"])
    axes.set_xticks(at, [_style.wrapped(str(value), 12) for value in table.index], fontsize=7.5)
    axes.grid(visible=True, axis="y")
    _style.unzeroed(axes, "y")
