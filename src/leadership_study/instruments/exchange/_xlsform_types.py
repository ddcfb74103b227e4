"""The types of questions in XLSForm: which of them a questionnaire can hold, in all their spellings."""

import re
from dataclasses import dataclass
from typing import Literal

from leadership_study.instruments.exchange._form import Kind

Role = Literal["question", "begin", "end", "asked", "silent", "unknown"]

_OF_KIND: dict[Kind, str] = {
    "text": "text; string; q string; add text prompt; barcode; url; datetime; time; phone number; "
    "phone_number; get phone number; email address prompt",
    "number": "integer; int; q int; add integer prompt; decimal; q decimal; add decimal prompt; range; "
    "number; percentage",
    "date": "date; q date; add date prompt",
}
_KINDS = {name: kind for kind, names in _OF_KIND.items() for name in names.split("; ")}
_ASKED = frozenset(
    "geopoint; geotrace; geoshape; gps; location; q location; q geopoint; add location prompt; photo; image; q image; "
    "q picture; add image prompt; audio; q audio; add audio prompt; video; q video; add video prompt; file; trigger; "
    "acknowledge; rank; signature; draw; annotate; picture".split("; ")
)
_SILENT = frozenset(
    "start; start time; end; end time; today; deviceid; device_id; device id; imei; subscriberid; subscriber id; "
    "simserial; sim id; phonenumber; username; email; audit; note; q note; add note prompt; calculate; q calculate; "
    "calculation; hidden; start-geopoint; background-geopoint; background-audio; xml-external; csv-external; uri; "
    "entity; last-saved; instanceid".split("; ")
)
_SELECT = re.compile(
    r"(?:(?:add )?select[ _]one(?: prompt)?(?: using| from)?|q select1|select1)\s+(?P<one>.+)"
    r"|(?:(?:add )?select[ _]multiple(?: prompt)?(?: using| from)?|select all that apply(?: from)?|q select|select)"
    r"\s+(?P<many>.+)",
    re.IGNORECASE,
)
_FROM_FILE = re.compile(r"select_(one|multiple)_(from_file|external)\b", re.IGNORECASE)
_GROUP = re.compile(
    r"(?P<side>begin|end)[ _](?P<what>group|repeat|kobomatrix|score|rank|lgroup|loop(?: over \S+)?)", re.IGNORECASE
)
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
