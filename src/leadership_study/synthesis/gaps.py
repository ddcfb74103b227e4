"""Where an argument is weaker than it sounds: elements without evidence, claims stronger than their results."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from leadership_study.interviews import Interviews
from leadership_study.results import Result
from leadership_study.synthesis.argument_file import ArgumentFile, Element
from leadership_study.synthesis.evidence import Evidence
from leadership_study.synthesis.references import IN_TEXT, Found, interval_of, look_up

LEVEL_OF_CODES = {"inside": "district"}
"""What codebooks call a level that the argument calls otherwise."""

_KIND_OF_CODES = {"problem": "problem", "cause": "cause", "countermeasure": "measure"}
_DIFFERENCES = frozenset({"estimate", "difference", "mean_difference", "statistic", "p_value", "adjusted_p_value"})
_CAUSAL = re.compile(
    r"\b(caus(e|es|ed|ing)|affect(s|ed)?|effects? of|influenc(e|es|ed)|leads? to|led to|results? in|increas(es|ed)|"
    r"decreas(es|ed)|improv(es|ed)|predict(s|ed)?|because of|due to)\b"
    r"|导致|造成|使得|引起|显著影响|影响了|提高了|降低了|预测了",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9０-９]")

MESSAGES = {
    "no_evidence": "nothing is named that it stands on",
    "no_cause": "no cause is named for it",
    "no_countermeasure": "nothing is proposed against it",
    "no_problem": "it explains no problem",
    "countermeasure_without_cause": "it answers no cause",
    "weak_without_problem": "both strands call the dimension weak, and no problem is named",
    "result_shows_no_weakness": "the interval of {on} does not show a weakness",
    "result_shows_no_relation": "the interval or test of {on} shows no difference or relation",
    "result_without_interval": "{on} is a number without a comparison and its interval: alone it shows nothing",
    "result_not_estimated": "the block behind {on} could not be estimated",
    "against_the_survey": "the survey calls the dimension {on} strong",
    "too_few_sources": "the code {on} comes from too few interviews",
    "low_agreement": "the coders agree too little about the code {on}",
    "agreement_unknown": "the agreement of the coders about the code {on} is not known",
    "other_dimension": "{on} belongs to another dimension",
    "other_level": "{on} belongs to another level",
    "other_kind": "{on} is a code of another kind",
    "causal_wording": "its words claim a cause, and it stands on results of a survey made at one time",
    "typed_number": "a number is typed in its text and bound to no result",
}
"""What each kind of gap says, in English."""


@dataclass(frozen=True)
class Gap:
    """One gap: the element (or dimension) that has it, its kind, and what it is about."""

    element: str
    kind: str
    on: str = ""

    @property
    def message(self) -> str:
        """The gap in words."""
        return f"{self.element}: {MESSAGES[self.kind].format(on=self.on)}"


def gaps_of(
    said: ArgumentFile,
    evidence: Mapping[str, Sequence[Evidence]],
    results: Mapping[str, Result],
    interviews: Interviews | None,
    display: pd.DataFrame | None,
    *,
    min_sources: int,
    min_agreement: float,
) -> list[Gap]:
    """Return every gap of an argument, in the order of the file."""
    gaps: list[Gap] = []
    surveyed = {} if display is None else {str(name): str(one) for name, one in display["survey"].items()}
    for element in said.elements:
        gaps += _arrows(element, said)
        if not evidence[element.id]:
            gaps.append(Gap(element.id, "no_evidence"))
        for one in evidence[element.id]:
            if one.kind == "result":
                gaps += _of_result(element, one.id, results, surveyed)
            else:
                gaps += _of_code(element, one, interviews, min_sources, min_agreement)
        gaps += _of_words(element)
        if element.kind == "problem" and surveyed.get(element.dimension) == "strong":
            gaps.append(Gap(element.id, "against_the_survey", element.dimension))
    named = {element.dimension for element in said.of_kind("problem")}
    if display is not None:
        weak = (display["survey"] == "weak") & (display["interviews"] == "weak")
        gaps += [Gap(str(name), "weak_without_problem") for name in display.index[weak] if name not in named]
    return list(dict.fromkeys(gaps))


def _arrows(element: Element, said: ArgumentFile) -> Iterator[Gap]:
    causes, measures = said.of_kind("cause"), said.of_kind("countermeasure")
    if element.kind == "problem":
        explained = [cause.id for cause in causes if element.id in cause.of]
        if not explained:
            yield Gap(element.id, "no_cause")
        elif not any(set(measure.of) & set(explained) for measure in measures):
            yield Gap(element.id, "no_countermeasure")
    elif not element.of:
        yield Gap(element.id, "no_problem" if element.kind == "cause" else "countermeasure_without_cause")


def _of_result(
    element: Element, reference: str, results: Mapping[str, Result], dimensions: Mapping[str, str]
) -> Iterator[Gap]:
    found = look_up(results, reference)
    if found.reason:
        yield Gap(element.id, "result_not_estimated", reference)
        return
    if element.dimension and found.name in dimensions and found.name != element.dimension:
        yield Gap(element.id, "other_dimension", reference)
    verdict = found.row.get("verdict")
    interval = interval_of(found)
    compares = found.column in _DIFFERENCES or found.column == "effect_size"
    if "effect_name" in found.row:  # a comparison of groups, with a verdict of its own
        if verdict != "different":
            yield Gap(element.id, "result_shows_no_relation", reference)
    elif not compares or interval is None:
        yield Gap(element.id, "result_without_interval", reference)
    elif element.kind == "problem" and found.table not in ("coefficients", "fixed"):
        if not _is_below(found, interval, element.dimension):
            yield Gap(element.id, "result_shows_no_weakness", reference)
    elif interval[0] <= 0 <= interval[1]:
        yield Gap(element.id, "result_shows_no_relation", reference)


def _is_below(found: Found, interval: tuple[float, float], dimension: str) -> bool:
    """Whether the interval lies below 0; above it where the dimension is the second of a pair."""
    if found.row.get("measure2") == dimension:
        return interval[0] > 0
    return interval[1] < 0


def _of_code(
    element: Element, one: Evidence, interviews: Interviews | None, min_sources: int, min_agreement: float
) -> Iterator[Gap]:
    book = None if interviews is None else interviews.codebook
    if one.kind == "code":
        if (one.sources or 0) < min_sources:
            yield Gap(element.id, "too_few_sources", one.id)
        if one.agreement is None or pd.isna(one.agreement):
            yield Gap(element.id, "agreement_unknown", one.id)
        elif one.agreement < min_agreement:
            yield Gap(element.id, "low_agreement", one.id)
    if book is None or one.code not in book:
        return
    dimension, level, kind = book.dimension(one.code), book.level(one.code), book.kind(one.code)
    if element.dimension and dimension and dimension != element.dimension:
        yield Gap(element.id, "other_dimension", one.id)
    if kind and kind != _KIND_OF_CODES[element.kind]:
        yield Gap(element.id, "other_kind", one.id)
    elif element.place and level and LEVEL_OF_CODES.get(level, level) != element.place:
        yield Gap(element.id, "other_level", one.id)


def _of_words(element: Element) -> Iterator[Gap]:
    texts = [IN_TEXT.sub("", text) for text in element.text.values()]
    if element.results and any(_CAUSAL.search(text) for text in texts):
        yield Gap(element.id, "causal_wording")
    if any(_DIGITS.search(text) for text in texts):
        yield Gap(element.id, "typed_number")
