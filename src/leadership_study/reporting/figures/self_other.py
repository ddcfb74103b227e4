"""Self-ratings beside the mean of others, one panel a dimension, one row for each of those rated."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.self_other import SelfOther
from leadership_study.reporting.figures import _style

KINDS = ("heads",)
RESULTS = (SelfOther,)

_NAMED = 40
_MOST_PANELS = 6


def draw(
    result: SelfOther, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw others' means with intervals and self-ratings as crosses, orange where the two are told apart."""
    _style.chosen(kind, KINDS, "self_other")
    words = _style.words("self_other", language)
    heads = list(dict.fromkeys(result.heads.index.get_level_values("group")))
    dimensions = list(result.table.index)[:_MOST_PANELS]
    figure, panels = _style.new(
        _style.rows_height(len(heads), frame=1.3, each=0.22), columns=len(dimensions), sharex=True, sharey=True,
        squeeze=False,
    )  # fmt: skip
    places = np.arange(len(heads))
    level = _style.percent(result.definition["confidence_level"])
    for axes, dimension, title in zip(panels[0], dimensions, _style.shown(dimensions, labels), strict=True):
        own = result.heads.xs(dimension, level="dimension").reindex(heads)
        apart = own["position"].isin(["self_above_others", "self_below_others"]).to_numpy()
        low, high = (own["self_rating"] - own[side] for side in ("ci_high", "ci_low"))
        axes.hlines(places, low, high, color=_style.SKY, linewidth=1.5)
        axes.plot(own["other_mean"], places, linestyle="none", marker="o", color=_style.BLUE, markersize=4,
                  label=words["others"].format(level=level))  # fmt: skip
        for shown, color, label in ((~apart, _style.QUIET, words["self"]), (apart, _style.ORANGE, words["apart"])):
            seen = own["self_rating"].where(shown)
            axes.plot(seen, places, linestyle="none", marker="x", color=color, markersize=5, label=label)
        axes.set_title(_style.wrapped(title, 64 // len(dimensions)), fontsize=8.5)
        axes.set_ylim(len(heads) - 0.4, -0.6)
        _style.light_grid(axes)
    named = len(heads) <= _NAMED
    panels[0, 0].set_yticks(places if named else [], heads if named else [])
    handles, texts = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside upper right", ncols=3, handlelength=1.4)
    return figure
