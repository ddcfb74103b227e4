"""Confirmatory models: the path diagram, and where observed and implied correlations part."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.measurement._sem_result import SemFit
from leadership_study.reporting.figures import _heatmap, _style
from leadership_study.reporting.figures._paths import draw_paths, paths_of
from leadership_study.reporting.languages import load_language

KINDS = ("paths", "residuals")
RESULTS = (SemFit,)

_STRONG = 0.3
"""Residual correlation at which the colours end."""


def draw(
    result: SemFit, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the standardised solution, of the first group where there are several, or its residual correlations."""
    words = _style.words("cfa", language)
    if _style.chosen(kind, KINDS, "cfa") == "residuals":
        return _residuals(result, labels, words)
    groups = [str(label) for label in result.groups.index]
    title = words["group"].format(group=groups[0]) if len(groups) > 1 else ""
    paths = paths_of(result.estimates)
    own = {name: words[name] for name in ("general", "method")}  # what this package calls factors of its own
    told = load_language(language)
    turned = any(told.word("turned") in (labels or {}).get(item, "") for item in paths.items)
    note = words["left_out"] if paths.left_out else told.word("turned_figure") if turned else ""
    return draw_paths(paths, own | dict(labels or {}), title=title, note=note)


def _residuals(result: SemFit, labels: Mapping[str, str] | None, words: Mapping[str, str]) -> Figure:
    frame = result.residuals
    if frame.index.nlevels > 1:
        frame = frame.loc[frame.index.get_level_values(0)[0]]
    return _heatmap.triangle(frame, labels, words["residual"], limit=_STRONG)
