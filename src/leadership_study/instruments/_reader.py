"""Reading one table of a questionnaire file: whatever is wrong is noted, nothing is raised."""

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from leadership_study.errors import Problem

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_KINDS: dict[type, str] = {
    str: 'text in quotes ("…")',
    bool: "true or false",
    dict: "a table ({ … })",
    list: "a list ([ … ])",
}


class Complaints:
    """Everything found wrong with one file, in the order found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, rule: str, place: str, message: str, remedy: str, value: object = None) -> None:
        """Note a problem; ``place`` says where in the file, in the file's own words."""
        shown = None if value is None else str(value)
        where = f"{place}: {message}" if place else message
        self.found.append(Problem(file=self.file, message=where, remedy=remedy, rule=rule, value=shown))


class Reader:
    """One TOML table: take each key by name and type, then `finish` to find the keys that nobody knows."""

    def __init__(self, table: Mapping[str, Any], place: str, complaints: Complaints) -> None:
        self.table = table
        self.place = place
        self.complaints = complaints
        self.known: list[str] = []

    def add(self, rule: str, message: str, remedy: str, value: object = None) -> None:
        """Note a problem with this table."""
        self.complaints.add(rule, self.place, message, remedy, value)

    def take(self, key: str, kind: type, *, required: bool = False, default: Any = None) -> Any:
        """The value of ``key`` if it is of ``kind``; otherwise ``default``, with a problem noted."""
        self.known.append(key)
        if key not in self.table:
            if required:
                self.add("missing_key", f"{key!r} is missing", f"add {key} = … ({_KINDS[kind]})")
            return default
        value = self.table[key]
        if not isinstance(value, kind):
            self.add("wrong_type", f"{key!r} must be {_KINDS[kind]}", "write it so", value)
            return default
        return value

    def id(self) -> str:
        """The table's id; one that cannot be is noted and kept, so that later messages can name it."""
        id: str = self.take("id", str, required=True, default="")
        if id and not _ID.fullmatch(id):
            self.add("bad_id", "'id' must be a letter followed by letters, digits or _", "rename it", id)
        return id

    def choice(self, key: str, allowed: Iterable[str], *, default: str | None = None) -> str:
        """One of the words ``allowed``; required when there is no ``default``."""
        options = list(allowed)
        value = self.take(key, str, required=default is None, default=default or options[0])
        if value not in options:
            self.add("unknown_kind", f"{key!r} must be one of {', '.join(options)}", _nearest(value, options), value)
            return default or options[0]
        return str(value)

    def tables(self, key: str, *, required: bool = False) -> list[Mapping[str, Any]]:
        """The list of tables under ``key``; entries of another type are noted and left out."""
        entries = self.take(key, list, required=required, default=[])
        for entry in entries:
            if not isinstance(entry, dict):
                self.add("wrong_type", f"every entry of {key!r} must be a table", "write { id = … }", entry)
        return [entry for entry in entries if isinstance(entry, dict)]

    def strings(self, key: str, *, table: Mapping[str, Any] | None = None) -> tuple[str, ...] | None:
        """A list of text under ``key`` of ``table`` (default: this one); None when it is something else."""
        entries = (self.table if table is None else table).get(key)
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            self.add("wrong_type", f"{key!r} must be a list of text in quotes", 'write ["…", "…"]', entries)
            return None
        return tuple(entries)

    def text(self, key: str, languages: tuple[str, ...], *, required: bool) -> dict[str, str]:
        """Wording by language under ``key``; every language must have one unless the whole key may be absent."""
        table = self.take(key, dict, required=required)
        if table is None:
            return {}
        own = Reader(table, f"{self.place}, {key}" if self.place else key, self.complaints)
        found = own.wording(languages, required=True)
        own.finish()
        return found

    def wording(self, languages: tuple[str, ...], *, required: bool) -> dict[str, str]:
        """Wording that stands beside the other keys of this table: ``{ id = …, en = …, zh = … }``."""
        found = {language: self.take(language, str) for language in languages}
        for language, text in found.items():
            if text is not None and not text.strip():
                self.add("missing_wording", f"the wording in {language!r} is empty", "write it")
        some = any(language in self.table for language in languages)
        for language in languages:
            if language not in self.table and (required or some):
                have = [name for name in languages if name in self.table]
                message = f"the wording in {language!r} is missing" + (f" (there is {', '.join(have)})" if have else "")
                self.add("missing_wording", message, f'add {language} = "…"')
        return {language: text for language, text in found.items() if text is not None}

    def finish(self) -> None:
        """Note the keys that were never asked for, each with the nearest right one."""
        for key in self.table:
            if key not in self.known:
                self.add("unknown_key", f"unknown key {key!r}", _nearest(key, list(dict.fromkeys(self.known))), key)


def languages_of(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages of a questionnaire: the keys of its title that can be language codes."""
    title = table.get("title")
    return tuple(key for key in title if _LANGUAGE.fullmatch(key)) if isinstance(title, dict) else ()


def is_number(value: object) -> bool:
    """Whether ``value`` is a finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _nearest(got: str, known: list[str]) -> str:
    near = difflib.get_close_matches(got, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
