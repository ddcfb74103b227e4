"""Measurement invariance: fit from level to level, and the latent means of the groups."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.measurement.invariance import MeasurementInvariance
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._fit_panels import fit_panels

KINDS = ("levels", "means")
RESULTS = (MeasurementInvariance,)


def kinds_of(result: MeasurementInvariance) -> tuple[str, ...]:
    """Return the kinds that there is something to draw for."""
    means = result.latent_means
    return KINDS if len(means) and "not_held" not in set(means["verdict"]) else KINDS[:1]


def draw(
    result: MeasurementInvariance, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw CFI, RMSEA and SRMR of every level, or the latent means with their intervals."""
    words = _style.words("invariance", language)
    chosen = _style.chosen(kind, kinds_of(result), "invariance")
    if chosen == "levels":
        levels = [str(level) for level in result.table.index]
        return fit_panels(result.table, levels, ["levels"] * len(levels), [words[level] for level in levels], words)
    return _means(result, words, labels)


def _means(result: MeasurementInvariance, words: Mapping[str, str], labels: Mapping[str, str] | None) -> Figure:
    table = result.latent_means
    factors = list(dict.fromkeys(table.index.get_level_values("factor")))
    groups = list(dict.fromkeys(table.index.get_level_values("group")))
    figure, axes = _style.new(_style.rows_height(len(factors), frame=1.4, each=0.3 + 0.15 * len(groups)))
    width = min(0.24, 0.7 / len(groups))
    for k, group in enumerate(groups):
        own = table.xs(group, level="group").loc[factors]
        shift = (k - (len(groups) - 1) / 2) * width
        name = (labels or {}).get(group, group)
        text = words["reference"].format(group=name) if k == 0 else name
        _style.intervals(axes, list(np.arange(len(factors)) + shift), own["estimate"], own["ci_low"], own["ci_high"],
                         color=_style.SERIES[k % 6], marker=_style.MARKERS[k % 6], label=text)  # fmt: skip
    axes.axvline(0, color=_style.QUIET, linewidth=0.8)
    _style.rows_on_y(axes, [_style.wrapped(text, 26) for text in _style.shown(factors, labels)])
    axes.set_xlabel(words["mean"])
    _style.light_grid(axes)
    _style.legend_above(axes, columns=min(len(groups), 3))
    return figure
