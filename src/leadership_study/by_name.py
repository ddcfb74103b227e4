"""Plug-ins by name: a module in a folder is an analysis, a figure, a format."""

import difflib
import importlib
import pkgutil
from types import ModuleType

from leadership_study.errors import PlanError


def names(package: str) -> list[str]:
    """Names of the public modules of ``package``, sorted."""
    folder = importlib.import_module(package)
    return sorted(module.name for module in pkgutil.iter_modules(folder.__path__) if not module.name.startswith("_"))


def find(package: str, name: str) -> ModuleType:
    """Return the module ``name`` of ``package``.

    Raises
    ------
    PlanError
        When there is none, naming the nearest known names.
    """
    if name not in (known := names(package)):
        raise PlanError(unknown(f"name in {package.rpartition('.')[2]}", name, known))
    return importlib.import_module(f"{package}.{name}")


def unknown(what: str, got: str, known: list[str]) -> str:
    """Return the sentence for an unknown name, the nearest right ones first."""
    near = difflib.get_close_matches(got, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
    return f"Unknown {what}: {got!r}; {hint}"
