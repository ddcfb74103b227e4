"""``[[responses]]`` of a study file: who answered, in which files, and how these are to be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from leadership_study import by_name
from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.importing._personal_patterns import spans
from leadership_study.importing._raw import OptionOrder, Values
from leadership_study.instruments import Instrument
from leadership_study.study.checked import Table, is_inside
from leadership_study.validation import check_repairs

FORMS: dict[str, Literal["other", "self"]] = {"other": "other", "self": "self"}
_VALUES: dict[str, Values] = {"codes": "codes", "text": "text", "number": "number"}
_ORDERS: dict[str, OptionOrder] = {"as_listed": "as_listed", "reversed": "reversed"}


@dataclass(frozen=True, kw_only=True)
class Distributed:
    """How many questionnaires went out: in all (``by`` is None), or by channel, file, group or background question.

    ``n`` has the numbers by level, the only one being "" for all; with ``file`` they stand in a CSV file with the
    columns ``<by>`` and ``n`` in the study's folder in ``data/raw/``.
    """

    by: str | None = None
    n: Mapping[str, int] = field(default_factory=dict)
    file: str | None = None


@dataclass(frozen=True, kw_only=True)
class ResponsesPlan:
    """``[[responses]]``: one group of respondents, their files in ``data/raw/<study>/`` and how to read them.

    ``title`` is what reports call them; ``repairs`` are the only changes that validation makes to cells; ``keep`` names
    the columns of personal data that are carried on all the same.
    """

    id: str
    form: Literal["other", "self"]
    files: tuple[str, ...]
    format: str | None
    respondent_id: str | None
    weights: str | None
    columns: Mapping[str, str]
    missing_codes: tuple[str, ...] | None
    title: Mapping[str, str] = field(default_factory=dict)
    wave: int = 1
    values: Values | None = None
    option_order: OptionOrder | None = None
    encoding: str | None = None
    sheet: str | None = None
    repairs: tuple[Mapping[str, Any], ...] = ()
    keep: tuple[str, ...] = ()
    distributed: Distributed | None = None

    def reading(self) -> dict[str, Any]:
        """Return how a file is read, as options of ``read_responses``."""
        options: dict[str, Any] = {
            "format": self.format,
            "columns": self.columns,
            "respondent_id": self.respondent_id,
            "weights": self.weights,
            "missing_codes": self.missing_codes,
            "form": self.form,
            "values": self.values,
            "option_order": self.option_order,
        }
        said = {"encoding": self.encoding, "sheet": self.sheet, "keep": self.keep}
        return options | {name: value for name, value in said.items() if value}


def read_responses_plans(
    top: Table, instrument: Instrument | None, languages: tuple[str, ...]
) -> tuple[ResponsesPlan, ...]:
    """Read every ``[[responses]]`` table, noting all that is wrong with them."""
    if top.required("responses", '[{ id = "teachers", files = ["teachers.csv"] }]') and top.data["responses"] == []:
        top.wrong("responses", "at least one table: [[responses]]")
    blocks: list[ResponsesPlan] = []
    for table in top.tables("responses"):
        if table.required("id", '"teachers"'):
            table.unique([block.id for block in blocks])
        files = table.texts("files") if table.required("files", '["teachers.csv"]') else ()
        if not all(is_inside(file) for file in files) or table.data.get("files") == []:
            table.wrong("files", "a list of files inside the study's folder in data/raw/")
        for file in files:
            if any(kind in ("phone", "email", "id_card", "passport") for _, _, kind in spans(file)):
                message = "the name of a file in 'files' holds personal data, and reports name the files"
                table.problems.note(table.place, message, "rename the file", "wrong_value")
        blocks.append(
            ResponsesPlan(
                id=table.name("id"),
                title=table.translations("title", languages) if table.has("title") else {},
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
                encoding=_encoding(table),
                sheet=table.text("sheet") or None,
                repairs=_repairs(table, instrument),
                keep=table.texts("keep"),
                distributed=_distributed(table, instrument),
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


def _encoding(table: Table) -> str | None:
    name = table.text("encoding")
    try:
        "".encode(name or "utf-8")
    except LookupError:
        table.wrong("encoding", 'the name of an encoding, such as "utf-8", "gb18030" or "utf-16"')
        return None
    return name or None


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
        message = f"{headers} in 'columns' both stand for {target!r}"
        table.problems.note(table.place, message, "keep one", "duplicate_id")
    return columns


def _repairs(table: Table, instrument: Instrument | None) -> tuple[Mapping[str, Any], ...]:
    """Return the repairs as they stand; what is wrong with them is validation's to say."""
    value = table.data.get("repairs", [])
    if table.has("repairs") and not (isinstance(value, list) and all(isinstance(entry, dict) for entry in value)):
        table.wrong("repairs", 'a list of tables, as in [{ column = "age", map = { "17岁" = "17" } }]')
        return ()
    if instrument is not None:
        try:
            check_repairs(value, instrument)
        except PlanError as error:
            for problem in error.problem_list:
                table.problems.note(f"{table.place}, 'repairs'", problem.message, problem.remedy, problem.rule)
    return tuple(value)


def _distributed(table: Table, instrument: Instrument | None) -> Distributed | None:
    if not table.has("distributed"):
        return None
    value = table.data["distributed"]
    if _is_count(value):
        return Distributed(n={"": value})
    must = 'a number, or { by = "channel", n = { "…" = 600 } }, or { by = "district", file = "distributed.csv" }'
    if not isinstance(value, dict):
        table.wrong("distributed", must)
        return None
    part = Table(value, f"{table.place}, 'distributed'", table.problems)
    if part.has("n") == part.has("file"):
        table.wrong("distributed", must)
        return None
    counts = value.get("n", {})
    if not isinstance(counts, dict) or not all(_is_count(count) for count in counts.values()):
        part.wrong("n", 'a table of numbers, as in { "…" = 600 }')
        counts = {}
    file = part.text("file") or None
    if file is not None and not is_inside(file):
        part.wrong("file", "the name of a file inside the study's folder in data/raw/")
    asked = [] if instrument is None else [*instrument.group_ids, *instrument.background_ids]
    by = part.text("by") if part.required("by", '"district"') else ""
    if instrument is not None and by and by not in (known := ["channel", "file", *asked]):
        part.problems.note(part.place, unknown("'by'", by, known), "correct it", "unknown_name", by)
    part.finish()
    return Distributed(by=by, n=counts, file=file)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
