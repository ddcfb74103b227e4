"""Interviews of a study: transcripts, codebook, codings, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadership_study.importing._formulas import neutral_frame
from leadership_study.interviews.adjudication import final_codings
from leadership_study.interviews.co_occurrence import CoOccurrence, co_occurrence
from leadership_study.interviews.code_agreement import CodeAgreement, code_agreement
from leadership_study.interviews.code_frequencies import CodeFrequencies, code_frequencies
from leadership_study.interviews.codebook import Code, Codebook
from leadership_study.interviews.codings import Coding
from leadership_study.interviews.informant_codes import InformantCodes, informant_codes
from leadership_study.interviews.informant_names import informant_names, level_names, role_names
from leadership_study.interviews.pseudonyms import pseudonymise
from leadership_study.interviews.refi_qda_write import qdpx_bytes
from leadership_study.interviews.saturation import Saturation, saturation
from leadership_study.interviews.transcripts import Transcript
from leadership_study.interviews.translations import COLUMNS, translated
from leadership_study.interviews.units import Unit, make_units

if TYPE_CHECKING:
    from leadership_study.interviews.transcript_view import DisagreementView, TranscriptView


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
    options : mapping
        Of the properties below: match, confidence_level, bootstrap, seed of agreement; base, run, threshold of
        saturation.
    translations : DataFrame
        transcript, start, end, language, text: quotes in other languages.
    adjudication : DataFrame or None
        Disagreements about segments with what was decided, by whom and why; None when no record was given.
    """

    transcripts: Mapping[str, Transcript]
    codebook: Codebook | None
    codings: pd.DataFrame
    problems: pd.DataFrame
    worked: Mapping[str, frozenset[str]]
    unit: Unit = "segment"
    options: Mapping[str, Any] = field(default_factory=dict)
    translations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))
    adjudication: pd.DataFrame | None = None

    def __repr__(self) -> str:
        return (
            f"Interviews: {len(self.transcripts)} transcripts, {self.codings['code'].nunique()} codes used, "
            f"{len(self.codings)} codings of {self.codings['coder'].nunique()} coders, unit {self.unit}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"

    @cached_property
    def agreement(self) -> CodeAgreement:
        """Agreement of the coders by `unit`; `agree` takes other units and options."""
        return self.agree(**self._chosen("match", "confidence_level", "bootstrap", "seed"))

    @cached_property
    def final(self) -> pd.DataFrame | None:
        """Codings that all coders of a transcript gave, and those kept by adjudication; None without a record.

        Disagreements that nobody decided are left out; what only one coder worked on stays as it is.
        """
        if self.adjudication is None:
            return None
        units = make_units(self.transcripts, self.codings, self.worked, unit="segment", **self._chosen("match"))
        alone = [name for name, coders in self.worked.items() if len(coders) == 1]
        single = self.codings[self.codings["transcript"].isin(alone)]
        both = pd.concat([final_codings(units, self.adjudication, self.transcripts), single], ignore_index=True)
        return both.sort_values(["transcript", "start", "end", "code"], ignore_index=True)

    @property
    def counted(self) -> pd.DataFrame:
        """The codings that frequencies count: the final ones where there is a record of adjudication, else all."""
        return self.codings if self.final is None else self.final

    @cached_property
    def frequencies(self) -> CodeFrequencies:
        """References and sources of codes."""
        return code_frequencies(self.counted, self.transcripts, self.codebook)

    @cached_property
    def saturation(self) -> Saturation:
        """Saturation by Guest's base of 4, run of 2 and 5 per cent; `saturate` takes others."""
        return self.saturate(**self._chosen("base", "run", "threshold"))

    @cached_property
    def co_occurrence(self) -> CoOccurrence:
        """Codes in the same turn."""
        return co_occurrence(self.counted, self.transcripts, self.codebook)

    @cached_property
    def informants(self) -> InformantCodes:
        """Codes by informant, and informants with a code by role."""
        return informant_codes(self.counted, self.transcripts, self.codebook)

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
        return saturation(self.counted, order, base=base, run=run, threshold=threshold)

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

    def names(self, language: str = "en") -> dict[str, str]:
        """What informants are called, by transcript: role and number."""
        return informant_names(self.transcripts, language)

    def labels(self, language: str = "en") -> dict[str, str]:
        """What codes, informants, roles and levels are called, by id, and statements in the language: for tables."""
        codes = {} if self.codebook is None else {code.code: code.label(language) for code in self.codebook}
        said = {} if self.counted.empty else self._said(language)
        return {**said, **role_names(language), **level_names(language), **codes, **self.names(language)}

    def _said(self, language: str) -> dict[str, str]:
        """Original statements in a language, where somebody translated them."""
        rows = self.frequencies.statements.itertuples(index=False)
        found = {str(row.statement): self.translation(row.informant, row.start, row.end, language) for row in rows}  # type: ignore[arg-type]
        return {text: other for text, other in found.items() if other is not None}

    def translation(self, transcript: str, start: int, end: int, language: str) -> str | None:
        """The quote ``text[start:end]`` in another language, when someone translated it or most of it."""
        return translated(self.translations, transcript, start, end, language)

    def show(
        self, transcript: str, *, coders: tuple[str, ...] | None = None, codes: tuple[str, ...] | None = None,
        language: str = "en",
    ) -> "TranscriptView":  # fmt: skip
        """A transcript with its coded stretches in colour, the coders side by side; Jupyter shows it."""
        from leadership_study.interviews.transcript_view import transcript_view

        return transcript_view(self, transcript, coders=coders, codes=codes, language=language)

    def show_disagreements(self, *, language: str = "en") -> "DisagreementView":
        """What the coders disagree about, with what was decided; Jupyter shows it."""
        from leadership_study.interviews.transcript_view import disagreement_view

        return disagreement_view(self, language=language)

    def decisions_to_make(self, *, key: pd.DataFrame | None = None) -> tuple[str, int]:
        """Disagreements about segments that nobody decided, as a CSV to fill in (`read_adjudication`), and how many.

        ``decision``, ``decided_by``, ``date`` and ``reason`` are empty; quote and coders stand beside them. Places are
        those of these interviews: fill in what was made from the texts as received, and give the ``key`` of
        pseudonyms, so that the quotes name nobody.
        """
        table = self.adjudication if self.adjudication is not None else self.disagreements(unit="segment")
        todo = table[table["decision"].isna()] if "decision" in table else table
        filled = todo.assign(decision="", decided_by="", date="", reason="")
        if key is not None and len(filled):
            quotes = pseudonymise({str(at): str(quote) for at, quote in enumerate(filled["quote"])}, key=key).texts
            filled["quote"] = list(quotes.values())
        columns = ["transcript", "start", "end", "code", "decision", "decided_by", "date", "reason"]
        frame = neutral_frame(filled[[*columns, "gave", "did_not", "quote"]].reset_index(drop=True))
        return frame.to_csv(index=False, lineterminator="\n"), len(todo)

    def _chosen(self, *names: str) -> dict[str, Any]:
        return {name: self.options[name] for name in names if name in self.options}

    def to_qdpx(self, *, name: str = "interviews", language: str = "en") -> tuple[bytes, pd.DataFrame]:
        """A REFI-QDA project of everything, and what can't be carried."""
        codings = [Coding(*row[:6]) for row in self.codings.itertuples(index=False, name=None)]
        used = sorted(self.codings["code"].unique())
        book = Codebook(tuple(Code(code) for code in used)) if self.codebook is None else self.codebook
        return qdpx_bytes(self.transcripts.values(), book, codings, name=name, language=language)
