"""Tables of questions for the forms of a questionnaire (importance, …), known by all their rows together."""

from collections.abc import Collection, Mapping, Sequence

from leadership_study.importing._headings import parts
from leadership_study.importing._raw import Table
from leadership_study.importing._wording import normal
from leadership_study.instruments import Instrument


def form_columns(
    table: Table, instrument: Instrument, found: Mapping[str, Sequence[int]], columns: Mapping[str, str], *, named: bool
) -> dict[str, tuple[int, ...]]:
    """Return the columns of the forms that are not in ``found`` yet: ``重要性(结构领导力)``, ``19、(结构领导力)``.

    All rows of the form, its dimensions or items, must be there under one question. ``named``: the question is the
    form's label or id. Else it may be headed by anything, a number or a whole sentence, where no other question and no
    other form has these rows.
    """
    taken = {at for places in found.values() for at in places}
    by_stem: dict[str, dict[str, int]] = {}
    for at, ways in enumerate(table.parts or tuple(parts(header) for header in table.header)):
        if at not in taken and table.header[at] not in table.system_headers:
            for stem, option in ways:
                by_stem.setdefault(normal(stem), {}).setdefault(normal(option), at)
    candidates: dict[str, set[tuple[int, ...]]] = {}
    rows: dict[str, list[str]] = {}
    for form in instrument.forms:
        rows[form.id] = list(instrument.dimension_ids if form.of == "dimensions" else instrument.item_ids())
        ids = [f"{form.id}_{row}" for row in rows[form.id]]
        if any(id in found or id in columns.values() for id in ids):
            continue
        stems = {normal(form.id), *(normal(text) for text in form.label.values())} if named else set(by_stem)
        sets = (_places(instrument, rows[form.id], by_stem[stem]) for stem in by_stem if stem in stems)
        candidates[form.id] = {places for places in sets if places}
    return {
        f"{form}_{row}": (at,)
        for form, sets in candidates.items()
        if len(sets) == 1 and not _shared(form, sets, candidates)
        for row, at in zip(rows[form], next(iter(sets)), strict=True)
    }


def _shared(form: str, sets: Collection[tuple[int, ...]], all_sets: Mapping[str, Collection[tuple[int, ...]]]) -> bool:
    places = next(iter(sets))
    return any(other != form and places in theirs for other, theirs in all_sets.items())


def _places(instrument: Instrument, rows: Sequence[str], options: Mapping[str, int]) -> tuple[int, ...]:
    found = []
    for row in rows:
        texts = [row, *(instrument.label(row, language) for language in instrument.languages)]
        at = next((options[normal(text)] for text in texts if normal(text) in options), None)
        if at is None:
            return ()
        found.append(at)
    return tuple(found) if len(set(found)) == len(found) else ()
