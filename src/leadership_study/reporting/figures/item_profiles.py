"""How far each item lies from the mean of its own dimension's items, with intervals."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.item_profiles import ItemProfiles
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._points import draw_points, draw_rows, under_headings
from leadership_study.reporting.languages import load_language

KINDS = ("deviations",)
RESULTS = (ItemProfiles,)


def draw(
    result: ItemProfiles, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row an item under its dimension, in the questionnaire's order; those shown to lie below are orange."""
    _style.chosen(kind, KINDS, "item_profiles")
    words = load_language(language).analysis("item_profiles")["labels"]
    table = result.deviations
    dimensions = list(dict.fromkeys(table["dimension"]))
    own = [table.index[table["dimension"] == name] for name in dimensions]
    texts = [_style.item_names(ids, labels, width=44) for ids in own]
    rows = under_headings(list(zip(_style.shown(dimensions, labels), texts, strict=True)))
    height = _style.rows_height(int(rows.height), frame=1.1, each=0.2)
    size = _style.font_for(int(rows.height), room=height - 1.1, largest=8)
    figure, axes = _style.new(height)
    axes.axvline(0, color=_style.INK, linewidth=1, zorder=1)
    low = (table["verdict"] == "below").to_numpy()
    for colour, part in ((_style.BLUE, ~low), (_style.ORANGE, low)):
        shown = table[["estimate", "ci_low", "ci_high"]].copy()
        shown[~part] = np.nan
        if part.any():
            draw_points(axes, rows, shown, value="estimate", color=colour, marker=4.5)
    draw_rows(axes, rows, size=size)
    axes.set_xlabel(words["axis"].format(level=_style.percent(result.definition["confidence_level"])))
    axes.margins(x=0.06)
    _style.light_grid(axes)
    return figure
