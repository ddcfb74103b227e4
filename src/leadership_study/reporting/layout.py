"""What of each analysis is printed, and which works are cited, the same for all languages.

Everything that is computed stands in the stored CSVs, whatever ``layouts/`` chooses. An analysis without a file there
is printed whole. The keys of a table are explained in ``tables.py``.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from leadership_study.reporting.toml_folder import read_folder


@cache
def _layout() -> Mapping[str, Any]:
    return read_folder(resources.files(__package__) / "layouts")


def shown_tables(use: str, there: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the tables of an analysis that are printed, in order: those chosen, or all; none without rows."""
    chosen = _layout().get("analyses", {}).get(use, {}).get("show", there)
    return [name for name in chosen if name in there and len(there[name]) >= layout_of(use, name).get("min_rows", 1)]


def statistics_of(use: str) -> dict[str, Mapping[str, str]]:
    """Return, table by table, which columns are shown as another statistic: limits of a correlation, say."""
    tables = _layout().get("analyses", {}).get(use, {}).get("tables", {})
    return {name: layout["shown_as"] for name, layout in tables.items() if "shown_as" in layout}


def layout_of(use: str, table: str) -> Mapping[str, Any]:
    """Return how a table is printed; empty when nothing is said."""
    found: Mapping[str, Any] = _layout().get("analyses", {}).get(use, {}).get("tables", {}).get(table, {})
    return found


def references_of(uses: Iterable[str]) -> list[str]:
    """Return the works behind these analyses, once each, sorted."""
    layout = _layout()
    keys = {key for use in uses for key in layout.get("analyses", {}).get(use, {}).get("references", ())}
    return sorted(layout["references"][key] for key in keys)
