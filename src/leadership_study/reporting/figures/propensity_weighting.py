"""Balance before and after weighting, and the overlap of the propensity scores."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.propensity_weighting import PropensityWeighting
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language

KINDS = ("balance", "overlap")
RESULTS = (PropensityWeighting,)

_TENTH = 0.1
_BINS = 20


def draw(
    result: PropensityWeighting, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw standardised differences, or with ``overlap`` the scores of both groups, mirrored."""
    words = _style.words("propensity_weighting", language)
    if _style.chosen(kind, KINDS, "propensity_weighting") == "overlap":
        named = {side: _group(result, side, language, labels) for side in ("treated", "comparison")}
        return _overlap(result, words, named)
    table = result.balance
    rows = np.arange(len(table))
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.2, each=0.26, most=9.4))
    axes.axvline(0, color=_style.QUIET, linewidth=0.8, zorder=1)
    for limit in (-_TENTH, _TENTH):
        axes.axvline(limit, color=_style.QUIET, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    axes.hlines(rows, table["difference_before"], table["difference_after"], color=_style.GRID, linewidth=2.4, zorder=1)
    for column, color, filled, marker in (
        ("difference_before", _style.ORANGE, False, "s"), ("difference_after", _style.BLUE, True, "o"),
    ):  # fmt: skip
        axes.plot(table[column], rows, linestyle="none", marker=marker, color=color, label=words[column],
                  markerfacecolor=color if filled else "white", markeredgewidth=1.4)  # fmt: skip
    language_words = load_language(language)
    axes.set_yticks(rows, [_style.wrapped(language_words.term(str(term), labels), 34) for term in table.index])
    axes.set_ylim(len(table) - 0.4, -0.6)
    widest = float(np.nanmax(np.abs(table[["difference_before", "difference_after"]].to_numpy())))
    axes.set_xlim(-max(widest * 1.1, 0.15), max(widest * 1.1, 0.15))
    axes.set_xlabel(words["difference"])
    _style.light_grid(axes)
    _style.legend_above(axes, columns=2)
    return figure


def _overlap(result: PropensityWeighting, words: Mapping[str, str], named: Mapping[str, str]) -> Figure:
    figure, axes = _style.new(3.2)
    edges = np.linspace(0, 1, _BINS + 1)
    treated = result.scores["treated"].to_numpy(dtype=bool)
    for inside, sign, color, name in (
        (treated, 1, _style.BLUE, "treated"),
        (~treated, -1, _style.ORANGE, "comparison"),
    ):
        counts, _ = np.histogram(result.scores["score"][inside], bins=edges)
        axes.bar(edges[:-1], sign * counts, width=1 / _BINS, align="edge", color=color, edgecolor="white",
                 linewidth=0.6, label=words[name].format(group=named[name]))  # fmt: skip
    axes.axhline(0, color=_style.QUIET, linewidth=0.8)
    axes.set_xlim(0, 1)
    axes.set_xlabel(words["score"])
    axes.set_ylabel(words["rows"])
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    _style.light_grid(axes, "y")
    _style.legend_above(axes, columns=2)
    return figure


def _group(result: PropensityWeighting, name: str, language: str, labels: Mapping[str, str] | None) -> str:
    told = str(result.definition["event" if name == "treated" else "other_outcome"])
    return load_language(language).term(told, labels) if "[" in told else told
