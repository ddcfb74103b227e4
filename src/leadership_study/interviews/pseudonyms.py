"""Pseudonyms on the way in: names, schools, places and numbers out of the text, into a key that gives them back.

Found are what titles, introductions and usual forms make known, in Chinese and English, and everything in lists that
are given. A name that nothing marks as one can't be told from a word: give the lists. Then read what is left.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from leadership_study.importing._personal_names import introduced
from leadership_study.importing._personal_patterns import spans
from leadership_study.importing._personal_plain import CHINESE, plain

Kind = Literal["name", "school", "place", "phone", "id_card", "email", "other"]

WORDS: Mapping[str, tuple[str, str]] = {
    "name": ("姓名", "name"),
    "school": ("学校", "school"),
    "place": ("地名", "place"),
    "phone": ("电话", "phone"),
    "id_card": ("证件号", "ID number"),
    "email": ("邮箱", "e-mail"),
    "other": ("号码", "number"),
}
_KINDS = {"phone": "phone", "id_card": "id_card", "passport": "id_card", "email": "email"}
_ORDER = ("email", "id_card", "phone", "other", "school", "name", "place")
PSEUDONYM = re.compile(r"[\[【](?:" + "|".join(word for pair in WORDS.values() for word in pair) + r") (\d+)[\]】]")
"""What a pseudonym looks like."""

_H = "\u4e00-\u9fff"
# What a school's own name is made of: no particles, no pronouns, no verbs before it.
_OWN = (
    "[^\\W\\d_A-Za-z的了是在和与及对我你他她它们这那有不也都就很把被为着过到从去来"
    "说问给让向请每各该本其某个所家座位里后前]"
)
_SCHOOL = re.compile(
    f"(?P<own>{_OWN}{{2,10}}?|{_OWN}{{1,6}}?第?[一二三四五六七八九十]{{1,3}})"
    "(?:实验|中心|附属|外国语|民办|希望|双语|职业|高级|初级|完全)*"
    "(?:小学|中学|学校|幼儿园|高中|初中|[一二三四五六七八九十]中(?!学)|附小|附中)"
)
_COMMON = re.compile(
    "^(?:九年一贯制|十二年一贯制|农村|城市|城镇|乡村|乡镇|薄弱|优质|成员|核心|龙头|牵头|普通|重点|公办|民办|寄宿|完全|中心|实验|高级|"
    "初级|所有|全部|许多|一些|几|其他|其它|整|全|新|老|大|小|名|好|示范|集团|学区|高|初|中|民族|特殊教育|职业|"
    "自己|自家|周边|附近|周围|邻近|相邻|对方|双方|别人|兄弟|姊妹|友邻|外地|外区|当地|本地|两|三|四|五|六|七|八|九|十|多|少|"
    "部分|大部分|多数|大多数|少数|个别|相关|有关|不同|小学|初中|高中|中学|村|镇|强|弱|原来|现在|今年|去年|以前|比如|例如)+(?:的)?$"
)
_SCHOOL_EN = re.compile(
    r"\b(?P<all>(?:[A-Z][\w'’.-]*\s+){1,4}"
    r"(?:(?:Primary|Middle|High|Elementary|Secondary|Experimental|No\.\s?\d+)\s+){0,2}(?:School|Kindergarten|Academy|College))\b"
)
_NOT_EN = frozenset({"The", "A", "An", "My", "Our", "Your", "This", "That", "Primary", "Middle", "High", "Elementary"})
_PLACE = re.compile(
    f"(?P<all>{_OWN}{{2,4}}?(?:省|自治区|自治州|街道|社区|镇|乡|村)(?![{_H}]*?(?:学区|长|民|级|里|委|务|政))|"
    f"(?<![{_H}]){_OWN}{{2,3}}?(?:市|县|区)(?!域|别|分|长|级|里|教|政|委|民|场|属|内|外|直))"
)
_PLACE_EN = re.compile(
    r"\b(?P<all>(?:[A-Z][\w'’-]+\s+){1,2}(?:City|County|Province|Town|Township|Village|District|Street|Road|Avenue))\b"
)
_WORDS_BEFORE = frozenset(
    "全省 全市 全县 全区 本市 本县 我市 我县 城市 城区 地区 社区 学区 山区 校区 片区 农村 乡村 乡镇 城镇".split()
    + "各市 各县 各区 我镇 全镇".split()
)


@dataclass(frozen=True, eq=False, repr=False)
class Pseudonymised:
    """Texts without what identifies people, and the key.

    Attributes
    ----------
    texts : mapping id → str
    key : DataFrame, index ``pseudonym``
        original, kind, n (places). **It identifies people**: it belongs under ``private/`` and into no report.
    moves : mapping id → tuple of (start, end, new_start, new_end)
        What was replaced in each text, in order; `place` uses it.
    """

    texts: Mapping[str, str]
    key: pd.DataFrame
    moves: Mapping[str, tuple[tuple[int, int, int, int], ...]] = field(default_factory=dict)

    def place(self, name: str, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` of a text stands now; a stretch that cuts a name takes all of its pseudonym."""
        return self._moved(name, start, 2), self._moved(name, end, 3)

    def source_place(self, name: str, offset: int) -> int:
        """Where a character of a text stood before; inside a pseudonym: where the original began."""
        shift = 0
        for start, end, new_start, new_end in self.moves.get(name, ()):
            if offset < new_start:
                break
            if offset < new_end:
                return start
            shift = end - new_end
        return offset + shift

    def _moved(self, name: str, offset: int, side: int) -> int:
        shift = 0
        for move in self.moves.get(name, ()):
            if offset <= move[0]:
                break
            if offset < move[1]:
                return move[side]
            shift = move[3] - move[1]
        return offset + shift

    def __repr__(self) -> str:
        counts = ", ".join(f"{kind} {n}" for kind, n in self.key["kind"].value_counts().sort_index().items())
        held = f"{len(self.texts)} texts, {len(self.key)} pseudonyms"
        return f"Pseudonymised: {held} ({counts or 'none'}); the key isn't shown"


