"""The result of an agreement coefficient, and ratings as the coefficients take them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.interviews._options import check_numbers
from leadership_study.results import Note, Result
from leadership_study.samples.agreement_estimate import Estimate, interval
from leadership_study.samples.agreement_patterns import Patterns, cluster_codes, merged, patterns_of


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AgreementCoefficient(Result):
    """One coefficient.

    Attributes
    ----------
    estimate, std_error, ci_low, ci_high : float
        NaN where undefined. The error is the non-null one, which the interval uses.
    std_error_null : float or None
        The error if there were no agreement beyond chance, for the coefficients that have one.
    observed, expected : float
        Agreement seen and agreement by chance (of Krippendorff's alpha: disagreement).
    n : int
        Units that count: with two ratings at least (Holsti: one).
    n_units, n_coders, n_categories : int
        Units given, coders, categories.
    reason : str or None
        Why the coefficient is undefined.
    categories : DataFrame, index ``category``
        ``share`` of all ratings; for Fleiss also kappa, std_error_null, statistic and p_value of each category.
    counts : DataFrame or None
        Cohen: the crosstable of both coders. Krippendorff: the coincidences.
    """

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    std_error_null: float | None = None
    observed: float
    expected: float
    n: int
    n_units: int
    n_coders: int
    n_categories: int
    reason: str | None = None
    categories: pd.DataFrame
    counts: pd.DataFrame | None = None

    shown_as: ClassVar[dict[str, str]] = {"counts": "count"}


def rating_frame(ratings: Any, categories: Sequence[Hashable] | None, clusters: Any) -> Patterns:
    """Patterns of a table of ratings, units × coders."""
    frame = ratings if isinstance(ratings, pd.DataFrame) else pd.DataFrame(np.asarray(ratings))
    if frame.shape[1] < 2:
        text = "Agreement needs two coders or more; the ratings have {coders} column (rows are units, columns coders)."
        raise InsufficientDataError(Note("agreement_one_coder", text, {"coders": frame.shape[1]}))
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    return patterns_of(columns, categories=categories, clusters=clusters)


def two_coders(a: Any, b: Any, categories: Sequence[Hashable] | None, clusters: Any) -> Patterns:
    """Patterns of two coders."""
    return patterns_of([a, b], categories=categories, clusters=clusters)


def complete_units(patterns: Patterns) -> Patterns:
    """Only the units that all rated."""
    whole = (patterns.rows >= 0).all(axis=1)
    clusters = None if patterns.clusters is None else patterns.clusters[:, whole]
    return Patterns(patterns.rows[whole], patterns.weights[whole], patterns.values, clusters)


def patterns_from_counts(ratings: Any, clusters: Any) -> Patterns:
    """Patterns from units × categories: who chose what isn't known, and Fleiss' kappa doesn't ask."""
    frame = ratings if isinstance(ratings, pd.DataFrame) else pd.DataFrame(np.asarray(ratings))
    table = frame.to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(table).all() or (table < 0).any() or (table != np.floor(table)).any():
        raise ValueError("fleiss_kappa(counts=True) needs whole numbers of coders, 0 and above, and none missing.")
    whole = table.astype(np.int64)
    coders = int(whole.sum(axis=1).max(initial=0))
    if coders < 2:
        text = "Agreement needs two coders or more; the counts of every unit sum to {coders} at most."
        raise InsufficientDataError(Note("agreement_one_coder_counted", text, {"coders": coders}))
    rows = np.full((len(whole), coders), -1, dtype=np.int64)
    place = np.arange(coders)
    edges = np.cumsum(whole, axis=1)
    chosen = (place[None, :, None] >= edges[:, None, :]).sum(axis=2)
    rows = np.where(place < edges[:, -1:], chosen, -1)
    labels = None if clusters is None else cluster_codes(clusters, len(rows))
    by_cluster = None
    if labels is not None:
        by_cluster = np.zeros((labels.max() + 1, len(rows)))
        by_cluster[labels, np.arange(len(rows))] = 1
    return merged(rows, np.ones(len(rows)), tuple(frame.columns), by_cluster)


def check_order(patterns: Patterns, ratings: Any, categories: Sequence[Hashable] | None, what: str) -> None:
    """Refuse an order that nobody gave: the alphabet isn't one."""
    if categories is not None or all(isinstance(value, int | float | bool) for value in patterns.values):
        return
    if isinstance(ratings, pd.DataFrame) and all(
        isinstance(dtype, pd.CategoricalDtype) and dtype.ordered for dtype in ratings.dtypes
    ):
        return
    raise ValueError(f"Ratings that are text have no order; with {what} give 'categories' from lowest to highest.")


def category_shares(patterns: Patterns) -> pd.DataFrame:
    """Share of each category in all ratings."""
    rated = float(patterns.weights @ patterns.rated)
    counts = patterns.weights @ patterns.counts
    index = pd.Index([str(value) for value in patterns.values], name="category")
    return pd.DataFrame({"share": counts / rated if rated else np.full(len(counts), np.nan)}, index=index)


def result_of(
    formula: str,
    found: Estimate,
    categories: pd.DataFrame,
    confidence_level: float,
    bootstrap: int,
    seed: int,
    *,
    weights: Literal["linear", "quadratic"] | None = None,
    level: str | None = None,
    counts: pd.DataFrame | None = None,
) -> AgreementCoefficient:
    """The public result of an estimate, with its interval."""
    check_numbers(formula, confidence_level=confidence_level, bootstrap=bootstrap)
    limits = interval(found, confidence_level=confidence_level, bootstrap=bootstrap, seed=seed)
    definition: dict[str, Any] = {"formula": formula, "unit": "unit", "missing": "pairwise", "interval": limits.method}
    definition |= {"confidence_level": confidence_level}
    definition |= {} if weights is None else {"weights": weights}
    definition |= {} if level is None else {"level": level}
    if limits.method.startswith("bootstrap"):
        definition |= {"bootstrap": bootstrap, "seed": seed}
    units = found.patterns.weights.sum()
    return AgreementCoefficient(
        estimate=found.estimate,
        std_error=limits.std_error,
        ci_low=limits.ci_low,
        ci_high=limits.ci_high,
        std_error_null=found.std_error_null,
        observed=found.observed,
        expected=found.expected,
        n=round(found.n),
        n_units=round(float(units)),
        n_coders=found.patterns.n_coders,
        n_categories=len(found.patterns.values),
        reason=None if found.reason is None else str(found.reason),
        categories=categories,
        counts=counts,
        definition=definition,
        notes=(*(() if found.reason is None else (found.reason,)), *limits.notes),
    )
