"""Bytes that are strictly valid both as UTF-8 and as GB18030: which of the two they are.

A two-byte character of UTF-8 (Latin with accents, Greek, Cyrillic, Arabic, …) has the bytes of one Chinese character
in GB18030: 学校 is ѧУ, and é is 茅. The rule: such bytes are GB18030 when every character beyond ASCII is a two-byte
one in UTF-8 and one of the 6763 characters of GB 2312 in the other reading, and at least half of the different words
in UTF-8 are such as no language writes. A word is a run of letters, at least one of them beyond ASCII; no language
writes one

- with letters of two scripts, or with a letter that is not in modern use (ѧ, ĳ, phonetic signs),
- with a capital after a small letter,
- of Latin letters all of which are beyond ASCII, or of a single letter that is not in Latin-1.

Single letters count only where there is no longer word. So café, Müller, Ελλάδα and Москва are UTF-8. The more Chinese
a file holds, the less can it be valid UTF-8 at all.
"""

import re
import unicodedata
from itertools import pairwise

_RUN = re.compile(r"[A-Za-z\u0080-\u07ff]+")
_BEYOND_TWO_BYTES = re.compile("[\u0800-\U0010ffff]")
_OUT_OF_USE = frozenset("ĲĳŉſĿŀ")
_IN_USE = (
    ("À", "ſ"),  # Latin-1 and Latin Extended-A
    ("Ơ", "ơ"),
    ("Ư", "ư"),
    ("Ά", "ώ"),
    ("Ѐ", "џ"),
    ("Ґ", "ӿ"),
    ("Ա", "և"),
    ("א", "ת"),
    ("ء", "ي"),
    ("ٱ", "ە"),
)


def is_gb18030(data: bytes, text: str) -> bool:
    """Say whether ``data``, which is ``text`` in UTF-8, is rather GB18030, by the rule of this module."""
    if text.isascii() or _BEYOND_TWO_BYTES.search(text):
        return False
    try:
        data.decode("gb2312")
    except UnicodeDecodeError:
        return False
    words = {word for run in set(_RUN.findall(text)) for word in _words(run)}
    words = {word for word in words if len(word) > 1} or words
    odd = sum(not _is_written(word) for word in words)
    return bool(words) and 2 * odd >= len(words)


def _words(run: str) -> list[str]:
    """Cut a run at signs that are no letters (° · ½) and keep the parts that hold more than ASCII."""
    signs = {sign for sign in run if sign in "µªº" or (unicodedata.category(sign)[0] in "PSZN")}
    parts = "".join(" " if sign in signs else sign for sign in run)
    return [part for part in parts.split() if not part.isascii()]


def _is_written(word: str) -> bool:
    """Say whether some language may write ``word``."""
    letters = [sign for sign in word if unicodedata.category(sign)[0] != "M"]
    if not letters or unicodedata.category(word[0])[0] == "M" or not all(map(_in_use, letters)):
        return False
    scripts = {unicodedata.name(letter).partition(" ")[0] for letter in letters}
    if len(scripts) > 1 or any(a.islower() and b.isupper() for a, b in pairwise(letters)):
        return False
    if len(letters) == 1 and len(word) == 1:
        return word <= "ÿ"
    return scripts != {"LATIN"} or any(letter.isascii() for letter in letters)


def _in_use(letter: str) -> bool:
    if letter.isascii():
        return True
    known = any(first <= letter <= last for first, last in _IN_USE) and letter not in _OUT_OF_USE
    return known and unicodedata.category(letter)[0] == "L"
