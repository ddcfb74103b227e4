"""Text as personal data are looked for in it: one width, nothing invisible; every place known in the original."""

import re
import unicodedata
from dataclasses import dataclass

CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Plain:
    """``text`` in NFKC without invisible characters; ``starts`` is the place in the original of each character."""

    original: str
    text: str
    starts: tuple[int, ...] | range

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands in the original."""
        return self.starts[start], self.starts[end - 1] + 1


def plain(text: str) -> Plain:
    """Prepare a text: full-width forms become ordinary ones, zero-width characters and key caps are left out."""
    if text.isascii():
        return Plain(text, text, range(len(text)))
    letters: list[str] = []
    starts: list[int] = []
    for at, sign in enumerate(text):
        # Cf: zero-width and direction marks, soft hyphens. Mn and Me: variation selectors, the box of a key cap.
        if unicodedata.category(sign) in ("Cf", "Mn", "Me"):
            continue
        for letter in _width(sign):
            letters.append(letter)
            starts.append(at)
    return Plain(text, "".join(letters), tuple(starts))


def _width(sign: str) -> str:
    wide = unicodedata.normalize("NFKC", sign)
    if len(wide) == 1 and wide.isdigit():
        return str(unicodedata.digit(wide))  # Arabic-Indic and other digits
    return "-" if wide in "‐‑‒–—―−﹣－" else wide
