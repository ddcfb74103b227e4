"""Codings: who gave which code to which stretch of which transcript."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.interviews._problems import Problems, refused
from leadership_study.interviews.codebook import Codebook
from leadership_study.interviews.text import read_text
from leadership_study.interviews.transcripts import Transcript

COLUMNS = ("transcript", "coder", "start", "end", "code", "memo")


@dataclass(frozen=True)
class Coding:
    """``text[start:end]`` of a transcript (code points, half-open) was given a code by a coder."""

    transcript: str
    coder: str
    start: int
    end: int
    code: str
    memo: str = ""
    quote: str | None = None
    file: str = ""
    row: int | None = None


def read_codings(path: str | Path, transcripts: Mapping[str, Transcript] | None = None) -> list[Coding]:
    """Read codings from a CSV with the columns transcript, coder, start, end, code, and perhaps memo and quote.

    Taguette's export of highlights (``id, document, tag, content``) has no offsets and no coder: the text is looked for
    in the transcript, and must be there exactly once. The coder is then called as the file.

    Raises
    ------
    ImportFormatError
        Columns that are missing, numbers that are none, texts of Taguette that aren't there or not once.
    """
    path = Path(path)
    return parse_codings(read_text(path), path.name, transcripts)


def parse_codings(text: str, file: str, transcripts: Mapping[str, Transcript] | None = None) -> list[Coding]:
    """The same from text."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    problems = Problems()
    try:
        header = [str(name).strip().casefold() for name in reader.fieldnames or []]
        rows = [(reader.line_num, dict(zip(header, row.values(), strict=False))) for row in reader]
    except csv.Error as error:
        raise refused(
            file, "bad_csv", f"no valid CSV: {error} (line {reader.line_num})", "save it again as CSV"
        ) from None
    if {"document", "tag", "content"} <= set(header):
        found = _highlights(rows, file, transcripts or {}, problems)
    else:
        missing = [name for name in COLUMNS[:5] if name not in header]
        if missing:
            message = f"there is no column {', '.join(missing)}"
            raise refused(file, "missing_columns", message, f"the columns are {', '.join(COLUMNS)}")
        found = [one for at, (line, row) in enumerate(rows, 1) if (one := _coding(row, at, line, file, problems))]
    problems.refuse(f"The codings {file}")
    return found


def check_codings(
    codings: Iterable[Coding], transcripts: Mapping[str, Transcript], codebook: Codebook | None, problems: Problems
) -> list[Coding]:
    """Check codings against transcripts and codebook; errors and warnings go to ``problems``.

    Errors: unknown transcripts and codes, codes that only hold others, offsets that are negative, past the end or
    empty, a quote that isn't the text. Warnings: the same coding twice (kept once), a stretch of blanks, a
    coder who coded nothing in a transcript that others coded.
    """
    kept: dict[tuple[str, str, int, int, str], Coding] = {}
    known = None if codebook is None else {code.code: code.codable for code in codebook}
    for one in codings:
        place = {"row": one.row, "respondent_id": one.transcript or None}
        sound = True
        if one.transcript not in transcripts:
            hint = unknown("transcript", one.transcript, sorted(transcripts))
            problems.error(one.file, "unknown_transcript", hint, "correct the id, or give the transcript", row=one.row)
            sound = False
        if known is not None and one.code not in known:
            hint = unknown("code", one.code, list(known))
            problems.error(
                one.file, "unknown_code", hint, "correct it, or add it to the codebook", column="code", **place
            )
            sound = False
        elif known is not None and not known[one.code]:
            message = "the code only holds other codes"
            problems.error(
                one.file,
                "folder_code",
                message,
                "code with one of those below it",
                column="code",
                value=one.code,
                **place,
            )
            sound = False
        if sound and _offsets(one, transcripts[one.transcript].text, place, problems):
            key = (one.transcript, one.coder, one.start, one.end, one.code)
            if key in kept:
                message = f"{one.coder} gave {one.code} to the same stretch twice; it counts once"
                problems.warning(one.file, "duplicate_coding", message, "take one out", **place)
            kept.setdefault(key, one)
    found = sorted(kept.values(), key=lambda one: (one.transcript, one.start, one.end, one.coder, one.code))
    _absent(found, transcripts, problems)
    return found


def codings_frame(codings: Iterable[Coding], transcripts: Mapping[str, Transcript]) -> pd.DataFrame:
    """Codings as a table, one row each, with the quote."""
    rows = [
        (
            one.transcript,
            one.coder,
            one.start,
            one.end,
            one.code,
            one.memo,
            transcripts[one.transcript].quote(one.start, one.end),
        )
        for one in codings
    ]
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "quote"])
    return frame.astype({"start": "int64", "end": "int64"})


