"""Numbers as coloured cells with their values, for loadings and correlations."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from leadership_study.reporting.figures import _style
from leadership_study.results import format_number


def cells(
    axes: Axes, values: np.ndarray, *, statistic: str, size: float, mute_below: float = 0.0, limit: float = 1.0
) -> ScalarMappable:
    """Draw ``values`` (rows × columns; NaN stays empty) from the top, each with its number; colours end at ±``limit``.

    Numbers smaller in size than ``mute_below`` are printed in grey; below a font size of 4 no number is printed.
    """
    norm = Normalize(-limit, limit)
    colours = ScalarMappable(norm, _style.DIVERGING)
    axes.pcolormesh(np.ma.masked_invalid(values), cmap=_style.DIVERGING, norm=norm, edgecolors="white", linewidth=0.8)
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value) or size < 4:
            continue
        quiet = abs(value) < mute_below
        ink = _style.QUIET if quiet else _style.ink_on(colours.to_rgba(value))
        axes.text(column + 0.5, row + 0.5, format_number(float(value), statistic), ha="center", va="center_baseline",
                  fontsize=size, color=ink)  # fmt: skip
    axes.set_xlim(0, values.shape[1])
    axes.set_ylim(values.shape[0], 0)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return colours


_LONGEST = 36
"""Names longer than this many letters are wordings of items: cut, with the id in front."""


def triangle(correlations: pd.DataFrame, labels: Mapping[str, str] | None, key: str, *, limit: float = 1.0) -> Figure:
    """Draw each pair once; the columns bear the numbers that stand before the rows' names."""
    matrix = correlations.to_numpy(dtype=float)
    count = len(matrix)
    lower = np.where(np.tril(np.ones_like(matrix), -1) > 0, matrix, np.nan)[1:, :-1]

    height = _style.rows_height(count - 1, frame=0.7, each=0.36, most=7.2)
    texts = _style.shown(correlations.index, labels)
    long = max(_style.text_width(text) for text in texts) > _LONGEST
    names = _style.item_names(correlations.index, labels, width=_LONGEST, with_ids=long)
    numbered = [f"{at}  {name}" for at, name in enumerate(names, start=1)]
    size = _style.font_for(count - 1, room=height - 0.7)
    widest = max(_style.text_width(name) for name in numbered) * 0.0078 * size
    room = _style.WIDTH - widest - 1.0
    value_size = min(size, 72 * room / (count - 1) / 2.6)  # a value is about 2.6 times as wide as its font is high
    figure, axes = _style.new(height, width=min(_style.WIDTH, widest + 0.75 * (count - 1) + 1.6))
    colours = cells(axes, lower, statistic="r", size=value_size, limit=limit)
    row_names(axes, numbered[1:], size=size)
    step = 1 if value_size >= 4 else 5
    column_names(axes, [str(at) if at % step == 0 else "" for at in range(1, count)], size=size, top=False)
    axes.set_title(numbered[0], fontsize=size, pad=4)
    scale(figure, axes, colours, key, limit=limit)
    return figure


def row_names(axes: Axes, names: Sequence[str], *, size: float) -> None:
    """Name the rows at the left."""
    axes.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=size)


def column_names(axes: Axes, names: Sequence[str], *, size: float, top: bool = True, turned: bool = False) -> None:
    """Name the columns above or below the cells."""
    across: Literal["left", "center", "right"] = "center" if not turned else "left" if top else "right"
    axes.set_xticks(
        np.arange(len(names)) + 0.5, names, fontsize=size, va="bottom" if top else "top", ha=across,
        rotation=40 if turned else 0, rotation_mode="anchor" if turned else "default",
    )  # fmt: skip
    if top:
        axes.xaxis.tick_top()
        axes.tick_params(length=0)


def scale(figure: Figure, axes: Axes, colours: ScalarMappable, label: str, *, limit: float = 1.0) -> None:
    """Draw the key of the colours at the right."""
    bar = figure.colorbar(colours, ax=axes, fraction=0.05, shrink=0.6, aspect=22, pad=0.03, label=label)
    ticks = [limit * share for share in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    bar.set_ticks(ticks, labels=[_tick(value) for value in ticks])
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.tick_params(length=0)


def _tick(value: float) -> str:
    text = f"{value:.10g}".replace("-", "−")
    return text.replace("0.", ".", 1) if text.lstrip("−").startswith("0.") else text
