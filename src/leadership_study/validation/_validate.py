"""Holding answers against their questionnaire: every problem of every file at once, or typed answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem, ResponseError
from leadership_study.importing import RawResponses
from leadership_study.instruments import Instrument
from leadership_study.results import Note
from leadership_study.validation import _answers as answers
from leadership_study.validation import _cells as cells
from leadership_study.validation._exclusions import check_rules, exclude
from leadership_study.validation._repairs import Declared, Repair, check_repairs, empty_log, repaired
from leadership_study.validation._screening import Screening
from leadership_study.validation._validated import ValidatedResponses

_ONE_BLOCK = "responses"
_NAMED = 20
"""Rows of one repeated id that each of its problems names."""

Repairs = Declared | Mapping[str, Declared] | None
Raw = RawResponses | Mapping[str, RawResponses | Sequence[RawResponses]]


def validate(
    raw: Raw,
    instrument: Instrument,
    *,
    exclusions: Mapping[str, Any] | None = None,
    repairs: Repairs = None,
) -> ValidatedResponses:
    """Check answers and give them their types.

    Item cells must be values of their response scale (``3`` and ``3.0`` are one number; spaces around an answer do not
    count), or, where the source says so, its labels or numbers of options; numbers must be finite, levels and dates
    must exist, respondent ids must be there and be unique in their block, weights must be above 0. Empty cells and
    declared missing codes are missing. Nothing is changed but by declared repairs, and each of these is logged.

    Parameters
    ----------
    raw
        Answers of one block, or of several by block id; a block may have come in several files.
    instrument
        What was asked.
    exclusions
        Declared rules, in the order in which they apply (`_exclusions.RULES`): ``max_missing_share = 0.2`` leaves out
        who missed more than this share of all items, ``attention_checks = 1`` who failed a check,
        ``min_seconds_per_item``, ``min_share_of_median_time``, ``max_longstring``, ``min_irv``, ``min_even_odd``,
        ``min_person_total``, ``min_psychometric_synonyms``, ``max_psychometric_antonyms``,
        ``min_mahalanobis_p_value`` who lies beyond that value of an index, ``duplicates = true`` who has all answers
        of somebody received before, ``min_flags = 2`` who shows flags of two kinds. Who answered no item is always
        left out. All are counted in ``.flow`` and listed in ``.exclusions_log``.
    repairs
        Declared changes of text, applied before anything is checked, in their order: ``{"column": "age", "map":
        {"17岁": "17"}}``, ``{"column": "str_01", "recode": {"6": "5"}}``, ``{"column": "*", "trim": True}``. One list
        for all blocks, or a list by block id. Each changed cell is in ``.repairs_log``.

    Returns
    -------
    ValidatedResponses

    Raises
    ------
    ResponseError
        ``.problems`` lists everything: file, row, line, respondent_id, column, value, rule, message, remedy.
        Rules: not_a_number, decimal_comma, infinite, not_on_scale, unknown_level, unknown_label, no_such_option,
        not_a_date, not_positive, missing_weight, missing_respondent_id, duplicate_respondent_id,
        missing_code_is_an_answer, weights_in_some_files.
    PlanError
        Exclusion rules or repairs that are unknown or impossible, all at once.
    """
    rules = check_rules(exclusions)
    blocks = {_ONE_BLOCK: [raw]} if isinstance(raw, RawResponses) else {id: _parts(part) for id, part in raw.items()}
    declared = _declared(repairs, list(blocks), instrument)
    if not any(blocks.values()):
        raise ResponseError("There are no answers to validate; give at least one block of responses.")
    problems: list[Problem] = []
    frames, systems, logs, sizes, notes = [], [], [], [], []
    for block, parts in blocks.items():
        seen = []
        for received in parts:
            part, log, told = repaired(received, declared[block])
            frame, checked = _typed(part, instrument, several=len(parts) > 1)
            seen.append((frame.index, checked))
            problems += checked.close()
            notes += [*_file_notes(checked), *told]
            index = frame.index if len(blocks) == 1 else block + "/" + frame.index
            frames.append(frame.set_axis(index, axis="index"))
            systems.append(part.system.reindex(part.frame.index).set_axis(index, axis="index"))
            logs.append(log)
            sizes.append((block, len(frame)))
        problems += _duplicates(seen)
    problems += _lacking_weights([part for parts in blocks.values() for part in parts])
    if problems:
        count = len(problems)
        text = f"The answers do not fit the questionnaire: {count} problem{'' if count == 1 else 's'}."
        raise ResponseError(text, problems)
    everyone = (frames[0] if len(frames) == 1 else pd.concat(frames)).rename_axis("respondent_id")
    system = (systems[0] if len(systems) == 1 else pd.concat(systems)).rename_axis("respondent_id")
    del frames, systems
    owners = np.repeat([block for block, _ in sizes], [size for _, size in sizes])
    block_of = pd.Series(owners, index=everyone.index, name="block", dtype="str")
    screening = Screening(instrument=instrument, frame=everyone, block=block_of, system=system)
    kept, flow, left_out = exclude(screening, rules)
    whole = bool(kept.all())  # a million rows are not copied for nothing
    return ValidatedResponses(
        instrument=instrument,
        frame=everyone if whole else everyone[kept],
        block=block_of if whole else block_of[kept],
        flow=flow,
        system=system if whole else system[kept],
        screening=screening,
        exclusions_log=left_out,
        repairs_log=pd.concat(logs, ignore_index=True) if logs else empty_log(),
        sources={id: tuple(part.source for part in parts) for id, parts in blocks.items()},
        notes=tuple(notes),
    )


def cell_problems(raw: RawResponses, instrument: Instrument, repairs: Declared | None = None) -> list[Problem]:
    """Return what is wrong in the cells of one file after its declared ``repairs``, as `validate` says it."""
    changed, _, _ = repaired(raw, check_repairs(repairs, instrument))
    _, checked = _typed(changed, instrument, several=False)
    return checked.close()


def _declared(repairs: Repairs, blocks: Sequence[str], instrument: Instrument) -> dict[str, list[Repair]]:
    """Return the checked repairs of each block."""
    if not isinstance(repairs, Mapping):
        same = check_repairs(repairs, instrument)
        return dict.fromkeys(blocks, same)
    for block in repairs:
        if block not in blocks:
            raise PlanError(unknown("block of responses in repairs", block, list(blocks)))
    return {block: check_repairs(repairs.get(block), instrument) for block in blocks}


def _parts(raw: RawResponses | Sequence[RawResponses]) -> list[RawResponses]:
    return [raw] if isinstance(raw, RawResponses) else list(raw)


def _typed(raw: RawResponses, instrument: Instrument, *, several: bool) -> tuple[pd.DataFrame, cells.Checked]:
    """One file's answers with their types, under their respondent ids."""
    named = raw.frame["respondent_id"].str.strip()
    named = named.mask(named == "")
    checked = cells.Checked(raw, named)
    _check_codes(checked, instrument)
    columns: dict[str, Any] = {}
    for id in (*instrument.item_ids(), *instrument.form_scales):
        columns[id] = checked.numbers(id, answers.of_scale(raw.source, instrument.scale_of(id)))
    for question in instrument.background:
        if question.kind == "number":
            columns[question.id] = checked.numbers(question.id, cells.any_number)
        else:
            columns[question.id] = pd.array(
                checked.texts(question.id, answers.of_question(raw.source, question)), dtype="str"
            )
    for check in instrument.attention_checks:
        judge = answers.of_check(raw.source, instrument, check)
        if isinstance(check.expected, str):
            columns[check.id] = pd.array(checked.texts(check.id, judge), dtype="str")
        else:
            columns[check.id] = checked.numbers(check.id, judge)
    for open_question in instrument.open_questions:
        columns[open_question.id] = pd.array(checked.texts(open_question.id, cells.any_text), dtype="str")
    if "weight" in raw.frame:
        # A missing code is no weight, and a respondent without one cannot be counted.
        columns["weight"] = checked.numbers("weight", cells.positive_number)
        _require(checked, "weight", pd.isna(columns["weight"]), "missing_weight", "the weight is missing")
    _require(checked, "respondent_id", named.isna(), "missing_respondent_id", "the respondent has no id")
    if several and "respondent_id" not in raw.source.columns.values():
        # Record numbers start anew in each file.
        named = raw.source.file + ":" + named
    # Without a copy: a million rows of 50 items are 400 MB.
    index = pd.Index(named, dtype="str", name="respondent_id")
    return pd.DataFrame(columns, index=index, copy=False), checked


