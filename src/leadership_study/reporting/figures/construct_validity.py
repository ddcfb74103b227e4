"""Construct validity: what factors capture of their items, and the ratios that tell them apart."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.measurement.construct_validity import FORNELL_LARCKER, HENSELER, ConstructValidity
from leadership_study.reporting.figures import _style
from leadership_study.results import format_number

KINDS = ("pairs", "factors")
RESULTS = (ConstructValidity,)


def kinds_of(result: ConstructValidity) -> tuple[str, ...]:
    """Return the kinds that there is something to draw for."""
    return KINDS if len(result.pairs) else KINDS[1:]


def draw(
    result: ConstructValidity, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the ratios of every two factors, or reliability and variance extracted of each."""
    words = _style.words("construct_validity", language)
    chosen = _style.chosen(kind, kinds_of(result), "construct_validity")
    return (_pairs if chosen == "pairs" else _factors)(result, words, labels)


def _pairs(result: ConstructValidity, words: Mapping[str, str], labels: Mapping[str, str] | None) -> Figure:
    table = result.pairs
    rows = np.arange(len(table), dtype=float)
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.3, each=0.4, most=8.6))
    level = _style.percent(result.definition["confidence_level"])
    suffix = "_interval" if table["htmt_ci_low"].notna().any() else ""
    for shift, name, color, marker in ((-0.15, "htmt", _style.BLUE, "o"), (0.15, "htmt2", _style.ORANGE, "D")):
        _style.intervals(axes, list(rows + shift), table[name], table[f"{name}_ci_low"], table[f"{name}_ci_high"],
                         color=color, marker=marker, label=words[f"{name}{suffix}"].format(level=level))  # fmt: skip
    for limit, key in ((HENSELER["strict"], "strict"), (HENSELER["lenient"], "lenient")):
        style = (0, (5, 3)) if key == "strict" else (0, (1, 2))
        axes.axvline(limit, color=_style.INK, linewidth=1.0, linestyle=style,
                     label=words["limit"].format(value=f"{limit:.2f}".lstrip("0")))  # fmt: skip
    texts = [" – ".join(_style.shown(key[-2:], labels)) for key in table.index]
    if table.index.nlevels > 2:
        texts = [f"{key[0]}: {text}" for key, text in zip(table.index, texts, strict=True)]
    _style.rows_on_y(axes, [_style.wrapped(text, 34) for text in texts])
    highest = float(np.nanmax([1.0, *table["htmt"], *table["htmt_ci_high"], *table["htmt2"], *table["htmt2_ci_high"]]))
    axes.set_xlim(0, np.ceil(highest * 10 + 0.1) / 10)
    axes.set_xlabel(words["ratio"])
    _style.light_grid(axes)
    _style.legend_above(axes, columns=2)
    return figure


def _factors(result: ConstructValidity, words: Mapping[str, str], labels: Mapping[str, str] | None) -> Figure:
    table = result.factors
    rows = np.arange(len(table), dtype=float)
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.3, each=0.42, most=8.6))
    for shift, name, color, marker in (
        (-0.13, "composite_reliability", _style.BLUE, "o"),
        (0.13, "average_variance_extracted", _style.ORANGE, "D"),
    ):
        axes.plot(table[name], rows + shift, linestyle="none", marker=marker, color=color, markersize=6,
                  label=words[name])  # fmt: skip
        axes.axvline(FORNELL_LARCKER[name], color=color, linewidth=1.0, linestyle=(0, (5, 3)))
        for row, value in zip(rows, table[name], strict=True):
            axes.annotate(format_number(float(value), name), (1, row + shift), xycoords=("axes fraction", "data"),
                          xytext=(8, 0), textcoords="offset points", va="center", fontsize=8, color=color)  # fmt: skip
    texts = [": ".join(_style.shown(key if isinstance(key, tuple) else (key,), labels)) for key in table.index]
    _style.rows_on_y(axes, [_style.wrapped(text, 26) for text in texts])
    lowest = float(np.nanmin([0.5, *table["average_variance_extracted"]]))
    axes.set_xlim(np.floor(lowest * 10 - 0.2) / 10, 1)
    _style.unzeroed(axes)
    axes.set_xlabel(words["share"])
    _style.light_grid(axes)
    _style.legend_above(axes, columns=2)
    return figure
