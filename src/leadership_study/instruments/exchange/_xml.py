"""XML from strangers: read without document types, entities or anything from elsewhere."""

import xml.etree.ElementTree as ElementTree
from typing import Any
from xml.parsers import expat

from leadership_study.instruments._reader import Complaints

_MOST = 64 * 2**20


class _Refused(Exception):
    """The XML declares what no export of a survey needs."""


def parse(data: bytes, complaints: Complaints) -> ElementTree.Element | None:
    """Return the root of the document; None, with a problem noted, when it is not safe or not well-formed.

    A first pass stops at the declaration of a document type, before any entity is expanded.
    """
    if len(data) > _MOST:
        complaints.add(
            "too_large", "", f"the file has over {_MOST >> 20} MB", "export the structure without the answers"
        )
        return None
    first = expat.ParserCreate()
    first.StartDoctypeDeclHandler = _refuse
    first.EntityDeclHandler = _refuse
    try:
        first.Parse(data, True)
        return ElementTree.fromstring(data)
    except _Refused:
        message = "the XML declares a document type or entities"
        complaints.add("entities", "", message, "export the file again; no survey platform writes such a declaration")
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        complaints.add("xml_syntax", "", f"this is no well-formed XML ({error})", "export the file again")
    return None


def _refuse(*_: Any) -> None:
    raise _Refused
