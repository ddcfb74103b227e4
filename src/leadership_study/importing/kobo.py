"""KoboToolbox and ODK exports: ``;`` or comma, names or labels as headers, groups before them, one column an option.

A name in a group is ``group/name`` (KoboToolbox) or ``group-name`` (ODK); several answers stand as ``x y`` in one cell,
as 1 and 0 in a column for each option (``question/x``), or both.
"""

from collections.abc import Collection
from dataclasses import replace

from leadership_study.importing._formulas import neutral, neutral_frame
from leadership_study.importing._headings import parts, wordings
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start, start_of
from leadership_study.importing._system import between, iso_times, take_system
from leadership_study.importing._tables import read_any
from leadership_study.instruments import Instrument

ROLES = {
    "_submission_time": "submitted_at",
    "SubmissionDate": "submitted_at",
    "end": "submitted_at",
    "start": "started_at",
    "starttime": "started_at",
    "_status": "channel",
}
_PERSONAL = {
    "_submitted_by": "account", "username": "account", "SubmitterName": "account", "SubmitterID": "account",
    "deviceid": "device", "DeviceID": "device", "simserial": "device", "subscriberid": "device",
    "phonenumber": "phone", "email": "email", "_geolocation": "coordinates", "_attachments": "account",
}  # fmt: skip
_IDS = ("_id", "_uuid", "KEY", "meta/instanceID", "meta-instanceID", "instanceID", "__id")
_KOBO = {"_id", "_uuid", "_submission_time", "_index", "_submitted_by", "_validation_status", "_status", "_tags"}
_ODK = {"SubmissionDate", "KEY", "SubmitterID", "SubmitterName", "instanceID", "meta-instanceID", "AttachmentsPresent"}
MISSING_CODES = ("n/a",)
"""What some exports write for a question that was not asked."""


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether the header has the platforms' own columns."""
    header = {*(start or start_of(data)).header}
    return len(header & _KOBO) >= 2 or len(header & _ODK) >= 2


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read an export; ``ids`` are names without their groups, ``wordings`` labels with and without them.

    The duration is the time from ``start`` to ``end``, where both were recorded.
    """
    table = read_any(data, file=file, expected={*expected, *ROLES}, encoding=encoding, sheet=sheet)
    if table.cells is None or not table.header:
        return table
    cut = [[name, *(name.rpartition(mark)[2] for mark in ("/", "-", ":") if mark in name)] for name in table.header]
    table = replace(
        table,
        ids=tuple(() if name in ROLES else tuple(names) for name, names in zip(table.header, cut, strict=True)),
        wordings=tuple(wordings(name) for name in table.header),
        parts=tuple(
            tuple(
                dict.fromkeys((*parts(name), *(pair for short in names[1:] for pair in parts(short)), *_nested(name)))
            )
            for name, names in zip(table.header, cut, strict=True)
        ),
        missing_codes=MISSING_CODES,
        values=None,
        option_codes=True,
        respondent_id=next((name for name in _IDS if name in table.header), None),
        withheld={name: kind for name, kind in _PERSONAL.items() if name in table.header},
    )
    table = take_system(table, ROLES, file=file)
    if table.system is not None and table.cells is not None and {"start", "end"} <= {*table.header}:
        first, _ = iso_times(table.cells[table.header.index("start")])
        last, _ = iso_times(table.cells[table.header.index("end")])
        order = ["duration_seconds", *(name for name in table.system if name != "duration_seconds")]
        system = table.system.assign(duration_seconds=between(first, last))[order]
        headers = {**table.system_headers, "start": "started_at", "end": "duration_seconds"}
        table = replace(table, system=system, system_headers=headers)
    return table


def _nested(name: str) -> list[tuple[str, str]]:
    """``group/question/option`` without its groups."""
    pieces = name.split("/")
    return [(pieces[-2], pieces[-1])] if len(pieces) > 2 else []


def write(raw: RawResponses, instrument: Instrument | None = None, *, language: str | None = None) -> bytes:
    """Return ``raw`` as KoboToolbox exports it: ``;``, all cells quoted, names or labels as headers."""
    frame = neutral_frame(raw.frame)
    names = {"respondent_id": "_id"}
    if instrument is not None and language is not None:
        names |= {neutral(str(id)): neutral(instrument.label(str(id), language)) for id in raw.frame.columns[1:]}
    frame = frame.rename(columns=names)
    frame["_submission_time"] = ""
    frame["_index"] = [str(at) for at in range(1, len(frame) + 1)]
    return frame.to_csv(index=False, sep=";", quoting=1, lineterminator="\n").encode()
