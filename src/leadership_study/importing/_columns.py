"""Which column of a file is which question: exact ids, or what the plan says; never a guess."""

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem
from leadership_study.importing._raw import Table
from leadership_study.instruments import Instrument
from leadership_study.results import Note


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Where each id stands in the file; ``places`` are positions of columns."""

    places: Mapping[str, int]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]

    def frame(self, table: Table) -> pd.DataFrame:
        """The table's cells under their ids, ``respondent_id`` first; the record number stands in for a missing one."""
        if table.cells is None:
            raise ValueError("A table with problems has no cells.")
        frame = table.cells[list(self.places.values())].set_axis(list(self.places), axis="columns")
        if "respondent_id" not in frame:
            numbers = pd.Series([str(row) for row in frame.index], index=frame.index, dtype="str")
            frame.insert(0, "respondent_id", numbers)
        return frame


def match_columns(
    table: Table,
    instrument: Instrument,
    *,
    file: str,
    columns: Mapping[str, str],
    respondent_id: str | None,
    weights: str | None,
) -> Matched:
    """Find the column of every id.

    Raises
    ------
    PlanError
        When ``columns`` names an id that the questionnaire does not have, or gives one id to two headers.
    """
    wanted = _headers(instrument, columns, respondent_id, weights, table.header)
    if not table.header:
        return Matched(places={}, columns={}, ignored=(), notes=(), problems=())
    problems = [
        Problem(
            file=file,
            column=name,
            value=name,
            rule="duplicate_column",
            message=f"{count} columns have this header",
            remedy="rename or remove all but one",
        )
        for name, count in Counter(table.header).items()
        if count > 1 and name
    ]
    lacking = {id: header for id, header in wanted.items() if header not in table.header}
    free = [name for name in table.header if name and name not in wanted.values()]
    problems += [_missing(file, id, header, free) for id, header in lacking.items()]
    places = {id: table.header.index(header) for id, header in wanted.items() if header in table.header}
    used = set(places.values())
    ignored = tuple(name or f"column {at + 1}" for at, name in enumerate(table.header) if at not in used)
    notes: tuple[Note, ...] = ()
    if ignored:
        text = "Columns of {file} that the plan does not name were not carried on: {columns}."
        notes = (Note("extra_columns", text, {"file": file, "columns": ", ".join(ignored)}),)
    return Matched(
        places=places,
        columns={table.header[at]: id for id, at in places.items()},
        ignored=ignored,
        notes=notes,
        problems=tuple(problems),
    )


def _headers(
    instrument: Instrument,
    columns: Mapping[str, str],
    respondent_id: str | None,
    weights: str | None,
    header: tuple[str, ...],
) -> dict[str, str]:
    """The header to look for, by id; ``respondent_id`` first, then the questionnaire's order, then ``weight``."""
    known = list(instrument.column_ids)
    renamed: dict[str, str] = {}
    for name, id in columns.items():
        if id not in known:
            raise PlanError(unknown("id in columns", id, known))
        if id in renamed:
            raise PlanError(
                f"Two headers, {renamed[id]!r} and {name.strip()!r}, stand for {id!r}; name one in columns."
            )
        renamed[id] = name.strip()
    wanted: dict[str, str] = {}
    if respondent_id is not None or "respondent_id" in header:
        wanted["respondent_id"] = (respondent_id or "respondent_id").strip()
    wanted |= {id: renamed.get(id, id) for id in known}
    if weights is not None:
        wanted["weight"] = weights.strip()
    return wanted


def _missing(file: str, id: str, header: str, free: list[str]) -> Problem:
    lower = {name.casefold().replace(" ", ""): name for name in free}
    near = lower.get(header.casefold().replace(" ", ""))
    near = near or next(iter(difflib.get_close_matches(header, free, n=1, cutoff=0.6)), None)
    if near:
        remedy = (
            f'the nearest header is {near!r}: rename it, or map it in the plan with columns = {{ "{near}" = "{id}" }}'
        )
    else:
        remedy = f'add the column, or map its header in the plan with columns = {{ "…" = "{id}" }}'
    if id in ("respondent_id", "weight"):
        known = f"the nearest header is {near!r}: name that" if near else "name one of the file's headers"
        remedy = f"{known} as {'weights' if id == 'weight' else id} in the plan"
    what = f"the file has no column {header!r}" + ("" if header == id else f", which stands for {id!r}")
    return Problem(file=file, column=id, rule="missing_column", message=what, remedy=remedy)
