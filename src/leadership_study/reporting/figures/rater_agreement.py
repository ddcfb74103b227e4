"""How groups differ and how their raters agree: means of the groups, sorted, and the distribution of r_wg(j)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leadership_study.influences._agreement_verdicts import AGREED
from leadership_study.influences.rater_agreement import DimensionAgreement, RaterAgreement
from leadership_study.reporting.figures import _style
from leadership_study.results import format_number

KINDS = ("groups",)
RESULTS = (DimensionAgreement, RaterAgreement)


def draw(
    result: DimensionAgreement | RaterAgreement, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw a row of two panels for each dimension.

    The groups are not named: means that are not shrunken towards the mean of all must not be read as a ranking.
    """
    _style.chosen(kind, KINDS, "rater_agreement")
    words = _style.words("rater_agreement", language)
    parts = _parts(result)
    height = min(0.9 + 1.75 * len(parts), 9.5)
    figure, grid = _style.new(height, rows=len(parts), columns=2, squeeze=False, width_ratios=(1.7, 1))
    for row, (dimension, groups) in enumerate(parts.items()):
        left, right = grid[row]
        _means(left, groups.sort_values("mean", kind="stable"), words)
        _agreement(right, groups["rwg_j"].dropna(), words)
        if dimension:
            left.set_title(_style.shown([dimension], labels)[0])
        last = row == len(parts) - 1
        left.set_xlabel(words["group"].format(n=len(groups)) if last else "")
        right.set_xlabel(words["rwg_j"] if last else "")
    level = _style.percent(result.definition["confidence_level"])
    figure.supylabel(words["group_mean"].format(level=level), fontsize=9)
    handles, texts = grid[0, 0].get_legend_handles_labels()
    more, others = grid[0, 1].get_legend_handles_labels()
    figure.legend([*handles, *more], [*texts, *others], loc="outside upper right", ncols=3, handlelength=1.8)
    return figure


def _parts(result: DimensionAgreement | RaterAgreement) -> dict[str, pd.DataFrame]:
    if isinstance(result, RaterAgreement):
        return {"": result.groups}
    names = dict.fromkeys(result.groups.index.get_level_values("dimension"))
    return {str(name): result.groups.loc[[name]].droplevel("dimension") for name in names}


def _means(axes: Axes, groups: pd.DataFrame, words: Mapping[str, str]) -> None:
    at = np.arange(len(groups))
    grand = float(np.average(groups["mean"], weights=groups["n"]))
    axes.axhline(grand, color=_style.ORANGE, linewidth=1.2, label=words["grand_mean"], zorder=1.5)
    axes.vlines(at, groups["ci_low"], groups["ci_high"], color=_style.SKY, linewidth=1.3)
    axes.plot(at, groups["mean"], linestyle="none", marker="o", color=_style.BLUE,
              markersize=max(2.0, min(4.0, 160 / len(groups))))  # fmt: skip
    axes.set_xlim(-1, len(groups))
    axes.set_xticks([])
    _style.light_grid(axes, "y")


def _agreement(axes: Axes, values: pd.Series, words: Mapping[str, str]) -> None:
    low = min(0.0, float(values.min())) if len(values) else 0.0
    edges = np.arange(np.floor(low * 20) / 20, 1.0001, 0.05)
    axes.hist(values, bins=list(edges), color=_style.SKY, edgecolor="white", linewidth=0.8)
    _style.benchmark(axes, AGREED, words["benchmark"])
    axes.set_xlim(edges[0], 1)
    _style.unzeroed(axes)
    _style.light_grid(axes, "y")
    axes.set_ylabel(words["groups_count"])
    axes.yaxis.get_major_locator().set_params(integer=True, nbins=4)  # type: ignore[call-arg]
    if len(values):
        text = words["median"].format(value=format_number(float(values.median()), "rwg_j"))
        axes.set_title(text, fontsize=8.5, color=_style.QUIET)
