"""What the report is told about each analysis of the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadership_study.reporting.languages import Language
from leadership_study.reporting.parts import Paragraph
from leadership_study.results import Result


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One figure of a block: ``kind`` names its caption in the language files."""

    kind: str
    png: bytes
    svg: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """One ``[[analysis]]`` block with its result as read back from the store.

    ``title`` is the plan's (empty: the analysis's own), ``options`` the options that ``run`` had, defaults included,
    ``of`` the blocks of respondents whose answers it used (empty: all). ``labels`` are those of this block where its
    respondents read another wording (leaders about themselves). ``compared`` has the main table with and without the
    flagged respondents, where the plan calls the block a headline. A setting is ``of_nobody``: it uses no answers.
    ``told`` are paragraphs that a person wrote, which stand between the findings and the tables.
    """

    id: str
    use: str
    result: Result
    title: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    of: tuple[str, ...] = ()
    labels: Mapping[str, str] | None = None
    compared: Result | None = None
    of_nobody: bool = False
    told: tuple[Paragraph, ...] = ()


def title_of(words: Language, block: Block) -> str:
    """Return the heading of a block: the plan's, or the analysis's own."""
    own = words.analysis(block.use).get("title", block.use.replace("_", " ").capitalize())
    return words.text_of(block.title, own) if block.title else str(own)
