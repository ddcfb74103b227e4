"""The table of original statements: for every code that was given, what one informant said."""

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.transcripts import Transcript

COLUMNS = ("core", "parent", "kind", "references", "sources", "statement", "informant", "start", "end")


def original_statements(
    codings: pd.DataFrame, table: pd.DataFrame, transcripts: Mapping[str, Transcript], codebook: Codebook | None
) -> pd.DataFrame:
    """One original statement a code, chosen alike every time.

    Taken is the stretch that most coders gave the code; among equals one of an informant who has been quoted least so
    far, then the one nearest to the middle length of the code's stretches, then the first.

    Parameters
    ----------
    codings : DataFrame
        transcript, coder, start, end, code, quote.
    table : DataFrame
        Of `CodeFrequencies`: codes in order, with references, sources and kind.
    transcripts : mapping id → Transcript
        Whose texts the places are in.
    codebook : Codebook or None
        Says what is above a code.

    Returns
    -------
    DataFrame
        Index ``code``, the codes that were given: core (the topmost code above; itself where nothing is), parent, kind,
        references, sources, statement, informant, start, end.
    """
    quoted: Counter[str] = Counter()
    rows = {}
    for code in table.index[table["references"] > 0]:
        own = codings[codings["code"] == code]
        middle = float((own["end"] - own["start"]).median())
        given = own.groupby(["transcript", "start", "end"])["coder"].nunique()
        name, start, end = min(
            ((str(name), int(start), int(end)) for name, start, end in given.index),
            key=lambda place: (-given[place], quoted[place[0]], abs(place[2] - place[1] - middle), place),
        )
        quoted[name] += 1
        path = (code,) if codebook is None or code not in codebook else codebook.path(code)
        rows[code] = (
            path[0], path[-2] if len(path) > 1 else None, table.loc[code, "kind"], int(table.loc[code, "references"]),
            int(table.loc[code, "sources"]), transcripts[name].quote(start, end), name, start, end,
        )  # fmt: skip
    frame = pd.DataFrame(list(rows.values()), columns=list(COLUMNS), index=pd.Index(list(rows), name="code"))
    numbers = {name: "int64" for name in ("references", "sources", "start", "end")}
    return frame.astype({name: numbers.get(name, "object") for name in COLUMNS})
