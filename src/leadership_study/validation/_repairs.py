"""Declared repairs: spaces taken away, answers recoded. Nothing else is changed, and every change is logged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError, Problem
from leadership_study.importing import RawResponses
from leadership_study.importing._personal_data import mask
from leadership_study.instruments import Instrument
from leadership_study.results import Note

LOG = ["file", "row", "respondent_id", "column", "rule", "before", "after"]
"""Columns of the log of repairs."""

RULES = ("trim", "recode", "map")

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""Zero-width characters that copying from web pages leaves behind; no program trims them."""

Declared = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Repair:
    """One rule for one column (or ``*``, all): trim, or texts to be written otherwise."""

    column: str
    rule: str
    texts: Mapping[str, str]


def check_repairs(repairs: Declared | None, instrument: Instrument, *, file: str = "repairs") -> list[Repair]:
    """Return the declared repairs, or raise `PlanError` with everything that is wrong with them.

    Each is ``{column = "age", map = {"17岁" = "17"}}``, ``{column = "str_01", recode = {"6" = "5"}}`` or
    ``{column = "*", trim = true}``; ``*`` stands for every column. Texts are compared without the spaces around them.
    """
    columns = ("respondent_id", *instrument.column_ids, "weight")
    found, problems = [], []
    for at, entry in enumerate(repairs or (), start=1):
        said = [rule for rule in RULES if rule in entry]
        column = entry.get("column")
        wrong = _wrong(entry, said, columns)
        if wrong:
            problems.append(Problem(file, f"repair {at}: {wrong}", _REMEDY, "wrong_repair", column=_text(column)))
            continue
        texts = {} if said[0] == "trim" else {_clean(str(old)): _text(new) for old, new in entry[said[0]].items()}
        found.append(Repair(str(column), said[0], texts))
    if problems:
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise PlanError(f"The declared repairs have {count}", problems)
    return found


_REMEDY = 'write { column = "age", map = { "17岁" = "17" } }, or recode in its place, or trim = true'


def repaired(raw: RawResponses, repairs: Sequence[Repair]) -> tuple[RawResponses, pd.DataFrame, list[Note]]:
    """Apply ``repairs`` in order to the text of one file.

    Returns
    -------
    raw, log, notes
        The answers with the changes; one row a changed cell with the columns of `LOG`; a note for every text declared
        for repair that occurs nowhere.
    """
    if not repairs:
        return raw, empty_log(), []
    frame, changes, notes = raw.frame.copy(), [], []
    for repair in repairs:
        columns = list(frame.columns) if repair.column == "*" else [repair.column]
        met: set[str] = set()
        for column in (name for name in columns if name in frame):
            codes, texts = pd.factorize(frame[column])
            fixed = [_fixed(str(text), repair, met) for text in texts]
            changed = np.array([new != str(old) for new, old in zip(fixed, texts, strict=True)] + [False])[codes]
            if not changed.any():
                continue
            after = np.array([*fixed, ""], dtype=object)[codes[changed]]
            rows = np.flatnonzero(changed)
            changes.append(
                pd.DataFrame(
                    {
                        "file": raw.source.file,
                        "row": frame.index[rows].to_numpy(),
                        "respondent_id": raw.frame["respondent_id"].iloc[rows].to_numpy(),
                        "column": column,
                        "rule": repair.rule,
                        "before": mask(frame[column].iloc[rows])[0].to_numpy(),
                        "after": after,
                    }
                )
            )
            values = frame[column].to_numpy(dtype=object, copy=True)
            values[rows] = [text if text else None for text in after]
            frame[column] = pd.array(values, dtype="str")
        if unmet := [text for text in repair.texts if text not in met]:
            text = "Declared repairs of {column} in {file} that met no answer: {texts}."
            told = {"column": repair.column, "file": raw.source.file, "texts": ", ".join(unmet)}
            notes.append(Note("repair_without_effect", text, told))
    log = pd.concat([empty_log(), *changes], ignore_index=True) if changes else empty_log()
    log = log.astype(empty_log().dtypes.to_dict())
    if len(log):
        text = "Cells of {file} changed by declared repairs: {count}; the log of repairs lists each."
        notes.insert(0, Note("repaired_cells", text, {"file": raw.source.file, "count": len(log)}))
    return replace(raw, frame=frame), log, notes


def empty_log() -> pd.DataFrame:
    """Return a log without entries."""
    return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in LOG})


def _wrong(entry: Mapping[str, Any], said: Sequence[str], columns: Collection[str]) -> str:
    if extra := sorted(set(entry) - {"column", *RULES}):
        return unknown("key", extra[0], ["column", *RULES]).removesuffix(".")
    if "column" not in entry:
        return "it names no column"
    if entry["column"] != "*" and entry["column"] not in columns:
        return unknown("column", str(entry["column"]), list(columns)).removesuffix(".")
    if len(said) != 1:
        return "it must have exactly one of trim, recode, map"
    value = entry[said[0]]
    if said[0] == "trim":
        return "" if value is True else f"trim must be true, not {value!r}"
    if not isinstance(value, Mapping) or not value:
        return f"{said[0]} must map texts to texts, not {value!r}"
    if odd := [new for new in value.values() if isinstance(new, bool) or not isinstance(new, str | int | float)]:
        return f"{said[0]} must map to texts or numbers, not {odd[0]!r}"
    return ""


def _fixed(text: str, repair: Repair, met: set[str]) -> str:
    clean = _clean(text)
    if repair.rule == "trim":
        return clean
    if clean in repair.texts:
        met.add(clean)
        return repair.texts[clean]
    return text


def _clean(text: str) -> str:
    before = None
    while before != text:
        before, text = text, text.strip().strip(_INVISIBLE)
    return text


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
