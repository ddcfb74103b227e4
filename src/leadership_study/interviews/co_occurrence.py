"""Codes that come together: counts, coefficients, and the edges of their network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from leadership_study.interviews._options import one_of
from leadership_study.interviews.code_frequencies import codes_of
from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.transcripts import Transcript
from leadership_study.interviews.units import overlapping
from leadership_study.results import Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CoOccurrence(Result):
    """Codes that come together.

    Attributes
    ----------
    counts, coefficients : DataFrame, codes × codes
        Units with both codes (diagonal: with the code), and c = n₁₂/(n₁ + n₂ − n₁₂), 0 to 1.
    pairs : DataFrame, index ``code_pair``
        first, second, n, coefficient, sources: the edges of a network, the strongest first.
    repeated : DataFrame, index ``code_pair``
        The pairs that came in two transcripts or more.
    """

    n_units: int
    counts: pd.DataFrame
    coefficients: pd.DataFrame
    pairs: pd.DataFrame
    repeated: pd.DataFrame

    main: ClassVar[str] = "pairs"
    shown_as: ClassVar[dict[str, str]] = {"counts": "count", "coefficients": "coefficient"}


def co_occurrence(
    codings: pd.DataFrame,
    transcripts: Mapping[str, Transcript],
    codebook: Codebook | None,
    *,
    unit: Literal["turn", "transcript"] = "turn",
) -> CoOccurrence:
    """Codes in the same turn, or in the same transcript; nobody's labels, any coder's codes."""
    one_of("unit", "co_occurrence", unit, ("turn", "transcript"))
    codes = [code for code in codes_of(codings, codebook) if (codings["code"] == code).any()]
    place = {code: at for at, code in enumerate(codes)}
    marks = []
    sources = []
    for name, own in codings.groupby("transcript", sort=True):
        transcript = transcripts[str(name)]
        pieces = (
            [(turn.start, turn.end) for turn in transcript.turns] if unit == "turn" else [(0, len(transcript.text))]
        )
        for start, end in pieces:
            row = np.zeros(len(codes), dtype=bool)
            for a, b, code in zip(own["start"], own["end"], own["code"], strict=True):
                if overlapping([(a, b)], start, end):
                    row[place[code]] = True
            marks.append(row)
            sources.append(str(name))
    table = np.array(marks, dtype=float).reshape(len(marks), len(codes))
    counts = table.T @ table
    n = np.diag(counts)
    either = n[:, None] + n - counts
    share = np.divide(counts, either, out=np.zeros_like(counts), where=either > 0)
    rows, names = [], []
    for i in range(len(codes)):
        for j in range(i + 1, len(codes)):
            if counts[i, j] > 0:
                together = {source for source, row in zip(sources, marks, strict=True) if row[i] and row[j]}
                rows.append((codes[i], codes[j], int(counts[i, j]), share[i, j], len(together)))
                names.append(f"{codes[i]} – {codes[j]}")
    pairs = pd.DataFrame(
        rows,
        columns=["first", "second", "n", "coefficient", "sources"],
        index=pd.Index(names, name="code_pair", dtype=object),
    ).sort_values(["coefficient", "n"], ascending=False, kind="stable")
    index = pd.Index(codes, name="code")
    return CoOccurrence(
        n_units=len(marks),
        counts=pd.DataFrame(counts.astype("int64"), index=index, columns=codes),
        coefficients=pd.DataFrame(share, index=index, columns=codes),
        pairs=pairs,
        repeated=pairs[pairs["sources"] > 1],
        definition={"unit": unit, "formula": "jaccard"},
    )
