"""Agreement of coders: Krippendorff's alpha of every code with its interval, dimension by dimension, and pooled."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from leadership_study.interviews.code_agreement import CodeAgreement
from leadership_study.reporting.figures import _style

KINDS = ("codes",)
RESULTS = (CodeAgreement,)

_TENTATIVE, _RELIABLE = 0.667, 0.8
"""Krippendorff, K. (2019). Content analysis (4th ed.)."""


def draw(
    result: CodeAgreement, *, kind: str | None = None, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row a code in the order of the codebook; codes without a coefficient are left out."""
    _style.chosen(kind, KINDS, "code_agreement")
    words = _style.words("code_agreement", language)
    table = result.by_code[result.by_code["krippendorff_alpha"].notna()]
    whole = result.pooled.loc["krippendorff_alpha"]
    rows = np.arange(len(table) + 1, dtype=float)
    figure, axes = _style.new(_style.rows_height(len(rows), frame=1.2, each=0.21, most=9.5))
    level = _style.percent(result.definition["confidence_level"])
    _style.intervals(
        axes, rows[1:].tolist(), table["krippendorff_alpha"], table["krippendorff_alpha_ci_low"],
        table["krippendorff_alpha_ci_high"], label=words["code"].format(level=level),
    )  # fmt: skip
    _style.intervals(
        axes, [0.0], [whole["estimate"]], [whole["ci_low"]], [whole["ci_high"]], color=_style.ORANGE, marker="D",
        label=words["pooled"],
    )  # fmt: skip
    _style.benchmark(axes, _RELIABLE, words["reliable"])
    axes.axvline(_TENTATIVE, color=_style.QUIET, linewidth=1.0, linestyle=":", label=words["tentative"], zorder=1.5)
    size = _style.font_for(len(rows), room=figure.get_figheight() - 1.2, largest=8.0)
    _style.rows_on_y(axes, [words["all"], *_style.shown(table.index, labels)], size=size)
    axes.set_xlim(min(-0.05, float(np.nanmin([0.0, *table["krippendorff_alpha_ci_low"]])) - 0.03), 1.03)
    axes.set_xlabel(words["alpha"].format(unit=words[result.unit]))
    _style.unzeroed(axes)
    _style.light_grid(axes)
    handles, texts = axes.get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside upper left", ncols=2, handlelength=1.8)
    return figure
