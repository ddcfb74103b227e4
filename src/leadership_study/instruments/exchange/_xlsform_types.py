"""The types of questions in XLSForm: which of them a questionnaire can hold, in all their spellings."""

import re
from dataclasses import dataclass
from typing import Literal

from leadership_study.instruments.exchange._form import Kind

Role = Literal["question", "begin", "end", "asked", "silent", "unknown"]

_KINDS: dict[str, Kind] = {
    "text": "text", "string": "text", "barcode": "text", "phone number": "text", "phone_number": "text", "datetime": "text",
    "time": "text", "get phone number": "text", "url": "text", "email address prompt": "text",
    "integer": "number", "int": "number", "decimal": "number", "range": "number", "number": "number", "percentage": "number",
    "add integer prompt": "number", "add decimal prompt": "number", "add text prompt": "text", "q string": "text",
    "q int": "number", "q decimal": "number", "q date": "date", "add date prompt": "date",
    "date": "date",
}  # fmt: skip
_ASKED = frozenset(
    "geopoint geotrace geoshape gps location q location photo image audio video file trigger acknowledge rank signature "
    "q geopoint q image q audio q video draw annotate picture background-geopoint".split()
) | {"add location prompt", "q picture", "q location", "add image prompt", "add audio prompt", "add video prompt"}  # fmt: skip
_SILENT = frozenset(
    "start end today deviceid device_id subscriberid simserial phonenumber username email audit note calculate "
    "calculation hidden start-geopoint background-audio xml-external csv-external uri imei entity last-saved instanceid".split()
) | {"start time", "end time", "device id", "subscriber id", "sim id", "add note prompt", "q note", "q calculate"}  # fmt: skip
_SELECT = re.compile(
    r"(?:(?:add )?select[ _]one(?: prompt)?(?: using| from)?|q select1|select1|select one external|select_one_external)\s+(?P<one>.+)"
    r"|(?:(?:add )?select[ _]multiple(?: prompt)?(?: using| from)?|select all that apply(?: from)?|q select|select)\s+(?P<many>.+)",
    re.IGNORECASE,
)
_FROM_FILE = re.compile(r"select_(one|multiple)_(from_file|external)\b", re.IGNORECASE)
_GROUP = re.compile(r"(?P<side>begin|end)[ _](?P<what>group|repeat|kobomatrix|score|rank|lgroup|loop(?: over \S+)?)", re.IGNORECASE)
_ROW = re.compile(r"(score|rank|matrix)__(row|level|row_)", re.IGNORECASE)
_OTHER = re.compile(r"\s+(or[ _]other|or specify other)$", re.IGNORECASE)


@dataclass(frozen=True)
class Type:
    """What a cell of the column ``type`` says.

    ``role``: a question that a questionnaire can hold, the begin or end of a group, a question it cannot hold
    (``asked``), something that respondents do not answer (``silent``), or nothing that XLSForm knows.
    """

    role: Role
    kind: Kind = "text"
    choices: str = ""
    other: bool = False
    group: str = ""
    row: bool = False


def type_of(cell: str) -> Type:
    """Read a cell of the column ``type``."""
    word = " ".join(cell.split())
    small = word.casefold()
    if found := _GROUP.fullmatch(small):
        return Type("begin" if found["side"] == "begin" else "end", group=found["what"].split()[0])
    if _ROW.fullmatch(small):
        return Type("question" if small.startswith("score") else "asked", kind="one", row=True)
    if _FROM_FILE.match(small):
        return Type("asked")
    if found := _SELECT.fullmatch(word):
        name = found["one"] or found["many"]
        other = bool(_OTHER.search(name))
        name = _OTHER.sub("", name)
        if "${" in name:  # the choices are earlier answers
            return Type("asked")
        return Type("question", "one" if found["one"] else "many", name, other)
    if small.startswith("rank "):
        return Type("asked")
    if small in _KINDS:
        return Type("question", _KINDS[small])
    if small in _ASKED:
        return Type("asked")
    return Type("silent" if small in _SILENT else "unknown")
