"""Quotes in another language: what a report prints beside the words that were said."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.text import read_text
from leadership_study.interviews.transcripts import Transcript

COLUMNS = ("transcript", "start", "end", "language", "text")


@dataclass(frozen=True)
class Translation:
    """What ``text[start:end]`` of a transcript says in another language."""

    transcript: str
    start: int
    end: int
    language: str
    text: str


def read_translations(path: str | Path) -> list[Translation]:
    """Read a CSV with the columns transcript, start, end (half-open code points), language, text.

    Raises
    ------
    ImportFormatError
        No CSV, columns that are missing, offsets that are no numbers, empty cells.
    """
    path = Path(path)
    reader = csv.DictReader(io.StringIO(read_text(path)), strict=True)
    problems = Problems()
    found = []
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            message, remedy = f"there is no column {', '.join(missing)}", f"the columns are {', '.join(COLUMNS)}"
            raise refused(path.name, "missing_columns", message, remedy)
        for at, row in enumerate(reader, 1):
            given = {name: (row[name] or "").strip() for name in COLUMNS}
            numbers = [given[name] for name in ("start", "end")]
            if not all(number.isascii() and number.isdigit() for number in numbers):
                message = "'start' and 'end' must be whole numbers"
                problems.error(path.name, "bad_offset", message, "count code points from 0", row=at)
            elif not all(given.values()):
                problems.error(path.name, "missing_value", "a cell is empty", "fill it in", row=at)
            else:
                start, end = (int(number) for number in numbers)
                found.append(Translation(given["transcript"], start, end, given["language"], given["text"]))
    except csv.Error as error:
        message = f"no valid CSV: {error} (line {reader.line_num})"
        raise refused(path.name, "bad_csv", message, "save it again as CSV") from None
    problems.refuse(f"The translations {path.name}")
    return found


def translations_frame(
    given: list[Translation], transcripts: Mapping[str, Transcript], problems: Problems
) -> pd.DataFrame:
    """Translations as a table, checked: known transcripts, stretches inside them."""
    rows = []
    for at, one in enumerate(given, 1):
        if one.transcript not in transcripts:
            hint = unknown("transcript", one.transcript, sorted(transcripts))
            problems.error("translations", "unknown_transcript", hint, "correct the id", row=at)
        elif not one.start < one.end <= len(transcripts[one.transcript].text):
            message = f"the stretch from {one.start} to {one.end} is empty or past the end"
            problems.error("translations", "past_the_end", message, "count code points", row=at)
        else:
            rows.append((one.transcript, one.start, one.end, one.language, one.text))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"start": "int64", "end": "int64"})


def translated(table: pd.DataFrame, transcript: str, start: int, end: int, language: str) -> str | None:
    """The translation that fits a stretch best: shared over joint length of at least a half; None without one."""
    best, text = 0.5, None
    own = table[(table["transcript"] == transcript) & (table["language"] == language)]
    for a, b, said in zip(own["start"], own["end"], own["text"], strict=True):
        shared = (min(b, end) - max(a, start)) / (max(b, end) - min(a, start))
        if shared >= best and (shared > best or text is None):
            best, text = float(shared), str(said)
    return text
