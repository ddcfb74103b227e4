"""One table from the TOML files of a folder: an analysis brings its words and its layout in files of its own."""

import tomllib
from importlib.resources.abc import Traversable
from typing import Any


def read_folder(folder: Traversable) -> dict[str, Any]:
    """Merge every ``.toml`` file in and under a folder: tables of the same name are put together, key by key.

    Raises
    ------
    ValueError
        When two files give the same key, naming it and the file.
    """
    merged: dict[str, Any] = {}
    for file in _files(folder):
        for table, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
            there = merged.setdefault(table, {})
            if twice := sorted(there.keys() & entries.keys()):
                raise ValueError(f"[{table}] has {twice[0]} twice; the second is in {file.name}.")
            there.update(entries)
    return merged


def _files(folder: Traversable) -> list[Traversable]:
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    here = [entry for entry in entries if entry.name.endswith(".toml")]
    return here + [file for entry in entries if entry.is_dir() for file in _files(entry)]
