"""Effects as points with intervals and a line at zero, one row each."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language
from leadership_study.results import format_number


def effect_rows(table: pd.DataFrame, texts: Sequence[str], axis: str, *, colors: Sequence[str] | None = None) -> Figure:
    """Draw estimate, ci_low and ci_high of each row of ``table`` beside its text, the number at the right."""
    figure, axes = _style.new(_style.rows_height(max(len(table), 1), frame=1.1, each=0.36))
    axes.axvline(0, color=_style.INK, linewidth=1, zorder=1)
    for row, (estimate, low, high) in enumerate(table[["estimate", "ci_low", "ci_high"]].to_numpy()):
        color = colors[row] if colors else _style.BLUE
        _style.intervals(axes, [row], [estimate], [low], [high], color=color, filled=low > 0 or high < 0)
        axes.annotate(format_number(float(estimate), "estimate"), (1, row), xycoords=("axes fraction", "data"),
                      xytext=(10, 0), textcoords="offset points", va="center", fontsize=8, color=color)  # fmt: skip
    _style.rows_on_y(axes, [_style.wrapped(text, 34) for text in texts])
    axes.set_xlabel(axis)
    axes.margins(x=0.06)
    _style.light_grid(axes)
    return figure


def names(keys: Sequence[str], language: str, labels: Mapping[str, str] | None) -> list[str]:
    """Display texts of ids and of terms."""
    words = load_language(language)
    return [words.term(str(key), labels) for key in keys]
