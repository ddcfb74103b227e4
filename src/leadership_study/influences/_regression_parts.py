"""What both regressions share: checked options, and the tables, definition and notes of a fit."""

from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.influences import _regression_checks as checks
from leadership_study.influences import _regression_tables as tables
from leadership_study.influences._design import Design
from leadership_study.influences._groups import Clusters, column_of
from leadership_study.influences._regression_tables import Covariance, DegreesOfFreedom, Fitted
from leadership_study.results import Note

FEW_CLUSTERS = 20
"""Below this many clusters even CR2 is uncertain (Cameron, Gelbach & Miller, 2008, doi:10.1162/rest.90.3.414)."""

_SOURCES = {
    "nonrobust": "classical",
    "HC": "MacKinnon & White (1985); Cribari-Neto (2004)",
    "CR": "Bell & McCaffrey (2002); Pustejovsky & Tipton (2018)",
}


def check(function: str, covariance: str, clusters: Clusters | None, df: str | None, confidence_level: float) -> None:
    choices = get_args(Covariance)
    if covariance not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(
            f"The 'covariance' parameter of {function} must be one of {listed}. Got {covariance!r} instead."
        )
    if df is not None and df not in get_args(DegreesOfFreedom):
        listed = ", ".join(repr(choice) for choice in get_args(DegreesOfFreedom))
        raise ValueError(f"The 'df' parameter of {function} must be one of {listed}. Got {df!r} instead.")
    robust = covariance.startswith("CR")
    if robust and clusters is None:
        raise ValueError(f"The covariance {covariance!r} of {function} needs clusters; give 'clusters'.")
    if clusters is not None and not robust:
        raise ValueError(
            f"The 'clusters' parameter of {function} needs a covariance CR0 … CR3 to have an effect. "
            f"Got covariance {covariance!r}."
        )
    if df in ("satterthwaite", "G-1") and not robust:
        raise ValueError(f"The df {df!r} of {function} needs clusters and a covariance CR0 … CR3.")
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of {function} must be between 0 and 1. Got {confidence_level!r} instead."
        )


def check_bootstrap(function: str, bootstrap: int) -> None:
    """Refuse a number of draws that no test could be made of."""
    if bootstrap != 0 and bootstrap < 99:
        raise ValueError(
            f"The 'bootstrap' parameter of {function} must be 0 or at least 99 draws. Got {bootstrap!r} instead."
        )


def parts(
    design: Design,
    fit: Fitted,
    data: pd.DataFrame,
    order: str | None,
    confidence_level: float,
    bootstrap: int,
    seed: int,
) -> dict[str, Any]:
    notes = list(design.notes)
    columns = [design.terms.index(term) for term in fit.ols.terms]
    wild, wild_definition, wild_notes = checks.wild(fit, design.codes, FEW_CLUSTERS, bootstrap, seed, confidence_level)
    definition: dict[str, Any] = {
        "formula": "ordinary_least_squares",
        "outcome": design.outcome_name,
        "missing": "listwise",
        "n": fit.ols.n,
        "covariance": fit.type,
        "df": fit.df,
        "test_of_change": fit.wald_name,
        "confidence_level": confidence_level,
        "source": _SOURCES["nonrobust" if fit.type == "nonrobust" else fit.type[:2]],
    }
    if fit.clusters is not None:
        definition["n_clusters"] = fit.clusters.n_clusters
        if fit.clusters.n_clusters < FEW_CLUSTERS:
            notes.append(few_clusters(fit.clusters.n_clusters, bootstrapped=not wild.empty))
    tests = fit.fit()
    if fit.ols.is_exact:
        text = "The predictors reproduce the outcome exactly, so there are no errors and no tests."
        notes.append(Note("perfect_fit", text))
    elif fit.type == "CR3" and fit.clusters is not None and fit.clusters.determined:
        text = (
            "A single cluster determines a coefficient, so CR3 errors do not exist; use CR2 or merge rare categories."
        )
        notes.append(Note("cluster_determines_coefficient", text))
    elif exact := [term for term, none in zip(fit.ols.terms, fit.without_error(), strict=True) if none]:
        text = "The errors of {terms} cannot be estimated: the clusters fit them exactly."
        notes.append(Note("error_not_estimable", text, {"terms": ", ".join(exact)}))
    elif fit.clusters is not None and fit.ols.slopes and np.isnan(tests["p_value"]):
        text = "The predictors are not tested together: there are too few clusters for {coefficients} coefficients."
        notes.append(Note("overall_not_tested", text, {"coefficients": len(fit.ols.slopes)}))
    parts = tuple(design.parts[at] for at in columns)
    condition, proportions = checks.condition(fit)
    return {
        "coefficients": fit.coefficients(confidence_level),
        "fit": tests,
        "collinearity": tables.collinearity(fit.ols, parts),
        "condition": condition,
        "variance_proportions": proportions,
        "heteroscedasticity": tables.heteroscedasticity(fit.ols),
        "specification": checks.specification(fit, design, columns),
        "diagnostics": tables.diagnostics(fit.ols, design.rows, _order(design, data, order)),
        "wild_bootstrap": wild,
        "rows": checks.rows(fit, design.rows),
        "definition": definition | wild_definition,
        "notes": (*notes, *wild_notes),
    }


def few_clusters(n_clusters: int, *, bootstrapped: bool) -> Note:
    """Warn of few clusters, and say what stands beside the errors or should."""
    if bootstrapped:
        text = (
            "There are only {n_clusters} clusters: even errors made for few clusters are uncertain, so the wild "
            "cluster bootstrap stands beside them; where the two disagree, the more cautious one counts."
        )
        return Note("few_clusters_bootstrapped", text, {"n_clusters": n_clusters})
    text = (
        "There are only {n_clusters} clusters: even errors made for few clusters are uncertain, and a wild "
        "cluster bootstrap should stand beside them."
    )
    return Note("few_clusters", text, {"n_clusters": n_clusters})


def _order(design: Design, data: pd.DataFrame, order: str | None) -> NDArray[np.float64] | None:
    if order is None:
        return None
    column = column_of(data, order, "column of the order").iloc[design.positions]
    if column.isna().any():
        raise ValueError(
            f"The column {order!r} that orders the rows has missing values; fill them or leave 'order' out."
        )
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return np.asarray(column.astype("int64"), dtype=np.float64)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise TypeError(
            f"The column {order!r} that orders the rows holds {column.dtype}, not numbers or dates; convert it first."
        )
    return np.asarray(column, dtype=np.float64)
