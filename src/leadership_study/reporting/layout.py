"""What of each analysis is printed, and which works are cited: ``layout.toml``, the same for all languages."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def _layout() -> Mapping[str, Any]:
    return tomllib.loads((resources.files(__package__) / "layout.toml").read_text(encoding="utf-8"))


def shown_tables(use: str, there: Iterable[str]) -> list[str]:
    """Return the tables of an analysis that are printed, in order; all of them when nothing is said."""
    chosen = _layout().get("analyses", {}).get(use, {}).get("show")
    known = list(there)
    return known if chosen is None else [name for name in chosen if name in known]


def layout_of(use: str, table: str) -> Mapping[str, Any]:
    """Return how a table is printed; empty when nothing is said."""
    found: Mapping[str, Any] = _layout().get("analyses", {}).get(use, {}).get("tables", {}).get(table, {})
    return found


def references_of(uses: Iterable[str]) -> list[str]:
    """Return the works behind these analyses, once each, sorted."""
    layout = _layout()
    keys = {key for use in uses for key in layout.get("analyses", {}).get(use, {}).get("references", ())}
    return sorted(layout["references"][key] for key in keys)
