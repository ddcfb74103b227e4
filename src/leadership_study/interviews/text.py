"""Text as offsets count it: Unicode code points after line ends and the byte order mark are normalised."""

import re
from pathlib import Path

from leadership_study.errors import Problem
from leadership_study.importing._decode import decode
from leadership_study.interviews._problems import refused

_ENDS = re.compile("\r\n?")


def normalise(text: str) -> str:
    r"""Leave out a byte order mark at the start and make every line end ``\n``; everything else stays.

    Every offset in this package counts code points of text after this.

    Examples
    --------
    >>> normalise("\ufeffa\r\nb\rc")
    'a\nb\nc'
    """
    return _ENDS.sub("\n", text.removeprefix("\ufeff"))


def shifted(text: str, offset: int) -> int:
    """Where an offset into the raw ``text`` stands after `normalise`; offsets past the end stay past it."""
    if offset > len(text):
        return len(normalise(text)) + offset - len(text)
    return len(normalise(text[:offset])) - (1 if text[offset - 1 : offset + 1] == "\r\n" else 0)


def read_text(path: Path) -> str:
    """Read a text file by strict rules (UTF-8, UTF-16 with a mark, GB18030), normalised.

    Raises
    ------
    ImportFormatError
        The file is missing or no text.
    """
    return normalise(text_of(read_bytes(path), path.name))


def read_bytes(path: Path) -> bytes:
    """Bytes of a file, or one clear problem."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise refused(path.name, "missing_file", f"the file cannot be read: {reason}", "check the path") from None


def text_of(data: bytes, file: str) -> str:
    """Decode bytes by strict rules."""
    found = decode(data, file)
    if isinstance(found, Problem):
        raise refused(found.file, found.rule, found.message, "save it as UTF-8 text")
    return found[0]
