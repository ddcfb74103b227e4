"""Interviews of a study, read and checked: transcripts, codebook, codings, and what follows from them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from leadership_study.errors import ImportFormatError, Problem, _WithProblems
from leadership_study.interviews._options import one_of
from leadership_study.interviews._problems import Problems
from leadership_study.interviews.code_agreement import CodeAgreement, code_agreement
from leadership_study.interviews.codebook import Codebook, read_codebook
from leadership_study.interviews.codings import Coding, check_codings, codings_frame, read_codings
from leadership_study.interviews.frequencies import (
    CodeFrequencies,
    CoOccurrence,
    InformantCodes,
    Saturation,
    co_occurrence,
    code_frequencies,
    informant_codes,
    saturation,
)
from leadership_study.interviews.qualcoder import read_qualcoder
from leadership_study.interviews.refi_qda import read_qdpx
from leadership_study.interviews.refi_qda_write import qdpx_bytes
from leadership_study.interviews.transcripts import Transcript, read_transcript
from leadership_study.interviews.units import UNITS, Unit, make_units

Paths = str | Path | Iterable[str | Path]


@dataclass(frozen=True, eq=False, repr=False)
class Interviews:
    """Transcripts with their codings.

    Attributes
    ----------
    transcripts : mapping id → Transcript
    codebook : Codebook or None
    codings : DataFrame
        transcript, coder, start, end, code, memo, quote.
    problems : DataFrame
        What is odd but no error: rule, message, remedy and place.
    worked : mapping transcript → coders
        Who worked on it.
    unit : {"segment", "sentence", "character"}
        What `agreement` compares.
    """

    transcripts: Mapping[str, Transcript]
    codebook: Codebook | None
    codings: pd.DataFrame
    problems: pd.DataFrame
    worked: Mapping[str, frozenset[str]]
    unit: Unit = "segment"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"Interviews: {len(self.transcripts)} transcripts, {self.codings['code'].nunique()} codes used, "
            f"{len(self.codings)} codings of {self.codings['coder'].nunique()} coders, unit {self.unit}"
        )

    @cached_property
    def agreement(self) -> CodeAgreement:
        """Agreement of the coders by `unit`; `agree` takes other units and options."""
        return self.agree()

    @cached_property
    def frequencies(self) -> CodeFrequencies:
        """References and sources of codes."""
        return code_frequencies(self.codings, self.transcripts, self.codebook)

    @cached_property
    def saturation(self) -> Saturation:
        """Saturation by Guest's base of 4, run of 2 and 5 per cent; `saturate` takes others."""
        return self.saturate()

    @cached_property
    def co_occurrence(self) -> CoOccurrence:
        """Codes in the same turn."""
        return co_occurrence(self.codings, self.transcripts, self.codebook)

    @cached_property
    def informants(self) -> InformantCodes:
        """Codes by informant, and informants with a code by role."""
        return informant_codes(self.codings, self.transcripts, self.codebook)

    @property
    def coders(self) -> tuple[str, ...]:
        """All coders."""
        return tuple(sorted({coder for coders in self.worked.values() for coder in coders}))

    def agree(
        self,
        *,
        unit: Unit | None = None,
        match: float = 0.5,
        confidence_level: float = 0.95,
        bootstrap: int = 1000,
        seed: int = 0,
    ) -> CodeAgreement:
        """Agreement by a unit; ``match`` says when two segments are the same (`make_units`)."""
        chosen = self.unit if unit is None else unit
        units = make_units(self.transcripts, self.codings, self.worked, unit=chosen, match=match)
        codes = [code.code for code in self.codebook if code.codable] if self.codebook is not None else []
        used = [code for code in sorted(self.codings["code"].unique()) if code not in codes]
        return code_agreement(
            units,
            self.codebook,
            codes + used,
            unit=chosen,
            confidence_level=confidence_level,
            bootstrap=bootstrap,
            seed=seed,
        )

    def saturate(self, *, base: int = 4, run: int = 2, threshold: float = 0.05) -> Saturation:
        """Saturation, interviews in the order of their dates, then of their ids."""
        order = sorted(self.transcripts, key=lambda name: (str(self.transcripts[name].date or "9999"), name))
        return saturation(self.codings, order, base=base, run=run, threshold=threshold)

    def disagreements(self, *, unit: Unit | None = None, match: float = 0.5) -> pd.DataFrame:
        """Units about which coders disagree: transcript, start, end, code, gave, did_not, quote."""
        chosen = self.unit if unit is None else unit
        units = make_units(self.transcripts, self.codings, self.worked, unit=chosen, match=match)
        names, starts, ends = (units.frame[name].tolist() for name in ("transcript", "start", "end"))
        rows = []
        for code in sorted(units.given):
            marks = units.given[code] & units.rated
            split = marks.any(axis=1) & (units.rated & ~marks).any(axis=1)
            for at in np.flatnonzero(split):
                start, end = int(starts[at]), int(ends[at])
                gave = [coder for place, coder in enumerate(units.coders) if marks[at, place]]
                missed = [
                    coder for place, coder in enumerate(units.coders) if units.rated[at, place] and coder not in gave
                ]
                quote = self.transcripts[names[at]].quote(start, end)
                rows.append((names[at], start, end, code, ", ".join(gave), ", ".join(missed), quote))
        columns = ["transcript", "start", "end", "code", "gave", "did_not", "quote"]
        return pd.DataFrame(rows, columns=columns).sort_values(
            ["transcript", "start", "end", "code"], ignore_index=True
        )

    def to_qdpx(self, *, name: str = "interviews", language: str = "en") -> tuple[bytes, pd.DataFrame]:
        """A REFI-QDA project of everything, and what can't be carried."""
        codings = [Coding(*row[:6]) for row in self.codings.itertuples(index=False, name=None)]
        book = self.codebook or Codebook(())
        return qdpx_bytes(self.transcripts.values(), book, codings, name=name, language=language)


