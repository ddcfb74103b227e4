"""The argument of a study: problem → cause → countermeasure, each standing on results and on what was said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from leadership_study.districts._labelled import Labelled, words_frame
from leadership_study.interviews import Interviews
from leadership_study.results import Note, Result
from leadership_study.synthesis._reading import refuse
from leadership_study.synthesis.argument_file import ArgumentFile, Element, read_argument
from leadership_study.synthesis.evidence import Evidence, Witness
from leadership_study.synthesis.gaps import Gap, gaps_of
from leadership_study.synthesis.joint_display import COEFFICIENTS, Coefficient, JointDisplay
from leadership_study.synthesis.references import filled
from leadership_study.synthesis.spoken import spoken

NOTHING = "–"
"""Stands in a row of the table where an arrow is missing."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Argument(Labelled):
    """Problems, their causes, and what is proposed, with what each stands on.

    Attributes
    ----------
    n_gaps : int
    table : DataFrame, index ``problem``, ``cause``, ``countermeasure``
        One row a way from a problem to a countermeasure ("–" where an arrow is missing): dimension (of the problem),
        level (of the cause), agent and on (dimension) of the countermeasure, problem_text, cause_text,
        countermeasure_text, holds (nothing on the way has a gap).
    elements : DataFrame, index ``element``
        kind, dimension, place (level or agent), text, results, codes, segments (how many it stands on), sources (the
        most interviews that one of its codes comes from), gaps.
    evidence : DataFrame, index ``element``, ``evidence``
        kind (result, code, segment), code, value, ci_low, ci_high, sources, agreement, quote.
    gaps : DataFrame, index ``gap``
        element, kind, on, message.
    words : DataFrame, index ``id``, a column a language
        What the elements say, what codes and quotes are called.
    """

    n_gaps: int
    table: pd.DataFrame
    elements: pd.DataFrame
    evidence: pd.DataFrame
    gaps: pd.DataFrame

    main: ClassVar[str] = "table"


def argument(
    source: str | Path | Mapping[str, Any] | ArgumentFile,
    *,
    results: Mapping[str, Result] | None = None,
    interviews: Interviews | None = None,
    display: JointDisplay | None = None,
    dimensions: Sequence[str] = (),
    coefficient: Coefficient = "krippendorff_alpha",
    min_sources: int = 2,
    min_agreement: float = 0.667,
    language: str = "en",
) -> Argument:
    """Hold the argument of a study against its results and interviews.

    Parameters
    ----------
    source : path, tables or ArgumentFile
        ``studies/<name>.argument.toml``: ``[[problem]]`` (id, dimension, text), ``[[cause]]`` (id, problems, level,
        text) and ``[[countermeasure]]`` (id, causes, agent, dimension, text), each with results (references
        ``block.table.row.column``), codes (of the codebook) and segments (``transcript:code:start``).
    results : mapping of block id to Result, optional
    interviews : Interviews, optional
    display : JointDisplay, optional
        What it says of a dimension is held against the problems.
    dimensions : sequence of str, optional
        Those that may be named; by default the rows of ``display``, without one all.
    coefficient : str
        Which agreement of the coders counts.
    min_sources : int
        A code from fewer interviews is a gap.
    min_agreement : float
        A code about which the coders agree less is a gap (Krippendorff: .667 is the least for tentative conclusions).
    language : str
        Of the texts in the tables.

    Raises
    ------
    PlanError
        With everything that is wrong with the file, unknown references, codes and segments among it, at once.
    ValueError
        For an unknown option.

    Notes
    -----
    Gaps are no errors: they are listed in ``.gaps`` for the author and the reader. A result shows a weakness when its
    interval lies below 0. No twin in R.

    References
    ----------
    Krippendorff, K. (2004). Reliability in content analysis. https://doi.org/10.1111/j.1468-2958.2004.tb00738.x.
    Toulmin, S. E. (2003). The uses of argument. https://doi.org/10.1017/CBO9780511840005.
    """
    _check(coefficient, min_sources, min_agreement, dimensions)
    said = source if isinstance(source, ArgumentFile) else read_argument(source)
    found: Mapping[str, Result] = results or {}
    known = list(dimensions) or ([] if display is None else [str(name) for name in display.table.index])
    witness = Witness(found, interviews, coefficient)
    evidence = witness.of(said, known)
    refuse(said.file, witness.problems)
    gaps = gaps_of(
        said,
        evidence,
        found,
        interviews,
        None if display is None else display.table,
        min_sources=min_sources,
        min_agreement=min_agreement,
    )
    texts = {
        element.id: filled(element.text.get(language) or next(iter(element.text.values())), found)
        for element in said.elements
    }
    notes = []
    if not said.elements:
        text = "The argument file names no problem, cause or countermeasure yet."
        notes.append(Note("argument_empty", text))
    return Argument(
        n_gaps=len(gaps),
        table=_table(said, texts, gaps),
        elements=_elements(said, texts, evidence, gaps),
        evidence=_evidence(evidence),
        gaps=_gaps(gaps),
        words=words_frame(_words(said, evidence, witness, found)),
        definition={
            "agreement_coefficient": coefficient,
            "min_sources": min_sources,
            "min_agreement": float(min_agreement),
            "n_problems": len(said.of_kind("problem")),
            "n_causes": len(said.of_kind("cause")),
            "n_countermeasures": len(said.of_kind("countermeasure")),
        },
        notes=tuple(notes),
    )


