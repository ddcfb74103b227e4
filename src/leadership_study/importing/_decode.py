"""From the bytes of a text file to its text, by strict rules only: a guess that can be wrong is never made."""

import codecs
import re

from leadership_study.errors import Problem
from leadership_study.importing._both_encodings import is_gb18030
from leadership_study.importing._encodings import NAMES, not_utf8
from leadership_study.results import Note

_SIGNATURES = {
    b"PK\x03\x04": "a zip archive or a damaged Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"$FL2": "an SPSS file",
    b"$FL3": "an SPSS file",
    b"\x1f\x8b": "a gzip archive",
}
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|meta|table|\?xml)[\s>]", re.IGNORECASE)
_MARKS = (
    # UTF-32's little-endian mark begins with UTF-16's: the longer ones come first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"}
_CONTROL_BYTES = bytes(code for code in range(1, 32) if chr(code) not in "\t\n\r")
_NO_TEXT = "the file is neither UTF-8, UTF-16 nor GB18030, Big5 or Windows-1252 text"
_EXCEL = "save it as CSV (UTF-8) and give that file"


def signature(data: bytes) -> str | None:
    """What a well-known kind of binary file ``data`` starts like; None when it may be text."""
    return next((what for start, what in _SIGNATURES.items() if data.startswith(start)), None)


def decode(data: bytes, file: str, encoding: str | None = None) -> tuple[str, str, list[Note]] | Problem:
    """Return text, encoding and notes, or the problem why ``data`` is no text.

    ``encoding`` forces one. Else a byte order mark decides; without one NUL bytes in every other place mean UTF-16;
    else the text is UTF-8 if it strictly is; of the few texts that are also GB18030, those whose words in UTF-8 are
    none are GB18030 (`_both_encodings` has the rule). What is not UTF-8 is GB18030 (with GBK and GB2312), Big5 or
    Windows-1252 (with Latin-1), by the rule of `_encodings`. A file that is UTF-8 in some lines and something else in
    others, or that ends within a character, is a problem.
    """
    if what := signature(data):
        if "archive" in what:  # as platforms pack their downloads
            return _binary(file, f"the file is {what}", "unpack it, and give the file of answers in it")
        return _binary(file, f"the file is {what}, not text")
    if _WEB_PAGE.match(data[:1024]):
        message = "the file is a web page, which some platforms give the name of a workbook"
        return _binary(file, message, "open it in a spreadsheet program, save it as .xlsx and give that file")
    if encoding is not None:
        return _forced(data, file, encoding)
    found = _encoding(data, file)
    if isinstance(found, Problem):
        return found
    try:
        text = data.decode(found)
    except UnicodeDecodeError as error:
        return _binary(file, f"the file is no valid {found.upper()} text (byte {error.start + 1})")
    if "\0" in text or _controls(data, found, text):
        return _binary(file, "the file holds control characters, as binary files do")
    return text, found, _notes(found, file)


def known_encoding(encoding: str) -> bool:
    """Say whether ``encoding`` is the name of an encoding of text."""
    try:
        return codecs.lookup(encoding)._is_text_encoding
    except LookupError:
        return False


def _forced(data: bytes, file: str, encoding: str) -> tuple[str, str, list[Note]] | Problem:
    mark = next((mark for mark, name in _MARKS if data.startswith(mark) and name == "utf-8-sig"), b"")
    plain = codecs.lookup(encoding).name
    try:
        text = data.decode("utf-8-sig" if mark and plain == "utf-8" else plain)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"the file is no valid {encoding} text (byte {error.start + 1}, line {line})"
        remedy = "leave encoding out of the plan, so that it is recognised, or name the right one"
        return Problem(file=file, line=line, rule="wrong_encoding", value=encoding, message=message, remedy=remedy)
    if "\0" in text:
        return _binary(file, "the file holds control characters, as binary files do")
    sentence = "{file} was read as {encoding}, as the plan says."
    return text, plain, [Note("forced_encoding", sentence, {"file": file, "encoding": encoding})]


def _controls(data: bytes, encoding: str, text: str) -> bool:
    if encoding.startswith("utf-16") or encoding.startswith("utf-32"):
        return len(text) - len(text.translate(_CONTROLS)) > 0.01 * len(text)
    return len(data) - len(data.translate(None, _CONTROL_BYTES)) > 0.01 * len(data)


def _encoding(data: bytes, file: str) -> str | Problem:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if unmarked := _utf16(data[: 1 << 16]):
        return unmarked
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if cut := _cut_off(data, error, file):
            return cut
        if mixed := _mixed(data, file):
            return mixed
        if len(data) - len(data.translate(None, _CONTROL_BYTES + b"\0")) > 0.01 * len(data):
            return _binary(file, _NO_TEXT)
        return not_utf8(data) or _cut_in_gb18030(data, file) or _binary(file, _NO_TEXT)
    return "gb18030" if is_gb18030(data, text) else "utf-8"


def _cut_off(data: bytes, error: UnicodeDecodeError, file: str) -> Problem | None:
    """A file whose last bytes begin a character of UTF-8 that does not end, everything before being UTF-8."""
    if error.reason != "unexpected end of data" or data[: error.start].isascii():
        return None
    return _truncated(data, file)


def _truncated(data: bytes, file: str) -> Problem:
    return Problem(
        file=file,
        line=data.count(b"\n") + 1,
        rule="truncated_file",
        message="the file ends within a character: it was cut off",
        remedy="export it again, or copy it again whole",
    )


def _cut_in_gb18030(data: bytes, file: str) -> Problem | None:
    """The same of GB18030: whole without the last line, and that ends within a character."""
    whole, _, last = data.rpartition(b"\n")
    try:
        last.decode("gb18030")
    except UnicodeDecodeError as error:
        if error.end >= len(last) - 1 and whole and not whole.isascii() and not_utf8(whole) == "gb18030":
            return _truncated(data, file)
    return None


def _mixed(data: bytes, file: str) -> Problem | None:
    """Lines that are certainly UTF-8 beside lines that are not: parts from different programs in one file."""
    utf8 = other = 0
    for at, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            other = other or at
        else:
            # Characters of three bytes: by chance a line of another encoding hardly ever is such.
            utf8 = utf8 or (at if sum(sign > "\u07ff" for sign in text) > 1 else 0)
        if utf8 and other:
            message = f"line {utf8} is UTF-8 and line {other} is not: the file mixes encodings"
            remedy = "export it again in one piece, or save each part as UTF-8 before putting them together"
            return Problem(file=file, line=other, rule="mixed_encodings", message=message, remedy=remedy)
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
    return [Note("other_encoding", text, {"file": file, "encoding": NAMES.get(encoding, encoding.upper())})]


def _binary(file: str, message: str, remedy: str = _EXCEL) -> Problem:
    return Problem(file=file, rule="binary_file", message=message, remedy=remedy)
