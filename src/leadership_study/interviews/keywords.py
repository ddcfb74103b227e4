"""Keywords in their contexts, as a result that a report can print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from leadership_study.interviews.transcripts import Transcript
from leadership_study.interviews.words import FUNCTION_WORDS, keyword_in_context, word_counts
from leadership_study.results import Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Keywords(Result):
    """Words, how often they were said and by whom, and every place of them.

    Attributes
    ----------
    table : DataFrame, index ``keyword``
        n (places) and sources (transcripts).
    contexts : DataFrame, index ``keyword`` and ``found_at`` (transcript and first character)
        informant, left, said, right.
    words : DataFrame, index ``word``
        The words said most often, the ``most`` first ones: n, sources, share (of all words counted).
    """

    table: pd.DataFrame
    contexts: pd.DataFrame
    words: pd.DataFrame

    main: ClassVar[str] = "table"


def keywords(
    transcripts: Mapping[str, Transcript],
    words: Sequence[str],
    *,
    width: int = 16,
    without: Sequence[str] = (),
    together: Sequence[str] = (),
    most: int = 30,
) -> Keywords:
    """Look for words in what informants said, and count which words they said most often.

    Parameters
    ----------
    width
        Characters shown on either side.
    without
        Speakers whose turns don't count: interviewers.
    together
        Chinese terms that count as one word, beside ``words``.
    most
        How many of the words said most often are kept. Words of one character, function words
        (`words.FUNCTION_WORDS`) and pseudonyms don't count.
    """
    counts, rows, keys = [], [], []
    for word in words:
        found = keyword_in_context(transcripts, word, width=width)
        found = found[~found["speaker"].isin(list(without))]
        counts.append((len(found), int(found["transcript"].nunique())))
        for one in found.to_dict("records"):
            keys.append((word, f"{one['transcript']}:{one['start']}"))
            rows.append((one["transcript"], one["left"], one["keyword"], one["right"]))
    index = pd.MultiIndex.from_tuples(keys, names=["keyword", "found_at"]) if keys else None
    if index is None:
        index = pd.MultiIndex.from_arrays([[], []], names=["keyword", "found_at"])
    contexts = pd.DataFrame(rows, columns=["informant", "left", "said", "right"], index=index, dtype="object")
    table = pd.DataFrame(counts, columns=["n", "sources"], index=pd.Index(list(words), name="keyword", dtype=object))
    counted = word_counts(
        transcripts, without_speakers=without, ignore=FUNCTION_WORDS, shortest=2, together=[*words, *together]
    )
    return Keywords(
        table=table.astype("int64"),
        contexts=contexts,
        words=counted.head(most),
        definition={"unit": "place", "width": width},
    )
