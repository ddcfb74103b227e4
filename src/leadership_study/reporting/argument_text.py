"""The argument of a study in sentences: every number in them bound to the stored value that they refer to."""

import re
from collections.abc import Iterator, Mapping, Sequence

from leadership_study.reporting.languages import Language, load_language
from leadership_study.reporting.lookup import Values, resolve
from leadership_study.reporting.parts import Number, Paragraph, Span
from leadership_study.results import NotEstimated, Result
from leadership_study.synthesis.argument import ways
from leadership_study.synthesis.argument_file import ArgumentFile, Element
from leadership_study.synthesis.references import IN_TEXT

_FIRST = re.compile(r"^.*?(?:[.!?](?=\s)|[。！？])")


def first_sentence(text: str) -> str:
    """Return the first sentence of a text without its stop: what boxes and tables have room for."""
    found = _FIRST.match(text)
    return (found[0] if found else text).rstrip(".。")


def argument_paragraphs(
    said: ArgumentFile, results: Mapping[str, Result], labels: Mapping[str, str], language: str
) -> tuple[Paragraph, ...]:
    """Write a paragraph a problem: the problem, what lies behind it, what is proposed.

    Parameters
    ----------
    said
        The argument file, its references known to be right.
    results
        What its references refer to.
    labels
        What dimensions are called.
    language
        A code that has a file in ``reporting/languages``.
    """
    words = load_language(language)
    own = words.analysis("argument")
    values = {
        name: Values.of(name, result) for name, result in results.items() if not isinstance(result, NotEstimated)
    }  # fmt: skip
    paragraphs = []
    for problem in said.of_kind("problem"):
        elements: dict[str, Element] = {problem.id: problem}
        for way in ways(said):
            if way[0] is problem:
                elements |= {element.id: element for element in way[1:] if element is not None}
        told = own["told"]
        named = labels.get(problem.dimension, problem.dimension)
        spans = _set(told["problem"].replace("{dimension}", named), "{text}", _said(problem, words, values))
        for kind in ("cause", "countermeasure"):
            listed: list[Span] = []
            for element in (one for one in elements.values() if one.kind == kind):
                listed += [words.word("semicolon")] if listed else []
                place = own["labels"].get(element.place, element.place)
                text = _said(element, words, values, bare=True)
                listed += _set(told["item"].replace("{place}", place), "{text}", text)
            if listed:
                spans += [words.word("space"), *_set(told[kind], "{list}", listed)]
        paragraphs.append(Paragraph(tuple(span for span in spans if span != "")))
    return tuple(paragraphs)


def _set(frame: str, slot: str, spans: Sequence[Span]) -> list[Span]:
    before, _, after = frame.partition(slot)
    return [before, *spans, after]


def _said(element: Element, words: Language, values: Mapping[str, Values], *, bare: bool = False) -> list[Span]:
    """Return the text of an element, its numbers bound; ``bare``: without its stop."""
    text = words.text_of(element.text, "")
    return list(_bound(text.rstrip(".。") if bare else text, values))


def _bound(text: str, values: Mapping[str, Values]) -> Iterator[Span]:
    at = 0
    for match in IN_TEXT.finditer(text):
        yield text[at : match.start()]
        yield _number(match[1], values)
        at = match.end()
    yield text[at:]


def _number(reference: str, values: Mapping[str, Values]) -> Number | str:
    if reference.partition(".")[0] not in values:  # its block could not be estimated
        return "–"
    return resolve(values, reference)
