"""Careless responding: indices of every respondent, and which of them are flags."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, Result
from leadership_study.validation import _consistency as consistency
from leadership_study.validation import _copies as copies
from leadership_study.validation import _distance as distance
from leadership_study.validation import _invariability as invariability
from leadership_study.validation import _timing as timing
from leadership_study.validation._blocks import Array, Sums, blocks, sums
from leadership_study.validation._careless_options import Keying, checked_cutoffs, checked_items, checked_pairs, one_of
from leadership_study.validation._cutoffs import ATTENTION, KINDS, PRESETS, Cutoffs, Preset
from leadership_study.validation._flags import flagged, flags_of, kinds_of, unclear

__all__ = ["ATTENTION", "KINDS", "PRESETS", "CarelessResult", "Cutoffs", "Preset", "careless", "flagged", "kinds_of"]

Runs = Literal["missing_as_answer", "missing_skipped"]
PersonTotal = Literal["listwise", "available"]

_SHOWN = 10


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CarelessResult(Result):
    """How carefully each respondent answered.

    Attributes
    ----------
    counts : DataFrame, index ``flag``
        kind, n_judged (respondents whose index is known), n_flagged, share (of the judged).
    indices : DataFrame, index as the items
        longstring, average_string, irv, irv_1, irv_2, … (parts of the questionnaire), even_odd, even_odd_r,
        psychometric_synonyms, psychometric_antonyms, mahalanobis (squared), mahalanobis_p_value, person_total, entropy
        (bits), predictability, copies (others with the same answers), nearest_share, seconds_per_item,
        share_of_median, regular_run, address_count. NaN where an index does not exist.
    flags : DataFrame of bool, index as the items
        One column a flag; False where the index does not exist.
    judged : DataFrame of bool, index as the items
        Where a flag could be told: its index exists and means something.
    pairs : DataFrame, index ``pair``
        kind, first, second, r of the psychometric synonyms and antonyms.
    n, n_items : int
    """

    counts: pd.DataFrame
    indices: pd.DataFrame
    flags: pd.DataFrame
    judged: pd.DataFrame
    pairs: pd.DataFrame
    n: int
    n_items: int

    main: ClassVar[str] = "counts"

    def _formatted(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        """Show the first respondents only: the rest is in the attributes."""
        return super()._formatted(name, table.head(_SHOWN) if name in ("indices", "flags", "judged") else table)


def careless(
    items: pd.DataFrame,
    *,
    dimensions: Mapping[str, Sequence[str]] | None = None,
    reverse_keyed: Collection[str] = (),
    scale: tuple[float, float] | Mapping[str, tuple[float, float]] | None = None,
    system: pd.DataFrame | None = None,
    cutoffs: Preset | Cutoffs = "usual",
    synonyms: float = 0.60,
    antonyms: float = -0.60,
    irv_parts: int = 3,
    runs: Runs = "missing_as_answer",
    mahalanobis: distance.DistanceMissing = "listwise",
    person_total: PersonTotal = "listwise",
) -> CarelessResult:
    """Compute indices of careless responding and flag their extremes; nobody is left out.

    Parameters
    ----------
    items : DataFrame, n × p
        Answers as given (reverse-keyed items not turned), columns in the order in which they were asked, missing NaN.
    dimensions : mapping of dimension to its items, optional
        For even–odd, which needs three dimensions of two items or more, and five to flag anybody.
    reverse_keyed : items to turn for even–odd and person–total; ``scale`` must be given then.
    scale : (low, high), or a mapping of item to (low, high)
    system : DataFrame with the index of ``items``, optional
        What the platform recorded: any of duration_seconds, submitted_at (ISO), same_address.
    cutoffs : {"usual", "lenient", "strict"} or Cutoffs
        When an index becomes a flag; sources in `Cutoffs`.
    synonyms, antonyms : float
        Pairs of items that correlate (pairwise, as given) above ``synonyms`` or below ``antonyms``.
    irv_parts : int
        Consecutive parts of the questionnaire for which IRV is computed too.
    runs : {"missing_as_answer", "missing_skipped"}
        Whether a missing answer is an answer of its own kind in runs, or not there.
    mahalanobis : {"listwise", "zero_deviation"}
        Moments of the complete rows, NaN for the others; or pairwise covariances, a missing answer lying on its mean.
    person_total : {"listwise", "available"}
        Item means of the complete rows, NaN for the others; or means of the answers given, over the items answered.

    Raises
    ------
    ValueError, TypeError
        Columns that are no numbers or infinite, unknown items, reverse-keyed items without a scale, wrong options.
    InsufficientDataError
        Without respondents or with fewer than two items.

    Notes
    -----
    longstring and average_string: longest and mean run of equal consecutive answers. irv: standard deviation (n − 1)
    of a person's answers (Dunn et al., 2018). even_odd: correlation over the dimensions of the means of odd and even
    items (keyed), stepped up by 2r/(1 + r), never below −1; high is consistent (careless 1.2.1 and later turn the
    sign). psychometric_synonyms (_antonyms): a person's correlation of first with second items over the pairs, with
    three pairs or more. mahalanobis: D², its p from χ²(p). person_total: a person's correlation with the item means.
    entropy and predictability: see `_invariability.disorder`. near-duplicates are sought among at most 20,000
    respondents (everybody is compared with everybody), and a note says when not.

    Memory does not grow with n beyond the results: rows are taken in blocks of 50,000.

    R twin: careless ``longstring``, ``irv``, ``evenodd``, ``psychsyn``, ``psychant``; ``stats::mahalanobis``;
    ``psych::outlier`` for ``mahalanobis="zero_deviation"``.

    References
    ----------
    Curran, P. G. (2016). https://doi.org/10.1016/j.jesp.2015.07.006
    Meade, A. W., & Craig, S. B. (2012). https://doi.org/10.1037/a0028085
    """
    limits = checked_cutoffs(cutoffs)
    keying = checked_items(items, dimensions, reverse_keyed, scale)
    checked_pairs(synonyms, antonyms, irv_parts)
    one_of(runs, ("missing_as_answer", "missing_skipped"), "runs")
    one_of(mahalanobis, ("listwise", "zero_deviation"), "mahalanobis")
    one_of(person_total, ("listwise", "available"), "person_total")
    if not len(items) or items.shape[1] < 2:
        text = "Indices of careless responding need respondents and at least two items; there are {n} and {n_items}."
        raise InsufficientDataError(Note("careless_needs_answers", text, {"n": len(items), "n_items": items.shape[1]}))
    total = sums(items)
    pairs = consistency.pairs_of(total, list(items.columns), synonyms=synonyms, antonyms=antonyms)
    space = distance.prepare(total, mahalanobis)
    found = _by_blocks(items, keying, total, pairs, space, irv_parts, runs, mahalanobis, person_total)
    notes = _notes(items, keying, pairs, space, limits, synonyms=synonyms, antonyms=antonyms)
    recorded = pd.DataFrame(index=items.index) if system is None else system.reindex(items.index)
    seconds, of_median = timing.durations(recorded, items.shape[1])
    found |= {
        "copies": copies.identical(items).astype(float),
        "nearest_share": np.full(len(items), np.nan),
        "seconds_per_item": seconds,
        "share_of_median": of_median,
        "regular_run": timing.regular(recorded),
        "address_count": timing.sharing(recorded),
    }
    answered = items.notna().sum(axis=1).to_numpy()
    telling = (answered >= limits.least_items) & (found["entropy"] >= limits.least_entropy)
    if telling.sum() <= copies.MOST_COMPARED:
        found["nearest_share"] = copies.nearest(items, telling, limits.least_items)
    else:
        text = "Near-duplicates were not sought: with {n} respondents not everybody can be compared with everybody."
        notes.append(Note("careless_near_duplicates_not_sought", text, {"n": int(telling.sum())}))
    indices = pd.DataFrame(found, index=items.index)
    for name, share in unclear(indices, limits).items():
        text = (
            "{index} would flag a share of {share} of the respondents, so it flags nobody: where items have equal "
            "means or dimensions equal scores, it is chance."
        )
        notes.append(Note("careless_index_unclear", text, {"index": name, "share": share}))
    flags, judged = flags_of(
        indices, limits, n_items=items.shape[1], n_scales=len(keying.scales), telling=telling, pairs=pairs
    )
    return CarelessResult(
        counts=counts_of(flags, judged),
        indices=indices,
        flags=flags,
        judged=judged,
        pairs=pairs,
        n=len(items),
        n_items=items.shape[1],
        definition={
            "cut_offs": cutoffs if isinstance(cutoffs, str) else "own",
            "synonyms_above": synonyms,
            "antonyms_below": antonyms,
            "runs": runs,
            "mahalanobis": mahalanobis,
            "person_total": person_total,
            "source": "Curran (2016)",
        },
        notes=tuple(notes),
    )


def counts_of(flags: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Number of respondents with each flag, of those it could be told of."""
    names = [str(flag) for flag in flags.columns]
    table = pd.DataFrame(
        {
            "kind": [KINDS.get(flag, ATTENTION) or "none" for flag in names],
            "n_judged": [int(judged[flag].sum()) for flag in names],
            "n_flagged": [int(flags[flag].sum()) for flag in names],
        },
        index=pd.Index(names, name="flag", dtype="str"),
    )
    table["share"] = table["n_flagged"] / table["n_judged"].where(table["n_judged"] > 0)
    return table.astype({"kind": "str", "n_judged": "int64", "n_flagged": "int64", "share": "float64"})


