"""Reading the tables of an argument file: whatever is wrong is noted, and said at once."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem


class Table:
    """One table of the file: each key taken, checked, and what is wrong noted."""

    def __init__(self, data: Mapping[str, Any], place: str, file: str, problems: list[Problem]) -> None:
        self.data, self.place, self.file, self.problems = data, place, file, problems
        self.asked: list[str] = []

    def wrong(self, message: str, remedy: str, rule: str, value: object = None) -> None:
        """Note what is wrong."""
        told = f"{self.place}: {message}" if self.place else message
        shown = None if value is None else str(value)[:60]
        self.problems.append(Problem(file=self.file, message=told, remedy=remedy, rule=rule, value=shown))

    def tables(self, key: str) -> list["Table"]:
        """Return the tables ``[[key]]``, each at a place said by its id or its number."""
        self.asked.append(key)
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            self.wrong(f"{key!r} must be a list of tables", f"write [[{key}]]", "wrong_type", value)
            return []
        found = []
        for number, entry in enumerate(value, start=1):
            label = next((entry[name] for name in ("id", "dimension", "segment", "item") if name in entry), None)
            place = f"[[{key}]] {label!r}" if isinstance(label, str) else f"[[{key}]] number {number}"
            found.append(Table(entry, place, self.file, self.problems))
        return found

    def word(self, key: str, *, known: Sequence[str] = (), required: bool = True) -> str:
        """Return a text; one of ``known``, if any are given."""
        self.asked.append(key)
        value = self.data.get(key)
        if value is None:
            if required:
                self.wrong(f"{key!r} is missing", f'add {key} = "{known[0] if known else "…"}"', "missing_key")
            return ""
        if not isinstance(value, str) or not value.strip():
            self.wrong(f"{key!r} must be a text", "correct it", "wrong_type", value)
            return ""
        if known and value not in known:
            self.wrong(unknown(repr(key), value, list(known)), "correct it", "unknown_name", value)
            return ""
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of different texts."""
        self.asked.append(key)
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry.strip() for entry in value):
            self.wrong(f"{key!r} must be a list of texts", f'write {key} = ["…"]', "wrong_type", value)
            return ()
        if twice := sorted({entry for entry in value if value.count(entry) > 1}):
            self.wrong(f"{key!r} names {twice[0]!r} twice", "name it once", "duplicate_entry")
        return tuple(dict.fromkeys(value))

    def text(self, key: str, languages: Sequence[str], *, required: bool = True) -> dict[str, str]:
        """Return a text by language, on one line."""
        self.asked.append(key)
        value = self.data.get(key)
        example = '{ en = "…", zh = "…" }'
        if value is None:
            if required:
                self.wrong(f"{key!r} is missing", f"add {key} = {example}", "missing_key")
            return {}
        fits = isinstance(value, Mapping) and value
        if not fits or not all(isinstance(entry, str) and entry.strip() for entry in value.values()):
            self.wrong(f"{key!r} must be a text by language", f"write {key} = {example}", "wrong_type", value)
            return {}
        for language in languages:
            if language not in value:
                message = f"{key!r} has no text in {language!r}, a language of the report"
                self.wrong(message, f'add {language} = "…" to it', "missing_language")
        return {str(language): " ".join(str(entry).split()) for language, entry in value.items()}

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.data:
            if key not in self.asked:
                self.wrong(unknown("key", str(key), self.asked), "correct it or leave it out", "unknown_key")


def refuse(file: str, problems: Iterable[Problem]) -> None:
    """Raise all problems of an argument file together, if there are any.

    Raises
    ------
    PlanError
        ``.problems`` is the table of them.
    """
    if found := list(problems):
        raise PlanError(f"{file} has {len(found)} problem{'' if len(found) == 1 else 's'}", found)


def toml_of(path: Path) -> dict[str, Any]:
    """Return the tables of a file.

    Raises
    ------
    PlanError
        When it cannot be read, is not UTF-8, or is not TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        problem = Problem(path.name, f"cannot be read ({error.strerror})", "check the file", "unreadable")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = Problem(path.name, f"line {line} is not UTF-8", "save the file as UTF-8", "toml")
    except tomllib.TOMLDecodeError as error:
        problem = Problem(path.name, f"not TOML: {error}", "correct the line, or the one before it", "toml")
    raise PlanError(f"{path.name} is no argument file", [problem])
