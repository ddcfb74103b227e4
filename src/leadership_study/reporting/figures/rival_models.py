"""Rival models: their fit beside each other."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from leadership_study.measurement.rival_models import RivalModels
from leadership_study.reporting.figures import _style
from leadership_study.reporting.figures._fit_panels import fit_panels

KINDS = ("models",)
RESULTS = (RivalModels,)


def draw(
    result: RivalModels, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw CFI, RMSEA and SRMR, one row a model, each sample a series."""
    _style.chosen(kind, KINDS, "rival_models")
    words = _style.words("rival_models", language)
    samples = [str(name) for name in result.table.index.get_level_values("sample")]
    models = [str(name) for name in result.table.index.get_level_values("model")]
    return fit_panels(result.table, models, samples, [words[name] for name in dict.fromkeys(models)], words)
