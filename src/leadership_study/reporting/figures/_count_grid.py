"""Counts as a grid: the darker the more, nothing where there is none."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from leadership_study.reporting.figures import _style

_LEAST_TOP = 4.0
"""Small counts stay pale: a grid of ones isn't all black."""


def count_grid(axes: Axes, values: np.ndarray, *, size: float) -> None:
    """Draw counts (rows × columns; NaN: no cell) from the top, each with its number; a zero is an empty cell."""
    norm = Normalize(0, max(_LEAST_TOP, float(np.nanmax(values, initial=0.0))))
    shown = np.ma.masked_where(~(values > 0), values)
    axes.pcolormesh(shown, cmap=_style.SEQUENTIAL, norm=norm, edgecolors="white", linewidth=0.5)
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        axes.add_patch(_cell(row, column))
        if value > 0 and size >= 4:
            ink = _style.ink_on(_style.SEQUENTIAL(norm(value)))
            axes.text(column + 0.5, row + 0.5, f"{value:.0f}", ha="center", va="center_baseline", fontsize=size,
                      color=ink)  # fmt: skip
    axes.set_xlim(0, values.shape[1])
    axes.set_ylim(values.shape[0], 0)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _cell(row: int, column: int) -> Rectangle:
    return Rectangle((column, row), 1, 1, fill=False, edgecolor=_style.GRID, linewidth=0.5, zorder=0.5)
