"""Simple slopes of a moderation, and the slope along the moderator with the region where its interval leaves out 0."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.influences.moderation import Moderation
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._effect_rows import names
from leadership_study.results import format_number

KINDS = ("slopes", "johnson_neyman")
RESULTS = (Moderation,)


def kinds_of(result: Moderation) -> tuple[str, ...]:
    """Both for a moderator of numbers; categories have no slope along them."""
    return KINDS if len(result.curve) else KINDS[:1]


def draw(
    result: Moderation, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one line a value of the moderator with its band, or the slope over the moderator."""
    chosen = _style.chosen(kind, kinds_of(result), "moderation")
    words = _style.words("moderation", language)
    definition = result.definition
    x, w, y = names([str(definition[key]) for key in ("predictor", "moderator", "outcome")], language, labels)
    level = _style.percent(definition["confidence_level"])
    figure, axes = _style.new(3.7)
    if chosen == "slopes":
        for at, name in enumerate(result.simple_slopes.index):
            line = result.predicted.xs(name, level="at")
            color, slope = _style.SERIES[at % len(_style.SERIES)], result.simple_slopes["estimate"][name]
            (text,) = names([str(name)], language, labels)
            if result.simple_slopes["moderator"].notna()[name]:
                text = words["at"].format(moderator=w, value=text)
            # Limits of a line are curved: they are given at its ends only, where the eye compares.
            shift = (at - (len(result.simple_slopes) - 1) / 2) * 0.012 * float(np.ptp(line["x_value"]))
            ends = line["x_value"] + shift
            axes.plot(ends, line["estimate"], color=color, marker=_style.MARKERS[at % len(_style.MARKERS)],
                      label=words["line"].format(text=text, slope=format_number(float(slope), "estimate")))  # fmt: skip
            axes.vlines(ends, line["ci_low"], line["ci_high"], color=color, linewidth=1.2, alpha=0.8)
        axes.set_xlabel(words["ends"].format(predictor=x))
        axes.set_ylabel(_style.wrapped(words["expected"].format(outcome=y, level=level), 44))
        axes.margins(x=0.12)
        _style.light_grid(axes, "y")
        _style.legend_above(axes, columns=1)
        return figure
    curve = result.curve
    moderator, low, high = (curve[name].to_numpy() for name in ("moderator", "ci_low", "ci_high"))
    apart = (low > 0) | (high < 0)
    axes.axhline(0, color=_style.INK, linewidth=1, zorder=1)
    axes.fill_between(moderator, low, high, color=_style.SKY, alpha=0.25, linewidth=0)
    axes.fill_between(moderator, low, high, where=apart, color=_style.BLUE, alpha=0.3, linewidth=0,
                      label=words["apart"])  # fmt: skip
    axes.plot(moderator, curve["estimate"], color=_style.BLUE, label=words["band"].format(level=level))
    inside = result.johnson_neyman[result.johnson_neyman["in_range"]]
    for bound in inside["moderator"]:
        _style.benchmark(axes, bound, "")
    axes.set_xlabel(w)
    axes.set_ylabel(_style.wrapped(words["slope"].format(predictor=x), 44))
    axes.margins(x=0.0)
    _style.light_grid(axes, "y")
    _style.legend_above(axes, columns=2)
    return figure
