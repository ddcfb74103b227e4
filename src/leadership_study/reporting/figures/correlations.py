"""Correlations as a heat map: the lower triangle, with values."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.correlations import Correlations
from leadership_study.reporting.figures import _heatmap, _style

KINDS = ("heatmap",)
RESULTS = (Correlations,)


_LONGEST = 36
"""Names longer than this many letters are wordings of items: cut, with the id in front."""


def draw(
    result: Correlations, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw each pair once; the columns bear the numbers that stand before the rows' names."""
    _style.chosen(kind, KINDS, "correlations")
    words = _style.words("correlations", language)
    matrix = result.correlations.to_numpy(dtype=float)
    count = len(matrix)
    lower = np.where(np.tril(np.ones_like(matrix), -1) > 0, matrix, np.nan)[1:, :-1]

    height = _style.rows_height(count - 1, frame=0.7, each=0.36, most=7.2)
    texts = _style.shown(result.correlations.index, labels)
    long = max(_style.text_width(text) for text in texts) > _LONGEST
    names = _style.item_names(result.correlations.index, labels, width=_LONGEST, with_ids=long)
    numbered = [f"{at}  {name}" for at, name in enumerate(names, start=1)]
    size = _style.font_for(count - 1, room=height - 0.7)
    widest = max(_style.text_width(name) for name in numbered) * 0.0078 * size
    room = _style.WIDTH - widest - 1.0
    value_size = min(size, 72 * room / (count - 1) / 2.6)  # a value is about 2.6 times as wide as its font is high
    figure, axes = _style.new(height, width=min(_style.WIDTH, widest + 0.75 * (count - 1) + 1.6))
    colours = _heatmap.cells(axes, lower, statistic="r", size=value_size)
    _heatmap.row_names(axes, numbered[1:], size=size)
    step = 1 if value_size >= 4 else 5
    _heatmap.column_names(axes, [str(at) if at % step == 0 else "" for at in range(1, count)], size=size, top=False)
    axes.set_title(numbered[0], fontsize=size, pad=4)
    _heatmap.scale(figure, axes, colours, words["correlation"])
    return figure
