"""Differences between groups, with or without units (schools) between raters and groups (heads)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples.one_way import OneWay, one_way
from leadership_study.samples.variance_components import Components, three_levels


@dataclass(frozen=True, kw_only=True, eq=False)
class Inner:
    """What units between raters and groups change.

    ``units`` counts them group by group; ``size_of_a_raters_unit`` is Σn²/N over units; ``test`` holds the F test of
    the groups on the units' means (f, df1, df2, p_value).
    """

    components: Components
    units: NDArray[np.float64]
    size_of_a_raters_unit: float
    test: dict[str, Any]


def inner_units(scores: NDArray[np.float64], codes: NDArray[np.int64], unit_codes: NDArray[np.int64]) -> Inner:
    """REML variances of raters in units in groups, and the one-way F test of the groups on the units' means.

    Raises
    ------
    InsufficientDataError
        When no group has two units, or no unit two raters.
    """
    units = one_way(scores, unit_codes)
    outer = codes[np.unique(unit_codes, return_index=True)[1]]
    per_group = np.bincount(outer)
    if (per_group == 1).all():
        text = "No group has two units, so differences between groups and between units cannot be told apart."
        raise InsufficientDataError(Note("one_unit_per_group", text))
    between = one_way(units.means, outer)
    return Inner(
        components=three_levels(scores, unit_codes, codes),
        units=per_group.astype(float),
        size_of_a_raters_unit=units.size_of_a_raters_group,
        test={"f": between.f, "df1": between.df1, "df2": between.df2, "p_value": between.p_value},
    )


def variants_of(analysis: OneWay, components: Components) -> pd.DataFrame:
    """ICC(1) and ICC(2) by each definition that ignores units, index ``variant``."""
    k = analysis.mean_size
    total = components.group + components.residual
    mixed = components.group / total if total > 0 else np.nan
    each = reliability_of(components, np.ones(len(analysis.sizes)), analysis.sizes.astype(float))
    rows = {
        "anova_mean_size": (analysis.icc1(k), analysis.icc2),
        "anova_adjusted_size": (analysis.icc1(analysis.adjusted_size), analysis.icc2),
        "mixed_model_mean_size": (mixed, k * mixed / (1 + (k - 1) * mixed)),
        "mixed_model_mean_of_groups": (mixed, float(each.mean())),
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["icc1", "icc2"]).rename_axis("variant").astype(float)


def reliability_of(
    components: Components, units: NDArray[np.float64], raters: NDArray[np.float64]
) -> NDArray[np.float64]:
    """σ²_group / (σ²_group + σ²_unit/units + σ²_rater/raters), number by number; NaN without any variance."""
    total = components.group + components.unit / units + components.residual / raters
    reliability = np.full(len(total), np.nan)
    np.divide(components.group, total, out=reliability, where=total > 0)
    return reliability


def harmonic_mean(values: NDArray[np.float64]) -> float:
    """Harmonic mean."""
    return float(len(values) / (1 / values).sum())
