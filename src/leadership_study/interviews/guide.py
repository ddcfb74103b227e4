"""The interview guide: who is asked what about which dimension, with probes and the text of consent; printable."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.text import read_bytes

INFORMANTS = ("official", "head", "inside")
ASPECTS = ("state", "problem", "cause", "suggestion")
_ASPECT_WORDS = {
    "en": ("Current state", "Problem", "Cause", "Suggestion"), "zh": ("现状", "问题", "成因", "建议"),
}  # fmt: skip
_WORDS = {"en": ("Consent", "Questions for", "Probes"), "zh": ("知情同意", "访谈对象", "追问")}
_KEYS = frozenset({"id", "informant", "dimension", "aspect", "text", "probes"})
_TOP = frozenset(
    {"id", "version", "title", "source", "consent", "informants", "dimensions", "question", "minutes", "code"}
)


@dataclass(frozen=True)
class Question:
    """One question: text and probes by language."""

    id: str
    informant: str
    dimension: str
    aspect: str
    text: Mapping[str, str]
    probes: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Guide:
    """An interview guide.

    Attributes
    ----------
    id, version : str
        Of the guide.
    title, consent : mapping of language to text
        What it is called, and what informants agree to.
    informants, dimensions : mapping of id to label by language
        In the order of the file.
    questions : tuple of Question
        Each with its informant, dimension, aspect, text and probes.
    facts : mapping
        ``source`` and ``minutes``, where the file has them.
    """

    id: str
    title: Mapping[str, str]
    consent: Mapping[str, str]
    informants: Mapping[str, Mapping[str, str]]
    dimensions: Mapping[str, Mapping[str, str]]
    questions: tuple[Question, ...]
    version: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_frame(self, language: str = "en") -> pd.DataFrame:
        """Index ``question``: informant, dimension, aspect, text, probes."""
        rows = [
            (
                one.id,
                one.informant,
                one.dimension,
                one.aspect,
                one.text[language],
                " / ".join(p[language] for p in one.probes),
            )
            for one in self.questions
        ]
        columns = ["question", "informant", "dimension", "aspect", "text", "probes"]
        return pd.DataFrame(rows, columns=columns).set_index("question")

    def gaps(self) -> pd.DataFrame:
        """Combinations of informant, dimension and aspect that no question asks about."""
        there = {(one.informant, one.dimension, one.aspect) for one in self.questions}
        rows = [
            (informant, dimension, aspect)
            for informant in self.informants for dimension in self.dimensions for aspect in ASPECTS
            if (informant, dimension, aspect) not in there
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["informant", "dimension", "aspect"])

    def to_markdown(self, language: str = "en", *, informant: str | None = None) -> str:
        """The guide to print, for all informants or one.

        Raises
        ------
        ValueError
            Unknown informant or language.
        """
        if language not in _WORDS:
            raise ValueError(
                f"The 'language' parameter of to_markdown must be one of {', '.join(_WORDS)}. Got {language!r}."
            )
        if informant is not None and informant not in self.informants:
            raise ValueError(unknown("informant", informant, list(self.informants)))
        consent, asked, probes = _WORDS[language]
        aspects = dict(zip(ASPECTS, _ASPECT_WORDS[language], strict=True))
        lines = [f"# {self.title[language]}", "", f"## {consent}", "", self.consent[language].strip(), ""]
        for who in [informant] if informant else list(self.informants):
            lines += [
                f"## {asked}: {self.informants[who][language]}"
                if language == "en"
                else f"## {asked}：{self.informants[who][language]}",
                "",
            ]
            number = 0
            for dimension, label in self.dimensions.items():
                own = [one for one in self.questions if (one.informant, one.dimension) == (who, dimension)]
                if own:
                    lines += [f"### {label[language]}", ""]
                for one in sorted(own, key=lambda one: ASPECTS.index(one.aspect)):
                    number += 1
                    lines.append(f"{number}. **{aspects[one.aspect]}** {one.text[language]}")
                    if one.probes:
                        lines += [f"   - *{probes}*: {probe[language]}" for probe in one.probes]
                if own:
                    lines.append("")
        return "\n".join(lines).rstrip() + "\n"


def read_guide(path: str | Path) -> Guide:
    """Read a guide from TOML.

    ``[informants.<id>]`` and ``[dimensions.<id>]`` hold labels by language, ``[title]`` and ``[consent]`` texts, each
    ``[[question]]`` has id, informant, dimension, aspect (state, problem, cause, suggestion), text and probes, all
    texts in every language of the title.

    Raises
    ------
    ImportFormatError
        Everything that is wrong with it, at once.
    """
    path = Path(path)
    try:
        table = tomllib.loads(read_bytes(path).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise refused(path.name, "not_utf8", "the text isn't UTF-8", "save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise refused(path.name, "toml_syntax", f"not valid TOML: {error}", "correct it at that place") from None
    return guide_from(table, path.name)


def guide_from(table: Mapping[str, Any], file: str) -> Guide:
    """The guide of a TOML table."""
    problems = Problems()
    for key in table:
        if key not in _TOP:
            problems.error(file, "unknown_key", unknown("key", key, sorted(_TOP)), "correct it", value=key)
    title = table.get("title") if isinstance(table.get("title"), Mapping) else {}
    languages = list(title or {"en": "", "zh": ""})
    for key in ("title", "consent"):
        _check(table.get(key), key, languages, file, problems)
    sides: dict[str, dict[str, Mapping[str, str]]] = {}
    for key in ("informants", "dimensions"):
        held = table.get(key)
        sides[key] = dict(held) if isinstance(held, Mapping) else {}
        if not sides[key]:
            problems.error(file, f"no_{key}", f"there are no {key}", f"write [{key}.<id>] with a label a language")
        for name, label in sides[key].items():
            _check(label, f"{key}.{name}", languages, file, problems)
    questions = []
    seen: set[str] = set()
    entries = table.get("question")
    for row, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        question = _question(entry, row, sides, languages, file, problems)
        if question is None:
            continue
        if question.id in seen:
            problems.error(
                file, "duplicate_question", "the id is there twice", "rename one", row=row, value=question.id
            )
        seen.add(question.id)
        questions.append(question)
    if not questions and not problems.errors:
        problems.error(file, "no_questions", "there is no [[question]]", "write one [[question]] table a question")
    problems.refuse(f"The guide {file}")
    return Guide(
        id=str(table.get("id", Path(file).stem)), title=dict(table["title"]), consent=dict(table["consent"]),
        informants=sides["informants"], dimensions=sides["dimensions"], questions=tuple(questions),
        version=str(table.get("version", "")),
        facts={key: table[key] for key in ("source", "minutes") if key in table},
    )  # fmt: skip


def _question(
    entry: Any, row: int, sides: Mapping[str, Mapping[str, Any]], languages: list[str], file: str, problems: Problems
) -> Question | None:
    if not isinstance(entry, Mapping):
        problems.error(file, "bad_question", "a question is no table", "write [[question]] and its keys below", row=row)
        return None
    before = len(problems.errors)
    for key in entry:
        if key not in _KEYS:
            problems.error(file, "unknown_key", unknown("key", key, sorted(_KEYS)), "correct it", row=row, value=key)
    allowed = {"informant": list(sides["informants"]), "dimension": list(sides["dimensions"]), "aspect": list(ASPECTS)}
    for key, known in allowed.items():
        if entry.get(key) not in known:
            hint = unknown(key, str(entry.get(key, "")), known)
            problems.error(file, f"unknown_{key}", hint, "use one of these", row=row, value=str(entry.get(key, "")))
    if not isinstance(entry.get("id"), str) or not entry["id"]:
        problems.error(file, "no_id", "'id' is missing", "give every [[question]] a short id", row=row)
    _check(entry.get("text"), "text", languages, file, problems, row)
    probes = entry.get("probes", [])
    if not isinstance(probes, list):
        problems.error(file, "bad_text", "'probes' must be a list", 'write [ { en = "…", zh = "…" } ]', row=row)
        probes = []
    for probe in probes:
        _check(probe, "probes", languages, file, problems, row)
    if len(problems.errors) > before:
        return None
    return Question(
        entry["id"], entry["informant"], entry["dimension"], entry["aspect"], dict(entry["text"]),
        tuple(dict(probe) for probe in probes),
    )  # fmt: skip


def _check(value: Any, key: str, languages: list[str], file: str, problems: Problems, row: int | None = None) -> None:
    if not isinstance(value, Mapping):
        problems.error(
            file, "bad_text", f"'{key}' must have a text a language", 'write { en = "…", zh = "…" }', row=row
        )
        return
    for language in languages:
        if not isinstance(value.get(language), str) or not value[language].strip():
            problems.error(
                file, "missing_language", f"'{key}' has no text in {language!r}", "add it", row=row, value=language
            )
