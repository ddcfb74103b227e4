"""Reading files of answers in whatever known format."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pandas as pd

from leadership_study.by_name import find, names, unknown
from leadership_study.errors import ImportFormatError, PlanError, Problem
from leadership_study.importing._columns import Matched, match_columns
from leadership_study.importing._decode import known_encoding
from leadership_study.importing._formulas import restored_cells
from leadership_study.importing._labels_check import check_labels, translated
from leadership_study.importing._option_columns import together
from leadership_study.importing._option_order import contradictions
from leadership_study.importing._personal_data import Pseudonyms, mask, mask_text
from leadership_study.importing._privacy import keep_out
from leadership_study.importing._raw import OptionOrder, RawResponses, Source, Table, Values
from leadership_study.importing._settle import looks_numbered, settle, values_of, without_letters
from leadership_study.importing._start import start_of
from leadership_study.importing._totals import totals
from leadership_study.importing._wording import FormName, column_wordings
from leadership_study.instruments import Instrument
from leadership_study.results import Note

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
    encoding: str | None = None,
    sheet: str | int | None = None,
    pseudonyms: Pseudonyms | None = None,
    keep: Sequence[str] = (),
) -> RawResponses:
    """Read answers as received: text stays text, nothing is guessed, nothing is dropped in silence.

    Parameters
    ----------
    path
        The file.
    instrument
        What was asked. Every one of its columns must be there: items, forms, background, checks, open questions.
    format
        A module of this package (``csv_text``, ``excel``, ``google_forms``, ``kobo``, ``limesurvey``, ``qualtrics``,
        ``spss``, ``stata``, ``surveymonkey``, ``wenjuanxing``); recognised from the content when None.
    columns
        Header in the file → id in the questionnaire, where they differ. Other headers are found by id, by the wording
        of the question in any language, or by the running number of the item; ``.source.match`` says how each was.
    respondent_id
        Header of the respondents' ids. When None, a header ``respondent_id`` if there is one, else the one that the
        format has (问卷星: 序号, Qualtrics: ResponseId, …), else the record number.
    weights
        Header of the survey weights, if there are any.
    missing_codes
        Texts that mean "no answer" (``"-2"``); validation turns them into missing values and counts them. The format's
        own when None.
    form
        Whom the items are about: others, or the respondents themselves. Decides which wording a header must have.
    values
        What cells hold: ``"codes"``, the questionnaire's own values; ``"text"``, the labels of answers in any language;
        ``"number"``, the numbers of options from 1 on. When None, labels where most of the different answers to the
        items are labels, else codes; an export of 问卷星 by number must say what its numbers are.
    option_order
        With ``values="number"``, and needed then: whether option 1 is the first value of a response scale
        (``"as_listed"``) or the last (``"reversed"``). Levels of background questions always count as listed.
    encoding
        Encoding of a text or of an old SPSS or Stata file (``"gb18030"``); recognised when None.
    sheet
        Name or number (from 1) of the sheet in a workbook. When None, the only one with cells, else the one with most
        of the questionnaire's headers.
    pseudonyms
        Numbers of masked respondents' ids and groups, when several files of a study are read one by one.
    keep
        Ids or headers of columns whose texts are carried on as they are, although they may name people.

    Returns
    -------
    RawResponses
        ``.frame`` and ``.source``, which says how the file was read (``.source.notes`` in sentences).

    Raises
    ------
    ImportFormatError
        With all problems at once: missing_file, binary_file, truncated_file, mixed_encodings, wrong_encoding,
        empty_file, no_rows, quoting, row_too_short, row_too_long, duplicate_column, missing_column, ambiguous_column,
        totals_row;
        of workbooks no_workbook, password, too_large, entities, unknown_sheet, merged_cells, formula_without_value; of
        answers labels_contradict_codes and option_order_contradicted.
    PlanError
        ``format``, ``encoding`` or an id in ``columns`` that does not exist, two headers for one id, or numbers of
        options without ``option_order``.
    """
    path = Path(path)
    check_values(values, option_order)
    if encoding is not None and not known_encoding(encoding):
        raise PlanError(unknown("encoding", encoding, ["utf-8", "gb18030", "big5", "utf-16", "cp1252"]))
    data = _bytes(path)
    renamed = dict(columns or {})
    expected = {*instrument.column_ids, *renamed, *(name for name in (respondent_id, weights) if name)}
    expected |= {text for texts in column_wordings(instrument, form).values() for text in texts}
    module = _module(data, format, expected)
    name = module.__name__.rpartition(".")[2]
    sha256 = hashlib.sha256(data).hexdigest()
    table: Table = module.read(data, file=path.name, expected=expected, encoding=encoding, sheet=sheet)
    del data
    matched = match_columns(
        table, instrument, file=path.name, columns=renamed, respondent_id=respondent_id, weights=weights, form=form
    )
    source = Source(
        file=path.name,
        format=name,
        sha256=sha256,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        columns=matched.columns,
        ignored=matched.ignored,
        match=matched.match,
        system=table.system_headers,
        withheld=table.withheld,
        missing_codes=table.missing_codes if missing_codes is None else tuple(missing_codes),
        notes=(*table.notes, *matched.notes),
        form=form,
        values=values or table.values or "codes",
        option_order=option_order,
        labels={entry.id: table.labels[entry.header] for entry in matched.match if entry.header in table.labels},
    )
    problems = [*table.problems, *matched.problems]
    problems += totals(table, next(iter(matched.places.get("respondent_id", ())), None), path.name)
    if not problems and (table.cells is None or not len(table.cells)):  # header rows only, of a platform with several
        remedy = "give a file with at least one respondent"
        problems.append(_problem(path, "no_rows", "the file has a header and no answers", remedy))
    raw = None
    if table.cells is not None and len(table.cells) and (matched.clear or not problems):
        places = matched.clear if problems else matched.places
        raw, more = _answers(
            table, matched, places, instrument, source, values, missing_codes is None, pseudonyms, keep
        )
        problems += more
    if problems:
        readable = None
        if raw is not None and matched.clear:
            ids = ["respondent_id", *instrument.column_ids, *(["weight"] if "weight" in matched.clear else [])]
            frame = raw.frame.reindex(columns=ids).astype("str")
            readable = RawResponses(frame=frame, source=raw.source, lines=raw.lines, system=raw.system)
        raise _refused(path, problems, readable)
    if raw is None:
        raise RuntimeError("A table without cells and without problems was read.")
    return raw


def read_files(paths: Sequence[str | Path], instrument: Instrument, **options: object) -> list[RawResponses]:
    """Read several files of one block with the same options; the problems of all come at once.

    Files of one block are held against each other: where the items' means of one run against those of another that has
    labels, the order of its options was declared wrongly (`_option_order`).

    Raises
    ------
    ImportFormatError, PlanError
        As `read_responses`, for all files together.
    """
    found: list[RawResponses] = []
    problems: list[Problem] = []
    options.setdefault("pseudonyms", Pseudonyms())
    for path in paths:
        try:
            found.append(read_responses(path, instrument, **options))  # type: ignore[arg-type]
        except ImportFormatError as error:
            problems += error.problem_list
    problems += contradictions(found, instrument)
    if problems:
        count = len(problems)
        raise ImportFormatError(
            f"The files cannot be read: {count} problem{'' if count == 1 else 's'}.", problems, readable=found or None
        )
    return found


def read_table(path: Path, *, format: str | None = None, sheet: str | int | None = None) -> tuple[Table, str]:
    """Return a file's table before anything is known of its questionnaire, and the name of its format.

    Raises
    ------
    ImportFormatError
        The file is missing, empty, or no table.
    """
    data = _bytes(path)
    module = _module(data, format, ())
    table: Table = module.read(data, file=path.name, sheet=sheet)
    if table.problems:
        raise _refused(path, list(table.problems))
    return table, module.__name__.rpartition(".")[2]


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = _REASONS.get(type(error), f"it cannot be read ({error.strerror})")
        raise _refused(path, [_problem(path, "missing_file", reason, "check the name in the plan")]) from None
    if not data:
        remedy = "give a file with a header and answers"
        raise _refused(path, [_problem(path, "empty_file", "the file is empty", remedy)])
    return data


def _module(data: bytes, format: str | None, expected: Collection[str]) -> ModuleType:
    """The module of the format named, or the first that recognises the file; the plain tables are asked last."""
    package = "leadership_study.importing"
    if format:
        return find(package, format)
    start = start_of(data, expected)
    found = sorted(names(package), key=lambda name: (name in ("csv_text", "excel"), name))
    known = [find(package, name) for name in found]
    # No format wants it: the reader of text says best what it looks like.
    return next((entry for entry in known if entry.recognises(data, start)), find(package, "csv_text"))


def _answers(
    table: Table,
    matched: Matched,
    places: Mapping[str, Sequence[int]],
    instrument: Instrument,
    source: Source,
    values: Values | None,
    own_codes: bool,
    pseudonyms: Pseudonyms | None,
    keep: Collection[str],
) -> tuple[RawResponses, list[Problem]]:
    """The cells under their ids as answers; what contradicts the questionnaire comes as problems."""
    cells = table.cells
    if cells is None:
        raise ValueError("A table without records has no cells.")
    single = {id: at[0] for id, at in places.items() if len(at) == 1}
    frame = cells[list(single.values())].set_axis(list(single), axis="columns")
    notes = list(source.notes)
    protected = 0
    for id in frame.columns if table.delimiter is not None else ():  # only text files need the protection
        back, count = restored_cells(frame[id])
        if count:
            frame[id] = back
            protected += count
    if protected:
        text = "Apostrophes that protect texts from being run as formulas were taken away in {file}: {count}."
        notes.append(Note("protected_cells", text, {"file": source.file, "count": protected}))
    codes = source.missing_codes
    if values is None and table.values is None:
        values = values_of(frame, instrument, codes)
        if values == "codes":
            notes += _undeclared(frame, table, instrument, source)
    values = values or table.values or "codes"
    if values == "number" and table.option_codes:
        frame, more = without_letters(frame, instrument, source.file)
        notes += more
    if own_codes:
        codes = _without_answers(codes, instrument, values)
    for question in instrument.background:
        at = places.get(question.id, ())
        if len(at) > 1:
            texts = [next(iter(level.text.values()), level.value) for level in question.levels]
            given = {"codes": [level.value for level in question.levels], "text": texts}
            option_names = given.get(values, [str(number) for number in range(1, len(question.levels) + 1)])
            frame[question.id] = together(cells[list(at)], option_names, codes)
    if "respondent_id" not in frame:
        numbers = pd.Series([str(row) for row in frame.index], index=frame.index, dtype="str")
        frame.insert(0, "respondent_id", numbers)
    order = ["respondent_id", *(id for id in (*instrument.column_ids, "weight") if id in frame)]
    if list(frame.columns) != order:
        frame = frame[order]
    frame, values, more = translated(frame, instrument, source, values)
    notes += more
    problems = check_labels(instrument, source, values)
    own = not check_labels(instrument, source, "codes")
    settled = settle(frame, instrument, values, codes, source.file, own_numbers=own, option_order=source.option_order)
    private, withheld, told = keep_out(settled.frame, table, instrument, source.file, matched, pseudonyms, keep)
    notes += [*settled.notes, *told]
    ignored = tuple(mask_text(name) for name in source.ignored if name not in withheld)
    if ignored:
        text = "Columns of {file} that the plan does not name were not carried on: {columns}."
        notes.append(Note("extra_columns", text, {"file": source.file, "columns": ", ".join(ignored)}))
    done = replace(
        source,
        values=settled.values,
        missing_codes=codes,
        notes=tuple(notes),
        withheld={**source.withheld, **withheld},
        ignored=ignored,
    )
    system = table.system if table.system is not None else pd.DataFrame(index=cells.index)
    if "channel" in system:
        system = system.assign(channel=mask(system["channel"])[0])
    raw = RawResponses(frame=private, source=done, lines=table.lines, system=system)
    return raw, [*problems, *contradictions([raw], instrument)]


def _undeclared(frame: pd.DataFrame, table: Table, instrument: Instrument, source: Source) -> list[Note]:
    """What must be said of numbers that nobody declared: an error where their direction is open, else a note."""
    ask = 'say values = "number" with option_order = "as_listed" or "reversed" (numbers of options), or'
    if table.unsure_numbers and looks_numbered(frame, instrument, source.missing_codes):
        raise PlanError(f'{source.file} was exported by numbers: {ask} values = "codes" (own values, such as scores).')
    if not table.option_codes:
        return []
    if looks_numbered(frame, instrument, source.missing_codes, coded=True):
        raise PlanError(f"{source.file} holds codes of answers such as A4: {ask} export it with full answers.")
    text = (
        "The numbers in {file} were taken as the questionnaire's own values; where the platform numbered the options "
        'otherwise, say values = "number" with option_order in the plan.'
    )
    return [Note("numbers_taken_as_values", text, {"file": source.file})]


def _without_answers(codes: Sequence[str], instrument: Instrument, values: Values) -> tuple[str, ...]:
    """The format's own codes for "no answer", those aside that the questionnaire has as an answer."""
    answers: set[str] = set()
    for scale in instrument.response_scales.values():
        answers |= {f"{value:g}" for value in scale.values}
        answers |= {label for labels in scale.labels.values() for label in labels} if values == "text" else set()
    for question in instrument.background:
        answers |= {level.value for level in question.levels}
        answers |= {text for level in question.levels for text in level.text.values()}
    return tuple(code for code in codes if code not in answers)


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