def pseudonymise(
    texts: Mapping[str, str],
    *,
    names: Collection[str] = (),
    schools: Collection[str] = (),
    places: Collection[str] = (),
    key: pd.DataFrame | None = None,
) -> Pseudonymised:
    """Replace what identifies people by pseudonyms such as ``[姓名 1]`` or ``[school 2]``.

    The same original has the same pseudonym in all texts. What one text makes known (王小明老师) is replaced
    wherever it stands in any of them.

    Parameters
    ----------
    texts
        Text by transcript, as received.
    names, schools, places
        What is known to occur.
    key
        A key from before, whose pseudonyms stay as they are.

    Raises
    ------
    ValueError
        A text already has something that looks like a pseudonym: the way back would be wrong.
    """
    for name, text in texts.items():
        if key is None and (found := PSEUDONYM.search(text)):
            raise ValueError(f"The text {name} already has {found[0]!r}; give the key it was made with, or change it.")
    book = _Book(key)
    for kind, given in (("name", names), ("school", schools), ("place", places)):
        for entry in given:
            if entry.strip():
                book.add(entry.strip(), kind)
    for text in texts.values():
        for start, end, kind in _places(text):
            book.add(text[start:end], kind)
    replaced = {name: book.replace(text) for name, text in texts.items()}
    return Pseudonymised(
        texts={name: text for name, (text, _) in replaced.items()},
        key=book.frame(),
        moves={name: moves for name, (_, moves) in replaced.items() if moves},
    )


def restore(text: str, key: pd.DataFrame) -> str:
    """Give back the originals: the inverse of `pseudonymise`, character for character.

    Parameters
    ----------
    text : str
        A text with pseudonyms.
    key : DataFrame
        The key that `pseudonymise` returned with it.
    """
    table = key["original"].to_dict()
    return PSEUDONYM.sub(lambda found: str(table.get(found[0], found[0])), text)


def leftovers(texts: Mapping[str, str], key: pd.DataFrame) -> pd.DataFrame:
    """What of the key still stands in texts, and what looks personal and has no pseudonym.

    Originals are looked for without regard to width, case and spaces; those of one character, which are words too, only
    where they are found by their form.

    Returns
    -------
    DataFrame
        transcript, start, end, pseudonym (``""`` where there is none), kind, certain. Empty: nothing is left. Rows that
        aren't certain are given names alone, which can be words: look at them. Originals aren't repeated.
    """
    wanted = {
        _same(str(row.original)): (str(name), str(row.kind))
        for name, row in zip(key.index, key.itertuples(), strict=True)
    }
    given = {
        original[1:]: found for original, found in wanted.items()
        if found[1] == "name" and len(original) == 3 and CHINESE.fullmatch(original[0]) and original[1:] not in wanted
    }  # fmt: skip
    rows: list[tuple[str, int, int, str, str, bool]] = []
    for name, text in sorted(texts.items()):
        bare = PSEUDONYM.sub(lambda found: "\x00" * len(found[0]), text)
        squeezed = [(sign, at) for at, sign in enumerate(bare) if not sign.isspace()]
        letters = [
            (letter, at) for sign, at in squeezed for letter in _same(sign) or ("\x00" if sign == "\x00" else "")
        ]
        joined = "".join(letter for letter, _ in letters)
        for original, (pseudonym, kind) in (wanted | given).items():
            if len(original) < 2:
                continue
            for hit in re.finditer(re.escape(original), joined):
                start, end = letters[hit.start()][1], letters[hit.end() - 1][1] + 1
                if original.isascii() and original.isalpha() and not _whole_word(bare, start, end):
                    continue
                if original in wanted or not any(row[0] == name and row[1] < end and row[2] > start for row in rows):
                    rows.append((name, start, end, pseudonym, kind, original in wanted))
        for start, end, kind in _places(bare):
            if not any(row[0] == name and row[1] < end and row[2] > start for row in rows):
                rows.append((name, start, end, "", kind, True))
    frame = pd.DataFrame(rows, columns=["transcript", "start", "end", "pseudonym", "kind", "certain"])
    return frame.sort_values(["transcript", "start"], ignore_index=True)


