"""Event plot: the difference by time since joining."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.difference_in_differences import DifferenceInDifferences
from leadership_study.reporting.figures import _style

KINDS = ("events",)
RESULTS = (DifferenceInDifferences,)


def draw(
    result: DifferenceInDifferences, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw estimates with intervals, and the band for all times where there is one; hollow ones lie before joining."""
    del labels
    _style.chosen(kind, KINDS, "difference_in_differences")
    words = _style.words("difference_in_differences", language)
    table = result.events
    since = table.index.astype(float).to_numpy()
    level = _style.percent(result.definition["confidence_level"])
    figure, axes = _style.new(3.6)
    axes.axhline(0, color=_style.QUIET, linewidth=0.8, zorder=1)
    if table["band_low"].notna().any():
        axes.vlines(since, table["band_low"], table["band_high"], color=_style.GRID, linewidth=7, zorder=1.2,
                    label=words["band"].format(level=level))  # fmt: skip
    for chosen, color, filled, name in (
        (since < 0, _style.ORANGE, False, "before"), (since >= 0, _style.BLUE, True, "after"),
    ):  # fmt: skip
        part = table[chosen]
        if part.empty:
            continue
        axes.vlines(since[chosen], part["ci_low"], part["ci_high"], color=color, linewidth=1.6, zorder=2)
        axes.plot(since[chosen], part["estimate"], linestyle="none", marker="o" if filled else "s", color=color,
                  markerfacecolor=color if filled else "white", markeredgewidth=1.4, zorder=3,
                  label=words[name].format(level=level))  # fmt: skip
    axes.set_xticks(np.unique(since), [f"{one:g}".replace("-", "−") for one in np.unique(since)])
    axes.set_xlabel(words["since"])
    axes.set_ylabel(words["difference"])
    _style.light_grid(axes, "y")
    _style.legend_above(axes, columns=3)
    return figure
