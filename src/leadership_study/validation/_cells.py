"""One column of text at a time: missing codes, numbers, answers that exist. Each distinct text is judged once."""

import difflib
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from leadership_study.errors import Problem
from leadership_study.importing import RawResponses
from leadership_study.importing._personal_data import mask_text

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_SEPARATOR = re.compile("[┋;]")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
LISTED = 1_000
"""Cells of one column that are listed one by one: a wrong column of a million rows shall not fill the memory."""
_HINTS = 100
"""Texts in a column for which the nearest answer is sought, which takes time."""
_INFINITE = frozenset({"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})


@dataclass(frozen=True)
class Refusal:
    """Why a text cannot be an answer."""

    rule: str
    message: str
    remedy: str


Judge = Callable[[str], "float | str | Refusal"]
"""From a trimmed text to its value, or why it has none."""


@dataclass
class Checked:
    """What was found in the cells of one file; ``codes`` and ``blank`` count the cells that became missing.

    Decimal commas, which a program writes in every cell or in none, are one problem, whatever their number.
    """

    raw: RawResponses
    ids: pd.Series
    problems: list[Problem] = field(default_factory=list)
    codes: int = 0
    blank: int = 0
    unlisted: dict[str, int] = field(default_factory=dict)
    """By column, how many more cells have a problem than are listed."""
    listed: dict[str, int] = field(default_factory=dict)
    refused: set[tuple[str, int]] = field(default_factory=set)
    """Column and record number of every cell that has a problem."""
    commas: int = 0

    def row(self, at: int) -> int:
        """Record number of the cell at the position ``at``."""
        return int(self.raw.frame.index[at])

    def line(self, row: int) -> int | None:
        """Line on which the record ``row`` begins, if it is known."""
        return None if self.raw.lines is None else int(self.raw.lines.loc[row])

    def numbers(self, column: str, judge: Judge) -> np.ndarray:
        """The column as float64; NaN where missing or refused."""
        return self._values(column, judge, float)

    def texts(self, column: str, judge: Judge) -> np.ndarray:
        """The column as objects of text; NaN where missing or refused."""
        return self._values(column, judge, object)

    def add(self, refusal: Refusal, column: str, row: int, at: int, value: str | None) -> None:
        """Note a problem with one cell; from `LISTED` in a column on, only their number."""
        listed = self.listed.get(column, 0)
        if listed >= LISTED:
            self.unlisted[column] = self.unlisted.get(column, 0) + 1
            return
        self.listed[column] = listed + 1
        self.refused.add((column, row))
        self.problems.append(
            Problem(
                file=self.raw.source.file,
                row=row,
                line=self.line(row),
                respondent_id=None if pd.isna(self.ids.iloc[at]) else str(self.ids.iloc[at]),
                column=column,
                value=None if value is None else mask_text(value),
                rule=refusal.rule,
                message=mask_text(refusal.message),
                remedy=mask_text(refusal.remedy),
            )
        )

    def add_column(self, rule: str, column: str, message: str, remedy: str, value: str | None = None) -> None:
        """Note a problem with a column as a whole."""
        file, shown = self.raw.source.file, None if value is None else mask_text(value)
        self.problems.append(Problem(file=file, column=column, value=shown, rule=rule, message=message, remedy=remedy))

    def close(self) -> list[Problem]:
        """Return all problems by row; a column with more than are listed has one more, which says how many."""
        for column, count in self.unlisted.items():
            message = f"{count} more cells of this column have a problem; the first {LISTED} are listed"
            self.add_column("more_of_the_same", column, message, "correct these first: the others are likely alike")
        self.unlisted = {}
        return sorted(self.problems, key=lambda problem: problem.row or 0)

    def _add_comma(self, refusal: Refusal, column: str, row: int, at: int, value: str) -> None:
        """Note a number with a decimal comma: the first of them as a problem, the others in its count."""
        self.commas += 1
        if self.commas == 1:
            self.add(refusal, column, row, at, value)
            return
        self.refused.add((column, row))
        place = next(place for place, problem in enumerate(self.problems) if problem.rule == refusal.rule)
        message = f"{refusal.message}, the first of {self.commas} in this file"
        self.problems[place] = replace(self.problems[place], message=message)

    def _values(self, column: str, judge: Judge, dtype: type) -> np.ndarray:
        codes, found = pd.factorize(self.raw.frame[column])
        declared = frozenset(code.strip() for code in self.raw.source.missing_codes)
        counts = np.bincount(codes[codes >= 0], minlength=len(found))
        values: list[float | str] = []
        for at, text in enumerate(found):
            trimmed = str(text).strip()
            value: float | str = math.nan
            if trimmed in declared:
                self.codes += int(counts[at])
            elif not trimmed:
                self.blank += int(counts[at])
            elif isinstance(answer := judge(trimmed), Refusal):
                places = np.flatnonzero(codes == at) if self.listed.get(column, 0) < LISTED else None
                if places is None:
                    self.unlisted[column] = self.unlisted.get(column, 0) + int(counts[at])
                for place in () if places is None else places:
                    if answer.rule == "decimal_comma":
                        self._add_comma(answer, column, self.row(int(place)), int(place), str(text))
                    else:
                        self.add(answer, column, self.row(int(place)), int(place), str(text))
            else:
                value = answer
            values.append(value)
        values.append(math.nan)  # pandas codes an empty cell −1: the last entry
        return np.array(values, dtype=dtype)[codes]


def number(text: str) -> float | None:
    """The finite number that ``text`` writes out in ASCII digits with a decimal point; None for anything else."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def on_scale(values: Iterable[int | float]) -> Judge:
    """Numbers that are among ``values``; ``3`` and ``3.0`` are the same number."""
    allowed = {float(value) for value in values}
    listed = ", ".join(f"{value:g}" for value in sorted(allowed))
    remedy = f"correct it to one of {listed}, leave it empty, or declare it in missing_codes"

    def judge(text: str) -> float | Refusal:
        value = number(text)
        if value is None:
            return _no_number(text, f"enter one of {listed}, leave it empty, or declare it in missing_codes")
        if value not in allowed:
            return Refusal("not_on_scale", f"the answer is not on the response scale {listed}", remedy)
        return value

    return judge


def any_number(text: str) -> float | Refusal:
    """Any finite number."""
    value = number(text)
    return _no_number(text, "enter a number with a decimal point, or leave it empty") if value is None else value


def positive_number(text: str) -> float | Refusal:
    """A number above 0, as a weight must be."""
    value = any_number(text)
    if isinstance(value, float) and value <= 0:
        return Refusal("not_positive", "a weight must be above 0", "correct it, or remove the respondent")
    return value


def one_of(levels: Collection[str]) -> Judge:
    """Exactly one of the ``levels``."""
    nearest = Nearest(levels, cutoff=0.5)

    def judge(text: str) -> str | Refusal:
        return text if text in levels else _no_level(text, nearest)

    return judge


def several_of(levels: Collection[str]) -> Judge:
    """Any of the ``levels``, with ┋ or ; between them; given back in the order of the levels, joined by ┋."""
    nearest = Nearest(levels, cutoff=0.5)

    def judge(text: str) -> str | Refusal:
        if text in levels:
            return text
        parts = {part.strip() for part in _SEPARATOR.split(text) if part.strip()}
        for part in sorted(parts):
            if part not in levels:
                return _no_level(part, nearest)
        return "┋".join(level for level in levels if level in parts)

    return judge


def iso_date(text: str) -> str | Refusal:
    """A date, or a date with time, as ISO 8601 writes them: 2026-04-18, 2026-04-18T08:00:00."""
    try:
        if len(text) > 10:
            return datetime.fromisoformat(text).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return Refusal("not_a_date", "this is no date that exists", "write it as 2026-04-18")


def any_text(text: str) -> str:
    """Any text."""
    return text


def expected_answer(expected: float | str) -> Judge:
    """What an attention check may hold: a number when the right answer is one, else any text."""
    return any_text if isinstance(expected, str) else any_number


def clashes(missing_codes: Iterable[str], answers: Mapping[str, Collection[float | str]]) -> list[tuple[str, str]]:
    """Columns whose possible answers contain a code declared to mean "no answer", each with the code."""
    found = []
    for column, allowed in answers.items():
        for code in missing_codes:
            text = code.strip()
            if text in allowed or number(text) in allowed:
                found.append((column, code))
    return found


def _no_number(text: str, remedy: str) -> Refusal:
    if _DECIMAL_COMMA.fullmatch(text):
        point = "save the file with decimal points (5.0), or with whole numbers where the answers are whole"
        return Refusal("decimal_comma", "this is a number with a decimal comma", point)
    if text.casefold() in _INFINITE or (_NUMBER.fullmatch(text) and not math.isfinite(float(text))):
        return Refusal("infinite", "an answer cannot be infinite", remedy)
    return Refusal("not_a_number", "this is not a number", remedy)


class Nearest:
    """Remedies that name the known answer nearest to a text, for the first texts of a column that need one."""

    def __init__(self, known: Collection[str], *, cutoff: float) -> None:
        self._known, self._cutoff, self._left = list(known), cutoff, _HINTS

    @property
    def size(self) -> int:
        """How many answers are known."""
        return len(self._known)

    def __call__(self, text: str) -> str:
        self._left -= 1
        near = difflib.get_close_matches(text, self._known, n=1, cutoff=self._cutoff) if self._left >= 0 else []
        return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(self._known)}"


def _no_level(text: str, nearest: Nearest) -> Refusal:
    remedy = nearest(text)
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= nearest.size:
        remedy += '; if it is the number of an option, say values = "number" in the plan, or map it with repairs'
    return Refusal("unknown_level", "the questionnaire has no such answer", remedy)
