"""Words for the size of agreement, with the cut-offs and their sources."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

RWG_BANDS = ((0.91, "very_strong"), (0.71, "strong"), (0.51, "moderate"), (0.31, "weak"), (-np.inf, "lack"))
"""Agreement by r_wg: LeBreton & Senter (2008), table 3, https://doi.org/10.1177/1094428106296642."""

ICC1_BANDS = ((0.25, "large"), (0.10, "medium"), (0.01, "small"), (-np.inf, "negligible"))
"""Size of the differences between groups by ICC(1): LeBreton & Senter (2008)."""

ICC2_BANDS = ((0.70, "acceptable"), (-np.inf, "low"))
"""Reliability of group means by ICC(2): Bliese (2000), in Klein & Kozlowski, Multilevel theory, 349–381."""

AWG_BANDS = ((0.80, "strong"), (0.70, "moderate"), (0.60, "weak"), (-np.inf, "unacceptable"))
"""Agreement by a_wg: Brown & Hauenstein (2005), https://doi.org/10.1177/1094428105275376."""

AGREED = 0.70
"""The conventional cut-off of r_wg and a_wg from which groups count as agreeing."""


def verdict(value: float, bands: Sequence[tuple[float, str]]) -> str:
    """Word for ``value``: of the first band whose lower end it reaches; ``not_estimated`` for NaN.

    Values are compared as the sources print them, with two decimals.
    """
    if np.isnan(value):
        return "not_estimated"
    return next(word for low, word in bands if round(value, 2) >= low)


def row_of(result: Any, agreement: pd.DataFrame) -> dict[str, Any]:
    """One dimension's numbers and words; ``agreement`` is the table of that name of the result."""
    rows: dict[str, dict[str, float]] = agreement.to_dict("index")  # type: ignore[assignment]
    rwg, awg, deviation = rows["rwg_j"], rows["awg"], rows["average_deviation"]
    single = ("n", "n_groups", "single_rater_groups", "mean_group_size", "icc1", "icc2", "f", "df1", "df2", "p_value")
    return {
        **{name: getattr(result, name) for name in (*single, "reliability", "design_effect")},
        "rwg_j_median": rwg["median"],
        "rwg_j_minimum": rwg["minimum"],
        "rwg_j_maximum": rwg["maximum"],
        "rwg_j_share": rwg["share"],
        "awg_median": awg["median"],
        "average_deviation_median": deviation["median"],
        "average_deviation_share": deviation["share"],
        "icc1_verdict": verdict(result.icc1, ICC1_BANDS),
        "icc2_verdict": verdict(result.icc2, ICC2_BANDS),
        "rwg_j_verdict": verdict(rwg["median"], RWG_BANDS),
        "awg_verdict": verdict(awg["median"], AWG_BANDS),
    }
