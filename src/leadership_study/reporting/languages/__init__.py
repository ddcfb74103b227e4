"""The words of a report: one folder of TOML files a language, nothing of it in the code.

The files together have ``[words]`` (of the report itself), ``[sections]``, ``[terms]`` (words in results, definitions),
``[columns]`` (headers), ``[definitions]`` (what a formula's options are called), ``[notes]`` (sentences by note id) and
``[analyses.<use>]`` (title, sentences, captions). In all but the notes ``*x*`` is italic and ``~x~`` a subscript.
What only one analysis says may stand, of any of these tables, in its own file ``<language>/analyses/<use>.toml``.
Sentences and notes may choose a word by a count: ``{n|respondent|respondents}``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.reporting.parts import Spans, Symbol, plain
from leadership_study.reporting.toml_folder import read_folder
from leadership_study.results import Note

_MARK = re.compile(r"\*([^*]+)\*|~([^~]+)~|`([^`]+)`")
_PATHS = {" =~ ": " → ", " ~~ ": " ↔ ", " ~ ": " ← "}
"""Parameters of a model as readers see them: a loading, a covariance, a regression."""
_COUNTED = re.compile(r"\{(\w+)\|([^{}|]*)\|([^{}|]*)\}")
_AGREEMENT = re.compile(r"\b([ar])_(wg(?:\(j\))?)")


@dataclass(frozen=True)
class Language:
    """One language with its words; every method falls back to what it was given, so that nothing is left blank."""

    code: str
    data: Mapping[str, Any]

    def word(self, key: str) -> str:
        """Return a word of the report itself; it must be there."""
        return str(self.data["words"][key])

    def term(self, word: str, labels: Mapping[str, str] | None = None) -> str:
        """Return the words for an id or a term of a result, without shapes."""
        return plain(self.spans(word, labels))

    def spans(self, word: str, labels: Mapping[str, str] | None = None) -> Spans:
        """Return the words for an id or a term: a label of the questionnaire first, then ``[terms]``, else itself.

        Ids that an analysis joined with ", ", " – " or " → " are taken one by one; ``gender[male]`` is a level,
        and ``f =~ x1`` a path.
        """
        if labels and word in labels:
            return (labels[word],)
        if word in self.data["terms"]:
            return markup(str(self.data["terms"][word]))
        if word in self.data["columns"]:
            return markup(str(self.data["columns"][word]))
        if dummy := self._dummy(word, labels):
            return (dummy,)
        for joint in (", ", " × ", " – ", " → "):
            parts = word.split(joint)
            if len(parts) > 1 and all(self._known(part, labels) for part in parts):
                texts = [self.term(part, labels) for part in parts]
                return (self.listed(texts) if joint == ", " else joint.join(texts),)
        if choice := self._choice(word, labels):
            return (choice,)
        for sign, arrow in _PATHS.items():
            first, found, second = word.partition(sign)
            if found and self._known(first, labels) and self._known(second, labels):
                return (f"{self.term(first, labels)}{arrow}{self.term(second, labels)}",)
        return (word,)

    def knows(self, word: str) -> bool:
        """Whether ``[terms]`` has ``word``."""
        return word in self.data["terms"]

    def column(self, name: str) -> Spans:
        """Return the header of a column with its shapes."""
        found = self.data["columns"].get(name) or self.data["terms"].get(name)
        return markup(str(found)) if found else (name.replace("_", " "),)

    def definition(self, name: str) -> Spans:
        """Return the words for a part of a result's definition."""
        found = self.data["definitions"].get(name)
        return markup(str(found)) if found else self.column(name)

    def note(self, note: Note, labels: Mapping[str, str] | None = None) -> str:
        """Return the sentence of a note, ids shown as labels; the code's own English where there is no translation.

        ``{n|group|groups}`` is a word for one or for several. A ``level`` is shown as a level of its ``variable``.
        """
        values = {name: self._shown(value, labels) for name, value in note.values.items()}
        if labels and {"variable", "level"} <= note.values.keys():
            variable, level = str(note.values["variable"]), str(note.values["level"])
            question = f"{labels.get(variable, variable)}{self.word('colon')}"
            values["level"] = labels.get(f"{variable}[{level}]", level).removeprefix(question)
        template = self.data["notes"].get(note.id)
        general = self.data["notes"].get(note.id.removesuffix("_in"))
        if template is None and general is not None:  # a note that an analysis gave for one of its dimensions
            template = f"{{dimension}}{self.word('colon')}{general}"
        told = _COUNTED.sub(lambda found: found[2 if note.values.get(found[1]) == 1 else 3], template or note.text)
        return Note(note.id, note.text, values).render(told)

    def note_spans(self, note: Note, labels: Mapping[str, str] | None = None) -> Spans:
        """Return the sentence of a note with the shapes of r_wg and a_wg."""
        spans: list[str | Symbol] = []
        text, at = self.note(note, labels), 0
        for found in _AGREEMENT.finditer(text):
            spans += [text[at : found.start()], Symbol(found[1]), Symbol(found[2], "subscript")]
            at = found.end()
        return tuple(span for span in (*spans, text[at:]) if span)

    def listed(self, texts: Iterable[str]) -> str:
        """Join words as a list: a, b and c."""
        words = list(texts)
        if len(words) < 2:
            return "".join(words)
        return self.word("comma").join(words[:-1]) + self.word("and") + words[-1]

    def text_of(self, by_language: Mapping[str, str], otherwise: str) -> str:
        """Choose this language's text of several, else any, else ``otherwise``."""
        return by_language.get(self.code) or next(iter(by_language.values()), otherwise)

    def analysis(self, use: str) -> Mapping[str, Any]:
        """Return title, sentences and captions of an analysis; empty when it has none yet."""
        found: Mapping[str, Any] = self.data["analyses"].get(use, {})
        return found

    def _known(self, word: str, labels: Mapping[str, str] | None) -> bool:
        known = bool(labels and word in labels) or word in self.data["terms"] or word in self.data["columns"]
        joined = any(
            mark in word and all(self._known(part, labels) for part in word.split(mark)) for mark in (" – ", " → ")
        )
        return known or joined or (self._dummy(word, labels) or self._choice(word, labels)) is not None

    def _choice(self, word: str, labels: Mapping[str, str] | None) -> str | None:
        """Words for an option and its value, ``min_answered = 1.0``; an analysis (``use = …``) goes by its title."""
        name, sign, value = word.partition(" = ")
        if not (sign and name.isidentifier()) or ", " in word:
            return None
        if name == "use":
            return str(self.data["analyses"].get(value, {}).get("title", value))
        return f"{plain(self.definition(name))} = {self.term(value, labels)}"

    def _dummy(self, word: str, labels: Mapping[str, str] | None) -> str | None:
        name, bracket, level = word.partition("[")
        if not (bracket and labels and name in labels) or "[" in level or not level.endswith("]"):
            return None
        return f"{labels[name]}{self.word('colon')}{level.removesuffix(']')}"

    def _shown(self, value: Any, labels: Mapping[str, str] | None) -> Any:
        if isinstance(value, Note):
            return self.note(value, labels)
        if isinstance(value, str):
            return self.term(value, labels)
        if isinstance(value, list | tuple):
            return self.listed(self.term(str(entry), labels) for entry in value)
        return value


@cache
def load_language(code: str) -> Language:
    """Read the files of ``languages/<code>/``.

    Raises
    ------
    PlanError
        When there is no such folder, naming those there are.
    """
    if code not in (known := languages()):
        raise PlanError(unknown("language of the report", code, known))
    return Language(code, read_folder(resources.files(__package__) / code))


def languages() -> list[str]:
    """Codes of the languages there are, sorted."""
    return sorted(entry.name for entry in resources.files(__package__).iterdir() if (entry / "words.toml").is_file())


def markup(text: str) -> Spans:
    """Turn ``*x*``, ``~x~`` and backticks into symbols."""
    spans: list[str | Symbol] = []
    at = 0
    for found in _MARK.finditer(text):
        if found.start() > at:
            spans.append(text[at : found.start()])
        italic, subscript, code = found.groups()
        if italic:
            spans.append(Symbol(italic))
        else:
            spans.append(Symbol(subscript, "subscript") if subscript else Symbol(code, "code"))
        at = found.end()
    if at < len(text):
        spans.append(text[at:])
    return tuple(spans)
