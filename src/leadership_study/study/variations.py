"""The only place that repeats an analysis: on imputed data sets, without the flagged respondents, and in a multiverse.

A block of the plan is computed in one step, or in three when it is a ``headline``: with everybody (``<id>``), without
the flagged respondents (``<id>-without_flagged``) and both side by side (``<id>-compared``). Each step is stored by
itself; no block can have such an id, which holds a hyphen. A multiverse is one step: the pipeline from the exclusions
on, once for every combination of choices.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._multiverse import DECISIONS, Universe, specification_curve
from leadership_study.results import Note, NotEstimated, Result
from leadership_study.samples.pooling import few_imputations
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.imputed import Imputation
from leadership_study.study.compared import compare
from leadership_study.study.plan import BlockPlan
from leadership_study.study.plan_interviews import InterviewBlock
from leadership_study.study.plan_multiverse import Choice, MultiversePlan
from leadership_study.study.plan_setting import SettingPlan
from leadership_study.study.pooled import pool_results

Run = Callable[[ScoredResponses], Result]
"""One analysis with its options; what cannot be estimated is a `NotEstimated`."""

RunWith = Callable[[ScoredResponses, str, Mapping[str, Any]], Result]
"""Any analysis, by its name, with its options."""

Scoring = Callable[[Mapping[str, Any] | None, Mapping[str, Any] | None], ScoredResponses | Note]
"""Answers under other rules of exclusion and other options of scoring, or why there are none."""

EVERYBODY_FLAGGED = (
    "Every respondent is flagged by at least {min_flags} kinds of flags, so nobody is left without them."
)

Variant = Literal["everybody", "without_flagged", "compared"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One result to store: a block of the plan, or a variant of it."""

    block: BlockPlan | SettingPlan | InterviewBlock
    variant: Variant = "everybody"

    @property
    def id(self) -> str:
        """The id under which the result is stored."""
        return self.block.id if self.variant == "everybody" else f"{self.block.id}-{self.variant}"


def steps_of(block: BlockPlan | SettingPlan | InterviewBlock) -> list[Step]:
    """Return the steps of a block, in their order."""
    variants: list[Variant] = ["everybody"]
    if block.headline:
        variants += ["without_flagged", "compared"]
    return [Step(block=block, variant=variant) for variant in variants]


def flagged_by(scored: ScoredResponses, min_flags: int) -> pd.Series:
    """Say of each respondent whether screening found flags of at least ``min_flags`` kinds."""
    if scored.validated is None:
        return pd.Series(False, index=scored.items.index)
    kinds = scored.validated.screening.kinds
    return kinds.loc[scored.items.index] >= min_flags


def subset(scored: ScoredResponses, kept: pd.Series) -> ScoredResponses:
    """Return the respondents for whom ``kept`` is true, with their scores as they were."""

    def part(frame: pd.DataFrame | None) -> pd.DataFrame | None:
        return None if frame is None else frame[kept]

    return replace(
        scored,
        items=scored.items[kept],
        scales=scored.scales[kept],
        background=scored.background[kept],
        groups=scored.groups[kept],
        forms=scored.forms[kept],
        block=scored.block[kept],
        weights=None if scored.weights is None else scored.weights[kept],
        context=part(scored.context),
        composites=part(scored.composites),
        answered=part(scored.answered),
    )


def compute(step: Step, scored: ScoredResponses, run: Run, *, seed: int, min_flags: int) -> Result:
    """Compute a step that is no comparison.

    Parameters
    ----------
    step
        What to compute.
    scored
        The answers of the block's respondents.
    run
        The analysis.
    seed
        Of the imputation.
    min_flags
        Kinds of flags from which a respondent counts as flagged.
    """
    if step.variant == "without_flagged":
        flagged = flagged_by(scored, min_flags)
        if flagged.all():
            return NotEstimated.because(Note("everybody_flagged", EVERYBODY_FLAGGED, {"min_flags": min_flags}))
        scored = subset(scored, ~flagged) if flagged.any() else scored
    if step.block.imputations == 0:
        return run(scored)
    return _pooled(_complete(scored, step.block.imputations, seed), run)


def compute_comparison(results: Mapping[str, Result], step: Step, scored: ScoredResponses, *, min_flags: int) -> Result:
    """Compare the two results of a headline, found in ``results`` by their ids."""
    everybody, without = (results[other.id] for other in steps_of(step.block)[:2])
    flagged = int(flagged_by(scored, min_flags).sum())
    try:
        return compare(everybody, without, n=len(scored.items), n_flagged=flagged, min_flags=min_flags)
    except InsufficientDataError as error:
        return NotEstimated.because(error.note)


