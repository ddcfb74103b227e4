"""Coded segments under ids that an argument can refer to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from leadership_study.interviews import Interviews
from leadership_study.interviews.units import merged_spans


@dataclass(frozen=True)
class Segment:
    """A stretch of a transcript with a code; stretches of several coders that overlap are one.

    ``id`` is ``<transcript>:<code>:<start>``, the start being its first character (code points from 0), as in
    ``head_03:str_plan:120``. It stays the same when other segments come or go. Argument files count the
    characters of the text as received.
    """

    id: str
    transcript: str
    code: str
    start: int
    end: int
    coders: tuple[str, ...]
    quote: str


def segments_of(interviews: Interviews) -> dict[str, Segment]:
    """Return all coded segments by id, in the order of transcripts and of the text.

    Where disagreements were adjudicated, these are the segments of the final codings.

    Parameters
    ----------
    interviews : Interviews
        As `read_interviews` or ``Study.interviews`` returns them.

    Returns
    -------
    dict
        ``transcript:code:start`` → `Segment`; the start counts code points of the transcript.
    """
    given: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for transcript, code, start, end, coder in _rows(interviews.codings):
        given.setdefault((transcript, code), []).append((start, end, coder))
    kept: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for transcript, code, start, end, _ in _rows(interviews.counted):
        kept.setdefault((transcript, code), []).append((start, end))
    found: dict[str, Segment] = {}
    for (transcript, code), stretches in kept.items():
        for start, end in merged_spans(stretches):
            rows = given.get((transcript, code), [])
            coders = tuple(sorted({coder for low, high, coder in rows if low < end and high > start}))
            id = f"{transcript}:{code}:{start}"
            found[id] = Segment(id, transcript, code, start, end, coders, _quote(interviews, transcript, start, end))
    return dict(sorted(found.items(), key=lambda item: (item[1].transcript, item[1].start, item[1].code)))


def starts_of(interviews: Interviews, segments: Mapping[str, Segment]) -> dict[str, str]:
    """Return, for the start of every single coding, the id of the segment that it is part of."""
    by_code: dict[tuple[str, str], list[Segment]] = {}
    for segment in segments.values():
        by_code.setdefault((segment.transcript, segment.code), []).append(segment)
    other = {id: id for id in segments}
    for transcript, code, start, end, _ in _rows(interviews.codings):
        for segment in by_code.get((transcript, code), []):
            if start < segment.end and end > segment.start:
                other.setdefault(f"{transcript}:{code}:{start}", segment.id)
    return other


def _rows(codings: pd.DataFrame) -> Iterator[tuple[str, str, int, int, str]]:
    columns = codings[["transcript", "code", "start", "end", "coder"]].itertuples(index=False, name=None)
    yield from ((str(a), str(b), int(start), int(end), str(coder)) for a, b, start, end, coder in columns)


def _quote(interviews: Interviews, transcript: str, start: int, end: int) -> str:
    return " ".join(interviews.transcripts[transcript].quote(start, end).split())
