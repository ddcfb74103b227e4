"""The study file: the analysis plan, checked from end to end before any data are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadership_study import by_name
from leadership_study.by_name import unknown
from leadership_study.errors import InstrumentError, PlanError
from leadership_study.instruments import Instrument, load_instrument
from leadership_study.reporting.languages import languages
from leadership_study.reporting.parts import RESPONDENTS
from leadership_study.scoring import score
from leadership_study.scoring._scales import ScoringRule, check_rule
from leadership_study.scoring.variables import variable_ids
from leadership_study.study.checked import Problems, Table, is_inside, read_toml
from leadership_study.study.options import Known, analyses, analysis, bind
from leadership_study.study.plan_block import BlockPlan
from leadership_study.study.plan_interviews import InterviewBlock, InterviewsPlan, read_interviews_plan
from leadership_study.study.plan_multiverse import MultiversePlan, read_multiverses
from leadership_study.study.plan_responses import ResponsesPlan, read_responses_plans
from leadership_study.study.plan_setting import (
    NO_SURVEY,
    ContextPlan,
    SettingPlan,
    read_contexts,
    read_settings,
)
from leadership_study.study.project import Project
from leadership_study.study.synthesis_plan import SynthesisPlan, read_synthesis
from leadership_study.validation import check_rules

__all__ = ["BlockPlan", "ReportPlan", "StudyPlan", "WeightsPlan", "load_plan"]

Text = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class WeightsPlan:
    """``[weights]``: respondents of the blocks ``of`` are weighted to the shares of a ``population`` file.

    ``largest`` bounds a weight as a multiple of the mean weight; None leaves weights as they come out.
    """

    population: str
    of: tuple[str, ...]
    largest: float | None = None


@dataclass(frozen=True, kw_only=True)
class ReportPlan:
    """``[report]``: what is made for whom."""

    formats: tuple[str, ...] = ("html",)
    languages: tuple[str, ...] = ("en",)
    notebooks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StudyPlan:
    """A whole study file; without a survey its questionnaire is "" and only its settings are computed."""

    name: str
    title: Text
    questionnaire: str
    simulated: bool
    seed: int
    nested_in: tuple[str, ...]
    responses: tuple[ResponsesPlan, ...]
    exclusions: Mapping[str, Any]
    scoring: ScoringRule
    settings: tuple[SettingPlan, ...]
    context: tuple[ContextPlan, ...]
    weights: WeightsPlan | None
    min_flags: int
    analyses: tuple[BlockPlan, ...]
    report: ReportPlan
    synthesis: SynthesisPlan | None = None
    interviews: InterviewsPlan | None = None
    multiverses: tuple[MultiversePlan, ...] = ()

    @property
    def blocks(self) -> "tuple[SettingPlan | BlockPlan | InterviewBlock, ...]":
        """What is computed: the settings, then the analyses, then what the interviews show."""
        return (*self.settings, *self.analyses, *self.multiverses, *(self.interviews.blocks if self.interviews else ()))

    @property
    def waves(self) -> dict[str, int]:
        """The wave of each block of responses."""
        return {one.id: one.wave for one in self.responses}

    @property
    def has_survey(self) -> bool:
        """Whether anybody was asked anything."""
        return self.questionnaire != ""


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

    asked = {"questionnaire", "responses", "analysis"} & set(top.data)
    survey = bool(asked) or not {"setting", "interviews"} & set(top.data)
    instrument, trouble = _questionnaire(top, project) if survey else (NO_SURVEY, None)
    report = _report(top, project)
    title = top.translations("title", report.languages) if top.required("title", '{ en = "…" }') else {}
    seed = top.whole("seed") if top.required("seed", "2026") else 0
    settings = read_settings(top, report.languages)
    nested_in = _nested_in(top, instrument) if survey else ()
    responses = read_responses_plans(top, instrument, report.languages) if survey else ()
    context = read_contexts(top, nested_in, settings) if survey else ()
    exclusions = _exclusions(top) if survey else {}
    columns = [column for table in context for column in table.columns]
    known = Known(None if instrument is None else tuple(variable_ids(instrument, columns)))
    scoring = _scoring(top, instrument, known) if survey else ScoringRule()
    blocks = _analyses(top, responses, report, known, [setting.id for setting in settings]) if survey else ()
    ids = [*(setting.id for setting in settings), *(block.id for block in blocks)]
    multiverses = read_multiverses(top, blocks, instrument, known, report.languages, ids) if survey else ()
    ids += [one.id for one in multiverses]
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
        settings=settings,
        context=context,
        weights=_weights(top, responses) if survey else None,
        min_flags=_min_flags(top) if survey else 2,
        analyses=blocks,
        report=report,
        synthesis=read_synthesis(top, blocks),
        interviews=read_interviews_plan(top, project, name, instrument, ids),
        multiverses=multiverses,
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


def _exclusions(top: Table) -> dict[str, Any]:
    """Return the rules as they stand; what is wrong with them is validation's to say."""
    table = top.table("exclusions")
    rules = table.rest()
    try:
        check_rules(rules)
    except PlanError as error:
        found = [str(problem.message) for problem in error.problem_list] or _one_by_one(rules) or [error.message]
        for message in found:
            table.problems.note(table.place, message.removesuffix("."), "correct it or leave it out", "exclusion_rule")
    return rules


