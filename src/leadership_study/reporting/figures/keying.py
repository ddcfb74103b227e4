"""Direction of the items: does each go with the others of its dimension."""

import math
from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.measurement._keying_signs import CLEAR
from leadership_study.measurement.keying import Keying
from leadership_study.reporting.figures import _style
from leadership_study.results import format_number

KINDS = ("directions",)
RESULTS = (Keying,)

_GROUPS = (
    ("as_declared", ("as_declared",), _style.BLUE, "o"),
    ("unclear", ("unclear",), _style.QUIET, "D"),
    ("wrong", ("not_reversed", "reversed_twice", "opposed"), _style.ORANGE, "s"),
)


def draw(
    result: Keying, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row an item, under its dimension; squares are items that go the wrong way."""
    _style.chosen(kind, KINDS, "keying")
    words = _style.words("keying", language)
    table = result.items
    places, headings, row, previous = [], [], 0.0, None
    for dimension in table.index.get_level_values("dimension"):
        if dimension != previous:
            row += 0.0 if previous is None else 0.4
            headings.append((row, str(dimension)))
            row, previous = row + 1, dimension
        places.append(row)
        row += 1
    count = math.ceil(max(places)) + 1
    height = _style.rows_height(count, frame=1.1, each=0.2, most=9.4)
    size = _style.font_for(count, room=height - 1.1)
    figure, axes = _style.new(height)
    values = table["r_rest"].to_numpy(dtype=float)
    axes.axvline(0, color=_style.QUIET, linewidth=0.8, zorder=1)
    axes.hlines(places, 0, values, color=_style.GRID, linewidth=2.4, zorder=1.2)
    _style.benchmark(axes, -CLEAR, words["limit"])
    for name, verdicts, color, marker in _GROUPS:
        own = table["verdict"].isin(verdicts).to_numpy()
        if own.any():
            at = [place for place, yes in zip(places, own, strict=True) if yes]
            axes.plot(values[own], at, linestyle="none", marker=marker, color=color, label=words[name],
                      markerfacecolor=color if marker == "o" else "white", markeredgewidth=1.4)  # fmt: skip
    for place, value in zip(places, values, strict=True):
        axes.annotate(format_number(float(value), "r"), (1, place), va="center", fontsize=size,
                      xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points")  # fmt: skip
    for place, dimension in headings:
        (text,) = _style.shown([dimension], labels)
        axes.text(0.005, place + 0.1, text, transform=axes.get_yaxis_transform(), va="center", fontsize=size + 0.5,
                  color=_style.QUIET)  # fmt: skip
    items = table.index.get_level_values("item")
    axes.set_yticks(places, _style.item_names(items, labels, width=44), fontsize=size)
    axes.set_ylim(max(places) + 0.7, -0.7)
    axes.set_xlim(-1, 1)
    _style.unzeroed(axes)
    axes.set_xlabel(words["r_rest"])
    _style.light_grid(axes)
    _style.legend_above(axes, columns=4)
    return figure
