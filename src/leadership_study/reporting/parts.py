"""What a report consists of, whatever the format: sections of paragraphs, tables and figures.

Everything is frozen text, ready to be set; every number keeps the reference and the unrounded value that it shows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

_WRAPPED, _NARROW = 24, 15  # characters: where words are wrapped, and where they are if a table would else be too wide
_PAGE, _TIGHT = 112, 140  # characters that an upright page holds in small and in smaller print

RESPONDENTS = "respondents"
"""The block under which the flow of respondents is referred to: ``respondents.flow.<step>.n``."""


@dataclass(frozen=True)
class Number:
    """A stored value as shown: ``ref`` is ``<block>.<table>.<row>.<column>``, ``text`` its rounded form."""

    ref: str
    value: Any
    text: str


@dataclass(frozen=True)
class Symbol:
    """A statistical symbol or another word with a shape of its own: *M*, *p*, r with the index wg."""

    text: str
    style: Literal["italic", "subscript", "code"] = "italic"


@dataclass(frozen=True)
class Link:
    """Words that lead to a file beside the report."""

    text: str
    href: str


Span = str | Number | Symbol | Link
Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; ``kind`` says what it is for."""

    spans: Spans
    kind: Literal["text", "notice", "note", "reference", "missing"] = "text"


@dataclass(frozen=True)
class Pairs:
    """Names with their values, one pair a line: definitions, provenance."""

    rows: tuple[tuple[Spans, Spans], ...]


@dataclass(frozen=True)
class Cell:
    """One cell of a table; ``muted`` is shown in grey, ``repeated`` is as the cell above and stays empty."""

    spans: Spans
    muted: bool = False
    repeated: bool = False

    @property
    def shown(self) -> Spans:
        """What stands in the cell."""
        return () if self.repeated else self.spans


@dataclass(frozen=True, kw_only=True)
class Table:
    """A three-line table: caption above, rules at the top, below the header and at the bottom, notes below.

    ``ref`` is ``<block>.<table>``; ``stub`` counts the leading columns that name the row.
    """

    ref: str
    label: str
    caption: Spans
    header: tuple[Spans, ...]
    rows: tuple[tuple[Cell, ...], ...]
    stub: int = 1
    notes: tuple[Paragraph, ...] = ()
    csv: str | None = None

    def column_of_words(self, at: int) -> bool:
        """Whether a column holds words, which are set to the left; numbers are set to the right."""
        said = [spans for spans in (row[at].spans for row in self.rows) if plain(spans) not in ("", "–")]
        return at < self.stub or (bool(said) and all(_is_words(spans) for spans in said))

    @property
    def widths(self) -> list[int]:
        """Width that each column needs, in Latin characters: words may be broken between lines, numbers may not.

        Words are broken into shorter lines where that spares turning the page.
        """
        roomy, narrow = self._widths(_WRAPPED), self._widths(_NARROW)
        return narrow if sum(narrow) <= _TIGHT < sum(roomy) else roomy

    def _widths(self, wrapped: int) -> list[int]:
        widths = []
        for at, head in enumerate(self.header):
            cells = [row[at].spans for row in self.rows]
            body = max((spans_width(spans) for spans in cells), default=0)
            if self.column_of_words(at):
                body = min(body, wrapped)
            longest = max((spans_width((word,)) for word in plain(head).split()), default=0)
            widths.append(max(body, min(longest, wrapped)) + (6 if self.after_number(at) else 2))
        return widths

    @property
    def tight(self) -> bool:
        """Whether the table fits on an upright page only in smaller print."""
        return _PAGE < sum(self.widths) <= _TIGHT

    @property
    def wide(self) -> bool:
        """Whether the table needs a page turned on its side."""
        return sum(self.widths) > _TIGHT

    def after_number(self, at: int) -> bool:
        """Whether a column of words follows one of numbers: these end where those begin, so a gap must part them."""
        return at > 0 and self.column_of_words(at) and not self.column_of_words(at - 1)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture with its caption below and a description for those who cannot see it."""

    ref: str
    label: str
    caption: Spans
    alt: str
    png: bytes
    svg: str


Part = Paragraph | Pairs | Table | Figure


@dataclass(frozen=True, kw_only=True)
class Section:
    """A headed stretch of the report; ``level`` 1 is a chapter, 2 a part of one."""

    id: str
    title: str
    parts: tuple[Part, ...]
    level: int = 1


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole report in one language, ready for any format.

    ``words`` are the few words that formats themselves need (``contents``, ``note``, ``page``, ``csv`` …).
    """

    study: str
    title: str
    language: str
    sections: tuple[Section, ...]
    notice: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def home(self, ref: str) -> str:
        """Return the path of the stored file that holds the number ``ref``, from the report's folder."""
        block, table = ref.split(".")[:2]
        return stored_file(self.study, block, table)

    def tables(self) -> list[Table]:
        """All tables in order."""
        return [part for section in self.sections for part in section.parts if isinstance(part, Table)]

    def figures(self) -> list[Figure]:
        """All figures in order."""
        return [part for section in self.sections for part in section.parts if isinstance(part, Figure)]

    def numbers(self) -> Iterator[Number]:
        """Every number of the prose and the tables, in order."""
        for section in self.sections:
            for part in section.parts:
                yield from (span for span in _spans(part) if isinstance(span, Number))


def _spans(part: Part) -> Iterator[Span]:
    match part:
        case Paragraph():
            yield from part.spans
        case Pairs():
            for name, value in part.rows:
                yield from (*name, *value)
        case Table():
            yield from part.caption
            yield from (span for head in part.header for span in head)
            yield from (span for row in part.rows for cell in row for span in cell.spans)
            yield from (span for note in part.notes for span in note.spans)
        case Figure():
            yield from part.caption


def stored_file(study: str, block: str, table: str) -> str:
    """Return the path of a stored table from ``reports/<study>/``; definitions stand in the block's JSON."""
    home = f"../../data/processed/{study}"
    if block == RESPONDENTS:
        return f"{home}/{table}.csv"
    return f"{home}/results/{block}.json" if table == "definition" else f"{home}/results/{block}.{table}.csv"


def _is_words(spans: Spans) -> bool:
    bound = any(isinstance(span, Number) for span in spans)
    return not bound and any(letter.isalpha() for letter in plain(spans))


def plain(spans: Spans) -> str:
    """Return the text of ``spans`` without their shapes."""
    return "".join(span if isinstance(span, str) else span.text for span in spans)


def spans_width(spans: Spans) -> int:
    """Return the width of ``spans`` in Latin characters; an East Asian character counts twice."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in plain(spans))
