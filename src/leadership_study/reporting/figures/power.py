"""Power, or the width of an interval, against the size of the sample."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leadership_study.reporting.figures import _style
from leadership_study.results import format_number
from leadership_study.samples.power import PowerResult, SimulatedPower

KINDS = ("curve",)
RESULTS = (PowerResult,)

_MEASURES = ("power", "width", "effective_n")


def draw(
    result: PowerResult, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the curve with what was wanted and the sample found; simulated points have Monte Carlo intervals."""
    del labels
    _style.chosen(kind, KINDS, "power")
    if result.curve is None:
        raise ValueError("This result has no curve to draw: its formula gives a single sample size.")
    words = _style.words("power", language)
    measure = next(name for name in _MEASURES if name in result.curve)
    figure, axes = _style.new(3.4)
    if isinstance(result, SimulatedPower):
        unit = _simulated(axes, result, words)
    else:
        unit = "total"
        axes.plot(result.curve["n"], result.curve[measure], color=_style.BLUE, label=words["formula"])
        reached = result.curve.loc[str(result.n), measure]
        axes.plot([result.n], [reached], linestyle="none", marker="o", color=_style.BLUE, zorder=3,
                  label=words["chosen"].format(unit=words["total"], n=result.n))  # fmt: skip
    target = result.target_width if measure == "width" else result.target_power
    if target is not None:
        text = words["target"].format(value=format_number(float(target), measure))
        _style.benchmark(axes, float(target), text, axis="y")
    axes.set_xlabel(words[unit])
    axes.set_ylabel(words[measure])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    if measure == "power":
        axes.set_ylim(-0.02, 1.04)
        _style.unzeroed(axes, "y")
    else:
        axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    _style.legend_above(axes, columns=2 if isinstance(result, SimulatedPower) else 3)
    return figure


def _simulated(axes: Axes, result: SimulatedPower, words: Mapping[str, str]) -> str:
    """Draw power and false positives of a simulation; return what the horizontal axis counts."""
    unit = str(result.definition["vary"])
    curve = result.curve
    if curve is None:  # a simulation always has one; for the type checker
        return unit
    level = _style.percent(result.definition["confidence_level"])
    rates = (
        ("power", "", _style.BLUE, "o", words["simulated"].format(level=level, n=result.replicates)),
        ("false_positive_rate", "false_positive_", _style.ORANGE, "s", words["false_positive"].format(level=level)),
    )
    for column, prefix, color, marker, label in rates:
        axes.vlines(curve[unit], curve[f"{prefix}ci_low"], curve[f"{prefix}ci_high"], color=color, linewidth=1.6)
        axes.plot(curve[unit], curve[column], color=color, marker=marker, markersize=5, linewidth=1.2, label=label)
    significance = float(result.definition["significance_level"])
    axes.axhline(significance, color=_style.QUIET, linewidth=1.0, linestyle=(0, (1, 2)), zorder=1.4,
                 label=words["level"].format(value=format_number(significance, "power")))  # fmt: skip
    return unit
