"""The variables of a questionnaire: one for each column of its data, as a codebook lists them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from leadership_study.instruments.exchange._form import number_text
from leadership_study.instruments.model import BackgroundKind, Instrument, Item, Level, ResponseScale, Text

Part = Literal["item", "form", "background", "attention_check", "open_question"]
Measure = Literal["nominal", "ordinal", "interval", "text", "date"]

_MEASURES: dict[BackgroundKind, Measure] = {
    "nominal": "nominal", "ordinal": "ordinal", "multiple": "nominal", "group": "nominal",
    "number": "interval", "text": "text", "date": "date",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One column of the data.

    ``values`` has each value with its labels by language; ``kind`` says how a background question is answered;
    ``relevant`` holds the rule for asking.
    """

    id: str
    part: Part
    measure: Measure
    text: Text = field(default_factory=dict)
    self_text: Text = field(default_factory=dict)
    dimension: str = ""
    kind: str = ""
    response_scale: str = ""
    values: tuple[tuple[str, Text], ...] = ()
    reverse_keyed: bool = False
    expected: str = ""
    relevant: str = ""


def variables(instrument: Instrument) -> tuple[Variable, ...]:
    """Return all variables in the order of the data's columns."""
    return tuple(_all(instrument))


def _all(instrument: Instrument) -> Iterator[Variable]:
    for item in instrument.items:
        yield _item(instrument, item)
    for form in instrument.forms:
        for of in instrument.dimension_ids if form.of == "dimensions" else instrument.item_ids():
            column = f"{form.id}_{of}"
            scale = instrument.form_scales[column]
            yield Variable(
                id=column,
                part="form",
                measure="ordinal",
                text={language: instrument.label(column, language) for language in instrument.languages},
                dimension=of if form.of == "dimensions" else instrument.item(of).dimension,
                response_scale=scale.id,
                values=_scale(scale),
            )
    for question in instrument.background:
        rules = [f"{name} = {' | '.join(values)}" for name, values in question.relevant.items()]
        yield Variable(
            id=question.id,
            part="background",
            kind=question.kind,
            measure=_MEASURES[question.kind],
            text=question.label,
            values=_levels(question.levels),
            relevant=" & ".join(rules),
        )
    for check in instrument.attention_checks:
        scale = instrument.scale_of_check(check)
        rated = check.expected in scale.values
        expected = check.expected if isinstance(check.expected, str) else number_text(check.expected)
        yield Variable(
            id=check.id,
            part="attention_check",
            measure="ordinal" if rated else "text",
            text=check.text,
            response_scale=scale.id if rated else "",
            values=_scale(scale) if rated else (),
            expected=expected,
        )
    for asked in instrument.open_questions:
        yield Variable(id=asked.id, part="open_question", measure="text", text=asked.text)


def _item(instrument: Instrument, item: Item) -> Variable:
    return Variable(
        id=item.id,
        part="item",
        measure="ordinal",
        text=item.text,
        self_text=item.self_text,
        dimension=item.dimension,
        response_scale=item.response_scale,
        values=_scale(instrument.response_scales[item.response_scale]),
        reverse_keyed=item.reverse_keyed,
    )


def _scale(scale: ResponseScale) -> tuple[tuple[str, Text], ...]:
    return tuple(
        (number_text(value), {language: texts[at] for language, texts in scale.labels.items()})
        for at, value in enumerate(scale.values)
    )


def _levels(levels: tuple[Level, ...]) -> tuple[tuple[str, Text], ...]:
    return tuple((level.value, level.text) for level in levels)
