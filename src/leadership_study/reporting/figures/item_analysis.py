"""Does each item belong to its scale, and does it tell low from high scorers."""

import math
from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leadership_study.measurement.item_analysis import CRITERIA, ItemAnalyses, ItemAnalysis
from leadership_study.reporting.figures import _style
from leadership_study.results import format_number

KINDS = ("item_total", "extreme_groups")
RESULTS = (ItemAnalyses, ItemAnalysis)


def draw(
    result: ItemAnalyses | ItemAnalysis, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw one row an item, under its dimension.

    ``item_total``: corrected item–total correlations; open squares are items that miss a criterion of the table.
    ``extreme_groups``: how low and high scorers answered each item, with the critical ratio at the right.
    """
    chosen = _style.chosen(kind, KINDS, "item_analysis")
    words = _style.words("item_analysis", language)
    table, places, headings = _places(result.items)
    count = math.ceil(max(places)) + 1
    height = _style.rows_height(count, frame=1.1, each=0.2, most=9.4)
    size = _style.font_for(count, room=height - 1.1)
    figure, axes = _style.new(height)
    if chosen == "item_total":
        _item_totals(axes, table, places, str(result.definition["criteria"]), words, size)
    else:
        _extreme_groups(axes, table, places, words, size)
    for place, dimension in headings:
        (text,) = _style.shown([dimension], labels)
        axes.text(0.005, place + 0.1, text, transform=axes.get_yaxis_transform(), va="center", fontsize=size + 0.5,
                  color=_style.QUIET)  # fmt: skip
    items = table.index.get_level_values("item")
    axes.set_yticks(places, _style.item_names(items, labels, width=44), fontsize=size)
    axes.set_ylim(max(places) + 0.7, -0.7)
    _style.light_grid(axes)
    _style.legend_above(axes, columns=3)
    return figure


def _item_totals(
    axes: Axes, table: pd.DataFrame, places: list[float], criteria: str, words: Mapping[str, str], size: float
) -> None:
    values = table["corrected_item_total"].to_numpy(dtype=float)
    kept = table["keep"].to_numpy(dtype=bool)
    cut_off = CRITERIA[criteria].corrected_item_total
    axes.axvline(0, color=_style.QUIET, linewidth=0.8, zorder=1)
    axes.hlines(places, 0, values, color=_style.GRID, linewidth=2.4, zorder=1.2)
    _style.benchmark(axes, cut_off, words["benchmark"].format(value=format_number(cut_off, "r")[:-1]))
    for chosen, color, marker, label in (
        (kept, _style.BLUE, "o", words["keep"]),
        (~kept, _style.ORANGE, "s", words["reconsider"]),
    ):
        at = [place for place, yes in zip(places, chosen, strict=True) if yes]
        if at:
            axes.plot(values[chosen], at, linestyle="none", marker=marker, color=color, label=label,
                      markerfacecolor=color if marker == "o" else "white", markeredgewidth=1.4)  # fmt: skip
    _at_the_right(axes, table["corrected_item_total"], places, size)
    axes.set_xlim(min(0.0, float(values.min()) - 0.05), 1)
    _style.unzeroed(axes)
    axes.set_xlabel(words["corrected_item_total"])


def _extreme_groups(
    axes: Axes, table: pd.DataFrame, places: list[float], words: Mapping[str, str], size: float
) -> None:
    axes.hlines(places, table["mean_low"], table["mean_high"], color=_style.GRID, linewidth=2.4, zorder=1.2)
    for group, color, marker, filled in (("low", _style.ORANGE, "s", False), ("high", _style.BLUE, "o", True)):
        axes.plot(table[f"mean_{group}"], places, linestyle="none", marker=marker, color=color,
                  markerfacecolor=color if filled else "white", markeredgewidth=1.4, label=words[group])  # fmt: skip
    _at_the_right(axes, table["critical_ratio"], places, size)
    axes.annotate(words["critical_ratio"], (1, 1), xycoords="axes fraction", xytext=(8, 4), va="bottom", fontsize=size,
                  textcoords="offset points", color=_style.QUIET)  # fmt: skip
    axes.set_xlabel(words["mean"])


def _at_the_right(axes: Axes, values: pd.Series, places: list[float], size: float) -> None:
    for place, value in zip(places, values, strict=True):
        axes.annotate(format_number(float(value), str(values.name)), (1, place), va="center", fontsize=size,
                      xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points")  # fmt: skip


def _places(table: pd.DataFrame) -> tuple[pd.DataFrame, list[float], list[tuple[float, str]]]:
    """Return the items with their rows, and the dimensions with theirs: each dimension has a row of its own."""
    if table.index.nlevels == 1:
        return table, [float(row) for row in range(len(table))], []
    places, headings, row = [], [], 0.0
    previous = None
    for dimension in table.index.get_level_values("dimension"):
        if dimension != previous:
            row += 0.0 if previous is None else 0.4
            headings.append((row, str(dimension)))
            row, previous = row + 1, dimension
        places.append(row)
        row += 1
    return table, places, headings
