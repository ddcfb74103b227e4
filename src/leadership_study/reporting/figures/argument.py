"""The argument of a study as boxes and arrows: problems, what is said to lie behind them, countermeasures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.parts import plain
from leadership_study.synthesis.argument import NOTHING, Argument

KINDS = ("diagram",)
RESULTS = (Argument,)

_COLUMNS = ("problem", "cause", "countermeasure")
_COLOURS = {"problem": _style.BLUE, "cause": _style.PURPLE, "countermeasure": _style.GREEN}
_LEFT = {"problem": 0.08, "cause": 2.52, "countermeasure": 4.80}
_WIDE = {"problem": 1.94, "cause": 1.78, "countermeasure": 2.12}  # inches
_SIZE, _LINE, _PAD, _GAP, _TOP = 6.9, 0.125, 0.08, 0.11, 0.34
_LETTER = 0.0565  # inches that a Latin letter takes at this size


@dataclass(frozen=True)
class _Box:
    id: str
    kind: str
    tag: str
    text: str
    weak: bool

    @property
    def lines(self) -> int:
        return self.text.count("\n") + self.tag.count("\n") + 2

    @property
    def height(self) -> float:
        return self.lines * _LINE + 2 * _PAD


def draw(
    result: Argument, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the ways from problems to countermeasures; what has a gap is dashed in orange."""
    _style.chosen(kind, KINDS, "argument")
    words = load_language(language)
    own = {**(labels or {}), **result.labels(language)}
    places = words.analysis("argument")["labels"]
    columns = {name: _boxes(result, name, own, places, words.word("comma")) for name in _COLUMNS}
    height = max(max(_height(boxes) for boxes in columns.values()), 0.5) + _TOP + 0.12
    figure, axes = _style.new(height)
    figure.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))
    axes.set_xlim(0, _style.WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    places_of: dict[str, tuple[float, float]] = {}
    for name, boxes in columns.items():
        axes.text(_LEFT[name] + 0.02, 0.17, plain(words.column(name)), fontsize=8.6, color=_COLOURS[name], va="center_baseline")  # fmt: skip
        spare = height - _TOP - 0.06 - _height(boxes)
        step = _GAP + (min(spare / max(len(boxes), 1), 0.5) if boxes else 0)
        at = _TOP + max((height - _TOP - 0.06 - _height(boxes) - (step - _GAP) * (len(boxes) - 1)) / 2, 0)
        for box in boxes:
            _draw_box(axes, box, at)
            places_of[box.id] = (at, box.height)
            at += box.height + step
    _draw_arrows(axes, result, places_of)
    return figure


def _boxes(result: Argument, kind: str, labels: Mapping[str, str], places: Mapping[str, str], comma: str) -> list[_Box]:
    table = result.elements[result.elements["kind"] == kind]
    letters = int(_WIDE[kind] / _LETTER)
    boxes = []
    for id, row in table.iterrows():
        dimension = labels.get(str(row["dimension"]), str(row["dimension"]))
        place = places.get(str(row["place"]), str(row["place"]))
        tag = comma.join(part for part in (place, dimension) if part)
        text = _style.wrapped(labels.get(str(id), str(row["text"])), letters)
        boxes.append(_Box(str(id), kind, _style.wrapped(tag, letters), text, int(row["gaps"]) > 0))
    return boxes


def _height(boxes: Sequence[_Box]) -> float:
    return sum(box.height for box in boxes) + _GAP * max(len(boxes) - 1, 0)


def _draw_box(axes: Axes, box: _Box, top: float) -> None:
    left, wide = _LEFT[box.kind], _WIDE[box.kind]
    colour = _style.ORANGE if box.weak else _COLOURS[box.kind]
    axes.add_patch(FancyBboxPatch(
        (left, top), wide, box.height, boxstyle="round,pad=0,rounding_size=0.05", facecolor="white", edgecolor=colour,
        linewidth=1.0, linestyle="--" if box.weak else "-", zorder=3,
    ))  # fmt: skip
    axes.text(left + 0.07, top + _PAD, box.tag, fontsize=_SIZE, color=_COLOURS[box.kind], va="top", zorder=4,
              linespacing=1.05)  # fmt: skip
    down = top + _PAD + _LINE * (box.tag.count("\n") + 1)
    axes.text(left + 0.07, down, box.text, fontsize=_SIZE, color=_style.INK, va="top", zorder=4, linespacing=1.08)


def _draw_arrows(axes: Axes, result: Argument, at: Mapping[str, tuple[float, float]]) -> None:
    weak = set(result.elements.index[result.elements["gaps"] > 0])
    done: set[tuple[str, str]] = set()
    for way in result.table.index:
        for (start, end), (left, right) in zip(pairwise(way), pairwise(_COLUMNS), strict=True):
            if NOTHING in (start, end) or (start, end) in done:
                continue
            done.add((start, end))
            ends = [
                (_LEFT[left] + _WIDE[left] + 0.02, at[start][0] + at[start][1] / 2),
                (_LEFT[right] - 0.02, at[end][0] + at[end][1] / 2),
            ]
            colour = _style.ORANGE if end in weak else _style.QUIET
            axes.add_patch(FancyArrowPatch(
                *ends, arrowstyle="-|>", mutation_scale=7, shrinkA=0, shrinkB=0, color=colour, linewidth=0.7,
                linestyle="--" if end in weak else "-", zorder=2,
            ))  # fmt: skip
