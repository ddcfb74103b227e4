"""Correlations over the random halvings, with different raters and with the same."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.split_raters import ALL, DIFFERENT, SAME_HALF, SplitRaters
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._effect_rows import names
from leadership_study.results import format_number

KINDS = ("splits",)
RESULTS = (SplitRaters,)

_BINS = 36


def draw(
    result: SplitRaters, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw two histograms over the splits, their medians, and the value of all raters."""
    _style.chosen(kind, KINDS, "split_raters")
    words = _style.words("split_raters", language)
    figure, axes = _style.new(3.4)
    table = result.estimates["estimate"]
    every = result.splits.to_numpy(dtype=float)
    bins = np.linspace(float(every.min()), float(every.max()), _BINS + 1)
    for name, color in ((DIFFERENT, _style.BLUE), (SAME_HALF, _style.ORANGE)):
        (text,) = names([name], language, labels)
        shown = format_number(float(table[name]), "correlation")
        axes.hist(result.splits[name], bins=list(bins), color=color, alpha=0.45,
                  label=words["median"].format(raters=text, value=shown))  # fmt: skip
        axes.axvline(table[name], color=color, linewidth=1.6)
    (text,) = names([ALL], language, labels)
    shown = format_number(float(table[ALL]), "correlation")
    _style.benchmark(axes, float(table[ALL]), words["all"].format(raters=text, value=shown))
    predictor, outcome = names([str(result.definition[key]) for key in ("predictor", "outcome")], language, labels)
    axes.set_xlabel(_style.wrapped(words["correlation"].format(predictor=predictor, outcome=outcome), 90))
    axes.set_ylabel(words["splits"])
    _style.unzeroed(axes)
    _style.light_grid(axes, "y")
    _style.legend_above(axes, columns=1)
    return figure
