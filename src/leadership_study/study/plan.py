"""The study file: the analysis plan, checked from end to end before any data are read."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadership_study import by_name
from leadership_study.errors import InstrumentError, PlanError, Problem
from leadership_study.study.checked import Problems, Table
from leadership_study.study.options import Known, analyses, analysis, bind
from leadership_study.study.project import Project

if TYPE_CHECKING:
    from leadership_study.instruments.model import Instrument

Text = Mapping[str, str]

METHODS = ["mean", "sum"]
FORMS = ["other", "self"]


@dataclass(frozen=True, kw_only=True)
class ResponsesPlan:
    """``[[responses]]``: one group of respondents, its file and how to read it."""

    id: str
    form: str
    file: str
    format: str | None
    respondent_id: str | None
    weights: str | None
    columns: Mapping[str, str]
    missing_codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScoringPlan:
    """``[scoring]``: how answers become scale scores."""

    method: str = "mean"
    min_answered: float = 0.5


@dataclass(frozen=True, kw_only=True)
class ContextPlan:
    """``[[context]]``: a table of facts about the groups ``of``, and the columns taken from it."""

    of: str
    file: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BlockPlan:
    """``[[analysis]]``: which analysis, of whose answers, with which options of its ``run``."""

    id: str
    use: str
    title: Text | None
    of: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReportPlan:
    """``[report]``: what is made for whom."""

    formats: tuple[str, ...] = ("html",)
    languages: tuple[str, ...] = ("en",)
    notebooks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StudyPlan:
    """A whole study file."""

    name: str
    title: Text
    questionnaire: str
    simulated: bool
    seed: int
    nested_in: tuple[str, ...]
    responses: tuple[ResponsesPlan, ...]
    exclusions: Mapping[str, Any]
    scoring: ScoringPlan
    context: tuple[ContextPlan, ...]
    analyses: tuple[BlockPlan, ...]
    report: ReportPlan


def read_toml(path: Path, shown: str) -> dict[str, Any]:
    """Return the file as nested tables.

    Raises
    ------
    PlanError
        When it cannot be read, is not UTF-8, or is not TOML; the message has the line.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problem = Problem(shown, f"cannot be read ({error.strerror})", "check the file", "unreadable")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = Problem(shown, f"line {line} is not UTF-8", "save the file as UTF-8", "toml", row=None)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        place = f"line {found[1]}: " if found else ""
        reason = str(error).partition(" (at ")[0]
        problem = Problem(shown, f"{place}not TOML: {reason}", "correct the line, or the one before it", "toml")
    raise PlanError(f"{shown} is not a study file", [problem])


def load_plan(project: Project, name: str) -> "tuple[StudyPlan, Instrument]":
    """Read and check the plan of the study ``name``; return it with its questionnaire.

    Raises
    ------
    PlanError
        With everything that is wrong in the plan, and in the questionnaire if that is wrong too.
    InstrumentError
        When only the questionnaire is wrong.
    """
    path = project.study_file(name)
    shown = project.relative(path)
    problems = Problems(shown)
    top = Table(read_toml(path, shown), "", problems)

    instrument, trouble = _questionnaire(top, project)
    report = _report(top, project)
    title = top.translations("title", report.languages) if top.required("title", '{ en = "…" }') else {}
    seed = top.whole("seed") if top.required("seed", "2026") else 0
    nested_in = _nested_in(top, instrument)
    responses = _responses(top, project, name)
    context = _context(top, nested_in)
    exclusions = _exclusions(top)
    scoring = _scoring(top)
    known = Known(None if instrument is None else _variables(instrument, context))
    blocks = _analyses(top, responses, report, known)
    plan = StudyPlan(
        name=name,
        title=title,
        questionnaire=top.data.get("questionnaire", ""),
        simulated=top.flag("simulated", False),
        seed=seed,
        nested_in=nested_in,
        responses=responses,
        exclusions=exclusions,
        scoring=scoring,
        context=context,
        analyses=blocks,
        report=report,
    )
    top.finish()
    if problems:
        found = trouble.problem_list if trouble else ()
        count = len(problems) + len(found)
        raise PlanError(f"{shown} has {count} {'problem' if count == 1 else 'problems'}", [*problems, *found])
    if trouble is not None:
        raise trouble
    if instrument is None:  # every way to None has noted a problem
        raise RuntimeError("A plan without questionnaire passed its checks.")
    return plan, instrument


def _questionnaire(top: Table, project: Project) -> "tuple[Instrument | None, InstrumentError | None]":
    if not top.required("questionnaire", '"name"'):
        return None, None
    name = top.text("questionnaire")
    known = sorted(path.stem for path in project.questionnaires.glob("*.toml"))
    if name not in known:
        if name:
            message = by_name.unknown("questionnaire", name, known)
            top.problems.note("", message, "correct it or write questionnaires/" + name + ".toml", "unknown_name")
        return None, None
    from leadership_study.instruments.toml_file import load_instrument

    try:
        return load_instrument(project.questionnaire_file(name)), None
    except InstrumentError as error:
        return None, error