class _Book:
    """Originals and their pseudonyms."""

    def __init__(self, key: pd.DataFrame | None) -> None:
        self.kinds: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.used: dict[str, int] = {}
        if key is not None:
            for pseudonym, row in zip(key.index, key.itertuples(), strict=True):
                original, kind = str(row.original), str(row.kind)
                self.kinds[original], self.tokens[original] = kind, str(pseudonym)
                number = int(PSEUDONYM.fullmatch(str(pseudonym))[1])  # type: ignore[index]
                self.counts[kind] = max(self.counts.get(kind, 0), number)

    def add(self, original: str, kind: str) -> None:
        if original not in self.tokens:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            chinese, english = WORDS[kind]
            word = chinese if CHINESE.search(original) else english
            self.kinds[original], self.tokens[original] = kind, f"[{word} {self.counts[kind]}]"

    def replace(self, text: str) -> tuple[str, tuple[tuple[int, int, int, int], ...]]:
        """Return the text with pseudonyms, and where they stand in both."""
        places = [(start, end) for start, end, _ in _places(text)]
        for original in sorted(self.tokens, key=len, reverse=True):
            if len(original) < 2:
                continue
            for hit in re.finditer(re.escape(original), text):
                if not original.isascii() or not original[0].isalnum() or _whole_word(text, *hit.span()):
                    places.append(hit.span())
        parts, done, moves, at = [], 0, [], 0
        for start, end in _longest([*places, *((hit.start(), hit.end()) for hit in PSEUDONYM.finditer(text))]):
            original = text[start:end]
            if original not in self.tokens:
                parts.append(text[done:end])
            else:
                token = self.tokens[original]
                parts += [text[done:start], token]
                self.used[original] = self.used.get(original, 0) + 1
                moves.append((start, end, start + at, start + at + len(token)))
                at += len(token) - (end - start)
            done = end
        return "".join([*parts, text[done:]]), tuple(moves)

    def frame(self) -> pd.DataFrame:
        kept = [original for original in self.tokens]
        return pd.DataFrame(
            {
                "original": kept,
                "kind": [self.kinds[original] for original in kept],
                "n": [self.used.get(original, 0) for original in kept],
            },
            index=pd.Index([self.tokens[original] for original in kept], name="pseudonym", dtype=object),
        )


def _places(text: str) -> list[tuple[int, int, str]]:
    """Where something personal stands, by its form; no two overlap."""
    prepared = plain(text)
    found = [(start, end, _KINDS.get(kind, "other")) for start, end, kind in spans(prepared.text)]
    found += [(start, end, "name") for start, end in introduced(prepared.text)]
    found += list(_named(prepared.text))
    found.sort(key=lambda place: (place[0] - place[1], _ORDER.index(place[2]), place[0]))
    kept: list[tuple[int, int, str]] = []
    for start, end, kind in found:
        if not any(start < other[1] and end > other[0] for other in kept):
            kept.append((start, end, kind))
    return sorted((*prepared.place(start, end), kind) for start, end, kind in kept)


def _named(text: str) -> Iterator[tuple[int, int, str]]:
    for hit in _SCHOOL.finditer(text):
        if not _COMMON.match(hit["own"]):
            yield hit.start(), hit.end(), "school"
    for hit in _SCHOOL_EN.finditer(text):
        words = hit["all"].split()
        while words and words[0] in _NOT_EN:
            words.pop(0)
        if len(words) > 1:
            yield hit.end() - len(hit["all"][hit["all"].index(words[0]) :]), hit.end(), "school"
    for pattern in (_PLACE, _PLACE_EN):
        for hit in pattern.finditer(text):
            if hit[0][-2:] not in _WORDS_BEFORE and hit[0].split()[0] not in _NOT_EN:
                yield hit.start(), hit.end(), "place"


def _longest(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places without overlap, the longer before the shorter."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(places), key=lambda place: (place[0] - place[1], place[0])):
        if not any(start < b and end > a for a, b in kept):
            kept.append((start, end))
    return sorted(kept)


def _same(text: str) -> str:
    return re.sub(r"[\s._()·-]", "", plain(text).text).casefold()


def _whole_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())
