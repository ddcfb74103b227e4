"""A confirmatory factor analysis as a report shows it: the fit that counts, loadings, and where the model fails."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.measurement._reported_fit import fit_notes, fit_table, reported
from leadership_study.measurement._sem_result import SemFit
from leadership_study.results import Note

TOP = 20
"""Modification indices and residuals that are kept."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConfirmatoryAnalysis(SemFit):
    """A `SemFit` with the tables of a report.

    Attributes
    ----------
    shown : DataFrame, one row
        The fit that counts: scaled chi-square with robust CFI, TLI and RMSEA where the estimator corrects its test
        (``indices`` says which), and the ``verdict`` by the usual limits.
    loadings : DataFrame, one row a loading: (factor, item), in several groups (group, factor, item)
        ``estimate, std_error, statistic, p_value``, the standardised ``loading`` with its interval, and the item's
        ``r_squared``.
    modification : DataFrame
        The largest modification indices (``mi``, with ``p_value`` and the expected change ``epc``, standardised
        ``sepc_all``).
    largest_residuals : DataFrame, one row a pair of items
        The largest residual correlations in size (``r``).
    """

    shown: pd.DataFrame
    loadings: pd.DataFrame
    modification: pd.DataFrame
    largest_residuals: pd.DataFrame

    main: ClassVar[str] = "estimates"


def block_of(fit: SemFit, notes: tuple[Note, ...] = ()) -> ConfirmatoryAnalysis:
    """Add the tables of a report to a fit."""
    own: dict[str, Any] = {entry.name: getattr(fit, entry.name) for entry in fields(fit)}
    own["notes"] = (*fit_notes(fit), *fit.notes, *notes, _no_fishing())
    own["definition"] = {**fit.definition, "criteria": "hu_bentler_1999"}
    found = ConfirmatoryAnalysis(
        **own,
        shown=fit_table({"fitted": reported(fit)}, "model"),
        loadings=_loadings(fit),
        modification=_modification(fit),
        largest_residuals=_residuals(fit),
    )
    object.__setattr__(found, "_solution", fit.solution)
    return found


def _no_fishing() -> Note:
    text = (
        "Modification indices show where the model fails; a model changed after them fits these respondents and must "
        "be "
        "tried on others."
    )
    return Note("modification_indices_explore", text)


def _loadings(fit: SemFit) -> pd.DataFrame:
    standard = fit.standardized()
    rows = fit.estimates[fit.estimates["op"] == "=~"]
    own = standard.loc[rows.index]
    several = len(fit.groups) > 1
    labels = [str(label) for label in fit.groups.index]
    keys, shares = [], []
    for factor, item, group in zip(rows["lhs"], rows["rhs"], rows["group"].to_numpy(dtype=int), strict=True):
        label = labels[group - 1]
        keys.append((label, factor, item) if several else (factor, item))
        name = f"{item} [{label}]" if several else item
        shares.append(float(fit.r_squared["r_squared"].get(name, np.nan)))
    names = (["group"] if several else []) + ["factor", "item"]
    index = pd.MultiIndex.from_tuples(keys, names=names)
    columns = {name: rows[name].to_numpy() for name in ("estimate", "std_error", "statistic", "p_value")}
    columns |= {"loading": own["estimate"].to_numpy()}
    columns |= {f"loading_{name}": own[name].to_numpy() for name in ("ci_low", "ci_high")}
    return pd.DataFrame({**columns, "r_squared": shares}, index=index, dtype="float64")


def _modification(fit: SemFit) -> pd.DataFrame:
    from scipy.special import chdtrc

    found = fit.modification_indices().dropna(subset=["mi"]).head(TOP)
    columns = ["mi", "epc", "sepc_all"]
    table = found[columns].astype("float64")
    table.insert(1, "p_value", chdtrc(1.0, table["mi"].to_numpy()))
    return table


def _residuals(fit: SemFit) -> pd.DataFrame:
    several = fit.residuals.index.nlevels > 1
    names = list(fit.residuals.columns)
    pairs: list[tuple[tuple[str, ...], float]] = []
    groups = fit.residuals.groupby(level=0, sort=False) if several else [("", fit.residuals)]
    for label, frame in groups:
        values = frame.to_numpy()
        for b in range(1, len(names)):
            for a in range(b):
                key = (names[a], names[b])
                pairs.append(((str(label), *key) if several else key, float(values[b, a])))
    pairs.sort(key=lambda pair: -abs(pair[1]))
    kept = pairs[:TOP]
    index = pd.MultiIndex.from_tuples(
        [key for key, _ in kept], names=(["group"] if several else []) + ["item", "other_item"]
    )
    return pd.DataFrame({"r": [value for _, value in kept]}, index=index, dtype="float64")
