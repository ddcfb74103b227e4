"""Personal data in files of answers: which columns are withheld, and what is masked in texts that are carried on.

Whole columns under the headers of `_personal_headers`, or filled with phone numbers, e-mail addresses, ID card numbers,
IP addresses or coordinates, are withheld. In all other text such places, and names, are replaced by what stood there:
``[电话]`` in Chinese text, ``[phone]`` in other. Where texts are keys (respondents, groups) two different people must
not become one: there the mask has a number, ``[电话 2]``, the same wherever the same thing was written.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Literal

import pandas as pd

from leadership_study.importing._personal_headers import asked_for, headed
from leadership_study.importing._personal_names import Known, introduced, standing_alone
from leadership_study.importing._personal_patterns import spans
from leadership_study.importing._personal_plain import CHINESE, plain
from leadership_study.results import Note

Kind = Literal["name", "phone", "email", "id_card", "passport", "ip", "account", "device", "coordinates", "address"]
"""What kind of personal data something is."""

WORDS: Mapping[str, tuple[str, str]] = {
    "name": ("姓名", "name"),
    "phone": ("电话", "phone"),
    "email": ("邮箱", "e-mail"),
    "id_card": ("身份证", "ID card"),
    "passport": ("护照", "passport"),
    "ip": ("IP地址", "IP address"),
    "account": ("账号", "account"),
    "device": ("设备", "device"),
    "coordinates": ("坐标", "coordinates"),
    "address": ("地址", "address"),
}
"""What stands in a mask, in Chinese and in English."""

_ORDER = ("email", "id_card", "coordinates", "ip", "device", "phone", "passport", "account", "address", "name")
"""Of two kinds found at one place the earlier is the closer description."""

_SHOWN = 200  # values that decide about a column
_MANY = 0.5  # share of them that must be personal as a whole
_WHOLE_KINDS = frozenset({"phone", "email", "id_card", "ip", "coordinates", "device"})

# Where none of these is, nothing needs a closer look: digits enough for a number, signs of addresses, words of names.
# No look-around and no classes such as \\s: pandas hands such a pattern to a fast engine.
_HINT = (
    r"[^\x00-\x7f]|@|[\[({] ?(?:at|AT)|(?:[0-9][^0-9]{0,3}){9}[0-9]|\+ ?[0-9]|[0-9]\.[0-9]+\.[0-9]|:[0-9A-Fa-f]{0,4}:"
    r"|[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-|[A-Z][A-Za-z'-]+[.,]?[ \t\r\n]+[A-Z]|(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam)[. ]"
    r"|(?i:name|call|phone|tel|cell|mobile|fax|card|wechat|weixin|wx|qq|vx|skype|telegram|whatsapp|line id|passport"
    r"|\.com/|staff|employee|student|teacher)"
)
_HINTED = re.compile(_HINT)


class Pseudonyms:
    """Numbers of masked values that are keys; one object for all files of a study, so that equal values stay equal.

    Nothing here is ever written down: the values live as long as the reading of the files.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {}

    def number(self, kind: str, value: str) -> int:
        """Return the running number of ``value`` among those of its kind."""
        numbers = self._numbers.setdefault(kind, {})
        return numbers.setdefault(_same(value), len(numbers) + 1)


def find_personal(header: str, texts: pd.Series) -> Kind | None:
    """Return the kind of personal data that a whole column is, None when it is none.

    Parameters
    ----------
    header
        The column's header: an id, or the wording of a question.
    texts
        Its cells as text, missing as NaN.

    Returns
    -------
    str or None
        By the header alone where that is a usual name of such data; by the cells where at least half of the first 200
        different ones are nothing but a number or an address of a person, or names where the header asks for names.
    """
    kind: str | None = headed(header)
    if kind is not None:
        return kind  # type: ignore[return-value]
    values = [str(text).strip() for text in texts.dropna().unique()[:_SHOWN]]
    values = [value for value in values if value]
    if not values:
        return None
    found = Counter(_all_of(value) for value in values)
    for name in _ORDER:
        if name in _WHOLE_KINDS and found[name] >= _MANY * len(values):
            return name  # type: ignore[return-value]
    for asked in asked_for(header):
        if found[asked] >= _MANY * len(values) or (asked in ("account", "address") and len(values) > 1):
            return asked  # type: ignore[return-value]
    return None


def names_in(texts: pd.Series) -> frozenset[str]:
    """Return the names in a column of names, for `mask` to look for in the other texts of the file."""
    return frozenset(plain(str(text)).text.strip() for text in texts.dropna().unique())


