"""A county divided: its schools joined to the centres of their districts, and what balance costs in distance."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from leadership_study.districts.zoning import Zoning
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language

KINDS = ("map", "front")
RESULTS = (Zoning,)

_NAMED = 14
"""Up to so many districts are named on a map."""
_HALO = [withStroke(linewidth=1.8, foreground="white")]


def kinds_of(result: Zoning) -> tuple[str, ...]:
    """The front only when several divisions were found for it."""
    return KINDS if len(result.front) > 1 else KINDS[:1]


def draw(
    result: Zoning, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the map of points, a panel for each division and one for the groups that cross it; or the ``front``.

    The front is the least distance under each bound on the imbalance.
    """
    words = _style.words("zoning", language)
    if _style.chosen(kind, KINDS, "zoning") == "front":
        return _front(result.front, words)
    panels = {"proposed": "district", "in_force": "in_force"}
    there = {name: column for name, column in panels.items() if name in result.divisions.index}
    crossed = not result.groups.empty
    figure, grid = _style.new(
        8.2 if crossed else 4.6 if len(there) == 1 else 4.0, rows=1 + crossed, columns=len(there), squeeze=False,
        sharex=True, sharey=True,
    )  # fmt: skip
    for axes, (name, column) in zip(grid[0], there.items(), strict=False):
        centres = result.criteria["centre"].xs(name, level="division")
        _map(axes, result.assignment, column, centres, labels)
        axes.set_title(load_language(language).term(name))
        axes.set_xlabel(words["across"])
    if crossed:
        _groups(grid[1, 0], result.assignment, labels)
        grid[1, 0].set_title(words["groups"])
        grid[1, 0].set_xlabel(words["across"])
        grid[1, 0].set_ylabel(words["along"])
        for empty in grid[1, 1:]:
            empty.set_axis_off()
    grid[0, 0].set_ylabel(words["along"])
    handles, texts = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, [words[text] for text in texts], loc="outside upper right", ncols=2)
    return figure


def _map(
    axes: Axes, places: pd.DataFrame, column: str, centres: pd.Series, labels: Mapping[str, str] | None
) -> None:  # fmt: skip
    across, along = places["across"], places["along"]
    for at, (district, centre) in enumerate(centres.items()):
        color = _style.SERIES[at % len(_style.SERIES)]
        inside = (places[column].astype("str") == str(district)).to_numpy()
        for x, y in zip(across[inside], along[inside], strict=True):
            axes.plot([across[centre], x], [along[centre], y], color=color, linewidth=0.7, zorder=1)
        axes.plot(across[inside], along[inside], linestyle="none", marker="o", markersize=3.6, color=color, zorder=2,
                  label="school" if at == 0 else None)  # fmt: skip
        axes.plot(across[centre], along[centre], linestyle="none", marker="*", markersize=10, color=color, zorder=3,
                  markeredgecolor="white", markeredgewidth=0.6, label="centre" if at == 0 else None)  # fmt: skip
        if len(centres) <= _NAMED:
            (text,) = _style.shown([district], labels)
            axes.annotate(text, (across[centre], along[centre]), xytext=(0, 7), textcoords="offset points",
                          ha="center", fontsize=7, color=_style.INK, zorder=4, path_effects=_HALO)  # fmt: skip
    axes.set_aspect("equal", adjustable="box")
    axes.margins(0.06)


def _groups(axes: Axes, places: pd.DataFrame, labels: Mapping[str, str] | None) -> None:
    """Schools joined to the middle of their school-running group."""
    known = places["school_group"].notna()
    groups = sorted(places.loc[known, "school_group"].astype("str").unique())
    axes.plot(places["across"][~known], places["along"][~known], linestyle="none", marker="o", markersize=3.6,
              color=_style.QUIET)  # fmt: skip
    for at, group in enumerate(groups):
        inside = places[known & (places["school_group"].astype("str") == group)]
        color, marker = _style.SERIES[at % len(_style.SERIES)], _style.MARKERS[at % len(_style.MARKERS)]
        middle = (float(inside["across"].mean()), float(inside["along"].mean()))
        for x, y in zip(inside["across"], inside["along"], strict=True):
            axes.plot([middle[0], x], [middle[1], y], color=color, linewidth=0.7, zorder=1)
        axes.plot(inside["across"], inside["along"], linestyle="none", marker=marker, markersize=3.6, color=color)
        if len(groups) <= _NAMED:
            (text,) = _style.shown([group], labels)
            axes.annotate(
                text, middle, ha="center", va="center", fontsize=7, color=_style.INK, zorder=4, path_effects=_HALO
            )
    axes.set_aspect("equal", adjustable="box")
    axes.margins(0.06)


def _front(front: pd.DataFrame, words: Mapping[str, str]) -> Figure:
    figure, axes = _style.new(3.2)
    ordered = front.sort_values("imbalance", kind="stable")
    axes.plot(ordered["imbalance"], ordered["mean_distance"], marker="o", color=_style.BLUE)
    axes.set_xlabel(words["imbalance"])
    axes.set_ylabel(words["mean_distance"])
    axes.set_ylim(bottom=0, top=float(np.max(ordered["mean_distance"])) * 1.12)
    axes.set_xlim(left=0)
    _style.light_grid(axes, "y")
    return figure
