"""Odds ratios with their intervals on a logarithmic scale and a line at one."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences._design import INTERCEPT
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language
from leadership_study.results import Result, format_number


def draw_odds(result: Result, words: Mapping[str, str], language: str, labels: Mapping[str, str] | None) -> Figure:
    """Draw one row a term, the constant left out."""
    named = load_language(language)
    table = result.to_frame()
    table = table[table.index != INTERCEPT]
    figure, axes = _style.new(_style.rows_height(max(len(table), 1), frame=1.15, each=0.36))
    axes.set_xscale("log")
    axes.axvline(1, color=_style.INK, linewidth=1, zorder=1)
    rows = list(range(len(table)))
    columns = (table["odds_ratio"], table["odds_ratio_ci_low"], table["odds_ratio_ci_high"])
    _style.intervals(axes, rows, *columns)
    for row, value in zip(rows, table["odds_ratio"], strict=True):
        axes.annotate(
            format_number(float(value), "odds_ratio"),
            (1, row),
            xycoords=("axes fraction", "data"),
            xytext=(10, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=_style.BLUE,
        )
    _style.rows_on_y(axes, [_style.wrapped(named.term(str(term), labels), 34) for term in table.index])
    level = _style.percent(result.definition["confidence_level"])
    outcome = named.term(str(result.definition["outcome"]), labels)
    event = named.term(str(result.definition.get("event", "")), labels)
    axes.set_xlabel(words["odds_ratio"].format(outcome=outcome, event=event, level=level))
    low, high = (np.nanmin(columns[1]), np.nanmax(columns[2])) if len(table) else (0.5, 2.0)
    ticks = [tick for tick in _TICKS if min(low, 0.9) * 0.8 <= tick <= max(high, 1.1) * 1.25]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.margins(x=0.06)
    _style.light_grid(axes)
    return figure


_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 5, 10, 20, 50, 100)
