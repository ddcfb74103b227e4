"""The study file: the analysis plan, checked from end to end before any data are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from leadership_study import by_name
from leadership_study.by_name import unknown
from leadership_study.errors import InstrumentError, PlanError
from leadership_study.importing._raw import OptionOrder, Values
from leadership_study.instruments import Instrument, load_instrument
from leadership_study.reporting.languages import languages
from leadership_study.reporting.parts import RESPONDENTS
from leadership_study.scoring.variables import variable_ids
from leadership_study.study.checked import Problems, Table, read_toml
from leadership_study.study.options import Known, analyses, analysis, bind
from leadership_study.study.project import Project

Text = Mapping[str, str]

FORMS: dict[str, Literal["other", "self"]] = {"other": "other", "self": "self"}
_VALUES: dict[str, Values] = {"codes": "codes", "text": "text", "number": "number"}
_ORDERS: dict[str, OptionOrder] = {"as_listed": "as_listed", "reversed": "reversed"}


@dataclass(frozen=True, kw_only=True)
class ResponsesPlan:
    """``[[responses]]``: one group of respondents, their files in ``data/raw/<study>/`` and how to read them."""

    id: str
    form: Literal["other", "self"]
    files: tuple[str, ...]
    format: str | None
    respondent_id: str | None
    weights: str | None
    columns: Mapping[str, str]
    missing_codes: tuple[str, ...] | None
    wave: int = 1
    values: Values | None = None
    option_order: OptionOrder | None = None


@dataclass(frozen=True, kw_only=True)
class ScoringPlan:
    """``[scoring]``: how answers become scale scores."""

    method: Literal["mean", "sum"] = "mean"
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


def load_plan(project: Project, name: str) -> tuple[StudyPlan, Instrument]:
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
    responses = _responses(top, instrument)
    context = _context(top, nested_in)
    exclusions = _exclusions(top)
    scoring = _scoring(top)
    columns = [column for table in context for column in table.columns]
    known = Known(None if instrument is None else tuple(variable_ids(instrument, columns)))
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


def _questionnaire(top: Table, project: Project) -> tuple[Instrument | None, InstrumentError | None]:
    if not top.required("questionnaire", '"name"'):
        return None, None
    name = top.text("questionnaire")
    known = sorted(path.stem for path in project.questionnaires.glob("*.toml"))
    if name not in known:
        if name:
            message = unknown("questionnaire", name, known)
            top.problems.note("", message, "correct it or write questionnaires/" + name + ".toml", "unknown_name")
        return None, None
    try:
        return load_instrument(project.questionnaire_file(name)), None
    except InstrumentError as error:
        return None, error


def _nested_in(top: Table, instrument: Instrument | None) -> tuple[str, ...]:
    if not top.required("nested_in", '["school"], or [] when answers are not nested'):
        return ()
    if instrument is None:
        return top.texts("nested_in")
    return top.names_of("nested_in", instrument.group_ids, "background question of kind 'group'")


def _responses(top: Table, instrument: Instrument | None) -> tuple[ResponsesPlan, ...]:
    if top.required("responses", '[{ id = "teachers", files = ["teachers.csv"] }]') and top.data["responses"] == []:
        top.wrong("responses", "at least one table: [[responses]]")
    blocks: list[ResponsesPlan] = []
    for table in top.tables("responses"):
        if table.required("id", '"teachers"'):
            _unique(table, [block.id for block in blocks])
        files = table.texts("files") if table.required("files", '["teachers.csv"]') else ()
        if not all(_inside(file) for file in files) or table.data.get("files") == []:
            table.wrong("files", "a list of files inside the study's folder in data/raw/")
        blocks.append(
            ResponsesPlan(
                id=table.name("id"),
                form=FORMS[table.choice("form", list(FORMS), "other")],
                files=files,
                format=table.choice("format", by_name.names("leadership_study.importing"), "") or None,
                respondent_id=table.text("respondent_id") or None,
                weights=table.text("weights") or None,
                columns=_columns(table, instrument),
                missing_codes=table.texts("missing_codes") if "missing_codes" in table.data else None,
                wave=_wave(table),
                values=_VALUES.get(table.choice("values", list(_VALUES), "")),
                option_order=_option_order(table),
            )
        )
        table.finish()
    return tuple(blocks)


def _wave(table: Table) -> int:
    wave = table.whole("wave", 1)
    if wave == 0:
        table.wrong("wave", "a whole number from 1 on")
    return wave


def _option_order(table: Table) -> OptionOrder | None:
    order = _ORDERS.get(table.choice("option_order", list(_ORDERS), ""))
    if table.data.get("values") == "number":
        table.required("option_order", '"as_listed", or "reversed" when the highest answer was listed first')
    elif "option_order" in table.data:
        message = "'option_order' is only for values = \"number\""
        table.problems.note(table.place, message, "leave it out", "wrong_value")
    return order


def _columns(table: Table, instrument: Instrument | None) -> dict[str, str]:
    columns = table.mapping("columns")
    if instrument is None:
        return columns
    known = list(instrument.column_ids)
    for header, target in columns.items():
        if target not in known:
            message = unknown(f"id for the header {header!r} in 'columns'", target, known)
            table.problems.note(table.place, message, "write an id of the questionnaire", "unknown_name", target)
    targets = list(columns.values())
    for target in sorted({target for target in targets if targets.count(target) > 1}):
        headers = " and ".join(repr(header) for header, value in columns.items() if value == target)
        table.problems.note(
            table.place, f"{headers} in 'columns' both stand for {target!r}", "keep one", "duplicate_id"
        )
    return columns


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
    method: Literal["mean", "sum"] = "sum" if table.choice("method", ["mean", "sum"], "mean") == "sum" else "mean"
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
        if block_id.lower() == RESPONDENTS:
            message = f"the id {block_id!r} stands for the respondents in references"
            table.problems.note(table.place, message, "give the block another id", "duplicate_id")
        title = table.translations("title", report.languages) if table.has("title") else None
        of = table.names_of("of", everyone, "[[responses]] block", default, some=True)
        options = bind(analysis(use).run, table.rest(), known, table.place, table.problems) if use else {}
        blocks.append(BlockPlan(id=block_id, use=use, title=title, of=of, options=options))
    return tuple(blocks)


def _report(top: Table, project: Project) -> ReportPlan:
    table = top.table("report")
    default = ReportPlan()
    formats = by_name.names("leadership_study.reporting.formats")
    report = ReportPlan(
        formats=table.names_of("formats", formats, "report format", default.formats, some=True),
        languages=table.names_of("languages", languages(), "language", default.languages, some=True),
        notebooks=table.names_of("notebooks", project.notebook_names(), "notebook in notebooks/"),
    )
    table.finish()
    return report


def _unique(table: Table, earlier: list[str], value: str | None = None) -> None:
    block_id = table.data.get("id") if value is None else value
    # Results are files named after the id, and some systems do not tell A from a.
    if isinstance(block_id, str) and block_id.lower() in [other.lower() for other in earlier if other]:
        message = f"the id {block_id!r} is used twice"
        table.problems.note(table.place, message, "give each block an id of its own", "duplicate_id")


def _inside(file: str) -> bool:
    parts = Path(file).parts
    return not Path(file).is_absolute() and ".." not in parts and "\\" not in file
