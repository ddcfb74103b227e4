"""What one part of a questionnaire file says about another: everything named must be there, and make sense there."""

from collections.abc import Iterable, Mapping, Sequence

from leadership_study.instruments._circles import circles
from leadership_study.instruments._reader import Complaints
from leadership_study.instruments.model import (
    AttentionCheck,
    BackgroundQuestion,
    Composite,
    Dimension,
    ResponseScale,
)


def check_relevance(background: Sequence[BackgroundQuestion], complaints: Complaints) -> None:
    """Note rules for asking that name what is not there, name no answer, or go in a circle."""
    questions = {question.id: question for question in background}
    for question in background:
        place = f"background {question.id!r}, relevant"
        for name, values in question.relevant.items():
            if name not in questions:
                message = f"there is no other background question {name!r}"
                complaints.add("unknown_question", place, message, f"known are {_listed(questions)}", name)
            elif not questions[name].levels:
                message = f"{name!r} has no levels to choose from"
                complaints.add("unknown_level", place, message, "name a question with levels", name)
            else:
                _check_levels(questions[name], values, place, complaints)
    rules = {question.id: frozenset(question.relevant) for question in background}
    for circle in circles(rules):
        message = f"the rules for asking go in a circle: {' → '.join((*circle, circle[0]))}"
        place = f"background {circle[0]!r}, relevant"
        complaints.add("cyclic_relevance", place, message, "ask one of them without a rule", circle[0])


def _check_levels(asked: BackgroundQuestion, values: Sequence[str], place: str, complaints: Complaints) -> None:
    levels = [level.value for level in asked.levels]
    if not values:
        message = f"no answer to {asked.id!r} is named, so the question would never be asked"
        complaints.add("unknown_level", place, message, f"name some of {_listed(levels)}", asked.id)
    for value in values:
        if value not in levels:
            message = f"{asked.id!r} has no level {value!r}"
            complaints.add("unknown_level", place, message, f"known are {_listed(levels)}", value)


def check_attention(
    checks: Iterable[AttentionCheck],
    dimensions: Iterable[Dimension],
    scales: Mapping[str, ResponseScale],
    complaints: Complaints,
) -> None:
    """Note checks that follow no item, or expect a number that nobody can choose."""
    items = {item.id: item for dimension in dimensions for item in dimension.items}
    for check in checks:
        place = f"attention_check {check.id!r}"
        if check.after is not None and check.after not in items:
            message, remedy = f"there is no item {check.after!r} to come after", "name an item"
            complaints.add("unknown_item", place, message, remedy, check.after)
            continue
        name = next(iter(scales), "") if check.after is None else items[check.after].response_scale
        if name in scales and not isinstance(check.expected, str) and check.expected not in scales[name].values:
            message = f"'expected' is not on the response scale {name!r}, on which it is answered"
            known = ", ".join(str(value) for value in scales[name].values)
            complaints.add("value_off_scale", place, message, f"its values are {known}", check.expected)


def check_composites(
    composites: Iterable[Composite],
    dimensions: Sequence[Dimension],
    scales: Mapping[str, ResponseScale],
    complaints: Complaints,
) -> None:
    """Note composites of unknown dimensions, of one dimension twice, or of items on scales with different values."""
    known = {dimension.id: dimension for dimension in dimensions}
    for composite in composites:
        place = f"composite {composite.id!r}"
        for name in dict.fromkeys(composite.of):
            if name not in known:
                message = f"there is no dimension {name!r}"
                complaints.add("unknown_dimension", place, message, f"known are {_listed(known)}", name)
            elif composite.of.count(name) > 1:
                message = f"the dimension {name!r} is listed twice"
                complaints.add("equal_ids", place, message, "list each once", name)
        items = [item for name in composite.of if name in known for item in known[name].items]
        used = {scales[item.response_scale].values for item in items if item.response_scale in scales}
        if len(used) > 1:
            message = "its items are answered on scales with different values"
            complaints.add("different_scales", place, message, "join only dimensions answered alike", composite.id)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
