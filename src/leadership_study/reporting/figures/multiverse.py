"""Specification curve: the estimates of all universes in rising order, and below them what each universe chose."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leadership_study.influences._multiverse import DECISIONS, Multiverse
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import Language, load_language

KINDS = ("curve",)
RESULTS = (Multiverse,)

_MOST_TERMS = 3
_ROW = 0.2


def draw(
    result: Multiverse, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one column of panels a term, the first three."""
    _style.chosen(kind, KINDS, "multiverse")
    words, named = _style.words("multiverse", language), load_language(language)
    called = {**(labels or {}), **result.labels(language)}
    terms = list(result.terms.index)[:_MOST_TERMS]
    rows = _rows(result.curve, named, called)
    lower = max(_ROW * (len(rows) + 1), 0.8)
    figure, grid = _style.new(
        min(2.9 + lower, 9.0), rows=2, columns=len(terms), squeeze=False, sharex="col",
        gridspec_kw={"height_ratios": [2.2, lower]},
    )  # fmt: skip
    for at, term in enumerate(terms):
        table: pd.DataFrame = result.curve.loc[term]
        table = table[table["estimate"].notna()].sort_values("estimate", kind="stable")
        upper, below = grid[0, at], grid[1, at]
        _curve(upper, table, words)
        upper.set_title(_style.wrapped(named.term(str(term), called), 60 // len(terms)))
        _marks(below, table, rows, labelled=at == 0)
        below.set_xlabel(words["universes"].format(n=len(table)))
    level = result.definition.get("confidence_level")
    estimate = words["estimate"] if level is None else words["interval"].format(level=_style.percent(level))
    grid[0, 0].set_ylabel(estimate)
    grid[0, -1].legend(loc="best", handlelength=1.2, framealpha=0.85)  # above the panel it would meet the title
    return figure


def _curve(axes: Axes, table: pd.DataFrame, words: Mapping[str, str]) -> None:
    x = np.arange(len(table))
    size = max(2.0, min(5.0, 220 / max(len(table), 1)))
    axes.axhline(0, color=_style.INK, linewidth=1, zorder=1)
    axes.vlines(x, table["ci_low"], table["ci_high"], color=_style.SKY, linewidth=max(0.5, size / 4))
    axes.plot(x, table["estimate"], linestyle="none", marker="o", markersize=size, color=_style.BLUE)
    planned = table["is_declared"].to_numpy(dtype=bool)
    axes.plot(x[planned], table["estimate"][planned], linestyle="none", marker="D", markersize=size + 2.5,
              color=_style.ORANGE, label=words["declared"])  # fmt: skip
    axes.grid(visible=True, axis="y")
    axes.margins(x=0.02)


def _rows(curve: pd.DataFrame, named: Language, labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Decision, choice and its text for every row of the lower panel: decisions with more than one choice."""
    found = []
    for decision in DECISIONS:
        choices = list(dict.fromkeys(curve[decision]))
        if len(choices) > 1:
            head = named.term(decision)
            for choice in choices:
                text = labels.get(choice) or named.term(choice, labels)
                found.append((decision, choice, f"{head[:1].upper()}{head[1:]}{named.word('colon')}{text}"))
    return found


def _marks(axes: Axes, table: pd.DataFrame, rows: list[tuple[str, str, str]], *, labelled: bool) -> None:
    x = np.arange(len(table))
    for row, (decision, choice, _) in enumerate(rows):
        there = (table[decision] == choice).to_numpy()
        width = max(0.5, min(2.0, 150 / max(len(table), 1)))
        axes.plot(x[there], np.full(int(there.sum()), row), linestyle="none", marker="|", markersize=6,
                  color=_style.INK, markeredgewidth=width)  # fmt: skip
        if row and rows[row - 1][0] != decision:
            axes.axhline(row - 0.5, color=_style.GRID, linewidth=1)
    texts = [_style.wrapped(text, 44) for *_, text in rows] if labelled else [""] * len(rows)
    _style.rows_on_y(axes, texts, size=7)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
