"""Reading a TOML table key by key, collecting everything that is wrong with it."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem

ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def is_inside(file: str) -> bool:
    """Say whether a file named in a plan lies inside the study's folder."""
    parts = Path(file).parts
    return bool(parts) and not Path(file).is_absolute() and ".." not in parts and "\\" not in file


def read_toml(path: Path, shown: str) -> dict[str, Any]:
    """Return the file as nested tables.

    Raises
    ------
    PlanError
        When it cannot be read, is not UTF-8, or is not TOML; the message has the line.
    """
    text = ""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        problem = Problem(shown, f"cannot be read ({error.strerror})", "check the file", "unreadable")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = Problem(shown, f"line {line} is not UTF-8", "save the file as UTF-8", "toml", row=None)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        reason = str(error).partition(" (at ")[0]
        problem = Problem(shown, f"line {line}: not TOML: {reason}", "correct the line, or the one before it", "toml")
    raise PlanError(f"{shown} is not a study file", [problem])


class Problems(list[Problem]):
    """All problems of one study file, in the order found."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file

    def note(self, place: str, message: str, remedy: str, rule: str, value: object = None) -> None:
        """Add a problem at ``place``, which is said as in the file: ``[[analysis]] 'hostility'``."""
        text = f"{place}: {message}" if place else message
        shown = None if value is None else _shown(value)
        self.append(Problem(file=self.file, message=text, remedy=remedy, rule=rule, value=shown))


class Table:
    """One table of the file; each method takes a key out, checks it, and notes what is wrong with it.

    A wrong or missing value is noted and a harmless stand-in returned, so that one reading finds every problem.
    """

    def __init__(self, data: Mapping[str, Any], place: str, problems: Problems) -> None:
        self.data = data
        self.place = place
        self.problems = problems
        self._asked: list[str] = []

    def wrong(self, key: str, must: str, rule: str = "wrong_value") -> None:
        """Note that the value of ``key`` is not what it must be."""
        self.problems.note(self.place, f"{key!r} must be {must}", "correct it", rule, self.data.get(key))

    def has(self, key: str) -> bool:
        """Say whether ``key`` is there, and count it as known."""
        self._asked.append(key)
        return key in self.data

    def required(self, key: str, example: str) -> bool:
        """Say whether ``key`` is there; when it is not, note that it has to be, with an example of it."""
        if self.has(key):
            return True
        self.problems.note(self.place, f"{key!r} is missing", f"add a line such as: {key} = {example}", "missing_key")
        return False

    def text(self, key: str, default: str = "") -> str:
        """Return a text that is not empty."""
        return str(self._take(key, default, lambda value: isinstance(value, str) and value.strip() != "", "a text"))

    def name(self, key: str, default: str = "") -> str:
        """Return an id: letters, digits and underscores, a letter first."""
        must = "an id of letters, digits and underscores that begins with a letter"
        return str(self._take(key, default, lambda v: isinstance(v, str) and ID.fullmatch(v) is not None, must))

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        return bool(self._take(key, default, lambda value: isinstance(value, bool), "true or false"))

    def whole(self, key: str, default: int = 0) -> int:
        """Return a whole number of at least 0."""
        must = "a whole number of at least 0"
        return int(self._take(key, default, lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0, must))

    def choice(self, key: str, known: list[str], default: str) -> str:
        """Return one of the texts ``known``."""
        value = self.text(key, default)
        if value != default and value not in known:
            self.problems.note(self.place, unknown(repr(key), value, known), "correct it", "unknown_name", value)
            return default
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of different texts, as a tuple."""

        def fits(value: Any) -> bool:
            if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
                return False
            return len(set(value)) == len(value)

        return tuple(self._take(key, default, fits, "a list of different texts"))

    def names_of(
        self, key: str, known: list[str], what: str, default: tuple[str, ...] = (), *, some: bool = False
    ) -> tuple[str, ...]:
        """Return a list of names, each one of ``known``; ``some``: at least one."""
        values = self.texts(key, default)
        if some and self.data.get(key) == []:
            self.wrong(key, f"a list of at least one {what}")
        if values == default:
            return values
        for value in values:
            if value not in known:
                message = unknown(f"{what} in {key!r}", value, known) if known else f"there is no {what} yet"
                self.problems.note(self.place, message, "correct it or leave it out", "unknown_name", value)
        return tuple(value for value in values if value in known)

    def mapping(self, key: str) -> dict[str, str]:
        """Return a table of texts."""

        def fits(value: Any) -> bool:
            return isinstance(value, dict) and all(isinstance(entry, str) and entry for entry in value.values())

        return dict(self._take(key, {}, fits, 'a table of texts, as in { "header" = "id" }'))

    def translations(self, key: str, languages: tuple[str, ...]) -> dict[str, str]:
        """Return a text in several languages, every one of ``languages`` among them."""
        texts = self.mapping(key)
        if self.has(key) and isinstance(self.data[key], dict):
            for language in languages:
                if language not in texts:
                    message = f"{key!r} has no text in {language!r}, a language of the report"
                    self.problems.note(self.place, message, f'add {language} = "…" to it', "missing_language")
        return texts

    def table(self, key: str) -> "Table":
        """Return the table ``[key]``, an empty one when it is absent."""
        fits = isinstance(self.data.get(key, {}), dict)
        if self.has(key) and not fits:
            self.wrong(key, f"a table: [{key}]")
        return Table(self.data.get(key, {}) if fits else {}, f"[{key}]", self.problems)

    def tables(self, key: str) -> list["Table"]:
        """Return the tables ``[[key]]``, each at a place said by its id or its number."""
        value = self.data.get(key, [])
        if self.has(key) and not (isinstance(value, list) and all(isinstance(entry, dict) for entry in value)):
            self.wrong(key, f"a list of tables: [[{key}]]")
            return []
        tables = []
        for number, entry in enumerate(value, start=1):
            label = entry.get("id", entry.get("use"))
            place = f"[[{key}]] {label!r}" if isinstance(label, str) else f"[[{key}]] number {number}"
            tables.append(Table(entry, place, self.problems))
        return tables

    def unique(self, earlier: list[str], value: str | None = None) -> None:
        """Note that the table's id (or ``value``) is one of ``earlier``.

        Results are files named after the id, and some systems do not tell A from a.
        """
        own = self.data.get("id") if value is None else value
        if isinstance(own, str) and own.lower() in [other.lower() for other in earlier if other]:
            self.problems.note(
                self.place, f"the id {own!r} is used twice", "give each an id of its own", "duplicate_id"
            )

    def rest(self) -> dict[str, Any]:
        """Return what no method asked for."""
        return {key: value for key, value in self.data.items() if key not in self._asked}

    def finish(self) -> None:
        """Note every key that no method asked for."""
        for key in self.rest():
            message = unknown("key", key, sorted(set(self._asked)))
            self.problems.note(self.place, message, "correct it or leave it out", "unknown_key")

    def _take(self, key: str, default: Any, fits: Any, must: str) -> Any:
        if not self.has(key):
            return default
        value = self.data[key]
        if not fits(value):
            self.wrong(key, must)
            return default
        return value


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
