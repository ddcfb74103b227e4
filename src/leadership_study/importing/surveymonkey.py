"""SurveyMonkey exports, CSV or workbook: two header rows, of questions and of their rows or options.

The question stands over the first of its columns only. ``Response`` and ``Open-Ended Response`` say that
it has but one.
"""

import csv
import io
from collections.abc import Collection
from dataclasses import replace

from leadership_study.importing._formulas import neutral
from leadership_study.importing._headings import parts, wordings
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start, start_of
from leadership_study.importing._system import take_system
from leadership_study.importing._tables import read_any, without_first
from leadership_study.instruments import Instrument

ROLES = {
    "Start Date": "started_at", "StartDate": "started_at", "date_created": "started_at",
    "End Date": "submitted_at", "EndDate": "submitted_at", "date_modified": "submitted_at",
    "IP Address": "same_address", "ip_address": "same_address",
}  # fmt: skip
_PERSONAL = {
    "Email Address": "email", "email_address": "email", "First Name": "name", "first_name": "name",
    "FirstName": "name", "Last Name": "name", "LastName": "name", "last_name": "name",
    "Custom Data 1": "account", "CustomData": "account", "custom_1": "account",
}  # fmt: skip
_IDS = ("Respondent ID", "RespondentID", "respondent_id")
_COLLECTORS = ("Collector ID", "CollectorID", "collector_id")
_ALONE = ("response", "open-ended response", "")
"""What stands in the second row where a question has one column."""


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether the header begins with the platform's numbers of respondents and collectors."""
    header = {*(start or start_of(data)).header}
    return bool(header & {*_IDS}) and bool(header & {*_COLLECTORS})


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read an export; headers are ``question—row``, ``wordings`` questions and rows, ``parts`` both.

    Without a second header row (it has no number of a respondent) the first is taken as it is.
    """
    table = read_any(data, file=file, expected={*expected, *ROLES, *_IDS}, encoding=encoding, sheet=sheet)
    if table.cells is None or not table.header:
        return table
    table = _one_header(table)
    table = replace(
        table,
        wordings=tuple(wordings(name) for name in table.header),
        parts=tuple(parts(name) for name in table.header),
        values=None,
        option_codes=True,
        respondent_id=next((name for name in _IDS if name in table.header), None),
        withheld={name: kind for name, kind in _PERSONAL.items() if name in table.header},
    )
    return take_system(table, ROLES, file=file)


def _one_header(table: Table) -> Table:
    cells = table.cells
    own = next((at for at, name in enumerate(table.header) if name in _IDS), None)
    if cells is None or own is None or not len(cells) or isinstance(cells.iat[0, own], str):
        return table
    second = [cell.strip() if isinstance(cell, str) else "" for cell in cells.iloc[0]]
    header, above = [], ""
    for name, below in zip(table.header, second, strict=True):
        above = name or above
        header.append(above if below.casefold() in _ALONE else f"{above}—{below}")
    return without_first(replace(table, header=tuple(header)), 1)


def write(raw: RawResponses, instrument: Instrument | None = None, *, language: str = "en") -> bytes:
    """Return ``raw`` as the platform exports it, one question a column; `read` reads it back."""
    columns = [str(name) for name in raw.frame.columns]
    first = [
        _IDS[0] if id == "respondent_id" else instrument.label(id, language) if instrument else id for id in columns
    ]
    second = ["" if id == "respondent_id" else "Response" for id in columns]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for mark, row in ((_COLLECTORS[0], first), ("", second), *(("", row) for row in _cells(raw))):
        table.writerow([neutral(row[0]), mark, *(neutral(cell) for cell in row[1:])])
    return text.getvalue().encode()


def _cells(raw: RawResponses) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in raw.frame.to_numpy(dtype=object, na_value="")]