def _by_blocks(
    items: pd.DataFrame,
    keying: Keying,
    total: Sums,
    pairs: pd.DataFrame,
    space: distance.Distance,
    irv_parts: int,
    runs: Runs,
    mahalanobis: distance.DistanceMissing,
    person_total: PersonTotal,
) -> dict[str, Array]:
    """All indices that a block of rows has by itself, once the sums over all rows are known."""
    names = list(items.columns)
    chosen = {kind: _chosen(pairs, kind, names) for kind in ("synonyms", "antonyms")}
    means = keying.turned(total.complete_means if person_total == "listwise" else total.means)
    centre = float(np.round(np.nanmean(total.means))) if np.isfinite(total.means).any() else 0.0
    cut = invariability.parts(len(names), irv_parts)
    columns = ["longstring", "average_string", "irv", *(f"irv_{at}" for at in range(1, irv_parts + 1))]
    columns += ["even_odd", "even_odd_r", "psychometric_synonyms", "psychometric_antonyms"]
    columns += ["mahalanobis", "mahalanobis_p_value", "person_total", "entropy", "predictability"]
    found = {column: np.full(len(items), np.nan) for column in columns}
    for place, matrix in blocks(items):
        found["longstring"][place], found["average_string"][place] = invariability.runs(
            matrix, skip_missing=runs == "missing_skipped"
        )
        found["irv"][place] = invariability.spread(matrix)
        for at, part in enumerate(cut, start=1):
            found[f"irv_{at}"][place] = invariability.spread(matrix[:, part])
        found["entropy"][place], found["predictability"][place] = invariability.disorder(matrix)
        for kind, where in chosen.items():
            if where is not None:
                found[f"psychometric_{kind}"][place] = consistency.over_pairs(matrix, where, centre)[0]
        found["mahalanobis"][place] = distance.squared(matrix, space, mahalanobis)
        turned = keying.turned(matrix)
        if len(keying.scales) >= 3:
            r = consistency.even_odd(turned, keying.scales)
            found["even_odd_r"][place], found["even_odd"][place] = r, consistency.spearman_brown(r)
        found["person_total"][place] = consistency.person_total(turned, means, listwise=person_total == "listwise")
    found["mahalanobis_p_value"] = stats.chi2.sf(found["mahalanobis"], max(len(space.places), 1))
    return found


