"""What SPSS and Stata files share: labels of variables and values, missing values declared, encodings, dates."""

import contextlib
import datetime
import faulthandler
import math
import os
import re
import signal
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from leadership_study.errors import Problem
from leadership_study.importing._encodings import not_utf8
from leadership_study.importing._headings import parts, wordings
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._xlsx import number_text
from leadership_study.instruments import Instrument
from leadership_study.results import Note

Reader = Callable[..., tuple[pd.DataFrame, Any]]
_PATIENCE = 600  # seconds for one file
_STATA_MISSING = re.compile("[a-z]")


def read_labelled(data: bytes, reader: Reader, *, file: str, encoding: str | None) -> Table:
    """Read with a function of pyreadstat; see `spss.read` and `stata.read`."""
    notes: list[Note] = []
    loaded = _load(data, reader, encoding)
    if isinstance(loaded, str):
        tried = encoding is None and _load(data, reader, "GB18030")
        if not tried or isinstance(tried, str):
            message = f"the file is damaged, cut off or in an encoding that is not known ({loaded})"
            remedy = 'export it again, or name its encoding in the plan (encoding = "gb18030")'
            problem = Problem(file=file, rule="truncated_file", message=message, remedy=remedy)
            return Table(header=(), cells=None, encoding="", problems=(problem,))
        loaded, encoding = tried, "GB18030"
        notes.append(_encoding_note(file, encoding))
    elif encoding is None and _is_chinese_misread(*loaded):
        again = _load(data, reader, "GB18030")
        if not isinstance(again, str):
            loaded, encoding = again, "GB18030"
            notes.append(_encoding_note(file, encoding))
    frame, meta = loaded
    header = tuple(str(name) for name in frame.columns)
    if not len(frame) or not header:
        problem = Problem(
            file=file,
            rule="no_rows",
            message="the file has no answers",
            remedy="give a file with at least one respondent",
        )
        return Table(header=header, cells=None, encoding="", problems=(problem,))
    index = pd.RangeIndex(1, len(frame) + 1, name="row")
    columns: dict[int, pd.Series] = {}
    declared: list[str] = []
    for at, name in enumerate(header):
        values = frame.iloc[:, at]
        is_text = meta.readstat_variable_types.get(name) == "string"
        missing = _declared(values, meta, name, is_text=is_text)
        if missing.any():
            kinds = values[missing].astype(str).str.strip().value_counts().sort_index()
            shown = ", ".join(f"{_plain(code)}: {count}" for code, count in kinds.items())
            declared.append(f"{name} ({shown})")
        columns[at] = _texts(values.mask(missing.to_numpy()), index)
    if declared:
        text = "Values that {file} itself declares as missing became missing: {columns}."
        notes.append(Note("declared_missing", text, {"file": file, "columns": "; ".join(declared)}))
    labels = {
        str(name): {_plain(code): str(label) for code, label in given.items()}
        for name, given in meta.variable_value_labels.items()
    }
    spoken = [str(label or "") for label in meta.column_labels]
    return Table(
        header=header,
        cells=pd.DataFrame(columns, index=index),
        encoding=str(encoding or meta.file_encoding or ""),
        notes=tuple(notes),
        wordings=tuple(
            tuple(dict.fromkeys((*wordings(name), *wordings(text)))) for name, text in zip(header, spoken, strict=True)
        ),
        parts=tuple((*parts(name), *parts(text)) for name, text in zip(header, spoken, strict=True)),
        labels=labels,
        values=None,
    )


def _load(data: bytes, reader: Reader, encoding: str | None) -> tuple[pd.DataFrame, Any] | str:
    """The data and what the file says about them, or why it cannot be read."""
    import pyreadstat

    options: dict[str, Any] = {"user_missing": True, "encoding": encoding}
    try:
        # A file on the disk: this is the way in which every version of the library reads.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "answers"
            path.write_bytes(data)
            if not _survives(lambda: reader(str(path), output_format="dict", **options)):
                return "the library that reads it breaks down"
            return reader(str(path), **options)
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError, OverflowError) as error:
        return str(error).strip() or type(error).__name__


