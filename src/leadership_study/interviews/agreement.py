"""How far coders agree: percent, Holsti, Cohen, Scott, Fleiss, Krippendorff, Gwet, Brennan and Prediger.

Everywhere rows are units and columns are coders; NaN (or None) means not rated. A coefficient that is undefined is NaN,
and ``reason`` and the notes say why. ``clusters`` names the transcript of each unit: intervals then come from drawing
whole transcripts, because segments of one interview are not independent.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.interviews._options import check_numbers, one_of
from leadership_study.results import Note, Result
from leadership_study.samples.agreement_estimate import Estimate, interval
from leadership_study.samples.agreement_krippendorff import coincidences, krippendorff
from leadership_study.samples.agreement_many import Chance, category_kappas, many_coders
from leadership_study.samples.agreement_pair import cohen, crosstable
from leadership_study.samples.agreement_pair import holsti as holsti_of
from leadership_study.samples.agreement_patterns import Patterns, merged, patterns_of
from leadership_study.samples.agreement_weights import Level, Weights, agreement_weights

Clusters = Any


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


def percent_agreement(
    ratings: Any,
    *,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Share of agreeing pairs of ratings, averaged over units with two ratings (0 to 1): chance isn't taken off.

    Parameters and errors are those of `fleiss_kappa`. R twin: ``irrCAC::pa.coeff.raw``.
    """
    return _family("percent", ratings, "none", None, None, clusters, confidence_level, bootstrap, seed)


