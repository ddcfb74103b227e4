"""The codebook: what each code means, under which other code, about which dimension, level and kind."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.text import read_bytes

LEVELS = ("government", "head", "inside")
KINDS = ("state", "problem", "cause", "measure")
_TEXTS = ("name", "definition", "include", "exclude", "anchor")
_KEYS = frozenset({"code", "parent", *_TEXTS, "dimension", "level", "kind", "colour", "memo", "codable"})


@dataclass(frozen=True)
class Code:
    """One code. Texts are language → text; ``""`` is a text whose language isn't known."""

    code: str
    parent: str | None = None
    name: Mapping[str, str] = field(default_factory=dict)
    definition: Mapping[str, str] = field(default_factory=dict)
    include: Mapping[str, str] = field(default_factory=dict)
    exclude: Mapping[str, str] = field(default_factory=dict)
    anchor: Mapping[str, str] = field(default_factory=dict)
    dimension: str | None = None
    level: str | None = None
    kind: str | None = None
    colour: str | None = None
    codable: bool = True
    guid: str | None = None

    def label(self, language: str = "en") -> str:
        """The name in a language; in another one when there is none; else the code."""
        return self.name.get(language) or next(iter(self.name.values()), self.code)


@dataclass(frozen=True)
class Codebook:
    """Codes in the order of their file, without circles.

    ``code in codebook`` and ``codebook["str_plan"]`` work; iterating gives `Code` objects.

    Attributes
    ----------
    codes : tuple of Code
        In the order of the file.
    source : str
        Where it was read from; "" when it was made in memory.
    """

    codes: tuple[Code, ...]
    source: str = ""

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return any(entry.code == code for entry in self.codes)

    def __getitem__(self, code: str) -> Code:
        for entry in self.codes:
            if entry.code == code:
                return entry
        raise KeyError(unknown("code", code, [entry.code for entry in self.codes]))

    def path(self, code: str) -> tuple[str, ...]:
        """The code and all above it, the topmost first."""
        steps = [code]
        while (above := self[steps[0]].parent) is not None:
            steps.insert(0, above)
        return tuple(steps)

    def below(self, code: str) -> tuple[str, ...]:
        """All codes under ``code``, and itself."""
        return tuple(entry.code for entry in self.codes if code in self.path(entry.code))

    def dimension(self, code: str) -> str | None:
        """The dimension of a code: its own, or that of the nearest code above that has one."""
        return self._inherited(code, "dimension")

    def level(self, code: str) -> str | None:
        """The level of a code, inherited alike."""
        return self._inherited(code, "level")

    def kind(self, code: str) -> str | None:
        """The kind of a code, inherited alike."""
        return self._inherited(code, "kind")

    def _inherited(self, code: str, what: str) -> str | None:
        return next((found for step in reversed(self.path(code)) if (found := getattr(self[step], what))), None)

    def to_frame(self, language: str = "en") -> pd.DataFrame:
        """The codebook as a table, index ``code``; dimension, level and kind as inherited."""
        rows = [
            {
                "code": entry.code,
                "parent": entry.parent,
                "depth": len(self.path(entry.code)) - 1,
                **{
                    key: getattr(entry, key).get(language) or next(iter(getattr(entry, key).values()), None)
                    for key in _TEXTS
                },
                "dimension": self.dimension(entry.code),
                "level": self.level(entry.code),
                "kind": self.kind(entry.code),
            }
            for entry in self.codes
        ]
        columns = ["code", "parent", "depth", *_TEXTS, "dimension", "level", "kind"]
        return pd.DataFrame(rows, columns=columns).set_index("code")


