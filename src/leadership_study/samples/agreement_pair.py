"""Two coders whose own habits count as chance: Cohen's kappa; and Holsti's agreement of coding decisions."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from leadership_study.samples.agreement_bootstrap import Value
from leadership_study.samples.agreement_estimate import Estimate, no_variation, too_few
from leadership_study.samples.agreement_patterns import Patterns

Floats = NDArray[np.float64]

_NEARLY_ALL = 1e-12


def crosstable(patterns: Patterns) -> Floats:
    """Units by what the first (rows) and the second coder (columns) said, of those that both rated."""
    q = len(patterns.values)
    table = np.zeros((q, q))
    both = (patterns.rows >= 0).all(axis=1)
    np.add.at(table, (patterns.rows[both, 0], patterns.rows[both, 1]), patterns.weights[both])
    return table


def cohen(patterns: Patterns, weights: Floats) -> Estimate:
    """Cohen's kappa of two coders, (p_o − p_e)/(1 − p_e) with Σ w p_ij observed and Σ w p_i. p_.j expected.

    Errors are the large-sample ones of Fleiss, Cohen and Everitt (1969), https://doi.org/10.1037/h0028106: over the
    interval the non-null one, beside it the one under κ = 0. Units that only one coder rated don't count.
    """
    features, value = _parts(patterns, weights)
    table = crosstable(patterns)
    n = float(table.sum())
    nan = float("nan")
    if n == 0:
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
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    chance = np.outer(rows, columns)
    po, pe = float((weights * p).sum()), float((weights * chance).sum())
    if not 1 - pe > _NEARLY_ALL:
        return Estimate(
            estimate=nan,
            observed=po,
            expected=pe,
            n=n,
            patterns=patterns,
            features=features,
            value=value,
            reason=no_variation(),
        )
    kappa = (po - pe) / (1 - pe)
    # What a unit in row i and column j can expect by chance, from either side.
    sides = (weights @ columns)[:, None] + (weights.T @ rows)[None, :]
    alternative = float((p * (weights - sides * (1 - kappa)) ** 2).sum()) - (kappa - pe * (1 - kappa)) ** 2
    null = float((chance * (weights - sides) ** 2).sum()) - pe**2
    scale = np.sqrt(n) * (1 - pe)
    return Estimate(
        estimate=kappa,
        observed=po,
        expected=pe,
        n=n,
        patterns=patterns,
        features=features,
        value=value,
        std_error=float(np.sqrt(max(alternative, 0.0)) / scale),
        std_error_null=float(np.sqrt(max(null, 0.0)) / scale),
    )


def cohen_pairs(patterns: Patterns, weights: Floats) -> Estimate:
    """Mean of Cohen's kappa over all pairs of coders (Light, 1971, https://doi.org/10.1037/h0031643).

    Pairs whose kappa is undefined don't count; with two coders it is Cohen's kappa. There is no large-sample error for
    more than two coders: the interval is a bootstrap.
    """
    m = patterns.n_coders
    if m == 2:
        return cohen(patterns, weights)
    pairs = [(i, j) for i in range(m) for j in range(i + 1, m)]
    parts = [_parts(patterns, weights, pair) for pair in pairs]
    found = [cohen(patterns.pair(*pair), weights) for pair in pairs]
    cuts = np.cumsum([part[0].shape[1] for part in parts])[:-1]
    features = sparse.csr_array(sparse.hstack([part[0] for part in parts]))

    def value(sums: Floats) -> Floats:
        each = [part[1](own) for part, own in zip(parts, np.split(sums, cuts, axis=1), strict=True)]
        return _mean_known(np.array(each))

    sound = [one for one in found if one.reason is None]
    reason = None if sound else found[0].reason
    n = max(one.n for one in found)
    return Estimate(
        estimate=float(np.mean([one.estimate for one in sound])) if sound else float("nan"),
        observed=float(np.mean([one.observed for one in sound or found])),
        expected=float(np.mean([one.expected for one in sound or found])),
        n=n,
        patterns=patterns,
        features=features,
        value=value,
        reason=reason,
    )


def holsti(patterns: Patterns, columns: Sequence[int] = (0, 1)) -> Estimate:
    """Holsti's agreement 2M/(N₁ + N₂): M decisions that agree, N₁ and N₂ decisions made (Holsti, 1969).

    The error is that of a ratio of means (linearised), with n − 1 degrees of freedom.
    """
    first, second = (patterns.rows[:, at] for at in columns)
    agreed = 2.0 * ((first == second) & (first >= 0))
    made = (first >= 0).astype(float) + (second >= 0)
    features = sparse.csr_array(np.column_stack([agreed, made]))

    def value(sums: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(sums[:, 0] / sums[:, 1])

    units = patterns.weights
    total = float(units @ made)
    n = float(units[made > 0].sum())
    if total == 0:
        nan = float("nan")
        return Estimate(
            estimate=nan,
            observed=nan,
            expected=0.0,
            n=0,
            patterns=patterns,
            features=features,
            value=value,
            reason=too_few(),
        )
    share = float(units @ agreed) / total
    left = agreed - share * made
    error = float(np.sqrt(n / (n - 1) * (units @ left**2))) / total if n > 1 else float("nan")
    return Estimate(
        estimate=share,
        observed=share,
        expected=0.0,
        n=n,
        patterns=patterns,
        features=features,
        value=value,
        std_error=error,
        df=n - 1,
        lowest=0.0,
    )


def _parts(patterns: Patterns, weights: Floats, pair: tuple[int, int] = (0, 1)) -> tuple[sparse.csr_array, Value]:
    """Sums that kappa is made of: units, weighted agreement, and both margins."""
    q = len(patterns.values)
    first, second = patterns.rows[:, pair[0]], patterns.rows[:, pair[1]]
    at = np.flatnonzero((first >= 0) & (second >= 0))
    one = np.ones(len(at))
    cells = np.concatenate([0 * at, 0 * at + 1, 2 + first[at], 2 + q + second[at]])
    held = np.concatenate([one, weights[first[at], second[at]], one, one])
    features = sparse.csr_array((held, (np.tile(at, 4), cells)), shape=(len(first), 2 + 2 * q))

    def value(sums: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            n = sums[:, :1]
            rows, columns = sums[:, 2 : 2 + q] / n, sums[:, 2 + q :] / n
            pe = ((rows @ weights) * columns).sum(axis=1)
            found = np.where(1 - pe > _NEARLY_ALL, (sums[:, 1] / n[:, 0] - pe) / (1 - pe), np.nan)
        return np.asarray(found)

    return features, value


def _mean_known(values: Floats) -> Floats:
    """Mean over the first axis of what is not NaN; NaN where nothing is known."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    found: Floats = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return found
