"""What reports and figures call things: items by id in sentences, by id and wording in tables and figures.

A reverse-keyed item is shown with its answers turned beside the wording that it was asked in, so it bears a mark
wherever its wording stands: "(R)", in Chinese "（反）". Answers to background questions are shown in their own words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from leadership_study.reporting.languages import Language, load_language
from leadership_study.reporting.parts import spans_width

if TYPE_CHECKING:
    from leadership_study.instruments import Instrument

_LONGEST = 48
"""Width in Latin letters from which the wording of an item is cut in tables."""

_NARROW = 30
"""The same in tables whose rows are named by dimension and item: id and wording together."""

_STOPS = " .。"


@dataclass(frozen=True, kw_only=True)
class Names:
    """What ids are called: ``in_sentences`` and ``in_rows`` of tables and figures.

    ``turned`` are reverse-keyed items, ``groups`` the titles of the blocks of respondents. Both names know the levels
    of background questions as ``post[3]``, which is how analyses call a dummy variable.
    """

    in_sentences: Mapping[str, str] = field(default_factory=dict)
    in_rows: Mapping[str, str] = field(default_factory=dict)
    turned: frozenset[str] = frozenset()
    groups: Mapping[str, str] = field(default_factory=dict)

    def of_row(self, id: str, *, narrow: bool) -> str:
        """Return what a row is called; ``narrow`` columns hold less of an item's wording."""
        text = self.in_rows[id]
        is_item = self.in_sentences.get(id) == id
        return short(text, _NARROW) if narrow and is_item else text

    def turned_among(self, tables: Iterable[pd.DataFrame]) -> bool:
        """Whether a row of ``tables`` is a reverse-keyed item."""
        return any(
            not self.turned.isdisjoint(map(str, table.index.get_level_values(level)))
            for table in tables
            for level in range(table.index.nlevels)
        )


def names_of(instrument: "Instrument", labels: Mapping[str, str], language: str) -> Names:
    """Return what the ids of a questionnaire are called in ``language``.

    Parameters
    ----------
    instrument
        The questionnaire: its items, their keying, the levels of its background questions.
    labels
        Display text by id, as ``ScoredResponses.labels(language)`` gives it.
    language
        A code that has a file in ``reporting/languages``.
    """
    words = load_language(language)
    turned = frozenset(item.id for item in instrument.items if item.reverse_keyed)
    sentences = {**labels, **_levels(instrument, labels, words)}
    rows = dict(sentences)
    of_items = [
        f"{form.id}_{item}" for form in instrument.forms if form.of == "items" for item in instrument.item_ids()
    ]
    for item in [*instrument.item_ids(), *of_items]:
        wording = labels.get(item, item)
        marked = item + words.word("turned") if item in turned else item
        rows[item] = marked if wording == item else f"{marked}  {short(wording)}"
        sentences[item] = item
    for number, check in enumerate(instrument.attention_checks, start=1):
        sentences[check.id] = rows[check.id] = f"{words.word('attention_check')}{words.word('space')}{number}"
    return Names(in_sentences=sentences, in_rows=rows, turned=turned)


def short(wording: str, longest: int = _LONGEST) -> str:
    """Return a wording without its stop, cut between words where it is wider than ``longest`` Latin letters."""
    wording = wording.strip().rstrip(_STOPS)
    if spans_width((wording,)) <= longest:
        return wording
    cut = wording
    while spans_width((cut,)) > longest - 1:
        head, space, _ = cut.rpartition(" ")
        cut = head if space and spans_width((head,)) > longest // 2 else cut[:-1]
    return cut.rstrip(" ,;，、；") + "…"


def _levels(instrument: "Instrument", labels: Mapping[str, str], words: Language) -> dict[str, str]:
    return {
        f"{question.id}[{level.value}]": level_name(
            labels.get(question.id, question.id), level.text.get(words.code, level.value), words
        )
        for question in instrument.background
        for level in question.levels
    }


def level_name(question: str, level: str, words: Language) -> str:
    """Return "Post: class head"."""
    return f"{question}{words.word('colon')}{level}"
