"""How far coders agree: percent, Holsti, Cohen, Scott, Fleiss, Krippendorff, Gwet, Brennan and Prediger.

Everywhere rows are units and columns are coders; NaN (or None) means not rated. A coefficient that is undefined is NaN,
and ``reason`` and the notes say why. ``clusters`` names the transcript of each unit: intervals then come from drawing
whole transcripts, because segments of one interview are not independent.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.interviews._agreement_result import (
    AgreementCoefficient,
    category_shares,
    check_order,
    complete_units,
    patterns_from_counts,
    rating_frame,
    result_of,
    two_coders,
)
from leadership_study.interviews._options import one_of
from leadership_study.samples.agreement_krippendorff import coincidences, krippendorff
from leadership_study.samples.agreement_many import Chance, category_kappas, many_coders
from leadership_study.samples.agreement_pair import cohen, crosstable
from leadership_study.samples.agreement_pair import holsti as holsti_of
from leadership_study.samples.agreement_patterns import Patterns
from leadership_study.samples.agreement_weights import Level, Weights, agreement_weights

Clusters = Any


def percent_agreement(
    ratings: Any,
    *,
    clusters: Clusters = None,
    confidence_level: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 0,
) -> AgreementCoefficient:
    """Share of agreeing pairs of ratings, averaged over units with two ratings (0 to 1): chance isn't taken off.

    Parameters, errors and missing ratings as in `fleiss_kappa`. R twin: ``irrCAC::pa.coeff.raw``.
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
    patterns = patterns_from_counts(ratings, clusters) if counts else rating_frame(ratings, categories, clusters)
    found = many_coders(patterns, "fleiss")
    kappas, shares, error = category_kappas(patterns)
    z = kappas / error
    table = category_shares(patterns).assign(
        share=shares, kappa=kappas, std_error_null=error, statistic=z, p_value=2 * stats.norm.sf(np.abs(z))
    )
    return result_of("fleiss_kappa", found, table, confidence_level, bootstrap, seed)


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
    patterns = complete_units(two_coders(a, b, categories, clusters))
    w = None if weights is None else _weights(patterns, weights, a, b, categories)
    found = many_coders(patterns, "fleiss", w)
    return result_of("scott_pi", found, category_shares(patterns), confidence_level, bootstrap, seed, weights=weights)


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
    patterns = two_coders(a, b, categories, clusters)
    found = cohen(patterns, _weights(patterns, weights, a, b, categories))
    table = crosstable(patterns)
    total = table.sum()
    shares = (table.sum(axis=0) + table.sum(axis=1)) / (2 * total) if total else np.full(len(table), np.nan)
    labels = category_shares(patterns).assign(share=shares)
    names = [str(value) for value in patterns.values]
    crossed = pd.DataFrame(table, index=pd.Index(names, name="category"), columns=names)
    return result_of("cohen_kappa", found, labels, confidence_level, bootstrap, seed, weights=weights, counts=crossed)


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
    α = 1 − D_o/D_e (Krippendorff, 2011, https://repository.upenn.edu/asc_papers/43). Units with one rating are left
    out.
    R twin: ``irr::kripp.alpha`` (which has the ordinal distance of 2004).
    """
    one_of("level", "krippendorff_alpha", level, ("nominal", "ordinal", "interval", "ratio"))
    patterns = rating_frame(ratings, categories, clusters)
    if level != "nominal":
        check_order(patterns, ratings, categories, f"level={level!r}")
    if level in ("interval", "ratio") and not all(isinstance(value, int | float) for value in patterns.values):
        raise ValueError(f"krippendorff_alpha with level={level!r} needs numbers; the ratings are text.")
    if level == "ratio" and any(value < 0 for value in patterns.values):  # type: ignore[operator]
        raise ValueError("krippendorff_alpha with level='ratio' needs values of 0 and above; there are negative ones.")
    found = krippendorff(patterns, level)
    matrix = coincidences(patterns)
    names = [str(value) for value in patterns.values]
    table = pd.DataFrame(matrix, index=pd.Index(names, name="category"), columns=names)
    total = matrix.sum()
    shares = category_shares(patterns).assign(share=matrix.sum(axis=1) / total if total else np.nan)
    return result_of("krippendorff_alpha", found, shares, confidence_level, bootstrap, seed, level=level, counts=table)


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
    of agreement. Chance isn't taken off.

    Parameters
    ----------
    a, b : sequences or Series, one entry a unit
        The two coders' categories, NaN where a coder did not rate the unit.
    clusters, confidence_level, bootstrap, seed
        Of the interval, as in `cohen_kappa`.

    Raises
    ------
    InsufficientDataError, ValueError
        As in `cohen_kappa`.

    Notes
    -----
    Holsti, O. R. (1969). Content analysis for the social sciences and humanities. Addison-Wesley. R twin: none.
    """
    patterns = two_coders(a, b, None, clusters)
    return result_of("holsti", holsti_of(patterns), category_shares(patterns), confidence_level, bootstrap, seed)


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
    patterns = rating_frame(ratings, categories, clusters)
    w = None
    if weights is not None:
        check_order(patterns, ratings, categories, f"weights={weights!r}")
        w = agreement_weights(patterns.values, weights)
    found = many_coders(patterns, chance, w)
    return result_of(formula, found, category_shares(patterns), confidence_level, bootstrap, seed, weights=weights)


def _weights(
    patterns: Patterns, weights: Weights | None, a: Any, b: Any, categories: Sequence[Hashable] | None
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    if weights is not None:
        check_order(
            patterns, pd.DataFrame({0: pd.Series(a).reset_index(drop=True)}), categories, f"weights={weights!r}"
        )
    return agreement_weights(patterns.values, weights)
