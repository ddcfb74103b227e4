"""Names of people in free text: with a title or an introduction, or standing alone; Chinese and Western.

A name that nothing marks as one cannot be told from words; those known from a column of names are looked for besides.
"""

import re
from collections.abc import Collection, Iterator

from leadership_study.importing._personal_words import (
    AFTER_NAME,
    BEFORE_SURNAME,
    DOUBLE_SURNAMES,
    FIRST_NAMES,
    GIVEN,
    LEADING,
    NO_GIVEN,
    NO_LAST,
    NO_NAME,
    NO_PINYIN,
    ORDINARY,
    PINYIN_SURNAMES,
    PLACES,
    PLAIN_SURNAMES,
    SURNAMES,
    TRANSCRIBING,
    USUAL_NAMES,
)

Place = tuple[int, int]

_CJK = "\u3400-\u9fff"
_SURNAME = f"(?:{'|'.join(DOUBLE_SURNAMES)}|[{''.join(sorted(SURNAMES))}])"
_PLAIN = f"(?:{'|'.join(DOUBLE_SURNAMES)}|[{''.join(sorted(PLAIN_SURNAMES))}])"
_TITLE = (
    "(?:副|总|大|老)?(?:校长|学区长|区长|园长|局长|院长|处长|科长|书记|主任|班主任|组长|老师|教授|教练|博士|先生|女士|小姐|同学|同志|"
    "医生|主席|部长|会计)"
)
_TITLED = re.compile(f"(?P<name>{_SURNAME}(?P<given>[{_CJK}]{{0,2}}?))(?={_TITLE})")
_AFTER_TITLE = re.compile(
    f"(?:校长|学区长|园长|老师|主任|书记|局长|班主任|教师)[:\\s]?(?P<name>{_PLAIN}(?P<given>[{_CJK}]{{1,2}}))"
    f"(?=$|[^{_CJK}]|[{AFTER_NAME}])"
)
_INTRODUCED = re.compile(
    r"(?:我叫做?|我的名字(?:是|叫)|我名叫|本人叫?|名字(?:是|叫)|名叫|姓名[\s:]*(?:是|为|叫)?|联系人[\s:]*(?:是|为)?|"
    r"署名|签名|填表人|填写人|此致|敬上|我是|他叫|她叫|敬礼)[\s:,]*"
    f"(?P<name>{_SURNAME}(?P<given>[{_CJK}]{{1,2}}))"
)
_WITHOUT_SURNAME = re.compile(
    rf"(?:我叫|我的名字(?:是|叫)|名叫)\s*(?P<name>[{_CJK}]{{2,4}}?)(?=$|[^{_CJK}]|[{AFTER_NAME}])"
)
_WITH_DOT = re.compile(rf"(?P<name>[{_CJK}]{{1,8}}(?:·[{_CJK}]{{1,8}})+)")
_UNMARKED = re.compile(
    f"(?P<name>{'|'.join(sorted(USUAL_NAMES))}|{_PLAIN}(?P<given>[{''.join(sorted(GIVEN))}]{{2}}))"
    f"(?![{_CJK}]{{0,3}}(?:学|校|幼儿园|路|村|县|镇|乡|街|市|区|奖|精神|思想|调|大|化|烈|制))"
)
_SIGNATURE = re.compile(f"[-~]{{2,}}\\s*(?P<name>{_PLAIN}(?P<given>[{_CJK}]{{1,2}}))\\s*$")
_ALONE = re.compile(f"{_PLAIN}(?P<given>[{_CJK}]{{1,2}})")

