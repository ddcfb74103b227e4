"""Agreement of any number of coders with missing ratings: percent, Fleiss and Scott, Gwet, Brennan and Prediger.

One formula, four ideas of chance. With r_ik coders who put unit i in category k, r_i who rated it, weights w and
r*_ik = Σ_l w_kl r_il: observed agreement p_a is the mean over units with two ratings of
Σ_k r_ik (r*_ik − 1) / (r_i (r_i − 1)), π_k the mean over rated units of r_ik/r_i, and the coefficient
(p_a − p_e)/(1 − p_e), where p_e is 0 (percent), π'wπ (Fleiss, for two coders Scott), T Σ π_k (1 − π_k)/(q (q − 1)) with
T = Σ w (Gwet), or T/q² (Brennan and Prediger).

The large-sample error is Gwet's: the standard deviation of each unit's influence over √n, with n − 1 degrees of freedom
(Gwet, 2008, https://doi.org/10.1348/000711006X126600; Handbook of Inter-Rater Reliability, 4th ed., 2014). Units with
one rating make it larger than the jackknife's.
"""

from typing import Literal

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from leadership_study.results import Note
from leadership_study.samples.agreement_estimate import Estimate, no_variation, too_few
from leadership_study.samples.agreement_patterns import Patterns

Floats = NDArray[np.float64]
Chance = Literal["none", "fleiss", "gwet", "brennan_prediger"]

_NEARLY_ALL = 1e-12


def many_coders(patterns: Patterns, chance: Chance, weights: Floats | None = None) -> Estimate:
    """One coefficient of the family.

    Parameters
    ----------
    patterns
        Ratings of any number of coders.
    chance
        What agreement by chance is.
    weights : array, categories × categories, optional
        Weights of partial agreement; by default equal categories only.
    """
    counts, rated, units = patterns.counts, patterns.rated, patterns.weights
    q = len(patterns.values)
    weighted = np.eye(q) if weights is None else weights
    twice = rated >= 2
    agreeing = np.zeros(len(counts))
    np.divide((counts * (counts @ weighted - 1)).sum(axis=1), rated * (rated - 1), out=agreeing, where=twice)
    shares = np.divide(counts, rated[:, None], out=np.zeros_like(counts), where=rated[:, None] > 0)
    features = sparse.csr_array(np.column_stack([twice, agreeing, rated > 0, shares]).astype(float))

    def expected(shared: Floats) -> Floats:
        return _expected(shared, chance, weighted)

    def value(sums: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            pa = sums[:, 1] / sums[:, 0]
            pe = expected(sums[:, 3:] / sums[:, 2:3])
            found = np.where(1 - pe > _NEARLY_ALL, (pa - pe) / (1 - pe), np.nan)
        return np.asarray(found)

    lowest = 0.0 if chance == "none" else -1.0
    n, n_twice = float(units[rated > 0].sum()), float(units[twice].sum())
    if n_twice == 0:
        nan = float("nan")
        return Estimate(
            estimate=nan,
            observed=nan,
            expected=nan,
            n=0,
            patterns=patterns,
            features=features,
            value=value,
            reason=too_few(),
        )
    pa = float(units @ agreeing) / n_twice
    shared = (units @ shares) / n
    pe = float(expected(shared[None])[0])
    if not 1 - pe > _NEARLY_ALL:
        nan = float("nan")
        return Estimate(
            estimate=nan, observed=pa, expected=pe, n=n_twice, patterns=patterns, features=features, value=value,
            reason=_single(q) if q < 2 else no_variation(),
        )  # fmt: skip
    kappa = (pa - pe) / (1 - pe)
    # A unit's own agreement, less its part in what is expected. Units with one rating stay in, as agreeing in nothing
    # beyond chance: Gwet's published errors have them so.
    own = (n / n_twice) * (agreeing - pe * twice) - (pa - pe)
    part = _expected_influence(shares, shared, pe, chance, weighted)
    influence = np.where(rated > 0, own - (1 - kappa) * part, 0.0) / (1 - pe)
    error = float(np.sqrt((units @ influence**2) / (n * (n - 1)))) if n > 1 else float("nan")
    return Estimate(
        estimate=kappa,
        observed=pa,
        expected=pe,
        n=n_twice,
        patterns=patterns,
        features=features,
        value=value,
        std_error=error,
        std_error_null=_fleiss_null(patterns, weights) if chance == "fleiss" else None,
        df=n - 1,
        lowest=lowest,
    )


def holsti_of_code(patterns: Patterns, category: int) -> Estimate:
    """Holsti's 2M/(N₁ + N₂) of one code: N are the units that each coder gave it, M those that both did.

    Summed over pairs of coders who rated the unit; units that nobody gave the code don't count. With two coders it is
    Dice's coefficient, in Chinese theses 归类一致性 CA = 2S/(T1 + T2).
    """
    given = patterns.counts[:, category]
    both, made = given * (given - 1), given * (patterns.rated - 1)
    features = sparse.csr_array(np.column_stack([both, made]))

    def value(sums: Floats) -> Floats:
        return np.asarray(np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0))

    total = float(patterns.weights @ made)
    share = float(patterns.weights @ both) / total if total else float("nan")
    text = "Undefined: no coder gave the code where two coders worked."
    return Estimate(
        estimate=share,
        observed=share,
        expected=0.0,
        n=float(patterns.weights[made > 0].sum()),
        patterns=patterns,
        features=features,
        value=value,
        lowest=0.0,
        reason=None if total else Note("agreement_code_unused", text),
    )


