"""What a scale would become without one of its items."""

import math

import numpy as np
import pandas as pd

from leadership_study.measurement._alpha_coefficients import coefficients
from leadership_study.measurement._omega import omega_or_reason
from leadership_study.results import Note
from leadership_study.samples.moments import Moments, moments


def deletions(m: Moments) -> pd.DataFrame:
    """One row an item: the scale of the others, and what is lost with the item.

    Returns
    -------
    DataFrame
        Index ``item``; ``alpha``, ``omega`` (NaN with fewer than three items left, or without a solution) and
        ``average_r`` of the others; ``mean`` and ``sd`` of their mean score (``mean`` NaN for moments without means);
        ``with_whole``, the correlation of that score with the whole scale's; ``lowest_corrected_item_total`` among the
        others.
    """
    covariance = m.covariance.to_numpy()
    k, total = len(covariance), float(covariance.sum())
    rows = {}
    for at, item in enumerate(m.labels):
        kept = np.delete(np.arange(k), at)
        own = covariance[np.ix_(kept, kept)]
        variance = float(own.sum())
        if k < 3 or not variance > 1e-12 * float(np.trace(own)):
            rows[item] = dict.fromkeys(_COLUMNS, math.nan)
            continue
        labels = [m.labels[place] for place in kept]
        omega: float = math.nan
        if k > 3:
            found = omega_or_reason(moments(pd.DataFrame(own, index=labels, columns=labels), m.n))
            omega = math.nan if isinstance(found, Note) else found.omega
        of_others = coefficients(own)
        rest = variance + np.diag(own) - 2 * own.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            corrected = (own.sum(axis=0) - np.diag(own)) / np.sqrt(np.diag(own) * rest)
        with_whole = float(covariance[kept].sum()) / math.sqrt(variance * total) if total > 0 else math.nan
        rows[item] = {
            "alpha": of_others["alpha"],
            "omega": omega,
            "average_r": of_others["average_r"],
            "mean": math.nan if m.means is None else float(m.means.to_numpy()[kept].mean()),
            "sd": math.sqrt(variance) / len(kept),
            "with_whole": with_whole,
            "lowest_corrected_item_total": float(corrected.min()),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS).rename_axis("item").astype(float)


_COLUMNS = ["alpha", "omega", "average_r", "mean", "sd", "with_whole", "lowest_corrected_item_total"]
