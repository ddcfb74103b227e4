"""The argument of a study as boxes and arrows: problems, what is said to lie behind them, countermeasures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from leadership_study.reporting.argument_text import first_sentence
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.parts import plain
from leadership_study.synthesis.argument import NOTHING, Argument

KINDS = ("diagram",)
RESULTS = (Argument,)

_COLUMNS = ("problem", "cause", "countermeasure")
_LEFT = {"problem": 0.08, "cause": 2.58, "countermeasure": 4.86}
_WIDE = {"problem": 1.82, "cause": 1.66, "countermeasure": 2.06}  # inches
_SIZE, _LINE, _PAD, _GAP, _HEAD, _TOP = 7.0, 0.128, 0.065, 0.075, 0.19, 0.34
_LETTER = 0.0575  # inches that a Latin letter takes at this size
_PIECES = re.compile(r"[−0-9A-Za-z.%]+|[“（《].|.")
_CLOSING = "，。；：、！？）》”"


@dataclass(frozen=True)
class _Box:
    id: str
    kind: str
    heading: str
    text: str
    dimension: str
    weak: bool

    @property
    def height(self) -> float:
        return (self.text.count("\n") + 1) * _LINE + 2 * _PAD


def draw(
    result: Argument, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the ways from problems to countermeasures, coloured by dimension; what has a gap is dashed."""
    _style.chosen(kind, KINDS, "argument")
    words = load_language(language)
    own = {**(labels or {}), **result.labels(language)}
    places = words.analysis("argument")["labels"]
    columns = {name: _boxes(result, name, own, places, words.word("colon")) for name in _COLUMNS}
    height = max(*(_height(boxes) for boxes in columns.values()), 0.6) + _TOP + 0.24
    figure, axes = _style.new(height)
    figure.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))
    axes.set_xlim(0, _style.WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    dimensions = list(dict.fromkeys(one for one in result.elements["dimension"] if one))
    colours = {name: _style.SERIES[at % len(_style.SERIES)] for at, name in enumerate(dimensions)}
    at: dict[str, tuple[float, float]] = {}
    for name, boxes in columns.items():
        axes.text(_LEFT[name], 0.15, plain(words.column(name)), fontsize=8.8, color=_style.INK, va="center_baseline")
        _stack(axes, boxes, height, colours, at)
    _arrows(axes, result, columns, colours, at)
    return figure


def _boxes(result: Argument, kind: str, labels: Mapping[str, str], places: Mapping[str, str], colon: str) -> list[_Box]:
    table = result.elements[result.elements["kind"] == kind]
    boxes = []
    for id, row in table.iterrows():
        dimension, place = str(row["dimension"]), str(row["place"])
        named = labels.get(dimension, dimension)
        where = places.get(place, place)
        where = where[:1].upper() + where[1:]
        told = first_sentence(labels.get(str(id), str(row["text"])))
        text = f"{where}{colon}{told}" if kind == "countermeasure" else told
        heading = where if kind == "cause" else named
        lines = _wrapped(text, int(_WIDE[kind] / _LETTER))
        boxes.append(_Box(str(id), kind, heading, lines, dimension, int(row["gaps"]) > 0))
    return boxes


def _wrapped(text: str, width: int) -> str:
    """Break a text; in Chinese no line begins with a closing mark, and numbers stay whole."""
    if not any(ord(letter) > 0x2E80 for letter in text):
        return _style.wrapped(text, round(1.14 * width))  # most Latin letters are narrower
    lines = [""]
    for piece in _PIECES.findall(text):
        full = _style.text_width(lines[-1] + piece) > width
        lines = [*lines, piece] if full and piece not in _CLOSING else [*lines[:-1], lines[-1] + piece]
    return "\n".join(lines)


def _headed(boxes: Sequence[_Box]) -> list[bool]:
    """Whether a heading stands above each box: where it is another than that of the box before."""
    return [not at or boxes[at - 1].heading != box.heading for at, box in enumerate(boxes)]


def _height(boxes: Sequence[_Box]) -> float:
    return sum(box.height for box in boxes) + _GAP * max(len(boxes) - 1, 0) + _HEAD * sum(_headed(boxes))


def _stack(
    axes: Axes, boxes: Sequence[_Box], height: float, colours: Mapping[str, str], at: dict[str, tuple[float, float]]
) -> None:
    """Draw one column and note the middle of each box, in inches from the top."""
    headed = _headed(boxes)
    room = height - _TOP - 0.2
    step = _GAP + min((room - _height(boxes)) / max(sum(headed), 1), 0.9)  # what is to spare stands above headings
    top = _TOP + (room - _height(boxes) - (step - _GAP) * max(sum(headed) - 1, 0)) / 2
    for number, (box, head) in enumerate(zip(boxes, headed, strict=True)):
        top += 0.0 if not number else step if head else _GAP
        left = _LEFT[box.kind]
        if head:
            axes.text(left + 0.01, top + _HEAD * 0.5, box.heading, fontsize=_SIZE, color=_style.QUIET,
                      va="center_baseline")  # fmt: skip
            top += _HEAD
        axes.add_patch(FancyBboxPatch(
            (left, top), _WIDE[box.kind], box.height, boxstyle="round,pad=0,rounding_size=0.04", facecolor="white",
            edgecolor=colours.get(box.dimension, _style.QUIET), linewidth=1.0, linestyle="--" if box.weak else "-",
            zorder=3,
        ))  # fmt: skip
        axes.text(left + 0.06, top + box.height / 2, box.text, fontsize=_SIZE, color=_style.INK, va="center", zorder=4,
                  linespacing=1.1)  # fmt: skip
        at[box.id] = (left, top + box.height / 2)
        top += box.height


def _arrows(
    axes: Axes,
    result: Argument,
    columns: Mapping[str, Sequence[_Box]],
    colours: Mapping[str, str],
    at: Mapping[str, tuple[float, float]],
) -> None:
    boxes = {box.id: box for own in columns.values() for box in own}
    done: set[tuple[str, str]] = set()
    for way in result.table.index:
        for start, end in pairwise(way):
            if NOTHING in (start, end) or (start, end) in done:
                continue
            done.add((start, end))
            (left, y0), (x1, y1) = at[start], at[end]
            x0, x1 = left + _WIDE[boxes[start].kind] + 0.015, x1 - 0.015
            middle = (x0 + x1) / 2
            path = Path(
                [(x0, y0), (middle, y0), (middle, y1), (x1, y1)], [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
            )
            dimension = boxes[start].dimension or boxes[end].dimension
            axes.add_patch(FancyArrowPatch(
                path=path, arrowstyle="-|>", mutation_scale=6, color=colours.get(dimension, _style.QUIET),
                linewidth=0.9, linestyle="--" if boxes[end].weak else "-", zorder=2,
            ))  # fmt: skip
