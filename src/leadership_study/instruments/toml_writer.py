"""An `Instrument` as a questionnaire file (TOML); reading it back gives an equal one."""

import json
import re
from collections.abc import Iterator, Mapping

from leadership_study.instruments.model import Dimension, Instrument, Item, Text

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(instrument: Instrument, *, comments: tuple[str, ...] = ()) -> str:
    """Return the questionnaire as the text of a questionnaire file.

    Parameters
    ----------
    instrument
        The questionnaire.
    comments
        Lines to stand at the top, such as where the form was from.

    Notes
    -----
    Whatever `leadership_study.instruments.load_instrument` accepts is read back equal. A questionnaire made by hand or
    imported may have gaps (no dimension, missing translations); these are written as they are, and reading the file
    says what is missing.
    """
    return "\n".join([*(f"# {line}" for line in comments), *_lines(instrument)]) + "\n"


def _lines(instrument: Instrument) -> Iterator[str]:
    yield f"id = {_text(instrument.id)}"
    yield f"version = {_text(instrument.version)}"
    yield f"title = {_table(instrument.title)}"
    if instrument.source_in:
        yield f"source = {_table(instrument.source_in)}"
    elif instrument.source:
        yield f"source = {_text(instrument.source)}"
    yield f"texts = {_text(instrument.texts)}"
    for scale in instrument.response_scales.values():
        yield from (
            "",
            f"[response_scale.{_key(scale.id)}]",
            f"values = [{', '.join(_number(value) for value in scale.values)}]",
        )
        for language, labels in scale.labels.items():
            yield f"labels.{_key(language)} = {_list(labels)}"
    default = next(iter(instrument.response_scales), "")
    for dimension in instrument.dimensions:
        yield from _dimension(dimension, default)
    for composite in instrument.composites:
        yield from ("", "[[composite]]", f"id = {_text(composite.id)}", f"of = {_list(composite.of)}")
        yield from _wording("label", composite.label)
    for form in instrument.forms:
        yield from ("", "[[form]]", f"id = {_text(form.id)}", f"of = {_text(form.of)}")
        yield f"response_scale = {_text(form.response_scale)}"
        yield from _wording("label", form.label)
    for question in instrument.background:
        yield from ("", "[[background]]", f"id = {_text(question.id)}", f"kind = {_text(question.kind)}")
        yield from _wording("label", question.label)
        if question.levels:
            yield "levels = ["
            for level in question.levels:
                yield f"  {{ {', '.join([f'value = {_text(level.value)}', *_beside(level.text)])} }},"
            yield "]"
        if question.relevant:
            rules = ", ".join(f"{_key(name)} = {_list(values)}" for name, values in question.relevant.items())
            yield f"relevant = {{ {rules} }}"
    for check in instrument.attention_checks:
        expected = _text(check.expected) if isinstance(check.expected, str) else _number(check.expected)
        yield from ("", "[[attention_check]]", f"id = {_text(check.id)}")
        if check.after is not None:
            yield f"after = {_text(check.after)}"
        yield f"expected = {expected}"
        yield from _beside(check.text)
    for asked in instrument.open_questions:
        yield from ("", "[[open_question]]", f"id = {_text(asked.id)}", *_beside(asked.text))


def _dimension(dimension: Dimension, default: str) -> Iterator[str]:
    yield from ("", "[[dimension]]", f"id = {_text(dimension.id)}")
    yield from _wording("label", dimension.label)
    yield from _wording("definition", dimension.definition)
    if dimension.response_scale != default:
        yield f"response_scale = {_text(dimension.response_scale)}"
    yield "items = ["
    for item in dimension.items:
        yield f"  {{ {', '.join(_item(item, dimension))} }},"
    yield "]"


def _item(item: Item, dimension: Dimension) -> Iterator[str]:
    yield f"id = {_text(item.id)}"
    yield from _beside(item.text)
    if item.reverse_keyed:
        yield "reverse_keyed = true"
    if item.response_scale != dimension.response_scale:
        yield f"response_scale = {_text(item.response_scale)}"
    if item.self_text:
        yield f"self = {_table(item.self_text)}"


def _wording(key: str, text: Text) -> Iterator[str]:
    if text:
        yield f"{key} = {_table(text)}"


def _beside(text: Text) -> list[str]:
    return [f"{_key(language)} = {_text(words)}" for language, words in text.items()]


def _table(text: Mapping[str, str]) -> str:
    return f"{{ {', '.join(_beside(text))} }}"


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(_text(text) for text in texts)}]"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007F")


def _number(value: int | float) -> str:
    return repr(value)
