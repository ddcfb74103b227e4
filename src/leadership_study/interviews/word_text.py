"""The text of a DOCX: paragraphs as lines, deletions left out, tables row by row."""

from xml.etree import ElementTree

from leadership_study.interviews._archive import Archive, xml_tree
from leadership_study.interviews._problems import refused

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_LEFT_OUT = frozenset({"del", "moveFrom", "instrText", "footnoteReference", "pPr", "rPr", "sectPr"})


def docx_text(data: bytes, file: str) -> str:
    """What a Word document says, one line a paragraph.

    Raises
    ------
    ImportFormatError
        No DOCX, or one that can't be trusted.
    """
    part = Archive(data, file).read("word/document.xml")
    if part is None:
        raise refused(file, "no_docx", "the file is no Word document (.docx)", "save it as .docx or as text")
    body = xml_tree(part, file)
    lines: list[str] = []
    for element in body.iter():
        if _name(element) == "p":
            lines.append("".join(_runs(element)))
    return "\n".join(lines) + "\n"


def _name(element: ElementTree.Element) -> str:
    for space in (_W, _STRICT):
        if element.tag.startswith(space):
            return element.tag[len(space) :]
    return ""


def _runs(element: ElementTree.Element) -> list[str]:
    parts: list[str] = []
    for child in element:
        name = _name(child)
        if name in _LEFT_OUT or name == "p":
            continue
        if name == "t":
            parts.append(child.text or "")
        elif name == "tab":
            parts.append("\t")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name == "noBreakHyphen":
            parts.append("-")
        else:
            parts += _runs(child)
    return parts
