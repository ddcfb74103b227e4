"""Odds ratios of a binary logistic regression with their intervals."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.logistic_regression import LogisticRegression
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._odds import draw_odds

KINDS = ("odds_ratios",)
RESULTS = (LogisticRegression,)


def draw(
    result: LogisticRegression,
    *,
    kind: str | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw one row a term on a logarithmic scale."""
    _style.chosen(kind, KINDS, "logistic_regression")
    return draw_odds(result, _style.words("logistic_regression", language), language, labels)
