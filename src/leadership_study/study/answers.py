"""The answers of a study, validated and scored: by its own rules, or by others in their place."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leadership_study.errors import ResponseError
from leadership_study.scoring import ScoredResponses, score
from leadership_study.scoring._scales import ScoringRule
from leadership_study.study.context import read_context
from leadership_study.study.weights import weighted
from leadership_study.validation import ValidatedResponses, validate

if TYPE_CHECKING:
    from leadership_study.study.pipeline import Study


def validate_study(study: "Study", exclusions: Mapping[str, Any]) -> ValidatedResponses:
    """Hold the answers as received against the questionnaire, and leave out whom ``exclusions`` leave out.

    Raises
    ------
    ResponseError
        With every problem of every answer; or when nobody is left of a block.
    """
    repairs = {block.id: block.repairs for block in study.plan.responses}
    validated = validate(study.raw(), study.instrument, exclusions=exclusions, repairs=repairs)
    left = set(validated.block)
    if empty := [block.id for block in study.plan.responses if block.id not in left]:
        raise ResponseError(
            f"No respondent of {', '.join(empty)} is left to analyse: they answered no item, or the plan's "
            "[exclusions] leave them out; check the answers and these rules"
        )
    return validated


def score_study(study: "Study", validated: ValidatedResponses, rule: ScoringRule) -> ScoredResponses:
    """Score validated answers by ``rule``, with the study's context, nesting and weights."""
    scored = score(
        validated,
        method=rule.method,
        min_answered=rule.min_answered,
        proration=rule.proration,
        item_weights=rule.item_weights,
        context=read_context(study.project, study.plan.name, study.plan.context, study.setting()),
        nested_in=study.plan.nested_in,
    )
    plan = study.plan.weights
    return scored if plan is None else weighted(scored, plan, study.table(plan.population), study.plan_file)
