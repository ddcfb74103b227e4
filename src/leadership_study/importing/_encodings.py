"""Bytes that are not UTF-8: GB18030, Big5 or Windows-1252, by how well each explains them.

All three take nearly every sequence of bytes, so that being valid decides little. What decides is the share of the
characters beyond ASCII that are in everyday use in the encoding:

- GB18030 (with GBK and GB2312): characters of the first level of GB 2312 (3755 everyday characters, rows 16 to 55) and
  of its rows of signs;
- Big5: its first plane (5401 everyday characters, lead bytes A4 to C6) and its signs (A1 to A3);
- Windows-1252 (Latin-1 with the signs of Windows): single bytes that are letters with an ASCII letter beside them, or
  signs with a space, a digit or a mark beside them. In a Chinese encoding they come in pairs.

The largest share wins, GB18030 before Big5 before Windows-1252 where they are equal. A text whose every reading is
implausible (below one half) is GB18030 where it is valid as such, which keeps rare characters and names.
"""

import re

Encoding = str

_PAIRS = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_FOUR = re.compile(rb"[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_LETTER = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LETTERS_1252 = frozenset(
    [0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F, *range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100)]
)
_SAMPLE = 1 << 18

NAMES = {"gb18030": "GB18030", "big5": "Big5", "cp950": "Big5 (CP950)", "cp1252": "Windows-1252"}


def not_utf8(data: bytes) -> Encoding | None:
    """Return the encoding of ``data``, which is not UTF-8, by the rule of this module; None where none is valid."""
    sample = _sample(data)
    shares = []
    if _valid(data, "gb18030"):
        shares.append((_share_gb(sample), 3, "gb18030"))
    if big5 := next((name for name in ("big5", "cp950") if _valid(data, name)), None):
        shares.append((_share_big5(sample), 2, big5))
    if not _UNDEFINED.search(data):
        shares.append((_share_1252(sample), 1, "cp1252"))
    if not shares:
        return None
    best = max(shares)
    if best[0] >= 0.5:
        return best[2]
    return "gb18030" if shares[0][2] == "gb18030" else None


def _sample(data: bytes) -> bytes:
    """Whole lines that hold bytes beyond ASCII, enough of them to judge."""
    if len(data) <= _SAMPLE:
        return data
    lines = []
    size = 0
    for line in data.split(b"\n"):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > _SAMPLE:
                break
    return b"\n".join(lines)


def _valid(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _share_gb(data: bytes) -> float:
    known = total = 0
    rest = _FOUR.sub(b"", data)
    for run in _PAIRS.findall(rest):
        total += 1
        lead, trail = run
        known += trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3)
    return known / total if total else 0.0


def _share_big5(data: bytes) -> float:
    pairs = _PAIRS.findall(data)
    known = sum(0xA1 <= pair[0] <= 0xC6 and not 0x7F <= pair[1] <= 0xA0 for pair in pairs)
    return known / len(pairs) if pairs else 0.0


def _share_1252(data: bytes) -> float:
    known = total = 0
    for match in _HIGH_RUN.finditer(data):
        run = match.group()
        total += len(run)
        beside = {*data[max(0, match.start() - 1) : match.start()], *data[match.end() : match.end() + 1]}
        if len(run) > 3:
            continue  # a run of accents is no word; a run of pairs is Chinese
        letters = all(byte in _LETTERS_1252 for byte in run)
        if letters and beside & _LETTER:
            # Two accents side by side are rare; a lone Chinese character between ASCII letters is as rare.
            known += len(run) if len(run) != 2 else 1
        elif not letters and len(run) == 1 and not run[0] < 0x80:
            known += 1
    return known / total if total else 0.0
