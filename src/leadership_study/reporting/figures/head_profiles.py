"""Caterpillar plot: shrunken means of the units rated, in rising order, each with its interval."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leadership_study.influences.head_profiles import HeadProfile, HeadProfiles
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language

KINDS = ("caterpillar",)
RESULTS = (HeadProfile, HeadProfiles)

_NAMED = 40
"""Up to so many units are named below the axis."""


def draw(
    result: HeadProfile | HeadProfiles, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw a panel for each dimension; the units are called by their codes or numbers."""
    _style.chosen(kind, KINDS, "head_profiles")
    words, language_words = _style.words("head_profiles", language), load_language(language)
    panels = _panels(result)
    level = _style.percent(result.definition["confidence_level"])
    figure, grid = _style.new(min(0.9 + 1.9 * len(panels), 9.5), rows=len(panels), squeeze=False)
    for axes, (dimension, (table, mean)) in zip(grid[:, 0], panels.items(), strict=True):
        _caterpillar(axes, table.sort_values("estimate", kind="stable"), mean, words, level)
        if dimension:
            axes.set_title(language_words.term(dimension, labels))
    last = str(result.definition["group"]).rpartition(", ")[2]
    grid[-1, 0].set_xlabel(words["unit"].format(group=language_words.term(last, labels)))
    handles, texts = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside upper right", ncols=3, handlelength=1.8)
    return figure


def _panels(result: HeadProfile | HeadProfiles) -> dict[str, tuple[pd.DataFrame, float]]:
    if isinstance(result, HeadProfile):
        return {"": (result.profiles, result.mean)}
    return {
        str(name): (result.profiles.loc[[name]].droplevel("dimension"), float(row["mean"]))
        for name, row in result.table.iterrows()
    }


def _caterpillar(axes: Axes, table: pd.DataFrame, mean: float, words: Mapping[str, str], level: str) -> None:
    at = np.arange(len(table))
    size = max(2.5, min(5.0, 160 / len(table)))
    axes.axhline(mean, color=_style.ORANGE, linewidth=1.2, label=words["grand_mean"], zorder=1.5)
    axes.plot(at, table["observed_mean"], linestyle="none", marker="x", color=_style.QUIET, markersize=size,
              label=words["observed"])  # fmt: skip
    axes.vlines(at, table["ci_low"], table["ci_high"], color=_style.SKY, linewidth=1.6)
    axes.plot(at, table["estimate"], linestyle="none", marker="o", color=_style.BLUE, markersize=size,
              label=words["mean"].format(level=level))  # fmt: skip
    axes.set_xlim(-1, len(table))
    named = len(table) <= _NAMED
    wide = len(table) > 15
    axes.set_xticks(at if named else [], list(table.index) if named else [], fontsize=7, rotation=90 if wide else 0)
    _style.light_grid(axes, "y")
