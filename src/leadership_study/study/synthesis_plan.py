"""``[synthesis]`` of a study file: which blocks the joint display is made of, and the parameters of its rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadership_study.study.checked import Table
from leadership_study.synthesis.checklist_texts import CHECKLISTS
from leadership_study.synthesis.joint_display import COEFFICIENTS, Coefficient

if TYPE_CHECKING:
    from leadership_study.study.plan import BlockPlan

PARTS = ("joint_display", "argument", "checklists")
"""What is stored of the synthesis, like blocks; no block may have such an id."""

_SCORES = ("repeated", "descriptives")
_GAPS = ("differences", "groups")


@dataclass(frozen=True, kw_only=True)
class SynthesisPlan:
    """``[synthesis]``: ids of blocks, each with the dimension that it is about where its options say it."""

    scores: str | None = None
    gaps: tuple[str, ...] = ()
    influences: Mapping[str, str] | tuple[str, ...] = ()
    problem_share: float = 1 / 3
    sound_share: float = 0.0
    coefficient: Coefficient = "krippendorff_alpha"
    quotes: int = 2
    min_sources: int = 2
    min_agreement: float = 0.667
    checklists: tuple[str, ...] = CHECKLISTS


def read_synthesis(top: Table, blocks: "Sequence[BlockPlan]") -> SynthesisPlan | None:
    """Read and check ``[synthesis]``; None when the plan has none."""
    for block in blocks:
        if block.id.lower() in PARTS:
            message = f"the id {block.id!r} stands for a part of the synthesis"
            place = f"[[analysis]] {block.id!r}"
            top.problems.note(place, message, "give the block another id", "duplicate_id")
    if not top.has("synthesis"):
        return None
    table, default = top.table("synthesis"), SynthesisPlan()
    ids = [block.id for block in blocks]
    uses = {block.id: block.use for block in blocks}
    scores = table.choice("scores", ids, "") if table.has("scores") else ""
    if scores and uses[scores] not in _SCORES:
        _unfit(table, "scores", scores, uses[scores], _SCORES)
    gaps = table.names_of("gaps", ids, "[[analysis]] block") if table.has("gaps") else ()
    for id in gaps:
        if uses[id] not in _GAPS:
            _unfit(table, "gaps", id, uses[id], _GAPS)
    influences = table.names_of("influences", ids, "[[analysis]] block") if table.has("influences") else ()
    outcomes = {block.id: str(block.options["outcome"]) for block in blocks if "outcome" in block.options}
    for id in influences:
        if id not in outcomes:
            _unfit(table, "influences", id, uses[id], ("regression", "multilevel"))
    problem_share = _share(table, "problem_share", default.problem_share)
    sound_share = _share(table, "sound_share", default.sound_share)
    if sound_share >= problem_share:
        table.wrong("sound_share", f"below 'problem_share' ({problem_share:g})")
        problem_share, sound_share = default.problem_share, default.sound_share
    coefficient = table.choice("coefficient", list(COEFFICIENTS), default.coefficient)
    min_sources = table.whole("min_sources", default.min_sources)
    if min_sources < 1:
        table.wrong("min_sources", "a whole number from 1 on")
    plan = SynthesisPlan(
        scores=scores or None,
        gaps=gaps,
        influences={id: outcomes[id] for id in influences if id in outcomes},
        problem_share=problem_share,
        sound_share=sound_share,
        coefficient=next(one for one in COEFFICIENTS if one == coefficient),
        quotes=table.whole("quotes", default.quotes),
        min_sources=max(min_sources, 1),
        min_agreement=_share(table, "min_agreement", default.min_agreement),
        checklists=table.names_of("checklists", list(CHECKLISTS), "checklist", default.checklists),
    )
    table.finish()
    return plan


def _share(table: Table, key: str, default: float) -> float:
    if not table.has(key):
        return default
    value = table.data[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        table.wrong(key, "a number from 0 to 1")
        return default
    return float(value)


def _unfit(table: Table, key: str, id: str, use: str, wanted: Sequence[str]) -> None:
    told = f"the block {id!r} in {key!r} is of the analysis {use!r}, not of {' or '.join(map(repr, wanted))}"
    table.problems.note(table.place, told, "name another block, or leave it out", "unknown_name", id)
