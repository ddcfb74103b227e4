"""What the interviews say of each dimension: codes, sources, agreement of the coders, typical quotes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.interviews import Interviews
from leadership_study.results import Note
from leadership_study.synthesis.segments import Segment, segments_of

COUNTS = ["codes", "references", "sources", "problem_codes", "problem_sources"]
AGREEMENT = ["agreement", "agreement_ci_low", "agreement_ci_high"]
_QUOTES = ["code", "kind", "transcript", "role", "coders", "text"]


@dataclass(frozen=True, kw_only=True)
class InterviewStrand:
    """The interviews' side of the joint display, one row a dimension (``table``); ``quotes`` by dimension and id."""

    table: pd.DataFrame
    quotes: pd.DataFrame
    n_sources: int = 0
    unit: str | None = None
    notes: tuple[Note, ...] = ()


def interview_strand(
    interviews: Interviews | None,
    dimensions: Sequence[str],
    *,
    coefficient: str,
    quotes: int,
    chosen: Sequence[str] = (),
) -> InterviewStrand:
    """Gather the interviews' side.

    Parameters
    ----------
    interviews
        None: this strand has no data.
    dimensions
        The rows; a code belongs to the dimension that the codebook gives it, or the nearest code above it.
    coefficient
        Of agreement, as ``interviews.agreement`` calls it.
    quotes
        How many typical quotes a dimension has.
    chosen
        Ids of segments that a person chose as typical; they come first.
    """
    empty = pd.MultiIndex.from_tuples([], names=["dimension", "quote"])
    if interviews is None or interviews.codebook is None or interviews.codings.empty:
        notes = []
        if interviews is not None and interviews.codebook is None:
            text = "The interviews have no codebook, so no code belongs to a dimension."
            notes.append(Note("joint_no_codebook", text))
        elif interviews is not None:
            notes.append(Note("joint_no_codings", "Nothing in the interviews is coded."))
        return InterviewStrand(
            table=_counted({}, dimensions),
            quotes=_typed(pd.DataFrame(columns=_QUOTES, index=empty)),
            notes=tuple(notes),
        )
    book = interviews.codebook
    home = {code.code: book.dimension(code.code) for code in book}
    kinds = {code.code: book.kind(code.code) for code in book}
    segments = segments_of(interviews)
    rows = {}
    for dimension in dimensions:
        own = [segment for segment in segments.values() if home.get(segment.code) == dimension]
        bad = [segment for segment in own if kinds.get(segment.code) == "problem"]
        rows[dimension] = {
            "codes": len({segment.code for segment in own}),
            "references": len(own),
            "sources": len({segment.transcript for segment in own}),
            "problem_codes": len({segment.code for segment in bad}),
            "problem_sources": len({segment.transcript for segment in bad}),
        }
    table = _counted(rows, dimensions)
    notes = []
    try:
        agreed = interviews.agreement.dimensions["estimate"].unstack("coefficient")
        limits = {end: interviews.agreement.dimensions[end].unstack("coefficient") for end in ("ci_low", "ci_high")}
        for column, frame in zip(AGREEMENT, (agreed, limits["ci_low"], limits["ci_high"]), strict=True):
            table[column] = frame[coefficient].reindex(table.index).astype("float64")
    except InsufficientDataError as error:
        text = "The agreement of the coders is not known: {reason}"
        notes.append(Note("joint_no_agreement", text, {"reason": error.note}))
    found = {
        (dimension, segment.id): _quote(segment, kinds, interviews)
        for dimension in dimensions
        for segment in _typical(segments, home, kinds, dimension, quotes, chosen)
    }
    index = pd.MultiIndex.from_tuples(list(found), names=["dimension", "quote"]) if found else empty
    return InterviewStrand(
        table=table,
        quotes=_typed(pd.DataFrame(list(found.values()), columns=_QUOTES, index=index)),
        n_sources=int(interviews.codings["transcript"].nunique()),
        unit=interviews.unit,
        notes=tuple(notes),
    )


def _typical(
    segments: Mapping[str, Segment],
    home: Mapping[str, str | None],
    kinds: Mapping[str, str | None],
    dimension: str,
    quotes: int,
    chosen: Sequence[str],
) -> list[Segment]:
    """Choose quotes: those a person chose; then problems, by coders and sources of the code, of middling length.

    Every quote is from another transcript as long as there are any.
    """
    own = [segment for segment in segments.values() if home.get(segment.code) == dimension]
    picked = [segments[id] for id in chosen if id in segments and segments[id] in own]
    heard: dict[str, set[str]] = {}
    for segment in own:
        heard.setdefault(segment.code, set()).add(segment.transcript)
    middle = float(np.median([segment.end - segment.start for segment in own])) if own else 0.0
    own.sort(
        key=lambda segment: (
            kinds.get(segment.code) != "problem",
            -len(segment.coders),
            -len(heard[segment.code]),
            abs(segment.end - segment.start - middle),
            segment.id,
        )
    )
    for fresh in (True, False):
        for segment in own:
            said = any(segment.start < one.end and one.start < segment.end for one in _of(picked, segment.transcript))
            known = bool(_of(picked, segment.transcript))
            if len(picked) < quotes and segment not in picked and not said and not (fresh and known):
                picked.append(segment)
    return picked[: max(quotes, len([id for id in chosen if id in segments and segments[id] in picked]))]


def _of(picked: Sequence[Segment], transcript: str) -> list[Segment]:
    return [one for one in picked if one.transcript == transcript]


def _quote(segment: Segment, kinds: Mapping[str, str | None], interviews: Interviews) -> dict[str, object]:
    return {
        "code": segment.code,
        "kind": kinds.get(segment.code),
        "transcript": segment.transcript,
        "role": interviews.transcripts[segment.transcript].role,
        "coders": len(segment.coders),
        "text": segment.quote,
    }


def _counted(rows: Mapping[str, Mapping[str, int]], dimensions: Sequence[str]) -> pd.DataFrame:
    index = pd.Index(list(dimensions), name="dimension", dtype="object")
    frame = pd.DataFrame([rows.get(name, {}) for name in dimensions], index=index, columns=COUNTS)
    frame = frame.fillna(0).astype("int64")
    return frame.assign(**dict.fromkeys(AGREEMENT, np.nan))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({name: "int64" if name == "coders" else "object" for name in _QUOTES})
