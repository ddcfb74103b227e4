"""A study's report as a document: one section a block of the plan, every number bound to its stored result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadership_study.reporting.appendix import appendix
from leadership_study.reporting.blocks import Block, Picture, title_of
from leadership_study.reporting.headline import compared_parts
from leadership_study.reporting.languages import Language, load_language, markup
from leadership_study.reporting.layout import layout_of, shown_tables, statistics_of
from leadership_study.reporting.lookup import Values
from leadership_study.reporting.naming import Names, names_of
from leadership_study.reporting.parts import (
    RESPONDENTS,
    Document,
    Figure,
    Paragraph,
    Part,
    Section,
    Spans,
    Symbol,
    Table,
    stored_file,
)
from leadership_study.reporting.sentences import Writer
from leadership_study.reporting.tables import display_table
from leadership_study.results import Note, NotEstimated, format_number

if TYPE_CHECKING:
    from leadership_study.importing import Source
    from leadership_study.instruments import Instrument

__all__ = ["Block", "Document", "Picture", "build_document"]


def build_document(
    *,
    study: str,
    title: Mapping[str, str],
    language: str,
    simulated: bool,
    instrument: "Instrument",
    labels: Mapping[str, str],
    flow: pd.DataFrame | None,
    blocks: Sequence[Block],
    sources: Sequence["Source"] = (),
    notes: Sequence[Note] = (),
    provenance: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    warnings: Sequence[Note] = (),
) -> Document:
    """Write the report of a study in one language.

    Parameters
    ----------
    study
        The study's id; links lead to ``../../data/processed/<study>/``.
    title
        The plan's title by language.
    language
        A code that has a file in ``reporting/languages``.
    simulated
        Puts a notice at the head and on every table and figure.
    instrument
        The questionnaire.
    labels
        Display text of item, dimension, background and context ids in this language.
    flow
        Flow of respondents: index ``step``, column ``n`` (and one a block of responses); None without a survey.
    blocks
        The analyses in the order of the plan.
    sources
        The files of answers that were read.
    notes
        Notes of validation and scoring; a result's own notes stand in its section.
    provenance
        Names (translated where known) and values of the last appendix, in this order.
    groups
        What the blocks of respondents are called in this language, by id.
    warnings
        What casts doubt on everything that follows, such as an item that seems keyed the wrong way; they stand first in
        the section on the respondents.

    Raises
    ------
    PlanError
        When the language has no file.
    LeadershipStudyError
        When a sentence or the layout refers to something that the results do not have.
    """
    words = load_language(language)
    called = dict(groups or {})
    names = names_of(instrument, labels, language)
    shown = {**names.in_sentences, **called}
    everyone = [] if flow is None else list(flow.columns[1:])
    count = _Counter(words, simulated)
    told = [*(note for one in sources for note in one.notes), *notes]
    sections = [
        _about(words, shown, title, instrument, flow, blocks),
        *([] if flow is None else [_respondents(words, shown, study, flow, told, count, warnings)]),
        *(
            _analysis(words, _names(instrument, names, block, called, language), study, block, everyone, count)
            for block in blocks
        ),
        *appendix(words, study, blocks, sources, dict(provenance or {})),
    ]
    return Document(
        study=study,
        title=words.text_of(title, study),
        language=language,
        sections=tuple(sections),
        notice=words.word("simulated") if simulated else None,
        words=dict(words.data["words"]),
    )


def _names(instrument: "Instrument", names: Names, block: Block, groups: Mapping[str, str], language: str) -> Names:
    """Return the names of a block: its own wording of the items, and groups of respondents by their titles."""
    own = names if block.labels is None else names_of(instrument, block.labels, language)
    return Names(
        in_sentences={**groups, **own.in_sentences}, in_rows={**groups, **own.in_rows}, turned=own.turned, groups=groups
    )


class _Counter:
    """Numbers tables and figures through the whole report."""

    def __init__(self, words: Language, simulated: bool) -> None:
        self.words, self.simulated = words, simulated
        self.tables = self.figures = 0

    def table(self) -> str:
        self.tables += 1
        return self.words.word("table").format(number=self.tables)

    def figure(self) -> str:
        self.figures += 1
        return self.words.word("figure").format(number=self.figures)

    def caption(self, spans: Spans) -> Spans:
        """Add the mark of simulated data."""
        return (*spans, self.words.word("simulated_mark")) if self.simulated else spans


def _about(
    words: Language,
    labels: Mapping[str, str],
    title: Mapping[str, str],
    instrument: "Instrument",
    flow: pd.DataFrame | None,
    blocks: Sequence[Block],
) -> Section:
    missing = [block for block in blocks if isinstance(block.result, NotEstimated)]
    own = words.data["sections"]["about"]
    absent: list[Part] = []
    if missing:
        titles = words.listed(title_of(words, block) for block in missing)
        absent.append(Paragraph(markup(own["not_estimated"].replace("{blocks}", titles))))
    if flow is None:
        empty = Writer(values=Values(RESPONDENTS, {}), language=words, labels=labels)
        return Section(id="report-about", title=own["title"], parts=(*empty.paragraphs(own["without_survey"]), *absent))
    options = {
        "title": words.text_of(title, ""),
        "questionnaire": words.text_of(instrument.title, instrument.id),
        "source": instrument.source_text(words.code).rstrip(".。"),
        "dimensions": [labels.get(dimension.id, dimension.id) for dimension in instrument.dimensions],
        "texts": instrument.texts,
        "one_block": "yes" if len(flow.columns) == 1 else "no",
    }
    if idle := _idle(flow, blocks):
        options["idle"] = idle
    writer = Writer(values=Values(RESPONDENTS, {"flow": flow}), language=words, labels=labels, options=options)
    parts: list[Part] = [*writer.paragraphs(own["paragraphs"])]
    if len(flow.columns) > 1:
        several = [str(one) for one in flow.columns[1:]]
        counts = [own["block"].format(block=words.term(one, labels), n=f"{{flow/analysed/{one}}}") for one in several]
        spans = writer.fill(own["blocks"].replace("{blocks}", words.listed(counts)))
        if idle:
            spans += [words.word("space"), *writer.fill(own["idle"])]
        parts.insert(2, Paragraph(tuple(spans)))
    return Section(id="report-about", title=own["title"], parts=(*parts, *absent))


def _idle(flow: pd.DataFrame, blocks: Sequence[Block]) -> list[str]:
    """Return the blocks of respondents whose answers no analysis used."""
    blocks = [block for block in blocks if not block.of_nobody]
    if not blocks or not all(block.of for block in blocks):
        return []
    used = {one for block in blocks for one in block.of}
    return [str(one) for one in flow.columns[1:] if one not in used]


def _respondents(
    words: Language,
    labels: Mapping[str, str],
    study: str,
    flow: pd.DataFrame,
    notes: Sequence[Note],
    count: _Counter,
    warnings: Sequence[Note],
) -> Section:
    own = words.data["sections"]["respondents"]
    values = Values(RESPONDENTS, {"flow": flow})
    label = count.table()
    writer = Writer(values=values, language=words, labels=labels, numbered={"flow": label})
    table = display_table(
        writer,
        "flow",
        {},
        label=label,
        caption=count.caption(markup(own["caption"])),
        csv=stored_file(study, RESPONDENTS, "flow"),
    )
    doubts = [Paragraph(words.note_spans(note, labels), "missing") for note in warnings]
    parts: list[Part] = [*doubts, *writer.paragraphs(own["paragraphs"]), table, *_notes(words, labels, notes)]
    return Section(id="report-respondents", title=own["title"], parts=tuple(parts))


def _analysis(
    words: Language, names: Names, study: str, block: Block, everyone: Sequence[str], count: _Counter
) -> Section:
    labels, title = names.in_sentences, title_of(words, block)
    if isinstance(block.result, NotEstimated):
        reason = words.note_spans(block.result.reason, labels)
        spans = (Symbol(words.word("not_estimated")), words.word("colon"), *reason)
        return Section(id=block.id, title=title, parts=(Paragraph(spans, "missing"),))
    own = words.analysis(block.use)
    values = Values.of(block.id, block.result, statistics_of(block.use))
    shown = shown_tables(block.use, values.tables)
    writer = Writer(
        values=values,
        language=words,
        labels=labels,
        names=names,
        options=_options(names, block, everyone, values),
        numbered={name: count.table() for name in shown},
    )
    parts: list[Part] = []
    for group in ("before", "intro", "findings"):
        parts += writer.paragraphs((words.data["sections"]["analysis"] if group == "before" else own).get(group, ()))
    parts += block.told
    parts += [_table(writer, study, block, name, title, count) for name in shown]
    parts += [_figure(writer, block, picture, title, count) for picture in block.pictures]
    if block.compared is not None:
        parts += compared_parts(words, names, study, block, title, count)
    parts += _notes(words, labels, block.result.notes)
    if card := _card(writer):
        spans = (Symbol(words.word("computed")), words.word("colon"), *card)
        parts.append(Paragraph(spans, "note"))
    return Section(id=block.id, title=title, parts=tuple(parts))


def _options(names: Names, block: Block, everyone: Sequence[str], values: Values) -> dict[str, Any]:
    """Return what sentences may ask for: the block's options, and what its result does not say itself."""
    options: dict[str, Any] = dict(block.options)
    if names.turned_among(values.tables.values()):
        options["reverse_keyed"] = "yes"
    notes = block.result.notes
    left_out = [str(note.values["dimension"]) for note in notes if note.id == "dimension_not_estimated"]
    if left_out:
        options["left_out"] = left_out
    if block.of and len(everyone) > 1:
        options["respondents"] = [names.groups.get(one, one) for one in block.of]
    return options


