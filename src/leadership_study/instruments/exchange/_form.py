"""A questionnaire as survey platforms see it: groups of questions with lists of choices.

Every format is read into a `Form` and written from one. What a platform has no place for (reverse keys, the wording
about oneself, definitions) travels in ``aside``: short keys and text, which each format stores where the platform
leaves it alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from leadership_study.instruments.model import Text
from leadership_study.results import Note

Kind = Literal["one", "many", "number", "text", "long_text", "date"]
"""How a question is answered: one choice, several choices, a number, a line, a paragraph, a date."""

Condition = Mapping[str, tuple[str, ...]]
"""Asked when each of these questions got one of these choices (codes)."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer of a list; ``value`` is what the questionnaire calls it where the platform needs another code."""

    code: str
    text: Text = field(default_factory=dict)
    value: str | None = None

    @property
    def meant(self) -> str:
        """The value in the questionnaire."""
        return self.code if self.value is None else self.value


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A list of answers, in the order shown."""

    name: str
    choices: tuple[Choice, ...]
    aside: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in order."""
        return tuple(choice.code for choice in self.choices)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Questions that stand together."""

    name: str
    text: Text = field(default_factory=dict)
    aside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question.

    ``choices`` names its list; ``group`` the group it stands in; ``matrix`` says that the form shows it as a row of a
    rating table. ``relevance`` is the form's own rule for asking it, ``condition`` the part of that rule which a
    questionnaire can hold (None: it cannot), ``refers`` the questions that the rule names. ``place`` is where it stands
    in the file.
    """

    name: str
    kind: Kind
    text: Text = field(default_factory=dict)
    choices: str = ""
    group: str = ""
    matrix: bool = False
    relevance: str = ""
    condition: Condition | None = field(default_factory=dict)
    refers: frozenset[str] = frozenset()
    aside: Mapping[str, str] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """A whole form.

    ``left_out`` lists the questions of kinds that a questionnaire cannot hold (name, type); ``others`` names what the
    form has besides questions: calculations, times, notes; ``computed`` what the calculations among them refer to.
    """

    id: str
    title: Text
    languages: tuple[str, ...]
    version: str = ""
    groups: tuple[Group, ...] = ()
    questions: tuple[Question, ...] = ()
    lists: Mapping[str, Choices] = field(default_factory=dict)
    left_out: tuple[tuple[str, str], ...] = ()
    others: frozenset[str] = frozenset()
    computed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    aside: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether this package wrote the form, and what it put aside is still there."""
        return any("part" in question.aside for question in self.questions)

    def group(self, name: str) -> Group:
        """The group ``name``; one without wording where the form has none."""
        return next((group for group in self.groups if group.name == name), Group(name=name))


def wording(texts: Mapping[str, str], key: str) -> dict[str, str]:
    """Take the wording ``<key>_<language>`` out of what was put aside."""
    start = f"{key}_"
    return {name.removeprefix(start): text for name, text in texts.items() if name.startswith(start)}


def put_wording(key: str, text: Text) -> dict[str, str]:
    """Put wording aside as ``<key>_<language>``."""
    return {f"{key}_{language}": words for language, words in text.items()}


def number_text(value: int | float) -> str:
    """Write a scale value as a code: ``1``, ``0.5``."""
    return str(int(value)) if float(value).is_integer() and isinstance(value, int) else repr(float(value))


def as_number(code: str) -> int | float | None:
    """Read a code as a scale value; None when it is no number."""
    try:
        return int(code)
    except ValueError:
        pass
    try:
        number = float(code)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