def ways(said: ArgumentFile) -> Iterator[tuple[Element | None, Element | None, Element | None]]:
    """Yield every way from a problem over a cause to a countermeasure; None where an arrow is missing."""
    causes, measures = said.of_kind("cause"), said.of_kind("countermeasure")
    for problem in said.of_kind("problem"):
        own = [cause for cause in causes if problem.id in cause.of]
        for cause in own:
            answers = [measure for measure in measures if cause.id in measure.of]
            # An answer to a cause of several problems belongs to the problems of its own dimension, if there are any.
            near = [one for one in answers if one.dimension == problem.dimension] or answers
            yield from ((problem, cause, measure) for measure in near)
            if not answers:
                yield problem, cause, None
        if not own:
            yield problem, None, None
    for cause in causes:
        if not cause.of:
            answers = [measure for measure in measures if cause.id in measure.of]
            yield from ((None, cause, measure) for measure in answers)
            if not answers:
                yield None, cause, None
    for measure in measures:
        if not measure.of:
            yield None, None, measure


def _table(said: ArgumentFile, texts: Mapping[str, str], gaps: Sequence[Gap]) -> pd.DataFrame:
    weak = {gap.element for gap in gaps}
    rows = {}
    for problem, cause, measure in ways(said):
        way = (problem, cause, measure)
        ids = [element.id for element in way if element is not None]
        rows[tuple(NOTHING if element is None else element.id for element in way)] = {
            "dimension": problem.dimension if problem else "",
            "level": cause.place if cause else "",
            "agent": measure.place if measure else "",
            "on": measure.dimension if measure else "",
            "problem_text": texts[problem.id] if problem else "",
            "cause_text": texts[cause.id] if cause else "",
            "countermeasure_text": texts[measure.id] if measure else "",
            "holds": len(ids) == len(way) and not weak & set(ids),
        }
    columns = ["dimension", "level", "agent", "on", "problem_text", "cause_text", "countermeasure_text", "holds"]
    index = pd.MultiIndex.from_tuples(list(rows), names=["problem", "cause", "countermeasure"])
    frame = pd.DataFrame(list(rows.values()), columns=columns, index=index)
    return frame.astype({name: "bool" if name == "holds" else "object" for name in columns})


def _elements(
    said: ArgumentFile, texts: Mapping[str, str], evidence: Mapping[str, Sequence[Evidence]], gaps: Sequence[Gap]
) -> pd.DataFrame:
    counts = ("results", "codes", "segments")
    columns = ["kind", "dimension", "place", "text", *counts, "sources", "gaps"]
    rows = []
    for element in said.elements:
        own = evidence[element.id]
        stands = {name: sum(one.kind == name.removesuffix("s") for one in own) for name in counts}
        rows.append(
            {
                "kind": element.kind,
                "dimension": element.dimension,
                "place": element.place,
                "text": texts[element.id],
                **stands,
                "sources": max((one.sources or 0 for one in own), default=0),
                "gaps": sum(gap.element == element.id for gap in gaps),
            }
        )
    index = pd.Index([element.id for element in said.elements], name="element", dtype="object")
    whole = (*counts, "sources", "gaps")
    frame = pd.DataFrame(rows, columns=columns, index=index)
    return frame.astype({name: "int64" if name in whole else "object" for name in columns})


def _words(
    said: ArgumentFile, evidence: Mapping[str, Sequence[Evidence]], witness: Witness, results: Mapping[str, Result]
) -> dict[str, dict[str, str]]:
    every = [one for own in evidence.values() for one in own]
    texts = spoken(
        witness.interviews,
        witness.segments,
        ids=dict.fromkeys(one.id for one in every if one.kind == "segment"),
        codes=dict.fromkeys(one.code for one in every if one.code),
        said={witness.starts[quote.segment]: quote.text for quote in said.quotes if quote.segment in witness.starts},
    )
    own = {one.id: {code: filled(text, results) for code, text in one.text.items()} for one in said.elements}
    return texts | own


def _evidence(evidence: Mapping[str, Sequence[Evidence]]) -> pd.DataFrame:
    columns = ["kind", "code", "value", "ci_low", "ci_high", "sources", "agreement", "quote"]
    keys = [(element, one.id) for element, own in evidence.items() for one in own]
    rows = [[getattr(one, name) for name in columns] for own in evidence.values() for one in own]
    index = pd.MultiIndex.from_tuples(keys, names=["element", "evidence"])
    words = {"kind": "object", "code": "object", "quote": "object", "sources": "Int64"}
    frame = pd.DataFrame(rows, columns=columns, index=index)
    return frame.astype({name: words.get(name, "float64") for name in columns})


def _gaps(gaps: Sequence[Gap]) -> pd.DataFrame:
    columns = ["element", "kind", "on", "message"]
    rows = [[gap.element, gap.kind, gap.on, gap.message] for gap in gaps]
    index = pd.Index([str(at + 1) for at in range(len(gaps))], name="gap", dtype="object")
    return pd.DataFrame(rows, columns=columns, index=index).astype("object")


def _check(coefficient: str, min_sources: int, min_agreement: float, dimensions: Sequence[str]) -> None:
    if coefficient not in COEFFICIENTS:
        listed = ", ".join(map(repr, COEFFICIENTS))
        raise ValueError(f"The 'coefficient' parameter of argument must be one of {listed}. Got {coefficient!r}.")
    if isinstance(min_sources, bool) or not isinstance(min_sources, int) or min_sources < 1:
        raise ValueError(f"The 'min_sources' parameter of argument must be a whole number from 1. Got {min_sources!r}.")
    fits = isinstance(min_agreement, int | float) and not isinstance(min_agreement, bool)
    if not fits or not -1 <= min_agreement <= 1:
        raise ValueError(f"The 'min_agreement' parameter of argument must be from −1 to 1. Got {min_agreement!r}.")
    if isinstance(dimensions, str):
        raise ValueError(f"The 'dimensions' parameter of argument must be a list of ids. Got {dimensions!r} instead.")
