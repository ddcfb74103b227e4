"""What a header may mean: numbers, questions, rows of tables of questions and options are written in many ways.

Nothing is decided here: every reading is given back, and only one that equals an id or a wording of the questionnaire
counts (`_columns`).
"""

import html
import re

from leadership_study.importing._wording import TAGS

_NUMBERED = re.compile(
    r"^(?:[(（]\d+[)）]\s*)?(?:\*\s*)?(?:第\s*(?P<a>\d+)\s*题|[Qq]?(?P<b>\d+)\s*(?:[、:：)）]|[.．](?!\d))|[Qq](?P<c>\d+)\s+)"
    r"(?:\s*[(（]\d+[)）](?=\S))?\s*(?P<wording>.*)$",
    re.DOTALL,
)
_IN_BRACKETS = re.compile(r"^[(（\[【](?P<inner>.*)[)）\]】]$", re.DOTALL)
_AT_END = re.compile(r"^(?P<stem>.*?)\s*[\[(（【](?P<inner>[^\[\]【】]*)[\])）】]\s*$", re.DOTALL)
_JOINTS = re.compile(r"\s*(?:[—–―]+|\s-\s|-|/|[:：]|>>|\|)\s*")
_BARE = re.compile(r"(?P<family>.*?)(?:第\s*)?(?P<number>\d+)\s*(?:[.．、:：)）\]]|题)?", re.DOTALL)


def plain(header: str) -> str:
    """Return a header without HTML: entities turned, tags taken out, one space for many."""
    text = html.unescape(header) if "&" in header else header
    return re.sub(r"\s+", " ", TAGS.sub(" ", text)).strip()


def wordings(header: str) -> tuple[str, ...]:
    """Return every text that a header may have as the wording of its question, the header itself first."""
    found = [header, plain(header)]
    text = _without_number(found[1])
    found.append(text)
    if bracketed := _IN_BRACKETS.match(text):
        found.append(bracketed["inner"].strip())
    if (ended := _AT_END.match(text)) and ended["stem"]:
        found += [ended["inner"].strip(), _without_number(ended["inner"].strip())]
    # A wording may itself hold a dash: every place may be where the stem ends.
    for joint in _JOINTS.finditer(text):
        found += [text[joint.end() :].strip(), _without_number(text[joint.end() :].strip())]
    return tuple(dict.fromkeys(text for text in found if text))


def parts(header: str) -> tuple[tuple[str, str], ...]:
    """Return every way to cut a header into a question and an option; ``#5`` where only its number is there."""
    text = plain(header)
    numbered = _NUMBERED.match(text)
    body = numbered["wording"].strip() if numbered else text
    found: list[tuple[str, str]] = []
    if numbered and (bracketed := _IN_BRACKETS.match(body)):
        found.append((_question(numbered), bracketed["inner"].strip()))
    if (ended := _AT_END.match(body)) and ended["stem"]:
        found.append((ended["stem"].strip(), ended["inner"].strip()))
        if numbered:  # only the first option may have the question before it
            found.append((_question(numbered), ended["inner"].strip()))
    found += [(body[: at.start()].strip(), body[at.end() :].strip()) for at in _JOINTS.finditer(body)]
    if "_" in body:
        found.append((body.rpartition("_")[0].rstrip("_"), body.rpartition("_")[2]))  # REDCap: question___option
    return tuple((stem, option) for stem, option in dict.fromkeys(found) if stem and option)


def _question(numbered: re.Match[str]) -> str:
    return f"#{numbered['a'] or numbered['b'] or numbered['c']}"


def number_of(header: str) -> tuple[str, int] | None:
    """Return the number that a header consists of, with what stands before it: ``("Q", 1)``; None for other headers."""
    text = plain(header)
    bare = _BARE.fullmatch(text)
    if bare is None or len(bare["number"]) > 4:
        return None
    family = bare["family"].strip()
    return family.casefold(), int(bare["number"])


def is_numbered(header: str) -> bool:
    """Say whether a header begins with the number of a question, as platforms write it."""
    return _NUMBERED.match(header) is not None


def _without_number(text: str) -> str:
    numbered = _NUMBERED.match(text)
    return numbered["wording"].strip() if numbered else text
