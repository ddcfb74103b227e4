"""Words in their places, and how often they are said: Chinese and English."""

import importlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from leadership_study.interviews.pseudonyms import PSEUDONYM
from leadership_study.interviews.transcripts import Transcript, Turn

_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff\uf900-\ufaff]+(?:['’-][^\W\d_\u3400-\u9fff\uf900-\ufaff]+)*")


FUNCTION_WORDS = frozenset(
    (
        "我们 你们 他们 她们 咱们 自己 大家 别人 这个 那个 这些 那些 这样 那样 这么 那么 这里 那里 什么 "
        "怎么 怎样 为什么 哪些 多少 一个 一些 一下 一点 一样 一次 一份 一所 几个 几所 每个 有些 有的 没有 "
        "不是 不会 不能 不要 不过 就是 还是 也是 都是 但是 可是 而且 因为 所以 如果 或者 以及 还有 只有 "
        "只是 然后 现在 时候 以后 以前 之后 之前 其实 比如 可以 可能 应该 已经 觉得 知道 一直 比较 非常 "
        "特别 有时候 起来 下来 出来 上来 下去 过来 直接 "
        "the a an and or but if of to in on at for from with by as is are was were be been being am do does "
        "did have has had not no it its it's this that these those there here i you he she we they me him her "
        "us them my his our your their what which who how when where why so than then too very can could will "
        "would should may might just also about into all any some each one don't i'm"
    ).split()
)
"""Words that say little of what was talked about, in Chinese and English."""


def keyword_in_context(
    transcripts: Mapping[str, Transcript],
    keyword: str,
    *,
    width: int = 20,
    regex: bool = False,
    ignore_case: bool = True,
) -> pd.DataFrame:
    """Every place of a word with what stands around it.

    Parameters
    ----------
    keyword
        Text; in English a whole word, in Chinese any place. With ``regex=True`` a regular expression.
    width
        Characters on either side; line ends become blanks.

    Returns
    -------
    DataFrame
        transcript, speaker, start, end (code points of the transcript), left, keyword, right.

    Raises
    ------
    ValueError
        An empty keyword, or a regular expression that is none.
    """
    if not keyword.strip():
        raise ValueError("The 'keyword' parameter of keyword_in_context must not be empty.")
    written = keyword if regex else re.escape(keyword)
    if not regex and not _CHINESE.search(keyword):
        written = rf"(?<!\w){written}(?!\w)"
    try:
        pattern = re.compile(written, re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise ValueError(f"The 'keyword' parameter of keyword_in_context is no regular expression: {error}.") from None
    rows = []
    for name, transcript in sorted(transcripts.items()):
        for turn in transcript.turns:
            for hit in pattern.finditer(transcript.text, turn.start, turn.end):
                start, end = hit.span()
                if end > start:
                    left = transcript.text[max(turn.start, start - width) : start]
                    right = transcript.text[end : min(turn.end, end + width)]
                    rows.append((name, turn.speaker, start, end, _line(left), _line(hit[0]), _line(right)))
    return pd.DataFrame(rows, columns=["transcript", "speaker", "start", "end", "left", "keyword", "right"])


def word_counts(
    transcripts: Mapping[str, Transcript],
    *,
    without_speakers: Collection[str] = (),
    ignore: Collection[str] = (),
    shortest: int = 1,
    together: Collection[str] = (),
) -> pd.DataFrame:
    """How often words are said, and in how many transcripts.

    Parameters
    ----------
    without_speakers
        Speakers whose turns don't count (the interviewer).
    ignore
        Words that don't count.
    shortest
        Shortest word that counts; 2 leaves out Chinese words of one character.
    together
        Chinese terms that are one word, whatever the dictionary says: 学区长.

    Returns
    -------
    DataFrame
        Index ``word``: n, sources, share (of all words counted); the most frequent first. English in lower case,
        Chinese cut by rjieba's dictionary.

    Raises
    ------
    ModuleNotFoundError
        There is Chinese text and rjieba isn't installed.
    """
    left_out = {word.casefold() for word in ignore}
    counts: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for transcript in transcripts.values():
        own: Counter[str] = Counter()
        for turn in transcript.turns:
            if turn.speaker not in without_speakers:
                own.update(word for word in words_of(_said(transcript, turn), together) if len(word) >= shortest)
        for word in left_out:
            own.pop(word, None)
        counts.update(own)
        sources.update(own.keys())
    total = sum(counts.values())
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return pd.DataFrame(
        {
            "n": [counts[word] for word in ordered],
            "sources": [sources[word] for word in ordered],
            "share": [counts[word] / total for word in ordered],
        },
        index=pd.Index(ordered, name="word", dtype=object),
    )


def words_of(text: str, together: Collection[str] = ()) -> Iterator[str]:
    """Words of a text in order: runs of letters in lower case, Chinese cut into words."""
    terms = sorted((term for term in together if term), key=len, reverse=True)
    fixed = re.compile("|".join(re.escape(term) for term in terms)) if terms else None
    # What stands for a name is nobody's word.
    text = PSEUDONYM.sub(" ", text)
    for hit in re.finditer(f"(?P<chinese>{_CHINESE.pattern})|(?P<word>{_WORD.pattern})", text):
        if hit["word"]:
            yield hit["word"].casefold().replace("’", "'")
            continue
        run, at = hit["chinese"], 0
        for term in fixed.finditer(run) if fixed else ():
            yield from _cut(run[at : term.start()])
            yield term[0]
            at = term.end()
        yield from _cut(run[at:])


def _cut(run: str) -> list[str]:
    return [str(word) for word in _dictionary().cut(run, False)] if run else []


def _dictionary() -> Any:
    try:
        return importlib.import_module("rjieba")
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "Chinese words need the package rjieba: install it with 'pip install rjieba'."
        ) from None


def _said(transcript: Transcript, turn: Turn) -> str:
    return transcript.text[turn.start : turn.end]


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
