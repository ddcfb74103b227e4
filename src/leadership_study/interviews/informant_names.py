"""What informants are called: by role and number, never by name."""

import re
from collections.abc import Mapping

from leadership_study.interviews.transcripts import Transcript

_ROLES = {
    "official": ("Official", "官员"), "head": ("Head", "学区长"), "principal": ("Principal", "校长"),
    "teacher": ("Teacher", "教师"), "parent": ("Parent", "家长"), "case": ("Case", "案例"),
}  # fmt: skip
_LEVELS = {
    "government": ("Government", "政府"), "head": ("Head", "学区长"), "inside": ("Inside the district", "学区内部"),
}  # fmt: skip
_INFORMANT = ("Informant", "受访者")
_NUMBER = re.compile(r"\d+")
_ASKS = re.compile(r"(?i:interviewer|moderator|[qi])|访谈者|采访者|访谈员|主持人|访|问")


def informant_names(transcripts: Mapping[str, Transcript], language: str = "en") -> dict[str, str]:
    """Role and number of each informant, by transcript: ``head_03`` is Head 03, in Chinese 学区长03.

    The number is the last one in the id; ids without one are numbered in order within their role. Two
    informants that would be called alike keep their id behind the role.
    """
    names: dict[str, str] = {}
    counted: dict[str, int] = {}
    chinese = language == "zh"
    for id in sorted(transcripts):
        role = transcripts[id].role or ""
        word = _ROLES[role][chinese] if role in _ROLES else role.capitalize() or _INFORMANT[chinese]
        counted[role] = counted.get(role, 0) + 1
        found = _NUMBER.findall(id)
        number = found[-1] if found else f"{counted[role]:02}"
        names[id] = f"{word}{number}" if chinese else f"{word} {number}"
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {id: f"{name} ({id})" if name in twice else name for id, name in names.items()}


def role_names(language: str = "en") -> dict[str, str]:
    """What the roles are called: the words before the number."""
    return {role: words[language == "zh"] for role, words in _ROLES.items()}


def level_names(language: str = "en") -> dict[str, str]:
    """What the levels of causes are called."""
    return {level: words[language == "zh"] for level, words in _LEVELS.items()}


def interviewers(transcripts: Mapping[str, Transcript]) -> list[str]:
    """Speakers who ask: called so, or the one who speaks first in several transcripts under the same label."""
    speakers = {turn.speaker for one in transcripts.values() for turn in one.turns}
    asked = [name for name in speakers if _ASKS.fullmatch(name)]
    first = [one.turns[0].speaker for one in transcripts.values() if one.turns]
    return sorted({*asked, *(name for name in first if name and first.count(name) > 1)})
