"""Offsets of other programs: which of several ways of counting fits the quotes that they wrote beside them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from leadership_study.interviews.text import normalise, shifted


class Selection(NamedTuple):
    """A stretch as another program gave it, and the text that it says stands there (None: it doesn't say)."""

    start: int
    end: int
    quote: str | None


Count = Callable[[int], int]

WAYS = ("code_points", "code_points_lf", "utf16", "utf16_lf")
"""Code points of the file or after line ends are normalised; the same in UTF-16 units."""


def counted(raw: str, selections: Sequence[Selection]) -> tuple[list[tuple[int, int]], str, bool, int]:
    """Turn offsets into half-open code points of the normalised text.

    The standard counts code points of the file from 0; its examples have the end as the first character that isn't in
    it, its prose as the last that is. Programs on .NET count UTF-16 units. Where quotes decide,
    they do; else the standard.

    Returns
    -------
    (places, way, inclusive, disagreeing)
        Half-open places; one of `WAYS`, with ``_with_mark`` where the byte order mark was counted; whether ends are
        inclusive; how many quotes still don't fit.
    """
    marked = raw.startswith("\ufeff")
    raw = raw.removeprefix("\ufeff")
    text = normalise(raw)
    quoted = [one for one in selections if one.quote]
    best: tuple[int, str, int, bool] = (0, WAYS[0], 0, False)
    for way in WAYS:
        count = _counter(raw, text, way)
        for mark in (0, 1) if marked else (0,):
            for inclusive in (False, True):
                fitting = 0
                for one in quoted:
                    said = text[count(max(one.start - mark, 0)) : count(max(one.end - mark + inclusive, 0))]
                    fitting += _fits(said, one.quote or "")
                if fitting > best[0]:
                    best = (fitting, way, mark, inclusive)
    _, way, mark, inclusive = best
    count = _counter(raw, text, way)
    places = [(count(max(one.start - mark, 0)), count(max(one.end - mark + inclusive, 0))) for one in selections]
    pairs = zip(places, selections, strict=True)
    unlike = sum(_fits(text[a:b], one.quote) == 0 for (a, b), one in pairs if one.quote)
    # A name that never fits is a label, not a quote: it proves nothing.
    return places, way + "_with_mark" * mark, inclusive, unlike if best[0] else 0


def _fits(said: str, quote: str) -> int:
    """How well a stretch fits its quote: 2 exactly, 1 but for blanks around it or as a cut beginning, 0 not."""
    wanted = normalise(quote)
    if said == wanted:
        return 2
    cut = wanted.rstrip(" .…")
    return int(said.strip() == wanted.strip() != "" or (len(cut) >= 8 and said.startswith(cut)))


def _counter(raw: str, text: str, way: str) -> Count:
    if way == "code_points":
        return lambda at: shifted(raw, at)
    if way == "code_points_lf":
        return lambda at: at
    base = raw if way == "utf16" else text
    if base.isascii() or all(sign <= "\uffff" for sign in base):
        return (lambda at: shifted(raw, at)) if way == "utf16" else (lambda at: at)
    places: list[int] = []
    for at, sign in enumerate(base):
        places += [at, at] if sign > "\uffff" else [at]

    def points(at: int) -> int:
        found = places[at] if at < len(places) else len(base) + at - len(places)
        return shifted(raw, found) if way == "utf16" else found

    return points