def _chosen(pairs: pd.DataFrame, kind: str, names: Sequence[str]) -> Array | None:
    own = pairs[pairs["kind"] == kind]
    if len(own) < 3:
        return None
    at = {name: place for place, name in enumerate(names)}
    where = np.zeros((len(names), len(names)))
    where[[at[name] for name in own["first"]], [at[name] for name in own["second"]]] = 1.0
    return where


def _notes(
    items: pd.DataFrame,
    keying: Keying,
    pairs: pd.DataFrame,
    space: distance.Distance,
    limits: Cutoffs,
    *,
    synonyms: float,
    antonyms: float,
) -> list[Note]:
    notes: list[Note] = []

    if not keying.reverse_keyed:
        text = "No item is reverse-keyed, so a long run of equal answers may be an honest opinion: nothing can tell."
        notes.append(Note("careless_no_reverse_keyed", text))
    if len(keying.scales) < limits.least_scales:
        text = (
            "Even–odd consistency flags nobody with fewer than {least} dimensions of two items; there are {n_scales}."
        )
        values = {"least": limits.least_scales, "n_scales": len(keying.scales)}
        notes.append(Note("careless_needs_scales", text, values))
    for kind, critical in (("synonyms", synonyms), ("antonyms", antonyms)):
        count = int((pairs["kind"] == kind).sum())
        if count < limits.least_pairs:
            text = (
                "Pairs of items that count as psychometric {kind} (correlation beyond {critical}): {n_pairs}; "
                "fewer than {least} flag nobody."
            )
            told = {"kind": kind, "critical": critical, "n_pairs": count, "least": limits.least_pairs}
            notes.append(Note("careless_few_pairs", text, told))
    if space.factor is None:
        text = (
            "Mahalanobis distances do not exist: an item follows from the others, or too few respondents answered "
            "every item."
        )
        notes.append(Note("careless_no_distance", text))
    elif len(space.places) < items.shape[1]:
        constant = [str(name) for at, name in enumerate(items.columns) if at not in set(space.places)]
        text = "Mahalanobis distances leave out items that everybody answered alike: {items}."
        notes.append(Note("careless_constant_items", text, {"items": ", ".join(constant)}))
    return notes
