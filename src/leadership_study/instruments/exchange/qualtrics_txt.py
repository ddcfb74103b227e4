"""Qualtrics' text format for importing a survey ("Advanced Format"): written only, in one language.

Translations are entered in Qualtrics itself; ``write(instrument, language="zh")`` gives the file in another language.
"""

from collections.abc import Iterator

from leadership_study.errors import InstrumentError
from leadership_study.instruments.exchange._finish import withheld
from leadership_study.instruments.exchange._form import Form, Question
from leadership_study.instruments.exchange._layout import lay_out
from leadership_study.instruments.exchange.limesurvey_tsv import runs
from leadership_study.instruments.model import Instrument
from leadership_study.results import Note

SUFFIX = ".txt"
_CHOOSE = {"en": "Please choose one answer in every row.", "zh": "请在每一行选择一个答案。"}
_ENTRY = {"number": "TE:SingleLine", "text": "TE:SingleLine", "date": "TE:SingleLine", "long_text": "TE:Essay"}


def write(instrument: Instrument, *, language: str | None = None) -> tuple[bytes, tuple[Note, ...]]:
    """Return the questionnaire as Qualtrics' text format, and notes on what it cannot hold.

    Parameters
    ----------
    instrument
        The questionnaire.
    language
        Language of the wording; by default the questionnaire's first.

    Raises
    ------
    InstrumentError
        When the questionnaire is not in that language.
    """
    language = language or instrument.languages[0]
    if language not in instrument.languages:
        known = ", ".join(instrument.languages)
        raise InstrumentError(f"The questionnaire {instrument.id} has no wording in {language!r}; it has {known}")
    form = lay_out(instrument)
    lines = ["[[AdvancedFormat]]", "", *_blocks(form, language)]
    return ("\n".join(lines).rstrip("\n") + "\n").encode(), (
        *_losses(instrument, form, language),
        *withheld(instrument),
    )


def _blocks(form: Form, language: str) -> Iterator[str]:
    group: str | None = None
    count: dict[str, int] = {}
    for run in runs(form.questions):
        question = run[0]
        if question.group != group:
            group = question.group
            yield from (f"[[Block:{_line(form.group(group).text.get(language) or group or 'open_questions')}]]", "")
        if question.matrix:
            count[group] = count.get(group, 0) + 1
            name = group if count[group] == 1 else f"{group}_{count[group]}"
            yield from ("[[Question:Matrix]]", f"[[ID:{name}]]", _CHOOSE.get(language, _CHOOSE["en"]), "[[Choices]]")
            yield from (_line(entry.text.get(language, entry.name)) for entry in run)
            yield "[[AdvancedAnswers]]"
            for choice in form.lists[question.choices].choices:
                yield from (f"[[Answer:{choice.meant}]]", _line(choice.text.get(language, choice.meant)))
            yield ""
            continue
        yield from _single(question, form, language)


def _single(question: Question, form: Form, language: str) -> Iterator[str]:
    kind = {"one": "MC:SingleAnswer", "many": "MC:MultipleAnswer"}.get(question.kind) or _ENTRY[question.kind]
    yield from (f"[[Question:{kind}]]", f"[[ID:{question.name}]]", _line(question.text.get(language, question.name)))
    if question.choices:
        yield "[[Choices]]"
        choices = form.lists[question.choices].choices
        yield from (_line(choice.text.get(language, choice.meant)) for choice in choices)
    yield ""


def _line(text: str) -> str:
    return " ".join(text.split()).replace("[[", "[ [")


def _losses(instrument: Instrument, form: Form, language: str) -> tuple[Note, ...]:
    what = [f"the wording in {other}" for other in instrument.languages if other != language]
    what.append("the names of the rows and the values of the choices, which Qualtrics numbers itself")
    if any(item.reverse_keyed for item in instrument.items):
        what.append("the reverse keys")
    if any(item.self_text for item in instrument.items):
        what.append("the wording about oneself")
    if any(dimension.definition for dimension in instrument.dimensions):
        what.append("the definitions of the dimensions")
    if instrument.attention_checks:
        what.append("the right answers of the attention checks")
    if any(question.condition for question in form.questions):
        what.append("the rules for asking")
    text = "Qualtrics' text format cannot hold {what}."
    return (Note("not_in_qualtrics_text", text, {"what": ", ".join(what)}),)
