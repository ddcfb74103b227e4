"""The synthesis as blocks of the report: its tables, the diagram, and the argument in sentences."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from leadership_study.districts._labelled import Labelled
from leadership_study.reporting.argument_text import argument_paragraphs, first_sentence
from leadership_study.reporting.blocks import Block, Picture
from leadership_study.reporting.languages import Language, load_language
from leadership_study.reporting.naming import Names
from leadership_study.reporting.parts import Paragraph
from leadership_study.results import NotEstimated, Result
from leadership_study.study.evidence import Evidence, read_said
from leadership_study.study.synthesis_plan import PARTS
from leadership_study.synthesis.argument import Argument
from leadership_study.synthesis.checklists import OF_ANALYSES, place

if TYPE_CHECKING:
    from leadership_study.study.pipeline import Study

_OF_INTERVIEWS = {
    **dict.fromkeys(("transcripts", "roles", "dates", "minutes", "codebook", "pseudonyms"), ("interview_material",)),
    **dict.fromkeys(("coders", "agreement", "adjudication"), ("code_agreement",)),
    "saturation": ("saturation",),
    "frequencies": ("code_frequencies",),
}

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
    """Return what the ids of a part are called: the study's labels, its own words, blocks by their titles.

    Elements of an argument are called by their first sentence; the rest, with its numbers, stands in the paragraphs.
    """
    words = load_language(language)
    titles = {
        block.id: words.text_of(block.title or {}, "") or str(words.analysis(block.use).get("title", block.id))
        for block in study.plan.blocks
    }
    said = result.labels(language) if isinstance(result, Labelled) else {}
    own = dict(words.analysis(part).get("labels", {}))
    if isinstance(result, Argument):
        said |= {str(id): first_sentence(said[str(id)]) for id in result.elements.index}
        said |= _references(titles, result)
    if part == "checklists":
        own |= _places(study, own, titles, words)
    return {**titles, **labels, **own, **said}


def _references(titles: Mapping[str, str], result: Argument) -> dict[str, str]:
    """Call references of evidence by the title of their block and what stands behind it."""
    keys = [str(key[1]) for key in result.evidence.index[result.evidence["kind"] == "result"]]
    return {key: f"{titles.get(block, block)} ({rest})" for key in keys for block, _, rest in [key.partition(".")]}


def _places(study: "Study", own: Mapping[str, str], titles: Mapping[str, str], words: Language) -> dict[str, str]:
    """Return where facts stand: the section of the report, or the file of the study."""
    uses: dict[str, list[str]] = {}
    for block in study.plan.blocks:
        uses.setdefault(block.use, []).append(titles[block.id])
    homes = {**OF_ANALYSES, **_OF_INTERVIEWS, **{part: (part,) for part in PARTS}, "argument_gaps": ("argument",)}
    sections = words.data["sections"]
    found = {
        "title": sections["about"]["title"],
        "questionnaire": f"questionnaires/{study.plan.questionnaire}.toml",
        "flow": sections["respondents"]["title"],
        "exclusions": sections["respondents"]["title"],
        "plan": f"studies/{study.plan.name}.toml",
        "provenance": sections["appendix"]["provenance"],
        "software": sections["appendix"]["provenance"],
        "quotes": str(words.analysis("joint_display")["title"]),
        "judgements_or_rule": str(words.analysis("joint_display")["title"]),
    }
    if study.plan.interviews is not None:
        found |= dict.fromkeys(("guide", "consent"), f"questionnaires/{study.plan.interviews.guide}.toml")
    for fact, wanted in homes.items():
        if fact in PARTS or fact == "argument_gaps":
            found[fact] = str(words.analysis(wanted[0])["title"])
        elif there := [title for use in wanted for title in uses.get(use, [])]:
            found[fact] = there[0]
    frame = own["place"]
    return {
        place(fact): frame.format(fact=own[place(fact)], section=section)
        for fact, section in found.items()
        if place(fact) in own
    }
