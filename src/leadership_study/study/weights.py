"""``[weights]``: respondents weighted to the shares of their population."""

from dataclasses import replace

import pandas as pd

from leadership_study.errors import EstimationError, PlanError, Problem
from leadership_study.measurement._population_shares import check_answers, population_shares
from leadership_study.results import Note
from leadership_study.samples.weighting import rake
from leadership_study.scoring import ScoredResponses
from leadership_study.study.plan import WeightsPlan


def weighted(scored: ScoredResponses, plan: WeightsPlan, population: pd.DataFrame, plan_file: str) -> ScoredResponses:
    """Return ``scored`` with weights by which the blocks of the plan have the shares of ``population``.

    Weights that the answers came with are the start; those of other blocks stay, 1 where there were none. Weights of a
    block have the mean 1.

    Raises
    ------
    PlanError
        When the table of the population does not fit, or no weights reach its shares.
    """
    chosen = scored.block.isin(list(plan.of))
    part = scored.of(plan.of)
    try:
        shares = population_shares(population, scored.instrument)
        data = part.frame(list(shares))
        check_answers(data, shares)
        raked = rake(
            data, {name: table["share"] for name, table in shares.items()}, base=part.weights, largest=plan.largest
        )
    except (PlanError, EstimationError) as error:
        said = f"[weights]: {str(error).removesuffix('.')}"
        problem = Problem(plan_file, said, f"correct {plan.population} or the plan", "weights")
        raise PlanError(said, [problem]) from error
    own = scored.weights if scored.weights is not None else pd.Series(1.0, index=scored.items.index, name="weight")
    text = (
        "Respondents of {blocks} have weights by which {variables} are distributed as in the population; the variance "
        "of a mean grows by the factor {design_effect} through them. Analyses that do not use weights say so."
    )
    values = {"blocks": list(plan.of), "variables": list(shares), "design_effect": raked.design_effect}
    weights = own.mask(chosen, raked.weights.reindex(own.index))
    notes = [Note("weighted_to_population", text, values)]
    nobody = raked.shares[(raked.shares["share"] == 0) & (raked.shares["population_share"] > 0)]
    if len(nobody):
        text = "Nobody has these levels of the population, so the weights are to the shares of the others: {levels}."
        notes.append(
            Note("weights_without_levels", text, {"levels": [f"{name}[{level}]" for name, level in nobody.index]})
        )
    return replace(scored, weights=weights, notes=(*scored.notes, *notes))
