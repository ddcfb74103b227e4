"""The only writer under ``data/processed`` and ``reports``.

A file is written beside its place and renamed, so that no half of one is ever seen; ``provenance.json`` is removed
before the first change and written last. A run killed in between leaves whole files and no provenance, and the next one
remakes what is missing or does not fit.

New results wait in ``.staged/`` until every block is there: a block that refuses the plan leaves all that was there as
it was, and what the others took long to compute is there for the next run.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadership_study.study import provenance
from leadership_study.study.project import Project

if TYPE_CHECKING:
    import pandas as pd

    from leadership_study.results import Result

_PART = ".part"
_STAGED = ".staged"
NOTICE = "NOTICE.txt"
"""What says beside tables that the answers are simulated."""
_REPORT = re.compile(r"report\.[A-Za-z-]+\.[a-z0-9]+")


class Store:
    """The generated files of one study; ``files`` are those that belong to the run at hand."""

    def __init__(self, project: Project, study: str) -> None:
        self.project = project
        self.study = study
        self.data = project.processed(study)
        self.results = self.data / "results"
        self.staged = self.data / _STAGED
        self.reports = project.reports(study)
        self.files: set[Path] = set()

    def begin(self) -> None:
        """Take away the record of the last run: from here on the files may change."""
        provenance.provenance_file(self.project, self.study).unlink(missing_ok=True)

    def put(self, path: Path, content: bytes) -> None:
        """Write a file, unless it is there with these very bytes."""
        self.files.add(path)
        try:
            if path.read_bytes() == content:
                return
        except FileNotFoundError:
            pass
        self.begin()
        self._write(path, content)

    def put_frame(self, path: Path, frame: "pd.DataFrame") -> None:
        """Write a frame as CSV: index first, floats by ``repr``, nothing for a missing value."""
        self.put(path, as_csv(frame))

    def put_json(self, path: Path, content: Mapping[str, Any]) -> None:
        """Write a JSON file."""
        self.put(path, provenance.as_json(content))

    def save(self, block: str, fingerprint: str, result: "Result") -> None:
        """Store the result of a block: its tables, then the JSON that vouches for them."""
        for name, content in _files(block, fingerprint, result).items():
            self.put(self.results / name, content)

    def stage(self, block: str, fingerprint: str, result: "Result") -> None:
        """Put the result of a block aside, in the very files that `adopt` will store."""
        for name, content in _files(block, fingerprint, result).items():
            self._write(self.staged / name, content)

    def is_staged(self, block: str, fingerprint: str) -> bool:
        """Say whether a whole result of a block, made from what is there today, was put aside."""
        return _record(self.staged, block, fingerprint) is not None

    def adopt(self, block: str) -> None:
        """Store what was put aside for a block; what was stored before is overwritten."""
        record = json.loads((self.staged / f"{block}.json").read_bytes())
        for name in (*record["tables"], f"{block}.json"):
            self.put(self.results / name, (self.staged / name).read_bytes())

    def drop_staged(self) -> None:
        """Remove everything that was put aside."""
        if self.staged.is_dir():
            for path in sorted(self.staged.iterdir()):
                path.unlink()
            self.staged.rmdir()

    def load(self, block: str, fingerprint: str, *, staged: bool = False) -> "Result | None":
        """Return the stored result of a block, read from its JSON; ``staged``: one put aside will do, and is preferred.

        None when it is not there, was made from something else (``fingerprint``), or a file of it was changed.
        """
        from leadership_study.results import Result

        if staged and (record := _record(self.staged, block, fingerprint)) is not None:
            return Result.from_json(json.dumps(record["result"]))
        record = _record(self.results, block, fingerprint)
        if record is None:
            return None
        self.files |= {self._block(block), *(self.results / name for name in record["tables"])}
        return Result.from_json(json.dumps(record["result"]))

    def tables_of(self, block: str) -> list[str]:
        """Names of the CSV files of a stored block."""
        record = json.loads(self._block(block).read_text(encoding="utf-8"))
        return list(record["tables"])

    def finish(self, record: Mapping[str, Any]) -> None:
        """Remove what no longer belongs to the study and write the record of the run."""
        self.remove_stale()
        self._write(provenance.provenance_file(self.project, self.study), provenance.as_json(record))

    def remove_stale(self) -> None:
        """Remove leftovers: halves of files, reports and files in generated folders that the run did not make."""
        self.drop_staged()
        for folder in (
            self.results,
            self.data / "interviews",
            *(self.reports / name for name in ("figures", "tables", "notebooks")),
        ):
            paths = sorted(folder.rglob("*"), reverse=True)  # what is in a folder comes before the folder
            for path in paths:
                if path.is_dir() and not path.is_symlink():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif path not in self.files:
                    path.unlink()
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        for folder in (self.data, self.reports):
            for path in sorted(folder.glob("*")):
                generated = (
                    path.suffix == _PART
                    or path.name == NOTICE
                    or (folder == self.reports and _REPORT.fullmatch(path.name))
                )
                if generated and path.is_file() and path not in self.files:
                    path.unlink()

    def _block(self, block: str) -> Path:
        return self.results / f"{block}.json"

    def _write(self, path: Path, content: bytes) -> None:
        write_file(path, content)


def write_file(path: Path, content: bytes) -> None:
    """Write a file beside its place, then rename it: at its place it is whole or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + _PART)
    beside.write_bytes(content)
    os.replace(beside, path)


