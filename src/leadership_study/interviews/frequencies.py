"""What codes show: how often, by how many, with which other codes, for which informants; when nothing new came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.interviews._options import one_of
from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.transcripts import Transcript
from leadership_study.interviews.units import merged_spans, overlapping
from leadership_study.results import Note, Result


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
    """

    n_sources: int
    table: pd.DataFrame

    main: ClassVar[str] = "table"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CoOccurrence(Result):
    """Codes that come together.

    Attributes
    ----------
    counts, coefficients : DataFrame, codes × codes
        Units with both codes (diagonal: with the code), and c = n₁₂/(n₁ + n₂ − n₁₂), 0 to 1.
    pairs : DataFrame, index ``pair``
        first, second, n, coefficient, sources: the edges of a network, the strongest first.
    """

    n_units: int
    counts: pd.DataFrame
    coefficients: pd.DataFrame
    pairs: pd.DataFrame

    main: ClassVar[str] = "pairs"
    shown_as: ClassVar[dict[str, str]] = {"counts": "count", "coefficients": "coefficient"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InformantCodes(Result):
    """Codes by informant, and informants with a code by group.

    Attributes
    ----------
    table : DataFrame, codes × informants
        References.
    groups : DataFrame, index ``code`` and the group
        informants (with the code), n (informants in the group), share. References are never counted here.
    """

    table: pd.DataFrame
    groups: pd.DataFrame

    main: ClassVar[str] = "groups"
    shown_as: ClassVar[dict[str, str]] = {"table": "count"}


def code_frequencies(
    codings: pd.DataFrame, transcripts: Mapping[str, Transcript], codebook: Codebook | None
) -> CodeFrequencies:
    """References and sources of every code of the codebook (or that was used)."""
    codes = _codes(codings, codebook)
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
    return CodeFrequencies(n_sources=n, table=table, definition={"unit": "stretch", "n": n})


def co_occurrence(
    codings: pd.DataFrame,
    transcripts: Mapping[str, Transcript],
    codebook: Codebook | None,
    *,
    unit: Literal["turn", "transcript"] = "turn",
) -> CoOccurrence:
    """Codes in the same turn, or in the same transcript; nobody's labels, any coder's codes."""
    one_of("unit", "co_occurrence", unit, ("turn", "transcript"))
    codes = [code for code in _codes(codings, codebook) if (codings["code"] == code).any()]
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
        index=pd.Index(names, name="pair", dtype=object),
    ).sort_values(["coefficient", "n"], ascending=False, kind="stable")
    index = pd.Index(codes, name="code")
    return CoOccurrence(
        n_units=len(marks),
        counts=pd.DataFrame(counts.astype("int64"), index=index, columns=codes),
        coefficients=pd.DataFrame(share, index=index, columns=codes),
        pairs=pairs,
        definition={"unit": unit, "formula": "jaccard"},
    )


