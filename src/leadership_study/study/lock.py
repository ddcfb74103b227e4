"""One run at a time in the folder of a study."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadership_study.errors import BusyError

try:
    import fcntl
except ImportError:  # Windows has no flock; two runs at once are then the user's care
    fcntl = None  # type: ignore[assignment]

_held: set[Path] = set()
"""Folders that this process holds: a run may call what takes the lock on its own as well."""


@contextmanager
def locked(folder: Path, shown: str) -> Iterator[None]:
    """Hold the lock of ``folder`` while the body runs; the system releases it when the process dies.

    The folder is made when it is missing and, if the body left nothing in it, removed again. ``shown`` names the
    folder in the message.

    Raises
    ------
    BusyError
        When another process holds it.
    """
    path = folder / ".lock"
    if path in _held:
        yield
        return
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    handle = _acquire(path, shown)
    _held.add(path)
    try:
        yield
    finally:
        _held.discard(path)
        # Unlinked while still held: whoever opened the old file finds in `_acquire` that it is no longer in its place.
        path.unlink(missing_ok=True)
        os.close(handle)
        for place in made:
            try:
                place.rmdir()
            except OSError:  # something was written in it, as usual
                break


def _acquire(path: Path, shown: str) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if fcntl is None:
            return handle
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise BusyError(f"Another run is working in {shown}: wait until it has ended, then run again") from None
        try:
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        except FileNotFoundError:
            pass
        os.close(handle)
