"""``[[setting]]`` and ``[[context]]`` in a plan: what surrounds the heads, and which facts of it enter the analyses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from leadership_study import by_name
from leadership_study.errors import PlanError
from leadership_study.instruments import Instrument
from leadership_study.study.checked import Table, is_inside
from leadership_study.study.options import Known, bind, file_options, toml_options

SETTINGS = "leadership_study.districts"

NO_SURVEY = Instrument(id="", version="", title={}, response_scales={}, dimensions=())
"""The questionnaire of a study that asked nobody."""


@dataclass(frozen=True, kw_only=True)
class SettingPlan:
    """``[[setting]]``: which module of ``districts/``, with which options of its ``run``.

    The class attributes are what blocks of analyses have and a setting has not: it uses nobody's answers.
    """

    id: str
    use: str
    title: Mapping[str, str] | None
    options: Mapping[str, Any] = field(default_factory=dict)

    of: tuple[str, ...] = field(default=(), init=False)
    imputations: int = field(default=0, init=False)
    headline: bool = field(default=False, init=False)

    @property
    def module(self) -> ModuleType:
        """The module that computes it."""
        return by_name.find(SETTINGS, self.use)

    @property
    def tables(self) -> dict[str, str]:
        """The options that name a CSV file of the study, with the files."""
        return file_options(self.module.run, self.options)

    @property
    def tomls(self) -> dict[str, str]:
        """The options that name a TOML file of the study, with the files."""
        return toml_options(self.module.run, self.options)

    @property
    def files(self) -> list[str]:
        """Every file of the study that it reads."""
        return [*self.tables.values(), *self.tomls.values()]


@dataclass(frozen=True, kw_only=True)
class ContextPlan:
    """``[[context]]``: facts about the groups ``of``, and the columns taken from them.

    They stand in a ``file``, or are what the setting ``source`` found.
    """

    of: str
    file: str = ""
    source: str = ""
    columns: tuple[str, ...]


def settings() -> list[str]:
    """Names of what a setting may use: the modules of ``districts/`` that a plan can run."""
    return [name for name in by_name.names(SETTINGS) if hasattr(by_name.find(SETTINGS, name), "run")]


def read_settings(top: Table, languages: tuple[str, ...]) -> tuple[SettingPlan, ...]:
    """Read every ``[[setting]]`` table, noting all that is wrong with them and their options."""
    known = settings() if top.data.get("setting") else []
    found: list[SettingPlan] = []
    for table in top.tables("setting"):
        use = table.choice("use", known, "") if table.required("use", '"balance"') else ""
        name = table.name("id", use)
        table.unique([one.id for one in found], name)
        title = table.translations("title", languages) if table.has("title") else None
        options: dict[str, Any] = {}
        if use:
            module = by_name.find(SETTINGS, use)
            before = len(table.problems)
            options = bind(module.run, table.rest(), Known(()), table.place, table.problems)
            if len(table.problems) == before and hasattr(module, "check"):
                try:
                    module.check(**options)
                except (PlanError, ValueError) as error:
                    message = str(getattr(error, "message", error)).removesuffix(".")
                    table.problems.note(table.place, message, "correct it", "wrong_option")
            found.append(SettingPlan(id=name, use=use, title=title, options=options))
    return tuple(found)


def read_contexts(top: Table, nested_in: tuple[str, ...], found: Sequence[SettingPlan]) -> tuple[ContextPlan, ...]:
    """Read every ``[[context]]`` table: its facts stand in a file, or come from a setting."""
    tables = []
    for table in top.tables("context"):
        table.required("of", '"district"')
        of = table.choice("of", list(nested_in), "")
        file = source = ""
        if table.has("from"):
            source = table.choice("from", [one.id for one in found], "")
            if table.has("file"):
                message = "'from' and 'file' both say where the facts stand"
                table.problems.note(table.place, message, "keep one of the two", "two_sources")
        else:
            table.required("file", '"districts.csv", or from = the id of a [[setting]]')
            if not is_inside(file := table.text("file")):
                table.wrong("file", "the name of a file inside the study's folder in data/raw/")
        table.required("columns", '["rural_share"]')
        columns = table.texts("columns")
        if source and of:
            _check_facts(table, next(one for one in found if one.id == source), of, columns)
        tables.append(ContextPlan(of=of, file=file, source=source, columns=columns))
        table.finish()
    return tuple(tables)


def _check_facts(table: Table, setting: SettingPlan, of: str, columns: Sequence[str]) -> None:
    facts: Mapping[str, tuple[str, ...]] = getattr(setting.module, "FACTS", {})
    if of not in facts:
        known = f"only about {', '.join(sorted(facts))}" if facts else "none that could be taken"
        message = f"{setting.use} has no facts about each {of}, {known}"
        table.problems.note(table.place, message, "take them from another setting or a file", "no_facts")
        return
    for name in columns:
        if name not in facts[of]:
            message = by_name.unknown(f"fact of {setting.use}", name, list(facts[of]))
            table.problems.note(table.place, message, "correct it or leave it out", "unknown_name")
