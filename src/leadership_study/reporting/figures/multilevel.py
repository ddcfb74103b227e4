"""Coefficients of a multilevel model with their intervals and a line at zero."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences._design import INTERCEPT
from leadership_study.influences.multilevel import MixedModel
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language
from leadership_study.results import format_number

KINDS = ("coefficients",)
RESULTS = (MixedModel,)


def draw(
    result: MixedModel, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row a term, the constant left out; the coefficients of the outermost level are hollow."""
    _style.chosen(kind, KINDS, "multilevel")
    words, language_words = _style.words("multilevel", language), load_language(language)
    table = result.fixed[result.fixed.index != INTERCEPT]
    outer = list(result.head_level.index) if hasattr(result, "head_level") else []
    figure, axes = _style.new(_style.rows_height(max(len(table), 1), frame=1.15, each=0.36))
    axes.axvline(0, color=_style.INK, linewidth=1, zorder=1)
    for row, (term, values) in enumerate(table.iterrows()):
        hollow = term in outer
        color = _style.ORANGE if hollow else _style.BLUE
        _style.intervals(axes, [row], [values["estimate"]], [values["ci_low"]], [values["ci_high"]], color=color,
                         filled=not hollow)  # fmt: skip
        axes.annotate(format_number(float(values["estimate"]), "estimate"), (1, row),
                      xycoords=("axes fraction", "data"), xytext=(10, 0), textcoords="offset points", va="center",
                      fontsize=8, color=color)  # fmt: skip
    if outer:
        axes.plot([], [], linestyle="none", marker="o", color=_style.ORANGE, markerfacecolor="white",
                  label=words["exploratory"])  # fmt: skip
        _style.legend_above(axes, columns=1)
    _style.rows_on_y(axes, [_style.wrapped(language_words.term(str(term), labels), 34) for term in table.index])
    outcome = language_words.term(str(result.definition["outcome"]), labels)
    level = _style.percent(result.definition["confidence_level"])
    axes.set_xlabel(words["coefficient"].format(outcome=outcome, level=level))
    axes.margins(x=0.06)
    _style.light_grid(axes)
    return figure
