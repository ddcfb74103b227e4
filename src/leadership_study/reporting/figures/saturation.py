"""When interviews stopped bringing new codes: bars of new codes, and the codes so far."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.interviews.saturation import Saturation
from leadership_study.reporting.figures import _style

KINDS = ("curve",)
RESULTS = (Saturation,)


def draw(
    result: Saturation, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the interviews in their order; those of the base are paler, and where saturation was reached is marked."""
    _style.chosen(kind, KINDS, "saturation")
    words, table = _style.words("saturation", language), result.table
    at = np.arange(len(table))
    figure, axes = _style.new(3.6)
    after = at >= result.base
    axes.bar(at[~after], table["new"][~after], width=0.7, color=_style.SKY, label=words["base"])
    axes.bar(at[after], table["new"][after], width=0.7, color=_style.BLUE, label=words["new"])
    axes.plot(at, table["cumulative"], color=_style.ORANGE, marker="o", label=words["cumulative"])
    if result.reached is not None:
        label = words["reached"].format(threshold=_style.percent(result.threshold))
        axes.axvline(
            result.reached - 1, color=_style.INK, linewidth=1.0, linestyle=(0, (5, 3)), label=label, zorder=0.9
        )
    axes.set_xticks(at, _style.shown(table.index, labels), rotation=40, ha="right", rotation_mode="anchor",
                    fontsize=7.5 if len(table) <= 30 else 5)  # fmt: skip
    axes.set_ylabel(words["codes"])
    axes.set_ylim(0, None)
    _style.light_grid(axes, "y")
    _style.legend_above(axes, columns=2)
    return figure