def codings_csv(frame: pd.DataFrame) -> str:
    """Write codings as CSV text with the columns that `read_codings` takes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(frame[list(COLUMNS)].itertuples(index=False, name=None))
    return out.getvalue()


def _coding(row: Mapping[str, str | None], at: int, line: int, file: str, problems: Problems) -> Coding | None:
    offsets = {}
    for name in ("start", "end"):
        given = (row.get(name) or "").strip()
        if given.isascii() and given.isdigit():
            offsets[name] = int(given)
        else:
            remedy = "count code points from 0; the end is the first that isn't in it"
            problems.error(file, "bad_offset", f"'{name}' is no whole number of 0 or more", remedy, row=at, line=line,
                           column=name, value=given)  # fmt: skip
    texts = {name: (row.get(name) or "").strip() for name in ("transcript", "coder", "code")}
    for name, value in texts.items():
        if not value:
            problems.error(file, "missing_value", f"'{name}' is empty", "fill it in", row=at, line=line, column=name)
    if len(offsets) < 2 or not all(texts.values()):
        return None
    quote = row.get("quote")
    return Coding(
        texts["transcript"], texts["coder"], offsets["start"], offsets["end"], texts["code"],
        (row.get("memo") or "").strip(), quote or None, file, at,
    )  # fmt: skip


def _highlights(
    rows: list[tuple[int, dict[str, str | None]]], file: str, transcripts: Mapping[str, Transcript], problems: Problems
) -> list[Coding]:
    names = {alias: one for one in transcripts.values() for alias in (one.id, one.source, Path(one.source).stem)}
    found = []
    for at, (line, row) in enumerate(rows, 1):
        name, tag, content = ((row.get(key) or "") for key in ("document", "tag", "content"))
        transcript = names.get(name) or names.get(Path(name).stem)
        place = {"row": at, "line": line, "respondent_id": name}
        if not tag:
            problems.warning(file, "no_tag", "the highlight has no tag and is left out", "tag it", **place)
        elif transcript is None:
            hint = unknown("transcript", name, sorted(transcripts))
            problems.error(file, "unknown_transcript", hint, "give the transcript", row=at, line=line)
        elif (times := transcript.text.count(content.strip())) != 1 or not content.strip():
            message = f"the text of the highlight is in the transcript {times} times"
            problems.error(file, "quote_not_unique", message, "export the project as REFI-QDA or give offsets", **place)
        else:
            start = transcript.text.index(content.strip())
            found.append(
                Coding(
                    transcript.id, Path(file).stem, start, start + len(content.strip()), tag.strip(), file=file, row=at
                )
            )
    return found


def _offsets(one: Coding, text: str, place: Mapping[str, object], problems: Problems) -> bool:
    if one.end > len(text):
        message = f"the end {one.end} is past the end of the transcript, which has {len(text)} characters"
        remedy = "count code points of the text without front matter, line ends as one"
        problems.error(one.file, "past_the_end", message, remedy, column="end", value=str(one.end), **place)
        return False
    if one.start >= one.end or one.start < 0:
        message = f"the stretch from {one.start} to {one.end} is empty"
        problems.error(one.file, "empty_segment", message, "the end comes after the start", column="start", **place)
        return False
    said = text[one.start : one.end]
    if one.quote is not None and one.quote != said:
        message = f"the text there is {said[:40]!r}, not the quote"
        problems.error(
            one.file,
            "shifted_offsets",
            message,
            "check line ends and byte order mark",
            column="quote",
            value=one.quote[:40],
            **place,
        )
        return False
    if not said.strip():
        problems.warning(
            one.file, "blank_segment", "only blanks are coded", "check the offsets", column="start", **place
        )
    return True


def _absent(codings: list[Coding], transcripts: Mapping[str, Transcript], problems: Problems) -> None:
    did: dict[str, set[str]] = {}
    for one in codings:
        did.setdefault(one.coder, set()).add(one.transcript)
    coded = set().union(*did.values()) if did else set()
    for coder in sorted(did):
        for transcript in sorted(coded - did[coder]):
            message = f"the coder {coder} coded nothing in it: for agreement that is not rated, not 'no code'"
            problems.warning(
                transcripts[transcript].source or transcript, "coder_absent", message,
                "say in 'coded_by' who worked on it, if nothing was found there", respondent_id=transcript, value=coder,
            )  # fmt: skip
    for transcript in sorted(set(transcripts) - coded):
        problems.warning(
            transcripts[transcript].source or transcript,
            "not_coded",
            "nobody coded it",
            "code it",
            respondent_id=transcript,
        )