def compute_multiverse(
    plan: MultiversePlan, scored_under: Scoring, run: RunWith, *, seed: int, min_flags: int
) -> Result:
    """Repeat an analysis under every combination of choices.

    Parameters
    ----------
    plan
        The choices.
    scored_under
        The answers of the block's respondents under other exclusions and another scoring; nothing given: as planned.
    run
        An analysis, by its name, with other options.
    seed
        Of the imputation.
    min_flags
        Kinds of flags from which a respondent counts as flagged.
    """
    universes: list[Universe] = []
    answers: dict[tuple[str, str], ScoredResponses | Note] = {}
    completed: tuple[tuple[str, str], _Imputed | NotEstimated] | None = None  # of the answers used last
    for number, chosen in enumerate(plan.universes()):
        exclusions, missing, scoring, estimator, covariates = chosen
        key = (exclusions.id, scoring.id)
        if key not in answers:
            answers[key] = _answers(scored_under, exclusions, scoring, min_flags)
        scored = answers[key]
        use, options = plan.runs[estimator.id, covariates.id]

        def analyse(one: ScoredResponses, use: str = use, options: Mapping[str, Any] = options) -> Result:
            return run(one, use, options)

        if isinstance(scored, Note):
            result: Result = NotEstimated.because(scored)
        elif missing.id == "imputed":
            if completed is None or completed[0] != key:
                completed = key, _complete(scored, plan.base.imputations or plan.data_sets, seed)
            result = _pooled(completed[1], analyse)
        else:
            result = analyse(scored)
        ids = dict(zip(DECISIONS, (choice.id for choice in chosen), strict=True))
        universes.append(Universe(choices=ids, result=result, is_declared=number == 0))
    try:
        found = specification_curve(
            universes, plan.terms, _choice_words(plan), {"analysis": plan.base.id, "missing": "as_chosen"}
        )
    except InsufficientDataError as error:
        return NotEstimated.because(error.note)
    return replace(found, notes=(*found.notes, *_other_units(plan)))


def _other_units(plan: MultiversePlan) -> list[Note]:
    """Warn of scores in another unit: their coefficients differ from the others for that alone."""
    other = [choice.id for choice in plan.scoring if "method" in choice.sets]
    if not other:
        return []
    text = (
        "Universes with the scoring {choices} have scores in another unit, so their estimates differ from the others "
        "for that reason alone; compare signs and intervals there, not sizes."
    )
    return [Note("universes_in_other_units", text, {"choices": ", ".join(other)})]


def _answers(scored_under: Scoring, exclusions: Choice, scoring: Choice, min_flags: int) -> ScoredResponses | Note:
    """Return the answers of a universe, or why there are none."""
    scored = scored_under(exclusions.sets or None, scoring.sets or None)
    if isinstance(scored, Note) or exclusions.id != "without_flagged":
        return scored
    flagged = flagged_by(scored, min_flags)
    if flagged.all():
        return Note("everybody_flagged", EVERYBODY_FLAGGED, {"min_flags": min_flags})
    return subset(scored, ~flagged)


def _choice_words(plan: MultiversePlan) -> pd.DataFrame:
    texts = {choice.id: choice.words for choices in plan.decisions for choice in choices if choice.words}
    languages = list(dict.fromkeys(language for words in texts.values() for language in words)) or ["en"]
    rows = [[words.get(language, "") for language in languages] for words in texts.values()]
    return pd.DataFrame(rows, index=pd.Index(list(texts), name="id", dtype=object), columns=languages, dtype=object)


@dataclass(frozen=True, kw_only=True)
class _Imputed:
    """Answers with imputed data sets of them; no set when nothing was missing."""

    scored: ScoredResponses
    model: Imputation
    sets: Sequence[ScoredResponses]


def _complete(scored: ScoredResponses, imputations: int, seed: int) -> _Imputed | NotEstimated:
    try:
        model = Imputation(scored)
        numbers = range(imputations if model.cells else 0)
        sets = [model.scored_again(model.draw(seed, number)) for number in numbers]
    except InsufficientDataError as error:
        return NotEstimated.because(error.note)
    return _Imputed(scored=scored, model=model, sets=sets)


def _pooled(answers: _Imputed | NotEstimated, run: Run) -> Result:
    """Run an analysis on imputed data sets, one after the other, and pool what it gave."""
    if isinstance(answers, NotEstimated):
        return answers
    if not answers.sets:
        result = run(answers.scored)
        text = "No answer that could be imputed is missing, so nothing was imputed."
        return replace(result, notes=(*result.notes, Note("nothing_to_impute", text)))
    try:
        pooled = pool_results([run(complete) for complete in answers.sets], run(answers.scored))
    except InsufficientDataError as error:
        return NotEstimated.because(error.note)
    m = len(answers.sets)
    return replace(pooled, notes=(*answers.model.notes(m), *few_imputations(m), *pooled.notes))
