"""Page, styles, fonts and contents of the Word document."""

from collections.abc import Mapping, Sequence
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

_BLACK, _SOFT = RGBColor(0, 0, 0), RGBColor(0x44, 0x4B, 0x54)


def set_up(file: Any, words: Mapping[str, str], notice: str | None) -> None:
    """Set A4, margins, fonts, styles, page numbers and, where data are simulated, the notice on every page."""
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.5)
    body, head = words["docx_body_font"], words["docx_heading_font"]
    indent = float(words.get("docx_first_line_em", 0)) * 10.5
    normal = file.styles["Normal"]
    set_font(normal, body, 10.5, language=words["html_lang"])
    for language in file.styles.element.iter(qn("w:lang")):  # of the template's defaults, which the rest inherits
        language.set(qn("w:eastAsia"), "zh-CN")
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.25
    normal.paragraph_format.first_line_indent = Pt(indent) if indent else None
    for name, size, before in (("Title", 20, 0), ("Heading 1", 15, 20), ("Heading 2", 12.5, 14)):
        style = file.styles[name]
        set_font(style, head, size, bold=True)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(6)
        style.paragraph_format.first_line_indent = Pt(0)
        style.paragraph_format.keep_with_next = True
        remove_border(style)
    set_font(file.styles["Caption"], head, 9.5, bold=False)
    for name, size in (("Note", 8.5), ("Notice", 10), ("Reference", 9.5), ("Fact", 9.5), ("Contents", 10)):
        set_font(file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH), body, size)
    for name, size in (("Table cell", 8.5), ("Tight cell", 7.5), ("Gap", 4), ("Picture", 10)):
        set_font(file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH), body, size)
    gaps = {"Caption": 4, "Note": 3, "Notice": 8, "Reference": 4, "Fact": 3, "Contents": 1, "Gap": 4}
    gaps |= {"Table cell": 0, "Tight cell": 0}
    for name, after in {**gaps, "Picture": 4}.items():
        layout = file.styles[name].paragraph_format
        layout.space_after, layout.space_before, layout.line_spacing = Pt(after), Pt(0), 1.1
        layout.first_line_indent = Pt(0)
    file.styles["Caption"].paragraph_format.space_before = Pt(8)
    file.styles["Note"].font.color.rgb = _SOFT
    file.styles["Note"].paragraph_format.space_before = Pt(2)
    file.styles["Notice"].font.bold = True
    reference = file.styles["Reference"].paragraph_format
    reference.left_indent, reference.first_line_indent = Cm(0.9), Cm(-0.9)
    fact = file.styles["Fact"].paragraph_format
    fact.left_indent, fact.first_line_indent = Cm(4.2), Cm(-4.2)
    fact.tab_stops.add_tab_stop(Cm(4.2), WD_TAB_ALIGNMENT.LEFT)
    picture = file.styles["Picture"].paragraph_format
    picture.keep_with_next, picture.space_before = True, Pt(8)
    picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _page_number(section.footer.paragraphs[0])
    if notice:
        header = section.header.paragraphs[0]
        header.text, header.style = notice, "Note"


def add_contents(file: Any, title: str, sections: Sequence[tuple[str, str, int]]) -> None:
    """Add the table of contents as Word would make it, filled already: links to the headings."""
    file.add_paragraph(title, style="Contents").runs[0].bold = True
    for at, (name, text, level) in enumerate(sections):
        paragraph = file.add_paragraph(style="Contents")
        paragraph.paragraph_format.left_indent = Cm(0.6 * (level - 1))
        if at == 0:
            mark_field(paragraph, "begin")
            write_field(paragraph, ' TOC \\o "1-2" \\n \\h ')
            mark_field(paragraph, "separate")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), _anchor(name))
        run = paragraph.add_run(text)._r
        paragraph._p.append(link)
        link.append(run)
        if at == len(sections) - 1:
            mark_field(paragraph, "end")


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """Name a heading so that the contents can lead to it."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), _anchor(name))
    paragraph._p.insert(1, start)
    paragraph._p.append(end)


def mark(parent: Any, name: str) -> None:
    """Add an empty property element such as ``w:tblHeader``."""
    parent.append(OxmlElement(name))


def _anchor(name: str) -> str:
    return f"_{name}"[:40]


def set_font(
    style: Any, east_asian: str, size: float, *, bold: bool | None = None, language: str | None = None
) -> None:
    """Set the fonts of a style, Western and Chinese, its size in points, weight and language; in black."""
    font = style.font
    font.name, font.size, font.bold, font.italic = "Times New Roman", Pt(size), bold, False if bold is False else None
    font.color.rgb = _BLACK
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), east_asian)
    fonts.set(qn("w:hAnsi"), "Times New Roman")
    fonts.set(qn("w:cs"), "Times New Roman")
    if language:
        element = properties.find(qn("w:lang"))
        if element is None:
            element = OxmlElement("w:lang")
            properties.append(element)
        element.set(qn("w:val"), "en-US")
        element.set(qn("w:eastAsia"), language if language.startswith("zh") else "zh-CN")


def remove_border(style: Any) -> None:
    """Take the line away that Word's template puts under a style's paragraphs."""
    properties = style.element.pPr
    border = None if properties is None else properties.find(qn("w:pBdr"))
    if border is not None:
        properties.remove(border)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    mark_field(paragraph, "begin")
    write_field(paragraph, " PAGE ")
    mark_field(paragraph, "separate")
    paragraph.add_run("1")
    mark_field(paragraph, "end")


def mark_field(paragraph: Any, kind: str) -> None:
    """Mark where a field of Word begins, its code is separated from what it shows, or it ends."""
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(element)


def write_field(paragraph: Any, text: str) -> None:
    """Write the code of a field, such as PAGE."""
    element = OxmlElement("w:instrText")
    element.set(qn("xml:space"), "preserve")
    element.text = text
    paragraph.add_run()._r.append(element)
