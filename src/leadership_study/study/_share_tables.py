"""The other tables of a shared study: groups renamed, levels joined as in the answers, texts masked."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from leadership_study.importing._personal_data import find_personal, mask
from leadership_study.study._share_answers import SharedAnswers
from leadership_study.study._share_plan import facts_file
from leadership_study.study.pipeline import Study


def side_tables(study: Study, answers: SharedAnswers) -> dict[str, pd.DataFrame]:
    """Return every table besides the answers that the plan names, by its file, as it may be passed on.

    Rows of groups that nobody of the shared answers belongs to keep no name: they are left out. Columns that hold
    personal data, and columns of context that the plan does not use, are left out too.
    """
    plan = study.plan
    wanted: dict[str, tuple[str, ...] | None] = {}
    found: dict[str, pd.DataFrame] = {}
    for context in plan.context:
        if context.source:
            file = facts_file(context.of, context.source)
            found[file] = _facts(study, context.of, context.source)
            wanted[file] = (*(wanted.get(file) or ()), context.of, *context.columns)
            continue
        wanted[context.file] = (*(wanted.get(context.file) or ()), context.of, *context.columns)
    raw = study.project.raw(plan.name)
    answered = {raw / file for block in plan.responses for file in block.files}
    fixed = {study.project.study_file(plan.name), study.questionnaire_file}
    fixed |= set(study.interview_files())  # what people said is not passed on
    # Tables of single schools tell which school is which; what is needed of them was taken above.
    fixed |= {raw / file for setting in plan.settings for file in setting.files} - {raw / file for file in wanted}
    for path in study.input_files():
        if path not in answered | fixed and path.is_relative_to(raw):
            wanted.setdefault(path.relative_to(raw).as_posix(), None)
    tables = {file: found[file] if file in found else study.table(file) for file in wanted}
    return {file: _safe(tables[file], columns, answers) for file, columns in wanted.items()}


def _facts(study: Study, of: str, source: str) -> pd.DataFrame:
    """Return what a setting found about each group, as the text of a file."""
    result: Any = study.setting()[source]
    facts: pd.DataFrame = result.facts(of).reset_index()
    texts = facts.map(lambda cell: None if pd.isna(cell) else repr(cell) if isinstance(cell, float) else str(cell))
    return texts.astype("str")


def _safe(table: pd.DataFrame, columns: tuple[str, ...] | None, answers: SharedAnswers) -> pd.DataFrame:
    kept = [str(name) for name in table if columns is None or name in columns]
    kept = [name for name in kept if name in answers.groups or find_personal(name, table[name]) is None]
    table = table[kept].copy()
    for name in kept:
        if name in answers.groups:
            table[name] = table[name].str.strip().map(answers.groups[name])
            table = table[table[name].notna()]
        else:
            table[name] = mask(table[name])[0]
    if {"variable", "level"} <= set(kept):
        table = _joined(table, answers)
    return table.sort_values(kept[0], ignore_index=True) if kept and kept[0] in answers.groups else table


def _joined(table: pd.DataFrame, answers: SharedAnswers) -> pd.DataFrame:
    """Shares of a population for the levels that the answers have now."""
    names: dict[str, Mapping[str, str]] = {}
    gone = {name for change in answers.coarsened.values() for name in change.dropped}
    for change in answers.coarsened.values():
        for variable, levels in change.levels.items():
            names[variable] = {old: new for new, olds in levels.items() for old in olds}
    names |= dict(answers.groups)
    table = table[~table["variable"].isin(gone)].copy()
    pairs = zip(table["variable"], table["level"], strict=True)
    table["level"] = [names.get(variable, {}).get(level, level) for variable, level in pairs]
    numbers = [str(name) for name in table if name not in ("variable", "level")]
    for name in numbers:
        table[name] = pd.to_numeric(table[name])
    return table.groupby(["variable", "level"], sort=False, as_index=False)[numbers].sum()
