"""Which column of a file is which question: exact ids, what the plan says, or the wording; never a guess."""

import difflib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem
from leadership_study.importing._raw import Table
from leadership_study.importing._wording import FormName, column_wordings, normal
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
    clear: Mapping[str, int]
    """Those of ``places`` whose header stands there once."""

    def frame(self, table: Table, places: Mapping[str, int] | None = None) -> pd.DataFrame:
        """The table's cells under their ids, ``respondent_id`` first; the record number stands in for a missing one."""
        if table.cells is None:
            raise ValueError("A table without records has no cells.")
        places = self.places if places is None else places
        frame = table.cells[list(places.values())].set_axis(list(places), axis="columns")
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
    form: FormName = "other",
) -> Matched:
    """Find the column of every id: as the plan says, headed by the id, or headed by the wording of the question.

    Raises
    ------
    PlanError
        When ``columns`` names an id that the questionnaire does not have, or gives one id to two headers.
    """
    wanted = _headers(instrument, columns, respondent_id, weights, table)
    by_wording, ambiguous = _by_wording(table, instrument, form, file, wanted, columns)
    wanted |= by_wording
    if not table.header:
        return Matched(places={}, columns={}, ignored=(), notes=(), problems=(), clear={})
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
    problems += ambiguous
    unclear = {problem.column for problem in ambiguous}
    lacking = {id: header for id, header in wanted.items() if header not in table.header and id not in unclear}
    free = [name for name in table.header if name and name not in wanted.values()]
    worded = column_wordings(instrument, form) if table.wordings else {}
    spoken = {name: name for name in free}
    for name, texts in zip(table.header, table.wordings, strict=False):
        spoken |= {text: name for text in texts if name in free}
    problems += [_missing(file, id, header, spoken, worded.get(id, ())) for id, header in lacking.items()]
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
        clear={id: at for id, at in places.items() if table.header.count(table.header[at]) == 1},
    )


def _headers(
    instrument: Instrument,
    columns: Mapping[str, str],
    respondent_id: str | None,
    weights: str | None,
    table: Table,
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
    own = [name for name in ("respondent_id", table.respondent_id) if name in table.header]
    if respondent_id is not None:
        wanted["respondent_id"] = respondent_id.strip()
    elif own and own[0] is not None:
        wanted["respondent_id"] = own[0]
    wanted |= {id: renamed.get(id, id) for id in known}
    if weights is not None:
        wanted["weight"] = weights.strip()
    return wanted


def _by_wording(
    table: Table,
    instrument: Instrument,
    form: FormName,
    file: str,
    wanted: Mapping[str, str],
    columns: Mapping[str, str],
) -> tuple[dict[str, str], list[Problem]]:
    """Headers of the ids that no header is, by what the format says may be the wording; two for one are a problem."""
    if not table.wordings:
        return {}, []
    taken = {header for header in wanted.values() if header in table.header}
    places: dict[str, list[str]] = {}
    for header, texts in zip(table.header, table.wordings, strict=True):
        if header not in taken:
            for text in {normal(text) for text in texts}:
                places.setdefault(text, []).append(header)
    found: dict[str, str] = {}
    problems = []
    for id, texts in column_wordings(instrument, form).items():
        if id in columns.values() or wanted[id] in table.header:
            continue
        headers = list(dict.fromkeys(header for text in texts for header in places.get(normal(text), [])))
        if len(headers) == 1:
            found[id] = headers[0]
        elif headers:
            message = f"{len(headers)} columns have the wording of {id!r}: " + ", ".join(map(repr, headers))
            remedy = f'name one in the plan with columns = {{ "{headers[0]}" = "{id}" }}'
            problems.append(Problem(file=file, column=id, rule="ambiguous_column", message=message, remedy=remedy))
    uses = Counter(found.values())
    for header in sorted(header for header, count in uses.items() if count > 1):
        ids = [id for id, name in found.items() if name == header]
        message = f"the wording of {header!r} is that of {' and '.join(map(repr, ids))}"
        remedy = f'say which in the plan with columns = {{ "{header}" = "{ids[0]}" }}'
        problems += [
            Problem(file=file, column=id, rule="ambiguous_column", message=message, remedy=remedy) for id in ids
        ]
        found = {id: name for id, name in found.items() if name != header}
    return found, problems


def _missing(file: str, id: str, header: str, free: Mapping[str, str], worded: Collection[str]) -> Problem:
    """Say that ``header`` is not there; ``free`` maps what may be meant, headers and their wordings, to headers."""
    lower = {text.casefold().replace(" ", ""): name for text, name in free.items()}
    near = lower.get(header.casefold().replace(" ", ""))
    for text in (header, *worded):
        near = near or next((free[name] for name in difflib.get_close_matches(text, free, n=1, cutoff=0.6)), None)
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
    if worded and header == id:
        what += f" and none headed by its wording ({' / '.join(worded)})"
    return Problem(file=file, column=id, rule="missing_column", message=what, remedy=remedy)
