"""A multiverse of a study: what it must have been made from, and its computation."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from leadership_study.errors import ResponseError
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses
from leadership_study.study import provenance
from leadership_study.study.answers import score_study, validate_study
from leadership_study.study.plan_block import BlockPlan
from leadership_study.study.plan_multiverse import MultiversePlan
from leadership_study.study.variations import compute_multiverse

if TYPE_CHECKING:
    from leadership_study.study.pipeline import Study

RunBlock = Callable[[BlockPlan, ScoredResponses], Result]


def multiverse_fingerprint(study: "Study", plan: MultiversePlan, data: str) -> str:
    """Return the hash of everything the result depends on; ``data`` is that of the answers as planned."""
    project, raw = study.project, study.project.raw(study.plan.name)
    files = [file for block in study.plan.responses for file in block.files]
    return provenance.fingerprint(
        {
            "base": asdict(plan.base),
            "terms": plan.terms,
            "decisions": [[asdict(choice) for choice in choices] for choices in plan.decisions],
            "data_sets": plan.data_sets,
            "runs": [[*key, *run] for key, run in plan.runs.items()],
            "answers": {file: provenance.file_sha256(raw / file) for file in files},
            "exclusions": study.plan.exclusions,
            "scoring": asdict(study.plan.scoring),
            "min_flags": study.plan.min_flags,
            "data": data,
            "questionnaire": provenance.file_sha256(study.questionnaire_file),
            "nested_in": study.plan.nested_in,
            "seed": provenance.block_seed(study.plan.seed, plan.base.id),
            "package": provenance.package_sha256(computing=True),
            "versions": provenance.versions(computing=True),
            "lock": provenance.file_sha256(project.lock_file),
        }
    )


def run_multiverse(study: "Study", plan: MultiversePlan, run_block: RunBlock) -> Result:
    """Repeat the analysis of a multiverse; every universe has the seed of the analysis itself.

    Parameters
    ----------
    study, plan
        The study and the multiverse of its plan.
    run_block
        Runs a block of the plan on answers.
    """

    def scored_under(exclusions: Mapping[str, Any] | None, scoring: Mapping[str, Any] | None) -> ScoredResponses | Note:
        if exclusions is None and scoring is None:
            return study.scored().of(plan.of)
        try:
            validated = study.validated() if exclusions is None else validate_study(study, exclusions)
        except ResponseError:
            return Note("nobody_left_in_universe", "With these exclusions a group of respondents has nobody left.")
        rule = study.plan.scoring if scoring is None else replace(study.plan.scoring, **scoring)
        return score_study(study, validated, rule).of(plan.of)

    def run(answers: ScoredResponses, use: str, options: Mapping[str, Any]) -> Result:
        return run_block(replace(plan.base, use=use, options=options), answers)

    seed = provenance.block_seed(study.plan.seed, plan.base.id)
    return compute_multiverse(plan, scored_under, run, seed=seed, min_flags=study.plan.min_flags)
