"""An agreement coefficient with what its interval needs, and the interval."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy import stats

from leadership_study.results import Note
from leadership_study.samples.agreement_bootstrap import Value, replicates
from leadership_study.samples.agreement_patterns import Patterns

Floats = NDArray[np.float64]

FEW_CLUSTERS = 20
"""Below this many transcripts a bootstrap of transcripts is noted as rough."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """A coefficient from patterns.

    ``observed`` and ``expected`` are agreement by eye and by chance (disagreement for Krippendorff), ``n`` the units
    that count, ``df`` those of the analytic interval (None: normal); ``reason`` says why ``estimate`` is NaN.
    """

    estimate: float
    observed: float
    expected: float
    n: float
    patterns: Patterns
    features: sparse.csr_array
    value: Value
    std_error: float | None = None
    std_error_null: float | None = None
    df: float | None = None
    lowest: float = -1.0
    reason: Note | None = None


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Standard error and limits, how they were found, and what readers must know about them."""

    std_error: float = float("nan")
    ci_low: float = float("nan")
    ci_high: float = float("nan")
    method: str = "none"
    notes: tuple[Note, ...] = ()


def interval(found: Estimate, *, confidence_level: float, bootstrap: int, seed: int) -> Interval:
    """Interval of a coefficient: analytic where there is a large-sample error, else by bootstrap.

    With clusters it is always the percentile bootstrap of whole clusters. Limits beyond what a coefficient can be are
    cut: at 1 above, at −1 (shares: 0) below.
    """
    if found.reason is not None:
        return Interval()
    clusters = found.patterns.clusters
    if clusters is None and found.std_error is not None:
        tail = (1 - confidence_level) / 2
        critical = (
            stats.norm.isf(tail) if found.df is None else (stats.t.isf(tail, found.df) if found.df > 0 else np.nan)
        )
        half = float(critical) * found.std_error
        method = "normal" if found.df is None else "student_t"
        return Interval(
            std_error=found.std_error,
            ci_low=max(found.estimate - half, found.lowest),
            ci_high=min(found.estimate + half, 1.0),
            method=method,
            notes=_warnings(found.std_error == 0, None, 0, bootstrap),
        )
    method = "bootstrap_units" if clusters is None else "bootstrap_clusters"
    if clusters is not None and (used := int((clusters.sum(axis=1) > 0).sum())) < 2:
        text = "No interval: all units are from {clusters} transcript, and transcripts are what would be drawn."
        return Interval(method=method, notes=(Note("agreement_one_cluster", text, {"clusters": used}),))
    drawn = replicates(found.patterns, found.features, found.value, times=bootstrap, seed=seed)
    sound = drawn[np.isfinite(drawn)]
    if len(sound) < 2:
        return Interval(method=method, notes=_warnings(False, clusters, bootstrap - len(sound), bootstrap))
    tails = np.array([(1 - confidence_level) / 2, (1 + confidence_level) / 2])
    low, high = np.quantile(sound, tails)
    spread = float(sound.std(ddof=1))
    return Interval(
        std_error=spread,
        ci_low=max(float(low), found.lowest),
        ci_high=min(float(high), 1.0),
        method=method,
        notes=_warnings(spread == 0, clusters, bootstrap - len(sound), bootstrap),
    )


def _warnings(flat: bool, clusters: Floats | None, undefined: int, times: int) -> tuple[Note, ...]:
    notes = []
    if flat:
        text = "The coders' agreement does not vary between units, so the interval has no width and says nothing."
        notes.append(Note("agreement_flat", text))
    if clusters is not None and len(clusters) < FEW_CLUSTERS:
        text = (
            "The interval rests on {clusters} transcripts drawn with replacement; with fewer than twenty it is rough."
        )
        notes.append(Note("agreement_few_clusters", text, {"clusters": len(clusters)}))
    if undefined:
        text = "In {undefined} of {times} bootstrap samples the coefficient is undefined; the interval leaves them out."
        notes.append(Note("agreement_undefined_replicates", text, {"undefined": undefined, "times": times}))
    return tuple(notes)


def too_few() -> Note:
    """No unit has two ratings."""
    return Note("agreement_no_pairs", "Agreement is undefined: no unit was rated by two coders.")


def no_variation() -> Note:
    """All ratings are one category."""
    text = "The coefficient is undefined: all ratings are the same category, so agreement by chance is complete."
    return Note("agreement_no_variation", text)
