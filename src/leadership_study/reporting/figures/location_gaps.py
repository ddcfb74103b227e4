"""Gaps between town and country: the ratio of what their pupils have, indicator by indicator."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.districts.location_gaps import LocationGaps
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language

KINDS = ("gaps",)
RESULTS = (LocationGaps,)


def draw(
    result: LocationGaps, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one panel a stage."""
    _style.chosen(kind, KINDS, "location_gaps")
    words, texts = _style.words("location_gaps", language), {**result.labels(language), **(labels or {})}
    stages = list(dict.fromkeys(result.gaps.index.get_level_values("stage")))
    names = list(dict.fromkeys(result.gaps.index.get_level_values("indicator")))
    height = 1.1 + len(stages) * (0.55 + 0.26 * len(names))
    figure, grid = _style.new(height, rows=len(stages), squeeze=False, sharex=True)
    look = {"in_town": (_style.ORANGE, "D"), "in_country": (_style.BLUE, "o"), "open": (_style.QUIET, "s")}
    for axes, stage in zip(grid[:, 0], stages, strict=True):
        table = result.gaps.loc[stage]
        at = np.arange(len(table))
        for side, (colour, marker) in look.items():
            chosen = (table["favours"] == side).to_numpy()
            own = table[chosen]
            _style.intervals(axes, list(at[chosen]), own["ratio"], own["ratio_low"], own["ratio_high"], color=colour,
                             marker=marker, label=words[side])  # fmt: skip
        axes.axvline(1, color=_style.INK, linewidth=1.0, linestyle=(0, (5, 3)), zorder=1.5)
        axes.set_title(load_language(language).term(str(stage), labels))
        _style.rows_on_y(axes, [_style.wrapped(texts.get(str(name), str(name)), 34) for name in table.index])
        _style.light_grid(axes, "x")
    grid[-1, 0].set_xlabel(words["ratio"])
    handles, named = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, named, loc="outside upper right", ncols=3, handlelength=1.8)
    return figure
