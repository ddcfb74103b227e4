"""How often codes were given, and by how many informants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.original_statements import original_statements
from leadership_study.interviews.transcripts import Transcript
from leadership_study.interviews.units import merged_spans
from leadership_study.results import Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CodeFrequencies(Result):
    """How often codes were given.

    Attributes
    ----------
    n_sources : int
        Transcripts with any coding.
    table : DataFrame, index ``code``
        references (stretches with the code; those of several coders that overlap are one), codings (every coder's),
        sources (transcripts), share (of the sources), coders, characters; ``below_sources`` counts transcripts with the
        code or one below it; dimension, level, kind.
    statements : DataFrame, index ``code``
        Codes that were given, each with an original statement (`original_statements`): core, parent, kind, references,
        sources, statement, informant, start, end.
    """

    n_sources: int
    table: pd.DataFrame
    statements: pd.DataFrame

    main: ClassVar[str] = "table"


def code_frequencies(
    codings: pd.DataFrame, transcripts: Mapping[str, Transcript], codebook: Codebook | None
) -> CodeFrequencies:
    """References and sources of every code of the codebook (or that was used)."""
    codes = codes_of(codings, codebook)
    n = int(codings["transcript"].nunique())
    rows = []
    for code in codes:
        own = codings[codings["code"] == code]
        joined = [merged_spans(zip(part["start"], part["end"], strict=True)) for _, part in own.groupby("transcript")]
        below = codings["code"].isin(codebook.below(code)) if codebook is not None else codings["code"] == code
        rows.append(
            {
                "references": sum(len(spans) for spans in joined),
                "codings": len(own),
                "sources": int(own["transcript"].nunique()),
                "share": own["transcript"].nunique() / n if n else float("nan"),
                "coders": int(own["coder"].nunique()),
                "characters": int(sum(end - start for spans in joined for start, end in spans)),
                "below_sources": int(codings.loc[below, "transcript"].nunique()),
                "dimension": None if codebook is None else codebook.dimension(code),
                "level": None if codebook is None else codebook.level(code),
                "kind": None if codebook is None else codebook.kind(code),
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(codes, name="code"))
    said = original_statements(codings, table, transcripts, codebook)
    return CodeFrequencies(n_sources=n, table=table, statements=said, definition={"unit": "stretch", "n": n})


def codes_of(codings: pd.DataFrame, codebook: Codebook | None) -> list[str]:
    """The codes of a codebook, or those that were used."""
    if codebook is not None:
        return [code.code for code in codebook]
    return sorted(codings["code"].unique())
