"""Percentiles of bootstrap samples as an interval, and what is asked of whoever wants one."""

import numpy as np
from numpy.typing import NDArray

from leadership_study.results import Note

Floats = NDArray[np.float64]

_FEW_CLUSTERS = 20

NEEDS_ROWS = Note(
    "bootstrap_needs_rows",
    "The bootstrap needs the answers themselves, not their moments; choose another interval.",
)


def check_bootstrap(interval: str, bootstrap: int, seed: int | None, *, function: str) -> None:
    """Raise ValueError unless number and seed of the resamples fit the ``interval``."""
    where = f"parameter of {function} must be"
    if isinstance(bootstrap, bool) or not isinstance(bootstrap, int | np.integer) or bootstrap < 0:
        raise ValueError(f"The 'bootstrap' {where} a whole number of resamples. Got {bootstrap!r} instead.")
    if interval != "bootstrap":
        if bootstrap:
            raise ValueError(f"The 'interval' {where} 'bootstrap' when 'bootstrap' is given. Got {interval!r} instead.")
        return
    if bootstrap < 100:
        raise ValueError(f"The 'bootstrap' {where} at least 100 resamples. Got {bootstrap!r} instead.")
    if seed is None or seed < 0:
        raise ValueError(
            f"The 'seed' {where} a whole number from 0 when interval is 'bootstrap'. Got {seed!r} instead."
        )


def percentiles(values: Floats, groups: int | None, confidence_level: float) -> tuple[float, float, list[Note]]:
    """Limits, and what readers must know: samples without a value, few ``groups`` drawn from."""
    notes = []
    if lost := int(np.isnan(values).sum()):
        text = "{lost} of {replicates} bootstrap samples gave no coefficient and are left out."
        notes.append(Note("bootstrap_samples_lost", text, {"lost": lost, "replicates": len(values)}))
    if groups is not None and groups < _FEW_CLUSTERS:
        text = (
            "Only {groups} groups are resampled: a bootstrap over fewer than 20 groups gives limits that are too close."
        )
        notes.append(Note("bootstrap_few_groups", text, {"groups": groups}))
    tail = (1 - confidence_level) / 2
    low, high = (float("nan"),) * 2 if lost == len(values) else np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high), notes