_WORD = r"[A-Z\u00c0-\u00de][a-z\u00df-\u024f'’]+(?:-[A-Z\u00c0-\u00de]?[a-z\u00df-\u024f]+)?"
_INITIALS = r"(?:[A-Z]\.\s?)"
_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxzcsryw])?(?:iong|iang|uang|ang|eng|ong|ian|iao|ing|uai|uan|ai|ei|ao|ou|an|en|ia|ie|iu|in|"
    "ua|uo|ui|un|ve|ue|er|a|o|e|i|u|v|ü)"
)
_GIVEN_PINYIN = f"(?=[A-Z])(?i:{_SYLLABLE}(?:[-' ]?{_SYLLABLE})?)"
_MR = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam)\b\.?\s+(?P<name>{_INITIALS}*{_WORD}(?:\s+{_WORD}){{0,2}})"
)
_MY_NAME = re.compile(
    rf"(?i:\b(?:my|his|her)\s+(?:full\s+)?name\s+is|\bi\s+am\s+called|\bcall\s+me|\bname\s*:)\s+"
    rf"(?P<name>[A-Za-z\u00c0-\u024f'’-]{{2,}}(?:(?:\s+{_INITIALS}?{_WORD}){{1,2}}|\s+[a-z]{{2,}}\b)?)"
)
_I_AM = re.compile(
    rf"\b(?:I am|I['’]m|This is|[Rr]egards,|[Ss]incerely,|[Ss]igned:?|[Cc]ontact:?)\s+"
    rf"(?P<name>{_WORD}(?:\s+{_INITIALS}?{_WORD}){{1,2}})"
)
_OFFICE = re.compile(
    rf"\b(?:[Pp]rincipal|[Hh]eadmaster|[Hh]eadmistress|[Hh]ead ?[Tt]eacher|[Dd]irector|[Tt]eacher)\s+"
    rf"(?P<name>{_WORD}(?:\s+{_WORD})?)"
)
_FIRST = f"(?:{'|'.join(sorted(FIRST_NAMES))})"
_KNOWN_FIRST = re.compile(rf"\b(?P<name>{_FIRST}\s+{_INITIALS}?{_WORD})\b")
_LAST_FIRST = re.compile(rf"\b(?P<name>{_WORD},\s?{_FIRST})(?![a-z])")
_SIGNED = re.compile(rf"(?:[Rr]egards|[Ss]incerely|[Yy]ours|[Tt]hanks|[Tt]hank you),?\s+(?P<name>{_FIRST})(?![a-z])")
_IN_CAPITALS = f"(?:{'|'.join(sorted(PINYIN_SURNAMES)).upper()})"
_CAPITALS = re.compile(
    rf"(?<![A-Z] )\b(?P<name>{_IN_CAPITALS}\s+(?=[A-Z]+\b)(?i:{_SYLLABLE}(?:[-' ]?{_SYLLABLE})?))(?![A-Za-z']| [A-Z])"
)
_PINYIN = re.compile(rf"\b(?P<name>(?:{'|'.join(sorted(PINYIN_SURNAMES))})\s+{_GIVEN_PINYIN})(?![A-Za-z'])")
_PINYIN_LAST = re.compile(rf"\b(?P<name>{_GIVEN_PINYIN}\s+(?:{'|'.join(sorted(PINYIN_SURNAMES))}))(?![A-Za-z'])")
_ORGANISATION = re.compile(
    r"(?:\s+\w+){0,2}?\s+(?:School|Schools|University|College|Academy|Institute|Street|Road|Avenue|Primary|Middle|High|Church|"
    r"District|County|City|Town|Village|Province|Centre|Center|Hall|House|Park|Kindergarten|Hospital|Campus|Elementary)\b"
)


def introduced(text: str) -> Iterator[Place]:
    """Yield the places of names that a title, an introduction or their form makes known."""
    at = 0
    while match := _TITLED.search(text, at):
        # 感谢王老师: 谢 is no surname there, and 王 may be one.
        titled = _is_titled(match, text)
        at = match.end() if titled else match.start() + 1
        if titled:
            yield match.span("name")
    for pattern in (_INTRODUCED, _AFTER_TITLE, _SIGNATURE):
        for match in pattern.finditer(text):
            yield from _chinese(match, text)
    for match in _WITHOUT_SURNAME.finditer(text):
        if match["name"] not in NO_NAME and not NO_GIVEN.intersection(match["name"]):
            yield match.span("name")
    for match in _UNMARKED.finditer(text):
        yield from _unmarked(match, text)
    for match in _WITH_DOT.finditer(text):
        if 2 * sum(sign in TRANSCRIBING for sign in match["name"]) >= len(match["name"]):  # not 德育·智育
            yield match.span("name")
    yield from _western(text)


def standing_alone(text: str) -> bool:
    """Whether all of a text is one name: a usual surname and one or two characters that make no known word."""
    match = _ALONE.fullmatch(text.strip(" \t\r\n.。,，!！"))
    return match is not None and _is_name(match[0], match["given"]) and match[0][-1] not in NO_LAST


