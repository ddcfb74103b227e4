"""Codes that come together: a network on a circle, and a triangle of counts."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.interviews.co_occurrence import CoOccurrence
from leadership_study.reporting.figures import _heatmap, _style
from leadership_study.reporting.figures._count_grid import count_grid
from leadership_study.results import Result

KINDS = ("network", "matrix")
RESULTS = (CoOccurrence,)

_MOST = 45
"""Codes up to which the triangle can be read."""


def kinds_of(result: Result) -> tuple[str, ...]:
    """Return the figures there are: no network without codes that came together, no triangle of too many codes."""
    if not isinstance(result, CoOccurrence):
        return ()
    there = {"network": len(result.repeated) > 0, "matrix": len(result.pairs) > 0 and len(result.counts) <= _MOST}
    return tuple(kind for kind in KINDS if there[kind])


def draw(
    result: CoOccurrence, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the pairs that came in more than one interview, or how often any two codes came together."""
    kind = _style.chosen(kind, KINDS, "co_occurrence")
    return _network(result, language, labels) if kind == "network" else _matrix(result, language, labels)


def _network(result: CoOccurrence, language: str, labels: Mapping[str, str] | None) -> Figure:
    words, pairs = _style.words("co_occurrence", language), result.repeated
    joined = {*pairs["first"], *pairs["second"]}
    codes = [code for code in map(str, result.counts.index) if code in joined]
    angle = {code: np.pi / 2 - 2 * np.pi * at / max(len(codes), 1) for at, code in enumerate(codes)}
    place = {code: (np.cos(turn), np.sin(turn)) for code, turn in angle.items()}
    figure, axes = _style.new(6.2)
    strongest = float(pairs["coefficient"].max())
    for one in pairs.sort_values("coefficient").to_dict("records"):
        (x1, y1), (x2, y2) = place[one["first"]], place[one["second"]]
        share = one["coefficient"] / strongest
        axes.plot([x1, x2], [y1, y2], color=_style.SKY, linewidth=0.8 + 4.2 * share, alpha=0.35 + 0.6 * share, zorder=1,
                  solid_capstyle="round")  # fmt: skip
        axes.text((x1 + x2) / 2, (y1 + y2) / 2, f"{one['n']}", fontsize=7, color=_style.INK, ha="center",
                  va="center_baseline", bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"},
                  zorder=2)  # fmt: skip
    units = dict(zip(map(str, result.counts.index), np.diag(result.counts.to_numpy(dtype=float)), strict=True))
    most = max(units[code] for code in codes)
    for code, (x, y) in place.items():
        size = 40 + 220 * units[code] / most
        axes.scatter([x], [y], s=size, color=_style.BLUE, zorder=3)
        text = _style.wrapped(_style.shown([code], labels)[0], 22)
        side = "center" if abs(x) < 0.12 else "left" if x > 0 else "right"
        level = "bottom" if y > 0.9 else "top" if y < -0.9 else "center"
        axes.text(1.12 * x, 1.12 * y, text, ha=side, va=level, fontsize=8)
    axes.set_xlim(-2.05, 2.05)
    axes.set_ylim(-1.4, 1.4)
    axes.set_aspect("equal")
    axes.set_axis_off()
    _style.note_below(figure, words["network"])
    return figure


def _matrix(result: CoOccurrence, language: str, labels: Mapping[str, str] | None) -> Figure:
    words = _style.words("co_occurrence", language)
    everything = result.counts.to_numpy(dtype=float)
    joined = (everything - np.diag(np.diag(everything))).any(axis=0)
    table = result.counts.loc[joined, joined]
    counts, count = table.to_numpy(dtype=float), len(table)
    lower = np.where(np.tril(np.ones_like(counts), -1) > 0, counts, np.nan)[1:, :-1]
    height = _style.rows_height(count - 1, frame=0.9, each=0.2, most=8.5)
    size = _style.font_for(count - 1, room=height - 0.9, largest=7.5)
    names = [f"{at}  {name}" for at, name in enumerate(_style.shown(table.index, labels), start=1)]
    figure, axes = _style.new(height)
    count_grid(axes, lower, size=max(size - 1, 4.0))
    _heatmap.row_names(axes, names[1:], size=size)
    _heatmap.column_names(axes, [str(at) for at in range(1, count)], size=min(size, 6.0), top=False)
    axes.set_title(names[0], fontsize=size, pad=4)
    axes.set_xlabel(words["matrix"].format(unit=words[str(result.definition["unit"])]))
    return figure
