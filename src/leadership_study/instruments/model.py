"""What was asked: a questionnaire as plain, frozen data.

The words are the field's: an `Instrument` has dimensions, a `Dimension` has items, an `Item` is answered on a
`ResponseScale`. Nothing here reads a file (`leadership_study.instruments.toml_file` does) or knows an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeVar

from leadership_study.by_name import unknown
from leadership_study.errors import InstrumentError

_Entry = TypeVar("_Entry")

Text = Mapping[str, str]
"""Wording by language: ``{"en": "…", "zh": "…"}``; empty where the wording is withheld."""

BackgroundKind = Literal["nominal", "ordinal", "number", "multiple", "text", "date", "group"]
"""How a background question is answered; ``group`` names what respondents are nested in (school, district)."""

RESERVED_IDS = frozenset({"respondent_id", "weight", "row", "block", "dimensions", "items", "background"})
"""Names with a meaning of their own in tables and plans; no part of a questionnaire may bear them."""


@dataclass(frozen=True, kw_only=True)
class ResponseScale:
    """The answers that an item allows: ``values`` rise; ``labels`` has one wording a value in each language."""

    id: str
    values: tuple[int | float, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def low(self) -> int | float:
        """Lowest value."""
        return self.values[0]

    @property
    def high(self) -> int | float:
        """Highest value."""
        return self.values[-1]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One statement that respondents rate; ``self_text`` is its wording when the leaders rate themselves."""

    id: str
    dimension: str
    response_scale: str
    reverse_keyed: bool = False
    text: Text = field(default_factory=dict)
    self_text: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A facet of leadership, or of what goes with it, measured by several items."""

    id: str
    items: tuple[Item, ...]
    response_scale: str
    label: Text = field(default_factory=dict)
    definition: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Composite:
    """A scale made of whole dimensions, those in ``of``; a dimension may belong to several composites."""

    id: str
    of: tuple[str, ...]
    label: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Form:
    """The dimensions or items asked once more on another scale, as ``<form id>_<dimension or item id>``."""

    id: str
    of: Literal["dimensions", "items"]
    response_scale: str
    label: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Level:
    """One answer to a background question: ``value`` as it stands in the data, ``text`` as people read it."""

    value: str
    text: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BackgroundQuestion:
    """A question about the respondent; ``relevant`` says to whom it is put: ``{"post": ("teacher",)}``."""

    id: str
    kind: BackgroundKind
    label: Text = field(default_factory=dict)
    levels: tuple[Level, ...] = ()
    relevant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AttentionCheck:
    """A question with one right answer, put after the item ``after``."""

    id: str
    expected: int | float | str
    after: str | None = None
    text: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """A question answered in the respondent's own words."""

    id: str
    text: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A questionnaire: scales, dimensions with their items, and everything else that was asked.

    ``texts`` is ``"withheld"`` where the wording may not be shown or is unknown: ids and keying stand alone then.
    ``source_in`` has the source by language where it has more than one wording; ``source`` is then the first of these.
    The first response scale is the default. Look things up by id with the methods; an unknown id raises
    `InstrumentError` with the nearest right ones.

    Attributes
    ----------
    id, version : str
        Of the questionnaire.
    title : mapping of language to text
        The first language is the questionnaire's own.
    response_scales : mapping of id to ResponseScale
    dimensions : tuple of Dimension
        Each with its items, in the order of the file.
    composites : tuple of Composite
        Scales made of dimensions, such as a total.
    forms : tuple of Form
        What was asked once more on another scale, such as importance.
    background : tuple of BackgroundQuestion
        Those of kind "group" say what respondents are nested in.
    attention_checks, open_questions : tuples
        Items with one right answer; questions answered in own words.
    """

    id: str
    version: str
    title: Text
    response_scales: Mapping[str, ResponseScale]
    dimensions: tuple[Dimension, ...]
    source: str = ""
    source_in: Text = field(default_factory=dict)
    texts: Literal["complete", "withheld"] = "complete"
    composites: tuple[Composite, ...] = ()
    forms: tuple[Form, ...] = ()
    background: tuple[BackgroundQuestion, ...] = ()
    attention_checks: tuple[AttentionCheck, ...] = ()
    open_questions: tuple[OpenQuestion, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the questionnaire: those of its title, in its order."""
        return tuple(self.title)

    def source_text(self, language: str) -> str:
        """Return where the questionnaire is from, in ``language`` where it is told in it."""
        return self.source_in.get(language, self.source)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, dimension after dimension."""
        return tuple(item for dimension in self.dimensions for item in dimension.items)

    @property
    def dimension_ids(self) -> list[str]:
        """Ids of the dimensions in the questionnaire's order."""
        return [dimension.id for dimension in self.dimensions]

    @property
    def composite_ids(self) -> list[str]:
        """Ids of the composites in the questionnaire's order."""
        return [composite.id for composite in self.composites]

    @property
    def group_ids(self) -> list[str]:
        """Ids of the background questions of kind ``group``."""
        return [question.id for question in self.background if question.kind == "group"]

    @property
    def background_ids(self) -> list[str]:
        """Ids of the background questions of any other kind than ``group``."""
        return [question.id for question in self.background if question.kind != "group"]

    @cached_property
    def form_scales(self) -> Mapping[str, ResponseScale]:
        """The columns that the forms add, each with its response scale: ``importance_structural`` and so on."""
        scales = {}
        for form in self.forms:
            for of in self.dimension_ids if form.of == "dimensions" else self.item_ids():
                scales[f"{form.id}_{of}"] = self.response_scales[form.response_scale]
        return scales

    @cached_property
    def column_ids(self) -> tuple[str, ...]:
        """Every column that a table of answers has: items, forms, background, attention checks, open questions."""
        asked = [question.id for question in self.background]
        checks = [check.id for check in self.attention_checks]
        opened = [question.id for question in self.open_questions]
        return (*self.item_ids(), *self.form_scales, *asked, *checks, *opened)

    def item_ids(self, dimension: str | None = None) -> list[str]:
        """Ids of the items of ``dimension``, or of all items."""
        return [item.id for item in (self.items if dimension is None else self.dimension(dimension).items)]

    def item(self, id: str) -> Item:
        """The item ``id``."""
        return _pick("item", id, {item.id: item for item in self.items})

    def dimension(self, id: str) -> Dimension:
        """The dimension ``id``."""
        return _pick("dimension", id, {dimension.id: dimension for dimension in self.dimensions})

    def composite(self, id: str) -> Composite:
        """The composite ``id``."""
        return _pick("composite", id, {composite.id: composite for composite in self.composites})

    def composite_items(self, id: str) -> tuple[Item, ...]:
        """All items of the composite ``id``, dimension after dimension."""
        return tuple(item for dimension in self.composite(id).of for item in self.dimension(dimension).items)

    def background_question(self, id: str) -> BackgroundQuestion:
        """The background question ``id``, groups included."""
        return _pick("background question", id, {question.id: question for question in self.background})

    def scale_of(self, item_id: str) -> ResponseScale:
        """The response scale of an item or of a column that a form adds."""
        if item_id in self.form_scales:
            return self.form_scales[item_id]
        return self.response_scales[self.item(item_id).response_scale]

    def scale_of_check(self, check: AttentionCheck) -> ResponseScale:
        """The response scale that a check is answered on: that of the item it follows, otherwise the first."""
        if check.after is not None:
            return self.scale_of(check.after)
        return next(iter(self.response_scales.values()))

    def label(self, id: str, language: str) -> str:
        """What people read for a part: dimension, composite, item, background question, form's column, check, question.

        Falls back to the id where there is no wording in ``language``.
        """
        return self._labels.get(id, {}).get(language, id)

    @cached_property
    def _labels(self) -> dict[str, Text]:
        labels: dict[str, Text] = {dimension.id: dimension.label for dimension in self.dimensions}
        labels |= {composite.id: composite.label for composite in self.composites}
        labels |= {item.id: item.text for item in self.items}
        labels |= {question.id: question.label for question in self.background}
        labels |= {check.id: check.text for check in self.attention_checks}
        labels |= {question.id: question.text for question in self.open_questions}
        for form in self.forms:
            labels[form.id] = form.label
            for of in self.dimension_ids if form.of == "dimensions" else self.item_ids():
                both = form.label.keys() & labels[of].keys()
                labels[f"{form.id}_{of}"] = {key: f"{form.label[key]}: {labels[of][key]}" for key in both}
        return labels


def _pick(what: str, id: str, known: Mapping[str, _Entry]) -> _Entry:
    if id not in known:
        raise InstrumentError(unknown(what, id, list(known)))
    return known[id]
