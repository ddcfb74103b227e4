"""From the bytes of a text file to its text, by strict rules only: a guess that can be wrong is never made."""

import codecs

from leadership_study.errors import Problem
from leadership_study.importing._both_encodings import is_gb18030
from leadership_study.results import Note

_SIGNATURES = {
    b"PK\x03\x04": "a zip archive, such as an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"$FL2": "an SPSS file",
    b"$FL3": "an SPSS file",
    b"\x1f\x8b": "a gzip archive",
}
_MARKS = (
    # UTF-32's little-endian mark begins with UTF-16's: the longer ones come first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"}
_EXCEL = "save it as CSV (UTF-8) and give that file"


def signature(data: bytes) -> str | None:
    """What a well-known kind of binary file ``data`` starts like; None when it may be text."""
    return next((what for start, what in _SIGNATURES.items() if data.startswith(start)), None)


def decode(data: bytes, file: str) -> tuple[str, str, list[Note]] | Problem:
    """Return text, encoding and notes, or the problem why ``data`` is no text.

    A byte order mark decides; without one NUL bytes in every other place mean UTF-16; else the text is UTF-8 if it
    strictly is, else GB18030 (which contains GBK and GB2312) if it strictly is. Of the few texts that are both, those
    whose words in UTF-8 are none are GB18030: `_both_encodings` has the rule.
    """
    if what := signature(data):
        return _binary(file, f"the file is {what}, not text")
    encoding = _encoding(data)
    if encoding is None:
        return _binary(file, "the file is neither UTF-8, UTF-16 nor GB18030 text")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        return _binary(file, f"the file is no valid {encoding.upper()} text (byte {error.start + 1})")
    controls = len(text) - len(text.translate(_CONTROLS))
    if "\0" in text or controls > 0.01 * len(text):
        return _binary(file, "the file holds control characters, as binary files do")
    return text, encoding, _notes(encoding, file)


def _encoding(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if unmarked := _utf16(data[: 1 << 16]):
        return unmarked
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "gb18030" if encoding == "utf-8" and is_gb18030(data, text) else encoding
    return None


def _utf16(start: bytes) -> str | None:
    """UTF-16 without a mark: the delimiters and digits of a table have a NUL byte on one side, always the same."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    # Some Chinese characters (一 is U+4E00) have their NUL on the other side: a clear majority decides.
    if odd > 10 * even and odd * 20 > len(start):
        return "utf-16-le"
    if even > 10 * odd and even * 20 > len(start):
        return "utf-16-be"
    return None


def _notes(encoding: str, file: str) -> list[Note]:
    if encoding == "utf-8":
        return []
    if encoding == "utf-8-sig":
        return [Note("byte_order_mark", "{file} starts with a byte order mark, which was left out.", {"file": file})]
    text = "{file} is not UTF-8; it was read as {encoding}."
    return [Note("other_encoding", text, {"file": file, "encoding": encoding.upper()})]


def _binary(file: str, message: str) -> Problem:
    return Problem(file=file, rule="binary_file", message=message, remedy=_EXCEL)
