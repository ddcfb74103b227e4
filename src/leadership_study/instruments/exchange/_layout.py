"""A questionnaire laid out as a form: background, dimensions, importance and the like, open questions."""

import json
from collections.abc import Iterable, Mapping

from leadership_study.instruments.exchange._form import (
    Choice,
    Choices,
    Form,
    Group,
    Kind,
    Question,
    number_text,
    put_wording,
)
from leadership_study.instruments.model import (
    AttentionCheck,
    BackgroundQuestion,
    Dimension,
    Instrument,
    Item,
    ResponseScale,
    Text,
)

BACKGROUND_KINDS: Mapping[str, Kind] = {
    "nominal": "one", "ordinal": "one", "multiple": "many",
    "number": "number", "text": "text", "group": "text", "date": "date",
}  # fmt: skip


def lay_out(instrument: Instrument) -> Form:
    """Return the questionnaire as a form.

    Groups, in order: the background questions, one group a dimension with its items and the attention checks that
    follow them, one group a form (importance of the dimensions, …); open questions stand at the end without a group.
    Where wording is withheld, ids and values stand in for it.
    """
    return _Layout(instrument).form()


class _Layout:
    def __init__(self, instrument: Instrument) -> None:
        self.of = instrument
        self.taken = {*instrument.dimension_ids, *instrument.column_ids}
        self.groups: list[Group] = []
        self.questions: list[Question] = []
        self.lists: dict[str, Choices] = {}
        self.unworded: list[str] = []

    def form(self) -> Form:
        of = self.of
        for scale in of.response_scales.values():
            self.lists[_scale_list(scale.id)] = self._scale(scale)
        if of.background:
            name = self._group("background_questions", {}, {"part": "background"})
            for question in of.background:
                self._background(question, name)
        for dimension in of.dimensions:
            self._dimension(dimension)
        for form in of.forms:
            aside = {"part": "form", "id": form.id, "of": form.of, "scale": form.response_scale}
            name = self._group(form.id, form.label, aside)
            for column in (
                f"{form.id}_{id}" for id in (of.dimension_ids if form.of == "dimensions" else of.item_ids())
            ):
                text = {language: of.label(column, language) for language in of.languages}
                self._rated(column, text, form.response_scale, name, {"part": "form"})
        for asked in of.open_questions:
            shown = self._shown(asked.text, asked.id, asked.id)
            self.questions.append(Question(name=asked.id, kind="long_text", text=shown, aside={"part": "open"}))
        aside = {"id": of.id, "source": of.source, "texts": of.texts, "unworded": " ".join(self.unworded)}
        aside |= put_wording("source_in", of.source_in)
        if of.composites:
            told = [{"id": entry.id, "of": entry.of, "label": dict(entry.label)} for entry in of.composites]
            aside["composites"] = json.dumps(told, ensure_ascii=False)
        return Form(
            id=of.id,
            version=of.version,
            title=of.title,
            languages=of.languages,
            groups=tuple(self.groups),
            questions=tuple(self.questions),
            lists=self.lists,
            aside={key: text for key, text in aside.items() if text},
        )

    def _group(self, name: str, text: Text, aside: Mapping[str, str]) -> str:
        if aside["part"] != "dimension":
            while name in self.taken:
                name += "_"
            self.taken.add(name)
        self.groups.append(Group(name=name, text=text, aside=aside))
        return name

    def _dimension(self, dimension: Dimension) -> None:
        aside = {
            "part": "dimension",
            "scale": dimension.response_scale,
            **put_wording("definition", dimension.definition),
        }
        self._group(dimension.id, dimension.label, aside)
        checks = list(enumerate(self.of.attention_checks))
        for item in dimension.items:
            self._item(item)
            for at, check in checks:
                if check.after == item.id:
                    self._check(check, at, dimension.id)
        if dimension is self.of.dimensions[-1]:
            for at, check in checks:
                if check.after is None:
                    self._check(check, at, dimension.id)

    def _item(self, item: Item) -> None:
        aside = {"part": "item", **put_wording("self", item.self_text)}
        if item.reverse_keyed:
            aside["reverse_keyed"] = "yes"
        self._rated(item.id, self._shown(item.text, item.id, item.id), item.response_scale, item.dimension, aside)

    def _check(self, check: AttentionCheck, at: int, group: str) -> None:
        scale = self.of.scale_of_check(check)
        aside = {"part": "check", "expected": json.dumps(check.expected, ensure_ascii=False), "order": str(at)}
        if check.after is not None:
            aside["after"] = check.after
        text = self._shown(check.text, check.id, check.id)
        if check.expected in scale.values:
            self._rated(check.id, text, scale.id, group, aside)
        else:
            self.questions.append(Question(name=check.id, kind="text", text=text, group=group, aside=aside))

    def _rated(self, name: str, text: Text, scale: str, group: str, aside: Mapping[str, str]) -> None:
        question = Question(
            name=name, kind="one", text=text, choices=_scale_list(scale), group=group, matrix=True, aside=aside
        )
        self.questions.append(question)

    def _background(self, question: BackgroundQuestion, group: str) -> None:
        kind = BACKGROUND_KINDS[question.kind]
        choices = ""
        if question.levels:
            choices = f"levels_{question.id}"
            codes = _codes([level.value for level in question.levels], many=kind == "many")
            found = []
            for at, (code, level) in enumerate(zip(codes, question.levels, strict=True)):
                value = None if code == level.value else level.value
                found.append(
                    Choice(code=code, text=self._shown(level.text, level.value, f"{choices}/{at}"), value=value)
                )
            self.lists[choices] = Choices(name=choices, choices=tuple(found))
        condition = {}
        for name, values in question.relevant.items():
            known = self._known_codes(name)
            condition[name] = tuple(known.get(value, value) for value in values)
        self.questions.append(
            Question(
                name=question.id,
                kind=kind,
                text=self._shown(question.label, question.id, question.id),
                choices=choices,
                group=group,
                condition=condition,
                refers=frozenset(condition),
                aside={"part": "background", "kind": question.kind},
            )
        )

    def _known_codes(self, name: str) -> dict[str, str]:
        question = self.of.background_question(name)
        values = [level.value for level in question.levels]
        return dict(zip(values, _codes(values, many=question.kind == "multiple"), strict=True))

    def _scale(self, scale: ResponseScale) -> Choices:
        choices, name = [], _scale_list(scale.id)
        for at, value in enumerate(scale.values):
            labels = {language: texts[at] for language, texts in scale.labels.items()}
            code = number_text(value)
            choices.append(Choice(code=code, text=self._shown(labels, code, f"{name}/{at}")))
        return Choices(name=name, choices=tuple(choices), aside={"scale": scale.id})

    def _shown(self, text: Text, otherwise: str, key: str) -> Text:
        """Return the wording, or what stands in for it; ``key`` remembers that there was none."""
        if text:
            return text
        self.unworded.append(key)
        return dict.fromkeys(self.of.languages, otherwise)


def _scale_list(scale: str) -> str:
    return f"scale_{scale}"


def _codes(values: Iterable[str], *, many: bool) -> list[str]:
    """Return the values as codes: no blanks where several are chosen at once, none that a cell or rule would change."""
    codes: list[str] = []
    for value in values:
        code = value
        unsafe = (
            value != " ".join(value.split())
            or not value.isprintable()
            or "'" in value
            or '"' in value
            or "=" in value[:1]
        )
        if unsafe or (many and " " in value):
            code = "_".join("".join(sign if sign.isalnum() else " " for sign in value).split()) or "choice"
            while code in codes:
                code += "_"
        codes.append(code)
    return codes
