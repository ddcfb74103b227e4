"""Which column of a file is which question: what the plan says, ids, wordings or running numbers; never a guess."""

import difflib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem
from leadership_study.importing._form_columns import form_columns
from leadership_study.importing._headings import number_of, wordings
from leadership_study.importing._option_columns import option_columns
from leadership_study.importing._personal_data import mask_text
from leadership_study.importing._raw import How, Match, Table
from leadership_study.importing._wording import FormName, column_wordings, normal
from leadership_study.instruments import Instrument
from leadership_study.results import Note

_COMPARED = 2_000
"""Headers among which the nearest to a missing one is sought, which takes time."""

Places = Mapping[str, tuple[int, ...]]
"""Positions of the columns of each id: one, or one an option where a file has columns for the options of a question."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Where each id stands in the file."""

    places: Places
    match: tuple[Match, ...]
    ignored: tuple[str, ...]
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]
    clear: Places
    """Those of ``places`` whose headers stand there once."""

    @property
    def columns(self) -> dict[str, str]:
        """Header → id."""
        return {entry.header: entry.id for entry in self.match}


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
    """Find the column of every id: as the plan says, by id, by wording, or by number; never by likeness.

    In this order, each for the ids and columns that those before left over: the plan's ``columns``; a header that is
    the id, or that the format knows to be the id (``table.ids``); a header that is the question's wording in any
    language, or all rows of a form under one question; for questions with several answers, one column an option;
    and where items are left and headers consist of
    running numbers from 1 to the number of all items (``1.``, ``Q1``, ``Q5_1``), those numbers in the questionnaire's
    order of items.

    Raises
    ------
    PlanError
        When ``columns`` names an id that the questionnaire does not have, or gives one id to two headers.
    """
    wanted = _headers(instrument, columns, respondent_id, weights, table)
    if not table.header:
        return Matched(places={}, match=(), ignored=(), notes=(), problems=(), clear={})
    found: dict[str, tuple[int, ...]] = {}
    how: dict[str, How] = {}
    for id, header in wanted.items():
        if header in table.header:
            found[id] = (table.header.index(header),)
            how[id] = "id" if header == id and id not in columns.values() else "map"
    own = {"respondent_id": table.respondent_id}
    if respondent_id is None and own["respondent_id"] is not None and "respondent_id" in how:
        how["respondent_id"] = "id"
    spelled, unclear = _by_id(table, wanted, found, columns)
    found |= spelled
    how |= dict.fromkeys(spelled, "id")
    forms = form_columns(table, instrument, found, columns, named=True)
    found |= forms
    worded, ambiguous = _by_wording(table, instrument, form, file, wanted, columns, found)
    found |= worded
    forms |= (others := form_columns(table, instrument, found, columns, named=False))
    found |= others
    how |= dict.fromkeys([*worded, *forms], "wording")
    several = option_columns(table, instrument, found, columns)
    found |= several
    how |= dict.fromkeys(several, "wording")
    numbered = _by_number(table, instrument, found, columns, {problem.column for problem in ambiguous})
    found |= numbered
    how |= dict.fromkeys(numbered, "number")
    problems = _duplicates(table, found, file) + [problem for problem in unclear if problem.column not in found]
    problems += ambiguous
    unclear_ids = {problem.column for problem in (*ambiguous, *unclear)}
    lacking = {id: header for id, header in wanted.items() if id not in found and id not in unclear_ids}
    used = {at for places in found.values() for at in places}
    problems += _lacking(table, instrument, form, file, lacking, used, columns)
    known = {*table.system_headers, *table.withheld}
    ignored = tuple(
        name or f"column {at + 1}" for at, name in enumerate(table.header) if at not in used and name not in known
    )
    notes: list[Note] = []
    if numbered:
        text = "Columns of {file} were matched by their numbers alone, in the questionnaire's order: {columns}."
        shown = ", ".join(f"{table.header[places[0]]} = {id}" for id, places in numbered.items())
        notes.append(Note("matched_by_number", text, {"file": file, "columns": shown}))
    order = [id for id in ("respondent_id", *instrument.column_ids, "weight") if id in found]
    found = {id: found[id] for id in order}
    return Matched(
        places=found,
        match=tuple(Match(id, table.header[at], how[id]) for id, places in found.items() for at in places),
        ignored=ignored,
        notes=tuple(notes),
        problems=tuple(problems),
        clear={
            id: places
            for id, places in found.items()
            if all(table.header.count(table.header[at]) == 1 for at in places)
        },
    )


def _duplicates(table: Table, found: Places, file: str) -> list[Problem]:
    """Headers that stand in the file twice and are needed."""
    needed = {table.header[at] for places in found.values() for at in places}
    return [
        Problem(
            file=file,
            column=name,
            value=name,
            rule="duplicate_column",
            message=f"{count} columns have this header",
            remedy="rename or remove all but one",
        )
        for name, count in Counter(table.header).items()
        if count > 1 and name in needed
    ]


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


