"""What may be passed on of a study: a bundle of coarser answers, and a synthetic twin that is nobody's."""

import hashlib
import inspect
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from leadership_study.by_name import find, unknown
from leadership_study.errors import LeadershipStudyError
from leadership_study.importing._formulas import neutral_frame
from leadership_study.importing._personal_plain import CHINESE
from leadership_study.instruments import Instrument, load_instrument
from leadership_study.instruments.toml_writer import to_toml
from leadership_study.study._share_answers import SharedAnswers, as_raw, safe_answers
from leadership_study.study._share_plan import shared_instrument, shared_plan, toml
from leadership_study.study._share_readme import data_readme, found_within, twin_readme
from leadership_study.study._share_tables import side_tables
from leadership_study.study._twin import Twin, twin
from leadership_study.study.checked import read_toml
from leadership_study.study.pipeline import Study
from leadership_study.study.project import Project

_SUFFIXES = {"excel": ".xlsx", "spss": ".sav", "stata": ".dta", "limesurvey": ".csv"}
_MAKEFILE = """\
# Needs the program: install it, or put these folders into a clone of it.
analysis:
\t@leadership-study run
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
    """Two small projects that ``leadership-study run`` accepts, as files by their path.

    Attributes
    ----------
    data
        The real answers, made safe: README.md, Makefile, plan, questionnaire, answers, tables, notebooks.
    twin
        The same with simulated answers; the plan says so.
    answers
        What was done to the answers.
    twins
        How close the twin of each block is.
    alone
        How many respondents of each block have a combination of group and background that nobody shares.
    """

    data: Mapping[str, bytes]
    twin: Mapping[str, bytes]
    answers: SharedAnswers
    twins: Mapping[str, Twin]
    alone: Mapping[str, int]


def share(
    study: Study,
    *,
    k: int = 5,
    known: Sequence[str] | None = None,
    open_texts: bool = False,
    keep_groups: bool = False,
    groups_known: bool = True,
    seed: int | None = None,
) -> Shared:
    """Make what may be passed on of a study.

    Parameters
    ----------
    study
        The study; its answers are read and checked, nothing is written.
    k
        How many respondents of a block share each combination of background answers, at least.
    known
        Background questions whose answers others may know of a respondent; all closed ones when None. Only these are
        made coarser, those last that analyses of the plan name.
    open_texts
        Whether answers in the respondents' own words are passed on, with personal data masked as far as it is
        recognised. No rule finds all of it: read them before.
    keep_groups
        Whether groups (schools, districts) keep their names.
    groups_known
        Whether others may know which group is which in the answers. Numbers for names are little help: whoever answered
        finds the own row, and with it the school. Each combination then has ``k`` respondents in each group, and groups
        of fewer are not told. With False, more of the background is left, and a colleague can be found.
    seed
        Of the new order and of the twin; the study's own when None.

    Returns
    -------
    Shared

    Raises
    ------
    InsufficientDataError
        When a block of responses has fewer than ``k`` respondents.
    LeadershipStudyError
        For an unknown background question, or when the bundle would not run.

    Notes
    -----
    Passed on are the respondents that are analysed. Ids are new, the order of rows says nothing, and what the platform
    recorded (times, addresses) stays behind. The twin is nobody's: its background has ``k`` over all respondents only,
    so that more analyses of the plan run on it than on the answers.
    """
    instrument = study.instrument
    closed = [question.id for question in instrument.background if question.kind not in ("group", "text", "date")]
    if wrong := [name for name in known or () if name not in closed]:
        raise LeadershipStudyError(unknown("closed background question", wrong[0], closed))
    seed = study.plan.seed if seed is None else seed

    def safe(*, groups_known: bool) -> SharedAnswers:
        return safe_answers(
            study.validated(),
            instrument,
            k=k,
            known=known,
            used=_named(study, closed),
            open_texts=open_texts,
            keep_groups=keep_groups,
            groups_known=groups_known,
            nested_in=study.plan.nested_in,
            seed=seed,
        )

    answers = safe(groups_known=groups_known or keep_groups)
    given = safe(groups_known=False)
    # Written and read once, so that the twin is drawn for the questionnaire as the reader has it.
    changed, changed_twin = (shared_instrument(instrument, entry.coarsened) for entry in (answers, given))
    twins = {
        block: twin(frame, changed_twin, study.plan.nested_in, seed + number)
        for number, (block, frame) in enumerate(given.frames.items())
    }
    plain = {block: ("csv_text", _csv(frame, changed)) for block, frame in answers.frames.items()}
    imitated = {block: _as_exported(study, block, entry.frame, changed_twin) for block, entry in twins.items()}
    simple = {block: ("csv_text", _csv(entry.frame, changed_twin)) for block, entry in twins.items()}
    tables, tables_twin = side_tables(study, answers), side_tables(study, given)

    data = _project(study, changed, plain, tables, is_twin=False)
    _check(study, data)
    copy = _project(study, changed_twin, imitated, tables_twin, is_twin=True)
    try:
        _check(study, copy, twins)
    except LeadershipStudyError:
        # Its export format cannot say what these answers are: then ids and codes do.
        copy = _project(study, changed_twin, simple, tables_twin, is_twin=True)
        _check(study, copy, twins)
    data["README.md"] = data_readme(study, answers, k=k, open_texts=open_texts, keep_groups=keep_groups).encode()
    copy["README.md"] = twin_readme(study, twins).encode()
    alone = {block: found_within(study, answers, block)[1] for block in answers.frames}
    return Shared(data=_sorted(data), twin=_sorted(copy), answers=answers, twins=twins, alone=alone)


def _named(study: Study, closed: Sequence[str]) -> list[str]:
    """Background questions that the options of the analyses name."""
    named: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, str):
            named.add(value)
        elif isinstance(value, Mapping):
            collect([*value, *value.values()])
        elif isinstance(value, list | tuple | set | frozenset):
            for entry in value:
                collect(entry)

    for block in study.plan.analyses:
        collect(block.options)
    return [name for name in closed if name in named]


def _csv(frame: pd.DataFrame, instrument: Instrument) -> bytes:
    write: Callable[..., bytes] = find("leadership_study.importing", "csv_text").write
    return write(as_raw(frame, instrument, ""))


def _as_exported(study: Study, block: str, frame: pd.DataFrame, instrument: Instrument) -> tuple[str, bytes]:
    """The twin's answers in the form of the export that it imitates."""
    source = study.validated().sources[block][0]
    write: Callable[..., bytes] = find("leadership_study.importing", source.format).write
    takes = inspect.signature(write).parameters
    raw = as_raw(frame, instrument, source.file)
    chinese = any(CHINESE.search(header) for header in source.columns)
    language = "zh" if chinese and "zh" in instrument.languages else instrument.languages[0]
    options: dict[str, Any] = {"form": source.form, "language": language} if source.format == "wenjuanxing" else {}
    if "instrument" in takes:
        return source.format, write(raw, instrument, **options)
    return source.format, write(raw)


