"""The report as a Word document: three-line tables, captions, East Asian fonts, the same bytes every time."""

import io
import zipfile
from datetime import datetime
from typing import Any

from docx import Document as open_docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from leadership_study.reporting.formats import _docx_page as page
from leadership_study.reporting.parts import (
    Cell,
    Document,
    Figure,
    Link,
    Number,
    Pairs,
    Paragraph,
    Section,
    Spans,
    Symbol,
    Table,
)

_EPOCH = datetime(1980, 1, 1)
_GREY = RGBColor(0x8A, 0x92, 0x9B)
_TALLEST = Cm(15)
_TOGETHER = 16  # shorter tables stay on one page
_RULE, _HAIR = 12, 6  # eighths of a point: 1.5 pt outside, .75 pt under the header


def render(document: Document) -> bytes:
    """Return ``document`` as DOCX; equal documents give equal bytes."""
    file = open_docx()
    page.set_up(file, document.words, document.notice)
    core = file.core_properties
    core.title, core.author, core.comments, core.language = document.title, "", "", document.words["html_lang"]
    core.created = core.modified = _EPOCH
    core.last_modified_by, core.revision = "", 1
    file.add_paragraph(document.title, style="Title")
    if document.notice:
        file.add_paragraph(document.notice, style="Notice")
    page.add_contents(file, document.words["contents"], [(s.id, s.title, s.level) for s in document.sections])
    for at, section in enumerate(document.sections):
        _add_section(file, section, at)
    _drop_thumbnail(file)
    buffer = io.BytesIO()
    file.save(buffer)
    return _same_bytes(buffer.getvalue())


def _add_section(file: Any, section: Section, at: int) -> None:
    heading = file.add_heading(section.title, level=section.level)
    page.bookmark(heading, section.id, at)
    for part in section.parts:
        match part:
            case Paragraph():
                _add_paragraph(file, part)
            case Pairs():
                for name, value in part.rows:
                    paragraph = file.add_paragraph(style="Fact")
                    _write(paragraph, name, bold=True)
                    paragraph.add_run("\t")
                    _write(paragraph, value)
            case Table():
                _add_table(file, part)
            case Figure():
                _add_figure(file, part)


def _add_paragraph(file: Any, paragraph: Paragraph) -> None:
    styles = {"text": "Normal", "notice": "Notice", "missing": "Notice", "note": "Note", "reference": "Reference"}
    _write(file.add_paragraph(style=styles[paragraph.kind]), paragraph.spans)


def _write(paragraph: Any, spans: Spans, *, bold: bool = False, muted: bool = False) -> None:
    for span in spans:
        text = span if isinstance(span, str) else span.text
        run = paragraph.add_run(text.replace(" ", "\u00a0") if isinstance(span, Number) else text)
        run.bold = bold or None
        if muted:
            run.font.color.rgb = _GREY
        match span:
            case Symbol(style="italic"):
                run.italic = True
            case Symbol(style="subscript"):
                run.font.subscript = True
            case Symbol(style="code"):
                run.font.name, run.font.size = "Courier New", Pt(8.5)
            case Link() | Number() | _:
                pass


def _add_caption(file: Any, label: str, caption: Spans, *, above: bool) -> None:
    paragraph = file.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = above
    paragraph.add_run(f"{label}  ").bold = True
    _write(paragraph, caption)


def _add_table(file: Any, table: Table) -> None:
    if table.wide:
        _turn(file, WD_ORIENT.LANDSCAPE)
    _add_caption(file, table.label, table.caption, above=True)
    grid = file.add_table(rows=1 + len(table.rows), cols=len(table.header))
    grid.autofit = False
    _describe(grid, table)
    section = file.sections[-1]
    room = section.page_width - section.left_margin - section.right_margin
    shares = [room * width // sum(table.widths) for width in table.widths]
    for column, share in zip(grid.columns, shares, strict=True):
        column.width = share
    rows = [[Cell(head) for head in table.header], *table.rows]
    cells = iter(grid._cells)  # one pass: looking cells up one by one is quadratic
    for at, row in enumerate(rows):
        for column, one in enumerate(row):
            cell = next(cells)
            cell.width = shares[column]
            paragraph = cell.paragraphs[0]
            paragraph.style = "Tight cell" if table.tight else "Table cell"
            if table.after_number(column):
                paragraph.paragraph_format.left_indent = Pt(7)
            words = column < table.stub or table.column_of_words(column)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if words else WD_ALIGN_PARAGRAPH.RIGHT
            paragraph.paragraph_format.keep_with_next = (at < len(rows) - 1 and len(rows) < _TOGETHER) or None
            _write(paragraph, one.shown, muted=one.muted)
    _rule(grid.rows[0], "bottom", _HAIR)
    for row in grid.rows:
        page.mark(row._tr.get_or_add_trPr(), "w:cantSplit")
    page.mark(grid.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
    for note in table.notes:
        _add_paragraph(file, note)
    file.add_paragraph(style="Gap")
    if table.wide:
        _turn(file, WD_ORIENT.PORTRAIT)


def _describe(grid: Any, table: Table) -> None:
    """Give a table its outer rules, its full width and its description for screen readers."""
    properties = grid._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "bottom"):
        borders.append(_line(edge, _RULE))
    width = properties.find(qn("w:tblW"))
    width.set(qn("w:type"), "pct")
    width.set(qn("w:w"), "5000")
    layout = properties.find(qn("w:tblLayout"))
    (layout if layout is not None else width).addprevious(borders) if layout is not None else properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for edge, twips in (("top", "30"), ("left", "60"), ("bottom", "30"), ("right", "60")):
        margin = OxmlElement(f"w:{edge}")
        margin.set(qn("w:w"), twips)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = properties.find(qn("w:tblLook"))
    look.addprevious(margins) if look is not None else properties.append(margins)
    described = OxmlElement("w:tblCaption")
    described.set(qn("w:val"), table.label)
    properties.append(described)


def _line(edge: str, size: int) -> Any:
    line = OxmlElement(f"w:{edge}")
    for name, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    return line


def _rule(row: Any, edge: str, size: int) -> None:
    for cell in row._tr.tc_lst:
        borders = OxmlElement("w:tcBorders")
        borders.append(_line(edge, size))
        cell.get_or_add_tcPr().append(borders)


def _turn(file: Any, orientation: Any) -> None:
    section = file.add_section(WD_SECTION.NEW_PAGE)
    if section.orientation != orientation:
        section.orientation = orientation
        section.page_width, section.page_height = section.page_height, section.page_width


def _add_figure(file: Any, figure: Figure) -> None:
    paragraph = file.add_paragraph(style="Picture")
    picture = paragraph.add_run().add_picture(io.BytesIO(figure.png))
    section = file.sections[-1]
    room = section.page_width - section.left_margin - section.right_margin
    scale = min(1.0, room / picture.width, _TALLEST / picture.height)
    picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)
    properties = picture._inline.docPr
    properties.set("descr", figure.alt)
    properties.set("name", figure.label)
    _add_caption(file, figure.label, figure.caption, above=False)


def _drop_thumbnail(file: Any) -> None:
    """Leave out the picture of python-docx's own template."""
    package = file.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[key]


def _same_bytes(content: bytes) -> bytes:
    """Write the archive anew: sorted names, one date, one compression."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        names = sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            new.writestr(entry, old.read(name), compresslevel=6)
    return buffer.getvalue()
