"""SPSS files, .sav and .zsav, through pyreadstat."""

from collections.abc import Collection
from typing import Any

from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start
from leadership_study.importing._statistics_file import bytes_of, labelled_frame, read_labelled
from leadership_study.instruments import Instrument


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether ``data`` begins like an SPSS file."""
    return data[:4] in (b"$FL2", b"$FL3")


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read values as stored; what the file declares as missing becomes missing, with a note that counts it.

    Labels of variables are wordings of questions; labels of values are held against the questionnaire's, and are read
    in place of the codes with ``values="text"``. An encoding that is missing or wrong in old Chinese files is
    recognised by its texts.
    """
    import pyreadstat

    return read_labelled(data, pyreadstat.read_sav, file=file, encoding=encoding)


def write(raw: RawResponses, instrument: Instrument | None = None, *, language: str = "zh") -> bytes:
    """Return ``raw`` as a .sav file: items as labelled numbers where the cells are codes, all else as text."""
    import pyreadstat

    frame, names, labels = labelled_frame(raw, instrument, language)
    options: dict[str, Any] = {"column_labels": names or None, "variable_value_labels": labels or None}
    return bytes_of(lambda path: pyreadstat.write_sav(frame, path, **options))
