"""Keeping personal data out of what is read: columns withheld, texts that are carried on masked."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from leadership_study.importing._columns import Matched
from leadership_study.importing._personal_data import Pseudonyms, find_personal, mask, names_in, personal_notes
from leadership_study.importing._personal_names import Known
from leadership_study.importing._raw import Table
from leadership_study.instruments import Instrument
from leadership_study.results import Note


def keep_out(
    frame: pd.DataFrame,
    table: Table,
    instrument: Instrument,
    file: str,
    matched: Matched,
    pseudonyms: Pseudonyms | None,
    keep: Collection[str] = (),
) -> tuple[pd.DataFrame, Mapping[str, str], Sequence[Note]]:
    """Return the answers with masks in their texts, the headers withheld with their kinds, and notes on both.

    Withheld are the columns that nothing of the questionnaire stands in and that hold personal data; the names in them
    are looked for in the other texts. Masked are respondents' ids, groups, texts and open questions; what tells people
    or groups apart gets numbers. Ids and headers in ``keep`` are left as they are, with a note.
    """
    if table.cells is None:
        return frame, {}, ()
    used = {at for places in matched.places.values() for at in places}
    withheld: dict[str, str] = {}
    names: set[str] = set()
    for at, header in enumerate(table.header):
        if at in used:
            continue
        kind = table.withheld.get(header)
        if kind is None and header in table.system_headers:
            continue
        kind = kind or find_personal(header, table.cells[at])
        if kind is not None:
            withheld[header or f"column {at + 1}"] = kind
        if kind == "name":
            names |= names_in(table.cells[at])
    keys = ("respondent_id", *instrument.group_ids)
    texts = [question.id for question in instrument.background if question.kind in ("text", "number", "date")]
    texts += [question.id for question in instrument.open_questions]
    texts += [check.id for check in instrument.attention_checks if isinstance(check.expected, str)]
    headers = {entry.id: entry.header for entry in matched.match}
    searched = [id for id in (*keys, *texts) if id in frame and not {id, headers.get(id, id)} & {*keep}]
    searched = [id for id in searched if id != "respondent_id" or id in headers]
    wholes = {id: find_personal(headers.get(id, id), frame[id]) for id in searched}
    for id, kind in wholes.items():
        if kind == "name":
            names |= names_in(frame[id])
    known, numbers = Known(names), pseudonyms if pseudonyms is not None else Pseudonyms()
    masked: dict[str, dict[str, int]] = {}
    changed: dict[str, pd.Series] = {}
    for id, whole in wholes.items():
        cells, counts = mask(frame[id], known, whole=whole, pseudonyms=numbers if id in keys else None)
        if counts:
            changed[id], masked[id] = cells, counts
    if changed:
        frame = frame.assign(**changed)
    order = [id for id in frame.columns if id in masked]
    notes = list(personal_notes(file, withheld, {id: masked[id] for id in order}))
    if kept := [id for id in frame.columns if {str(id), headers.get(str(id), str(id))} & {*keep}]:
        text = "Texts of {file} that the plan keeps were not searched for personal data: {columns}."
        notes.append(Note("personal_data_kept", text, {"file": file, "columns": ", ".join(map(str, kept))}))
    return frame, withheld, notes
