"""Zip archives and XML from others, opened without trust: no paths upwards, no bombs, no entities."""

import posixpath
import zipfile
from io import BytesIO
from xml.etree import ElementTree
from xml.parsers import expat

from leadership_study.interviews._problems import refused

MOST_BYTES = 512 << 20
"""Unpacked size above which an archive is refused."""
MOST_ENTRIES = 20_000
MOST_TIMES = 200
"""How many times its packed size a part may have unpacked."""
_SMALL = 1 << 20
MOST_DEPTH = 200
"""How deep XML may nest."""


class Archive:
    """The parts of a zip file, read from memory; nothing is ever unpacked to the disk."""

    def __init__(self, data: bytes, file: str) -> None:
        self.file = file
        again = "export it again from the program that wrote it"
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError):
            raise refused(file, "no_archive", "the file is no zip archive, or a damaged one", again) from None
        entries = self._zip.infolist()
        total = 0
        self._names: dict[str, zipfile.ZipInfo] = {}
        if len(entries) > MOST_ENTRIES:
            raise refused(file, "archive_bomb", f"the archive has {len(entries)} parts", again)
        for entry in entries:
            name = entry.filename.replace("\\", "/")
            if name.startswith("/") or ":" in name.split("/")[0] or ".." in name.split("/"):
                message = f"the archive has a part outside its own folder: {entry.filename!r}"
                raise refused(file, "path_traversal", message, "don't open it; " + again)
            total += entry.file_size
            if total > MOST_BYTES or (
                entry.file_size > _SMALL and entry.file_size > MOST_TIMES * max(entry.compress_size, 1)
            ):
                message = f"unpacked, the archive would have over {total >> 20} MB"
                raise refused(file, "archive_bomb", message, "don't open it; " + again)
            if entry.flag_bits & 1:
                raise refused(file, "password", "the archive has a password", "save it without one")
            self._names.setdefault(posixpath.normpath(name).casefold(), entry)

    @property
    def names(self) -> list[str]:
        """Names of the parts, as written."""
        return [entry.filename for entry in self._names.values() if not entry.is_dir()]

    def read(self, name: str) -> bytes | None:
        """One part by name, whatever its case; None when it isn't there."""
        entry = self._names.get(posixpath.normpath(name.replace("\\", "/")).casefold())
        if entry is None:
            return None
        try:
            with self._zip.open(entry) as stream:
                # The size in the directory may lie: no more than that is read.
                data = stream.read(entry.file_size + 1)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
            raise refused(self.file, "damaged_archive", f"{name} in it cannot be unpacked", "export it again") from None
        if len(data) > entry.file_size:
            raise refused(self.file, "archive_bomb", f"{name} is larger than the archive says", "export it again")
        return data


def xml_tree(data: bytes, file: str) -> ElementTree.Element:
    """Parse XML; a document type or an entity is refused, whatever it says.

    Raises
    ------
    ImportFormatError
        Not well-formed, with document type or entities, or nested beyond reason.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    builder = ElementTree.TreeBuilder()
    parser.buffer_text = True
    depth = 0

    def refuse(*_: object) -> None:
        message = "the XML declares a document type or entities, which can read other files or fill the memory"
        raise refused(file, "xml_entities", message, "don't open it; export it again from the program that wrote it")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise refused(file, "xml_depth", f"the XML nests deeper than {MOST_DEPTH} levels", "export it again")
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse  # type: ignore[assignment]
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = f"the XML isn't well-formed: {expat.ErrorString(error.code)} (line {error.lineno})"
        raise refused(file, "xml_syntax", message, "export it again") from None
    return builder.close()


def _named(name: str) -> str:
    return "{" + name if "}" in name else name