def read_interviews(
    transcripts: Paths,
    codings: Paths = (),
    codebook: str | Path | Codebook | None = None,
    *,
    unit: Unit = "segment",
    coded_by: Mapping[str, Collection[str]] | None = None,
) -> Interviews:
    """Read transcripts, codings and codebook, and check them against each other.

    Parameters
    ----------
    transcripts
        Paths or patterns (``interviews/transcripts/*.txt``) of ``.txt``, ``.md``, ``.docx``, ``.srt``, ``.vtt``; or one
        REFI-QDA project (``.qdpx``) or QualCoder project (folder ``.qda``), which brings codings and codebook along.
    codings
        CSV files (transcript, coder, start, end, code, memo), or Taguette's export of highlights.
    codebook
        TOML, ``.qdc``, or another program's list of codes; or a `Codebook`.
    unit : {"segment", "sentence", "character"}
        What agreement compares.
    coded_by
        Transcript → coders who worked on it, for those who found nothing there. Without, a coder who gave no code in a
        transcript is taken not to have worked on it, which ``.problems`` says.

    Returns
    -------
    Interviews

    Raises
    ------
    ImportFormatError
        Everything that is wrong with all files, at once, as a table in ``.problems``.
    """
    one_of("unit", "read_interviews", unit, UNITS)
    problems = Problems()
    found: dict[str, Transcript] = {}
    given: list[Coding] = []
    book = codebook if isinstance(codebook, Codebook) else None
    for path in _paths(transcripts, problems):
        with _Gather(problems):
            if path.suffix.lower() in (".qdpx", ".qda"):
                project = read_qdpx(path) if path.suffix.lower() == ".qdpx" else read_qualcoder(path)
                problems.warnings += project.problems.warnings
                given += project.codings
                book = project.codebook if book is None and len(project.codebook) else book
                new: Iterable[Transcript] = project.transcripts
            else:
                new = [read_transcript(path)]
            for one in new:
                if one.id in found:
                    message = f"the id {one.id!r} is also that of {found[one.id].source}"
                    problems.error(path.name, "duplicate_transcript", message, "give each transcript its own id")
                found.setdefault(one.id, one)
    if codebook is not None and not isinstance(codebook, Codebook):
        with _Gather(problems):
            book = read_codebook(codebook)
    for path in _paths(codings, problems):
        with _Gather(problems):
            given += read_codings(path, found)
    kept = check_codings(given, found, book, problems)
    worked: dict[str, set[str]] = {}
    for coding in kept:
        worked.setdefault(coding.transcript, set()).add(coding.coder)
    for name, coders in (coded_by or {}).items():
        if name not in found:
            problems.error("coded_by", "unknown_transcript", f"there is no transcript {name!r}", "correct the id")
        worked.setdefault(name, set()).update(coders)
    problems.refuse("What was given as interviews")
    said = coded_by or {}
    warnings = [
        one for one in problems.warnings
        if not (one.rule == "coder_absent" and one.value in said.get(one.respondent_id or "", ()))
    ]  # fmt: skip
    return Interviews(
        transcripts=found,
        codebook=book,
        codings=codings_frame(kept, found),
        problems=_WithProblems("", warnings).to_frame(),
        worked={name: frozenset(coders) for name, coders in worked.items()},
        unit=unit,
    )


class _Gather:
    """Collects what a file's reading refuses, so that the other files are read too."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> Literal[False] | bool:
        if not isinstance(error, ImportFormatError):
            return False
        if error.problem_list:
            self.problems.errors += error.problem_list
        else:
            self.problems.errors.append(Problem(file="", rule="unreadable", message=error.message, remedy="correct it"))
        return True


def _paths(given: Paths, problems: Problems) -> list[Path]:
    listed = [given] if isinstance(given, str | Path) else list(given)
    found: list[Path] = []
    for entry in listed:
        if any(sign in str(entry) for sign in "*?[") and not Path(entry).exists():
            matches = sorted(glob(str(entry), recursive=True))
            if not matches:
                problems.error(Path(entry).name, "no_files", "no file matches this pattern", "correct the path")
            found += [Path(match) for match in matches]
        else:
            found.append(Path(entry))
    return list(dict.fromkeys(found))