def _by_id(
    table: Table, wanted: Mapping[str, str], found: Places, columns: Mapping[str, str]
) -> tuple[dict[str, tuple[int, ...]], list[Problem]]:
    """Ids in the spelling of the format: ``group/str_01``, ``Q1[str01]``; letters and digits count, case does not."""
    if not table.ids:
        return {}, []
    taken = {at for places in found.values() for at in places}
    ids = [id for id in wanted if id not in found and id not in columns.values() and wanted[id] == id]
    by_spelling: dict[str, list[str]] = {}
    for id in wanted:
        by_spelling.setdefault(_letters(id), []).append(id)
    places: dict[str, list[int]] = {}
    for at, spellings in enumerate(table.ids):
        if at not in taken:
            for spelling in {_letters(text) for text in spellings if text}:
                places.setdefault(spelling, []).append(at)
    matched: dict[str, tuple[int, ...]] = {}
    for id in ids:
        ways = places.get(_letters(id), [])
        if len(ways) == 1 and len(by_spelling[_letters(id)]) == 1:
            matched[id] = (ways[0],)
    uses = Counter(at for ways in matched.values() for at in ways)
    return {id: ways for id, ways in matched.items() if uses[ways[0]] == 1}, []


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _by_wording(
    table: Table,
    instrument: Instrument,
    form: FormName,
    file: str,
    wanted: Mapping[str, str],
    columns: Mapping[str, str],
    found: Places,
) -> tuple[dict[str, tuple[int, ...]], list[Problem]]:
    """Columns headed by the wording of a question; two for one, or one for two, are a problem."""
    taken = {at for places in found.values() for at in places}
    places: dict[str, list[int]] = {}
    for at, (header, known) in enumerate(zip(table.header, _wordings_of(table), strict=True)):
        if at not in taken and header not in table.system_headers:
            for text in {normal(text) for text in known}:
                places.setdefault(text, []).append(at)
    matched: dict[str, tuple[int, ...]] = {}
    problems = []
    for id, texts in column_wordings(instrument, form).items():
        if id in columns.values() or id in found:
            continue
        here = list(dict.fromkeys(at for text in texts if text for at in places.get(normal(text), [])))
        headers = list(dict.fromkeys(table.header[at] for at in here))
        if len(headers) == 1:
            matched[id] = (here[0],)
        elif headers:
            # The whole header, number aside, says more than a part of it.
            exact = [at for at in here if any(normal(text) == normal(w) for text in texts for w in _whole(table, at))]
            if len(exact) == 1:
                matched[id] = (exact[0],)
                continue
            message = f"{len(headers)} columns have the wording of {id!r}: " + ", ".join(map(repr, headers))
            remedy = f'name one in the plan with columns = {{ "{headers[0]}" = "{id}" }}'
            problems.append(Problem(file=file, column=id, rule="ambiguous_column", message=message, remedy=remedy))
    uses = Counter(at for ways in matched.values() for at in ways)
    for at in sorted(at for at, count in uses.items() if count > 1):
        header = table.header[at]
        ids = [id for id, ways in matched.items() if ways[0] == at]
        message = f"the wording of {header!r} is that of {' and '.join(map(repr, ids))}"
        remedy = f'say which in the plan with columns = {{ "{header}" = "{ids[0]}" }}'
        problems += [
            Problem(file=file, column=id, rule="ambiguous_column", message=message, remedy=remedy) for id in ids
        ]
        matched = {id: ways for id, ways in matched.items() if ways[0] != at}
    return matched, problems


def _wordings_of(table: Table) -> tuple[tuple[str, ...], ...]:
    return table.wordings or tuple(wordings(header) for header in table.header)


def _whole(table: Table, at: int) -> tuple[str, ...]:
    """The readings of a header that leave out nothing but its number: the first three."""
    return _wordings_of(table)[at][:3]


def _by_number(
    table: Table, instrument: Instrument, found: Places, columns: Mapping[str, str], unclear: Collection[str | None]
) -> dict[str, tuple[int, ...]]:
    """All items by running numbers, when none of them was found otherwise and the numbers are exactly theirs.

    Attention checks among the items may be counted too.
    """
    items = instrument.item_ids()
    checks = {check.after: check.id for check in instrument.attention_checks}
    shown = [id for item in items for id in (item, *([checks[item]] if item in checks else []))]
    taken = {at for places in found.values() for at in places}
    families: dict[str, dict[int, list[int]]] = {}
    for at, header in enumerate(table.header):
        if at not in taken and header not in table.system_headers and (number := number_of(header)):
            families.setdefault(number[0], {}).setdefault(number[1], []).append(at)
    for wanted in dict.fromkeys([tuple(items), tuple(shown)]):
        fitting = [
            numbers
            for numbers in families.values()
            if sorted(numbers) == list(range(1, len(wanted) + 1)) and all(len(at) == 1 for at in numbers.values())
        ]
        known = any(id in found or id in columns.values() or id in unclear for id in wanted)
        if len(fitting) == 1 and len(items) > 1 and not known:
            return {id: (fitting[0][at][0],) for at, id in enumerate(wanted, 1)}
    return {}


def _lacking(
    table: Table,
    instrument: Instrument,
    form: FormName,
    file: str,
    lacking: Mapping[str, str],
    used: Collection[int],
    columns: Mapping[str, str],
) -> list[Problem]:
    """A problem for each id that no column was found for, with the nearest header."""
    free = [at for at, name in enumerate(table.header) if name and at not in used][:_COMPARED]
    worded = column_wordings(instrument, form) if table.wordings else {}
    spoken = {table.header[at]: table.header[at] for at in free}
    for at, texts in enumerate(table.wordings):
        if at in free:
            spoken |= {text: table.header[at] for text in texts}
    return [_missing(file, id, header, spoken, worded.get(id, ())) for id, header in lacking.items()]


def _missing(file: str, id: str, header: str, free: Mapping[str, str], worded: Collection[str]) -> Problem:
    """Say that ``header`` is not there; ``free`` maps what may be meant, headers and their wordings, to headers."""
    lower = {text.casefold().replace(" ", ""): name for text, name in free.items()}
    near = lower.get(header.casefold().replace(" ", ""))
    for text in (header, *worded):
        near = near or next((free[name] for name in difflib.get_close_matches(text, free, n=1, cutoff=0.6)), None)
    near = near and mask_text(near)
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
