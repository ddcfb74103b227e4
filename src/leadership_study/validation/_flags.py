"""From indices to flags."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.validation._cutoffs import ATTENTION, KINDS, Cutoffs

CONSISTENCY = ("even_odd", "psychometric_synonyms", "psychometric_antonyms", "person_total")


def flags_of(
    indices: pd.DataFrame,
    limits: Cutoffs,
    *,
    n_items: int,
    n_scales: int,
    telling: NDArray[np.bool_],
    pairs: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold ``indices`` against their limits.

    Returns
    -------
    flags, judged
        One column of bool a flag, in the order of `KINDS`; ``judged`` says of whom it could be told: where the index
        exists and means something. A flag is False elsewhere.
    """
    at = {name: indices[name].to_numpy() for name in indices.columns}
    known = {name: ~np.isnan(values) for name, values in at.items()}
    low = at["irv"][known["irv"]]
    tail = float(np.quantile(low, limits.irv_quantile)) if len(low) else np.nan
    enough = {kind: int((pairs["kind"] == kind).sum()) >= limits.least_pairs for kind in ("synonyms", "antonyms")}
    clear = {name: name not in unclear(indices, limits) for name in CONSISTENCY}
    long = n_items >= limits.least_items
    with np.errstate(invalid="ignore"):
        found = {
            "too_fast": (at["seconds_per_item"] < limits.seconds_per_item, known["seconds_per_item"]),
            "fast_for_sample": (at["share_of_median"] < limits.share_of_median, known["share_of_median"]),
            "longstring": (at["longstring"] >= limits.longstring_share * n_items, known["longstring"] & long),
            "low_irv": (at["irv"] <= tail, known["irv"] & long),
            # Long runs are told by longstring.
            "patterned": (
                (at["predictability"] >= limits.predictability) & (at["average_string"] < 2),
                known["predictability"] & long,
            ),
            "even_odd": (
                at["even_odd"] < limits.even_odd,
                known["even_odd"] & clear["even_odd"] & (n_scales >= limits.least_scales),
            ),
            "psychometric_synonyms": (
                at["psychometric_synonyms"] < limits.synonyms,
                known["psychometric_synonyms"] & enough["synonyms"] & clear["psychometric_synonyms"],
            ),
            "psychometric_antonyms": (
                at["psychometric_antonyms"] > limits.antonyms,
                known["psychometric_antonyms"] & enough["antonyms"] & clear["psychometric_antonyms"],
            ),
            "person_total": (
                at["person_total"] < limits.person_total,
                known["person_total"] & long & clear["person_total"],
            ),
            "mahalanobis": (at["mahalanobis_p_value"] < limits.mahalanobis_p, known["mahalanobis_p_value"]),
            "duplicate": (at["copies"] > 0, telling),
            "near_duplicate": (at["nearest_share"] >= limits.near_duplicate, known["nearest_share"]),
            "regular_submission": (at["regular_run"] >= limits.regular_submissions, known["regular_run"]),
            "same_address": (at["address_count"] > 1, known["address_count"]),
        }
    flags = pd.DataFrame({name: found[name][0] & found[name][1] for name in KINDS}, index=indices.index)
    return flags, pd.DataFrame({name: found[name][1] for name in KINDS}, index=indices.index)


def unclear(indices: pd.DataFrame, limits: Cutoffs) -> dict[str, float]:
    """Return the indices of consistency beyond whose limit too many lie, with their share.

    Where items have much the same means, or dimensions much the same scores, these indices are chance, and so would be
    their flags.
    """
    with np.errstate(invalid="ignore"):
        beyond = {
            "even_odd": indices["even_odd"] < limits.even_odd,
            "psychometric_synonyms": indices["psychometric_synonyms"] < limits.synonyms,
            "psychometric_antonyms": indices["psychometric_antonyms"] > limits.antonyms,
            "person_total": indices["person_total"] < limits.person_total,
        }
    shares = {name: float(beyond[name].sum() / max(int(indices[name].notna().sum()), 1)) for name in CONSISTENCY}
    return {name: share for name, share in shares.items() if share > limits.most_beyond}


def kinds_of(flags: pd.DataFrame) -> "pd.Series[int]":
    """Return how many kinds of sign each respondent shows: flags of one kind say much the same and count once."""
    groups: dict[str, list[str]] = {}
    for flag in flags.columns:
        if kind := KINDS.get(str(flag), ATTENTION):
            groups.setdefault(kind, []).append(str(flag))
    count = np.zeros(len(flags), dtype=np.int64)
    for own in groups.values():
        count += flags[own].to_numpy(dtype=bool).any(axis=1)
    return pd.Series(count, index=flags.index, name="kinds")


def flagged(flags: pd.DataFrame, *, min_flags: int = 2) -> "pd.Series[bool]":
    """Say who shows signs of at least ``min_flags`` kinds.

    Two signs, because any one also happens to careful respondents; of different kinds (speed, sameness, inconsistency,
    outlier, copy, automatic filling, attention), because longstring and IRV, say, see the same thing twice. A shared
    address counts for nothing.

    Parameters
    ----------
    flags : DataFrame of bool
        As in `CarelessResult` and ``ValidatedResponses``; columns of other names are attention checks.
    min_flags : int
        Kinds, 1 or more.
    """
    if isinstance(min_flags, bool) or not isinstance(min_flags, int) or min_flags < 1:
        raise ValueError(f"The 'min_flags' parameter of flagged must be 1 or more. Got {min_flags!r} instead.")
    return (kinds_of(flags) >= min_flags).rename("flagged")
