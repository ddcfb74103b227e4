"""Stata files, .dta of every version that pyreadstat knows."""

from collections.abc import Collection
from typing import Any

from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start
from leadership_study.importing._statistics_file import bytes_of, labelled_frame, read_labelled
from leadership_study.instruments import Instrument

_OLD = frozenset((104, 105, 108, 110, 111, 113, 114, 115))


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether ``data`` begins like a Stata file: marked as such from version 117 on, by its number before."""
    if data.startswith(b"<stata_dta>"):
        return True
    return len(data) > 109 and data[0] in _OLD and data[1] in (1, 2) and data[2] == 1 and data[3] == 0


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read values as stored; ``.`` and ``.a`` to ``.z`` are missing, the latter counted in a note. See `spss.read`."""
    import pyreadstat

    return read_labelled(data, pyreadstat.read_dta, file=file, encoding=encoding)


def write(raw: RawResponses, instrument: Instrument | None = None, *, language: str = "zh") -> bytes:
    """Return ``raw`` as a .dta file: items as labelled numbers where the cells are codes, all else as text."""
    import pyreadstat

    frame, names, labels = labelled_frame(raw, instrument, language)
    whole = {id: {int(value): label for value, label in given.items()} for id, given in labels.items()
             if all(float(value).is_integer() for value in given)}  # fmt: skip
    options: dict[str, Any] = {
        "column_labels": {id: name[:80] for id, name in names.items()} or None,
        "variable_value_labels": whole or None,
    }
    return bytes_of(lambda path: pyreadstat.write_dta(frame, path, **options))
