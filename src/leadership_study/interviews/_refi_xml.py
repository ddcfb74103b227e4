"""Elements of REFI-QDA files, whatever their namespace."""

import re
from xml.etree import ElementTree


def name_of(element: ElementTree.Element) -> str:
    """Name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    """First child of a name."""
    return next((one for one in element if name_of(one) == name), None)


def children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """All children of a name."""
    return [one for one in element if name_of(one) == name]


def parts(root: ElementTree.Element, part: str, name: str | None = None) -> list[ElementTree.Element]:
    """What a holder below the root holds."""
    holder = child(root, part)
    return [] if holder is None else [one for one in holder if name is None or name_of(one) == name]


def said_in(element: ElementTree.Element | None) -> str:
    """Text of an element, without blanks around it."""
    return "" if element is None else (element.text or "").strip()


def plain_guid(guid: str | None) -> str:
    """One form for GUIDs: lower case, without braces."""
    return re.sub(r"[{}\s]", "", guid or "").lower()


def guid_of(element: ElementTree.Element) -> str:
    """GUID of an element in its one form."""
    return plain_guid(element.get("guid"))
