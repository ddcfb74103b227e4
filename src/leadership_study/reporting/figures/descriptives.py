"""How the response scales were used, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leadership_study.influences.descriptives import Descriptives
from leadership_study.reporting.figures import _style

KINDS = ("distributions",)
RESULTS = (Descriptives,)

_ROOM_FOR_NUMBER = 0.065
"""A share from which its percentage is printed into the bar."""


def draw(
    result: Descriptives, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw a bar an item, under its dimension, in a panel for each response scale.

    Bars diverge from the middle of the scale: half of the middle answer lies to either side, and of an even scale the
    lower half of the answers lies to the left. Those of scales that start at 0 (none of it) are stacked from the left.
    """
    _style.chosen(kind, KINDS, "descriptives")
    words = _style.words("descriptives", language)
    panels = _panels(result)
    rows = sum(panel.rows for panel in panels)
    frame = 0.95 * len(panels)
    height = _style.rows_height(int(np.ceil(rows)), frame=frame, each=0.22, most=9.6)
    size = _style.font_for(int(np.ceil(rows)), room=height - frame)
    figure, grid = _style.new(
        height, rows=len(panels), squeeze=False, height_ratios=[panel.rows + 1.5 for panel in panels]
    )
    for panel, axes in zip(panels, grid[:, 0], strict=True):
        _bars(axes, panel, words, size)
        for place, dimension in panel.headings:
            (text,) = _style.shown([dimension], labels)
            axes.annotate(text, (0, place + 0.1), xycoords=("axes fraction", "data"), xytext=(3, 0), va="center",
                          textcoords="offset points", fontsize=size + 0.5, color=_style.QUIET)  # fmt: skip
        axes.set_yticks(panel.places, _style.item_names(panel.shares.index, labels, width=40), fontsize=size)
        axes.set_ylim(panel.places[-1] + 0.6, -0.6)
        _style.light_grid(axes)
    return figure


@dataclass(frozen=True)
class _Panel:
    """Items that share a response scale: ``shares`` is items × answers, 0–1; ``headings`` are rows of dimensions."""

    shares: pd.DataFrame
    places: list[float]
    headings: list[tuple[float, str]]

    @property
    def values(self) -> list[float]:
        return [float(value) for value in self.shares.columns]

    @property
    def one_sided(self) -> bool:
        """Whether the scale starts at "none of it", so that it has no two sides."""
        return self.values[0] == 0

    @property
    def centred(self) -> bool:
        return len(self.values) > 1 and not self.one_sided

    @property
    def rows(self) -> float:
        return self.places[-1] + 1


def _panels(result: Descriptives) -> list[_Panel]:
    """Return the items by response scale, each in the order of the questionnaire."""
    found: dict[tuple[str, ...], list[str]] = {}
    table = result.frequencies["share"]
    for item in result.items.index:
        found.setdefault(tuple(table.loc[item].index), []).append(item)
    panels = []
    for answers, items in found.items():
        shares = pd.DataFrame([table.loc[item].to_numpy() for item in items], index=items, columns=list(answers))
        places, headings, row, previous = [], [], 0.0, None
        for dimension in result.items.loc[items, "dimension"]:
            if dimension != previous:
                row += 0.0 if previous is None else 0.3
                headings.append((row, str(dimension)))
                row, previous = row + 1, dimension
            places.append(row)
            row += 1
        panels.append(_Panel(shares, places, headings))
    return panels


def _bars(axes: Axes, panel: _Panel, words: Mapping[str, str], size: float) -> None:
    shares = panel.shares.to_numpy()
    count = shares.shape[1]
    palette = _style.SEQUENTIAL if panel.one_sided else _style.ANSWERS
    colours = [palette(at / max(count - 1, 1)) for at in range(count)]
    left = np.zeros(len(shares))
    if panel.centred:
        left = -shares[:, : count // 2].sum(axis=1) - (shares[:, count // 2] / 2 if count % 2 else 0)
    for at, answer in enumerate(panel.shares.columns):
        width = shares[:, at]
        axes.barh(panel.places, width, left=left, height=0.82, color=colours[at], label=answer, linewidth=0)
        ink = _style.ink_on(colours[at])
        for place, start, share in zip(panel.places, left, width, strict=True):
            if share >= _ROOM_FOR_NUMBER and size >= 5:
                axes.text(start + share / 2, place, f"{share * 100:.0f}", ha="center", va="center_baseline",
                          fontsize=size - 1, color=ink)  # fmt: skip
        left = left + width
    if panel.centred:
        axes.axvline(0, color=_style.INK, linewidth=0.9, zorder=0.9)  # behind the bars: numbers stand on it
        reach = min(1.0, np.ceil(float(np.nanmax(np.abs([left, left - shares.sum(axis=1)]))) * 10) / 10)
        axes.set_xlim(-reach, reach)
    else:
        axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value) * 100:.0f}")
    axes.set_xlabel(words["centred" if panel.centred else "share"])
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=count, borderaxespad=0.2, handlelength=0.9,
                handleheight=0.9, columnspacing=1.1, handletextpad=0.4)  # fmt: skip
    axes.set_title(words["answer"], loc="left", fontsize=8.5)