def fleiss_kappa(
    ratings: Any,
    *,
    counts: bool = False,
    categories: Sequence[Hashable] | None = None,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Fleiss' kappa: agreement of any number of coders beyond what the shares of the categories make likely.

    Parameters
    ----------
    ratings : DataFrame or array, units × coders
        Nominal categories (numbers or text), NaN where not rated. With ``counts=True`` units × categories: how many
        coders chose each.
    counts
        What ``ratings`` are.
    categories
        All categories, if some may not occur.
    clusters
        The transcript of each unit: the interval comes from drawing transcripts.
    confidence_level, bootstrap, seed
        Of the interval; ``bootstrap`` replicates where it is one.

    Returns
    -------
    AgreementCoefficient
        ``.categories`` has the kappa of each category.

    Raises
    ------
    InsufficientDataError
        Fewer than two coders.
    ValueError
        Options or ratings of the wrong kind.

    Notes
    -----
    κ = (p_a − p_e)/(1 − p_e) (Fleiss, 1971, https://doi.org/10.1037/h0031619). With missing ratings it is Gwet's (2014)
    generalisation: shares are means over rated units. The interval uses the linearised error with n − 1 degrees of
    freedom; `std_error_null` is that of Fleiss, Nee and Landis (1979) and needs equally many ratings of every unit.
    R twin: ``irr::kappam.fleiss``, ``irrCAC::fleiss.kappa.raw``.
    """
    patterns = _from_counts(ratings, clusters) if counts else _frame(ratings, categories, clusters)
    found = many_coders(patterns, "fleiss")
    kappas, shares, error = category_kappas(patterns)
    from scipy import stats

    z = kappas / error
    table = _shares(patterns).assign(
        share=shares, kappa=kappas, std_error_null=error, statistic=z, p_value=2 * stats.norm.sf(np.abs(z))
    )
    return _result("fleiss_kappa", found, table, confidence_level, bootstrap, seed)


def scott_pi(
    a: Any,
    b: Any,
    *,
    weights: Weights | None = None,
    categories: Sequence[Hashable] | None = None,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Scott's pi of two coders: chance agreement from the shares of both together.

    Units that only one of them rated don't count. Scott (1955), https://doi.org/10.1086/266577. Parameters as in
    `cohen_kappa`. R twin: ``irrCAC::scott2.table`` on complete units.
    """
    one_of("weights", "scott_pi", weights, (None, "linear", "quadratic"))
    patterns = _complete(_two(a, b, categories, clusters))
    w = None if weights is None else _weights(patterns, weights, a, b, categories)
    found = many_coders(patterns, "fleiss", w)
    return _result("scott_pi", found, _shares(patterns), confidence_level, bootstrap, seed, weights=weights)


def cohen_kappa(
    a: Any,
    b: Any,
    *,
    weights: Weights | None = None,
    categories: Sequence[Hashable] | None = None,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Cohen's kappa of two coders.

    Parameters
    ----------
    a, b : array or Series
        Ratings of the same units by both, in the same order; NaN where not rated (such units don't count).
    weights : {"linear", "quadratic"}, optional
        Partial agreement by how far apart two categories are: 1 − d/D or 1 − d²/D². Categories that are text need
        ``categories``, in order.
    categories
        All categories in order, if some may not occur or they are text.
    clusters, confidence_level, bootstrap, seed
        As in `fleiss_kappa`.

    Returns
    -------
    AgreementCoefficient
        ``.counts`` is the crosstable, first coder in rows.

    Raises
    ------
    ValueError
        Different numbers of units, unknown categories, weights of unordered text.

    Notes
    -----
    Cohen (1960), https://doi.org/10.1177/001316446002000104; weighted Cohen (1968), https://doi.org/10.1037/h0026256;
    errors Fleiss, Cohen and Everitt (1969), https://doi.org/10.1037/h0028106, normal interval.
    R twin: ``psych::cohen.kappa``.
    """
    one_of("weights", "cohen_kappa", weights, (None, "linear", "quadratic"))
    patterns = _two(a, b, categories, clusters)
    found = cohen(patterns, _weights(patterns, weights, a, b, categories))
    table = crosstable(patterns)
    total = table.sum()
    shares = (table.sum(axis=0) + table.sum(axis=1)) / (2 * total) if total else np.full(len(table), np.nan)
    labels = _shares(patterns).assign(share=shares)
    names = [str(value) for value in patterns.values]
    crossed = pd.DataFrame(table, index=pd.Index(names, name="category"), columns=names)
    return _result("cohen_kappa", found, labels, confidence_level, bootstrap, seed, weights=weights, counts=crossed)


def krippendorff_alpha(
    ratings: Any,
    *,
    level: Level,
    categories: Sequence[Hashable] | None = None,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Krippendorff's alpha of any number of coders, with missing ratings.

    Parameters
    ----------
    ratings : DataFrame or array, units × coders
        NaN where not rated. (Krippendorff's own tables are coders × units: transpose them.)
    level : {"nominal", "ordinal", "interval", "ratio"}
        How far apart two values are; ordinal by the distance of 2011.
    categories
        Needed in order when values of a level above nominal are text.
    clusters, confidence_level, bootstrap, seed
        As in `fleiss_kappa`; the interval is the percentile bootstrap of units, or of clusters.

    Returns
    -------
    AgreementCoefficient
        ``.counts`` are the coincidences, ``.observed`` and ``.expected`` disagreements.

    Notes
    -----
    α = 1 − D_o/D_e (Krippendorff, 2011, https://repository.upenn.edu/asc_papers/43). Units with one rating are left out.
    R twin: ``irr::kripp.alpha`` (which has the ordinal distance of 2004).
    """
    one_of("level", "krippendorff_alpha", level, ("nominal", "ordinal", "interval", "ratio"))
    patterns = _frame(ratings, categories, clusters)
    if level != "nominal":
        _ordered(patterns, ratings, categories, f"level={level!r}")
    if level in ("interval", "ratio") and not all(isinstance(value, int | float) for value in patterns.values):
        raise ValueError(f"krippendorff_alpha with level={level!r} needs numbers; the ratings are text.")
    if level == "ratio" and any(value < 0 for value in patterns.values):  # type: ignore[operator]
        raise ValueError("krippendorff_alpha with level='ratio' needs values of 0 and above; there are negative ones.")
    found = krippendorff(patterns, level)
    matrix = coincidences(patterns)
    names = [str(value) for value in patterns.values]
    table = pd.DataFrame(matrix, index=pd.Index(names, name="category"), columns=names)
    total = matrix.sum()
    shares = _shares(patterns).assign(share=matrix.sum(axis=1) / total if total else np.nan)
    return _result("krippendorff_alpha", found, shares, confidence_level, bootstrap, seed, level=level, counts=table)


def gwet_ac1(
    ratings: Any,
    *,
    weights: Weights | None = None,
    categories: Sequence[Hashable] | None = None,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Gwet's AC1, with ``weights`` AC2: chance agreement only where rating was guessing.

    Unlike kappa it stays high when nearly all units are in one category. Parameters as in `fleiss_kappa` and, for
    ``weights``, `cohen_kappa`. Give ``categories`` if some may not occur: their number enters.

    Notes
    -----
    Gwet (2008), https://doi.org/10.1348/000711006X126600. R twin: ``irrCAC::gwet.ac1.raw``.
    """
    return _family("gwet_ac1", ratings, "gwet", weights, categories, clusters, confidence_level, bootstrap, seed)


def brennan_prediger(
    ratings: Any,
    *,
    weights: Weights | None = None,
    categories: Sequence[Hashable] | None = None,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Brennan and Prediger's coefficient: by chance every one of q categories is equally likely.

    Parameters as in `gwet_ac1`. Brennan and Prediger (1981), https://doi.org/10.1177/001316448104100307.
    R twin: ``irrCAC::bp.coeff.raw``.
    """
    chance: Chance = "brennan_prediger"
    return _family(
        "brennan_prediger", ratings, chance, weights, categories, clusters, confidence_level, bootstrap, seed
    )


def holsti(
    a: Any,
    b: Any,
    *,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Holsti's agreement 2M/(N₁ + N₂) of two coders, the 归类一致性 CA of Chinese theses.

    M are the units on which both agree, N₁ and N₂ those that each rated; where both rated everything it is the share
    of agreement. Chance isn't taken off. Holsti (1969), Content Analysis for the Social Sciences and Humanities.
    """
    patterns = _two(a, b, None, clusters)
    return _result("holsti", holsti_of(patterns), _shares(patterns), confidence_level, bootstrap, seed)


def _family(
    formula: str,
    ratings: Any,
    chance: Chance,
    weights: Weights | None,
    categories: Sequence[Hashable] | None,
    clusters: Clusters,
    confidence_level: float,
    bootstrap: int,
    seed: int,
) -> AgreementCoefficient:
    one_of("weights", formula, weights, (None, "linear", "quadratic"))
    patterns = _frame(ratings, categories, clusters)
    w = None
    if weights is not None:
        _ordered(patterns, ratings, categories, f"weights={weights!r}")
        w = agreement_weights(patterns.values, weights)
    found = many_coders(patterns, chance, w)
    return _result(formula, found, _shares(patterns), confidence_level, bootstrap, seed, weights=weights)


def _frame(ratings: Any, categories: Sequence[Hashable] | None, clusters: Clusters) -> Patterns:
    frame = ratings if isinstance(ratings, pd.DataFrame) else pd.DataFrame(np.asarray(ratings))
    if frame.shape[1] < 2:
        text = "Agreement needs two coders or more; the ratings have {coders} column (rows are units, columns coders)."
        raise InsufficientDataError(Note("agreement_one_coder", text, {"coders": frame.shape[1]}))
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    return patterns_of(columns, categories=categories, clusters=clusters)


def _two(a: Any, b: Any, categories: Sequence[Hashable] | None, clusters: Clusters) -> Patterns:
    return patterns_of([a, b], categories=categories, clusters=clusters)


def _complete(patterns: Patterns) -> Patterns:
    """Only the units that all rated."""
    whole = (patterns.rows >= 0).all(axis=1)
    clusters = None if patterns.clusters is None else patterns.clusters[:, whole]
    return Patterns(patterns.rows[whole], patterns.weights[whole], patterns.values, clusters)


def _from_counts(ratings: Any, clusters: Clusters) -> Patterns:
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
    labels = None if clusters is None else np.asarray(pd.factorize(pd.Series(clusters), sort=True)[0])
    by_cluster = None
    if labels is not None:
        by_cluster = np.zeros((labels.max() + 1, len(rows)))
        by_cluster[labels, np.arange(len(rows))] = 1
    return merged(rows, np.ones(len(rows)), tuple(frame.columns), by_cluster)


def _weights(
    patterns: Patterns, weights: Weights | None, a: Any, b: Any, categories: Sequence[Hashable] | None
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    if weights is not None:
        _ordered(patterns, pd.DataFrame({0: pd.Series(a).reset_index(drop=True)}), categories, f"weights={weights!r}")
    return agreement_weights(patterns.values, weights)


def _ordered(patterns: Patterns, ratings: Any, categories: Sequence[Hashable] | None, what: str) -> None:
    """Refuse an order that nobody gave: the alphabet isn't one."""
    if categories is not None or all(isinstance(value, int | float | bool) for value in patterns.values):
        return
    if isinstance(ratings, pd.DataFrame) and all(
        isinstance(dtype, pd.CategoricalDtype) and dtype.ordered for dtype in ratings.dtypes
    ):
        return
    raise ValueError(f"Ratings that are text have no order; with {what} give 'categories' from lowest to highest.")


def _shares(patterns: Patterns) -> pd.DataFrame:
    rated = float(patterns.weights @ patterns.rated)
    counts = patterns.weights @ patterns.counts
    index = pd.Index([str(value) for value in patterns.values], name="category")
    return pd.DataFrame({"share": counts / rated if rated else np.full(len(counts), np.nan)}, index=index)


def _result(
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
