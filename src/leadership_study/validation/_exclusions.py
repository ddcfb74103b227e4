"""Who is left out: only by declared rules, each counted in the flow and each respondent in the log."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.validation._cells import number

RULES = ("max_missing_share",)
"""Exclusion rules that a plan may declare; rows without any item answered are always left out, as ``all_missing``."""

_LOG = ["block", "respondent_id", "rule", "value", "threshold"]


def check_rules(exclusions: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the declared rules, or raise `PlanError` for an unknown one or a share outside 0 to 1."""
    checked = {}
    for rule, threshold in (exclusions or {}).items():
        if rule not in RULES:
            raise PlanError(unknown("exclusion rule", rule, list(RULES)))
        share = None if isinstance(threshold, bool | str) else number(str(threshold))
        if share is None or not 0 <= share <= 1:
            raise PlanError(f"The exclusion rule {rule!r} must be a share from 0 to 1. Got {threshold!r} instead.")
        checked[rule] = share
    return checked


def exclude(
    items: pd.DataFrame, block: pd.Series, ids: pd.Series, rules: Mapping[str, float]
) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame]:
    """Apply ``rules`` to the share of missing items of each respondent.

    Returns
    -------
    kept, flow, log
        ``kept``: True for those who stay. ``flow`` and ``log`` as in `ValidatedResponses`.
    """
    missing = items.isna().mean(axis=1)
    left = pd.Series(True, index=items.index)
    steps = {"received": left.copy()}
    log = []
    every = {"all_missing": 1.0, **rules}
    for rule, threshold in every.items():
        hit = left & (missing >= 1.0 if rule == "all_missing" else missing > threshold)
        steps[rule] = hit
        left = left & ~hit
        log.append(
            pd.DataFrame(
                {
                    "block": block[hit],
                    "respondent_id": ids[hit],
                    "rule": rule,
                    "value": missing[hit],
                    "threshold": threshold,
                },
                columns=_LOG,
            )
        )
    steps["analysed"] = left
    blocks = list(dict.fromkeys(block))
    counts = {"n": [int(rows.sum()) for rows in steps.values()]}
    if len(blocks) > 1:
        for name in blocks:
            counts[name] = [int(rows[block == name].sum()) for rows in steps.values()]
    flow = pd.DataFrame(counts, index=pd.Index(list(steps), name="step"))
    entries = pd.concat(log, ignore_index=True)
    return (
        left,
        flow,
        entries.astype({"block": "str", "respondent_id": "str", "rule": "str", "value": float, "threshold": float}),
    )
