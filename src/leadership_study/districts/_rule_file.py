"""A TOML file of rules: one that comes with the package, by its name, or one of the study, by its path."""

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError


def names_in(folder: str) -> list[str]:
    """Names of the files that come with the package in ``folder``, sorted."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in _inside(folder).iterdir() if entry.name.endswith(".toml")
    )


def read_rules(name_or_path: str | Path, *, folder: str, what: str, called: str) -> dict[str, Any]:
    """Return what the file of that name in ``folder`` says, or the one at a path that ends in .toml.

    ``what`` names the thing where its name is unknown, ``called`` the file where it cannot be read.

    Raises
    ------
    PlanError
        When there is no such file, or it is no TOML.
    """
    text = str(name_or_path)
    if text.endswith(".toml"):
        try:
            return tomllib.loads(Path(text).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PlanError(f"The {called} {Path(text).name} cannot be read: {error}.") from None
    if text not in (known := names_in(folder)):
        raise PlanError(unknown(what, text, known) + "; or give the name of a .toml file")
    return tomllib.loads((_inside(folder) / f"{text}.toml").read_text(encoding="utf-8"))


def _inside(folder: str) -> Traversable:
    return files("leadership_study.districts") / folder