def _table(writer: Writer, study: str, block: Block, name: str, title: str, count: _Counter) -> Table:
    own = writer.language.analysis(block.use).get("tables", {}).get(name, {})
    caption: Spans = (title,)
    if "caption" in own:
        caption = tuple(writer.fill(own["caption"]))
    elif len(writer.numbered) > 1:
        caption = (title, writer.language.word("colon"), *writer.language.column(name))
    return display_table(
        writer,
        name,
        layout_of(block.use, name),
        label=writer.numbered[name],
        caption=count.caption(caption),
        note=own.get("note", ""),
        csv=stored_file(study, block.id, name),
    )


def _figure(writer: Writer, block: Block, picture: Picture, title: str, count: _Counter) -> Figure:
    own = writer.language.analysis(block.use).get("figures", {}).get(picture.kind, {})
    caption = tuple(writer.fill(own["caption"])) if "caption" in own else (title,)
    alt = own.get("alt") or "".join(span if isinstance(span, str) else span.text for span in caption)
    return Figure(
        ref=f"{block.id}.{picture.kind}",
        label=count.figure(),
        caption=count.caption(caption),
        alt=alt,
        png=picture.png,
        svg=picture.svg,
    )


def _notes(words: Language, labels: Mapping[str, str], notes: Sequence[Note]) -> list[Paragraph]:
    texts = dict.fromkeys(words.note_spans(note, labels) for note in notes)
    return [Paragraph((Symbol(words.word("note")), words.word("colon"), *text), "note") for text in texts]


def _card(writer: Writer) -> list[Any]:
    """Write the definition behind the numbers in words."""
    spans: list[Any] = []
    for name, value in writer.values.definition.items():
        if value is None:
            continue
        spans += [writer.language.word("semicolon")] if spans else []
        spans += [*writer.language.definition(name), writer.language.word("colon"), *_defined(writer, name, value)]
    return [*spans, writer.language.word("stop")] if spans else []


def _defined(writer: Writer, name: str, value: Any) -> Iterator[Any]:
    words = writer.language
    if isinstance(value, Mapping):
        texts = [f"{words.term(str(key), writer.labels)} {_spoken(writer, entry)}" for key, entry in value.items()]
        yield words.listed(texts)
    elif isinstance(value, list | tuple):
        yield words.listed(_spoken(writer, entry) for entry in value)
    elif name == "confidence_level":
        yield from (writer.values.option(name, percent=True), "%")
    else:
        yield from writer.shown(writer.values.option(name))


def _spoken(writer: Writer, value: Any) -> str:
    return writer.language.term(value, writer.labels) if isinstance(value, str) else format_number(value)
