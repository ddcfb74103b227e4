"""Reading one file of answers in whatever known format."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from leadership_study.by_name import find, names, unknown
from leadership_study.errors import ImportFormatError, PlanError, Problem
from leadership_study.importing._columns import match_columns
from leadership_study.importing._raw import OptionOrder, RawResponses, Source, Table, Values
from leadership_study.importing._wording import FormName
from leadership_study.instruments import Instrument

_REASONS: dict[type[OSError], str] = {
    FileNotFoundError: "there is no such file",
    IsADirectoryError: "this is a directory, not a file",
}


def read_responses(
    path: str | Path,
    instrument: Instrument,
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    respondent_id: str | None = None,
    weights: str | None = None,
    missing_codes: Sequence[str] | None = None,
    form: FormName = "other",
    values: Values | None = None,
    option_order: OptionOrder | None = None,
) -> RawResponses:
    """Read answers as received: text stays text, nothing is guessed, nothing is dropped in silence.

    Parameters
    ----------
    path
        The file.
    instrument
        What was asked. Every one of its columns must be there: items, forms, background, checks, open questions.
    format
        A module of this package (``csv_text``, ``wenjuanxing``); recognised from the content when None.
    columns
        Header in the file → id in the questionnaire, where they differ. Other headers must be the ids exactly, spaces
        around them aside, or, in formats whose headers are the questions, their wording in any language.
    respondent_id
        Header of the respondents' ids. When None, a header ``respondent_id`` if there is one, else the one that the
        format has (问卷星: 序号), else the record number.
    weights
        Header of the survey weights, if there are any.
    missing_codes
        Texts that mean "no answer" (``"-2"``); validation turns them into missing values and counts them. The format's
        own when None.
    form
        Whom the items are about: others, or the respondents themselves. Decides which wording a header must have.
    values
        What cells hold: ``"codes"``, the questionnaire's own values; ``"text"``, the labels of answers in any language;
        ``"number"``, the numbers of options from 1 on. The format's own when None (``csv_text``: codes;
        ``wenjuanxing``: text).
    option_order
        With ``values="number"``, and needed then: whether option 1 is the first value of a response scale
        (``"as_listed"``) or the last (``"reversed"``). Levels of background questions always count as listed.

    Returns
    -------
    RawResponses
        ``.frame`` and ``.source``, which says how the file was read (``.source.notes`` in sentences).

    Raises
    ------
    ImportFormatError
        With all problems at once: missing_file, binary_file, empty_file, no_rows, quoting, row_too_short,
        row_too_long, duplicate_column, missing_column, ambiguous_column.
    PlanError
        ``format`` or an id in ``columns`` that does not exist, two headers for one id, or numbers of options without
        ``option_order``.
    """
    path = Path(path)
    check_values(values, option_order)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = _REASONS.get(type(error), f"it cannot be read ({error.strerror})")
        raise _refused(path, [_problem(path, "missing_file", reason, "check the name in the plan")]) from None
    if not data:
        raise _refused(
            path, [_problem(path, "empty_file", "the file is empty", "give a file with a header and answers")]
        )
    module = find("leadership_study.importing", format) if format else None
    renamed = dict(columns or {})
    expected = {*instrument.column_ids, *renamed, *(name for name in (respondent_id, weights) if name)}
    if module is None:
        # Every text may be a plain table: that reader is asked last.
        found = sorted(names("leadership_study.importing"), key=lambda name: (name == "csv_text", name))
        known = [find("leadership_study.importing", name) for name in found]
        module = next((entry for entry in known if entry.recognises(data)), None)
    if module is None:
        # No format wants it: the reader of text says best what it looks like.
        module = find("leadership_study.importing", "csv_text")
    table: Table = module.read(data, file=path.name, expected=expected)
    matched = match_columns(
        table, instrument, file=path.name, columns=renamed, respondent_id=respondent_id, weights=weights, form=form
    )
    source = Source(
        file=path.name,
        format=module.__name__.rpartition(".")[2],
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=matched.columns,
        ignored=matched.ignored,
        missing_codes=table.missing_codes if missing_codes is None else tuple(missing_codes),
        notes=(*table.notes, *matched.notes),
        form=form,
        values=table.values if values is None else values,
        option_order=option_order,
    )
    if problems := [*table.problems, *matched.problems]:
        readable = None
        if table.cells is not None and len(table.cells) and matched.clear:
            ids = ["respondent_id", *instrument.column_ids, *(["weight"] if "weight" in matched.clear else [])]
            frame = matched.frame(table, matched.clear).reindex(columns=ids).astype("str")
            readable = RawResponses(frame=frame, source=source, lines=table.lines)
        raise _refused(path, problems, readable)
    return RawResponses(frame=matched.frame(table), source=source, lines=table.lines)


def check_values(values: str | None, option_order: str | None) -> None:
    """Raise `PlanError` unless the order of numbered options is said where, and only where, cells hold numbers."""
    if values not in (None, "codes", "text", "number"):
        raise PlanError(unknown("'values'", str(values), ["codes", "text", "number"]))
    if option_order not in (None, "as_listed", "reversed"):
        raise PlanError(unknown("'option_order'", str(option_order), ["as_listed", "reversed"]))
    if values == "number" and option_order is None:
        raise PlanError(
            "'option_order' is missing: numbers of options turn a scale round without a word when the highest answer "
            "was listed first; say as_listed or reversed."
        )
    if values != "number" and option_order is not None:
        raise PlanError("'option_order' is only for values = \"number\"; leave it out.")


def _problem(path: Path, rule: str, message: str, remedy: str) -> Problem:
    return Problem(file=path.name, rule=rule, message=message, remedy=remedy)


def _refused(path: Path, problems: list[Problem], readable: RawResponses | None = None) -> ImportFormatError:
    count = len(problems)
    text = f"{path.name} cannot be read: {count} problem{'' if count == 1 else 's'}."
    return ImportFormatError(text, problems, readable=readable)
