"""Which character stands between the fields of a text table."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""Those tried first, with their names; any other is found only where the header's names ask for it."""

EXCEL_MARK = re.compile(r'"?sep=([,;\t|])"?\r?(?=\n)')
"""A first line with which Excel names the delimiter."""

_RARE = {":": "colon", "^": "caret", "~": "tilde", "\x1f": "unit separator", "¦": "broken bar", "§": "section sign"}
_SAMPLE = 200  # records that decide about the delimiter


def name_of(delimiter: str) -> str:
    """Return the English name of a delimiter."""
    return {**DELIMITERS, **_RARE}.get(delimiter, repr(delimiter))


def find_delimiter(text: str, expected: Collection[str] = ()) -> str:
    """Return the delimiter that divides ``text`` best; a rare one only where none of the usual ones divides it.

    Best is the one whose header has most of the ``expected`` names; then the one by which most records have as many
    fields as the header (one field a record counts as undivided); then the one with more fields; then the comma.
    """
    start = text[: 1 << 20]
    wanted = set(expected)

    def quality(delimiter: str) -> tuple[int, float, int]:
        counts: list[int] = []
        known = 0
        try:
            # Not strict: a delimiter may be found even where the quoting is wrong, and then the quoting is reported.
            for row in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter):
                if blank(row):
                    continue
                if not counts:
                    known = len(wanted.intersection(name.strip() for name in row))
                counts.append(len(row))
                if len(counts) > _SAMPLE:
                    break
        except csv.Error:
            pass
        if not counts or counts[0] == 1:
            return known, 0.0, 1
        return known, Counter(counts)[counts[0]] / len(counts), counts[0]

    best = max(DELIMITERS, key=quality)
    if quality(best)[1:] != (0.0, 1):
        return best
    # One column under every usual delimiter: a rare one must divide every record of the sample alike.
    rare = max(_RARE, key=quality)
    return rare if quality(rare)[1] == 1.0 and quality(rare)[2] > 2 else best


def blank(row: list[str]) -> bool:
    """Say whether a record is a line with nothing in it."""
    return len(row) < 2 and not "".join(row).strip()
