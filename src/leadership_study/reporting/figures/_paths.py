"""Path diagrams: factors as ellipses, items as boxes, standardised estimates on arrows and arcs.

Everything is placed in inches, from the estimates alone. Items stand in one column, each factor beside its own; the
correlations of factors are arcs on the left, the farther apart the further out, so that no two values meet. A factor of
factors stands left of them, a factor of all items (bifactor, method) right of the items.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, FancyArrowPatch, FancyBboxPatch, PathPatch
from matplotlib.path import Path

from leadership_study.reporting.figures import _style
from leadership_study.results import format_number

_ROW, _GAP, _TOP = 0.29, 0.16, 0.12
_ELLIPSE = 1.24
_REACH, _MARGIN = 0.30, 0.24
_HIGHEST = 9.2


@dataclass(frozen=True, kw_only=True)
class Paths:
    """What a diagram shows: names and standardised values.

    ``loadings`` (factor, item), ``above`` (factor, factor that it measures), ``covariances`` (two factors),
    ``regressions`` (predictor, outcome), ``residuals`` by item, ``together`` (two items with a residual covariance).
    ``general`` is a factor of all items beside others.
    """

    factors: list[str]
    items: list[str]
    general: str
    loadings: dict[tuple[str, str], float] = field(default_factory=dict)
    above: dict[tuple[str, str], float] = field(default_factory=dict)
    covariances: dict[tuple[str, str], float] = field(default_factory=dict)
    regressions: dict[tuple[str, str], float] = field(default_factory=dict)
    residuals: dict[str, float] = field(default_factory=dict)
    together: dict[tuple[str, str], float] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def paths_of(estimates: pd.DataFrame, group: int = 1) -> Paths:
    """Read what there is to draw from the estimates of one group."""
    rows = estimates[estimates["group"] == group]
    factors = list(dict.fromkeys(rows.loc[rows["op"] == "=~", "lhs"]))
    found: dict[str, dict[tuple[str, str], float]] = {
        name: {} for name in ("loadings", "above", "covariances", "regressions", "together")
    }
    residuals: dict[str, float] = {}
    other: list[str] = []
    for lhs, op, rhs, value in zip(rows["lhs"], rows["op"], rows["rhs"], rows["std_all"].astype(float), strict=True):
        both = lhs in factors and rhs in factors
        if op == "=~":
            found["above" if rhs in factors else "loadings"][lhs, rhs] = value
        elif op == "~" and both:
            found["regressions"][rhs, lhs] = value
        elif op == "~":
            other += [name for name in (lhs, rhs) if name not in factors]
        elif op == "~~" and lhs != rhs and abs(value) > 1e-12:
            if both:
                found["covariances"][lhs, rhs] = value
            elif lhs not in factors and rhs not in factors:
                found["together"][lhs, rhs] = value
        elif op == "~~" and lhs == rhs and lhs not in factors:
            residuals[lhs] = value
    items, general = _ordered(factors, found["loadings"])
    shown = {name: value for name, value in residuals.items() if name in items}
    missing = [name for name in (*residuals, *other) if name not in items]
    return Paths(
        factors=factors, items=items, general=general, residuals=shown, left_out=tuple(dict.fromkeys(missing)), **found
    )


def _ordered(factors: Sequence[str], loadings: Mapping[tuple[str, str], float]) -> tuple[list[str], str]:
    """Items under their first factor; and the factor of all items, if there are others beside it."""
    own = {factor: [item for name, item in loadings if name == factor] for factor in factors}
    everything = {item for _, item in loadings}
    measured = [factor for factor in factors if own[factor]]
    general = ""
    if len(measured) > 1:
        wide = [factor for factor in measured if set(own[factor]) == everything]
        general = wide[0] if wide else ""
    order: dict[str, None] = {}
    for factor in measured:
        if factor != general:
            order |= dict.fromkeys(own[factor])
    return list(order | dict.fromkeys(own.get(general, []))), general


def draw_paths(paths: Paths, labels: Mapping[str, str] | None, *, title: str = "", note: str = "") -> _style.Picture:
    """Draw a diagram; ``note`` is a sentence below it, with ``{names}`` for what is not drawn."""
    return _Scene(paths, labels, title, note).picture


class _Scene:
    """Where everything stands, and the drawing of it."""

    def __init__(self, paths: Paths, labels: Mapping[str, str] | None, title: str, note: str) -> None:
        self.paths = paths
        groups = self._groups()
        rows = sum(max(len(items), 2) for _, items in groups)
        self.row = min(_ROW, (_HIGHEST - _TOP * 2 - _GAP * len(groups)) / max(rows, 1))
        self.size = max(4.0, min(7.6, self.row * 72 * 0.42))
        height = rows * self.row + _GAP * (len(groups) - 1) + 2 * _TOP + (0.3 if title else 0)
        low = 0.28 if note else 0.0
        self.picture, self.axes = _style.new(max(height + low, 1.4))
        self.picture.set_layout_engine("none")
        self.axes.set_position((0, 0, 1, 1))
        self.axes.set_xlim(0, _style.WIDTH)
        self.axes.set_ylim(max(height + low, 1.4), 0)
        self.axes.axis("off")
        self.texts = dict(zip(paths.items, self._item_texts(labels), strict=True))
        self.names = dict(zip(paths.factors, _style.shown(paths.factors, labels), strict=True))
        if title:
            self.axes.text(0.1, 0.1, title, va="top", fontsize=9.5, color=_style.INK)
        self._place(groups, _TOP + (0.3 if title else 0), max(height, 1.4))
        self._draw()
        if note:
            named = note.format(names=", ".join(paths.left_out))
            self.axes.text(0.1, max(height + low, 1.4) - 0.08, named, va="bottom", fontsize=7.2, color=_style.QUIET)

    def _groups(self) -> list[tuple[str, list[str]]]:
        first: dict[str, str] = {}
        for factor, item in self.paths.loadings:
            if factor != self.paths.general:
                first.setdefault(item, factor)
        groups: dict[str, list[str]] = {}
        for item in self.paths.items:
            groups.setdefault(first.get(item, ""), []).append(item)
        return list(groups.items())

    def _item_texts(self, labels: Mapping[str, str] | None) -> list[str]:
        """Ids with as much wording as there is room for; ids alone when so little of it says the same of many items."""
        texts = _style.item_names(self.paths.items, labels, width=26)
        parts = [text.partition("  ") for text in texts]
        wordings = {wording.strip() for _, _, wording in parts}
        narrow = self.paths.general and self.paths.covariances  # arcs and a factor on either side
        if wordings == {""} or (len(wordings) > 0.6 * len(parts) and not narrow):
            return texts
        return [id for id, _, _ in parts]

    def _place(self, groups: Sequence[tuple[str, list[str]]], top: float, height: float) -> None:
        self.y: dict[str, float] = {}
        at = top
        for factor, items in groups:
            block = max(len(items), 2) * self.row
            start = at + (block - len(items) * self.row) / 2
            for k, item in enumerate(items):
                self.y[item] = start + (k + 0.5) * self.row
            if factor:
                self.y[factor] = at + block / 2
            at += block + _GAP
        middle = (top + at - _GAP) / 2
        for name in (*dict.fromkeys(top for top, _ in self.paths.above), self.paths.general):
            if name:
                below = [self.y[f] for t, f in self.paths.above if t == name and f in self.y]
                self.y[name] = float(np.mean(below)) if below else middle
        side = [f for f in self.paths.factors if f in self.y and f != self.paths.general]
        for k, name in enumerate(f for f in self.paths.factors if f not in self.y):
            self.y[name] = top + (k + 0.5) * 0.6  # measured by nothing that is drawn
        self.rank = {name: k for k, name in enumerate(sorted(side, key=lambda f: self.y[f]))}
        arcs = [pair for pair in (*self.paths.covariances, *self.paths.regressions) if self._among(pair)]
        most = max((abs(self.rank[a] - self.rank[b]) for a, b in arcs), default=0)
        self.step = min(0.36, 1.45 / max(most, 1))
        left = _MARGIN + (_REACH + self.step * (most - 1) if most else 0.0)
        widest = max((_style.text_width(text) for text in self.texts.values()), default=4) * 0.0080 * self.size + 0.16
        tops = {top for top, _ in self.paths.above}
        self.x: dict[str, float] = {}
        if self.paths.general:
            room = _style.WIDTH - left - 2 * _ELLIPSE - _MARGIN - widest
            self.item_left = left + _ELLIPSE + 0.47 * room
            self.x = dict.fromkeys(self.paths.factors, left + _ELLIPSE / 2)
            self.x[self.paths.general] = _style.WIDTH - _MARGIN - _ELLIPSE / 2
        else:
            right = 0.55 + (0.45 if self.paths.together else 0.0)
            self.item_left = _style.WIDTH - right - widest
            room = self.item_left - left - 1.15 - _ELLIPSE / 2
            inner = max(left + _ELLIPSE / 2, min(room, left + _ELLIPSE * 2.1)) if tops else left + _ELLIPSE / 2
            self.x = {f: _MARGIN + _ELLIPSE / 2 if f in tops else inner for f in self.paths.factors}
        self.item_width = widest

    def _among(self, pair: tuple[str, str]) -> bool:
        return pair[0] in self.rank and pair[1] in self.rank

    def _draw(self) -> None:
        seen: dict[str, int] = {}
        for (factor, item), value in self.paths.loadings.items():
            if factor == self.paths.general:
                self._arrow(factor, item, value, right=True, shift=0)
            else:
                self._arrow(factor, item, value, right=False, shift=seen.get(item, 0))
                seen[item] = seen.get(item, 0) + 1
        for (top, factor), value in self.paths.above.items():
            self._between(top, factor, value)
        for pair, value in self.paths.covariances.items():
            if self._among(pair):
                self._arc(pair, value, both=True)
        for pair, value in self.paths.regressions.items():
            if self._among(pair):
                self._arc(pair, value, both=False)
        for item in self.paths.items:
            self._box(item)
        for (a, b), value in self.paths.together.items():
            if a in self.y and b in self.y and not self.paths.general:
                self._residual_arc(a, b, value)
        for factor in self.paths.factors:
            self._ellipse(factor)

    def _ellipse(self, name: str) -> None:
        general = name == self.paths.general or any(top == name for top, _ in self.paths.above)
        text = _style.wrapped(self.names[name], 15)
        lines = text.count("\n") + 1
        height = min(0.26 + 0.15 * lines, 0.95)
        shape = Ellipse(
            (self.x[name], self.y[name]), _ELLIPSE, height, facecolor="#fbf1e6" if general else "#eaf2f8",
            edgecolor=_style.ORANGE if general else _style.BLUE, linewidth=1.1, zorder=4,
        )  # fmt: skip
        self.axes.add_patch(shape)
        self.axes.text(self.x[name], self.y[name], text, ha="center", va="center_baseline" if lines == 1 else "center",
                       fontsize=7.6 if lines < 3 else 6.6, linespacing=1.05, color=_style.INK, zorder=5)  # fmt: skip

    def _box(self, item: str) -> None:
        tall = min(self.row * 0.74, 0.24)
        self.axes.add_patch(FancyBboxPatch(
            (self.item_left, self.y[item] - tall / 2), self.item_width, tall, boxstyle="square,pad=0",
            facecolor="white", edgecolor=_style.QUIET, linewidth=0.8, zorder=4,
        ))  # fmt: skip
        self.axes.text(self.item_left + 0.07, self.y[item], self.texts[item], va="center_baseline", fontsize=self.size,
                       color=_style.INK, zorder=5)  # fmt: skip
        if self.paths.general or item not in self.paths.residuals:
            return
        right = self.item_left + self.item_width
        self._line((right + 0.2, self.y[item]), (right, self.y[item]), color=_style.QUIET)
        self.axes.text(right + 0.22, self.y[item], format_number(self.paths.residuals[item], "loading"),
                       va="center_baseline", fontsize=self.size, color=_style.QUIET)  # fmt: skip

    def _arrow(self, factor: str, item: str, value: float, *, right: bool, shift: int) -> None:
        side = -1.0 if right else 1.0
        start = (self.x[factor] + side * _ELLIPSE / 2 * 0.97, self.y[factor])
        edge = self.item_left + (self.item_width if right else 0.0)
        if right:  # a level end beside each item keeps the values in their rows
            bend = (edge + 0.52, self.y[item])
            self.axes.plot([start[0], bend[0]], [start[1], bend[1]], color=_style.ORANGE, linewidth=0.7, zorder=2)
            self._line(bend, (edge, self.y[item]), color=_style.ORANGE)
            self._value(edge + 0.34, self.y[item], value)
            return
        self._line(start, (edge, self.y[item]), color=_style.BLUE)
        share = 1 - (0.27 + 0.42 * shift) / max(abs(edge - start[0]), 0.5)
        share = max(share, 0.15)
        self._value(start[0] + share * (edge - start[0]), start[1] + share * (self.y[item] - start[1]), value)

    def _between(self, top: str, factor: str, value: float) -> None:
        start = (self.x[top] + _ELLIPSE / 2 * 0.97, self.y[top])
        end = (self.x[factor] - _ELLIPSE / 2, self.y[factor])
        self._line(start, end, color=_style.ORANGE)
        self._value(start[0] + 0.6 * (end[0] - start[0]), start[1] + 0.6 * (end[1] - start[1]), value)

    def _arc(self, pair: tuple[str, str], value: float, *, both: bool) -> None:
        a, b = (pair if self.y[pair[0]] <= self.y[pair[1]] else pair[::-1]) if both else pair
        reach = _REACH + self.step * (abs(self.rank[a] - self.rank[b]) - 1)
        x = self.x[a] - _ELLIPSE / 2
        down = 1 if self.y[b] > self.y[a] else -1
        ends = [(x + 0.015, self.y[a] + 0.05 * down), (x + 0.015, self.y[b] - 0.05 * down)]
        self._curve(ends, x - reach / 0.75, both=both, color=_style.QUIET if both else _style.GREEN)
        self._value(x - reach, (self.y[a] + self.y[b]) / 2, value)

    def _residual_arc(self, a: str, b: str, value: float) -> None:
        x = self.item_left + self.item_width + 0.5
        reach = 0.16 + 0.05 * min(abs(self.paths.items.index(a) - self.paths.items.index(b)), 4)
        self._curve([(x, self.y[a]), (x, self.y[b])], x + reach / 0.75, both=True, color=_style.QUIET)
        self._value(x + reach, (self.y[a] + self.y[b]) / 2, value)

    def _curve(self, ends: Sequence[tuple[float, float]], out: float, *, both: bool, color: str) -> None:
        path = Path(
            [ends[0], (out, ends[0][1]), (out, ends[1][1]), ends[1]],
            [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
        )
        if not both:
            arrow = FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=7, color=color, linewidth=0.9, zorder=2)
            self.axes.add_patch(arrow)
            return
        self.axes.add_patch(PathPatch(path, facecolor="none", edgecolor=color, linewidth=0.8, zorder=1))

    def _line(self, start: tuple[float, float], end: tuple[float, float], *, color: str) -> None:
        self.axes.add_patch(FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=6, shrinkA=0, shrinkB=0, color=color, linewidth=0.7, zorder=2,
        ))  # fmt: skip

    def _value(self, x: float, y: float, value: float) -> None:
        _value(self.axes, x, y, value, self.size)


def _value(axes: Axes, x: float, y: float, value: float, size: float) -> None:
    axes.text(x, y, format_number(value, "loading"), ha="center", va="center_baseline", fontsize=size, color=_style.INK,
              zorder=3, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip
