"""What the elements of an argument stand on: results by reference, codes and segments by id, all looked up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError, Problem
from leadership_study.interviews import Interviews
from leadership_study.results import Result
from leadership_study.synthesis.argument_file import ArgumentFile, Element
from leadership_study.synthesis.references import IN_TEXT, interval_of, look_up
from leadership_study.synthesis.segments import Segment, segments_of, starts_of


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One thing that an element stands on.

    ``kind`` is result, code or segment; ``code`` that of a segment; ``value`` with its interval a result's;
    ``sources`` are interviews with the code (or one below it), ``agreement`` that of the coders about it.
    """

    kind: str
    id: str
    code: str = ""
    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    sources: int | None = None
    agreement: float | None = None
    quote: str = ""


class Witness:
    """Results and interviews, asked for evidence; what is not there is noted in ``problems``."""

    def __init__(self, results: Mapping[str, Result], interviews: Interviews | None, coefficient: str) -> None:
        self.results, self.interviews, self.coefficient = results, interviews, coefficient
        self.segments: dict[str, Segment] = {} if interviews is None else segments_of(interviews)
        self.starts = {} if interviews is None else starts_of(interviews, self.segments)
        self.problems: list[Problem] = []

    def of(self, said: ArgumentFile, dimensions: Sequence[str]) -> dict[str, list[Evidence]]:
        """Return the evidence of every element by its id."""
        found = {}
        for element in said.elements:
            if element.dimension and dimensions and element.dimension not in dimensions:
                told = unknown("dimension", element.dimension, list(dimensions))
                self._wrong(said, element, told, "unknown_dimension")
            if element.id in dimensions:
                self._wrong(said, element, "the id is that of a dimension", "duplicate_id")
            found[element.id] = [*self._results(said, element), *self._codes(said, element)]
            found[element.id] += self._segments(said, element)
            for text in element.text.values():
                for reference in IN_TEXT.findall(text):
                    self._look_up(said, element, reference)
        return found

    def _results(self, said: ArgumentFile, element: Element) -> Iterator[Evidence]:
        for reference in element.results:
            if self._look_up(said, element, reference):
                row = look_up(self.results, reference)
                low, high = interval_of(row) or (None, None)
                number = isinstance(row.value, int | float) or hasattr(row.value, "item")
                value = float(row.value) if number else None
                yield Evidence(kind="result", id=reference, value=value, ci_low=low, ci_high=high)

    def _codes(self, said: ArgumentFile, element: Element) -> Iterator[Evidence]:
        book = None if self.interviews is None else self.interviews.codebook
        used = [] if self.interviews is None else sorted(self.interviews.codings["code"].unique())
        known = [code.code for code in book] if book is not None else used
        for code in element.codes:
            if code not in known:
                told = unknown("code", code, known) if known else f"there is no code {code!r}: no interviews are coded"
                self._wrong(said, element, told, "unknown_code")
                continue
            yield Evidence(kind="code", id=code, code=code, sources=self._sources(code), agreement=self._agreed(code))

    def _segments(self, said: ArgumentFile, element: Element) -> Iterator[Evidence]:
        for id in element.segments:
            if id not in self.starts:
                told = unknown("segment", id, list(self.segments)) if self.segments else "there are no coded segments"
                self._wrong(said, element, told, "unknown_segment")
                continue
            one = self.segments[self.starts[id]]
            yield Evidence(
                kind="segment", id=one.id, code=one.code, quote=one.quote
            )  # fmt: skip

    def _sources(self, code: str) -> int:
        if self.interviews is None:
            return 0
        table = self.interviews.frequencies.table
        return int(table["below_sources"][code]) if code in table.index else 0

    def _agreed(self, code: str) -> float | None:
        if self.interviews is None:
            return None
        try:
            codes = self.interviews.agreement.codes
        except InsufficientDataError:
            return None
        key = (code, self.coefficient)
        value = codes["estimate"].get(key)
        return None if value is None or pd.isna(value) else float(value)

    def _look_up(self, said: ArgumentFile, element: Element, reference: str) -> bool:
        try:
            look_up(self.results, reference)
        except KeyError as error:
            self._wrong(said, element, str(error.args[0]), "unknown_result")
            return False
        return True

    def _wrong(self, said: ArgumentFile, element: Element, message: str, rule: str) -> None:
        problem = Problem(said.file, f"{element.where}: {message}", "correct it", rule)
        if problem not in self.problems:
            self.problems.append(problem)
