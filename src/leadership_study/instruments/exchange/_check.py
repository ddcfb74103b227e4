"""What is wrong with a form, all of it at once."""

from collections import Counter

from leadership_study.errors import InstrumentError
from leadership_study.instruments._circles import circles
from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.exchange._form import Form
from leadership_study.instruments.exchange._languages import UNNAMED


def check(form: Form, complaints: Complaints, *, default: str) -> None:
    """Note what no questionnaire can be made of.

    Equal names; questions without their list of choices; lists with equal, missing or too few codes; wording that is
    missing in the form's ``default`` language; rules for asking that go in a circle or name a question that is not
    there.
    """
    if not form.questions and not form.left_out and not complaints.found:
        complaints.add("nothing_asked", "", "the form asks nothing", "give it questions with a type and a name")
    _names(form, complaints)
    _lists(form, complaints)
    _wording(form, complaints, default)
    _relevance(form, complaints)


def refused(complaints: Complaints) -> InstrumentError:
    """Return all that was noted as one error."""
    count = len(complaints.found)
    return InstrumentError(
        f"The form {complaints.file} has {count} problem{'' if count == 1 else 's'}:", complaints.found
    )


def _names(form: Form, complaints: Complaints) -> None:
    places: dict[str, list[str]] = {}
    for question in form.questions:
        places.setdefault(question.name, []).append(question.place)
    for name, found in places.items():
        if len(found) > 1:
            places_told = ", ".join(place for place in found if place)
            message = f"{len(found)} questions have the same name"
            complaints.add("equal_names", places_told, message, "give each a name of its own", name)


def _lists(form: Form, complaints: Complaints) -> None:
    used: dict[str, str] = {}
    for question in form.questions:
        if question.kind not in ("one", "many"):
            continue
        used.setdefault(question.choices, question.place)
        if question.choices not in form.lists:
            known = ", ".join(form.lists) or "none"
            message = f"there is no list of choices {question.choices!r}"
            complaints.add("unknown_list", question.place, message, f"known are {known}", question.choices)
    for name, place in used.items():
        if name not in form.lists:
            continue
        codes = form.lists[name].codes
        where = f"list of choices {name!r}"
        if not codes:
            complaints.add("empty_list", place, f"the {where} is empty", "add its choices")
        for code, count in Counter(codes).items():
            if not code:
                complaints.add("no_code", where, "a choice has no name", "give each choice a name")
            elif count > 1:
                complaints.add("equal_codes", where, f"{count} choices have the same name", "give each its own", code)


def _wording(form: Form, complaints: Complaints, default: str) -> None:
    own = "" if default.startswith(UNNAMED) else f" in the form's own language {default!r}"
    for question in form.questions:
        if default not in question.text:
            have = f" (there is {', '.join(question.text)})" if question.text else ""
            message = f"the wording of {question.name!r}{own} is missing{have}"
            complaints.add("missing_wording", question.place, message, "write it")
    used = {question.choices for question in form.questions}
    for name, choices in form.lists.items():
        for choice in choices.choices:
            if name in used and default not in choice.text:
                message = f"the label of choice {choice.code!r}{own} is missing"
                complaints.add("missing_wording", f"list of choices {name!r}", message, "write it")


def _relevance(form: Form, complaints: Complaints) -> None:
    questions = {question.name: question for question in form.questions}
    known = {*questions, *(name for name, _ in form.left_out), *(group.name for group in form.groups), *form.others}
    for question in form.questions:
        for name in sorted(question.refers - known):
            message = f"the rule for asking {question.name!r} names {name!r}, which is not in the form"
            complaints.add("unknown_question", question.place, message, "correct the rule", question.relevance)
    rules = {**form.computed, **{name: question.refers for name, question in questions.items()}}
    for circle in circles(rules):
        message = f"the rules for asking go in a circle: {' → '.join((*circle, circle[0]))}"
        place = next((questions[name].place for name in circle if name in questions), "")
        complaints.add("cyclic_relevance", place, message, "ask one of them without a rule")


def missing_translations(form: Form) -> tuple[str, ...]:
    """Name the questions and choices whose wording is missing in a language of the form, as ``name (language)``."""
    found = []
    for group in form.groups:
        found += [
            f"{group.name} ({language})" for language in form.languages if group.text and language not in group.text
        ]
    used = dict.fromkeys(question.choices for question in form.questions if question.choices)
    for question in form.questions:
        found += [f"{question.name} ({language})" for language in form.languages if language not in question.text]
    for name in used:
        for choice in form.lists[name].choices if name in form.lists else ():
            found += [
                f"{name}/{choice.code} ({language})" for language in form.languages if language not in choice.text
            ]
    return tuple(found)
