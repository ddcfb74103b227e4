"""Cronbach's alpha, its intervals, and what each item does to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement import _checks
from leadership_study.measurement._alpha_bootstrap import bootstrap_alphas
from leadership_study.measurement._alpha_coefficients import (
    answered_totals,
    asymptotic_error,
    coefficients,
    guttman_bounds,
    item_table,
    unidimensionality,
)
from leadership_study.measurement._bootstrap_interval import NEEDS_ROWS, check_bootstrap, percentiles
from leadership_study.measurement.polychoric import polychoric
from leadership_study.results import Note, Result
from leadership_study.samples.moments import Missing, Moments, moments, moments_of
from leadership_study.sem.threads import one_thread

Interval = Literal["feldt", "bonett", "duhachek", "bootstrap"]
Matrix = NDArray[np.float64]

_SOURCES = {
    "feldt": "Feldt (1965)",
    "bonett": "Bonett (2002)",
    "duhachek": "Duhachek and Iacobucci (2004)",
    "bootstrap": "Efron and Tibshirani (1993)",
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Alpha(Result):
    """Cronbach's alpha of one scale.

    Attributes
    ----------
    alpha, ci_low, ci_high : float
        Alpha on covariances, with its interval.
    standardized_alpha : float
        Alpha on correlations.
    guttman_lambda6 : float
        Guttman's λ6 on correlations (psych's ``G6(smc)``); NaN when the correlation matrix cannot be inverted.
    average_r, median_r, variance_r : float
        Mean, median and variance of the correlations between items.
    signal_to_noise : float
        k r̄ / (1 − r̄).
    unidimensionality : float
        1 − Σ(r − r̄)² / Σr² over the whole correlation matrix: how well one correlation for all reproduces it (psych's
        ``Unidim``).
    std_error : float
        Asymptotic standard error of alpha (Duhachek and Iacobucci).
    n, n_items : int
        Rows that the interval counts, and items.
    mean, sd : float
        Of the scale score (the mean of the items). ``mean`` is NaN for moments without means.
    std_error_of_measurement : float
        sd √(1 − alpha), on the scale of the scale score.
    items : DataFrame
        One row an item: n, mean, sd, item_total, standardized_item_total, overlap_corrected_item_total,
        corrected_item_total, and each coefficient of the scale without the item (``…_if_deleted``; NaN when only
        one item is left).
    guttman : DataFrame
        Guttman's λ1, λ2, λ3, λ5, λ6, on covariances and on correlations (λ4 is that of a split: `split_half`); λ5+,
        which corrects λ5 for the one column it takes; and, on correlations only, theta (Armor), the highest alpha of a
        weighted sum.
    """

    main: ClassVar[str] = "summary"

    alpha: float
    ci_low: float
    ci_high: float
    standardized_alpha: float
    guttman_lambda6: float
    average_r: float
    median_r: float
    variance_r: float
    signal_to_noise: float
    unidimensionality: float
    std_error: float
    n: int
    n_items: int
    mean: float
    sd: float
    std_error_of_measurement: float
    items: pd.DataFrame
    guttman: pd.DataFrame


@one_thread()
def cronbach_alpha(
    items: pd.DataFrame | Moments,
    *,
    confidence_level: float = 0.95,
    missing: Missing = "listwise",
    ordinal: bool = False,
    interval: Interval = "feldt",
    interval_n: Literal["smallest_pair", "rows"] = "smallest_pair",
    totals: Literal["moments", "answered"] = "moments",
    bootstrap: int = 0,
    clusters: pd.Series | Sequence[str] | None = None,
    seed: int | None = None,
) -> Alpha:
    """Cronbach's alpha: the consistency of the answers to the items of one scale.

    α = k/(k − 1) · (1 − Σ s²ᵢ / s²_total) on the covariances of the items.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items, or Moments
        Reverse-keyed items already turned. Missing answers are NaN.
    confidence_level : float
        Of the interval.
    missing : {"listwise", "pairwise"}
        Complete rows, or covariances from the rows that each pair of items shares.
    ordinal : bool
        Alpha of the polychoric correlations: of the continuous responses that the items are taken to cut into
        categories, not of the sum of the answers. It has no interval, and ``interval`` is not used.
    interval : {"feldt", "bonett", "duhachek", "bootstrap"}
        Feldt: F distribution with n − 1 and (n − 1)(k − 1) degrees of freedom; Bonett: normal on ln(1 − α); Duhachek:
        α ± z·se; bootstrap: percentiles of ``bootstrap`` resamples.
    interval_n : {"smallest_pair", "rows"}
        Rows that the interval and ``std_error`` of pairwise moments count: those of the pair with fewest, or all rows
        received, which is what psych counts. Listwise moments always count the complete rows.
    totals : {"moments", "answered"}
        Of pairwise answers: ``mean``, ``sd``, ``std_error_of_measurement`` and ``item_total`` follow from the same
        means and covariances as alpha itself, or are those of each respondent's mean of the items answered, which is
        what psych takes beside its pairwise alpha. The same without gaps.
    bootstrap : int
        Resamples for ``interval="bootstrap"``; ``seed`` is then needed.
    clusters : one group a row, optional
        Draw whole groups in the bootstrap, as nested answers need.
    seed : int
        The bootstrap's. Equal seeds give equal limits however the work is divided.

    Raises
    ------
    InsufficientDataError
        Fewer than two items or rows, an item without answers or variance, items that cancel out; a bootstrap of
        groups when there is one group.
    TypeError, ValueError
        Columns that are not numbers; options that do not exist.

    Notes
    -----
    R twin: ``psych::alpha(x, use="pairwise")`` with ``interval_n="rows", totals="answered"``.

    References
    ----------
    Cronbach (1951), 10.1007/BF02310555. Feldt (1965), 10.1007/BF02289499. Bonett (2002), 10.3102/10769986027004335.
    Duhachek and Iacobucci (2004), 10.1037/0021-9010.89.5.792. Guttman (1945), 10.1007/BF02288892.
    Armor (1973), 10.2307/270831. Zumbo, Gadermann and Zeisser (2007), 10.22237/jmasm/1177992180.
    """
    name = "cronbach_alpha"
    _checks.one_of(interval, list(_SOURCES), name="interval", function=name)
    _checks.one_of(interval_n, ["smallest_pair", "rows"], name="interval_n", function=name)
    _checks.one_of(totals, ["moments", "answered"], name="totals", function=name)
    _checks.inside_unit(confidence_level, name="confidence_level", function=name)
    check_bootstrap(interval, bootstrap, seed, function=name)
    notes: list[Note] = []
    if ordinal:
        if interval == "bootstrap":
            raise ValueError("The 'interval' parameter of cronbach_alpha has no 'bootstrap' for ordinal alpha.")
        m, notes = _polychoric_moments(items, missing)
    else:
        m = moments_of(items, missing=missing)
    _checks.at_least_items(m.labels, 2)
    covariance = m.covariance.to_numpy()
    _checks.total_varies(float(covariance.sum()), float(np.trace(covariance)))
    k, n = len(covariance), m.n_rows if m.missing == "pairwise" and interval_n == "rows" else m.n
    own = coefficients(covariance)
    std_error = math.nan if ordinal else asymptotic_error(covariance, n)
    definition: dict[str, str | int | float] = {
        "formula": name,
        "matrix": "covariance",
        "missing": m.missing,
        "n": n,
        "interval": interval,
        "confidence_level": confidence_level,
        "source": _SOURCES[interval],
    }
    low = high = math.nan
    if ordinal:
        definition |= {
            "matrix": "polychoric_correlation",
            "missing": missing,
            "interval": "none",
            "source": "Zumbo, Gadermann and Zeisser (2007)",
        }
    elif m.missing == "given" and np.allclose(np.diag(covariance), 1, rtol=0, atol=1e-12):
        definition["matrix"] = "correlation"
        text = "Only correlations were given, no standard deviations: alpha is the standardised alpha."
        notes.append(Note("alpha_of_correlations", text))
    if interval == "bootstrap":
        if isinstance(items, Moments):
            raise InsufficientDataError(NEEDS_ROWS)
        values, groups = bootstrap_alphas(items, missing, bootstrap, seed or 0, clusters)
        low, high, more = percentiles(values, groups, confidence_level)
        definition |= {"bootstrap": bootstrap, "seed": seed or 0} | ({} if groups is None else {"clusters": groups})
        notes += more
    elif not ordinal:
        low, high = _interval(own["alpha"], std_error, k, n, interval, confidence_level)
    table = item_table(m, n)
    if math.isnan(std_error) and not ordinal:
        text = (
            "The covariances rest on different respondents and fit no one set of answers, so alpha has no standard "
            "error; take the complete rows."
        )
        notes.append(Note("alpha_without_standard_error", text))
    notes += _keying_notes(own, table)
    sd = math.nan if ordinal else math.sqrt(covariance.sum()) / k
    mean = math.nan if m.means is None else float(m.means.mean())
    if totals == "answered" and m.missing == "pairwise" and not isinstance(items, Moments):
        mean, sd, table["item_total"] = answered_totals(items)
        definition["totals"] = totals
    return Alpha(
        alpha=own["alpha"],
        ci_low=low,
        ci_high=high,
        standardized_alpha=own["standardized_alpha"],
        guttman_lambda6=own["guttman_lambda6"],
        average_r=own["average_r"],
        median_r=own["median_r"],
        variance_r=own["variance_r"],
        signal_to_noise=own["signal_to_noise"],
        unidimensionality=unidimensionality(covariance),
        std_error=std_error,
        n=n,
        n_items=k,
        mean=mean,
        sd=sd,
        std_error_of_measurement=sd * math.sqrt(max(1 - own["alpha"], 0.0)),
        items=table,
        guttman=guttman_bounds(covariance),
        definition=definition,
        notes=tuple(notes),
    )


def _polychoric_moments(items: pd.DataFrame | Moments, missing: Missing) -> tuple[Moments, list[Note]]:
    if isinstance(items, Moments):
        text = "Coefficients of ordinal items need the answers themselves, not their moments."
        raise InsufficientDataError(Note("ordinal_needs_rows", text))
    found = polychoric(items, missing=missing)
    text = (
        "Ordinal alpha is that of the continuous responses which the answers are taken to stand for; it says nothing "
        "about the sum of the answers, and it has no interval here."
    )
    return moments(found.correlations, found.n), [*found.notes, Note("ordinal_alpha", text)]


def _interval(
    alpha: float, std_error: float, k: int, n: int, interval: Interval, confidence_level: float
) -> tuple[float, float]:
    tail = (1 - confidence_level) / 2
    if interval == "feldt":
        df1, df2 = n - 1, (n - 1) * (k - 1)
        low, high = (1 - (1 - alpha) * float(stats.f.isf(q, df1, df2)) for q in (tail, 1 - tail))
        return low, high
    z = float(stats.norm.isf(tail))
    if interval == "duhachek":
        return alpha - z * std_error, alpha + z * std_error
    if n < 3:
        text = "Bonett's interval needs at least three respondents; there are {n}."
        raise InsufficientDataError(Note("bonett_needs_three", text, {"n": n}))
    spread = z * math.sqrt(2 * k / ((k - 1) * (n - 2)))
    return 1 - (1 - alpha) * math.exp(spread), 1 - (1 - alpha) * math.exp(-spread)


def _keying_notes(own: dict[str, float], table: pd.DataFrame) -> list[Note]:
    notes = []
    if own["alpha"] < 0:
        text = "Alpha is negative: on average the items run against each other; check which are reverse-keyed."
        notes.append(Note("alpha_negative", text))
    if against := list(table.index[table["corrected_item_total"] < 0]):
        text = "These items run against the rest of their scale: {items}; check their keying."
        notes.append(Note("items_against_the_rest", text, {"items": ", ".join(against)}))
    if math.isnan(own["guttman_lambda6"]):
        text = "The correlations cannot be inverted (too few respondents, or an item is a sum of others): no λ6."
        notes.append(Note("squared_multiple_correlations_undefined", text))
    return notes
