"""Computing the blocks of a plan, each with its variants, into the store's waiting room."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadership_study.errors import EstimationError, PlanError, Problem
from leadership_study.results import NotEstimated, Result
from leadership_study.scoring import ScoredResponses
from leadership_study.study import provenance
from leadership_study.study.interview_results import compute_interviews
from leadership_study.study.multiverse import run_multiverse
from leadership_study.study.options import analysis, file_options, is_told, takes
from leadership_study.study.plan import BlockPlan
from leadership_study.study.plan_interviews import InterviewBlock
from leadership_study.study.plan_multiverse import MultiversePlan
from leadership_study.study.plan_setting import SettingPlan
from leadership_study.study.variations import Step, compute, compute_comparison

if TYPE_CHECKING:
    from leadership_study.study.pipeline import Study

Progress = Callable[[str, str], None]


def stage(study: "Study", lacking: Sequence[str], fingerprints: Mapping[str, str], tell: Progress) -> None:
    """Put the result of every step in ``lacking`` aside.

    Raises
    ------
    PlanError
        For all blocks whose options were refused, once.
    """
    problems: list[Problem] = []
    refused: set[str] = set()
    store = study.store
    for step in study.steps():
        if step.id not in lacking or store.is_staged(step.id, fingerprints[step.id]):
            tell("reused", step.id)
            continue
        if step.block.id in refused:
            continue
        tell("computing", step.id)
        try:
            store.stage(step.id, fingerprints[step.id], _compute(study, step, fingerprints))
        except PlanError as error:
            problems += error.problem_list
            refused.add(step.block.id)
            continue
        tell("computed", step.id)
    if problems:
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise PlanError(f"{study.plan_file} has {count}; nothing that was stored has been changed", problems)


def _compute(study: "Study", step: Step, fingerprints: Mapping[str, str]) -> Result:
    block = step.block
    if isinstance(block, SettingPlan):
        return study.setting()[block.id]
    if isinstance(block, InterviewBlock):
        return compute_interviews(study, block)
    if isinstance(block, MultiversePlan):
        return run_multiverse(study, block, lambda one, answers: _run_seeded(study, one, answers))
    scored = study.scored().of(block.of)
    least = study.plan.min_flags
    if step.variant == "compared":
        found = {}
        for other in study.steps():
            if other.block.id == block.id and other.id != step.id:
                found[other.id] = study.store.load(other.id, fingerprints[other.id], staged=True)
        results = {name: result for name, result in found.items() if result is not None}
        return compute_comparison(results, step, scored, min_flags=least)
    seed = provenance.block_seed(study.plan.seed, block.id)
    arguments = _arguments(study, block, seed)

    def run(answers: ScoredResponses) -> Result:
        return _run(study, block, answers, arguments)

    return compute(step, scored, run, seed=seed, min_flags=least)


def _run_seeded(study: "Study", block: BlockPlan, answers: ScoredResponses) -> Result:
    seed = provenance.block_seed(study.plan.seed, block.id)
    return _run(study, block, answers, _arguments(study, block, seed))


def _arguments(study: "Study", block: BlockPlan, seed: int) -> dict[str, Any]:
    run = analysis(block.use).run
    arguments = dict(block.options)
    for name, file in file_options(run, block.options).items():
        arguments[name] = study.table(file)
    if takes(run, "seed"):
        arguments["seed"] = seed
    if takes(run, "waves"):
        arguments["waves"] = study.plan.waves
    if takes(run, "returns"):
        arguments["returns"] = study.returns()
    return arguments


def _run(study: "Study", block: BlockPlan, answers: ScoredResponses, arguments: Mapping[str, Any]) -> Result:
    try:
        result = analysis(block.use).run(answers, **arguments)
    except EstimationError as error:
        return NotEstimated.because(error.note)
    except PlanError as error:
        raise _refused(study, block, error.message) from error
    except (ValueError, TypeError) as error:
        if is_told(error):
            raise _refused(study, block, str(error)) from error
        raise
    if not isinstance(result, Result):
        raise TypeError(f"The run of {block.use} returned a {type(result).__name__}, not a Result.")
    return result


def _refused(study: "Study", block: BlockPlan, message: str) -> PlanError:
    said = f"[[analysis]] {block.id!r}: {message.removesuffix('.')}"
    return PlanError(message, [Problem(study.plan_file, said, "correct the block", "wrong_option")])
