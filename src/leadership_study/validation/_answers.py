"""How the cells of one file are understood: as values of the questionnaire, as labels, or as numbers of options."""

from collections.abc import Collection, Mapping, Sequence

from leadership_study.importing import Source
from leadership_study.importing._wording import check_scale, normal
from leadership_study.instruments import AttentionCheck, BackgroundQuestion, Instrument, ResponseScale
from leadership_study.validation import _cells as cells


def of_scale(source: Source, scale: ResponseScale) -> cells.Judge:
    """Answers on a response scale."""
    if source.values == "codes":
        return cells.on_scale(scale.values)
    if source.values == "number":
        return _numbered(_in_order(source, scale))
    if not scale.labels:  # nothing but numbers can be answers
        return cells.on_scale(scale.values)
    return _labelled({label: float(scale.values[at]) for at, label in _listed(scale)})


def of_question(source: Source, question: BackgroundQuestion) -> cells.Judge:
    """Answers to a background question other than a number."""
    if question.kind in ("group", "text"):
        return cells.any_text
    if question.kind == "date":
        return cells.iso_date
    levels = [level.value for level in question.levels]
    if source.values == "codes":
        return cells.several_of(levels) if question.kind == "multiple" else cells.one_of(levels)
    one = _labelled({text: level.value for level in question.levels for text in level.text.values()})
    if source.values == "number":
        one = _numbered(levels)
    return _several(one, levels) if question.kind == "multiple" else one


def of_check(source: Source, instrument: Instrument, check: AttentionCheck) -> cells.Judge:
    """Answers to an attention check: any number when the right answer is one, else any text."""
    if isinstance(check.expected, str):
        return cells.any_text
    if source.values == "codes":
        return cells.expected_answer(check.expected)
    return of_scale(source, check_scale(instrument, check))


def possible(source: Source, instrument: Instrument) -> Mapping[str, Collection[float | str]]:
    """What may stand in the cells of each column that has a fixed set of answers."""
    found: dict[str, Collection[float | str]] = {}
    for id in (*instrument.item_ids(), *instrument.form_scales):
        scale = instrument.scale_of(id)
        if source.values == "text" and scale.labels:
            found[id] = {label for _, label in _listed(scale)}
        else:
            numbers = range(1, len(scale.values) + 1) if source.values == "number" else scale.values
            found[id] = {float(value) for value in numbers}
    for question in instrument.background:
        if source.values == "text":
            found[question.id] = {text for level in question.levels for text in level.text.values()}
        elif source.values == "number":
            found[question.id] = {float(at) for at in range(1, len(question.levels) + 1)}
        else:
            found[question.id] = {level.value for level in question.levels}
    return found


def _listed(scale: ResponseScale) -> list[tuple[int, str]]:
    return [(at, label) for labels in scale.labels.values() for at, label in enumerate(labels)]


def _in_order(source: Source, scale: ResponseScale) -> Sequence[float]:
    values = [float(value) for value in scale.values]
    return values[::-1] if source.option_order == "reversed" else values


def _labelled(values: Mapping[str, float | str]) -> cells.Judge:
    """Labels in any language, spaces, width and dashes aside."""
    known = {normal(label): value for label, value in values.items()}
    nearest = cells.Nearest(list(values), cutoff=0.3)

    def judge(text: str) -> float | str | cells.Refusal:
        if (plain := normal(text)) in known:
            return known[plain]
        remedy = nearest(text)
        if not values:
            remedy = 'the questionnaire has no labels for it: say values = "codes" or "number" in the plan'
        return cells.Refusal("unknown_label", "no answer to this question has such a label", remedy)

    return judge


def _numbered(values: Sequence[float] | Sequence[str]) -> cells.Judge:
    """Numbers of options, the first being 1."""
    remedy = f"correct it to a whole number from 1 to {len(values)}, leave it empty, or declare it in missing_codes"

    def judge(text: str) -> float | str | cells.Refusal:
        at = cells.number(text)
        if at is None or at != int(at) or not 1 <= at <= len(values):
            return cells.Refusal("no_such_option", "this is not the number of an option", remedy)
        return values[int(at) - 1]

    return judge


def _several(one: cells.Judge, levels: Sequence[str]) -> cells.Judge:
    """Several answers with ┋ between them, each judged by ``one``; given back in the order of the levels."""

    def judge(text: str) -> str | cells.Refusal:
        found = []
        for part in (part.strip() for part in text.split("┋")):
            answer = one(part) if part else None
            if isinstance(answer, cells.Refusal):
                return answer
            found.append(answer)
        return "┋".join(level for level in levels if level in found)

    return judge
