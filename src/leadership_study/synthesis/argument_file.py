"""The argument file of a study, read and checked: what was concluded, written by a person after the results."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.errors import Problem
from leadership_study.synthesis._reading import Table, refuse, toml_of

LEVELS = ("government", "head", "district")
"""Where a cause lies and who acts. The codebooks of interviews call the last one "inside"."""

FITS = ("convergent", "complementary", "discordant", "silent")
KINDS = ("problem", "cause", "countermeasure")

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ABOVE = {"cause": ("problems", "problem"), "countermeasure": ("causes", "cause")}
_PLACE = {"problem": None, "cause": "level", "countermeasure": "agent"}

Text = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Element:
    """A problem, a cause or a countermeasure.

    ``of`` are the problems of a cause, the causes of a countermeasure; ``place`` is the level of a cause, the agent of
    a countermeasure. ``results`` are references, ``codes`` of the codebook, ``segments`` ids as `segments_of` has them.
    """

    kind: str
    id: str
    text: Text
    dimension: str = ""
    place: str = ""
    of: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The element as the file has it."""
        return f"[[{self.kind}]] {self.id!r}"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A person's word on the fit of a dimension, with the reason."""

    dimension: str
    fit: str
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A segment chosen as typical, perhaps in other languages than the one it was said in."""

    segment: str
    text: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reported:
    """Where the item of a checklist stands, as a person says it."""

    checklist: str
    item: str
    text: Text


@dataclass(frozen=True, kw_only=True)
class ArgumentFile:
    """What an argument file says; its references are not looked up yet."""

    file: str
    elements: tuple[Element, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    quotes: tuple[Quote, ...] = ()
    reported: tuple[Reported, ...] = ()

    def of_kind(self, kind: str) -> tuple[Element, ...]:
        """The elements of one kind, in the order of the file."""
        return tuple(element for element in self.elements if element.kind == kind)


def read_argument(source: str | Path | Mapping[str, Any], *, languages: Sequence[str] = ()) -> ArgumentFile:
    """Read ``studies/<name>.argument.toml``, or the tables that such a file has.

    Parameters
    ----------
    source
        A path, or the tables themselves.
    languages
        Every text must have these; without any, at least one.

    Raises
    ------
    PlanError
        With everything that is wrong with the file, at once: unknown keys, levels, agents and fits, arrows that lead
        to nothing or backwards, texts in place of lists, an empty file.
    """
    shown = "the argument" if isinstance(source, Mapping) else Path(source).name
    problems: list[Problem] = []
    top = Table(source if isinstance(source, Mapping) else toml_of(Path(source)), "", shown, problems)
    elements = [
        element for kind in KINDS for entry in top.tables(kind) if (element := _element(kind, entry, languages))
    ]
    judgements = [_judgement(entry, languages) for entry in top.tables("judgement")]
    quotes = [_quote(entry) for entry in top.tables("quote")]
    reported = [_reported(entry, languages) for entry in top.tables("reported")]
    top.finish()
    if not problems and not (elements or judgements or quotes or reported):
        top.wrong("the file is empty", "write a [[problem]], its [[cause]] and a [[countermeasure]]", "empty_file")
    _check_ids(elements, shown, problems)
    _check_arrows(elements, shown, problems)
    twice = [one.dimension for one in judgements if one.dimension]
    for name in sorted({name for name in twice if twice.count(name) > 1}):
        top.wrong(f"two [[judgement]] about {name!r}", "keep one of them", "duplicate_judgement")
    refuse(shown, problems)
    return ArgumentFile(
        file=shown,
        elements=tuple(elements),
        judgements=tuple(judgements),
        quotes=tuple(quotes),
        reported=tuple(reported),
    )


def _element(kind: str, table: Table, languages: Sequence[str]) -> Element | None:
    id = table.word("id")
    if id and not _ID.fullmatch(id):
        table.wrong("'id' must be a letter followed by letters, digits or _", "rename it", "bad_id", id)
    place = _PLACE[kind]
    element = Element(
        kind=kind,
        id=id,
        text=table.text("text", languages),
        dimension="" if kind == "cause" else table.word("dimension"),
        place=table.word(place, known=LEVELS) if place else "",
        of=table.words(_ABOVE[kind][0]) if kind in _ABOVE else (),
        results=table.words("results"),
        codes=table.words("codes"),
        segments=table.words("segments"),
    )
    table.finish()
    return element if id else None


def _judgement(table: Table, languages: Sequence[str]) -> Judgement:
    found = Judgement(
        dimension=table.word("dimension"), fit=table.word("fit", known=FITS), reason=table.text("reason", languages)
    )
    table.finish()
    return found


def _quote(table: Table) -> Quote:
    found = Quote(segment=table.word("segment"), text=table.text("text", (), required=False))
    table.finish()
    return found


def _reported(table: Table, languages: Sequence[str]) -> Reported:
    found = Reported(
        checklist=table.word("checklist"), item=table.word("item"), text=table.text("text", languages)
    )  # fmt: skip
    table.finish()
    return found


def _check_ids(elements: Sequence[Element], file: str, problems: list[Problem]) -> None:
    seen: dict[str, Element] = {}
    for element in elements:
        if (first := seen.setdefault(element.id.lower(), element)) is not element:
            message = f"{element.where}: the id is also that of {first.where}"
            problems.append(Problem(file, message, "give each an id of its own", "duplicate_id"))


def _check_arrows(elements: Sequence[Element], file: str, problems: list[Problem]) -> None:
    """Arrows go from problems to causes to countermeasures: none may end in nothing, or lead back."""
    kinds = {element.id: element.kind for element in elements}
    for element in elements:
        if element.kind not in _ABOVE:
            continue
        key, wanted = _ABOVE[element.kind]
        for name in element.of:
            if (kind := kinds.get(name)) == wanted:
                continue
            if kind is None:
                known = [one.id for one in elements if one.kind == wanted]
                told = unknown(f"{wanted} in {key!r}", name, known) if known else f"there is no [[{wanted}]] yet"
                rule, remedy = "dangling_arrow", "correct it, or write that " + wanted
            else:
                told = f"{name!r} in {key!r} is a {kind}: an argument goes from problem to cause to countermeasure, "
                told += "never back or in a circle"
                rule, remedy = "cyclic_arrow", f"name a {wanted}"
            problems.append(Problem(file, f"{element.where}: {told}", remedy, rule, value=name))
