"""Plan and questionnaire of a shared study: as they were, but for what the shared answers need."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from leadership_study.instruments import Instrument
from leadership_study.instruments.model import BackgroundQuestion, Level
from leadership_study.validation.privacy import OTHER, Coarsened

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_OF_READING = ("format", "values", "option_order", "columns", "missing_codes", "encoding", "sheet", "repairs", "keep")
_STAYING = ("exclusions", "interviews", "synthesis", "setting")
_OTHER_TEXT = {"en": "Other", "zh": "其他"}


def shared_plan(plan: Mapping[str, Any], reading: Mapping[str, Mapping[str, Any]], *, is_twin: bool) -> dict[str, Any]:
    """Return the plan of a bundle.

    Parameters
    ----------
    plan
        The study file as it is read from TOML.
    reading
        For each block of responses, how its file is read there: ``files`` and what else is said of it.
    is_twin
        Whether the answers are drawn: it is said in the plan and in the title then.
    """
    new = {name: value for name, value in plan.items() if name not in _STAYING}
    if any("from" in table for table in plan.get("context", ())):
        new["context"] = [_of_file(table) for table in plan["context"]]
    if is_twin:
        new["simulated"] = True
        marks = {"en": "{} (synthetic twin: simulated answers)", "zh": "{}（合成数据：模拟的答案）"}
        new["title"] = {key: marks.get(key, "{} (simulated)").format(text) for key, text in plan["title"].items()}
    blocks = []
    for block in plan["responses"]:
        kept = {name: value for name, value in block.items() if name not in (*_OF_READING, "respondent_id", "weights")}
        blocks.append({**kept, **reading[block["id"]]})
    return {**new, "responses": blocks}


def facts_file(of: str, source: str) -> str:
    """Return the file that facts about groups stand in, which a setting of the study found."""
    return f"{source}_{of}.csv"


def _of_file(table: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a setting are passed on as a file: its tables of schools would tell which school is which."""
    kept = {name: value for name, value in table.items() if name != "from"}
    return {**kept, "file": facts_file(table["of"], table["from"])} if "from" in table else kept


def shared_instrument(instrument: Instrument, coarsened: Mapping[str, Coarsened]) -> Instrument:
    """Return the questionnaire with the levels that the coarsened answers have; wording is that of what was joined."""
    levels = {question.id: _levels(question, coarsened, instrument.languages) for question in instrument.background}
    changed = {name for entry in coarsened.values() for name in (*entry.levels, *entry.dropped)}
    background = []
    for question in instrument.background:
        # A condition on an answer that was joined with others cannot be held any more.
        free = question.id in changed or changed & set(question.relevant)
        background.append(replace(question, levels=levels[question.id], relevant={} if free else question.relevant))
    return replace(instrument, background=tuple(background))


def _levels(
    question: BackgroundQuestion, coarsened: Mapping[str, Coarsened], languages: Sequence[str]
) -> tuple[Level, ...]:
    if not any(question.id in entry.levels for entry in coarsened.values()):
        return question.levels
    places = {level.value: at for at, level in enumerate(question.levels)}
    found: dict[str, tuple[str, ...]] = {}
    for entry in coarsened.values():
        if question.id in entry.levels:
            found |= entry.levels[question.id]
        elif question.id not in entry.dropped:
            found |= {level.value: (level.value,) for level in question.levels}
    known = {level.value: level for level in question.levels}
    if question.kind == "multiple":
        found = {**{value: (value,) for value in known}, **{OTHER: ()}}
    order = sorted(found, key=lambda name: (name == OTHER, min((places.get(v, 99) for v in found[name]), default=99)))
    return tuple(known[name] if name in known else _joined(name, found[name], known, languages) for name in order) or (
        question.levels
    )


def _joined(name: str, holds: Sequence[str], known: Mapping[str, Level], languages: Sequence[str]) -> Level:
    if name == OTHER:
        return Level(value=name, text={key: _OTHER_TEXT.get(key, OTHER) for key in languages})
    ends = [known[value] for value in (holds[0], holds[-1]) if value in known]
    between = " / " if len(holds) == 2 else " … "
    text = {key: between.join(level.text.get(key, level.value) for level in ends) for key in languages}
    return Level(value=name, text=text)


def toml(data: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """Return a mapping as TOML: values first, then tables, then lists of tables."""
    return "\n".join([*(f"# {line}" for line in comments), *_lines(data)]) + "\n"


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    tables = [name for name, value in data.items() if isinstance(value, Mapping) and name not in ("title", "source")]
    lists = [name for name, value in data.items() if value and _is_tables(value)]
    for name, value in data.items():
        if name not in tables and name not in lists:
            yield f"{_key(name)} = {_value(value)}"
    for name in tables:
        yield from ("", f"[{_key(name)}]", *(f"{_key(key)} = {_value(value)}" for key, value in data[name].items()))
    for name in lists:
        for table in data[name]:
            yield from ("", f"[[{_key(name)}]]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items()))


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {_value(entry)}" for key, entry in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(entry) for entry in value)}]"
    return str(value)  # numbers and dates are written in TOML as Python writes them


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)
