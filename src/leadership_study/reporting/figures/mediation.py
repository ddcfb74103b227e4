"""The path diagram of a mediation, and its effects with their intervals."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from leadership_study.influences.mediation import Mediation
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._effect_rows import effect_rows, names
from leadership_study.results import format_number

KINDS = ("path_diagram", "effects")
RESULTS = (Mediation,)

_WIDE, _HIGH = 1.62, 0.56  # of a box, in inches
_APART = 0.98  # from one mediator above another to the next

Point = tuple[float, float]


def draw(
    result: Mediation, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw boxes and arrows, or one row an effect; what holds zero in its interval is dashed, or hollow."""
    chosen = _style.chosen(kind, KINDS, "mediation")
    words = _style.words("mediation", language)
    if chosen == "path_diagram":
        return _diagram(result, words, language, labels)
    parts = [result.effects.loc[["total_effect", "direct_effect"]], result.indirect]
    table = pd.concat(parts)
    texts = names(list(table.index), language, labels)
    texts[2:] = [
        text if key == "total_indirect" else words["through"].format(mediator=text)
        for key, text in zip(result.indirect.index, texts[2:], strict=True)
    ]
    level = _style.percent(result.definition["confidence_level"])
    (outcome,) = names([str(result.definition["outcome"])], language, labels)
    colors = [_style.INK, _style.INK, *[_style.BLUE] * len(result.indirect)]
    return effect_rows(table, texts, words["axis"].format(outcome=outcome, level=level), colors=colors)


def _diagram(result: Mediation, words: Mapping[str, str], language: str, labels: Mapping[str, str] | None) -> Figure:
    x, y = str(result.definition["predictor"]), str(result.definition["outcome"])
    mediators = str(result.definition["mediators"]).split(", ")
    serial = result.definition["kind"] == "serial"
    rises = len(mediators) if not serial else 1 + 0.55 * (len(mediators) > 2)
    controls = str(result.definition["covariates"])
    note = 0.28 if controls != "none" else 0.0
    height = 1.25 + _APART * rises + note
    figure, axes = _style.new(height)
    figure.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))
    axes.set_xlim(0, _style.WIDTH)
    axes.set_ylim(0, height)
    axes.axis("off")

    base = 0.5 + note
    places = {x: (_WIDE / 2 + 0.15, base), y: (_style.WIDTH - _WIDE / 2 - 0.15, base)}
    middle = _style.WIDTH / 2
    for at, name in enumerate(mediators):
        if serial and len(mediators) > 1:
            first, last = _WIDE / 2 + 0.55, _style.WIDTH - _WIDE / 2 - 0.55
            across = first + (last - first) * at / (len(mediators) - 1)
            lift = 0.55 * _APART if 0 < at < len(mediators) - 1 else 0.0
            places[name] = (across, base + _APART * 1.12 + lift)
        else:
            places[name] = (middle, base + _APART * (at + 1))
    total = format_number(float(result.paths["estimate"].get("c", float("nan"))), "estimate")
    for label, row in result.paths.iterrows():
        ends = (str(row["predictor"]), str(row["outcome"]))
        if label == "c" or ends[0] not in places:
            continue
        text = f"{words.get(str(label), str(label))} = {format_number(float(row['estimate']), 'estimate')}"
        if label == "c_prime":
            text = f"{text}   ({words['c']} = {total})"
        open_sign = not (row["ci_low"] > 0 or row["ci_high"] < 0)
        share = 0.5 if ends == (x, y) or (serial and len(mediators) > 1) else 0.46 if ends[0] == x else 0.54
        _arrow(axes, places[ends[0]], places[ends[1]], text, dashed=open_sign, share=share)
    for name, text in zip(places, names(list(places), language, labels), strict=True):
        _box(axes, places[name], text, outer=name in (x, y))
    if note:
        listed = ", ".join(names(controls.split(", "), language, labels))
        axes.text(0.15, 0.1, words["covariates"].format(covariates=listed), fontsize=7.5, color=_style.QUIET)
    return figure


def _box(axes: Axes, place: Point, text: str, *, outer: bool) -> None:
    axes.add_patch(FancyBboxPatch(
        (place[0] - _WIDE / 2, place[1] - _HIGH / 2), _WIDE, _HIGH, boxstyle="round,pad=0,rounding_size=0.06",
        facecolor="#eaf2f8" if outer else "#fbf1e6", edgecolor=_style.BLUE if outer else _style.ORANGE, linewidth=1.1,
        zorder=4,
    ))  # fmt: skip
    lines = _style.wrapped(text, 24)
    size = 8.4 if lines.count("\n") < 2 else 7.0
    axes.text(*place, lines, ha="center", va="center", fontsize=size, linespacing=1.1, color=_style.INK, zorder=5)


def _arrow(axes: Axes, start: Point, end: Point, text: str, *, dashed: bool, share: float) -> None:
    a, b = _edge(start, end), _edge(end, start)
    axes.add_patch(FancyArrowPatch(
        a, b, arrowstyle="-|>", mutation_scale=11, shrinkA=1, shrinkB=1, color=_style.QUIET if dashed else _style.INK,
        linewidth=1.1, linestyle=(0, (4, 2.5)) if dashed else "-", zorder=2,
    ))  # fmt: skip
    x, y = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
    axes.text(x, y, text, ha="center", va="center", fontsize=8, color=_style.INK, zorder=3,
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.4})  # fmt: skip


def _edge(inside: Point, towards: Point) -> Point:
    """Where the line from the middle of a box leaves it."""
    dx, dy = towards[0] - inside[0], towards[1] - inside[1]
    steps = [half / abs(d) for half, d in ((_WIDE / 2, dx), (_HIGH / 2, dy)) if abs(d) > 1e-9]
    step = min(steps)
    return inside[0] + step * dx, inside[1] + step * dy
