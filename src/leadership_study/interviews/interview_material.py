"""Who was interviewed, and how much was said and coded: the first table of the qualitative part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.transcripts import Transcript
from leadership_study.results import Note, Result


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InterviewMaterial(Result):
    """Informants and the amount of text and coding.

    Attributes
    ----------
    n_informants, n_cases, n_turns, n_characters, n_codes, n_coders, n_codings : int
        Transcripts; those of the role "case", documents coded like interviews; turns; characters said (without
        speakers' labels); codes of the codebook that can be given; coders; codings of all coders.
    informants : DataFrame, index ``informant``
        role, district, date, minutes, turns, characters, codings (of all coders), codes (different ones).
    roles : DataFrame, index ``role``
        informants, characters, codings.
    codebook : DataFrame, index ``code``
        parent, dimension, level, kind and whether it is codable.
    """

    n_informants: int
    n_cases: int
    n_turns: int
    n_characters: int
    n_codes: int
    n_coders: int
    n_codings: int
    informants: pd.DataFrame
    roles: pd.DataFrame
    codebook: pd.DataFrame | None = None

    main: ClassVar[str] = "informants"


def interview_material(
    codings: pd.DataFrame,
    transcripts: Mapping[str, Transcript],
    codebook: Codebook | None,
    *,
    notes: tuple[Note, ...] = (),
) -> InterviewMaterial:
    """Count what there is; ``notes`` are passed on."""
    rows = {}
    for name in sorted(transcripts):
        one = transcripts[name]
        own = codings[codings["transcript"] == name]
        minutes = one.facts.get("minutes", "")
        rows[name] = {
            "role": one.role,
            "district": one.district,
            "date": None if one.date is None else one.date.isoformat(),
            "minutes": int(minutes) if minutes.isascii() and minutes.isdigit() else pd.NA,
            "turns": len(one.turns),
            "characters": sum(turn.end - turn.start for turn in one.turns),
            "codings": len(own),
            "codes": int(own["code"].nunique()),
        }
    informants = pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="informant", dtype=object))
    informants = informants.astype({"role": "object", "district": "object", "date": "object", "minutes": "Int64"})
    grouped = informants.assign(role=informants["role"].fillna("–")).groupby("role", sort=True)
    roles = pd.DataFrame(
        {
            "informants": grouped.size().astype("int64"),
            "characters": grouped["characters"].sum().astype("int64"),
            "codings": grouped["codings"].sum().astype("int64"),
        }
    )
    book = None
    if codebook is not None:
        book = codebook.to_frame()[["parent", "dimension", "level", "kind"]].astype("object")
        book = book.assign(codable=[code.codable for code in codebook])
    return InterviewMaterial(
        n_informants=len(transcripts),
        n_cases=int((informants["role"] == "case").sum()),
        n_turns=int(informants["turns"].sum()),
        n_characters=int(informants["characters"].sum()),
        n_codes=int(codings["code"].nunique()) if codebook is None else sum(code.codable for code in codebook),
        n_coders=int(codings["coder"].nunique()),
        n_codings=len(codings),
        informants=informants,
        roles=roles,
        codebook=book,
        definition={"unit": "informant", "n": len(transcripts)},
        notes=notes,
    )
