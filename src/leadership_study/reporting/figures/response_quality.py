"""Screening flags by kind, flags that come together, and the flow of respondents."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from leadership_study.measurement.response_quality import ResponseQuality
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.parts import plain

KINDS = ("flags", "flow", "together")
RESULTS = (ResponseQuality,)

_COLOURS = {
    "attention": _style.INK,
    "speed": _style.ORANGE,
    "sameness": _style.BLUE,
    "inconsistency": _style.GREEN,
    "outlier": _style.PURPLE,
    "copy": _style.SKY,
    "automatic": _style.GOLD,
    "none": _style.QUIET,
}


def draw(
    result: ResponseQuality, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the share of respondents with each flag, the flow of respondents, or how many have two flags at once."""
    chosen = _style.chosen(kind, KINDS, "response_quality")
    if chosen == "flow":
        return _flow(result, language)
    if chosen == "together":
        return _together(result, language, labels)
    return _flags(result, language, labels)


def _named(name: str, language: str, labels: Mapping[str, str] | None) -> str:
    return plain(load_language(language).spans(name, labels))


def _flags(result: ResponseQuality, language: str, labels: Mapping[str, str] | None) -> Figure:
    words = _style.words("response_quality", language)
    table = result.flags[result.flags["kind"] != "none"]  # a shared address is no sign
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.2, each=0.27))
    values = table["share"].to_numpy(dtype=float) * 100
    for sign in dict.fromkeys(table["kind"]):
        own = (table["kind"] == sign).to_numpy()
        name = _named(str(sign), language, labels)
        axes.barh(np.flatnonzero(own), values[own], height=0.68, color=_COLOURS[str(sign)], label=name)
    for at, (value, count) in enumerate(zip(values, table["n_flagged"], strict=True)):
        axes.annotate(str(count), (value, at), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    names = [_style.wrapped(_named(str(flag), language, labels), 42) for flag in table.index]
    _style.rows_on_y(axes, names, size=_style.font_for(len(table), room=len(table) * 0.27))
    axes.set_xlim(0, max(float(np.nanmax(values, initial=0.0)) * 1.12, 1.0))
    axes.set_xlabel(words["share"])
    _style.light_grid(axes)
    _style.legend_above(axes, columns=4)
    return figure


def _flow(result: ResponseQuality, language: str) -> Figure:
    """Boxes on the left for who is in, on the right for who is left out; steps that took nobody are left out."""
    words = _style.words("response_quality", language)
    counts = {str(step): int(n) for step, n in result.flow["n"].items()}
    left_out = [(step, n) for step, n in counts.items() if step not in ("received", "analysed") and n]
    rows = len(left_out) + 2
    figure, axes = _style.new(0.5 + 0.55 * rows)
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(rows - 0.4, -0.6)
    _box(axes, 0.24, 0, words["received"].format(n=counts["received"]), bold=True)
    end = rows - 1
    arrow = {"arrowstyle": "-|>", "color": _style.QUIET, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (0.24, end - 0.3), (0.24, 0.3), arrowprops=arrow)
    for at, (step, n) in enumerate(left_out, start=1):
        rule = _named(step, language, None)
        axes.annotate("", (0.482, at), (0.24, at), arrowprops=arrow)
        _box(axes, 0.5, at, _style.wrapped(words["left_out"].format(rule=rule, n=n), 44), left=True)
    _box(axes, 0.24, end, words["analysed"].format(n=counts["analysed"]), bold=True)
    return figure


def _box(axes: Axes, x: float, y: float, text: str, *, left: bool = False, bold: bool = False) -> None:
    axes.text(
        x,
        y,
        text,
        ha="left" if left else "center",
        va="center",
        fontsize=9.5 if bold else 8.5,
        color=_style.INK,
        bbox={
            "boxstyle": "round,pad=0.45",
            "facecolor": "#eaf2f8" if bold else "white",
            "edgecolor": _style.BLUE if bold else _style.QUIET,
            "linewidth": 1.1 if bold else 0.8,
        },
    )


def _together(result: ResponseQuality, language: str, labels: Mapping[str, str] | None) -> Figure:
    table = result.together
    size = len(table)
    figure, axes = _style.new(_style.rows_height(size, frame=1.4, each=0.34))
    values = table.to_numpy(dtype=float)
    most = np.where(np.diag(values) > 0, np.diag(values), 1.0)
    shares = values / most[:, None]  # of those with the row's flag
    for row in range(size):
        for column in range(size):
            colour = _style.SEQUENTIAL(shares[row, column]) if row != column else (0.93, 0.94, 0.95, 1.0)
            axes.add_patch(_square(column, row, colour))
            axes.text(column, row, f"{int(values[row, column])}", ha="center", va="center", fontsize=7.5,
                      color=_style.ink_on(colour))  # fmt: skip
    named = [_style.wrapped(_named(str(name), language, labels), 42) for name in table.index]
    names = [f"{at}  {name}" for at, name in enumerate(named, start=1)]
    _style.rows_on_y(axes, names, size=8)
    axes.set_xticks(range(size), [str(at) for at in range(1, size + 1)])
    axes.xaxis.tick_top()
    axes.set_xlim(-0.55, size - 0.45)
    axes.set_ylim(size - 0.45, -0.55)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def _square(x: float, y: float, colour: tuple[float, ...]) -> Rectangle:
    return Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, facecolor=colour, linewidth=0)
