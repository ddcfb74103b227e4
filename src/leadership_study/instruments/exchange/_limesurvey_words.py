"""LimeSurvey's own spellings: question types, codes, texts in HTML, and the lists that a type brings with it."""

import html
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from leadership_study.instruments.exchange._form import Choice, Kind

_Key = TypeVar("_Key")

ARRAYS = frozenset("FHABCE")
"""Types with rows (subquestions) and one list of answers for all rows."""

SINGLE: Mapping[str, Kind] = {
    "L": "one", "!": "one", "O": "one", "5": "one", "Y": "one", "G": "one", "M": "many", "P": "many",
    "N": "number", "S": "text", "T": "long_text", "U": "long_text", "D": "date",
}  # fmt: skip
SEVERAL: Mapping[str, Kind] = {"K": "number", "Q": "text"}
"""Types with one field a row."""

NOT_HELD = frozenset("1RI|:;")
SILENT = frozenset("X*")
CLASSES = frozenset("S SL G Q SQ A AS QTA QTALS QTAM C".split())

_FIXED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "A": tuple((str(n), str(n), str(n)) for n in range(1, 6)),
    "B": tuple((str(n), str(n), str(n)) for n in range(1, 11)),
    "5": tuple((str(n), str(n), str(n)) for n in range(1, 6)),
    "Y": (("Y", "Yes", "是"), ("N", "No", "否")),
    "G": (("F", "Female", "女"), ("M", "Male", "男")),
    "C": (("Y", "Yes", "是"), ("N", "No", "否"), ("U", "Uncertain", "不确定")),
    "E": (("I", "Increase", "增加"), ("S", "Same", "不变"), ("D", "Decrease", "减少")),
}
_TAG = re.compile(r"<[^<>]+>")
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h\d)>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style)\b.*?</\1>", re.IGNORECASE | re.DOTALL)


def fixed_choices(kind: str, languages: Iterable[str]) -> tuple[Choice, ...] | None:
    """Return the answers that a type brings with it; None when the form lists them."""
    if kind not in _FIXED:
        return None
    return tuple(
        Choice(code=code, text={language: zh if language.startswith("zh") else en for language in languages})
        for code, en, zh in _FIXED[kind]
    )


def to_html(text: str) -> str:
    """Write text so that LimeSurvey shows it as it is: no tags, no expressions, one line of the file."""
    for sign, written in (("{", "&#123;"), ("\t", "&#9;"), ("\n", "<br />")):
        text = (html.escape(text) if sign == "{" else text).replace(sign, written)
    return text


def from_html(text: str) -> str:
    """Return what respondents read: tags and scripts removed, entities resolved."""
    text = _BREAK.sub("\n", _HIDDEN.sub("", text.replace("&nbsp;", " ")))
    return html.unescape(_TAG.sub("", text)).strip()


def short_codes(
    keys: Iterable[_Key], names: Iterable[str], *, longest: int, taken: Iterable[str] = ()
) -> dict[_Key, str]:
    """Return a code by key, made of its name: letters and digits, a letter first, at most ``longest``, each its own."""
    codes: dict[_Key, str] = {}
    used = {code.casefold() for code in taken}
    for key, name in zip(keys, names, strict=True):
        base = re.sub(r"[^A-Za-z0-9]", "", name) or "Q"
        base = base if base[0].isalpha() else f"Q{base}"
        code, at = base[:longest], 1
        while code.casefold() in used:
            at += 1
            code = f"{base[: longest - len(str(at))]}{at}"
        used.add(code.casefold())
        codes[key] = code
    return codes


def answer_codes(values: Iterable[str]) -> list[str]:
    """Return codes of at most five letters and digits: the values themselves where all fit, else A1, A2, …."""
    values = list(values)
    if all(re.fullmatch(r"[A-Za-z0-9]{1,5}", value) for value in values) and len({v.casefold() for v in values}) == len(
        values
    ):
        return values
    return [f"A{at}" for at in range(1, len(values) + 1)]
