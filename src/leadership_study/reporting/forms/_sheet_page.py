"""Page, styles and small marks of the paper form."""

from collections.abc import Mapping
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from leadership_study.reporting.formats import _docx_page

WIDTH = Cm(17)
CIRCLE, BOX = "○", "□"  # in every Chinese font, and in none of the usual Latin ones: always set by the East Asian font
SHADE, LINE = "F2F4F7", "9AA3AE"
_GREY = RGBColor(0x59, 0x61, 0x6B)


def set_up(file: Any, words: Mapping[str, str]) -> None:
    """Set A4, margins, fonts, styles and the page numbers."""
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.8)
    section.header_distance, section.footer_distance = Cm(0.9), Cm(0.9)
    body, head = words["east_asian_body"], words["east_asian_heading"]
    _docx_page.set_font(file.styles["Normal"], body, 10.5, language=words["html_lang"])
    _spaced(file.styles["Normal"], 0, 4, 1.15)
    _docx_page.set_font(file.styles["Title"], head, 18, bold=True)
    _docx_page.remove_border(file.styles["Title"])
    _spaced(file.styles["Title"], 4, 10, 1.1)
    file.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _docx_page.set_font(file.styles["Heading 1"], head, 12.5, bold=True)
    _spaced(file.styles["Heading 1"], 14, 3, 1.1)
    file.styles["Heading 1"].paragraph_format.keep_with_next = True
    for name, east_asian, size, before, after in (
        ("Sheet number", body, 9.5, 0, 0),
        ("Preface", body, 10.5, 0, 3),
        ("Instruction", body, 10, 0, 5),
        ("Question", body, 10.5, 7, 1),
        ("Options", body, 10.5, 0, 2),
        ("Rule", body, 9.5, 7, 0),
        ("Statement", body, 10.5, 2.5, 2.5),
        ("Scale label", body, 8, 2, 2),
        ("Mark", body, 13, 0, 0),
        ("Line", body, 10.5, 9, 0),
        ("End", body, 10.5, 16, 0),
    ):
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = file.styles["Normal"]
        _docx_page.set_font(style, east_asian, size)
        _spaced(style, before, after, 1.1)
    file.styles["Sheet number"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for name in ("Scale label", "Mark", "End"):
        file.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name in ("Instruction", "Rule", "Question"):
        file.styles[name].paragraph_format.keep_with_next = True
    for name in ("Instruction", "Rule"):
        file.styles[name].font.color.rgb = _GREY
    question = file.styles["Question"].paragraph_format
    question.left_indent, question.first_line_indent = Cm(0.8), Cm(-0.8)
    question.tab_stops.add_tab_stop(Cm(0.8))
    question.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.LINES)
    line = file.styles["Line"].paragraph_format
    line.left_indent = Cm(0.8)
    line.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.LINES)
    for name in ("Options", "Rule"):
        file.styles[name].paragraph_format.left_indent = Cm(0.8)
    _docx_page.set_font(file.styles["Footer"], body, 9)
    _pages(section.footer.paragraphs[0], words["page_of"])


def mark(paragraph: Any, text: str) -> None:
    """Add a circle or box in the East Asian font of the page, which every program draws alike."""
    run = paragraph.add_run(text)
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    name = paragraph.style.element.rPr.rFonts.get(qn("w:eastAsia"))
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)
    fonts.set(qn("w:hint"), "eastAsia")


def writing_line(file: Any, *, last: bool) -> None:
    """Add an empty line to write on; the lines of one question stay together."""
    paragraph = file.add_paragraph("\t", style="Line")
    paragraph.paragraph_format.keep_with_next = not last


def boxed(paragraphs: list[Any]) -> None:
    """Draw one frame around paragraphs that follow each other."""
    for paragraph in paragraphs:
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Cm(0.25)
        _border(paragraph, ("top", "left", "bottom", "right"), space=6)


def shade(cell: Any) -> None:
    """Give a cell the light ground of every second row."""
    element = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", SHADE)):
        element.set(qn(f"w:{name}"), value)
    properties = cell._tc.get_or_add_tcPr()
    placed = properties.find(qn("w:vAlign"))
    properties.append(element) if placed is None else placed.addprevious(element)


def rule_table(grid: Any) -> None:
    """Give a table thin horizontal lines and fixed columns."""
    properties = grid._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for edge, size in (("top", 8), ("bottom", 8), ("insideH", 4)):
        borders.append(_line(edge, size))
    layout = properties.find(qn("w:tblLayout"))
    if layout is None:
        layout = OxmlElement("w:tblLayout")
        properties.append(layout)
    layout.set(qn("w:type"), "fixed")
    layout.addprevious(borders)
    margins = OxmlElement("w:tblCellMar")
    for edge in ("left", "right"):
        margin = OxmlElement(f"w:{edge}")
        margin.set(qn("w:w"), "45")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    layout.addnext(margins)


def _border(paragraph: Any, edges: tuple[str, ...], space: int = 1) -> None:
    borders = OxmlElement("w:pBdr")
    for edge in edges:
        borders.append(_line(edge, 4, space))
    properties = paragraph._p.get_or_add_pPr()
    after = [qn(f"w:{name}") for name in ("shd", "tabs", "spacing", "ind", "jc", "rPr")]
    following = next((child for child in properties if child.tag in after), None)
    properties.append(borders) if following is None else following.addprevious(borders)


def _line(edge: str, size: int, space: int = 0) -> Any:
    line = OxmlElement(f"w:{edge}")
    for name, value in (("val", "single"), ("sz", str(size)), ("space", str(space)), ("color", LINE)):
        line.set(qn(f"w:{name}"), value)
    return line


def _spaced(style: Any, before: float, after: float, line: float) -> None:
    layout = style.paragraph_format
    layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), line


def _pages(paragraph: Any, template: str) -> None:
    """Write ``Page {page} of {pages}`` with the numbers as fields."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, rest = template.partition("{page}")
    between, _, after = rest.partition("{pages}")
    for text, code in ((before, " PAGE "), (between, " NUMPAGES "), (after, "")):
        if text:
            paragraph.add_run(text)
        if code:
            _docx_page.mark_field(paragraph, "begin")
            _docx_page.write_field(paragraph, code)
            _docx_page.mark_field(paragraph, "separate")
            paragraph.add_run("1")
            _docx_page.mark_field(paragraph, "end")