def informant_codes(
    codings: pd.DataFrame,
    transcripts: Mapping[str, Transcript],
    codebook: Codebook | None,
    *,
    by: Literal["role", "district"] = "role",
) -> InformantCodes:
    """Codes × informants, and how many informants of each group have a code.

    A transcript is an informant. The table is descriptive; with fewer than five informants in a group that is noted.
    """
    one_of("by", "informant_codes", by, ("role", "district"))
    codes, informants = _codes(codings, codebook), sorted(transcripts)
    counts = pd.DataFrame(0, index=pd.Index(codes, name="code"), columns=informants)
    for (code, name), part in codings.groupby(["code", "transcript"]):
        spans = list(zip(part["start"].tolist(), part["end"].tolist(), strict=True))
        counts.loc[str(code), str(name)] = len(merged_spans(spans))
    groups = {name: getattr(transcripts[name], by) or "–" for name in informants}
    rows, keys = [], []
    sizes = pd.Series(groups).value_counts()
    for code in codes:
        for group in sorted(sizes.index):
            own = [name for name in informants if groups[name] == group]
            having = int(counts.loc[[code], own].to_numpy().astype(bool).sum())
            rows.append((having, len(own), having / len(own)))
            keys.append((code, group))
    table = pd.DataFrame(
        rows, columns=["informants", "n", "share"], index=pd.MultiIndex.from_tuples(keys, names=["code", by])
    )
    notes: tuple[Note, ...] = ()
    if small := [str(group) for group in sorted(sizes.index) if sizes[group] < 5]:
        text = "Groups of fewer than five informants are described, not compared: {groups}."
        notes = (Note("few_informants", text, {"groups": ", ".join(small)}),)
    return InformantCodes(table=counts.astype("int64"), groups=table, definition={"unit": "informant"}, notes=notes)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Saturation(Result):
    """When interviews stopped bringing new codes.

    Attributes
    ----------
    base, run, threshold
        Guest's three numbers.
    reached : int or None
        Interviews (the run included) after which the share of new codes was at most the threshold; None: never.
    base_codes, codes : int
        Codes in the base, and in all interviews.
    table : DataFrame, index ``interview``
        In order: transcript, new codes, cumulative codes, run_new (new codes in the run that ends here) and
        new_information = run_new/base_codes (missing until the first run is complete).
    """

    base: int
    run: int
    threshold: float
    reached: int | None
    base_codes: int
    codes: int
    table: pd.DataFrame

    main: ClassVar[str] = "table"


def saturation(
    codings: pd.DataFrame, order: Sequence[str], *, base: int = 4, run: int = 2, threshold: float = 0.05
) -> Saturation:
    """Thematic saturation after Guest, Namey and Chen (2020).

    Parameters
    ----------
    order
        Transcripts in the order of the interviews: the result depends on it.
    base, run
        Interviews whose codes are the base, and interviews of each run after it.
    threshold
        Largest share of new codes in a run, of the codes in the base, that counts as saturated.

    Raises
    ------
    InsufficientDataError
        Fewer interviews than base and run together, or a base without a code.

    References
    ----------
    https://doi.org/10.1371/journal.pone.0232076
    """
    if base < 1 or run < 1 or not 0 <= threshold < 1:
        raise ValueError(
            "saturation needs 'base' and 'run' of at least 1 and a 'threshold' from 0 to below 1. "
            f"Got base={base!r}, run={run!r}, threshold={threshold!r} instead."
        )
    if len(order) < base + run:
        text = "Saturation needs base and run, {needed} interviews; there are {interviews}."
        raise InsufficientDataError(Note("saturation_too_few", text, {"needed": base + run, "interviews": len(order)}))
    sets = {str(name): set(own["code"]) for name, own in codings.groupby("transcript")}
    seen: set[str] = set()
    new = []
    for name in order:
        fresh = sets.get(name, set()) - seen
        new.append(len(fresh))
        seen |= fresh
    first = sum(new[:base])
    if first == 0:
        text = "Saturation is undefined: the first {base} interviews have no code."
        raise InsufficientDataError(Note("saturation_empty_base", text, {"base": base}))
    runs = [sum(new[at - run + 1 : at + 1]) if at >= base + run - 1 else np.nan for at in range(len(order))]
    share = np.array(runs, dtype=float) / first
    hits = np.flatnonzero(share <= threshold)
    table = pd.DataFrame(
        {
            "transcript": list(order),
            "new": new,
            "cumulative": np.cumsum(new),
            "run_new": runs,
            "new_information": share,
        },
        index=pd.Index(range(1, len(order) + 1), name="interview"),
    )
    return Saturation(
        base=base, run=run, threshold=threshold, reached=int(hits[0]) + 1 if len(hits) else None, base_codes=first,
        codes=len(seen), table=table, definition={"formula": "guest_2020", "n": len(order)},
    )  # fmt: skip


def _codes(codings: pd.DataFrame, codebook: Codebook | None) -> list[str]:
    if codebook is not None:
        return [code.code for code in codebook]
    return sorted(codings["code"].unique())
