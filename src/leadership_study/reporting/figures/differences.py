"""Means of every dimension in the groups of every background question, with their intervals."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.differences import Differences
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._points import draw_points, draw_rows, level_text, under_headings
from leadership_study.reporting.naming import short

KINDS = ("means",)
RESULTS = (Differences,)

_MOST_PANELS = 6


def draw(
    result: Differences, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one panel a dimension and one row a group; significant comparisons (after correction) are orange."""
    _style.chosen(kind, KINDS, "differences")
    words = _style.words("differences", language)
    table = result.means
    outcomes = list(dict.fromkeys(table.index.get_level_values("outcome")))[:_MOST_PANELS]
    variables = list(dict.fromkeys(table.index.get_level_values("variable")))
    levels = {
        name: list(dict.fromkeys(table.xs(name, level="variable").index.get_level_values("level")))
        for name in variables
    }
    headings = dict(zip(variables, _style.shown(variables, labels), strict=True))
    rows = under_headings(
        [
            (_cut(headings[name], 26), [_cut(level_text(name, str(level), labels), 26) for level in levels[name]])
            for name in variables
        ]
    )
    height = _style.rows_height(int(rows.height), frame=1.1, each=0.17)
    size = _style.font_for(int(rows.height), room=height - 1.1, largest=8)
    figure, panels = _style.new(height, columns=len(outcomes), sharex=True, squeeze=False)
    keys = [(name, level) for name in variables for level in levels[name]]
    # An interval from a handful of answers would squeeze all others: the few widest run out of the picture.
    # Pooled means of imputed answers have none.
    least, most = (table[name].fillna(table["mean"]) for name in ("ci_low", "ci_high"))
    low, high = float(least.quantile(0.03)), float(most.quantile(0.97))
    low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
    for at, (outcome, axes) in enumerate(zip(outcomes, panels[0], strict=True)):
        for color, shown in ((_style.QUIET, False), (_style.ORANGE, True)):
            own = table.reindex([(outcome, name, level) for name, level in keys])
            tests = result.tests.reindex([(outcome, name) for name, _ in keys])
            different = tests["verdict"].isin(["different", "negligible"]).to_numpy()
            own = own.where(np.repeat((different == shown)[:, None], own.shape[1], axis=1))
            if own["mean"].notna().any():
                draw_points(axes, rows, own, value="mean", color=color, marker=3.2)
        draw_rows(axes, rows, size=size, labelled=at == 0)
        (title,) = _style.shown([outcome], labels)
        axes.set_title(_style.wrapped(title, 64 // len(outcomes)), fontsize=8.5)
        axes.tick_params(axis="x", labelsize=7.5)
        axes.set_xlim(low, high)
        _style.light_grid(axes)
    level = _style.percent(result.definition["confidence_level"])
    _style.note_below(figure, words["note"].format(level=level))
    return figure


def _cut(text: str, width: int) -> str:
    return short(text, width)
