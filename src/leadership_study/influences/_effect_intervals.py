"""Intervals of indirect effects by every accepted method, from one set of bootstrap samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from leadership_study.influences._joint_covariance import joint_covariance
from leadership_study.influences._path_design import PathDesign
from leadership_study.influences._regression_tables import Fitted
from leadership_study.results import Note
from leadership_study.samples.bootstrap_limits import bias_corrected_limits, percentile_limits
from leadership_study.samples.path_effects import Effect, gradients, totals
from leadership_study.samples.resampled_moments import (
    SampleMoments,
    all_moments,
    bootstrap_moments,
    jackknife_moments,
    unit_sums,
)
from leadership_study.samples.resampling import block_generator

IntervalMethod = Literal["percentile", "bca", "bc", "delta", "monte_carlo"]
FEW_CLUSTERS = 20

_MONTE_CARLO = 20_000
_OWN_STREAM = 1 << 20  # a block number that no bootstrap reaches

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Effects:
    """Effects with their intervals.

    Attributes
    ----------
    table : DataFrame, index ``path_effect``
        estimate, std_error, ci_low, ci_high (by the method chosen), statistic, p_value (of the delta method),
        standardised with its limits.
    intervals : DataFrame, index ``path_effect``, ``method``
        std_error, statistic, p_value, ci_low, ci_high by every method.
    draws : array, r × e
        Value of each effect in each bootstrap sample.
    """

    table: pd.DataFrame
    intervals: pd.DataFrame
    draws: Floats
    notes: tuple[Note, ...]


def check_interval(function: str, interval: str, bootstrap: int, seed: int, confidence_level: float) -> None:
    """Raise ValueError for options that do not go together."""
    if interval not in get_args(IntervalMethod):
        listed = ", ".join(repr(choice) for choice in get_args(IntervalMethod))
        raise ValueError(f"The 'interval' parameter of {function} must be one of {listed}. Got {interval!r} instead.")
    whole = isinstance(bootstrap, int | np.integer) and not isinstance(bootstrap, bool)
    if not whole or bootstrap < 0 or (bootstrap < 100 and interval in ("percentile", "bca", "bc")):
        raise ValueError(
            f"The 'bootstrap' parameter of {function} must be a whole number of samples, 100 or more unless the "
            f"interval is 'delta' or 'monte_carlo'. Got {bootstrap!r} instead."
        )
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"The 'seed' parameter of {function} must be a whole number from 0. Got {seed!r} instead.")
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"The 'confidence_level' parameter of {function} must be between 0 and 1. Got {confidence_level!r} instead."
        )


def effects_of(
    path: PathDesign,
    fits: Sequence[Fitted],
    effects: Sequence[Effect],
    *,
    shares: Sequence[tuple[str, str, str]] = (),
    interval: IntervalMethod,
    bootstrap: int,
    seed: int,
    confidence_level: float,
) -> Effects:
    """Estimate ``effects`` and their intervals.

    Parameters
    ----------
    fits
        The regressions of ``path.model``, in order.
    shares
        Ratios to add: name, effect above the line, effect below it. They have no standardised value.
    """
    units = unit_sums(path.values, path.design.codes)
    names = [effect.name for effect in effects]
    places = [(names.index(above), names.index(below)) for _, above, below in shares]
    everything = [*names, *(name for name, _, _ in shares)]

    slopes = np.concatenate([_slopes(fit) for fit in fits])
    estimates = _with_shares(totals(effects, slopes[None]), places)[0]
    scale = _scales(path, all_moments(units))[0]

    derivatives = gradients(effects, slopes)
    for above, below in places:
        ratio = estimates[above] / estimates[below]
        row = (derivatives[above] - ratio * derivatives[below]) / estimates[below]
        derivatives = np.vstack([derivatives, row])
    covariance = joint_covariance(fits, [_columns(fit) for fit in fits], path.design.codes, path.model.beside())
    delta = np.sqrt(np.einsum("eq,qs,es->e", derivatives, covariance, derivatives))

    parts: dict[str, tuple[Floats, Floats]] = {}
    notes: list[Note] = []
    draws = np.empty((0, len(everything)))
    standardised = np.full((len(everything), 2), np.nan)
    if bootstrap:
        sampled = bootstrap_moments(units, bootstrap, seed)
        plain = totals(effects, path.model_of_values.slopes(sampled.covariances))
        draws = _with_shares(plain, places)
        left_out = jackknife_moments(units)
        pseudo = _with_shares(totals(effects, path.model_of_values.slopes(left_out.covariances)), places)
        spread = _spread(draws)
        parts["percentile"] = spread, percentile_limits(draws, confidence_level)
        parts["bc"] = spread, bias_corrected_limits(draws, estimates, confidence_level)
        parts["bca"] = spread, bias_corrected_limits(draws, estimates, confidence_level, pseudo)
        k = len(effects)
        scaled = plain * _scales(path, sampled)[:, None]
        if interval in ("bc", "bca"):
            jackknife = pseudo[:, :k] * _scales(path, left_out)[:, None] if interval == "bca" else None
            standardised[:k] = bias_corrected_limits(scaled, estimates[:k] * scale, confidence_level, jackknife)
        else:
            standardised[:k] = percentile_limits(scaled, confidence_level)
        notes += _bootstrap_notes(draws, path)
    tail = float(special.ndtri((1 + confidence_level) / 2))
    parts["delta"] = delta, _wald(estimates, delta, tail)
    parts |= _sobel_variants(effects, slopes, covariance, estimates, tail, fits[0].type)
    parts["monte_carlo"] = _monte_carlo(effects, places, slopes, covariance, seed, confidence_level)

    chosen_error, chosen = parts[interval]
    has_scale = np.arange(len(everything)) < len(effects)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimates / delta
    table = pd.DataFrame(
        {
            "estimate": estimates,
            "std_error": chosen_error,
            "ci_low": chosen[:, 0],
            "ci_high": chosen[:, 1],
            "statistic": statistic,
            "p_value": 2 * special.ndtr(-np.abs(statistic)),
            "standardised": np.where(has_scale, estimates * scale, np.nan),
            "standardised_ci_low": standardised[:, 0],
            "standardised_ci_high": standardised[:, 1],
        },
        index=pd.Index(everything, name="path_effect"),
    )
    return Effects(table=table, intervals=_by_method(everything, estimates, parts), draws=draws, notes=tuple(notes))


def _columns(fit: Fitted) -> list[int]:
    """Positions of a fit's slopes in the order of its regression's predictors, the constant being first."""
    return list(range(1, len(fit.ols.terms)))


def _slopes(fit: Fitted) -> Floats:
    return fit.ols.estimates[_columns(fit)]


def _scales(path: PathDesign, moments: SampleMoments) -> Floats:
    """Standard deviation of x over that of y in each sample."""
    x, y = path.x - 1, path.y - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(moments.covariances[:, x, x] / moments.covariances[:, y, y])


def _with_shares(values: Floats, places: Sequence[tuple[int, int]]) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [values[:, above] / values[:, below] for above, below in places]
    return np.column_stack([values, *ratios])


def _spread(draws: Floats) -> Floats:
    there = ~np.isnan(draws)
    n = there.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = draws - np.nansum(draws, axis=0) / n
        return np.asarray(np.sqrt(np.nansum(centred**2, axis=0) / (n - 1)))


def _wald(estimates: Floats, errors: Floats, tail: float) -> Floats:
    return np.column_stack([estimates - tail * errors, estimates + tail * errors])


def _sobel_variants(
    effects: Sequence[Effect],
    slopes: Floats,
    covariance: Floats,
    estimates: Floats,
    tail: float,
    type: str,
) -> dict[str, tuple[Floats, Floats]]:
    """Aroian's and Goodman's errors of products of two slopes under classical errors; NaN for other effects.

    √(b²s_a² + a²s_b² ± s_a²s_b²), plus for Aroian, minus for Goodman.
    """
    found = {}
    for name, sign in (("aroian", 1.0), ("goodman", -1.0)):
        errors = np.full(len(estimates), np.nan)
        for at, effect in enumerate(effects):
            if type == "nonrobust" and len(effect.terms) == 1 and len(effect.terms[0].factors) == 2:
                a, b = effect.terms[0].factors
                va, vb = covariance[a, a], covariance[b, b]
                square = slopes[b] ** 2 * va + slopes[a] ** 2 * vb + sign * va * vb
                errors[at] = np.sqrt(square) if square >= 0 else np.nan
        found[name] = errors, _wald(estimates, errors, tail)
    return found


def _monte_carlo(
    effects: Sequence[Effect],
    places: Sequence[tuple[int, int]],
    slopes: Floats,
    covariance: Floats,
    seed: int,
    confidence_level: float,
) -> tuple[Floats, Floats]:
    """Quantiles of the effects when the slopes are normal about their estimates (MacKinnon et al., 2004)."""
    e = len(effects) + len(places)
    if not np.isfinite(covariance).all():
        return np.full(e, np.nan), np.full((e, 2), np.nan)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    normal = block_generator(seed, _OWN_STREAM).standard_normal((_MONTE_CARLO, len(slopes)))
    draws = _with_shares(totals(effects, slopes + normal @ root.T), places)
    return _spread(draws), percentile_limits(draws, confidence_level)


def _by_method(names: Sequence[str], estimates: Floats, parts: dict[str, tuple[Floats, Floats]]) -> pd.DataFrame:
    rows = {}
    for at, name in enumerate(names):
        for method, (errors, limits) in parts.items():
            error, low, high = float(errors[at]), float(limits[at, 0]), float(limits[at, 1])
            if np.isnan([error, low, high]).all():
                continue
            wald = method in ("delta", "aroian", "goodman") and error > 0
            statistic = float(estimates[at]) / error if wald else np.nan
            p_value = 2 * float(special.ndtr(-abs(statistic)))
            rows[(name, method)] = (float(estimates[at]), error, statistic, p_value, low, high)
    columns = ["estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high"]
    index = pd.MultiIndex.from_tuples(list(rows), names=["path_effect", "method"])
    return pd.DataFrame(list(rows.values()), index=index, columns=columns, dtype=float)


def _bootstrap_notes(draws: Floats, path: PathDesign) -> list[Note]:
    notes = []
    if lost := int(np.isnan(draws[:, 0]).sum()):
        text = "{lost} of {replicates} bootstrap samples gave no coefficient and are left out."
        notes.append(Note("bootstrap_samples_lost", text, {"lost": lost, "replicates": len(draws)}))
    codes = path.design.codes
    if codes is not None and (groups := int(codes.max()) + 1) < FEW_CLUSTERS:
        text = (
            "Only {groups} groups are resampled: a bootstrap over fewer than 20 groups gives limits that are too close."
        )
        notes.append(Note("bootstrap_few_groups", text, {"groups": groups}))
    return notes
