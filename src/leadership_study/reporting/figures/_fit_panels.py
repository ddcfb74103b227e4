"""CFI, RMSEA and SRMR of several models beside each other, with the conventional limits."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from leadership_study.measurement._reported_fit import HU_BENTLER
from leadership_study.reporting.figures import _style

_LIMITS = {"cfi": HU_BENTLER.cfi, "rmsea": HU_BENTLER.rmsea, "srmr": HU_BENTLER.srmr}


def fit_panels(
    table: pd.DataFrame, rows: Sequence[str], series: Sequence[str], names: Sequence[str], words: Mapping[str, str]
) -> Figure:
    """Draw three panels.

    Parameters
    ----------
    table
        Columns ``cfi, rmsea, rmsea_ci_low, rmsea_ci_high, srmr``.
    rows, series
        For each row of the table, the row of the panels that it belongs to and the series; both in order.
    names
        Display texts of the distinct rows.
    """
    order, kinds = list(dict.fromkeys(rows)), list(dict.fromkeys(series))
    figure, grid = _style.new(_style.rows_height(len(order), frame=1.35, each=0.36 + 0.12 * len(kinds)), columns=3,
                              sharey=True)  # fmt: skip
    for axes, name in zip(grid, ("cfi", "rmsea", "srmr"), strict=True):
        for k, kind in enumerate(kinds):
            mine = [at for at, own in enumerate(series) if own == kind]
            values = table[name].to_numpy(dtype=float)[mine]
            shift = (k - (len(kinds) - 1) / 2) * 0.2
            y = [order.index(rows[at]) + shift for at in mine]
            low, high = (table[f"rmsea_ci_{end}"].to_numpy(dtype=float)[mine] for end in ("low", "high"))
            empty = np.full(len(mine), np.nan)
            _style.intervals(axes, y, values, low if name == "rmsea" else empty, high if name == "rmsea" else empty,
                             color=_style.SERIES[k], marker=_style.MARKERS[k],
                             label=words[kind] if len(kinds) > 1 else None)  # fmt: skip
        _style.benchmark(axes, _LIMITS[name], words["limit"])
        axes.set_title(words[name], fontsize=9)
        _style.unzeroed(axes)
        _style.light_grid(axes)
        axes.margins(x=0.12)
    _style.rows_on_y(grid[0], [_style.wrapped(text, 24) for text in names])
    handles, texts = grid[0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside upper left", ncols=4, fontsize=8)
    return figure
