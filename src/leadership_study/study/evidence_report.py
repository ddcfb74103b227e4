"""The synthesis as blocks of the report: its tables, the diagram, and the argument in sentences."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from leadership_study.reporting.argument_text import argument_paragraphs
from leadership_study.reporting.blocks import Block, Picture
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.naming import Names
from leadership_study.reporting.parts import Paragraph
from leadership_study.results import NotEstimated, Result
from leadership_study.study.evidence import Evidence, read_said
from leadership_study.study.synthesis_plan import PARTS
from leadership_study.synthesis.joint_display import JointDisplay

if TYPE_CHECKING:
    from leadership_study.study.pipeline import Study

Draw = Callable[["Study", str, Result, str, Mapping[str, str]], tuple[Picture, ...]]
"""Draws every figure of a block in a language with the given labels."""


def evidence_blocks(
    study: "Study",
    evidence: Evidence,
    results: Mapping[str, Result],
    *,
    language: str,
    labels: Mapping[str, str],
    names: Names,
    draw: Draw,
) -> list[Block]:
    """Return the parts of the synthesis as blocks, in their order; none when the plan has no ``[synthesis]``."""
    if study.plan.synthesis is None:
        return []
    said = read_said(study)
    blocks = []
    for part in PARTS:
        result = evidence[part]
        own = evidence_labels(study, part, result, language, labels)
        told: tuple[Paragraph, ...] = ()
        if part == "argument" and said is not None and not isinstance(result, NotEstimated):
            told = argument_paragraphs(said, results, labels, language)
        blocks.append(
            Block(
                id=part,
                use=part,
                result=result,
                pictures=draw(study, part, result, language, {**names.in_rows, **own}),
                labels=own,
                of_nobody=True,
                told=told,
            )
        )
    return blocks


def evidence_labels(
    study: "Study", part: str, result: Result, language: str, labels: Mapping[str, str]
) -> dict[str, str]:
    """Return what the ids of a part are called: the study's labels, its own words, blocks by their titles."""
    words = load_language(language)
    titles = {
        block.id: words.text_of(block.title, "")
        if block.title
        else str(words.analysis(block.use).get("title", block.id))
        for block in study.plan.analyses
    }
    said = result.labels(language) if hasattr(result, "labels") else {}
    own = words.analysis(part).get("labels", {})
    return {**titles, **_titled(titles, result), **labels, **own, **said}


def _titled(titles: Mapping[str, str], result: Result) -> dict[str, str]:
    """Call references of evidence by the title of their block and what stands behind it."""
    table = result.tables().get("evidence")
    if table is None or isinstance(result, JointDisplay):
        return {}
    keys: Sequence[str] = [str(key[1]) for key in table.index[table["kind"] == "result"]]
    return {key: f"{titles.get(block, block)} ({rest})" for key in keys for block, _, rest in [key.partition(".")]}