def _survives(read: Callable[[], object]) -> bool:
    """Whether reading ends at all, well or with an error: a damaged file can make the library end the whole program.

    Tried in a child process where the system can copy one (not on Windows).
    """
    if not hasattr(os, "fork"):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child does nothing with other threads
        child = os.fork()
    if child == 0:
        faulthandler.disable()
        with contextlib.suppress(BaseException):
            signal.alarm(_PATIENCE)
            read()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) >= 0


def _is_chinese_misread(frame: pd.DataFrame, meta: Any) -> bool:
    """Whether texts read as Windows-1252 or Latin-1 are GBK: a file that does not say so, or says it wrongly."""
    texts = [str(label or "") for label in meta.column_labels]
    texts += [str(label) for given in meta.variable_value_labels.values() for label in given.values()]
    for name in frame.columns:
        if meta.readstat_variable_types.get(name) == "string":
            texts += [str(text) for text in frame[name].dropna().unique()[:200]]
    strange = "\n".join(text for text in texts if not text.isascii())
    for encoding in ("cp1252", "latin-1"):
        try:
            data = strange.encode(encoding)
        except UnicodeEncodeError:
            continue
        return bool(data) and not data.isascii() and not_utf8(data) == "gb18030"
    return False


def _encoding_note(file: str, encoding: str) -> Note:
    return Note(
        "other_encoding", "{file} is not UTF-8; it was read as {encoding}.", {"file": file, "encoding": encoding}
    )


def _declared(values: pd.Series, meta: Any, name: str, *, is_text: bool) -> pd.Series:
    """Where a value lies in one of the ranges declared as missing, or is one of Stata's ``.a`` to ``.z``."""
    found = pd.Series(False, index=values.index)
    for span in (meta.missing_ranges or {}).get(name, ()):
        low, high = span["lo"], span["hi"]
        if is_text:
            found |= values.astype(str).str.strip() == str(low).strip()
        else:
            numbers = pd.to_numeric(values, errors="coerce")
            found |= (numbers >= low) & (numbers <= high)
    if not is_text and name in (meta.missing_user_values or {}):
        found |= values.map(lambda value: isinstance(value, str) and bool(_STATA_MISSING.fullmatch(value))).astype(bool)
    return found


def _plain(code: object) -> str:
    text = str(code)
    try:
        return number_text(float(text))
    except (ValueError, OverflowError):
        return text


def _texts(values: pd.Series, index: pd.Index) -> pd.Series:
    """The column as text: numbers without a needless ``.0``, dates and times in ISO 8601, empty texts missing."""
    known: dict[object, str | None] = {}
    found: list[str | None] = []
    for value in values:
        if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
            found.append(None)
            continue
        if value not in known:
            known[value] = _text(value)
        found.append(known[value])
    return pd.Series(found, index=index, dtype="str")


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.rstrip() or None
    if isinstance(value, pd.Timestamp | datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return number_text(float(value))  # type: ignore[arg-type]


def labelled_frame(
    raw: RawResponses, instrument: Instrument | None, language: str
) -> tuple[pd.DataFrame, dict[str, str], dict[str, Mapping[float, str]]]:
    """Return what a statistics program gets: items as numbers where all are, else text; and the labels."""
    columns: dict[str, pd.Series] = {}
    names: dict[str, str] = {}
    labels: dict[str, Mapping[float, str]] = {}
    scales = {} if instrument is None else {
        id: instrument.scale_of(id) for id in (*instrument.item_ids(), *instrument.form_scales)
    }  # fmt: skip
    for id in raw.frame.columns:
        cells = raw.frame[id]
        numbers = pd.to_numeric(cells, errors="coerce")
        if id in scales and raw.source.values == "codes" and bool((numbers.notna() == cells.notna()).all()):
            columns[id] = numbers.astype("float64")
            words = scales[id].labels.get(language, ())
            if words:
                labels[id] = dict(zip((float(value) for value in scales[id].values), words, strict=True))
        else:
            columns[id] = cells.fillna("").astype("object")
        if instrument is not None:
            names[id] = instrument.label(id, language)
    return pd.DataFrame(columns), names, labels


def bytes_of(write: Callable[[str], None]) -> bytes:
    """Return what ``write`` writes to a path."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers"
        write(str(path))
        return path.read_bytes()
