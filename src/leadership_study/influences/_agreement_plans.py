"""What agreement and reliability would be otherwise: under other null distributions, with other numbers of raters."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.influences._agreement_levels import reliability_of
from leadership_study.samples.variance_components import Components

Floats = NDArray[np.float64]

RATERS = (5, 10, 20, 50, 100)
"""Numbers of raters that the table of reliabilities is made for."""


def under_nulls(
    mean_variances: Floats, n_items: int, nulls: Mapping[str, float], *, truncate: bool, agreed: float
) -> pd.DataFrame:
    """r_wg(j) of all groups under several null distributions, index ``null_distribution``.

    Parameters
    ----------
    mean_variances : array of one number a group
        Mean variance of the items; NaN for a single rater.
    nulls : mapping of name to variance

    Returns
    -------
    DataFrame
        null_variance, mean, median, minimum, maximum and share (of groups that reach ``agreed``) of r_wg(j), and
        n_outside: groups whose value lies outside 0–1 (shown as 0 with ``truncate``).
    """
    known = mean_variances[~np.isnan(mean_variances)]
    rows = {}
    for name, variance in nulls.items():
        ratio = known / variance
        with np.errstate(divide="ignore", invalid="ignore"):
            values = n_items * (1 - ratio) / (n_items * (1 - ratio) + ratio)
        outside = (values < 0) | (values > 1)
        values = np.where(outside, 0.0, values) if truncate else values
        rows[name] = {
            "null_variance": variance,
            "mean": float(values.mean()),
            "median": float(np.median(values)),
            "minimum": float(values.min()),
            "maximum": float(values.max()),
            "share": float((values >= agreed).mean()),
            "n_outside": int(outside.sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype({"n_outside": "int64"}).rename_axis("null_distribution")


def by_raters(components: Components, units: float, raters: Sequence[int] = RATERS) -> pd.DataFrame:
    """Reliability of a group's mean over several numbers of raters, index ``raters``.

    Units between raters and groups stay as many as there are (``units``, 1 without that level), and share the raters.
    """
    found = [float(reliability_of(components, np.array([units]), np.array([float(count)]))[0]) for count in raters]
    index = pd.Index([str(count) for count in raters], name="raters", dtype="str")
    return pd.DataFrame({"n_units": float(units), "reliability": found}, index=index)
