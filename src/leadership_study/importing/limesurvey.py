"""LimeSurvey exports: codes or texts as headers, codes or texts as answers; CSV (comma, semicolon, tab) or workbook.

A row of an array is ``code[subcode]``, ``question [row]`` or ``code[subcode]. question [row]``. Texts lose their HTML,
and what stood in two lines runs together; both are compared without spaces.
"""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from leadership_study.importing._formulas import neutral, neutral_frame
from leadership_study.importing._headings import parts, plain, wordings
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start, start_of
from leadership_study.importing._system import take_system
from leadership_study.importing._tables import read_any
from leadership_study.importing.google_forms import TIMESTAMPS
from leadership_study.instruments import Instrument
from leadership_study.results import Note

ROLES = {
    "interviewtime": "duration_seconds", "Total time": "duration_seconds", "Gesamtzeit": "duration_seconds",
    "总时间": "duration_seconds", "Temps total": "duration_seconds",
    "submitdate": "submitted_at", "Date submitted": "submitted_at", "Datum Abgeschlossen": "submitted_at",
    "Datum der Absendung": "submitted_at", "提交日期": "submitted_at", "Date de soumission": "submitted_at",
    "startdate": "started_at", "Date started": "started_at", "Datum gestartet": "started_at", "开始日期": "started_at",
    "Startdatum": "started_at",
    "ipaddr": "same_address", "IP address": "same_address", "IP-Adresse": "same_address", "IP地址": "same_address",
    "startlanguage": "language", "Start language": "language", "Startsprache": "language", "起始语言": "language",
}  # fmt: skip
"""Columns about the submission, by code and by text in several languages."""

_IDS = ("id", "Response ID", "Antwort ID", "Antwort-ID", "答复ID", "回复ID", "ID de la réponse", "ID de respuesta")
_OWN = {
    "submitdate",
    "lastpage",
    "startlanguage",
    "seed",
    "token",
    "datestamp",
    "last page",
    "start language",
    "date submitted",
}
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[\[_][A-Za-z0-9_\]\[]*)?")
_CODE_AND_TEXT = re.compile(r"^(?P<code>[A-Za-z][A-Za-z0-9_]*(?:\[[^\]]*\])*)\.\s+(?P<text>.*)$", re.DOTALL)
_SUBCODES = re.compile(r"\[([^\[\]]+)\]")
_AT_END = re.compile(r"^(?P<stem>.+?)\s*\[(?P<row>[^\[\]]*)\]\s*$", re.DOTALL)
MISSING_CODES = ("N/A",)
"""What some exports write for a question that was not asked."""


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether the header has the platform's own columns, or several rows of one question in square brackets."""
    header = [plain(name) for name in (start or start_of(data)).header]
    bare = {(match["code"] if (match := _CODE_AND_TEXT.match(name)) else name).casefold() for name in header}
    texts = {match["text"].casefold() for name in header if (match := _CODE_AND_TEXT.match(name))}
    if len(_OWN & (bare | texts)) >= 2 or {"id", "submitdate"} <= bare:
        return True
    if header and header[0].casefold() in TIMESTAMPS:
        return False
    stems = Counter(match["stem"] for name in header if (match := _AT_END.match(name)))
    return sum(count for count in stems.values() if count > 1) * 2 > len(header) > 3


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read an export; ``ids`` are codes and subcodes, ``wordings`` texts without HTML, whole or of the row alone."""
    table = read_any(data, file=file, expected={*expected, *ROLES, *_IDS}, encoding=encoding, sheet=sheet)
    if table.cells is None or not table.header:
        return table
    split = [_CODE_AND_TEXT.match(name) for name in table.header]
    codes = [match["code"] if match else name for match, name in zip(split, table.header, strict=True)]
    texts = [match["text"] if match else name for match, name in zip(split, table.header, strict=True)]
    roles = {name: ROLES[key] for name, code, text in zip(table.header, codes, texts, strict=True)
             for key in (code, text) if key in ROLES}  # fmt: skip
    own_id = next(
        (at for at, (code, text) in enumerate(zip(codes, texts, strict=True)) if {code, text} & {*_IDS}), None
    )
    table = replace(
        table,
        ids=tuple(_ids(code) for code in codes),
        wordings=tuple(
            tuple(dict.fromkeys((*wordings(name), *wordings(text))))
            for name, text in zip(table.header, texts, strict=True)
        ),
        parts=tuple(
            tuple(dict.fromkeys((*parts(code), *parts(text)))) for code, text in zip(codes, texts, strict=True)
        ),
        missing_codes=MISSING_CODES,
        values=None,
        option_codes=True,
        respondent_id=None if own_id is None else table.header[own_id],
        withheld={name: "account" for name, code in zip(table.header, codes, strict=True) if code == "token"},
    )
    return _with_incomplete(take_system(table, roles, file=file), file)


def _ids(code: str) -> tuple[str, ...]:
    """A code as it stands, and the subcode alone; ``Q1_SQ001`` is how statistics programs write ``Q1[SQ001]``."""
    if not _CODE.fullmatch(code.replace(" ", "")):
        return ()
    subcodes = _SUBCODES.findall(code)
    found = [code, *subcodes]
    if not subcodes and "_" in code:
        found.append(code.rpartition("_")[2])
    return tuple(dict.fromkeys(found))


def _with_incomplete(table: Table, file: str) -> Table:
    """Submissions without a date of submission were not finished; a date of 1980 stands for "not recorded"."""
    system = table.system
    if system is None or "submitted_at" not in system:
        return table
    unknown = system["submitted_at"].str.startswith("1980-01-01", na=False)
    open_ones = int(system["submitted_at"].isna().sum())
    notes = list(table.notes)
    if open_ones:
        text = "Records of {file} that were never submitted, and that were kept: {count}."
        notes.append(Note("unfinished_records", text, {"file": file, "count": open_ones}))
    finished = pd.Series("yes", index=system.index, dtype="str").mask(system["submitted_at"].isna(), "no")
    system = system.assign(submitted_at=system["submitted_at"].mask(unknown), finished=finished)
    return replace(table, system=system, notes=tuple(notes))


def write(raw: RawResponses, instrument: Instrument | None = None, *, language: str | None = None) -> bytes:
    """Return ``raw`` as the platform exports it: ``id``, ``submitdate``, codes, or texts of questions in ``language``.

    Codes lose their underscores, as the platform wants them; `read` finds the ids all the same.
    """
    frame = neutral_frame(raw.frame)
    names = {}
    for id in raw.frame.columns:
        plain_code = str(id).replace("_", "")
        spoken = plain_code if instrument is None or language is None else instrument.label(str(id), language)
        names[neutral(str(id))] = "id" if id == "respondent_id" else neutral(spoken)
    frame = frame.rename(columns=names)
    frame.insert(1, "submitdate", "1980-01-01 00:00:00")
    frame.insert(2, "lastpage", "1")
    frame.insert(3, "startlanguage", language or "en")
    return frame.to_csv(index=False, lineterminator="\n").encode()
