"""The printed tables as files of their own: a three-line page and the displayed cells as CSV."""

from leadership_study.reporting.formats.html import render_table
from leadership_study.reporting.parts import Document
from leadership_study.reporting.tables import to_csv


def table_files(document: Document) -> dict[str, bytes]:
    """Return file name → bytes for ``reports/<study>/tables/<language>/``, numbered as in the report."""
    files = {}
    for at, table in enumerate(document.tables(), 1):
        stem = f"{at:02d}_{table.ref.replace('.', '_')}"
        files[f"{stem}.html"] = render_table(document, table)
        files[f"{stem}.csv"] = to_csv(table)
    return files
