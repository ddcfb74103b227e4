"""The parts of a questionnaire file, one method each; problems are collected, so that all of them are seen at once."""

import itertools
from collections.abc import Mapping
from typing import Any, get_args

from leadership_study.instruments._reader import Complaints, Reader, is_number
from leadership_study.instruments._reader import languages_of as _languages_of
from leadership_study.instruments._references import check_attention, check_composites, check_relevance
from leadership_study.instruments.model import (
    RESERVED_IDS,
    AttentionCheck,
    BackgroundKind,
    BackgroundQuestion,
    Composite,
    Dimension,
    Form,
    Instrument,
    Item,
    Level,
    OpenQuestion,
    ResponseScale,
)

_WITH_LEVELS = ("nominal", "ordinal", "multiple")


class Parts:
    """Reads the parts of one parsed file; `instrument` puts them together."""

    def __init__(self, table: Mapping[str, Any], complaints: Complaints) -> None:
        self.top = Reader(table, "", complaints)
        self.complaints = complaints
        self.languages = _languages_of(table)
        self.complete = table.get("texts", "complete") != "withheld"
        self.places: dict[str, str] = {}
        self.scales: dict[str, ResponseScale] = {}
        self.scale_names: list[str] = []

    def instrument(self) -> Instrument | None:
        """The questionnaire; None, with problems noted, when it has no title or no dimension to speak of."""
        top = self.top
        id, version = top.id(), top.take("version", str, required=True, default="")
        title = top.text("title", self.languages, required=True)
        if not self.languages and isinstance(top.table.get("title"), dict):
            top.add("missing_wording", "'title' has no language", 'write title = { en = "…" }')
        sources = self._source()
        texts = top.choice("texts", ("complete", "withheld"), default="complete")
        self._response_scales()
        dimensions = [self._dimension(entry, at) for at, entry in enumerate(top.tables("dimension", required=True), 1)]
        if "dimension" in top.table and not dimensions:
            top.add("no_dimension", "there is no dimension", "add a [[dimension]] with its items")
        background = [self._background(entry, at) for at, entry in enumerate(top.tables("background"), 1)]
        composites = [self._composite(entry, at) for at, entry in enumerate(top.tables("composite"), 1)]
        forms = [self._form(entry, at) for at, entry in enumerate(top.tables("form"), 1)]
        checks = [self._check(entry, at) for at, entry in enumerate(top.tables("attention_check"), 1)]
        questions = [self._open_question(entry, at) for at, entry in enumerate(top.tables("open_question"), 1)]
        top.finish()
        check_relevance(background, self.complaints)
        check_attention(checks, dimensions, self.scales, self.complaints)
        check_composites(composites, dimensions, self.scales, self.complaints)
        if self.complaints.found:
            return None
        instrument = Instrument(
            id=id,
            version=version,
            title=title,
            source=next(iter(sources.values()), ""),
            source_in=sources if len(set(sources.values())) > 1 else {},
            texts="withheld" if texts == "withheld" else "complete",
            response_scales=self.scales,
            dimensions=tuple(dimensions),
            composites=tuple(composites),
            forms=tuple(forms),
            background=tuple(background),
            attention_checks=tuple(checks),
            open_questions=tuple(questions),
        )
        for column in instrument.form_scales:
            self._claim(column, "a column that a form adds")
        return None if self.complaints.found else instrument

    def _claim(self, id: str, place: str) -> None:
        """Note an id that another part of the questionnaire, or the program, already has."""
        if id in RESERVED_IDS:
            self.complaints.add("reserved_id", place, "the program itself uses this id", "choose another one", id)
        elif id and id in self.places:
            message = f"this id is also that of {self.places[id]}"
            self.complaints.add("equal_ids", place, message, "give one of them another id", id)
        self.places.setdefault(id, place)

    def _reader(self, entry: Mapping[str, Any], what: str, at: int) -> tuple[Reader, str]:
        name = entry.get("id")
        place = f"{what} {name!r}" if isinstance(name, str) and name else f"{what} no. {at}"
        reader = Reader(entry, place, self.complaints)
        id = reader.id()
        self._claim(id, place if place.endswith(f"no. {at}") else f"{place} (no. {at})")
        return reader, id

    def _source(self) -> dict[str, str]:
        """Where the questionnaire is from: one text, or one in each language."""
        if isinstance(self.top.table.get("source"), dict):
            return self.top.text("source", self.languages, required=False)
        return {"": self.top.take("source", str, default="")}

    def _response_scales(self) -> None:
        tables = self.top.take("response_scale", dict, required=True, default={})
        if "response_scale" in self.top.table and isinstance(tables, dict) and not tables:
            self.top.add("no_scale", "there is no response scale", "write [response_scale.agreement]")
        self.scale_names = list(tables)
        for name, table in tables.items():
            if not isinstance(table, dict):
                self.top.add("wrong_type", f"response_scale {name!r} must be a table", f"write [response_scale.{name}]")
                continue
            reader = Reader(table, f"response_scale {name!r}", self.complaints)
            values = reader.take("values", list, required=True, default=[])
            numbers = [value for value in values if is_number(value)]
            if len(numbers) < len(values):
                wrong = ", ".join(str(value) for value in values if not is_number(value))
                reader.add("wrong_type", "every one of 'values' must be a number", "write numbers", wrong)
            elif "values" in table and isinstance(table["values"], list) and len(values) < 2:
                reader.add("too_few_values", "a scale needs at least two values", "list all of them", values)
            elif any(low >= high for low, high in itertools.pairwise(values)):
                reader.add("values_not_rising", "'values' must rise from low to high", "put them in order", values)
            labels = self._scale_labels(reader, len(values))
            reader.finish()
            self.scales[name] = ResponseScale(id=name, values=tuple(numbers), labels=labels)

    def _scale_labels(self, reader: Reader, size: int) -> dict[str, tuple[str, ...]]:
        table = reader.take("labels", dict, required=self.complete)
        if table is None:
            return {}
        own = Reader(table, f"{reader.place}, labels", self.complaints)
        own.known += self.languages
        labels = {}
        for language in self.languages:
            if language not in table:
                own.add("missing_wording", f"the labels in {language!r} are missing", f"add {language} = [ … ]")
            elif (texts := own.strings(language)) is not None:
                if len(texts) != size:
                    message = f"there are {len(texts)} labels in {language!r} for {size} values"
                    own.add("wrong_number_of_labels", message, "give every value one label")
                if not all(text.strip() for text in texts):
                    own.add("missing_wording", f"a label in {language!r} is empty", "write it")
                elif equal := sorted({text for text in texts if texts.count(text) > 1}):
                    message = (
                        f"two values have the same label in {language!r}, so answers in words cannot be told apart"
                    )
                    own.add("equal_labels", message, "give each its own", equal[0])
                labels[language] = texts
        own.finish()
        return labels

    def _scale_name(self, reader: Reader, default: str) -> str:
        name: str = reader.take("response_scale", str, default=default)
        if name and name not in self.scale_names:
            known = ", ".join(self.scale_names) or "none"
            reader.add("unknown_scale", f"there is no response scale {name!r}", f"known are {known}", name)
        return name

    def _dimension(self, entry: Mapping[str, Any], at: int) -> Dimension:
        reader, id = self._reader(entry, "dimension", at)
        scale = self._scale_name(reader, self.scale_names[0] if self.scale_names else "")
        items = [self._item(table, id, scale, place) for place, table in enumerate(reader.tables("items"), 1)]
        if not items and isinstance(entry.get("items", []), list):
            reader.add("no_items", "the dimension has no items", "list them: items = [ { id = … } ]")
        label = reader.text("label", self.languages, required=self.complete)
        definition = reader.text("definition", self.languages, required=False)
        if "reverse_keyed" in entry:
            reader.known.append("reverse_keyed")
            named = entry["reverse_keyed"] if isinstance(entry["reverse_keyed"], list) else []
            lost = [str(name) for name in named if name not in [item.id for item in items]]
            told = f": {', '.join(lost)} {'is' if len(lost) == 1 else 'are'} not among its items" if lost else ""
            message = f"'reverse_keyed' belongs to an item, not to a dimension{told}"
            reader.add("wrong_place", message, "write reverse_keyed = true beside the item", entry["reverse_keyed"])
        reader.finish()
        return Dimension(id=id, items=tuple(items), response_scale=scale, label=label, definition=definition)

    def _item(self, entry: Mapping[str, Any], dimension: str, scale: str, at: int) -> Item:
        reader, id = self._reader(entry, f"dimension {dimension!r}, item", at)
        item = Item(
            id=id,
            dimension=dimension,
            response_scale=self._scale_name(reader, scale),
            reverse_keyed=reader.take("reverse_keyed", bool, default=False),
            text=reader.wording(self.languages, required=self.complete),
            self_text=reader.text("self", self.languages, required=False),
        )
        reader.finish()
        return item

    def _composite(self, entry: Mapping[str, Any], at: int) -> Composite:
        reader, id = self._reader(entry, "composite", at)
        of: tuple[str, ...] = ()
        if reader.take("of", list, required=True) is not None:
            of = reader.strings("of") or ()
            if entry["of"] == []:
                reader.add("no_dimension", "the composite has no dimensions", 'list them: of = ["…", "…"]')
        label = reader.text("label", self.languages, required=self.complete)
        reader.finish()
        return Composite(id=id, of=of, label=label)

    def _form(self, entry: Mapping[str, Any], at: int) -> Form:
        reader, id = self._reader(entry, "form", at)
        of = reader.choice("of", ("dimensions", "items"), default="dimensions")
        scale = self._scale_name(reader, self.scale_names[0] if self.scale_names else "")
        label = reader.text("label", self.languages, required=False)
        reader.finish()
        return Form(id=id, of="items" if of == "items" else "dimensions", response_scale=scale, label=label)

    def _background(self, entry: Mapping[str, Any], at: int) -> BackgroundQuestion:
        reader, id = self._reader(entry, "background", at)
        kinds: dict[str, BackgroundKind] = {kind: kind for kind in get_args(BackgroundKind)}
        kind = reader.choice("kind", kinds)
        label = reader.text("label", self.languages, required=self.complete)
        levels = [self._level(table, reader.place, place) for place, table in enumerate(reader.tables("levels"), 1)]
        known = entry.get("kind") == kind  # with an unknown kind, nobody can say whether there should be levels
        if known and kind in _WITH_LEVELS and not levels and isinstance(entry.get("levels", []), list):
            reader.add("no_levels", f"a question of kind {kind!r} needs its levels", 'add levels = [ { value = "…" } ]')
        if known and kind not in _WITH_LEVELS and levels:
            reader.add("unwanted_levels", f"a question of kind {kind!r} has no levels", "remove levels, or change kind")
        values = [level.value for level in levels]
        for value in sorted({value for value in values if value and values.count(value) > 1}):
            reader.add("equal_levels", f"two levels have the value {value!r}", "give each its own", value)
        for language in self.languages:
            texts = [level.text[language] for level in levels if language in level.text]
            if equal := sorted({text for text in texts if text and texts.count(text) > 1}):
                message = f"two levels have the same wording in {language!r}, so answers in words cannot be told apart"
                reader.add("equal_labels", message, "give each its own", equal[0])
        relevant = {}
        asked_when = reader.take("relevant", dict, default={})
        for question in asked_when:
            relevant[question] = reader.strings(question, table=asked_when) or ()
        reader.finish()
        return BackgroundQuestion(id=id, kind=kinds[kind], label=label, levels=tuple(levels), relevant=relevant)

    def _level(self, entry: Mapping[str, Any], place: str, at: int) -> Level:
        reader = Reader(entry, f"{place}, level no. {at}", self.complaints)
        value = reader.take("value", str, required=True, default="")
        text = reader.wording(self.languages, required=self.complete)
        reader.finish()
        return Level(value=value, text=text)

    def _check(self, entry: Mapping[str, Any], at: int) -> AttentionCheck:
        reader, id = self._reader(entry, "attention_check", at)
        reader.known.append("expected")
        expected: Any = entry.get("expected")
        if not (isinstance(expected, str) or is_number(expected)):
            reader.add(
                "wrong_type", "'expected' must be the right answer, a number or text", "add expected = …", expected
            )
            expected = ""
        after = reader.take("after", str)
        text = reader.wording(self.languages, required=self.complete)
        reader.finish()
        return AttentionCheck(id=id, expected=expected, after=after, text=text)

    def _open_question(self, entry: Mapping[str, Any], at: int) -> OpenQuestion:
        reader, id = self._reader(entry, "open_question", at)
        text = reader.wording(self.languages, required=self.complete)
        reader.finish()
        return OpenQuestion(id=id, text=text)