def _nested_in(top: Table, instrument: "Instrument | None") -> tuple[str, ...]:
    if not top.required("nested_in", '["school"], or [] when answers are not nested'):
        return ()
    if instrument is None:
        return top.texts("nested_in")
    groups = [question.id for question in instrument.background if question.kind == "group"]
    return top.names_of("nested_in", groups, "background question of kind 'group'")


def _responses(top: Table, project: Project, name: str) -> tuple[ResponsesPlan, ...]:
    top.required("responses", "…, written as [[responses]] with id and file")
    raw = project.relative(project.raw(name))
    blocks: list[ResponsesPlan] = []
    for table in top.tables("responses"):
        if table.required("id", '"teachers"'):
            _unique(table, [block.id for block in blocks])
        file = table.text("file") if table.required("file", '"answers.csv"') else ""
        if not _inside(file):
            table.wrong("file", f"the name of a file inside {raw}/")
        blocks.append(
            ResponsesPlan(
                id=table.name("id"),
                form=table.choice("form", FORMS, "other"),
                file=file,
                format=table.choice("format", by_name.names("leadership_study.importing"), "") or None,
                respondent_id=table.text("respondent_id") or None,
                weights=table.text("weights") or None,
                columns=table.mapping("columns"),
                missing_codes=table.texts("missing_codes"),
            )
        )
        table.finish()
    return tuple(blocks)


def _context(top: Table, nested_in: tuple[str, ...]) -> tuple[ContextPlan, ...]:
    tables = []
    for table in top.tables("context"):
        table.required("of", '"district"')
        table.required("file", '"districts.csv"')
        table.required("columns", '["rural_share"]')
        if not _inside(file := table.text("file")):
            table.wrong("file", "the name of a file inside the study's folder in data/raw/")
        of = table.choice("of", list(nested_in), "")
        tables.append(ContextPlan(of=of, file=file, columns=table.texts("columns")))
        table.finish()
    return tuple(tables)


def _exclusions(top: Table) -> dict[str, Any]:
    table = top.table("exclusions")
    rules: dict[str, Any] = {}
    if table.has("max_missing_share"):
        rules["max_missing_share"] = _share(table, "max_missing_share", 1.0)
    table.finish()
    return rules


def _scoring(top: Table) -> ScoringPlan:
    table = top.table("scoring")
    method = table.choice("method", METHODS, "mean")
    scoring = ScoringPlan(method=method, min_answered=_share(table, "min_answered", 0.5))
    table.finish()
    return scoring


def _share(table: Table, key: str, default: float) -> float:
    if not table.has(key):
        return default
    value = table.data[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        table.wrong(key, "a number from 0 to 1")
        return default
    return float(value)


def _analyses(
    top: Table, responses: tuple[ResponsesPlan, ...], report: ReportPlan, known: Known
) -> tuple[BlockPlan, ...]:
    found = analyses()
    everyone = [block.id for block in responses]
    default = tuple(block.id for block in responses if block.form == "other") or tuple(everyone)
    blocks: list[BlockPlan] = []
    for table in top.tables("analysis"):
        use = table.choice("use", sorted(found), "") if table.required("use", '"reliability"') else ""
        block_id = table.name("id", use)
        _unique(table, [block.id for block in blocks], block_id)
        title = table.translations("title", report.languages) if table.has("title") else None
        of = table.names_of("of", everyone, "[[responses]] block", default)
        options = bind(analysis(use).run, table.rest(), known, table.place, table.problems) if use else {}
        blocks.append(BlockPlan(id=block_id, use=use, title=title, of=of, options=options))
    return tuple(blocks)


def _report(top: Table, project: Project) -> ReportPlan:
    from leadership_study.reporting.languages import available

    table = top.table("report")
    default = ReportPlan()
    formats = by_name.names("leadership_study.reporting.formats")
    report = ReportPlan(
        formats=table.names_of("formats", formats, "report format", default.formats),
        languages=table.names_of("languages", available(), "language", default.languages),
        notebooks=table.names_of("notebooks", project.notebook_names(), "notebook in notebooks/"),
    )
    table.finish()
    return report


def _variables(instrument: "Instrument", context: tuple[ContextPlan, ...]) -> tuple[str, ...]:
    ids = [entry.id for entry in (*instrument.dimensions, *instrument.items, *instrument.background)]
    return (*ids, *(column for table in context for column in table.columns))


def _unique(table: Table, earlier: list[str], value: str | None = None) -> None:
    block_id = table.data.get("id") if value is None else value
    # Results are files named after the id, and some systems do not tell A from a.
    if isinstance(block_id, str) and block_id.lower() in [other.lower() for other in earlier if other]:
        message = f"the id {block_id!r} is used twice"
        table.problems.note(table.place, message, "give each block an id of its own", "duplicate_id")


def _inside(file: str) -> bool:
    parts = Path(file).parts
    return not Path(file).is_absolute() and ".." not in parts and "\\" not in file
