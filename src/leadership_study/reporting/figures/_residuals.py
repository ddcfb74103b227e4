"""Four pictures of the residuals of a regression: form, normality, spread, influence."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from leadership_study.reporting.figures import _style

_SLICES = 20


def draw_residuals(rows: pd.DataFrame, terms: int, n: int, words: Mapping[str, str]) -> Figure:
    """Draw residuals vs fitted values, QQ, scale–location and leverage with contours of Cook's distance.

    Parameters
    ----------
    rows : DataFrame
        fitted, residual, standardised, normal_quantile, leverage, cook.
    terms, n : int
        Coefficients of the model and rows that it was fitted to, for Cook's contours.
    words
        Words of the figure.
    """
    figure, ((form, normal), (spread, influence)) = _style.new(6.4, rows=2, columns=2)
    size = max(2.0, min(4.5, 60 / max(len(rows), 1) ** 0.5))
    standardised = rows["standardised"].to_numpy()
    root = np.sqrt(np.abs(standardised))

    def points(axes: Axes, x: pd.Series, y: NDArray[np.float64]) -> None:
        axes.plot(x, y, linestyle="none", marker="o", markersize=size, color=_style.BLUE, alpha=0.35,
                  markeredgewidth=0, rasterized=len(rows) > 500)  # fmt: skip
        axes.grid(visible=True)

    points(form, rows["fitted"], rows["residual"].to_numpy())
    form.axhline(0, color=_style.INK, linewidth=0.8)
    _trend(form, rows["fitted"].to_numpy(), rows["residual"].to_numpy())
    points(normal, rows["normal_quantile"], standardised)
    ends = np.array([rows["normal_quantile"].min(), rows["normal_quantile"].max()])
    normal.plot(ends, ends, color=_style.INK, linewidth=0.8)
    points(spread, rows["fitted"], root)
    _trend(spread, rows["fitted"].to_numpy(), root)
    points(influence, rows["leverage"], standardised)
    influence.axhline(0, color=_style.INK, linewidth=0.8)
    _contours(influence, rows["leverage"].to_numpy(), terms, (4 / n, 0.5, 1.0))
    texts = (("form", "fitted", "residual"), ("normal", "quantile", "standardised"),
             ("spread", "fitted", "root"), ("influence", "leverage", "standardised"))  # fmt: skip
    for axes, (title, x, y) in zip((form, normal, spread, influence), texts, strict=True):
        axes.set_title(words[title])
        axes.set_xlabel(words[x])
        axes.set_ylabel(words[y])
    return figure


def _trend(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Draw the means of y in slices of x that hold equally many rows, where there are enough for it."""
    slices = min(_SLICES, len(x) // 15)
    known = np.isfinite(y)
    if slices < 3 or len(np.unique(x[known])) < slices:
        return
    order = np.argsort(x[known], kind="stable")
    parts = np.array_split(order, slices)
    across, along = x[known], y[known]
    axes.plot([across[part].mean() for part in parts], [along[part].mean() for part in parts], color=_style.ORANGE)


def _contours(axes: Axes, leverage: NDArray[np.float64], terms: int, levels: Sequence[float]) -> None:
    """Draw the lines of equal Cook's distance that lie within what is shown."""
    low, high = axes.get_ylim()
    most = float(leverage.max())
    h = np.linspace(max(most * 1e-3, 1e-6), min(most * 1.05, 0.999), 200)
    for cook in levels:
        height = np.sqrt(cook * terms * (1 - h) / h)
        for line, inside in ((height, height <= high), (-height, -height >= low)):
            if inside.any():
                axes.plot(h[inside], line[inside], color=_style.QUIET, linestyle=(0, (4, 3)), linewidth=0.9)
                axes.annotate(f"{cook:.2g}", (h[inside][-1], line[inside][-1]), xytext=(2, 0), fontsize=7,
                              textcoords="offset points", color=_style.QUIET, va="center")  # fmt: skip
    axes.set_ylim(low, high)
    axes.set_xlim(0, min(most * 1.12, 1.0))
