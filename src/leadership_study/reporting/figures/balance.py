"""Balance of schools: the coefficients of variation against their limit, and the schools behind them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leadership_study.districts.balance import ResourceBalance
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language
from leadership_study.results import format_number

KINDS = ("cv", "schools")
RESULTS = (ResourceBalance,)


def draw(
    result: ResourceBalance, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one panel a stage, one row an indicator."""
    kind = _style.chosen(kind, KINDS, "balance")
    words = _style.words("balance", language)
    texts = {**result.labels(language), **(labels or {})}
    stages = list(result.verdict.index)
    names = list(result.indicators.loc[stages[0]].index)
    height = 1.1 + len(stages) * (0.55 + 0.26 * len(names))
    figure, grid = _style.new(height, rows=len(stages), squeeze=False, sharex=True)
    for axes, stage in zip(grid[:, 0], stages, strict=True):
        axes.set_title(load_language(language).term(stage, labels))
        if kind == "cv":
            _coefficients(axes, result, stage, words)
        else:
            _schools(axes, result, stage, words, language, labels)
        _style.rows_on_y(axes, [_style.wrapped(texts.get(name, name), 34) for name in names])
        _style.light_grid(axes, "x")
    by = "cv" if kind == "cv" else "by_threshold" if _thresholds(result) is not None else "by_mean"
    grid[-1, 0].set_xlabel(words[by])
    seen: dict[str, Any] = {}
    for axes in grid[:, 0]:
        for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
            seen.setdefault(text, handle)
    figure.legend(list(seen.values()), list(seen), loc="outside upper right", ncols=4, handlelength=1.8)
    return figure


def _coefficients(axes: Axes, result: ResourceBalance, stage: str, words: Mapping[str, str]) -> None:
    table = result.indicators.loc[stage]
    limit = float(result.verdict["limit"][stage])
    each = result.definition["rule"] == "each"
    beyond = (table["cv"] > limit).to_numpy(dtype=bool) & each
    at = np.arange(len(table))
    for chosen, colour, marker, name in (
        (~beyond, _style.BLUE, "o", "within" if each else "judged_together"),
        (beyond, _style.ORANGE, "D", "beyond"),
    ):
        if chosen.any():
            own = table[chosen]
            _style.intervals(axes, list(at[chosen]), own["cv"], own["cv_low"], own["cv_high"], color=colour,
                             marker=marker, label=words[name])  # fmt: skip
    _style.benchmark(axes, limit, words["limit"].format(value=format_number(limit, "mean")))
    axes.set_xlim(left=0)


def _schools(
    axes: Axes, result: ResourceBalance, stage: str, words: Mapping[str, str], language: str,
    labels: Mapping[str, str] | None,
) -> None:  # fmt: skip
    schools = result.schools.xs(stage, level="stage")
    names = list(result.indicators.loc[stage].index)
    base = _thresholds(result)
    means = result.indicators.loc[stage]["mean"]
    places = schools["location"] if "location" in schools else pd.Series(None, index=schools.index, dtype=object)
    groups = list(dict.fromkeys(place for place in sorted(places.dropna().unique(), key=_order)))
    shown = [(group, places == group) for group in groups]
    if places.isna().any():
        shown.append((None, places.isna()))
    for number, (group, inside) in enumerate(shown):
        offset = (number - (len(shown) - 1) / 2) * 0.22
        text = words["unknown"] if group is None else load_language(language).term(str(group), labels)
        for row, name in enumerate(names):
            by = float(means[name]) if base is None else base[stage, name]
            values = schools.loc[inside, name].to_numpy(dtype=float) / by if by > 0 else np.array([])
            axes.plot(values, np.full(len(values), row + offset), linestyle="none",
                      marker=_style.MARKERS[number % 6], markersize=3.6, alpha=0.75,
                      color=_style.SERIES[number % 6], markeredgewidth=0,
                      label=text if row == 0 else None)  # fmt: skip
    axes.axvline(1, color=_style.INK, linewidth=1.0, linestyle=(0, (5, 3)), zorder=1.5)
    axes.set_xlim(left=0)


def _thresholds(result: ResourceBalance) -> dict[tuple[str, str], float] | None:
    """Return the thresholds by stage and indicator, or nothing where the standard has none."""
    table = result.indicators
    if "threshold" not in table or table["threshold"].isna().any():
        return None
    keys = zip(table.index.get_level_values("stage"), table.index.get_level_values("indicator"), strict=True)
    return {key: float(value) for key, value in zip(keys, table["threshold"], strict=True)}


def _order(place: str) -> tuple[int, str]:
    known = ("urban", "town", "rural")
    return (known.index(place) if place in known else len(known), place)
