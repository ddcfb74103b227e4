"""What is shown while a study runs: one moving line on a terminal, plain lines elsewhere."""

import sys
from types import TracebackType
from typing import Any, Self

_FINISHED = ("computed", "executed", "WARNING:")
_QUIET = ("reused",)


class Display:
    """Shows the stage at hand; ``show`` is the ``progress`` of a run."""

    def __init__(self, study: str) -> None:
        self.study = study
        self._status: Any = None

    def __enter__(self) -> Self:
        if sys.stdout.isatty():
            from rich.console import Console

            self._console = Console(highlight=False)
            self._status = self._console.status(self.study)
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, stage: str, what: str) -> None:
        """Show that ``stage`` is at ``what``; what is finished stays on the screen."""
        if stage in _QUIET:
            return
        if self._status is None:
            if stage not in ("computing", "checking"):
                print(f"{self.study}: {stage} {what}", flush=True)  # noqa: T201
        elif stage in _FINISHED:
            self._console.print(f"{self.study}: {stage} {what}", markup=False)
        else:
            from rich.markup import escape

            self._status.update(escape(f"{self.study}: {stage} {what}"))
