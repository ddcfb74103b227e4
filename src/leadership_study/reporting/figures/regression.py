"""Regression coefficients with their intervals and a line at zero; the residuals of the fit in four pictures."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from leadership_study.influences._design import INTERCEPT
from leadership_study.influences.regression import HierarchicalRegression, Regression
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._residuals import draw_residuals
from leadership_study.results import format_number

KINDS = ("coefficients", "diagnostics")
RESULTS = (Regression,)


def kinds_of(result: Regression) -> tuple[str, ...]:
    """Return the figures of a result: without residuals there is nothing to diagnose."""
    return KINDS[:1] if result.rows.empty else KINDS


def draw(
    result: Regression | HierarchicalRegression, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw one row a term, the constant left out; the steps of a hierarchical regression lie below one another."""
    words = _style.words("regression", language)
    if _style.chosen(kind, kinds_of(result), "regression") == "diagnostics":
        return draw_residuals(result.rows, len(result.coefficients), int(result.fit["n"]), words)
    steps = _steps(result)
    terms = list(dict.fromkeys(term for table in steps.values() for term in table.index))
    place = {term: float(row) for row, term in enumerate(terms)}
    apart = 0.6 / len(steps)

    figure, axes = _style.new(_style.rows_height(len(terms) * len(steps), frame=1.15, each=0.3))
    axes.axvline(0, color=_style.INK, linewidth=1, zorder=1)
    for number, (step, table) in enumerate(steps.items()):
        shift = (number - (len(steps) - 1) / 2) * apart
        at = [place[term] + shift for term in table.index]
        last = number == len(steps) - 1
        color = _style.BLUE if last else _style.QUIET
        _style.intervals(axes, at, table["estimate"], table["ci_low"], table["ci_high"], color=color, filled=last,
                         marker="o" if last else _style.MARKERS[1 + number % 4],
                         label=words["step"].format(step=step))  # fmt: skip
        for row, value in zip(at, table["estimate"], strict=True):
            axes.annotate(format_number(float(value), "estimate"), (1, row), xycoords=("axes fraction", "data"),
                          xytext=(10, 0), textcoords="offset points", va="center", fontsize=8, color=color)  # fmt: skip
    _style.rows_on_y(axes, [_style.wrapped(_term_name(term, labels), 30) for term in terms])
    level = _style.percent(result.definition["confidence_level"])
    outcome = _term_name(str(result.definition["outcome"]), labels)
    axes.set_xlabel(words["coefficient"].format(outcome=outcome, level=level))
    axes.margins(x=0.06)
    _style.light_grid(axes)
    if len(steps) > 1:
        _style.legend_above(axes, columns=4)
    return figure


def _steps(result: Regression | HierarchicalRegression) -> dict[str, pd.DataFrame]:
    """Return the coefficients of each step without the constant; a plain regression is one step."""
    tables: dict[str, pd.DataFrame] = {"1": result.coefficients}
    if isinstance(result, HierarchicalRegression):
        tables = {str(step): table.droplevel("step") for step, table in result.step_coefficients.groupby("step")}
    return {step: table[table.index != INTERCEPT] for step, table in tables.items()}


def _term_name(term: str, labels: Mapping[str, str] | None) -> str:
    """Return the display text of a term; a dummy ``gender[female]`` is "Gender: female"."""
    if term in (labels or {}):
        return str((labels or {})[term])
    variable, bracket, level = term.partition("[")
    (text,) = _style.shown([variable], labels)
    return f"{text}: {level.removesuffix(']')}" if bracket and not level.count("[") else text
