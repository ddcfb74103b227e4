"""What went in, what came out: hashes of every input and output, versions, seed. No clock, no path of this machine.

Nothing here loads pandas or any other heavy library: an unchanged study is recognised in a moment.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import leadership_study
from leadership_study.study.project import Project

PACKAGE = Path(leadership_study.__file__).parent
_COMPUTING = ("factor-analyzer", "numpy", "pandas", "pingouin", "scikit-learn", "scipy", "statsmodels")
_SHOWING = ("jinja2", "matplotlib", "nbclient", "nbconvert", "pylopdf-fonts-zh-cn", "python-docx")
_NOT_COMPUTING = ("reporting/", "__main__.py")


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str | None:
    """Return the SHA-256 of a file; None when there is no such file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


@cache
def package_sha256(*, computing: bool) -> str:
    """Return the SHA-256 of the package's own files; with ``computing`` without those that only show results."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        name = path.relative_to(PACKAGE).as_posix()
        if "__pycache__" in name or not path.is_file() or (computing and name.startswith(_NOT_COMPUTING)):
            continue
        digest.update(f"{name}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


@cache
def versions(*, computing: bool) -> Mapping[str, str]:
    """Return the versions of Python and of the libraries; with ``computing`` only of those that compute."""
    found = {"python": platform.python_version(), "leadership-study": leadership_study.__version__}
    for name in _COMPUTING if computing else (*_COMPUTING, *_SHOWING):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of everything a result depends on, whatever the order of ``parts``."""
    return sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True, default=_plain).encode())


def block_seed(seed: int, block: str) -> int:
    """Return the seed of a block: it depends on the study's seed and the block's id and on nothing else."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{block}".encode()).digest()[:4]) >> 1


def inputs(project: Project, files: Iterable[Path]) -> dict[str, str | None]:
    """Return the SHA-256 of ``files``, of the lock and of the package by their names in the project."""
    paths = sorted({project.lock_file, *files})
    hashes = {project.relative(path): file_sha256(path) for path in paths}
    return {**hashes, "leadership_study": package_sha256(computing=False)}


def describe(
    project: Project,
    *,
    study: str,
    seed: int,
    simulated: bool = False,
    files: Iterable[Path],
    blocks: Mapping[str, str],
    outputs: Iterable[Path],
) -> dict[str, Any]:
    """Return the whole record of a run.

    Parameters
    ----------
    project, study
        Where and which.
    seed
        The study's.
    simulated
        Whether the answers are.
    files
        Every input but the lock and the package: plan, questionnaire, raw files, notebooks.
    blocks
        Fingerprint of each block.
    outputs
        Every file that was made, as it stands now.
    """
    return {
        "study": study,
        "seed": seed,
        "simulated": simulated,
        "versions": dict(sorted(versions(computing=False).items())),
        "inputs": inputs(project, files),
        "blocks": dict(blocks),
        "outputs": {project.relative(path): file_sha256(path) for path in sorted(outputs)},
    }


def as_json(content: Mapping[str, Any]) -> bytes:
    """Return ``content`` as JSON in UTF-8, in its own order."""
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def provenance_file(project: Project, study: str) -> Path:
    """Return the place of the record."""
    return project.processed(study) / "provenance.json"


def read(project: Project, study: str) -> dict[str, Any] | None:
    """Return the record of the last complete run; None when there is none that can be read."""
    try:
        content = provenance_file(project, study).read_bytes()
        record = json.loads(content)
    except (OSError, ValueError):
        return None
    whole = isinstance(record, dict) and {"versions", "inputs", "outputs"} <= record.keys()
    return record if whole and as_json(record) == content else None


def is_unchanged(project: Project, study: str) -> bool:
    """Say whether every input and output is what it was when the last run ended.

    The plan is one of the inputs, so the list of inputs is today's if all hashes agree.
    """
    record = read(project, study)
    if record is None or record["versions"] != versions(computing=False):
        return False
    files = [project.root / name for name in record["inputs"] if name != "leadership_study"]
    if record["inputs"] != inputs(project, files):
        return False
    return all(file_sha256(project.root / name) == digest for name, digest in record["outputs"].items())


def state(project: Project, study: str) -> str:
    """Return what a list of studies says: never run, not finished, changed or up to date."""
    if not project.processed(study).is_dir():
        return "never run"
    if read(project, study) is None:
        return "not finished"
    return "up to date" if is_unchanged(project, study) else "changed"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"A fingerprint cannot hold a {type(value).__name__}.")
