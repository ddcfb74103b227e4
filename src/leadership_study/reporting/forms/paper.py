"""The questionnaire on paper, as one would hand it out."""

import io
from collections.abc import Mapping
from typing import Any

from docx import Document as open_docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.shared import Cm, Emu, Pt

from leadership_study.instruments.exchange._form import number_text
from leadership_study.instruments.model import Instrument, ResponseScale
from leadership_study.reporting.formats import _docx_page
from leadership_study.reporting.formats import docx as word
from leadership_study.reporting.forms import _sheet_page as page
from leadership_study.reporting.forms._questions import Asked, Order, Sheet, Table, Who, sheet
from leadership_study.reporting.forms._words import check_language, words_in

_Words = Mapping[str, Mapping[str, str]]
_LINES = 4
_TOGETHER = 8  # tables of up to so many rows stand on one page
_SHORT = 24  # options of up to so many signs are not broken over two lines


def render(instrument: Instrument, *, language: str, form: Who = "other", order: Order = "mixed") -> bytes:
    """Return the questionnaire as a Word document (A4) to be copied and handed out; equal ones give equal bytes.

    It has a preface (what it is about, that it is voluntary and without names, lines for who asks, a box for
    consent), the background questions, the items as tables with a circle for each answer, what is asked once more
    on another scale, and the open questions with lines; questions are numbered throughout, pages too. Neither the
    dimensions of the items nor reverse keys are shown; an attention check looks like any other item. Where the
    dimensions themselves are rated (their importance), their labels and definitions are the questions, and stand
    after the items.

    Parameters
    ----------
    instrument
        The questionnaire; its wording must be complete in the language.
    language
        Language of the sheet.
    form
        ``"other"``: the leader is rated by others; ``"self"``: leaders rate themselves (``self`` wording).
    order
        ``"mixed"``: the first item of every dimension, then the second of every one, and so on; ``"by_dimension"``: all
        items of a dimension together.

    Raises
    ------
    InstrumentError
        The language is not one of the questionnaire's, or wording is withheld or missing: all gaps at once.
    """
    if form not in ("other", "self"):
        raise ValueError(f"The 'form' parameter of render must be one of 'other', 'self'. Got {form!r} instead.")
    if order not in ("mixed", "by_dimension"):
        raise ValueError(
            f"The 'order' parameter of render must be one of 'mixed', 'by_dimension'. Got {order!r} instead."
        )
    check_language(instrument, language)
    words = words_in(language)
    told = sheet(instrument, language=language, form=form, order=order)
    file = open_docx()
    page.set_up(file, words["page"])
    core = file.core_properties
    core.title, core.author, core.comments, core.language = (
        instrument.title[language],
        "",
        "",
        words["page"]["html_lang"],
    )
    core.created = core.modified = word._EPOCH
    core.last_modified_by, core.revision = "", 1
    _Paper(file, instrument, language, words).fill(told, form)
    word._drop_thumbnail(file)
    buffer = io.BytesIO()
    file.save(buffer)
    return word._same_bytes(buffer.getvalue())


