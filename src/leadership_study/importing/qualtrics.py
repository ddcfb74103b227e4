"""Qualtrics exports: names of questions, their texts and import ids as two or three header rows; CSV, TSV or workbook.

The third row holds import ids, in JSON (``{"ImportId":"QID2_1"}``) since 2017 and in Python's notation
(``{'ImportId': 'QID2-1'}``) before; legacy exports have only names and texts.
"""

import csv
import io
import json
import re
from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from leadership_study.importing._formulas import neutral
from leadership_study.importing._headings import parts, wordings
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start, start_of
from leadership_study.importing._system import iso_times, take_system
from leadership_study.importing._tables import read_any, without_first
from leadership_study.instruments import Instrument
from leadership_study.results import Note

IMPORT_ID = re.compile(r"""^\s*\{\s*["']ImportId["']\s*:\s*["'](?P<id>[^"']*)["']""")
ROLES = {
    "Duration (in seconds)": "duration_seconds",
    "EndDate": "submitted_at",
    "RecordedDate": "submitted_at",
    "StartDate": "started_at",
    "DistributionChannel": "channel",
    "IPAddress": "same_address",
    "Progress": "progress",
    "Finished": "finished",
    "UserLanguage": "language",
}
"""Columns that every export has under these names, whatever its language."""

PERSONAL = {
    "RecipientLastName": "name",
    "RecipientFirstName": "name",
    "RecipientEmail": "email",
    "ExternalReference": "account",
    "ExternalDataReference": "account",
    "LocationLatitude": "coordinates",
    "LocationLongitude": "coordinates",
    "LocationAccuracy": "coordinates",
}
_IDS = ("ResponseId", "ResponseID", "_recordId")
_LEGACY = re.compile(r"V\d+")
MISSING_CODES = ("-99",)
"""What an export writes, when asked to, for a question that was seen and left out."""


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether the third or second row has import ids, or the first two rows the platform's own columns."""
    rows = (start or start_of(data)).rows
    if any(sum(bool(IMPORT_ID.match(cell)) for cell in row) > 1 for row in rows[1:3]):
        return True
    own = {"StartDate", "EndDate", "Finished"}
    return any({*_IDS} & {*row} and own & {*row} for row in rows[:2])


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read an export; ``wordings`` come from the row of texts, ``ids`` from names and import ids."""
    table = read_any(data, file=file, expected={*expected, *ROLES}, encoding=encoding, sheet=sheet)
    if table.cells is None or not table.header:
        return table
    texts, imports, count = _header_rows(table)
    table = without_first(table, count)
    header = tuple(
        text if _LEGACY.fullmatch(name) and (text in ROLES or text in PERSONAL or text in _IDS) else name
        for name, text in zip(table.header, texts, strict=True)
    )
    known = {name: kind for name, kind in PERSONAL.items() if name in header}
    spoken = tuple(
        tuple(dict.fromkeys((*wordings(name), *wordings(text)))) if name else ()
        for name, text in zip(header, texts, strict=True)
    )
    table = replace(
        table,
        header=header,
        ids=tuple((name, *((entry,) if entry else ())) for name, entry in zip(header, imports, strict=True)),
        wordings=spoken,
        parts=tuple((*parts(name), *parts(text)) for name, text in zip(header, texts, strict=True)),
        missing_codes=MISSING_CODES,
        values=None,
        option_codes=True,
        respondent_id=next((name for name in _IDS if name in header), None),
        withheld=known,
    )
    return _with_previews(take_system(table, ROLES, file=file), file)


def _header_rows(table: Table) -> tuple[list[str], list[str], int]:
    """Texts and import ids of the columns, and how many records are header rows."""
    cells = table.cells
    width = len(table.header)
    if cells is None or not len(cells):
        return [""] * width, [""] * width, 0
    first = [_text(cells.iat[0, at]) for at in range(width)]
    second = [_text(cells.iat[1, at]) for at in range(width)] if len(cells) > 1 else [""] * width
    for texts, ids, count in (([""] * width, first, 1), (first, second, 2)):
        found = [match["id"] if (match := IMPORT_ID.match(entry)) else "" for entry in ids]
        if any(found):
            return texts, found, count
    dates = [at for at, name in enumerate(table.header) if name in ("StartDate", "EndDate") or _LEGACY.fullmatch(name)]
    dated = [
        at for at in dates if first[at] in ("StartDate", "EndDate") or table.header[at] in ("StartDate", "EndDate")
    ]
    for at in dated:
        times, unread = iso_times(pd.Series([first[at]], dtype="str"))
        serial = first[at].replace(".", "", 1).isdecimal()
        if first[at] and unread and times.isna().all() and not serial and "/" not in first[at]:
            return first, [""] * width, 1
    return [""] * width, [""] * width, 0


def _text(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _with_previews(table: Table, file: str) -> Table:
    """Note how many records the platform itself marks as previews, tests or spam; validation decides nothing on it."""
    if table.cells is None or "Status" not in table.header:
        return table
    status = table.cells[table.header.index("Status")].str.strip().str.casefold()
    marks = ("survey preview", "survey test", "spam", "preview", "1", "2", "8")
    count = int(status.isin(marks).sum())
    if not count:
        return table
    text = "Records of {file} that the platform marks as previews, tests or spam, and that were kept: {count}."
    return replace(table, notes=(*table.notes, Note("preview_records", text, {"file": file, "count": count})))


def write(raw: RawResponses, instrument: Instrument | None = None, *, language: str = "en") -> bytes:
    """Return ``raw`` as the platform exports it since 2017: three header rows, UTF-8; `read` reads it back.

    Respondents' ids become ``ResponseId``; texts come from ``instrument``. No cell would be run as a formula.
    """
    ids = [str(name) for name in raw.frame.columns]
    names = ["ResponseId" if id == "respondent_id" else id for id in ids]
    texts = [
        "Response ID" if id == "respondent_id" else instrument.label(id, language) if instrument else id for id in ids
    ]
    imports = [
        json.dumps({"ImportId": "_recordId" if id == "respondent_id" else f"QID{at}"}, separators=(",", ":"))
        for at, id in enumerate(ids)
    ]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for row in (names, texts, imports, *raw.frame.to_numpy(dtype=object, na_value="")):
        table.writerow([neutral(str(cell)) for cell in row])
    return text.getvalue().encode()
