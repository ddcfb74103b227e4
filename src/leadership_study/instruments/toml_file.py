"""A questionnaire file (TOML) as an `Instrument`; whatever is wrong with the file is said at once."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadership_study.errors import InstrumentError, Problem
from leadership_study.instruments._parts import Parts
from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.model import Instrument

FOLDER = "questionnaires"


def load_instrument(path_or_name: str | Path) -> Instrument:
    """Read a questionnaire.

    Parameters
    ----------
    path_or_name
        The path of a TOML file, or the name of one in the folder ``questionnaires`` of the project: the nearest such
        folder from the current one upwards.

    Returns
    -------
    Instrument

    Raises
    ------
    InstrumentError
        The file is missing or is no questionnaire. ``.problems`` lists everything that is wrong with it.

    Examples
    --------
    >>> load_instrument("lq2002").item_ids("task_significance")
    ['TSIG01', 'TSIG02', 'TSIG03']
    """
    path = _find(path_or_name)
    complaints = Complaints(path.name)
    table = _parse(path)
    instrument = Parts(table, complaints).instrument()
    if complaints.found or instrument is None:
        count = len(complaints.found)
        message = f"The questionnaire {path.name} has {count} problem{'' if count == 1 else 's'}:"
        raise InstrumentError(message, complaints.found)
    return instrument


def _find(path_or_name: str | Path) -> Path:
    path = Path(path_or_name)
    if isinstance(path_or_name, Path) or path.suffix == ".toml" or len(path.parts) != 1:
        return path
    here = Path.cwd()
    folders = [folder / FOLDER for folder in (here, *here.parents) if (folder / FOLDER).is_dir()]
    if not folders:
        raise InstrumentError(
            f"No questionnaire {path_or_name!r}: there is no folder {FOLDER!r} here or above; "
            "give the path of the file, or work inside the project."
        )
    found = folders[0] / f"{path_or_name}.toml"
    if not found.is_file():
        known = sorted(entry.stem for entry in folders[0].glob("*.toml"))
        near = difflib.get_close_matches(str(path_or_name), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}."
        raise InstrumentError(f"No questionnaire {path_or_name!r} in {FOLDER}; {hint}")
    return found


def _parse(path: Path) -> Mapping[str, Any]:
    def refuse(rule: str, message: str, remedy: str) -> InstrumentError:
        problem = Problem(file=path.name, rule=rule, message=message, remedy=remedy)
        return InstrumentError(f"The questionnaire {path.name} cannot be read:", [problem])

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise refuse("missing_file", f"{path}: {reason}", "check the path") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise refuse("not_utf8", f"the text is not UTF-8 (line {line})", "save the file as UTF-8") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refuse("toml_syntax", f"not valid TOML: {error}", "correct it at that place") from None
