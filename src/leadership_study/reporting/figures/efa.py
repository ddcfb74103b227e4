"""Factor loadings as a heat map: items under the factor they belong to, the largest loading first."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from leadership_study.measurement.efa import ExploratoryFactorAnalysis
from leadership_study.reporting.figures import _heatmap, _style

KINDS = ("loadings",)
RESULTS = (ExploratoryFactorAnalysis,)

_SMALL = 0.3
"""Loadings below this size are printed in grey."""


def draw(
    result: ExploratoryFactorAnalysis, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw the pattern loadings, with a frame around the items whose primary factor a column is."""
    _style.chosen(kind, KINDS, "efa")
    words = _style.words("efa", language)
    factors = list(result.loadings.columns)
    rank = result.items["primary_factor"].map({name: at for at, name in enumerate(factors)})
    order = np.lexsort((-result.items["primary_loading"].abs().to_numpy(), rank.to_numpy()))
    loadings = result.loadings.iloc[order]

    rows = len(loadings)
    height = _style.rows_height(rows, frame=0.6, each=0.25, most=9.2)
    size = _style.font_for(rows, room=height - 0.6)
    names = _style.item_names(loadings.index, labels, width=44)
    widest = max(_style.text_width(name) for name in names) * 0.0075 * size
    width = min(_style.WIDTH, widest + 0.85 * len(factors) + 1.4)
    figure, axes = _style.new(height, width=width)

    colours = _heatmap.cells(axes, loadings.to_numpy(), statistic="loading", size=size, mute_below=_SMALL)
    _heatmap.row_names(axes, names, size=size)
    titles = [(labels or {}).get(name, words["factor"].format(number=at)) for at, name in enumerate(factors, start=1)]
    _heatmap.column_names(axes, titles, size=8.5)
    counts = rank.value_counts()
    start = 0
    for column in range(len(factors)):
        count = int(counts.get(column, 0))
        frame = Rectangle((column, start), 1, count, fill=False, edgecolor=_style.INK, linewidth=1.4, clip_on=False)
        if count:
            axes.add_patch(frame)
        start += count
    _heatmap.scale(figure, axes, colours, words["loading"])
    return figure
