"""The last step of every format: what could not be written, and from a form read to a questionnaire."""

from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange import _check, _foreign, _own
from leadership_study.instruments.exchange._form import Form
from leadership_study.instruments.model import Instrument
from leadership_study.results import Note


def finish(form: Form, default: str, complaints: Complaints) -> tuple[Instrument, tuple[Note, ...]]:
    """Check a form that was read and make the questionnaire of it; ``default`` is the form's own language.

    Raises
    ------
    InstrumentError
        With everything that was noted before or is found now.
    """
    _check.check(form, complaints, default=default)
    if form.is_own:
        _own.check_own(form, complaints)
    if complaints.found:
        raise _check.refused(complaints)
    missing = _check.missing_translations(form)
    told: tuple[Note, ...] = ()
    if missing:
        text = "Translations missing in the form ({n}): {where}."
        told = (Note("translations_missing", text, {"n": len(missing), "where": ", ".join(missing)}),)
    if form.is_own:
        return _own.take_back(form), (*form.notes, *told, *_rules_left_out(form))
    instrument, notes = _foreign.make_of(form)
    return instrument, (*notes, *told)


def _rules_left_out(form: Form) -> tuple[Note, ...]:
    """Name the questions of our own form whose rule for asking was changed into one that no questionnaire holds."""
    found = [
        question.name
        for question in form.questions
        if question.condition is None
        or (question.condition and question.aside.get("part", "background") != "background")
    ]
    return (_foreign.rules_left_out(found),) if found else ()


def losses(instrument: Instrument, format: str, where: str) -> tuple[Note, ...]:
    """Say what a survey platform cannot hold and where the file keeps it (``where``) for the way back."""
    what = ["the kinds of the questions"]
    if any(item.reverse_keyed for item in instrument.items):
        what.append("the reverse keys")
    if any(item.self_text for item in instrument.items):
        what.append("the wording about oneself")
    if any(dimension.definition for dimension in instrument.dimensions):
        what.append("the definitions of the dimensions")
    if instrument.attention_checks:
        what.append("the right answers of the attention checks")
    if instrument.composites:
        what.append("the composites")
    if instrument.source:
        what.append("the source")
    text = (
        "What has no place of its own in {format} stands in {where}, which the platform ignores; keep it for the way "
        "back: {what}."
    )
    notes = [Note("carried_aside", text, {"what": ", ".join(what), "format": format, "where": where})]
    return (*notes, *withheld(instrument))


def withheld(instrument: Instrument) -> tuple[Note, ...]:
    """Return a note where ids stand in for wording that the questionnaire does not have."""
    if instrument.texts == "complete":
        return ()
    text = "The wording is withheld: ids and values stand in for it, to be replaced by the owner of the licence."
    return (Note("ids_stand_for_wording", text),)