class Known:
    """Names from a column of names, to be found in texts: a look-up of parts of the text, however many names."""

    def __init__(self, names: Collection[str]) -> None:
        self._chinese: set[str] = set()
        self._western: set[str] = set()
        for name in names:
            trimmed = " ".join(name.split())
            joined = trimmed.replace(" ", "")
            if re.fullmatch(rf"[{_CJK}·]{{2,20}}", joined):
                if joined not in NO_NAME:
                    self._chinese.add(joined)
            elif re.fullmatch(r"[^\W\d_][\w'’. -]{2,40}", trimmed) and trimmed.casefold() not in NO_NAME:
                self._western.add(trimmed.casefold())
        self._lengths = sorted({len(name) for name in self._chinese}, reverse=True)
        self._most = max((len(name.split()) for name in self._western), default=0)

    def __bool__(self) -> bool:
        return bool(self._chinese or self._western)

    def places(self, text: str) -> Iterator[Place]:
        """Yield the places of known names."""
        if self._chinese:
            letters = [(sign, at) for at, sign in enumerate(text) if not sign.isspace()]
            joined = "".join(sign for sign, _ in letters)
            for length in self._lengths:
                for at in range(len(joined) - length + 1):
                    if joined[at : at + length] in self._chinese:
                        yield letters[at][1], letters[at + length - 1][1] + 1
        if self._western:
            words = list(re.finditer(r"[^\W\d_][\w'’-]*", text))
            for first in range(len(words)):
                for last in range(first, min(first + self._most, len(words))):
                    said = " ".join(word[0] for word in words[first : last + 1]).casefold()
                    # A single name that is also a word counts with a capital only: "will" is none.
                    if said in self._western and (last > first or words[first][0][0].isupper()):
                        yield words[first].start(), words[last].end()


def _is_titled(match: re.Match[str], text: str) -> bool:
    surname = match["name"][: len(match["name"]) - len(match["given"])]
    before = text[match.start() - 1 : match.start()]
    if before and before in BEFORE_SURNAME.get(surname, ""):
        return False
    if not match["given"]:
        return surname not in SURNAMES - PLAIN_SURNAMES or not re.match(f"[{_CJK}]", before or ",") or before in LEADING
    return _is_name(match["name"], match["given"]) and match["given"][-1] not in NO_LAST


def _is_name(name: str, given: str) -> bool:
    if name in NO_NAME or name[:2] in ORDINARY or name[:2] in PLACES:
        return False
    return not any(sign in NO_GIVEN for sign in given)


def _chinese(match: re.Match[str], text: str) -> Iterator[Place]:
    start, end = match.span("name")
    given = match["given"]
    if len(given) == 2 and (given[1] in AFTER_NAME or given[1] in NO_GIVEN):
        end, given = end - 1, given[:1]  # 我叫王明,是… with the comma left out
    if _is_name(text[start:end], given):
        yield start, end


def _unmarked(match: re.Match[str], text: str) -> Iterator[Place]:
    """A full name inside a sentence: both characters of the given name are usual, or the whole name is."""
    start, end = match.span("name")
    if text[start - 1 : start] and text[start - 1 : start] in BEFORE_SURNAME.get(text[start], ""):
        return
    if match["given"] is None or (_is_name(match["name"], match["given"]) and match["name"][-1] != "小"):
        yield start, end


def _western(text: str) -> Iterator[Place]:
    if not re.search("[A-Za-z]", text):
        return
    for pattern in (_MR, _MY_NAME):
        for match in pattern.finditer(text):
            first, *others = match["name"].split()
            if first.casefold() not in NO_NAME:
                if others and others[-1].islower() and (first[0].isupper() or others[-1] in NO_NAME):
                    yield match.start("name"), match.start("name") + len(first)
                else:
                    yield match.span("name")
    for pattern in (_I_AM, _OFFICE, _KNOWN_FIRST, _LAST_FIRST, _SIGNED, _PINYIN, _PINYIN_LAST, _CAPITALS):
        for match in pattern.finditer(text):
            words = {word.strip(",").casefold() for word in match["name"].split()}
            if match["name"].replace("-", " ").casefold() in NO_PINYIN:
                continue
            if not words & NO_NAME and not _ORGANISATION.match(text, match.end()):
                yield match.span("name")
