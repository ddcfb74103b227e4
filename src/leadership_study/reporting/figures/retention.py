"""Scree plot: observed eigenvalues beside those that parallel analysis finds in random data."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leadership_study.measurement.retention import ParallelAnalysis, Retention
from leadership_study.reporting.figures import _style

KINDS = ("scree",)
RESULTS = (Retention, ParallelAnalysis)


def draw(
    result: Retention | ParallelAnalysis, *, kind: str | None = None, language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw the eigenvalues of the analysis that decides; filled points are retained."""
    del labels
    _style.chosen(kind, KINDS, "retention")
    words = _style.words("retention", language)
    basis, criterion = str(result.definition["basis"]), str(result.definition["criterion"])
    observed, reference = _lines(result, basis, criterion)
    at = np.arange(1, len(observed) + 1)
    kept = at <= result.n_factors

    figure, axes = _style.new(3.3)
    axes.plot(at, observed, color=_style.BLUE, zorder=2)
    axes.plot(at[kept], observed[kept], linestyle="none", marker="o", color=_style.BLUE, zorder=3,
              label=words["retained"].format(n=result.n_factors))  # fmt: skip
    axes.plot(at[~kept], observed[~kept], linestyle="none", marker="o", color=_style.BLUE, markerfacecolor="white",
              markeredgewidth=1.3, zorder=3, label=words["observed"])  # fmt: skip
    quantile = _style.percent(result.definition["quantile"])
    axes.plot(at, reference, color=_style.ORANGE, linestyle=(0, (5, 2)), marker="s", markersize=3, zorder=2.5,
              label=words[f"reference_{criterion}"].format(quantile=quantile))  # fmt: skip
    axes.set_xlabel(words[f"number_{basis}"])
    axes.set_ylabel(words[f"eigenvalue_{basis}"])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=min(len(at), 20), integer=True, min_n_ticks=3))
    axes.set_xlim(0.4, len(at) + 0.6)
    axes.set_ylim(bottom=min(0.0, float(min(observed.min(), reference.min())) - 0.1))
    axes.grid(visible=True, axis="y")
    axes.legend(loc="upper right")
    return figure


def _lines(result: Retention | ParallelAnalysis, basis: str, criterion: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the observed eigenvalues and what they must exceed."""
    if isinstance(result, ParallelAnalysis):
        table: pd.DataFrame = result.components
        prefix = ""
    else:
        table = result.eigenvalues
        prefix = "" if basis == "components" else "reduced_"
    return table[f"{prefix}eigenvalue"].to_numpy(), table[f"{prefix}reference_{criterion}"].to_numpy()
