"""Response quality: who was left out, what the screening flags, and how the flags go together."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.dimensions import unweighted
from leadership_study.validation.careless import ATTENTION, KINDS, flagged, kinds_of

_CALLED = {
    name: f"{name}_index"
    for name in (
        "longstring",
        "even_odd",
        "psychometric_synonyms",
        "psychometric_antonyms",
        "person_total",
        "mahalanobis",
    )
}
"""Rows of the table of indices that would bear the name of their flag."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ResponseQuality(Result):
    """The screening of the respondents that are analysed.

    Attributes
    ----------
    flags : DataFrame, index ``flag``
        kind, n_judged (of whom it could be told), n_flagged, share (of the judged), n_only (with no flag of another
        kind).
    kinds : DataFrame, index ``kinds``
        n and share of respondents with flags of 0, 1, 2, … kinds.
    indices : DataFrame, index ``index``
        n, mean, sd, minimum_value, quantile_05, median, quantile_95, maximum_value of every index that exists.
    together : DataFrame, index ``flag``, columns the same
        Respondents with both flags; on the diagonal, with the flag.
    flow : DataFrame, index ``step``
        n: received, left out by each rule, analysed.
    n, n_flagged : int
        Respondents; those with flags of at least ``min_flags`` kinds.
    share_flagged : float
    """

    flags: pd.DataFrame
    kinds: pd.DataFrame
    indices: pd.DataFrame
    together: pd.DataFrame
    flow: pd.DataFrame
    n: int
    n_flagged: int
    share_flagged: float

    main: ClassVar[str] = "flags"


def run(scored: ScoredResponses, *, min_flags: int = 2) -> ResponseQuality:
    """Report the screening flags of the respondents; nobody is left out here.

    Parameters
    ----------
    min_flags
        From how many kinds of flags on a respondent counts as flagged. One sign also happens to the careful; flags of
        one kind (longstring and IRV, say) see the same thing, so that kinds are counted.

    Raises
    ------
    InsufficientDataError
        For answers made by hand, which were never screened, or with fewer than ten respondents.

    Notes
    -----
    The indices and cut-offs are those of `leadership_study.validation.careless`, preset ``usual``, each block of
    responses screened by itself.
    """
    if scored.validated is None:
        text = "These answers did not come through validation, so nothing is known of how carefully they were given."
        raise InsufficientDataError(Note("never_screened", text))
    screening = scored.validated.screening
    rows = scored.items.index
    flags, judged, indices = (table.loc[rows] for table in (screening.flags, screening.judged, screening.indices))
    if not len(indices.columns):
        text = "Screening needs at least ten respondents and two items; there are {n} and {n_items}."
        values = {"n": len(rows), "n_items": scored.items.shape[1]}
        raise InsufficientDataError(Note("too_few_to_screen", text, values))
    blocks = [str(name) for name in scored.block.unique()]
    counts = kinds_of(flags)
    doubtful = flagged(flags, min_flags=min_flags)
    known = [str(name) for name in flags.columns if judged[name].any()]
    n = len(rows)
    return ResponseQuality(
        flags=_flag_table(flags, judged, counts, known),
        kinds=_kind_table(counts),
        indices=_index_table(indices),
        together=_together(flags, known),
        flow=_flow(scored),
        n=n,
        n_flagged=int(doubtful.sum()),
        share_flagged=float(doubtful.mean()),
        definition={"cut_offs": "usual", "min_flags": min_flags, "n": n, "source": "Curran (2016)"},
        notes=(*screening.notes_of(blocks), *_notes(flags, scored)),
    )


def _flag_table(flags: pd.DataFrame, judged: pd.DataFrame, counts: "pd.Series[int]", known: list[str]) -> pd.DataFrame:
    kinds = [KINDS.get(name, ATTENTION) or "none" for name in known]
    table = pd.DataFrame(
        {
            "kind": pd.array(kinds, dtype="str"),
            "n_judged": [int(judged[name].sum()) for name in known],
            "n_flagged": [int(flags[name].sum()) for name in known],
        },
        index=pd.Index(known, name="flag", dtype="str"),
    )
    table["share"] = table["n_flagged"] / table["n_judged"]
    table["n_only"] = [
        int((flags[name] & (counts <= (0 if kind == "none" else 1))).sum())
        for name, kind in zip(known, kinds, strict=True)
    ]
    return table


def _kind_table(counts: "pd.Series[int]") -> pd.DataFrame:
    numbers = np.bincount(counts.to_numpy(), minlength=3)
    index = pd.Index([str(at) for at in range(len(numbers))], name="kinds", dtype="str")
    return pd.DataFrame({"n": numbers, "share": numbers / numbers.sum()}, index=index)


def _index_table(indices: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for name in indices.columns:
        values = indices[name].dropna().to_numpy(dtype=np.float64)
        if len(values):
            low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
            rows[_CALLED.get(str(name), str(name))] = {
                "n": len(values),
                "mean": float(values.mean()),
                "sd": float(values.std(ddof=1)) if len(values) > 1 else float("nan"),
                "minimum_value": float(values.min()),
                "quantile_05": float(low),
                "median": float(middle),
                "quantile_95": float(high),
                "maximum_value": float(values.max()),
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("index").astype({"n": "int64"})


def _together(flags: pd.DataFrame, known: list[str]) -> pd.DataFrame:
    values = flags[known].to_numpy(dtype=np.float64)
    table = pd.DataFrame((values.T @ values).round().astype(np.int64), index=known, columns=known)
    return table.rename_axis("flag")


def _flow(scored: ScoredResponses) -> pd.DataFrame:
    """The flow of the blocks that are analysed here."""
    if scored.validated is None:
        return pd.DataFrame({"n": pd.Series(dtype="int64")}, index=pd.Index([], name="step", dtype="str"))
    flow = scored.validated.flow
    blocks = [str(name) for name in scored.block.unique()]
    counts = flow["n"] if len(flow.columns) == 1 else flow[blocks].sum(axis=1)
    return counts.to_frame("n").astype("int64").rename_axis("step")


def _notes(flags: pd.DataFrame, scored: ScoredResponses) -> list[Note]:
    text = (
        "Flags are signs, not verdicts: ratings of a superior can be honestly extreme or cautious, so equal answers "
        "alone show no carelessness."
    )
    notes = [Note("flags_are_no_verdicts", text)]
    if shared := int(flags["same_address"].sum()):
        text = (
            "Respondents who share an address or device with others: {count}; a school often has one address, so this "
            "counts for nothing by itself."
        )
        notes.append(Note("shared_addresses", text, {"count": shared}))
    if flags["low_irv"].any():
        text = "The lowest tail of the within-person standard deviations is flagged in every sample, by construction."
        notes.append(Note("low_irv_by_construction", text))
    return [*notes, *unweighted(scored)]
