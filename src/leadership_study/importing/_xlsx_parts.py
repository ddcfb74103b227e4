"""The parts of an XLSX archive, opened without trust: sizes, relations, shared texts, styles of dates."""

import posixpath
import re
import zipfile
from collections.abc import Callable
from typing import IO, Any
from xml.parsers import expat

MOST_BYTES = 2 << 30
"""Unpacked size above which a workbook is refused."""

MOST_TIMES = 150
"""How many times its packed size a large part may have unpacked; tables of single digits reach about 40."""

_SMALL = 32 << 20
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_QUOTED = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
AGAIN = "export it again, or save it again as .xlsx with a spreadsheet program"


class WorkbookError(Exception):
    """Why a workbook cannot be read: a rule, a sentence and a remedy."""

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.remedy = rule, message, remedy


def check_sizes(archive: zipfile.ZipFile) -> None:
    total = 0
    for entry in archive.infolist():
        total += entry.file_size
        bomb = entry.file_size > _SMALL and entry.file_size > MOST_TIMES * max(entry.compress_size, 1)
        if bomb or total > MOST_BYTES:
            message = f"unpacked, the workbook would have over {total >> 20} MB"
            raise WorkbookError("too_large", message, "save the answers alone as .xlsx or CSV and give that file")
        if entry.filename == "EncryptedPackage" or entry.flag_bits & 1:
            raise WorkbookError("password", "the workbook has a password", "save it without one")


class Part:
    """One XML file of the archive; document types and entities are refused."""

    def __init__(self, archive: zipfile.ZipFile, names: dict[str, str], path: str) -> None:
        self.path = path.lstrip("/")
        self._archive = archive
        self._name = names.get(self.path.casefold())

    def parse(
        self,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        if self._name is None:
            raise KeyError(f"{self.path} is missing")
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def refuse(*_: Any) -> None:
            message = "the XML of the workbook declares a document type or entities"
            raise WorkbookError("entities", message, AGAIN)

        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        # Names may have a prefix (x:row), which says nothing.
        parser.StartElementHandler = lambda name, attributes: start(
            name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attributes.items()}
        )
        if end is not None:
            parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        if text is not None:
            parser.CharacterDataHandler = text
        with self._archive.open(self._name) as stream:
            _feed(parser, stream)


def _feed(parser: Any, stream: IO[bytes]) -> None:
    try:
        while block := stream.read(1 << 18):
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except EnoughError:
        return


class EnoughError(Exception):
    """As many rows as were asked for have been read."""


def relations(archive: zipfile.ZipFile, names: dict[str, str], path: str, folder: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            whole = target if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, posixpath.normpath(whole).lstrip("/"))

    Part(archive, names, path.lstrip("/")).parse(start)
    return found


def target_of(archive: zipfile.ZipFile, names: dict[str, str], path: str, wanted: str) -> str | None:
    if path not in names:
        return None
    return next((target for kind, target in relations(archive, names, path, "").values() if kind == wanted), None)


def shared_texts(archive: zipfile.ZipFile, names: dict[str, str], path: str | None) -> list[str]:
    texts: list[str] = []
    if path is None or path.casefold() not in names:
        return texts
    pieces: list[str] = []
    inside = {"t": False, "rPh": False}

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            pieces.clear()
        elif name in inside:
            inside[name] = True

    def end(name: str) -> None:
        if name == "si":
            texts.append(unescaped("".join(pieces)))
        elif name in inside:
            inside[name] = False

    def text(piece: str) -> None:
        if inside["t"] and not inside["rPh"]:  # phonetic readings stand beside the text
            pieces.append(piece)

    Part(archive, names, path).parse(start, end, text)
    return texts


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Characters that XML cannot hold stand as ``_x000D_``."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def date_styles(archive: zipfile.ZipFile, names: dict[str, str], path: str | None) -> dict[int, bool]:
    """Number of each cell style that shows dates or times."""
    found: dict[int, bool] = {}
    if path is None or path.casefold() not in names:
        return found
    own: dict[int, str] = {}
    state = {"styles": 0, "inside": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            own[int(attributes.get("numFmtId", -1))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            state["inside"] = 1
        elif name == "xf" and state["inside"]:
            number = int(attributes.get("numFmtId", 0))
            code = _QUOTED.sub("", own.get(number, ""))
            shown = number in _DATES if number not in own else bool(re.search("[ymdhs]", code, re.IGNORECASE))
            if shown and "general" not in code.casefold():
                found[state["styles"]] = True
            state["styles"] += 1

    def end(name: str) -> None:
        if name == "cellXfs":
            state["inside"] = 0

    Part(archive, names, path).parse(start, end)
    return found
