"""Which column of which file became what: stored with every run, and shown by ``leadership-study validate``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from leadership_study.importing import Source

_COLUMNS = ["block", "file", "header", "id", "how"]


def column_table(sources: Mapping[str, Sequence["Source"]]) -> "pd.DataFrame":
    """Return one row a column of every file: block, file, header, id and how it was found.

    ``how`` is ``id``, ``number``, ``wording`` or ``map`` for a question; ``system`` for what the platform recorded,
    ``withheld`` for personal data that went nowhere (``id`` says of what kind), ``ignored`` for anything else.
    """
    import pandas as pd

    rows: list[tuple[str, str, str, str, str]] = []
    for block, parts in sources.items():
        for source in parts:
            rows += [(block, source.file, entry.header, entry.id, entry.how) for entry in source.match]
            rows += [(block, source.file, header, name, "system") for header, name in source.system.items()]
            rows += [(block, source.file, header, kind, "withheld") for header, kind in source.withheld.items()]
            known = {*source.system, *source.withheld}
            rows += [(block, source.file, header, "", "ignored") for header in source.ignored if header not in known]
    return pd.DataFrame(rows, columns=_COLUMNS, dtype="str")


def column_lines(sources: Mapping[str, Sequence["Source"]]) -> list[str]:
    """Return the match as lines for people: one a file, then one a column."""
    table = column_table(sources)
    lines = []
    for (block, file), part in table.groupby(["block", "file"], sort=False):
        lines.append(f"{file} ({block})")
        width = max(len(name) for name in part["id"])
        lines += [
            f"  {name or '–':<{width}}  {how:<8}  {header}"
            for name, how, header in zip(part["id"], part["how"], part["header"], strict=True)
        ]
    return lines
