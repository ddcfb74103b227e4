"""Reading one file of answers in whatever known format."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from leadership_study.by_name import find, names
from leadership_study.errors import ImportFormatError, Problem
from leadership_study.importing._columns import match_columns
from leadership_study.importing._raw import RawResponses, Source, Table
from leadership_study.instruments import Instrument


def read_responses(
    path: str | Path,
    instrument: Instrument,
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    respondent_id: str | None = None,
    weights: str | None = None,
    missing_codes: Sequence[str] = (),
) -> RawResponses:
    """Read answers as received: text stays text, nothing is guessed, nothing is dropped in silence.

    Parameters
    ----------
    path
        The file.
    instrument
        What was asked. Every one of its columns must be there: items, forms, background, checks, open questions.
    format
        A module of this package (``csv_text``); recognised from the content when None.
    columns
        Header in the file → id in the questionnaire, where they differ. Other headers must be the ids exactly, spaces
        around them aside.
    respondent_id
        Header of the respondents' ids. When None, a header ``respondent_id`` if there is one, else the record number.
    weights
        Header of the survey weights, if there are any.
    missing_codes
        Texts that mean "no answer" (``"-2"``); validation turns them into missing values and counts them.

    Returns
    -------
    RawResponses
        ``.frame`` and ``.source``, which says how the file was read (``.source.notes`` in sentences).

    Raises
    ------
    ImportFormatError
        With all problems at once: missing_file, binary_file, empty_file, no_rows, quoting, row_too_short,
        row_too_long, duplicate_column, missing_column.
    PlanError
        ``format`` or an id in ``columns`` that does not exist, or two headers for one id.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise _refused(
            path, [_problem(path, "missing_file", f"{path}: {reason}", "check the name in the plan")]
        ) from None
    if not data:
        raise _refused(
            path, [_problem(path, "empty_file", "the file is empty", "give a file with a header and answers")]
        )
    module = find("leadership_study.importing", format) if format else None
    renamed = dict(columns or {})
    expected = {*instrument.column_ids, *renamed, *(name for name in (respondent_id, weights) if name)}
    if module is None:
        known = [find("leadership_study.importing", name) for name in names("leadership_study.importing")]
        module = next((entry for entry in known if entry.recognises(data)), None)
    if module is None:
        # No format wants it: the reader of text says best what it looks like.
        module = find("leadership_study.importing", "csv_text")
    table: Table = module.read(data, file=path.name, expected=expected)
    matched = match_columns(
        table, instrument, file=path.name, columns=renamed, respondent_id=respondent_id, weights=weights
    )
    if problems := [*table.problems, *matched.problems]:
        raise _refused(path, problems)
    source = Source(
        file=path.name,
        format=module.__name__.rpartition(".")[2],
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=matched.columns,
        ignored=matched.ignored,
        missing_codes=tuple(missing_codes),
        notes=(*table.notes, *matched.notes),
    )
    return RawResponses(frame=matched.frame(table), source=source)


def _problem(path: Path, rule: str, message: str, remedy: str) -> Problem:
    return Problem(file=path.name, rule=rule, message=message, remedy=remedy)


def _refused(path: Path, problems: list[Problem]) -> ImportFormatError:
    count = len(problems)
    return ImportFormatError(f"{path.name} cannot be read: {count} problem{'' if count == 1 else 's'}.", problems)
