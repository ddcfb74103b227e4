"""A questionnaire in fewer languages than it has."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from leadership_study.errors import InstrumentError
from leadership_study.instruments.exchange._languages import UNNAMED
from leadership_study.instruments.model import Instrument

_WORDED = frozenset({"title", "label", "labels", "definition", "text", "self_text", "source_in"})


def keep_languages(instrument: Instrument, languages: Sequence[str]) -> Instrument:
    """Return the questionnaire in ``languages`` only.

    Wording whose language the form did not name (``und``) is taken to be in the one language given.

    Raises
    ------
    InstrumentError
        When it is not in one of them.
    """
    own = instrument.languages
    if len(own) == 1 and own[0].partition("-")[0] == UNNAMED and len(languages) == 1:
        return _kept(instrument, {own[0]: languages[0]})  # type: ignore[no-any-return]
    for language in languages:
        if language not in own:
            raise InstrumentError(f"The form has no wording in {language!r}; it has {', '.join(own)}")
    return _kept(instrument, {language: language for language in languages})  # type: ignore[no-any-return]


def _kept(value: Any, names: Mapping[str, str]) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for entry in dataclasses.fields(value):
            held = getattr(value, entry.name)
            if entry.name in _WORDED:
                changed[entry.name] = {new: held[old] for old, new in names.items() if old in held}
            else:
                changed[entry.name] = _kept(held, names)
        return dataclasses.replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(_kept(entry, names) for entry in value)
    if isinstance(value, Mapping):
        return {key: _kept(entry, names) for key, entry in value.items()}
    return value