def as_csv(frame: "pd.DataFrame") -> bytes:
    """Return a frame as CSV in UTF-8 with LF: index first, floats by ``repr``, nothing for a missing value.

    A text that a spreadsheet would run as a formula has an apostrophe in front.
    """
    from leadership_study.importing._formulas import neutral, neutral_frame

    def safe(key: Any) -> Any:
        return tuple(map(safe, key)) if isinstance(key, tuple) else neutral(key) if isinstance(key, str) else key

    # A million ids are not made anew for nothing.
    keys = [safe(key) for key in frame.index]
    same = all(key == old for key, old in zip(keys, frame.index, strict=True))
    neutrals = neutral_frame(frame)
    if not same:
        import pandas as pd

        names = frame.index.names
        index = pd.MultiIndex.from_tuples(keys, names=names) if len(names) > 1 else pd.Index(keys, name=names[0])
        neutrals = neutrals.set_axis(index, axis="index")
    text: str = neutrals.to_csv(lineterminator="\n", na_rep="", float_format=None)
    return text.encode()


def _files(block: str, fingerprint: str, result: "Result") -> dict[str, bytes]:
    """Return the files of a result by name, the JSON that vouches for the tables last."""
    files = {f"{block}.{name}.csv": as_csv(table) for name, table in result.tables().items()}
    tables = {name: provenance.sha256(content) for name, content in files.items()}
    whole = json.loads(result.to_json())
    record = {"fingerprint": fingerprint, "tables": tables, "sha256": _digest(whole), "result": whole}
    return {**files, f"{block}.json": provenance.as_json(record)}


def _record(folder: Path, block: str, fingerprint: str) -> dict[str, Any] | None:
    """Return the record of a block in ``folder``; None when it, or a table of it, is not what it says it is."""
    try:
        content = (folder / f"{block}.json").read_bytes()
        record: dict[str, Any] = json.loads(content)
        if record["fingerprint"] != fingerprint or record["sha256"] != _digest(record["result"]):
            return None
        if content != provenance.as_json(record):
            return None
        tables = dict(record["tables"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if any(provenance.file_sha256(folder / name) != digest for name, digest in tables.items()):
        return None
    return record


def _digest(result: Any) -> str:
    return provenance.sha256(json.dumps(result, ensure_ascii=False, sort_keys=True).encode())
