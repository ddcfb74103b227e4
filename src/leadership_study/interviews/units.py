"""Units of agreement: the stretches of text about which coders are compared, and who gave them which code."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.interviews._options import one_of
from leadership_study.interviews.transcripts import Transcript
from leadership_study.samples.agreement_patterns import Patterns, reduced

Unit = Literal["segment", "sentence", "character"]
UNITS: tuple[Unit, ...] = ("segment", "sentence", "character")

_SENTENCE = re.compile(r"[^。！？!?；;\n]*?(?:[。！？!?；;…]+[”’\"'」』）)]*|\.(?=\s|$)[”’\"')]*|\n|$)")


@dataclass(frozen=True, eq=False)
class Units:
    """Units of all transcripts that two coders worked on.

    Attributes
    ----------
    frame : DataFrame
        transcript, start, end, size: one row a unit; ``size`` is 1, or the characters of a stretch that is compared
        character by character.
    coders : tuple of str
    given : mapping code → bool array, units × coders
    rated : bool array, units × coders
        False where a coder did not work on the transcript.
    """

    frame: pd.DataFrame
    coders: tuple[str, ...]
    given: Mapping[str, NDArray[np.bool_]]
    rated: NDArray[np.bool_]

    def patterns(self, code: str) -> Patterns:
        """Given (1) or not (0), for one code; transcripts are the clusters."""
        marks = self.given.get(code)
        rows = np.zeros(self.rated.shape, dtype=np.int64) if marks is None else marks.astype(np.int64)
        rows[~self.rated] = -1
        clusters = np.asarray(pd.factorize(self.frame["transcript"], sort=True)[0], dtype=np.int64)
        return reduced(rows, (0, 1), clusters=clusters, sizes=self.frame["size"].to_numpy(dtype=float))


def make_units(
    transcripts: Mapping[str, Transcript],
    codings: pd.DataFrame,
    worked: Mapping[str, Collection[str]],
    *,
    unit: Unit = "segment",
    match: float = 0.5,
) -> Units:
    """Cut transcripts into units and mark who gave which code.

    Parameters
    ----------
    codings : DataFrame
        transcript, coder, start, end, code.
    worked
        Who worked on each transcript. Only transcripts of two coders or more are compared.
    unit : {"segment", "sentence", "character"}
        *segment*: stretches that coders marked; two stretches are the same unit when what they share is at least
        ``match`` of what they cover together. Text that nobody marked is one unit a turn, so that "no code" counts too.
        *sentence*: a sentence has a code when any of its letters is inside. *character*: every character counts, which
        makes the number of units large and agreement on uncoded text dominate.
    match
        For segments: shared over joint length, between 0 and 1.
    """
    one_of("unit", "make_units", unit, UNITS)
    if not 0 < match <= 1:
        raise ValueError(f"The 'match' parameter of make_units must be above 0 and at most 1. Got {match!r} instead.")
    compared = sorted(one for one, coders in worked.items() if len(coders) >= 2)
    coders = tuple(sorted({coder for one in compared for coder in worked[one]}))
    place = {coder: at for at, coder in enumerate(coders)}
    groups = {str(name): own for name, own in codings.groupby("transcript", sort=True)}
    rows: list[tuple[str, int, int, int]] = []
    marks: list[tuple[str, int, int, int]] = []  # code, coder, first unit, one after the last
    for name in compared:
        own = groups.get(name)
        spans = [] if own is None else list(zip(own["start"], own["end"], own["coder"], own["code"], strict=True))
        spans = [span for span in spans if span[2] in worked[name]]
        cut = {"character": _characters, "sentence": _sentences, "segment": _segments}[unit]
        pieces, found = cut(transcripts[name], [(int(a), int(b)) for a, b, _, _ in spans], match)
        base = len(rows)
        rows += [(name, start, end, end - start if unit == "character" else 1) for start, end in pieces]
        for (_, _, coder, code), covered in zip(spans, found, strict=True):
            marks += [(code, place[coder], base + first, base + last) for first, last in covered]
    frame = pd.DataFrame(rows, columns=["transcript", "start", "end", "size"])
    given: dict[str, NDArray[np.bool_]] = {}
    for code, coder, first, last in marks:
        given.setdefault(code, np.zeros((len(frame), len(coders)), dtype=bool))[first:last, coder] = True
    rated = np.array([[coder in worked[name] for coder in coders] for name in frame["transcript"]], dtype=bool).reshape(
        len(frame), len(coders)
    )
    return Units(frame, coders, given, rated)


Spans = list[tuple[int, int]]
Cut = tuple[Spans, list[Spans]]
"""Pieces of the text, and for each coding the ranges of pieces that it covers."""


def _characters(transcript: Transcript, spans: Spans, match: float) -> Cut:
    """Stretches between one boundary and the next: inside, every character has the same codes."""
    edges = sorted({0, len(transcript.text), *(at for span in spans for at in span)})
    where = {at: number for number, at in enumerate(edges)}
    pieces = list(pairwise(edges))
    return pieces, [[(where[start], where[end])] for start, end in spans]


def sentences(text: str) -> Spans:
    """Places of sentences, Chinese and English, without blanks around them; lines end sentences too."""
    found = []
    for hit in _SENTENCE.finditer(text):
        start, end = hit.span()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if any(sign.isalnum() for sign in text[start:end]):
            found.append((start, end))
    return found


def _sentences(transcript: Transcript, spans: Spans, match: float) -> Cut:
    # Speakers' labels are no speech.
    pieces = [
        (turn.start + start, turn.start + end)
        for turn in transcript.turns
        for start, end in sentences(transcript.text[turn.start : turn.end])
    ]
    starts, ends = np.array([a for a, _ in pieces]), np.array([b for _, b in pieces])
    covered: list[Spans] = []
    for start, end in spans:
        while start < end and not transcript.text[start].isalnum():
            start += 1
        while end > start and not transcript.text[end - 1].isalnum():
            end -= 1
        first = int(np.searchsorted(ends, start, side="right"))
        last = int(np.searchsorted(starts, end, side="left"))
        covered.append([(first, last)] if last > first and end > start else [])
    return pieces, covered


def _segments(transcript: Transcript, spans: Spans, match: float) -> Cut:
    distinct = sorted(set(spans))
    leader = list(range(len(distinct)))

    def root(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for at, (start, end) in enumerate(distinct):
        for other in range(at + 1, len(distinct)):
            begin, finish = distinct[other]
            if begin >= end:
                break
            shared = min(end, finish) - begin
            if shared >= match * (max(end, finish) - start):
                leader[root(other)] = root(at)
    members: dict[int, list[int]] = {}
    for at in range(len(distinct)):
        members.setdefault(root(at), []).append(at)
    pieces: Spans = []
    number: dict[tuple[int, int], int] = {}
    for group in members.values():
        for at in group:
            number[distinct[at]] = len(pieces)
        pieces.append((min(distinct[at][0] for at in group), max(distinct[at][1] for at in group)))
    covered = [[(number[span], number[span] + 1)] for span in spans]
    return pieces + _unmarked(transcript, distinct), covered


def _unmarked(transcript: Transcript, spans: Iterable[tuple[int, int]]) -> Spans:
    """What nobody marked, one stretch a turn."""
    joined = merged_spans(spans)
    found: Spans = []
    for turn in transcript.turns:
        at = turn.start
        edges = [(max(a, turn.start), min(b, turn.end)) for a, b in joined if a < turn.end and b > turn.start]
        for start, end in [*edges, (turn.end, turn.end)]:
            if any(sign.isalnum() for sign in transcript.text[at:start]):
                found.append((at, start))
            at = max(at, end)
    return found


def merged_spans(spans: Iterable[tuple[int, int]]) -> Spans:
    """Join stretches that overlap or touch."""
    joined: Spans = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def overlapping(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether any stretch shares a character with a range."""
    return any(a < end and b > start for a, b in spans)
