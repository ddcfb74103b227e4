"""The only place that repeats an analysis: on imputed data sets, and without the flagged respondents.

A block of the plan is computed in one step, or in three when it is a ``headline``: with everybody (``<id>``), without
the flagged respondents (``<id>-without_flagged``) and both side by side (``<id>-compared``). Each step is stored by
itself; no block can have such an id, which holds a hyphen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, NotEstimated, Result
from leadership_study.samples.pooling import few_imputations
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.imputed import Imputation
from leadership_study.study.compared import compare
from leadership_study.study.plan import BlockPlan
from leadership_study.study.plan_interviews import InterviewBlock
from leadership_study.study.plan_setting import SettingPlan
from leadership_study.study.pooled import pool_results

Run = Callable[[ScoredResponses], Result]
"""One analysis with its options; what cannot be estimated is a `NotEstimated`."""

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
            text = "Every respondent is flagged by at least {min_flags} kinds of flags, so nobody is left without them."
            return NotEstimated.because(Note("everybody_flagged", text, {"min_flags": min_flags}))
        scored = subset(scored, ~flagged) if flagged.any() else scored
    if step.block.imputations == 0:
        return run(scored)
    return _imputed(scored, run, step.block.imputations, seed)


def compute_comparison(results: Mapping[str, Result], step: Step, scored: ScoredResponses, *, min_flags: int) -> Result:
    """Compare the two results of a headline, found in ``results`` by their ids."""
    everybody, without = (results[other.id] for other in steps_of(step.block)[:2])
    flagged = int(flagged_by(scored, min_flags).sum())
    try:
        return compare(everybody, without, n=len(scored.items), n_flagged=flagged, min_flags=min_flags)
    except InsufficientDataError as error:
        return NotEstimated.because(error.note)


def _imputed(scored: ScoredResponses, run: Run, imputations: int, seed: int) -> Result:
    """Run an analysis on imputed data sets, one after the other, and pool what it gave."""
    try:
        model = Imputation(scored)
        if model.cells == 0:
            result = run(scored)
            text = "No answer that could be imputed is missing, so nothing was imputed."
            return replace(result, notes=(*result.notes, Note("nothing_to_impute", text)))
        completed = (model.scored_again(model.draw(seed, number)) for number in range(imputations))
        pooled = pool_results([run(complete) for complete in completed], run(scored))
    except InsufficientDataError as error:
        return NotEstimated.because(error.note)
    told = (*model.notes(imputations), *few_imputations(imputations))
    return replace(pooled, notes=(*told, *pooled.notes))
