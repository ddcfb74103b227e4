"""The end of a report: where its numbers come from, what it was made of, which works it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadership_study.by_name import names
from leadership_study.reporting.blocks import Block, title_of
from leadership_study.reporting.languages import Language, markup
from leadership_study.reporting.layout import references_of
from leadership_study.reporting.parts import Link, Pairs, Paragraph, Part, Section, Spans, Symbol, stored_file
from leadership_study.results import NotEstimated

if TYPE_CHECKING:
    from leadership_study.importing import Source


def appendix(
    words: Language,
    study: str,
    blocks: Sequence[Block],
    sources: Sequence["Source"],
    provenance: Mapping[str, str],
) -> Iterator[Section]:
    """Yield the appendix: where the numbers come from, data and provenance, references.

    ``provenance`` is listed as it comes, its names translated where ``[terms]`` has them.
    """
    own = words.data["sections"]["appendix"]
    yield Section(id="report-appendix", title=own["title"], parts=())
    rows: list[tuple[Spans, Spans]] = []
    for block in blocks:
        where: list[Any] = [own["computed_in"], Symbol(_home(block.use), "code"), own["stored_in"]]
        where.append(Link(f"results/{block.id}.json", stored_file(study, block.id, "definition")))
        if not isinstance(block.result, NotEstimated):
            for name in block.result.tables():
                where += [words.word("comma"), Link(f"{block.id}.{name}.csv", stored_file(study, block.id, name))]
        rows.append(((title_of(words, block),), (*where, words.word("stop"))))
    intro = Paragraph(markup(own["methods_intro"]))
    yield Section(id="report-methods", title=own["methods"], parts=(intro, Pairs(tuple(rows))), level=2)
    facts: list[tuple[Spans, Spans]] = []
    for source in sources:
        told = f"{words.term(str(source.format))}{words.word('comma')}{source.encoding}{words.word('comma')}SHA-256 "
        facts.append(((source.file,), (told, Symbol(source.sha256, "code"))))
    for name, value in provenance.items():
        facts.append(((words.term(name),), (Symbol(value, "code") if _is_hash(value) else value,)))
    parts: tuple[Part, ...] = (Paragraph(markup(own["provenance_intro"])), Pairs(tuple(facts)))
    yield Section(id="report-provenance", title=own["provenance"], parts=parts, level=2)
    cited = references_of([block.use for block in blocks if not isinstance(block.result, NotEstimated)])
    texts = tuple(Paragraph(markup(text), "reference") for text in cited)
    if texts:
        yield Section(id="report-references", title=own["references"], parts=texts, level=2)


def _is_hash(value: str) -> bool:
    return len(value) >= 32 and set(value) <= set("0123456789abcdef")


def _home(use: str) -> str:
    for part in ("measurement", "influences", "districts", "synthesis"):
        if use in names(f"leadership_study.{part}"):
            return f"leadership_study.{part}.{use}"
    return use