def _check_codes(checked: cells.Checked, instrument: Instrument) -> None:
    """Note codes for "no answer" that are also answers: nobody could tell which was meant."""
    for column, code in cells.clashes(
        checked.raw.source.missing_codes, answers.possible(checked.raw.source, instrument)
    ):
        checked.add_column(
            "missing_code_is_an_answer",
            column,
            "a missing code is also an answer to this question",
            "take it out of missing_codes, and leave missing cells empty",
            code,
        )


def _require(checked: cells.Checked, column: str, missing: Any, rule: str, message: str) -> None:
    refusal = cells.Refusal(rule, message, "fill it in, or remove the row")
    if column in checked.unlisted:  # refused cells became missing: they are counted already
        return
    for at in np.flatnonzero(missing):
        row = checked.row(int(at))
        if (column, row) not in checked.refused:
            checked.add(refusal, column, row, int(at), None)


def _duplicates(seen: list[tuple[pd.Index, cells.Checked]]) -> list[Problem]:
    """Name all rows of every respondent id that a block has more than once."""
    rows: dict[str, list[tuple[cells.Checked, int]]] = {}
    for index, checked in seen:
        if len(seen) == 1 and index.is_unique:
            return []
        for at, id in enumerate(index):
            if not pd.isna(id):
                rows.setdefault(str(id), []).append((checked, at))
    found: list[Problem] = []
    for id, places in rows.items():
        if len(places) < 2 or len(found) >= cells.LISTED:
            continue
        where = ", ".join(f"{checked.raw.source.file} {checked.row(at)}" for checked, at in places[:_NAMED])
        where += ", …" if len(places) > _NAMED else ""
        for checked, at in places[: cells.LISTED]:
            found.append(
                Problem(
                    file=checked.raw.source.file,
                    row=checked.row(at),
                    line=checked.line(checked.row(at)),
                    respondent_id=id,
                    column="respondent_id",
                    value=id,
                    rule="duplicate_respondent_id",
                    message=f"{len(places)} rows have this respondent id ({where})",
                    remedy="keep one, correct the ids, or leave respondent_id out of the plan where numbers start anew "
                    "in each group",
                )
            )
    repeated = sum(len(places) for places in rows.values() if len(places) > 1)
    if repeated > len(found):
        checked = seen[0][1]
        found.append(
            Problem(
                file=checked.raw.source.file,
                column="respondent_id",
                rule="duplicate_respondent_id",
                message=f"{repeated} rows have an id that is there more than once; the first {len(found)} are listed",
                remedy="keep one of each, or correct the ids",
            )
        )
    return found


def _lacking_weights(parts: list[RawResponses]) -> list[Problem]:
    lacking = [part for part in parts if "weight" not in part.frame]
    if not lacking or len(lacking) == len(parts):
        return []
    return [
        Problem(
            file=part.source.file,
            column="weight",
            rule="weights_in_some_files",
            message="other files have weights and this one has none",
            remedy="name its weights in the plan, or name none at all",
        )
        for part in lacking
    ]


def _file_notes(checked: cells.Checked) -> list[Note]:
    source = checked.raw.source
    notes = list(source.notes)
    if source.missing_codes:
        text = "Answers in {file} that were the missing codes {codes} and became missing: {count}."
        values = {"count": checked.codes, "file": source.file, "codes": ", ".join(source.missing_codes)}
        notes.append(Note("missing_codes", text, values))
    if checked.blank:
        text = "Cells of {file} that hold only spaces and became missing: {count}."
        notes.append(Note("blank_cells", text, {"count": checked.blank, "file": source.file}))
    return notes
