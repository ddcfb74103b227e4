"""Who is left out: only by declared rules, each counted in the flow and each respondent in the log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem
from leadership_study.validation._cells import number
from leadership_study.validation._screening import Screening

_LOG = ["block", "respondent_id", "rule", "value", "threshold"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Rule:
    """What a rule looks at, on which side of the threshold it leaves out, and what the threshold may be."""

    value: Callable[[Screening], Array]
    side: str
    """``above``, ``below`` or ``from`` (the threshold itself leaves out)."""
    low: float
    high: float
    what: str
    """The threshold in words, for the error."""
    whole: bool = False


def _index(name: str) -> Callable[[Screening], Array]:
    def value(screening: Screening) -> Array:
        indices = screening.indices
        if name not in indices:
            return np.full(len(screening.frame), np.nan)
        values: Array = indices[name].to_numpy(dtype=np.float64)
        return values

    return value


def _missing_share(screening: Screening) -> Array:
    frame, items = screening.frame, screening.instrument.item_ids()
    missing: Array = np.zeros(len(frame), dtype=np.float64)
    for item in items:
        missing += frame[item].isna().to_numpy(dtype=bool)
    share: Array = missing / len(items)
    return share


def _failed_checks(screening: Screening) -> Array:
    failed: Array = screening.checks.to_numpy(dtype=bool).sum(axis=1).astype(np.float64)
    return failed


def _kinds(screening: Screening) -> Array:
    kinds: Array = np.asarray(screening.kinds, dtype=np.float64)
    return kinds


def _later_copies(screening: Screening) -> Array:
    """1 for respondents with the answers of somebody received before them, item by item, in their block."""
    named = screening.frame[screening.instrument.item_ids()]
    suspects = screening.flags["duplicate"] if "duplicate" in screening.flags else pd.Series(False, index=named.index)
    again = named[suspects.to_numpy()].assign(block=screening.block[suspects.to_numpy()]).duplicated()
    found = np.zeros(len(named))
    found[np.flatnonzero(suspects.to_numpy())[again.to_numpy()]] = 1.0
    return found


_INFINITY = float("inf")
_RULES: dict[str, _Rule] = {
    "max_missing_share": _Rule(_missing_share, "above", 0, 1, "a share from 0 to 1"),
    "attention_checks": _Rule(_failed_checks, "from", 1, _INFINITY, "a whole number of failed checks, 1 or more", True),
    "min_seconds_per_item": _Rule(_index("seconds_per_item"), "below", 0, _INFINITY, "a number of seconds"),
    "min_share_of_median_time": _Rule(_index("share_of_median"), "below", 0, 1, "a share from 0 to 1"),
    "max_longstring": _Rule(_index("longstring"), "above", 1, _INFINITY, "a whole number of items, 1 or more", True),
    "min_irv": _Rule(_index("irv"), "below", 0, _INFINITY, "a standard deviation, 0 or more"),
    "min_even_odd": _Rule(_index("even_odd"), "below", -1, 1, "a correlation from -1 to 1"),
    "min_psychometric_synonyms": _Rule(_index("psychometric_synonyms"), "below", -1, 1, "a correlation from -1 to 1"),
    "max_psychometric_antonyms": _Rule(_index("psychometric_antonyms"), "above", -1, 1, "a correlation from -1 to 1"),
    "min_person_total": _Rule(_index("person_total"), "below", -1, 1, "a correlation from -1 to 1"),
    "min_mahalanobis_p_value": _Rule(_index("mahalanobis_p_value"), "below", 0, 1, "a p value from 0 to 1"),
    "duplicates": _Rule(_later_copies, "from", 1, 1, "true"),
    "min_flags": _Rule(_kinds, "from", 1, _INFINITY, "a whole number of kinds of flags, 1 or more", True),
}

RULES = tuple(_RULES)
"""Exclusion rules that a plan may declare; rows without any item answered are always left out, as ``all_missing``.

max_missing_share: share of items missing; attention_checks: checks failed; min_seconds_per_item,
min_share_of_median_time: less time; max_longstring: a longer run; min_irv, min_even_odd, min_person_total,
min_psychometric_synonyms, max_psychometric_antonyms, min_mahalanobis_p_value: beyond the index; duplicates: the same
answers as somebody received before; min_flags: flags of so many kinds. Who has no value of an index stays.
"""


def check_rules(exclusions: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the declared rules, or raise `PlanError` with all that are unknown or have an impossible threshold."""
    checked, wrong = {}, []
    for rule, threshold in (exclusions or {}).items():
        if rule not in _RULES:
            wrong.append(unknown("exclusion rule", rule, list(RULES)))
            continue
        limits = _RULES[rule]
        value = None if isinstance(threshold, bool | str) else number(str(threshold))
        if rule == "duplicates":
            value = 1.0 if threshold is True else None
        if value is None or not limits.low <= value <= limits.high or (limits.whole and not value.is_integer()):
            wrong.append(f"The exclusion rule {rule!r} must be {limits.what}. Got {threshold!r} instead.")
            continue
        checked[rule] = value
    if len(wrong) == 1:
        raise PlanError(wrong[0])
    if wrong:
        remedy = "correct it or take it out"
        problems = [Problem("[exclusions]", text.removesuffix("."), remedy, "wrong_exclusion") for text in wrong]
        raise PlanError(f"The exclusion rules have {len(wrong)} problems", problems)
    return checked


def exclude(screening: Screening, rules: Mapping[str, float]) -> tuple[NDArray[np.bool_], pd.DataFrame, pd.DataFrame]:
    """Apply ``rules`` in the order of the plan, each to those whom the ones before left in.

    Every index is that of all respondents received: leaving somebody out changes nobody else's.

    Returns
    -------
    kept, flow, log
        ``kept``: True for those who stay. ``flow`` and ``log`` as in `ValidatedResponses`.
    """
    block, ids = screening.block, screening.frame.index.to_numpy()
    left = np.ones(len(block), dtype=bool)
    steps = {"received": left}
    log: list[pd.DataFrame] = []
    for rule, threshold in {"all_missing": 1.0, **rules}.items():
        known = _RULES["max_missing_share" if rule == "all_missing" else rule]
        value = known.value(screening)
        side = "from" if rule == "all_missing" else known.side
        with np.errstate(invalid="ignore"):
            beyond = {"above": value > threshold, "below": value < threshold, "from": value >= threshold}[side]
        hit = left & beyond
        steps[rule] = hit
        left = left & ~hit
        entry = {"block": block[hit].to_numpy(), "respondent_id": ids[hit], "rule": rule, "value": value[hit]}
        log.append(pd.DataFrame({**entry, "threshold": threshold}, columns=_LOG))
    steps["analysed"] = left
    blocks = list(block.unique())
    counts = {"n": [int(rows.sum()) for rows in steps.values()]}
    if len(blocks) > 1:
        for name in blocks:
            counts[name] = [int((rows & (block == name).to_numpy()).sum()) for rows in steps.values()]
    flow = pd.DataFrame(counts, index=pd.Index(list(steps), name="step"))
    types: dict[str, Any] = {"block": "str", "respondent_id": "str", "rule": "str", "value": float, "threshold": float}
    return left, flow, pd.concat([entry.astype(types) for entry in log], ignore_index=True)
