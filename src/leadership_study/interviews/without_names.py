"""Interviews without what identifies people: every text replaced alike, every offset moved along, and nothing left."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from leadership_study.errors import ImportFormatError, Problem, _WithProblems
from leadership_study.interviews.interviews import Interviews
from leadership_study.interviews.pseudonyms import Pseudonymised, leftovers, pseudonymise
from leadership_study.interviews.transcripts import Transcript, Turn

_KEPT_FACTS = frozenset({"minutes", "language", "note"})
"""Entries of the front matter that are kept; pseudonyms go into the note as well."""
_SAID = ("name", "definition", "include", "exclude", "anchor")


def without_names(
    interviews: Interviews,
    *,
    names: Collection[str] = (),
    schools: Collection[str] = (),
    places: Collection[str] = (),
) -> tuple[Interviews, pd.DataFrame]:
    """Put pseudonyms into transcripts, speakers, roles, memos, translations, reasons; move the codings along.

    Parameters
    ----------
    names, schools, places
        What is known to occur; forms that give themselves away are found without (`pseudonymise`).

    Returns
    -------
    (Interviews, key)
        ``key`` identifies people: it belongs under ``private/``. Of the front matter only id, role, district, date,
        minutes, language and note are kept; what was left out, and given names that may be words, is in ``.problems``.

    Raises
    ------
    ImportFormatError
        Something of the key is still there: in an id, a coder's name or the codebook, or written with blanks between
        its letters. What it was is not repeated.
    """
    texts = {f"text:{name}": one.text for name, one in interviews.transcripts.items()}
    for name, one in interviews.transcripts.items():
        said_of = {"district": one.district, "role": one.role, "note": one.facts.get("note")}
        texts |= {f"{what}:{name}": said for what, said in said_of.items() if said}
        texts |= {f"speaker:{turn.speaker}": turn.speaker for turn in one.turns if turn.speaker}
    for what, frame, column in _tables(interviews):
        texts |= {f"{what}:{at}": str(said) for at, said in enumerate(frame[column]) if said is not None and said != ""}
    found = pseudonymise(texts, names=names, schools=schools, places=places)
    transcripts = {name: _moved(one, found) for name, one in interviews.transcripts.items()}
    fresh = replace(
        interviews,
        transcripts=transcripts,
        codings=_frame(interviews.codings, found, "memo", "memo", transcripts),
        translations=_frame(interviews.translations, found, "translation", "text", None),
        adjudication=None
        if interviews.adjudication is None
        else _frame(interviews.adjudication, found, "reason", "reason", transcripts),
    )
    checked = {**found.texts, **{f"id:{name}": name for name in transcripts}}
    checked |= {f"coder:{at}": str(name) for at, name in enumerate(interviews.codings["coder"].unique(), 1)}
    left = leftovers(checked, found.key)
    written = leftovers(_codebook_texts(interviews), found.key)
    # A codebook may speak of kinds of schools and places: in it only what the key holds is looked for.
    left = pd.concat([left, written[written["certain"] & (written["pseudonym"] != "")]], ignore_index=True)
    if len(certain := left[left["certain"]]):
        raise ImportFormatError(
            "What identifies people is still in the interviews:",
            [_left(*_where(row, found), str(row["kind"])) for row in certain.to_dict("records")],
        )
    odd = [_maybe(*_where(row, found)) for row in left.to_dict("records")]
    odd += [
        _dropped(one, fact) for one in interviews.transcripts.values() for fact in one.facts if fact not in _KEPT_FACTS
    ]
    problems = pd.concat([interviews.problems, _WithProblems("", odd).to_frame()], ignore_index=True)
    return replace(fresh, problems=problems if odd else interviews.problems), found.key


def _tables(interviews: Interviews) -> list[tuple[str, pd.DataFrame, str]]:
    tables = [("memo", interviews.codings, "memo"), ("translation", interviews.translations, "text")]
    return tables + ([] if interviews.adjudication is None else [("reason", interviews.adjudication, "reason")])


def _moved(one: Transcript, found: Pseudonymised) -> Transcript:
    name = f"text:{one.id}"
    text = found.texts[name]
    turns = tuple(
        Turn(
            turn.number,
            found.texts.get(f"speaker:{turn.speaker}", turn.speaker),
            *found.place(name, turn.start, turn.end),
        )
        for turn in one.turns
    )
    facts = {fact: value for fact, value in one.facts.items() if fact in _KEPT_FACTS}
    if "note" in facts:
        facts["note"] = found.texts[f"note:{one.id}"]
    role, district = (found.texts.get(f"{what}:{one.id}", getattr(one, what)) for what in ("role", "district"))
    return replace(one, text=text, turns=turns, facts=facts, role=role, district=district)


def _codebook_texts(interviews: Interviews) -> dict[str, str]:
    """What the codebook says of each code, by code."""
    texts = {}
    for code in interviews.codebook or ():
        said = [code.code, *(text for part in _SAID for text in getattr(code, part).values())]
        texts[f"codebook:{code.code}"] = "\n".join(said)
    return texts


def _where(row: Mapping[Any, Any], found: Pseudonymised) -> tuple[str, int]:
    """Which text, and the character of it as it was before anything was replaced."""
    return str(row["transcript"]), found.source_place(str(row["transcript"]), int(row["start"]))


def _frame(
    frame: pd.DataFrame, found: Pseudonymised, what: str, column: str, transcripts: dict[str, Transcript] | None
) -> pd.DataFrame:
    places = [
        found.place(f"text:{name}", int(start), int(end))
        for name, start, end in zip(frame["transcript"], frame["start"], frame["end"], strict=True)
    ]
    moved = frame.copy()
    moved["start"] = pd.Series([start for start, _ in places], index=frame.index, dtype="int64")
    moved["end"] = pd.Series([end for _, end in places], index=frame.index, dtype="int64")
    said = [found.texts.get(f"{what}:{at}", old) for at, old in enumerate(frame[column])]
    moved[column] = pd.Series(said, index=frame.index, dtype=frame[column].dtype)
    if transcripts is not None:
        quotes = [transcripts[name].quote(*at) for name, at in zip(frame["transcript"], places, strict=True)]
        moved["quote"] = pd.Series(quotes, index=frame.index, dtype=frame["quote"].dtype)
    return moved


def _left(name: str, start: int, kind: str) -> Problem:
    what, _, where = str(name).partition(":")
    place = f"in the {what} of {where} at character {start}" if what == "text" else f"in the {what} {where}"
    message = f"a {kind.replace('_', ' ')} is still there, {place}"
    return Problem(file=where, message=message, remedy="write it as elsewhere, or take it out", rule="name_left")


def _maybe(name: str, start: int) -> Problem:
    what, _, where = str(name).partition(":")
    message = f"a given name, which may be a word, stands in the {what} of {where} at character {start}"
    return Problem(file=where, message=message, remedy="look at it", rule="given_name_left")


def _dropped(one: Transcript, fact: str) -> Problem:
    message = f"the entry {fact!r} of the front matter is left out: it may identify the informant"
    return Problem(file=one.source or one.id, message=message, remedy="leave it out", rule="fact_left_out")
