"""From which value an index is a flag: named presets with their sources."""

from dataclasses import dataclass
from typing import Literal

Preset = Literal["usual", "lenient", "strict"]

KINDS = {
    "too_fast": "speed",
    "fast_for_sample": "speed",
    "longstring": "sameness",
    "low_irv": "sameness",
    "patterned": "sameness",
    "even_odd": "inconsistency",
    "psychometric_synonyms": "inconsistency",
    "psychometric_antonyms": "inconsistency",
    "person_total": "inconsistency",
    "mahalanobis": "outlier",
    "duplicate": "copy",
    "near_duplicate": "copy",
    "regular_submission": "automatic",
    "same_address": "",
}
"""What each flag is a sign of. Flags of one kind say much the same, so that only kinds are counted together; a shared
address is a sign of nothing by itself (a school has one), and attention checks are a kind of their own."""

ATTENTION = "attention"


@dataclass(frozen=True, kw_only=True)
class Cutoffs:
    """Values from which an index becomes a flag.

    Attributes
    ----------
    seconds_per_item
        Less time an item is too fast: 2 seconds (Huang et al., 2012, https://doi.org/10.1007/s10869-011-9231-8).
    share_of_median
        Less than this share of the median time is too fast; conventions reach from a third to a half.
    longstring_share
        A run of at least this share of the items: half (Curran, 2016, https://doi.org/10.1016/j.jesp.2015.07.006).
    irv_quantile
        The lowest tail of the standard deviations within persons (Dunn et al., 2018,
        https://doi.org/10.1007/s10869-016-9479-0): flags this share of any sample, so it never stands alone.
    predictability
        Share of answers told by the one before, from which a pattern was ticked; only where runs are short.
    even_odd
        Lower consistency is inconsistent: .30 (Curran, 2016).
    synonyms, antonyms
        Like items answered without any likeness (r below), unlike ones alike (r above): 0; only over ``least_pairs``.
    mahalanobis_p
        Smaller p of χ²(items) is an outlier: .001 (Tabachnick & Fidell, 2019).
    person_total
        Lower correlation with everybody's means: 0 (Curran, 2016).
    near_duplicate
        This share of answers equal to somebody's. Kuriakose and Robbins (2016, https://doi.org/10.3233/SJI-160978)
        proposed .85, which honest answers of a homogeneous group reach.
    regular_submissions
        So many submissions at equal distances in time.
    least_items, least_scales, least_pairs, least_entropy
        Fewer items, dimensions, pairs of items, or bits in the answers of a person say nothing about consistency
        (even–odd over four dimensions flags many careful ones) and copies.
    most_beyond
        Indices of consistency beyond whose limit a larger share of the respondents lies flag nobody: what a fifth of
        them show is how the items are, not how the respondents are.
    """

    seconds_per_item: float = 2.0
    share_of_median: float = 1 / 3
    longstring_share: float = 0.5
    irv_quantile: float = 0.05
    predictability: float = 0.9
    even_odd: float = 0.30
    synonyms: float = 0.0
    antonyms: float = 0.0
    mahalanobis_p: float = 0.001
    person_total: float = 0.0
    near_duplicate: float = 0.95
    regular_submissions: int = 8
    least_items: int = 10
    least_scales: int = 5
    least_pairs: int = 10
    least_entropy: float = 1.0
    most_beyond: float = 0.20


PRESETS: dict[Preset, Cutoffs] = {
    "usual": Cutoffs(),
    "lenient": Cutoffs(
        seconds_per_item=1.0,
        share_of_median=0.25,
        longstring_share=0.75,
        irv_quantile=0.01,
        even_odd=0.0,
        person_total=-0.25,
        mahalanobis_p=0.0001,
        near_duplicate=0.98,
        regular_submissions=12,
    ),
    "strict": Cutoffs(share_of_median=0.5, longstring_share=1 / 3, irv_quantile=0.10, near_duplicate=0.85),
}
"""``usual``: the conventions above. ``strict`` takes the stricter end of each, ``lenient`` leaves more in: for showing
that a finding does not hang on the choice."""
