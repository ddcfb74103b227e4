"""Odds ratios of an ordinal regression with their intervals."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.influences.ordinal_regression import OrdinalRegression
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._odds import draw_odds

KINDS = ("odds_ratios",)
RESULTS = (OrdinalRegression,)


def draw(
    result: OrdinalRegression,
    *,
    kind: str | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw one row a term on a logarithmic scale."""
    _style.chosen(kind, KINDS, "ordinal_regression")
    return draw_odds(result, _style.words("ordinal_regression", language), language, labels)
