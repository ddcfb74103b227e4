"""The argument of a study in sentences: every number in them bound to the stored value that they refer to."""

from collections.abc import Iterator, Mapping

from leadership_study.reporting.languages import load_language
from leadership_study.reporting.lookup import Values, resolve
from leadership_study.reporting.parts import Number, Paragraph, Span
from leadership_study.results import NotEstimated, Result
from leadership_study.synthesis.argument import ways
from leadership_study.synthesis.argument_file import ArgumentFile, Element
from leadership_study.synthesis.references import IN_TEXT


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
        ordered = sorted(
            elements.values(), key=lambda element: ("problem", "cause", "countermeasure").index(element.kind)
        )
        spans: list[Span] = []
        for element in ordered:
            spans += [words.word("space")] if spans else []
            place = own["labels"].get(element.place, element.place)
            frame = own["told"][element.kind]
            head = frame.replace("{dimension}", labels.get(element.dimension, element.dimension))
            before, _, after = head.replace("{place}", place).partition("{text}")
            spans += [before, *_bound(words.text_of(element.text, ""), values), after]
        paragraphs.append(Paragraph(tuple(span for span in spans if span != "")))
    return tuple(paragraphs)


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