class _Paper:
    def __init__(self, file: Any, instrument: Instrument, language: str, words: _Words) -> None:
        self.file, self.instrument, self.language, self.words = file, instrument, language, words
        self.part = 0

    def fill(self, told: Sheet, form: Who) -> None:
        self._preface(form)
        sections, instructions = self.words["sections"], self.words["instructions"]
        if told.background:
            self._heading(sections["background"], instructions["background"])
            numbers = {asked.question.id: asked.number for asked in told.background}
            for asked in told.background:
                self._background(asked, numbers)
        if told.ratings:
            self._heading(sections["items"], instructions["items"])
            for table in told.ratings:
                self._table(table)
        for label, tables in told.forms:
            self._heading(
                f"{label}{self._colon()}{sections['importance']}" if label else sections["importance"],
                instructions["form"],
            )
            for table in tables:
                self._table(table)
        if told.open:
            self._heading(sections["open"], instructions["open"])
            for row in told.open:
                self._numbered(row.number, row.text)
                for at in range(_LINES):
                    page.writing_line(self.file, last=at == _LINES - 1)
        self.file.add_paragraph(instructions["end"], style="End")

    def _preface(self, form: Who) -> None:
        preface = self.words["preface"]
        number = self.file.add_paragraph(style="Sheet number")
        number.add_run(f"{self.words['page']['number']}{self._colon()}__________")
        self.file.add_paragraph(self.instrument.title[self.language], style="Title")
        told = [preface["thanks"], preface[f"rate_{form}"], preface["voluntary"], preface["anonymous"]]
        space = "" if self.language.startswith("zh") else " "
        paragraphs = [self.file.add_paragraph(space.join(told[:2]), style="Preface")]
        paragraphs += [self.file.add_paragraph(text, style="Preface") for text in told[2:]]
        contact = self.file.add_paragraph(f"{preface['contact']}\t", style="Preface")
        contact.paragraph_format.tab_stops.add_tab_stop(
            page.WIDTH - Cm(0.6), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.LINES
        )
        consent = self.file.add_paragraph(style="Preface")
        page.mark(consent, page.BOX)
        consent.add_run(f" {preface['consent']}")
        page.boxed([*paragraphs, contact, consent])

    def _heading(self, title: str, instruction: str) -> None:
        self.part += 1
        mark = (
            f"{'一二三四五六七八九十'[self.part - 1]}、"
            if self.language.startswith("zh")
            else f"{'ABCDEFGHIJ'[self.part - 1]}.  "
        )
        self.file.add_heading(f"{mark}{title}", level=1)
        self.file.add_paragraph(instruction, style="Instruction")

    def _numbered(self, number: int, text: str) -> Any:
        paragraph = self.file.add_paragraph(style="Question")
        paragraph.add_run(f"{number}.\t{text}")
        return paragraph

    def _background(self, asked: Asked, numbers: Mapping[str, int]) -> None:
        question, instructions = asked.question, self.words["instructions"]
        rules = [self._rule(name, values, numbers[name]) for name, values in question.relevant.items()]
        if rules:
            self.file.add_paragraph(instructions["and"].join(rules), style="Rule")
        label = question.label[self.language]
        if not question.levels:
            line = self._numbered(asked.number, f"{label}{self._colon()}\t")
            line.paragraph_format.keep_with_next = False
            if rules:
                line.paragraph_format.space_before = Pt(1)
            return
        many = instructions["many"] if question.kind == "multiple" else ""
        paragraph = self._numbered(asked.number, label)
        if rules:
            paragraph.paragraph_format.space_before = Pt(1)
        if many:
            paragraph.add_run(f"{'' if many.startswith('（') else ' '}{many}")
        options = self.file.add_paragraph(style="Options")
        for at, level in enumerate(question.levels):
            text = level.text.get(self.language, level.value)
            if len(text) <= _SHORT:
                text = text.replace(" ", "\xa0")
            if at:
                options.add_run("   ")
            page.mark(options, page.BOX)
            options.add_run(f"\xa0{text}")

    def _rule(self, name: str, values: tuple[str, ...], number: int) -> str:
        of = self.instrument.background_question(name)
        told = {level.value: level.text.get(self.language, level.value) for level in of.levels}
        levels = self.words["instructions"]["or"].join(told[value] for value in values)
        return self.words["instructions"]["only_if"].format(levels=levels, number=number)

    def _table(self, table: Table) -> None:
        scale = table.scale
        labels = _labels(scale, self.language)
        first = Cm(0.95)
        each = Emu(min(Cm(1.65), Cm(8.4) // len(labels)))
        statement = Emu(page.WIDTH - first - each * len(labels))
        widths = [first, statement, *[each] * len(labels)]
        grid = self.file.add_table(rows=1 + len(table.rows), cols=len(widths))
        grid.autofit = False
        page.rule_table(grid)
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = width
        cells = iter(grid._cells)
        for at in range(len(table.rows) + 1):
            row = table.rows[at - 1] if at else None
            for column, width in enumerate(widths):
                cell = next(cells)
                cell.width = width
                cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER if at else WD_CELL_VERTICAL_ALIGNMENT.BOTTOM
                paragraph = cell.paragraphs[0]
                paragraph.style = "Statement" if column < 2 else "Mark" if row else "Scale label"
                if row is None:
                    paragraph.add_run(labels[column - 2] if column > 1 else "")
                elif column == 0:
                    paragraph.add_run(f"{row.number}.")
                elif column == 1:
                    _state(paragraph, row.text, row.below)
                else:
                    page.mark(paragraph, page.CIRCLE)
                if at and at % 2 == 0:
                    page.shade(cell)
        for row_of_grid in grid.rows:
            _docx_page.mark(row_of_grid._tr.get_or_add_trPr(), "w:cantSplit")
        _docx_page.mark(grid.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
        together = len(grid.rows) if len(table.rows) <= _TOGETHER else 2
        for row_of_grid in grid.rows[: together - 1]:
            for cell in row_of_grid.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True

    def _colon(self) -> str:
        return "：" if self.language.startswith("zh") else ": "


def _state(paragraph: Any, text: str, below: str) -> None:
    run = paragraph.add_run(text)
    if below:
        run.bold = True
        run.add_break()
        paragraph.add_run(below).font.size = Pt(9)


def _labels(scale: ResponseScale, language: str) -> list[str]:
    """Return what stands above the circles: the label and, for whoever enters the answers, the value."""
    values = [number_text(value) for value in scale.values]
    labels = scale.labels.get(language)
    if labels is None:
        return values
    return [value if label == value else f"{label}\n{value}" for label, value in zip(labels, values, strict=True)]
