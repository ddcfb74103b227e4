"""The record of adjudication: who decided what about a disagreement, and why; and the codings that are left."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Day
from pathlib import Path

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.text import read_text
from leadership_study.interviews.transcripts import Transcript
from leadership_study.interviews.units import Units

COLUMNS = ("transcript", "start", "end", "code", "decision", "decided_by", "date", "reason")
DECISIONS = ("keep", "drop")
FINAL = "final"
"""Who the final codings are by, in the column ``coder``."""


@dataclass(frozen=True)
class Decision:
    """One line of the record: whether ``code`` stays at ``text[start:end]``."""

    transcript: str
    start: int
    end: int
    code: str
    decision: str
    decided_by: str
    date: Day | None
    reason: str
    row: int = 0


def read_adjudication(path: str | Path) -> list[Decision]:
    """Read the record: a CSV with transcript, start, end, code, decision, decided_by, date, reason.

    ``decision`` is ``keep`` or ``drop``; who decided and why must be said, the date (YYYY-MM-DD) may be left out.

    Parameters
    ----------
    path : str or Path
        The file; UTF-8.

    Raises
    ------
    ImportFormatError
        Everything that is wrong with the file, at once.
    """
    path = Path(path)
    problems = Problems()
    reader = csv.DictReader(io.StringIO(read_text(path)), strict=True)
    found = []
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ()) and name != "date"]
        if missing:
            message, remedy = f"there is no column {', '.join(missing)}", f"the columns are {', '.join(COLUMNS)}"
            raise refused(path.name, "missing_columns", message, remedy)
        for at, row in enumerate(reader, 1):
            if decision := _decision(
                {name: (row.get(name) or "").strip() for name in COLUMNS}, at, path.name, problems
            ):
                found.append(decision)
    except csv.Error as error:
        message = f"no valid CSV: {error} (line {reader.line_num})"
        raise refused(path.name, "bad_csv", message, "save it again as CSV") from None
    problems.refuse(f"The record of adjudication {path.name}")
    return found


def check_decisions(
    decisions: list[Decision],
    disagreements: pd.DataFrame,
    transcripts: Mapping[str, Transcript],
    codebook: Codebook | None,
    problems: Problems,
    file: str,
) -> pd.DataFrame:
    """The disagreements with what was decided about each; what decides nothing is a warning, what can't be an error.

    A decision belongs to the disagreement about its code with which it shares most of what both cover.

    Returns
    -------
    DataFrame
        `Interviews.disagreements` with ``decision`` (keep, drop, or missing: open), decided_by, date and reason.
    """
    table = disagreements.assign(**dict.fromkeys(COLUMNS[4:], None)).astype(dict.fromkeys(COLUMNS[4:], "object"))
    for one in decisions:
        place = {"row": one.row, "respondent_id": one.transcript}
        if one.transcript not in transcripts:
            hint = unknown("transcript", one.transcript, sorted(transcripts))
            problems.error(file, "unknown_transcript", hint, "correct the id", row=one.row)
            continue
        if codebook is not None and one.code not in codebook:
            hint = unknown("code", one.code, [code.code for code in codebook])
            problems.error(file, "unknown_code", hint, "correct it", column="code", **place)
            continue
        if not one.start < one.end <= len(transcripts[one.transcript].text):
            message = f"the stretch from {one.start} to {one.end} is empty or past the end"
            problems.error(file, "past_the_end", message, "count code points", **place)
            continue
        own = table[(table["transcript"] == one.transcript) & (table["code"] == one.code)]
        shared = own["end"].clip(upper=one.end) - own["start"].clip(lower=one.start)
        if own.empty or shared.max() <= 0:
            message = f"the coders don't disagree about {one.code} there"
            problems.warning(file, "nothing_to_decide", message, "check the offsets, or take it out", **place)
            continue
        joint = own["end"].clip(lower=one.end) - own["start"].clip(upper=one.start)
        at = (shared / joint).idxmax()
        if table.at[at, "decision"] is not None:
            message = f"the disagreement about {one.code} is decided twice"
            problems.error(file, "decided_twice", message, "take one decision out", **place)
            continue
        when = None if one.date is None else one.date.isoformat()
        for name, value in zip(COLUMNS[4:], (one.decision, one.decided_by, when, one.reason), strict=True):
            table.at[at, name] = value
    return table


def final_codings(units: Units, decided: pd.DataFrame, transcripts: Mapping[str, Transcript]) -> pd.DataFrame:
    """What counts in the end: codes that all who worked there gave, and those that were kept by a decision.

    Disagreements that nobody decided are left out. In transcripts that only one coder worked on, which aren't in
    ``units``, there is nothing to agree about: `Interviews.final` takes their codings as they are.

    Returns
    -------
    DataFrame
        transcript, coder (``final``), start, end, code, memo (the reason of the decision), quote.
    """
    columns = list(zip(*(units.frame[name].tolist() for name in ("transcript", "start", "end")), strict=True))
    rows = []
    for code, marks in units.given.items():
        for at in np.flatnonzero(np.all(marks | ~units.rated, axis=1) & np.any(marks, axis=1)):
            name, start, end = columns[at]
            rows.append((name, FINAL, int(start), int(end), code, ""))
    kept = decided[decided["decision"] == "keep"]
    for row in kept[["transcript", "start", "end", "code", "reason"]].itertuples(index=False, name=None):
        name, start, end, code, reason = row
        rows.append((name, FINAL, int(start), int(end), code, reason))
    frame = pd.DataFrame(rows, columns=["transcript", "coder", "start", "end", "code", "memo"])
    frame["quote"] = [
        transcripts[name].quote(start, end)
        for name, start, end in zip(frame["transcript"], frame["start"], frame["end"], strict=True)
    ]
    frame = frame.astype({"start": "int64", "end": "int64"})
    return frame.sort_values(["transcript", "start", "end", "code"], ignore_index=True)


def _decision(row: Mapping[str, str], at: int, file: str, problems: Problems) -> Decision | None:
    before = len(problems.errors)
    for name in ("start", "end"):
        if not (row[name].isascii() and row[name].isdigit()):
            message = f"'{name}' is no whole number of 0 or more"
            problems.error(file, "bad_offset", message, "count code points from 0", row=at, column=name)
    for name in ("transcript", "code", "decided_by", "reason"):
        if not row[name]:
            problems.error(file, "missing_value", f"'{name}' is empty", "fill it in", row=at, column=name)
    if row["decision"] not in DECISIONS:
        hint = unknown("decision", row["decision"], list(DECISIONS))
        problems.error(file, "unknown_decision", hint, "write keep or drop", row=at, column="decision")
    when = None
    if row["date"]:
        try:
            when = Day.fromisoformat(row["date"])
        except ValueError:
            problems.error(file, "bad_date", "the date is none", "write it as 2026-05-01", row=at, value=row["date"])
    if len(problems.errors) > before:
        return None
    return Decision(
        row["transcript"], int(row["start"]), int(row["end"]), row["code"], row["decision"], row["decided_by"], when,
        row["reason"], at,
    )  # fmt: skip
