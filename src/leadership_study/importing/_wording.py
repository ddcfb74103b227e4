"""Questions recognised by their wording: equal text, apart from spaces, width of characters, dashes and end marks."""

import html
import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from leadership_study.instruments import AttentionCheck, Instrument, ResponseScale

FormName = Literal["other", "self"]

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−~〜"), "-")
TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
_SPACE = re.compile(r"\s+")
_END = ".。:：?？!！;；"


def normal(text: str) -> str:
    """Return ``text`` as it is compared: no HTML, one width, lower case, no spaces, one dash, no mark at its end."""
    if "&" in text or "<" in text:
        text = TAGS.sub("", html.unescape(text))
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return _SPACE.sub("", plain).casefold().rstrip(_END)


def column_wordings(instrument: Instrument, form: FormName) -> dict[str, tuple[str, ...]]:
    """Return what people read for every column of a table of answers, in each language.

    Items have the wording about oneself in the form ``self``, where there is one. A form's column is a row of a table
    of questions: ``form—dimension``, or ``form: dimension`` in one line.
    """
    found: dict[str, tuple[str, ...]] = {}
    for item in instrument.items:
        found[item.id] = tuple((item.self_text if form == "self" and item.self_text else item.text).values())
    for column in instrument.form_scales:
        found[column] = tuple(dict.fromkeys(form_wordings(instrument, column)))
    for question in instrument.background:
        found[question.id] = tuple(question.label.values())
    found |= {check.id: tuple(check.text.values()) for check in instrument.attention_checks}
    found |= {question.id: tuple(question.text.values()) for question in instrument.open_questions}
    return found


def form_wordings(instrument: Instrument, column: str) -> Sequence[str]:
    """Return both ways of writing the column of a form in each language."""
    found = []
    for language in instrument.languages:
        label = instrument.label(column, language)
        if label != column:
            found += [label, label.replace(": ", "—", 1)]
    return found


def check_scale(instrument: Instrument, check: AttentionCheck) -> ResponseScale:
    """Return the response scale that a check is answered on: that of the item it follows, or the first."""
    if check.after is not None:
        return instrument.scale_of(check.after)
    return next(iter(instrument.response_scales.values()))
