"""The words of the forms, one TOML file a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.errors import InstrumentError
from leadership_study.instruments.model import Instrument


@cache
def words_in(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return the words in a language; those of ``zh`` serve ``zh-Hant`` as well.

    Raises
    ------
    InstrumentError
        When there are none, naming the languages there are.
    """
    folder = resources.files(__package__) / "words"
    known = sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    code = language if language in known else language.partition("-")[0]
    if code not in known:
        raise InstrumentError(unknown("language of the form", language, known))
    table: dict[str, Any] = tomllib.loads((folder / f"{code}.toml").read_text(encoding="utf-8"))
    return table


def check_language(instrument: Instrument, language: str) -> None:
    """Raise `InstrumentError` when the questionnaire has no wording in the language."""
    if language not in instrument.languages:
        known = ", ".join(instrument.languages)
        raise InstrumentError(f"The questionnaire {instrument.id} has no wording in {language!r}; it has {known}.")
