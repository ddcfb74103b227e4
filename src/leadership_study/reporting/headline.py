"""The part of a section that shows a headline result with and without the flagged respondents."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from leadership_study.reporting.blocks import Block
from leadership_study.reporting.languages import Language
from leadership_study.reporting.layout import layout_of, statistics_of
from leadership_study.reporting.lookup import Values
from leadership_study.reporting.naming import Names
from leadership_study.reporting.parts import Paragraph, Part, Spans, Symbol, Table, stored_file
from leadership_study.reporting.sentences import Writer
from leadership_study.reporting.tables import display_table
from leadership_study.results import NotEstimated

if TYPE_CHECKING:
    from leadership_study.results import Note

COMPARED = "compared"
_USUAL = ("estimate", "alpha", "mean", "r", "value")
_WITH_P = "p_value"


class Numbers(Protocol):
    """Numbers tables through the report, and marks simulated data in captions."""

    def table(self) -> str:
        """Return the label of the next table."""

    def caption(self, spans: Spans) -> Spans:
        """Return a caption with its mark."""


def compared_parts(words: Language, names: Names, study: str, block: Block, title: str, count: Numbers) -> list[Part]:
    """Return sentence, table and notes of a comparison, or why there is none.

    The table has the statistics that ``headline`` in the layout of the analysis names, else the first of the usual ones
    with its p value; the stored file has all.
    """
    own, result = words.data["sections"]["headline"], block.compared
    if result is None:
        return []
    labels = names.in_sentences
    if isinstance(result, NotEstimated):
        reason = words.note_spans(result.reason, labels)
        return [Paragraph((own["none"], words.word("colon"), *reason), "note")]
    stored = f"{block.id}-{COMPARED}"
    values = Values.of(stored, result, {COMPARED: _shown_as(block, result.tables()[COMPARED])})
    if int(values.value("summary", "n_flagged", "value")) == 0:
        writer = Writer(values=values, language=words, labels=labels, names=names)
        return [Paragraph(tuple(writer.fill(own["nobody"])))]
    table = values.tables[COMPARED]
    label = count.table()
    writer = Writer(values=values, language=words, labels=labels, names=names, numbered={COMPARED: label})
    columns = _columns(block, table)
    shown = display_table(
        writer,
        COMPARED,
        {"columns": columns},
        label=label,
        caption=count.caption((title, words.word("colon"), own["caption"])),
        csv=stored_file(study, stored, COMPARED),
    )
    notes: Sequence[Note] = result.notes
    said = [
        Paragraph((Symbol(words.word("note")), words.word("colon"), *words.note_spans(note, labels)), "note")
        for note in notes
    ]
    sentences = [own["sentence"], *([own["changed"]] if "hangs" in table else [])]
    return [*writer.paragraphs([{"sentences": sentences}]), _headed(words, shown, columns), *said]


def _shown_as(block: Block, table: pd.DataFrame) -> dict[str, str]:
    """Return which statistic a column is, its version being no part of the name."""
    known = statistics_of(block.use)
    main = block.result.main
    return {str(name): known.get(main, {}).get(_statistic(str(name)), _statistic(str(name))) for name in table.columns}


def _columns(block: Block, table: pd.DataFrame) -> list[str]:
    there = [str(name) for name in table.columns if _statistic(str(name)) == str(name) and name != "hangs"]
    asked = layout_of(block.use, block.result.main).get("headline")
    chosen = [name for name in asked or _USUAL if name in there]
    if asked is None:
        chosen = [*(chosen[:1] or there[:1]), *(name for name in (_WITH_P,) if name in there)]
    versions = ("", "without_flagged_", "difference_")
    return [f"{version}{name}" for name in chosen for version in versions if f"{version}{name}" in table.columns]


def _statistic(column: str) -> str:
    return column.removeprefix("without_flagged_").removeprefix("difference_")


def _headed(words: Language, table: Table, columns: Sequence[str]) -> Table:
    """Head the columns by statistic and version; `display_table` leaves out columns that say nothing."""
    own = words.data["sections"]["headline"]
    heads: list[Spans] = []
    for name in columns:
        version = "without" if name.startswith("without") else "difference" if name.startswith("diff") else "everybody"
        heads.append((*words.column(_statistic(name)), own["in"].format(version=own[version])))
    kept = table.header[table.stub :]
    if len(kept) != len(heads):
        by_name = {words.column(name): head for name, head in zip(columns, heads, strict=True)}
        heads = [by_name.get(head, head) for head in kept]
    return replace(table, header=(*table.header[: table.stub], *heads))