def _one_by_one(rules: Mapping[str, Any]) -> list[str]:
    messages = []
    for rule, threshold in rules.items():
        try:
            check_rules({rule: threshold})
        except PlanError as error:
            messages.append(error.message)
    return messages


def _weights(top: Table, responses: tuple[ResponsesPlan, ...]) -> WeightsPlan | None:
    if not top.has("weights"):
        return None
    table = top.table("weights")
    everyone, default = _blocks_of(responses)
    file = table.text("population") if table.required("population", '"population.csv"') else ""
    if file and not is_inside(file):
        table.wrong("population", "the name of a file inside the study's folder in data/raw/")
    largest = table.data.get("largest") if table.has("largest") else None
    if largest is not None and (isinstance(largest, bool) or not isinstance(largest, int | float) or largest <= 1):
        table.wrong("largest", "a number above 1: how many times the mean a weight may be")
        largest = None
    of = table.names_of("of", everyone, "[[responses]] block", default, some=True)
    table.finish()
    return WeightsPlan(population=file, of=of, largest=None if largest is None else float(largest))


def _min_flags(top: Table) -> int:
    table = top.table("screening")
    least = table.whole("min_flags", 2)
    if least == 0:
        table.wrong("min_flags", "a whole number from 1 on: how many flags make a respondent a flagged one")
    table.finish()
    return least


def _blocks_of(responses: tuple[ResponsesPlan, ...]) -> tuple[list[str], tuple[str, ...]]:
    """Return the ids of all blocks of responses, and those that an analysis uses when it does not say."""
    everyone = [block.id for block in responses]
    return everyone, tuple(block.id for block in responses if block.form == "other") or tuple(everyone)


def _scoring(top: Table, instrument: Instrument | None, known: Known) -> ScoringRule:
    table = top.table("scoring")
    before = len(table.problems)
    options = bind(score, table.rest(), known, table.place, table.problems, aside=("context", "nested_in"))
    if len(table.problems) > before:
        return ScoringRule()
    options = {name: value for name, value in options.items() if value is not None}
    rule = ScoringRule(**options)
    if instrument is None:
        return rule
    try:
        check_rule(rule, instrument)
    except (PlanError, ValueError) as error:
        message = str(error).removesuffix(".")
        table.problems.note(table.place, message, "correct it or leave it out", "wrong_value")
    return rule


def _analyses(
    top: Table, responses: tuple[ResponsesPlan, ...], report: ReportPlan, known: Known, taken: Sequence[str]
) -> tuple[BlockPlan, ...]:
    found = analyses()
    everyone, default = _blocks_of(responses)
    blocks: list[BlockPlan] = []
    for table in top.tables("analysis"):
        use = table.choice("use", sorted(found), "") if table.required("use", '"reliability"') else ""
        block_id = table.name("id", use)
        table.unique([*taken, *(block.id for block in blocks)], block_id)
        if block_id.lower() == RESPONDENTS:
            message = f"the id {block_id!r} stands for the respondents in references"
            table.problems.note(table.place, message, "give the block another id", "duplicate_id")
        title = table.translations("title", report.languages) if table.has("title") else None
        of = table.names_of("of", everyone, "[[responses]] block", default, some=True)
        imputations, headline = _imputations(table), table.flag("headline", False)
        options = bind(analysis(use).run, table.rest(), known, table.place, table.problems) if use else {}
        blocks.append(
            BlockPlan(
                id=block_id, use=use, title=title, of=of, options=options, imputations=imputations, headline=headline
            )
        )
    return tuple(blocks)


def _imputations(table: Table) -> int:
    imputations = table.whole("imputations", 0)
    if imputations == 1:
        table.wrong("imputations", "0, or at least 2: one imputed data set says nothing about its own uncertainty")
        return 0
    return imputations


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
