"""Importance against performance, the mean of all dimensions as the crosshair, with intervals in both directions."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leadership_study.influences.importance_performance import ImportancePerformance
from leadership_study.reporting.figures import _style

KINDS = ("quadrants",)
RESULTS = (ImportancePerformance,)

_CORNERS = {
    "concentrate_here": (0.0, 1.0, "left", "top"),
    "keep_up": (1.0, 1.0, "right", "top"),
    "low_priority": (0.0, 0.0, "left", "bottom"),
    "possible_overkill": (1.0, 0.0, "right", "bottom"),
}


def draw(
    result: ImportancePerformance, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw a point a dimension; those whose quadrant is undecided are grey and hollow."""
    _style.chosen(kind, KINDS, "importance_performance")
    words = _style.words("importance_performance", language)
    figure, axes = _style.new(4.9, width=6.2)
    across, up = (result.deviations.xs(name, level="rating") for name in ("performance", "importance"))
    axes.axvline(result.mean_performance, color=_style.QUIET, linewidth=1, zorder=1)
    axes.axhline(result.mean_importance, color=_style.QUIET, linewidth=1, zorder=1)
    names = _style.shown(result.quadrants.index, labels)
    for name, label in zip(result.quadrants.index, names, strict=True):
        undecided = result.quadrants["quadrant"][name] == "undecided"
        _point(axes, across.loc[name], up.loc[name], _style.QUIET if undecided else _style.BLUE, undecided)
        axes.annotate(_style.wrapped(label, 24), (across["mean"][name], up["mean"][name]), (5, 5),
                      textcoords="offset points", fontsize=8,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8})  # fmt: skip
    axes.margins(0.16)
    for quadrant, (x, y, horizontal, vertical) in _CORNERS.items():
        axes.text(0.015 + 0.97 * x, 0.015 + 0.97 * y, words[quadrant], ha=horizontal, va=vertical,
                  transform=axes.transAxes, fontsize=8.5, color=_style.ORANGE)  # fmt: skip
    axes.set_xlabel(words["performance"])
    axes.set_ylabel(words["importance"])
    _style.note_below(figure, words["note"].format(level=_style.percent(result.definition["confidence_level"])))
    return figure


def _point(axes: Axes, across: pd.Series, up: pd.Series, color: str, hollow: bool) -> None:
    """The mean with the limits of its differences from the crosshair, moved to the mean."""
    x, y = float(across["mean"]), float(up["mean"])
    left, right = (x - across["estimate"] + across[side] for side in ("ci_low", "ci_high"))
    low, high = (y - up["estimate"] + up[side] for side in ("ci_low", "ci_high"))
    axes.hlines(y, left, right, color=color, linewidth=1.4)
    axes.vlines(x, low, high, color=color, linewidth=1.4)
    axes.plot(x, y, marker="o", color=color, markersize=6, markerfacecolor="white" if hollow else color)
