"""What stands on the sheet, in order and numbered; how it looks is decided elsewhere."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from leadership_study.errors import InstrumentError, Problem
from leadership_study.instruments.model import AttentionCheck, BackgroundQuestion, Instrument, Item, ResponseScale

Order = Literal["mixed", "by_dimension"]
Who = Literal["other", "self"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a rating table: its number, its wording, and a smaller line below it."""

    number: int
    id: str
    text: str
    below: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows rated on one scale."""

    scale: ResponseScale
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A background question with its number."""

    number: int
    question: BackgroundQuestion


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The whole questionnaire as handed out; ``forms`` has a title and the tables of each form."""

    background: tuple[Asked, ...]
    ratings: tuple[Table, ...]
    forms: tuple[tuple[str, tuple[Table, ...]], ...]
    open: tuple[Row, ...]


def sheet(instrument: Instrument, *, language: str, form: Who, order: Order) -> Sheet:
    """Return what stands on the sheet, numbered from the first question to the last.

    Raises
    ------
    InstrumentError
        Wording is withheld or missing; all gaps at once.
    """
    _complete(instrument, language, form)
    numbers = itertools.count(1)
    background = tuple(Asked(number=next(numbers), question=question) for question in instrument.background)
    placed = list(_placed(instrument, order))
    by_scale: dict[str, list[Item | AttentionCheck]] = {}
    for entry, scale in placed:
        by_scale.setdefault(scale.id, []).append(entry)
    ratings = tuple(
        Table(
            scale=instrument.response_scales[name],
            rows=tuple(Row(number=next(numbers), id=one.id, text=_wording(one, language, form)) for one in entries),
        )
        for name, entries in by_scale.items()
    )
    forms = []
    for asked in instrument.forms:
        scale = instrument.response_scales[asked.response_scale]
        if asked.of == "dimensions":
            pairs = [(d.id, d.label.get(language, d.id), d.definition.get(language, "")) for d in instrument.dimensions]
        else:
            items = [entry for entry, _ in placed if isinstance(entry, Item)]
            pairs = [(item.id, _wording(item, language, form), "") for item in items]
        rows = tuple(
            Row(number=next(numbers), id=f"{asked.id}_{id}", text=text, below=below) for id, text, below in pairs
        )
        forms.append((asked.label.get(language, ""), (Table(scale=scale, rows=rows),)))
    opened = tuple(
        Row(number=next(numbers), id=question.id, text=question.text[language])
        for question in instrument.open_questions
    )
    return Sheet(background=background, ratings=ratings, forms=tuple(forms), open=opened)


def _placed(instrument: Instrument, order: Order) -> Iterator[tuple[Item | AttentionCheck, ResponseScale]]:
    """Items in the order declared, each attention check after its item, each with its scale."""
    by_dimension = [dimension.items for dimension in instrument.dimensions]
    if order == "by_dimension":
        items = [item for items in by_dimension for item in items]
    else:
        items = [item for row in itertools.zip_longest(*by_dimension) for item in row if item is not None]
    last = items[-1].id if items else None
    for item in items:
        scale = instrument.response_scales[item.response_scale]
        yield item, scale
        for check in instrument.attention_checks:
            if check.after == item.id or (check.after is None and item.id == last):
                yield check, instrument.scale_of_check(check)


def _wording(entry: Item | AttentionCheck, language: str, form: Who) -> str:
    own = entry.self_text if form == "self" and isinstance(entry, Item) else entry.text
    return own[language]


def _complete(instrument: Instrument, language: str, form: Who) -> None:
    parts = [(item.id, item.self_text if form == "self" else item.text) for item in instrument.items]
    parts += [(question.id, question.label) for question in instrument.background]
    parts += [(check.id, check.text) for check in instrument.attention_checks]
    parts += [(question.id, question.text) for question in instrument.open_questions]
    missing = [id for id, text in parts if language not in text]
    if not missing:
        return
    what = "wording about oneself" if form == "self" else "wording"
    remedy = f"write it in {language!r}, or take another language or form"
    file = f"{instrument.id}.toml"
    problems = [
        Problem(file=file, message=f"{id}: the {what} is missing", remedy=remedy, rule="missing_wording", value=None)
        for id in missing
    ]
    raise InstrumentError(
        f"The questionnaire {instrument.id} cannot be printed, {len(missing)} texts are missing:", problems
    )
