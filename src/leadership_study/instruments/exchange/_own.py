"""A form that this package wrote, as the questionnaire it was."""

import json
from collections.abc import Mapping

from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange._form import Choices, Condition, Form, Question, as_number, wording
from leadership_study.instruments.model import (
    AttentionCheck,
    BackgroundQuestion,
    Composite,
    Dimension,
    Instrument,
    Item,
    Level,
    OpenQuestion,
    ResponseScale,
    Text,
)
from leadership_study.instruments.model import Form as Asked


def take_back(form: Form) -> Instrument:
    """Return the questionnaire that `lay_out` made into ``form``, with whatever was changed in the form since."""
    return _TakenBack(form).instrument()


def check_own(form: Form, complaints: Complaints) -> None:
    """Note what was changed in the form so that the questionnaire no longer holds together."""
    dimensions = {group.name for group in form.groups if group.aside.get("part") == "dimension"}
    scales = {name for name, entry in form.lists.items() if "scale" in entry.aside}
    for question in form.questions:
        if question.aside.get("part") != "item":
            continue
        if question.group not in dimensions:
            message = f"the item {question.name!r} stands in no dimension"
            complaints.add(
                "item_without_dimension", question.place, message, "put it back into its group", question.group
            )
        if question.choices not in scales:
            message = f"the item {question.name!r} is answered on no response scale"
            complaints.add("unknown_scale", question.place, message, f"known are {', '.join(scales)}", question.choices)
    for name in scales:
        for choice in form.lists[name].choices:
            if as_number(choice.meant) is None:
                message = f"the choice {choice.code!r} of a response scale is no number"
                complaints.add("wrong_type", f"list of choices {name!r}", message, "use a number", choice.code)
    named = {form.lists[name].aside["scale"] for name in scales}
    for group in form.groups:
        if group.aside.get("part") in ("dimension", "form") and group.aside.get("scale") not in named:
            message = f"the response scale of the group {group.name!r} is gone"
            complaints.add(
                "unknown_scale", f"group {group.name!r}", message, "put its list back", group.aside.get("scale")
            )


class _TakenBack:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.unworded = frozenset(form.aside.get("unworded", "").split())

    def instrument(self) -> Instrument:
        form = self.form
        scales = [self._scale(list) for list in form.lists.values() if "scale" in list.aside]
        dimensions = tuple(
            Dimension(
                id=group.name,
                label=group.text,
                definition=wording(group.aside, "definition"),
                response_scale=group.aside["scale"],
                items=tuple(self._item(question) for question in self._of("item") if question.group == group.name),
            )
            for group in form.groups
            if group.aside.get("part") == "dimension"
        )
        asked = tuple(
            Asked(
                id=group.aside["id"],
                label=group.text,
                of="items" if group.aside.get("of") == "items" else "dimensions",
                response_scale=group.aside["scale"],
            )
            for group in form.groups
            if group.aside.get("part") == "form"
        )
        checks = sorted(self._of("check"), key=lambda question: int(question.aside.get("order", "0")))
        return Instrument(
            id=form.aside.get("id", form.id),
            version=form.version,
            title=form.title,
            source=form.aside.get("source", ""),
            source_in=wording(form.aside, "source_in"),
            texts="withheld" if form.aside.get("texts") == "withheld" else "complete",
            response_scales={scale.id: scale for scale in scales},
            dimensions=dimensions,
            composites=tuple(
                Composite(id=entry["id"], of=tuple(entry["of"]), label=entry["label"])
                for entry in json.loads(form.aside.get("composites", "[]"))
            ),
            forms=asked,
            background=tuple(self._background(question) for question in self._of("background")),
            attention_checks=tuple(
                AttentionCheck(
                    id=check.name,
                    expected=json.loads(check.aside["expected"]),
                    after=check.aside.get("after"),
                    text=self._text(check),
                )
                for check in checks
            ),
            open_questions=tuple(OpenQuestion(id=entry.name, text=self._text(entry)) for entry in self._of("open")),
        )

    def _of(self, part: str) -> list[Question]:
        """Questions of a part; what was added to the form by hand is a background or an open question."""
        return [question for question in self.form.questions if question.aside.get("part", _added(question)) == part]

    def _text(self, question: Question) -> Text:
        return {} if question.name in self.unworded else question.text

    def _scale(self, list: Choices) -> ResponseScale:
        values = tuple(number for choice in list.choices if (number := as_number(choice.meant)) is not None)
        worded = f"{list.name}/0" not in self.unworded
        languages = [
            language for language in self.form.languages if all(language in choice.text for choice in list.choices)
        ]
        labels = {language: tuple(choice.text[language] for choice in list.choices) for language in languages}
        return ResponseScale(id=list.aside["scale"], values=values, labels=labels if worded else {})

    def _item(self, question: Question) -> Item:
        return Item(
            id=question.name,
            dimension=question.group,
            response_scale=self.form.lists[question.choices].aside["scale"],
            reverse_keyed=question.aside.get("reverse_keyed") == "yes",
            text=self._text(question),
            self_text=wording(question.aside, "self"),
        )

    def _background(self, question: Question) -> BackgroundQuestion:
        found = self.form.lists.get(question.choices)
        levels = tuple(
            Level(value=choice.meant, text={} if f"{question.choices}/{at}" in self.unworded else choice.text)
            for at, choice in enumerate(found.choices if found else ())
        )
        kind = question.aside.get("kind", {"one": "nominal", "many": "multiple"}.get(question.kind, question.kind))
        return BackgroundQuestion(
            id=question.name,
            kind=next(
                known
                for known in ("nominal", "ordinal", "number", "multiple", "text", "date", "group")
                if known == kind
            ),
            label=self._text(question),
            levels=levels,
            relevant=self._meant(question.condition or {}),
        )

    def _meant(self, condition: Condition) -> Mapping[str, tuple[str, ...]]:
        lists = {question.name: question.choices for question in self.form.questions}
        meant = {}
        for name, codes in condition.items():
            found = self.form.lists.get(lists.get(name, ""))
            values = {choice.code: choice.meant for choice in found.choices} if found else {}
            meant[name] = tuple(values.get(code, code) for code in codes)
        return meant


def _added(question: Question) -> str:
    return "open" if question.kind == "long_text" else "background"
