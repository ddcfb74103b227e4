"""Contribution of each predictor to R², with its interval, alone and last."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.relative_importance import RelativeImportance
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language

KINDS = ("shares",)
RESULTS = (RelativeImportance,)


def draw(
    result: RelativeImportance, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw one bar a predictor, the largest on top."""
    _style.chosen(kind, KINDS, "relative_importance")
    words, named = _style.words("relative_importance", language), load_language(language)
    table = result.shares.sort_values("contribution", ascending=False, kind="stable")
    rows = list(range(len(table)))
    figure, axes = _style.new(_style.rows_height(len(table), frame=1.3, each=0.36))
    axes.barh(rows, table["contribution"], height=0.55, color=_style.SKY, label=words["contribution"])
    if "contribution_ci_low" in table:
        level = _style.percent(result.definition["confidence_level"])
        axes.hlines(rows, table["contribution_ci_low"], table["contribution_ci_high"], color=_style.BLUE,
                    label=words["interval"].format(level=level))  # fmt: skip
    for name, marker in (("alone", "D"), ("last", "o")):
        axes.plot(table[name], rows, linestyle="none", marker=marker, color=_style.INK, markersize=4.5,
                  markerfacecolor="white", label=words[name])  # fmt: skip
    for row, share in zip(rows, table["share"], strict=True):
        axes.annotate(f"{100 * float(share):.1f}%", (1, row), xycoords=("axes fraction", "data"),
                      xytext=(8, 0), textcoords="offset points", va="center", fontsize=8)  # fmt: skip
    _style.rows_on_y(axes, [_style.wrapped(named.term(str(term), labels), 34) for term in table.index])
    axes.set_xlim(left=0)
    _style.unzeroed(axes)
    axes.set_xlabel(words["axis"].format(outcome=named.term(str(result.definition["outcome"]), labels)))
    _style.light_grid(axes)
    _style.legend_above(axes, columns=4)
    return figure
