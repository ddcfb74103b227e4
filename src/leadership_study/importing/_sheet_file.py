"""Writing a workbook with one sheet of text cells: the same bytes every time, nothing a spreadsheet would run."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from leadership_study.importing._xlsx import letters_of

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATION = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
    "</Relationships>"
)
_BOOK = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|\r|_x(?=[0-9A-Fa-f]{4}_)")


def write_sheet(rows: Iterable[Sequence[str | None]], name: str) -> bytes:
    """Return a workbook whose cells are all text; None is an empty cell."""
    body = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/'
    ]
    body.append('spreadsheetml/2006/main"><sheetData>')
    for at, row in enumerate(rows, 1):
        body.append(f'<row r="{at}">')
        for column, text in enumerate(row):
            if text is not None:
                safe = escape(_CONTROL.sub(_coded, str(text)))
                body.append(
                    f'<c r="{letters_of(column)}{at}" t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'
                )
        body.append("</row>")
    body.append("</sheetData></worksheet>")
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATION.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": _RELATION.format(kind="worksheet", target="worksheets/sheet1.xml"),
        "xl/workbook.xml": _BOOK.format(name=escape(name)),
        "xl/worksheets/sheet1.xml": "".join(body),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in parts.items():
            entry = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            archive.writestr(entry, text.encode("utf-8"), compresslevel=6)
    return buffer.getvalue()


def _coded(match: "re.Match[str]") -> str:
    """Characters that XML cannot hold, or would change, as ``_x000D_``; an underscore that would look like one too."""
    text = match.group()
    return "_x005F_x" if text == "_x" else f"_x{ord(text):04X}_"
