"""Transcripts: what an informant said, turn by turn, with the facts of the interview."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Day
from pathlib import Path

from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.subtitles import from_subtitles
from leadership_study.interviews.text import normalise, read_bytes, text_of
from leadership_study.interviews.word_text import docx_text

ROLES = ("official", "head", "principal", "teacher")
"""Informants of the source study; other words are allowed."""
SUFFIXES = (".txt", ".md", ".docx", ".srt", ".vtt")

_FENCE = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)\n?", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"^([^\s:：][^:：\n]{0,30}?)[ \t]*[:：][ \t]*(.*)$")
_SPEAKER = re.compile(
    r"^(?:\*\*|__)?(?:\[(?P<bracket>[^\]\n]{1,24})\]|(?P<plain>[^\s:：\[\]<>][^:：\n\[\]<>。，！？!?.;；]{0,23}?))"
    r"(?P<mark>(?:\*\*|__)?[ \t]*[:：](?:\*\*|__)?|(?<=\])[ \t]*[:：]?)[ \t]*"
)
NAMES = {
    "id": "id", "编号": "id", "访谈编号": "id", "受访者编号": "id", "informant": "id", "informant_id": "id",
    "role": "role", "角色": "role", "身份": "role", "职务": "role",
    "district": "district", "学区": "district", "date": "date", "日期": "date", "访谈日期": "date",
    "minutes": "minutes", "时长": "minutes", "language": "language", "语言": "language",
}  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """One turn: ``text[start:end]`` of the transcript, without the speaker's label."""

    number: int
    speaker: str
    start: int
    end: int


@dataclass(frozen=True)
class Transcript:
    """One interview.

    Attributes
    ----------
    id, role, district, date
        From the front matter; the id is the file's name without ending when there is none.
    text
        What was said, newline-normalised, without front matter. Every offset counts its code points from 0.
    turns
        By speaker labels at the start of lines (``T1:``, ``访谈者：``, ``[id1]``); without any, one turn a paragraph.
    facts
        All other entries of the front matter.
    """

    id: str
    text: str
    turns: tuple[Turn, ...] = ()
    role: str | None = None
    district: str | None = None
    date: Day | None = None
    source: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    def quote(self, start: int, end: int) -> str:
        """The text of a half-open range of code points."""
        return self.text[start:end]


def read_transcript(path: str | Path) -> Transcript:
    """Read a transcript from ``.txt``, ``.md``, ``.docx``, ``.srt`` or ``.vtt``.

    The front matter stands between two lines ``---`` at the start, ``key: value`` a line: id, role, district, date
    (YYYY-MM-DD) and whatever else is known.

    Raises
    ------
    ImportFormatError
        Missing, no text, an unknown ending, a date that is none, or nothing said.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        listed = ", ".join(SUFFIXES)
        raise refused(path.name, "unknown_format", f"transcripts are {listed}, not {suffix or 'a file without ending'}",
                      "save it in one of these")  # fmt: skip
    data = read_bytes(path)
    raw = normalise(docx_text(data, path.name) if suffix == ".docx" else text_of(data, path.name))
    if suffix in (".srt", ".vtt"):
        raw = from_subtitles(raw, path.name)
    return parse_transcript(raw, path.name)


def parse_transcript(raw: str, file: str) -> Transcript:
    """A transcript from its text with front matter; ``file`` is named in problems and gives the default id."""
    problems = Problems()
    text, facts = _front_matter(normalise(raw))
    when = None
    if "date" in facts:
        given = facts.pop("date")
        try:
            when = Day.fromisoformat(given.replace("/", "-").replace(".", "-"))
        except ValueError:
            problems.error(file, "bad_date", "the date of the interview is none", "write it as 2026-03-01", value=given)
    if not text.strip():
        problems.error(file, "empty_transcript", "nothing is said in it", "give the text of the interview")
    problems.refuse(f"The transcript {file}")
    return Transcript(
        id=facts.pop("id", Path(file).stem),
        text=text,
        turns=turns_of(text),
        role=facts.pop("role", None),
        district=facts.pop("district", None),
        date=when,
        source=file,
        facts=facts,
    )


def turns_of(text: str) -> tuple[Turn, ...]:
    """Cut a text into turns.

    A line that begins with a speaker begins a turn. A label counts when it occurs at least
    twice, or is short (a letter and a number, as in ``T1:``), or stands in brackets.
    """
    lines = []
    at = 0
    for line in text.split("\n"):
        lines.append((at, line))
        at += len(line) + 1
    labels = [(_SPEAKER.match(line), start, line) for start, line in lines]
    counted: dict[str, int] = {}
    for match, _, _ in labels:
        if match:
            counted[_label(match)] = counted.get(_label(match), 0) + 1
    turns: list[Turn] = []
    begun: tuple[str, int] | None = None
    last_end = 0
    labelled = False
    for match, start, line in labels:
        is_label = match is not None and (
            match["bracket"] is not None
            or counted[_label(match)] > 1
            or re.fullmatch(
                r"(?i:[a-z]{1,3}\d{0,3}|interviewer|respondent|informant|moderator)|[问答访受]|(?:访谈|采访|受访|被访)者|主持人",
                _label(match),
            )
            is not None
        )
        if match is not None and is_label:
            if begun is not None:
                _close(turns, begun, last_end, text)
            begun, labelled = (_label(match), start + match.end()), True
        elif begun is None and line.strip():
            begun = ("", start)
        elif begun is not None and not labelled and not line.strip():
            _close(turns, begun, last_end, text)
            begun = None
        if line.strip():
            last_end = start + len(line.rstrip())
    if begun is not None:
        _close(turns, begun, last_end, text)
    return tuple(turns)


def _close(turns: list[Turn], begun: tuple[str, int], end: int, text: str) -> None:
    speaker, start = begun
    while start < end and text[start].isspace():
        start += 1
    if end > start:
        turns.append(Turn(len(turns) + 1, speaker, start, end))


def _label(match: re.Match[str]) -> str:
    return str(match["bracket"] or match["plain"]).strip(" *_\t")


def _front_matter(raw: str) -> tuple[str, dict[str, str]]:
    match = _FENCE.match(raw)
    if match is None:
        return raw, {}
    facts: dict[str, str] = {}
    for line in match[1].splitlines():
        if entry := _KEY.match(line):
            key = entry[1].strip()
            value = entry[2].strip().strip("\"'")
            if value:
                facts[NAMES.get(key.casefold(), key)] = value
    return raw[match.end() :], facts
