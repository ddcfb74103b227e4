"""Points with intervals, one row each, under headings: the picture of a table of means or differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from leadership_study.reporting.figures import _style


@dataclass(frozen=True)
class Rows:
    """Places of labelled rows, the first on top, and of the headings above some of them."""

    texts: list[str]
    places: list[float]
    headings: list[tuple[float, str]]

    @property
    def height(self) -> float:
        """Rows that the headings and gaps need, too."""
        return (self.places[-1] + 1) if self.places else 1.0


def under_headings(groups: Sequence[tuple[str, Sequence[str]]]) -> Rows:
    """Lay rows out group by group; a group with an empty heading has none."""
    texts, places, headings, row = [], [], [], 0.0
    for heading, own in groups:
        if heading:
            headings.append((row, heading))
            row += 1
        for text in own:
            texts.append(text)
            places.append(row)
            row += 1
        row += 0.35
    return Rows(texts=texts, places=places, headings=headings)


def draw_rows(axes: Axes, rows: Rows, *, size: float, labelled: bool = True) -> None:
    """Put the texts and headings beside the axis."""
    ticks = [*rows.places, *(place for place, _ in rows.headings)]
    texts = [*rows.texts, *(text for _, text in rows.headings)]
    axes.set_yticks(ticks, texts if labelled else [""] * len(ticks), fontsize=size)
    if labelled:
        for label in axes.get_yticklabels()[len(rows.places) :]:
            label.set_color(_style.BLUE)
    axes.set_ylim(rows.height - 0.4, -0.7)


def draw_points(
    axes: Axes,
    rows: Rows,
    table: pd.DataFrame,
    *,
    value: str,
    color: str = _style.BLUE,
    label: str | None = None,
    marker: float = 5.5,
) -> None:
    """Draw the column ``value`` of ``table`` with ci_low and ci_high, row by row."""
    axes.hlines(rows.places, table["ci_low"], table["ci_high"], color=color, linewidth=0.3 * marker)
    axes.plot(table[value], rows.places, linestyle="none", marker="o", color=color, markersize=marker, label=label)


def level_text(variable: str, level: str, labels: Mapping[str, str] | None) -> str:
    """Wording of a level without its question; ``level`` may be written ``variable[level]``."""
    bare = level.removeprefix(f"{variable}[").removesuffix("]") if level.startswith(f"{variable}[") else level
    known = labels or {}
    full = known.get(f"{variable}[{bare}]")
    if full is None:
        return bare
    question = known.get(variable, variable)
    return full.removeprefix(question).lstrip(":： ")
