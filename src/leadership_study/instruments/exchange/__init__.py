"""An instrument in and out: one module a format.

A format that can be written has ``write(instrument) -> (bytes, notes)``, where the notes list what the target cannot
hold; one that can be read has ``read(data, *, file) -> (Instrument, notes)`` and ``recognises(data, file)``. ``SUFFIX``
is the ending of its files.
"""

from types import ModuleType

from leadership_study import by_name
from leadership_study.errors import InstrumentError
from leadership_study.instruments.model import Instrument
from leadership_study.results import Note


def formats(verb: str) -> list[str]:
    """Names of the formats that can be written (``verb`` is ``"write"``) or read (``"read"``), sorted."""
    return [name for name in by_name.names(__name__) if hasattr(by_name.find(__name__, name), verb)]


def write(instrument: Instrument, format: str) -> tuple[bytes, tuple[Note, ...]]:
    """Return the questionnaire in a format, and notes on what the format cannot hold.

    Raises
    ------
    InstrumentError
        When the format is unknown or cannot be written.
    """
    return _module(format, "write").write(instrument)  # type: ignore[no-any-return]


def read(data: bytes, *, file: str, format: str | None = None) -> tuple[Instrument, tuple[Note, ...]]:
    """Read a form by any author; the format is recognised when it is not given.

    Raises
    ------
    InstrumentError
        When no format recognises the file, or the form has problems: all of them at once.
    """
    if format is None:
        modules = [by_name.find(__name__, name) for name in formats("read")]
        found = [module for module in modules if module.recognises(data, file)]
        if not found:
            known = ", ".join(formats("read"))
            raise InstrumentError(f"{file} is no form of a known format; known are {known}")
        return found[0].read(data, file=file)  # type: ignore[no-any-return]
    return _module(format, "read").read(data, file=file)  # type: ignore[no-any-return]


def _module(format: str, verb: str) -> ModuleType:
    known = formats(verb)
    if format not in known:
        raise InstrumentError(by_name.unknown(f"format to {verb} a questionnaire", format, known))
    return by_name.find(__name__, format)