def _project(
    study: Study,
    instrument: Instrument,
    written: Mapping[str, tuple[str, bytes]],
    tables: Mapping[str, pd.DataFrame],
    *,
    is_twin: bool,
) -> dict[str, bytes]:
    """Every file of a bundle but its README."""
    plan, raw = study.plan, f"data/raw/{study.plan.name}"
    reading: dict[str, dict[str, Any]] = {}
    files: dict[str, bytes] = {"Makefile": _MAKEFILE.encode()}
    for block, (format, content) in written.items():
        name = f"{block}{_SUFFIXES.get(format, '.csv')}"
        files[f"{raw}/{name}"] = content
        reading[block] = {"files": [name], "format": format}
        if format == "wenjuanxing":
            reading[block]["values"] = "text"
        elif format == "csv_text":
            reading[block] |= {"respondent_id": "respondent_id", "values": "codes", "missing_codes": []}
            if content[: content.find(b"\n")].endswith(b",weight"):
                reading[block]["weights"] = "weight"
    for file, table in tables.items():
        files[f"{raw}/{file}"] = neutral_frame(table).to_csv(index=False, lineterminator="\n").encode()
    shown = study.project.relative(study.project.study_file(plan.name))
    new = shared_plan(read_toml(study.project.study_file(plan.name), shown), reading, is_twin=is_twin)
    what = (
        "Simulated answers: nobody gave them."
        if is_twin or plan.simulated
        else "Answers made coarser to pass on: see README.md."
    )
    files[f"studies/{plan.name}.toml"] = toml(new, [what]).encode()
    files[f"questionnaires/{plan.questionnaire}.toml"] = to_toml(instrument, comments=(what,)).encode()
    for notebook in plan.report.notebooks:
        files[f"notebooks/{notebook}.ipynb"] = (study.project.notebooks / f"{notebook}.ipynb").read_bytes()
    if study.project.lock_file.is_file():
        files["requirements.lock"] = study.project.lock_file.read_bytes()
    listed = [
        f"| `{path.rpartition('/')[2]}` | {hashlib.sha256(content).hexdigest()} |"
        for path, content in files.items()
        if path.startswith(raw)
    ]
    sources = ["# Where these data are from", "", f"{what} Made by `leadership-study share`.", "", "| file | sha256 |",
               "|---|---|", *sorted(listed), ""]  # fmt: skip
    files[f"{raw}/SOURCES.md"] = "\n".join(sources).encode()
    return files


def _check(study: Study, files: Mapping[str, bytes], twins: Mapping[str, Twin] | None = None) -> None:
    """Read a bundle as its reader will; raise what it would raise, or when answers come out changed."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        copy = Study(Project(root), study.plan.name)
        load_instrument(copy.questionnaire_file)
        copy.scored()
        validated = copy.validated()
        for block, entry in (twins or {}).items():
            items = copy.instrument.item_ids()
            read = validated.frame[validated.block == block][items].reset_index(drop=True)
            answered = entry.frame[items].notna().any(axis="columns")
            if not read.equals(entry.frame.loc[answered, items].reset_index(drop=True)):
                raise LeadershipStudyError(f"The twin of {block} does not come back as it was drawn.")


def _sorted(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: files[path] for path in sorted(files)}