def read_codebook(path: str | Path) -> Codebook:
    """Read a codebook: TOML with ``[[code]]`` entries, ``.qdc`` (REFI-QDA), Taguette's or QualCoder's list.

    Parameters
    ----------
    path : str or Path
        The file; its ending and content say which of them it is.

    Raises
    ------
    ImportFormatError
        Everything that is wrong with it, at once: codes twice, parents that aren't there, circles, unknown levels,
        kinds and keys.
    """
    path = Path(path)
    if path.suffix.lower() == ".qdc":
        from leadership_study.interviews.refi_qda import parse_qdc

        return parse_qdc(read_bytes(path), path.name)
    if path.suffix.lower() in (".csv", ".txt"):
        from leadership_study.interviews.code_lists import parse_code_list
        from leadership_study.interviews.text import read_text

        return parse_code_list(read_text(path), path.name)
    try:
        table = tomllib.loads(read_bytes(path).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise refused(path.name, "not_utf8", "the text isn't UTF-8", "save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise refused(path.name, "toml_syntax", f"not valid TOML: {error}", "correct it at that place") from None
    return codebook_from(table, path.name)


def codebook_from(table: Mapping[str, Any], file: str) -> Codebook:
    """The codebook of a TOML table with ``[[code]]`` entries."""
    problems = Problems()
    entries = table.get("code")
    if not isinstance(entries, list) or not entries:
        raise refused(file, "no_codes", "there is no [[code]] in it", "write one [[code]] table a code")
    codes = []
    for row, entry in enumerate(entries, 1):
        if isinstance(entry, Mapping):
            codes.append(_code(entry, row, file, problems))
        else:
            problems.error(file, "bad_code", "a code is no table", "write [[code]] and its keys below", row=row)
    found = checked([code for code in codes if code is not None], file, problems)
    problems.refuse(f"The codebook {file}")
    return found


def checked(codes: list[Code], file: str, problems: Problems) -> Codebook:
    """Check that codes are distinct, that parents exist and that nothing goes round in a circle."""
    known: dict[str, Code] = {}
    for row, code in enumerate(codes, 1):
        if code.code in known:
            problems.error(file, "duplicate_code", "the code is there twice", "rename one", row=row, value=code.code)
        known.setdefault(code.code, code)
    for row, code in enumerate(codes, 1):
        if code.parent is not None and code.parent not in known:
            hint = unknown("code", code.parent, sorted(known)).partition("; ")[2]
            problems.error(
                file,
                "unknown_parent",
                f"its parent isn't in the codebook ({hint})",
                "correct 'parent'",
                row=row,
                value=code.parent,
            )
            continue
        seen = [code.code]
        above = code.parent
        while above is not None and above in known:
            if above in seen:
                trail = " → ".join([*seen, above])
                problems.error(
                    file, "cyclic_codes", f"codes are above each other in a circle: {trail}", "take one 'parent' out",
                    row=row, value=code.code,
                )  # fmt: skip
                break
            seen.append(above)
            above = known[above].parent
    return Codebook(tuple(codes), file)


def _code(entry: Mapping[str, Any], row: int, file: str, problems: Problems) -> Code | None:
    code = entry.get("code")
    if not isinstance(code, str) or not code.strip():
        problems.error(file, "no_code", "'code' is missing", "give every [[code]] a short id", row=row)
        return None
    for key in entry:
        if key not in _KEYS:
            problems.error(file, "unknown_key", unknown("key", key, sorted(_KEYS)), "correct it", row=row, value=key)
    for key, allowed in (("level", LEVELS), ("kind", KINDS)):
        if entry.get(key) is not None and entry[key] not in allowed:
            message = f"'{key}' must be one of {', '.join(allowed)}"
            problems.error(file, f"unknown_{key}", message, "use one of these", row=row, value=str(entry[key]))
    texts = {key: _texts(entry.get(key), key, row, file, problems) for key in _TEXTS}
    plain = {key: entry.get(key) for key in ("parent", "dimension", "level", "kind", "colour")}
    for key, value in plain.items():
        if value is not None and not isinstance(value, str):
            problems.error(file, "bad_text", f"'{key}' must be text", "write it in quotes", row=row, value=str(value))
    codable = entry.get("codable", True)
    if not isinstance(codable, bool):
        problems.error(
            file, "bad_codable", "'codable' must be true or false", "false for a code that only holds others", row=row
        )
    return Code(code=code, codable=codable is not False, **texts, **plain)  # type: ignore[arg-type]


def _texts(value: Any, key: str, row: int, file: str, problems: Problems) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, str):
        return {"": value}
    if isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
        return {str(language): str(text) for language, text in value.items()}
    message = f"'{key}' must be text, or a table of texts by language"
    problems.error(file, "bad_text", message, 'write { en = "…", zh = "…" }', row=row, value=str(value))
    return {}
