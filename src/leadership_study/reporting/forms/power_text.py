"""A power analysis as text for the screen, in the reader's language."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from leadership_study.reporting.languages import load_language
from leadership_study.results import format_number
from leadership_study.samples.power import PowerResult

_GROUP = re.compile(r"group_(\d+)")
_GAP = "  "


def as_text(result: PowerResult, *, language: str) -> str:
    """Return what a power analysis found as text: tables, what was assumed, notes.

    In English it is the result's own text, with the names that programs use; in any other language every word is that
    language's, columns of wide characters stay in line, and citations keep their form.
    """
    if language == "en":
        return str(result)
    words = _words(language)
    parts = [words["titles"].get(type(result).__name__, type(result).__name__)]
    for name, table in result.tables().items():
        title = words["titles"].get(name, name)
        parts.append("\n".join([title, *_lines(result.formatted(name), table, words)]))
    told = [_assumed(key, value, words) for key, value in result.definition.items()]
    reader = load_language(language)
    parts.append(f"{words['marks']['definition']}{reader.word('colon')}{reader.word('semicolon').join(told)}")
    parts += [f"{words['marks']['note']}{reader.word('colon')}{reader.note(note)}" for note in result.notes]
    return "\n\n".join(parts)


@cache
def _words(language: str) -> Mapping[str, Mapping[str, str]]:
    file = resources.files(__package__) / "power_words" / f"{language}.toml"
    table: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return table


def _lines(shown: pd.DataFrame, table: pd.DataFrame, words: Mapping[str, Mapping[str, str]]) -> list[str]:
    stub = [_word(str(key), words) for key in table.index]
    header = ["" if table.columns.to_list() == ["value"] else _word(str(table.index.name), words)]
    alone = table.columns.to_list() == ["value"]
    header += [] if alone else [_word(str(column), words) for column in table.columns]
    marks = words["marks"]
    rows = [
        [key, *(marks.get(str(cell), str(cell)) for cell in row)]
        for key, row in zip(stub, shown.to_numpy().tolist(), strict=True)
    ]
    lines = rows if alone else [header, *rows]
    widths = [max(_width(line[at]) for line in lines) for at in range(len(lines[0]))]
    return [_line(line, widths) for line in lines]


def _line(cells: list[str], widths: list[int]) -> str:
    first = cells[0] + " " * (widths[0] - _width(cells[0]))
    others = [" " * (width - _width(cell)) + cell for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return _GAP.join([first, *others]).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _word(key: str, words: Mapping[str, Mapping[str, str]]) -> str:
    if found := _GROUP.fullmatch(key):
        return words["words"]["group"].format(n=found.group(1))
    return words["words"].get(key, key)


def _assumed(key: str, value: Any, words: Mapping[str, Mapping[str, str]]) -> str:
    text = format_number(value, key)
    return f"{words['definition'].get(key, key)} = {words['values'].get(text, text)}"