def category_kappas(patterns: Patterns) -> tuple[Floats, Floats, float]:
    """Fleiss' kappa of each category against all others, the share of each category, and the null standard error.

    Every unit must have the same number of ratings; else all are NaN but the shares.
    """
    counts, rated, units = patterns.counts, patterns.rated, patterns.weights
    total = float(units @ rated)
    shares = (units @ counts) / total if total else np.full(len(patterns.values), np.nan)
    m = _ratings_a_unit(patterns)
    if m is None:
        return np.full(len(shares), np.nan), shares, float("nan")
    n = float(units.sum())
    apart = units @ (counts * (m - counts))
    with np.errstate(divide="ignore", invalid="ignore"):
        kappas = 1 - apart / (n * m * (m - 1) * shares * (1 - shares))
    return kappas, shares, float(np.sqrt(2 / (n * m * (m - 1))))


def _expected(shared: Floats, chance: Chance, weights: Floats) -> Floats:
    q = weights.shape[0]
    if chance == "none":
        return np.zeros(len(shared))
    if chance == "fleiss":
        return np.asarray(((shared @ weights) * shared).sum(axis=1))
    if q < 2:
        return np.ones(len(shared))
    if chance == "gwet":
        return np.asarray(weights.sum() / (q * (q - 1)) * (shared * (1 - shared)).sum(axis=1))
    return np.full(len(shared), weights.sum() / q**2)


def _expected_influence(shares: Floats, shared: Floats, pe: float, chance: Chance, weights: Floats) -> Floats:
    if chance == "fleiss":
        return np.asarray(2 * (shares @ (weights @ shared) - pe))
    if chance == "gwet":
        q = len(shared)
        return np.asarray(2 * (weights.sum() / (q * (q - 1)) * (shares @ (1 - shared)) - pe))
    return np.zeros(len(shares))


def _ratings_a_unit(patterns: Patterns) -> float | None:
    rated = patterns.rated[patterns.weights > 0]
    return float(rated[0]) if len(rated) and rated[0] >= 2 and (rated == rated[0]).all() else None


def _fleiss_null(patterns: Patterns, weights: Floats | None) -> float | None:
    """Error under κ = 0 of Fleiss, Nee and Landis (1979), https://doi.org/10.1037/0033-2909.86.5.974."""
    m = _ratings_a_unit(patterns)
    if m is None or weights is not None:
        return None
    n = float(patterns.weights.sum())
    p = (patterns.weights @ patterns.counts) / (n * m)
    spread = float((p * (1 - p)).sum())
    inner = spread**2 - float((p * (1 - p) * (1 - 2 * p)).sum())
    return float(np.sqrt(2 / (n * m * (m - 1)) * inner)) / spread


def _single(categories: int) -> Note:
    text = "The coefficient is undefined: there is {categories} category; give all that could have been chosen."
    return Note("agreement_one_category", text, {"categories": categories})
