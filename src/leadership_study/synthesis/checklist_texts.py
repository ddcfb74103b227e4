"""The items of the checklists, from the data files beside this module."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

CHECKLISTS = ("coreq", "srqr", "gramms", "jars_quant", "jars_qual", "jars_mixed")
"""In the order in which they are filled in."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item: what it asks for by language, the facts that answer it, whether the authors have to add to them."""

    id: str
    asks: Mapping[str, str]
    facts: tuple[str, ...]
    authors: bool = False


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """A checklist with its source."""

    id: str
    title: Mapping[str, str]
    source: str
    items: tuple[Item, ...]


@cache
def checklist(id: str) -> Checklist:
    """Return one of `CHECKLISTS`."""
    file = resources.files(__package__) / "checklist_items" / f"{id}.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return Checklist(
        id=id,
        title=table["title"],
        source=table["source"],
        items=tuple(
            Item(
                id=entry["id"],
                asks={language: entry[language] for language in table["title"]},
                facts=tuple(entry["facts"]),
                authors=entry.get("authors", False),
            )
            for entry in table["items"]
        ),
    )
