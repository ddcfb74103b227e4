"""The joint display: both strands side by side, a row a dimension, and how they fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.districts._labelled import Labelled, words_frame
from leadership_study.errors import InsufficientDataError, Problem
from leadership_study.interviews import Interviews
from leadership_study.results import Note, Result
from leadership_study.synthesis._reading import refuse
from leadership_study.synthesis.argument_file import ArgumentFile, read_argument
from leadership_study.synthesis.interview_strand import AGREEMENT, COUNTS, InterviewStrand, interview_strand
from leadership_study.synthesis.rule import Rule, fit_of
from leadership_study.synthesis.segments import segments_of, starts_of
from leadership_study.synthesis.spoken import spoken
from leadership_study.synthesis.survey_strand import Blocks, shown_gaps, shown_influences, survey_strand

Coefficient = Literal[
    "krippendorff_alpha", "cohen_kappa", "fleiss_kappa", "gwet_ac1", "brennan_prediger", "holsti", "percent"
]
COEFFICIENTS: tuple[Coefficient, ...] = (
    "krippendorff_alpha", "cohen_kappa", "fleiss_kappa", "gwet_ac1", "brennan_prediger", "holsti", "percent",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class JointDisplay(Labelled):
    """Survey and interviews side by side.

    Attributes
    ----------
    n_sources : int
        Coded transcripts.
    table : DataFrame, index ``dimension``
        Survey: mean, mean_ci_low, mean_ci_high, rank, deviation (paired difference from the mean of the dimensions)
        with ci_low and ci_high, gaps and influences (those that are shown, joined with ", "), survey ("weak",
        "strong", "undecided", "no_data"). Interviews: codes, references and sources of the dimension, problem_codes and
        problem_sources, problem_share (of all sources), agreement with its interval, quote (id of the first typical
        one), interviews (as survey). Both: rule_fit ("convergent", "complementary", "discordant", "silent"), fit (the
        same unless a person overruled it), overruled.
    gaps : DataFrame, index ``dimension``, ``found_in``, ``variable``
        statistic, p_value (adjusted where it was), effect_name, effect_size, ci_low, ci_high, verdict.
    influences : DataFrame, index ``dimension``, ``found_in``, ``term``
        estimate, ci_low, ci_high, p_value; shown: the interval does not include 0.
    quotes : DataFrame, index ``dimension``, ``quote`` (the id of the segment)
        code, kind, transcript, role, coders (how many gave the code), text.
    judgements : DataFrame, index ``dimension``
        rule_fit, fit, reason: where a person overruled the rule.
    words : DataFrame, index ``id``, a column a language
        What codes, informants, quotes and reasons are called.
    """

    n_sources: int
    table: pd.DataFrame
    gaps: pd.DataFrame
    influences: pd.DataFrame
    quotes: pd.DataFrame
    judgements: pd.DataFrame

    main: ClassVar[str] = "table"


def joint_display(
    results: Mapping[str, Result] | None,
    interviews: Interviews | None,
    *,
    scores: str | None = None,
    gaps: Blocks = (),
    influences: Blocks = (),
    dimensions: Sequence[str] = (),
    argument: str | Path | Mapping[str, Any] | ArgumentFile | None = None,
    problem_share: float = 1 / 3,
    sound_share: float = 0.0,
    coefficient: Coefficient = "krippendorff_alpha",
    quotes: int = 2,
    language: str = "en",
) -> JointDisplay:
    """Put the results of a survey and its interviews side by side, a row a dimension.

    Parameters
    ----------
    results : mapping of block id to Result, or None
        As from ``study.run()``.
    interviews : Interviews or None
    scores : str, optional
        The block with the scores, of the analysis ``repeated`` (paired differences); one of ``descriptives`` has means
        only, and then the survey calls nothing weak.
    gaps, influences : sequence of block ids, or mapping of id to dimension
        Blocks of the analyses ``differences`` and ``groups``; ``regression`` and ``multilevel``.
    dimensions : sequence of str, optional
        Rows and their order; by default those of the scores, then those of the codebook.
    argument : path, tables or ArgumentFile, optional
        Its ``[[judgement]]`` overrule the rule, its ``[[quote]]`` are shown first.
    problem_share, sound_share : float
        See `Rule`.
    coefficient : str
        Which agreement is shown.
    quotes : int
        Typical quotes a dimension.
    language : str
        Of the reasons of judgements.

    Raises
    ------
    PlanError
        For unknown blocks, dimensions and segments.
    ValueError
        For an unknown option.
    InsufficientDataError
        When neither strand has a dimension.

    Notes
    -----
    The survey calls a dimension weak when the upper limit of its paired difference from the mean of the dimensions is
    below 0, strong when the lower limit is above. The interviews call it weak when problem codes come from at least
    ``problem_share`` of the coded transcripts, strong when they speak of it and no more than ``sound_share`` name a
    problem. Agreeing calls are convergent, opposed ones discordant, one undecided makes them complementary, one strand
    without data silent. No twin in R.

    References
    ----------
    Guetterman, T. C., Fetters, M. D., & Creswell, J. W. (2015). https://doi.org/10.1370/afm.1865. Fetters, M. D.,
    Curry, L. A., & Creswell, J. W. (2013). https://doi.org/10.1111/1475-6773.12117.
    """
    if coefficient not in COEFFICIENTS:
        listed = ", ".join(map(repr, COEFFICIENTS))
        raise ValueError(f"The 'coefficient' parameter of joint_display must be one of {listed}. Got {coefficient!r}.")
    if isinstance(quotes, bool) or not isinstance(quotes, int) or quotes < 0:
        raise ValueError(
            f"The 'quotes' parameter of joint_display must be a whole number of at least 0. Got {quotes!r}."
        )
    for name, given in (("gaps", gaps), ("influences", influences), ("dimensions", dimensions)):
        if isinstance(given, str):
            raise ValueError(f"The '{name}' parameter of joint_display must be a list of ids. Got {given!r} instead.")
    rule = Rule(problem_share=problem_share, sound_share=sound_share)
    said = argument if isinstance(argument, ArgumentFile) else None
    if argument is not None and said is None:
        said = read_argument(argument)  # type: ignore[arg-type]
    coded = _coded_dimensions(interviews)
    survey = survey_strand(results, scores, gaps, influences, dimensions)
    rows = list(dict.fromkeys(dimensions or [*map(str, survey.scores.index), *coded]))
    if not rows:
        raise InsufficientDataError(Note("joint_nothing", "Neither the survey nor the interviews have a dimension."))
    chosen = _checked(said, rows, interviews)
    voices = interview_strand(interviews, rows, coefficient=coefficient, quotes=quotes, chosen=chosen)
    table = survey.scores.reindex(rows).rename_axis("dimension")
    table["gaps"] = [", ".join(shown_gaps(survey, name)) for name in rows]
    table["influences"] = [", ".join(shown_influences(survey, name)) for name in rows]
    has_scores = table["mean"].notna()
    table["rank"] = table["rank"].astype("Int64")
    table["survey"] = [
        rule.of_survey(low, high) if there else "no_data"
        for low, high, there in zip(table["ci_low"], table["ci_high"], has_scores, strict=True)
    ]
    table[[*COUNTS, *AGREEMENT]] = voices.table.loc[rows, [*COUNTS, *AGREEMENT]]
    table["problem_share"] = table["problem_sources"] / voices.n_sources if voices.n_sources else np.nan
    first = {str(dimension): str(id) for dimension, id in reversed(list(voices.quotes.index))}
    table["quote"] = [first.get(name, "") for name in rows]
    table["interviews"] = [
        rule.of_interviews(int(sources), int(problems), voices.n_sources)
        for sources, problems in zip(table["sources"], table["problem_sources"], strict=True)
    ]
    table["rule_fit"] = [fit_of(a, b) for a, b in zip(table["survey"], table["interviews"], strict=True)]
    judged = {one.dimension: one for one in (said.judgements if said else ())}
    by_rule = dict(zip(rows, table["rule_fit"], strict=True))
    table["fit"] = [judged[name].fit if name in judged else by_rule[name] for name in rows]
    table["overruled"] = [name in judged for name in rows]
    words = ("gaps", "influences", "survey", "quote", "interviews", "rule_fit", "fit")
    table = table.astype({**dict.fromkeys(words, "object"), "overruled": "bool", "problem_share": "float64"})
    over = [name for name in rows if name in judged]
    reasons = [judged[name].reason for name in over]
    return JointDisplay(
        n_sources=voices.n_sources,
        table=table,
        gaps=survey.gaps,
        influences=survey.influences,
        quotes=voices.quotes,
        judgements=pd.DataFrame(
            {
                "rule_fit": table.loc[over, "rule_fit"],
                "fit": table.loc[over, "fit"],
                "reason": [text.get(language) or next(iter(text.values())) for text in reasons],
            },
            index=pd.Index(over, name="dimension", dtype="object"),
        ).astype("object"),
        words=words_frame(_words(voices, interviews, said, reasons, language)),
        definition={
            "score_block": scores or "none",
            "problem_share": float(problem_share),
            "sound_share": float(sound_share),
            "agreement_coefficient": coefficient,
            "unit": voices.unit or "none",
            "n_sources": voices.n_sources,
            **({} if survey.confidence_level is None else {"confidence_level": survey.confidence_level}),
        },
        notes=(*survey.notes, *voices.notes),
    )


def _words(
    voices: InterviewStrand,
    interviews: Interviews | None,
    said: ArgumentFile | None,
    reasons: Sequence[Mapping[str, str]],
    language: str,
) -> dict[str, dict[str, str]]:
    segments = {} if interviews is None else segments_of(interviews)
    ids = [str(key[1]) for key in voices.quotes.index]
    own = {quote.segment: quote.text for quote in (said.quotes if said else ())}
    texts = spoken(interviews, segments, ids=ids, codes=dict.fromkeys(voices.quotes["code"]), said=own)
    return texts | {text.get(language) or next(iter(text.values())): dict(text) for text in reasons}


def _coded_dimensions(interviews: Interviews | None) -> list[str]:
    book = None if interviews is None else interviews.codebook
    if book is None:
        return []
    return list(dict.fromkeys(found for code in book if (found := book.dimension(code.code)) is not None))


def _checked(said: ArgumentFile | None, dimensions: Sequence[str], interviews: Interviews | None) -> list[str]:
    """Return the ids of the chosen quotes; whatever judgements and quotes name wrongly is said at once."""
    if said is None:
        return []
    problems = [
        Problem(
            said.file,
            f"[[judgement]] {one.dimension!r}: {unknown('dimension', one.dimension, list(dimensions))}",
            "correct it",
            "unknown_dimension",
        )
        for one in said.judgements
        if one.dimension not in dimensions
    ]
    segments = {} if interviews is None else segments_of(interviews)
    other = {} if interviews is None else starts_of(interviews, segments)
    for quote in said.quotes:
        if quote.segment not in other:
            told = unknown("segment", quote.segment, list(segments)) if segments else "there are no coded segments"
            problems.append(Problem(said.file, f"[[quote]] {quote.segment!r}: {told}", "correct it", "unknown_segment"))
    refuse(said.file, problems)
    return [other[quote.segment] for quote in said.quotes]