def mask(
    texts: pd.Series,
    names: Collection[str] | Known = (),
    *,
    whole: Kind | None = None,
    pseudonyms: Pseudonyms | None = None,
) -> tuple[pd.Series, dict[str, int]]:
    """Replace what is personal in texts, each distinct text once.

    Parameters
    ----------
    texts
        Text; missing as NaN.
    names
        Names known from a column of names (`names_in`).
    whole
        The kind of the column, when all of every cell is personal and the column is needed all the same.
    pseudonyms
        Given when the texts are keys: masks get numbers, equal for equal values.

    Returns
    -------
    (Series, dict)
        The texts with masks, and the number of cells in which each kind was masked. The series is the one given when
        there was nothing to mask.
    """
    known = names if isinstance(names, Known) else Known(names)
    changed: dict[str, str] = {}
    kinds: dict[str, tuple[str, ...]] = {}
    distinct = pd.Series(texts.dropna().unique(), dtype="str")
    if whole is None and not known:
        distinct = distinct[distinct.str.contains(_HINT, regex=True)]
    for text in distinct:
        masked, found = _masked(text, known, pseudonyms) if whole is None else (text, ())
        if whole is not None and text.strip():
            masked, found = _token(whole, text, text, pseudonyms), (whole,)
        if found:
            changed[text], kinds[text] = masked, found
    if not changed:
        return texts, {}
    times = texts[texts.isin(list(changed))].value_counts()
    counts: Counter[str] = Counter()
    for text, count in times.items():
        for kind in kinds[str(text)]:
            counts[kind] += int(count)
    result = texts.map(lambda text: changed.get(text, text), na_action="ignore").astype(texts.dtype)
    return result, dict(sorted(counts.items()))


def mask_text(text: str, names: Collection[str] | Known = ()) -> str:
    """Return one text with masks, as `mask` does; for messages."""
    known = names if isinstance(names, Known) else Known(names)
    return _masked(text, known, None)[0] if _worth_a_look(text, known) else text


def personal_notes(file: str, withheld: Mapping[str, str], masked: Mapping[str, Mapping[str, int]]) -> tuple[Note, ...]:
    """Say what was withheld (header → kind) and masked (column → kind → number of cells) of a file."""
    notes = []
    if withheld:
        text = "Personal data in {file} were not carried on: {columns}."
        columns = ", ".join(f"{mask_text(header)} ({_spoken(kind)})" for header, kind in withheld.items())
        notes.append(Note("personal_data_left_out", text, {"file": file, "columns": columns}))
    if any(masked.values()):
        text = "Personal data in texts of {file} were masked: {columns}."
        columns = "; ".join(
            f"{column} ({', '.join(f'{_spoken(kind)} {count}' for kind, count in counts.items())})"
            for column, counts in masked.items()
            if counts
        )
        notes.append(Note("personal_data_masked", text, {"file": file, "columns": columns}))
    return tuple(notes)


def _spoken(kind: str) -> str:
    return "/".join(WORDS[kind])


def _worth_a_look(text: str, known: Known) -> bool:
    return bool(known) or _HINTED.search(text) is not None


def _masked(text: str, known: Known, pseudonyms: Pseudonyms | None) -> tuple[str, tuple[str, ...]]:
    """One text with masks, and the kinds of what was masked."""
    prepared = plain(text)
    places = list(spans(prepared.text))
    places += [(start, end, "name") for start, end in introduced(prepared.text)]
    places += [(start, end, "name") for start, end in known.places(prepared.text)]
    if standing_alone(prepared.text):
        places.append((0, len(prepared.text), "name"))
    if not places:
        return text, ()
    parts: list[str] = []
    done = 0
    kinds = []
    for start, end, kind in _apart(places):
        first, last = prepared.place(start, end)
        parts += [text[done:first], _token(kind, prepared.text[start:end], text, pseudonyms)]
        done = last
        kinds.append(kind)
    return "".join([*parts, text[done:]]), tuple(sorted(set(kinds)))


def _apart(places: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Join places that overlap; the first kind in the order names them."""
    joined: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(places):
        if joined and start < joined[-1][1]:
            before = joined[-1]
            joined[-1] = (before[0], max(end, before[1]), min(kind, before[2], key=_ORDER.index))
        else:
            joined.append((start, end, kind))
    return joined


def _token(kind: str, value: str, text: str, pseudonyms: Pseudonyms | None) -> str:
    chinese, english = WORDS[kind]
    word = chinese if CHINESE.search(text) else english
    return f"[{word}]" if pseudonyms is None else f"[{word} {pseudonyms.number(kind, value)}]"


def _same(value: str) -> str:
    """The form under which equal values are recognised: no spaces, no marks between digits."""
    return re.sub(r"[\s._()·-]", "", plain(value).text).casefold()


def _all_of(value: str) -> str | None:
    """The kind that a cell is nothing but."""
    text = plain(value).text.strip()
    if standing_alone(text):
        return "name"
    for start, end, kind in _apart(list(spans(text))):
        rest = text[:start] + text[end:]
        # 来自IP holds the place too: 1.2.3.4(北京-北京).
        if not rest.strip(" \t\r\n.,;[]<>'\"") or (kind == "ip" and re.fullmatch(r"\s*\([^()]*\)", rest)):
            return kind
    return None
