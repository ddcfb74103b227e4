"""Files that say what their codes mean (SPSS, Stata): their labels held against those of the questionnaire."""

from collections.abc import Mapping

import pandas as pd

from leadership_study.errors import Problem
from leadership_study.importing._raw import Source, Values
from leadership_study.importing._settle import scale_columns
from leadership_study.importing._wording import normal
from leadership_study.instruments import BackgroundQuestion, Instrument
from leadership_study.results import Note


def translated(
    frame: pd.DataFrame, instrument: Instrument, source: Source, values: Values
) -> tuple[pd.DataFrame, Values, list[Note]]:
    """Return the answers with labels for codes where labels were asked for, or where only they fit the questionnaire.

    With ``values="text"`` every code that has a label becomes it. Otherwise a background question's codes become their
    labels when some code is none of its levels and all that are used have labels that are levels.
    """
    if not source.labels:
        return frame, values, []
    columns: dict[str, pd.Series] = {}
    for id, labels in source.labels.items():
        if id not in frame:
            continue
        question = next((question for question in instrument.background if question.id == id), None)
        if values == "text" or (question is not None and _only_labels_fit(frame[id], labels, question)):
            columns[id] = (
                frame[id].map(lambda text, labels=labels: labels.get(text, text), na_action="ignore").astype("str")
            )
    if not columns:
        return frame, values, []
    text = "Codes in {file} were read by the labels that the file has for them: {columns}."
    note = Note("file_labels_used", text, {"file": source.file, "columns": ", ".join(columns)})
    return frame.assign(**columns), values, [note]


def _only_labels_fit(cells: pd.Series, labels: Mapping[str, str], question: BackgroundQuestion) -> bool:
    used = {str(text).strip() for text in cells.dropna().unique()}
    values = {level.value for level in question.levels}
    texts = {normal(text) for level in question.levels for text in (level.value, *level.text.values())}
    return not used <= values and all(code in labels and normal(labels[code]) in texts for code in used)


def check_labels(instrument: Instrument, source: Source, values: Values) -> list[Problem]:
    """Return a problem for the items whose codes mean other answers in the file than in the questionnaire.

    A scale that was turned round, or whose options are in another order, is caught here and never averaged.
    """
    if not source.labels or values == "text":
        return []
    wrong: dict[str, tuple[str, str, float]] = {}
    for id, scale in scale_columns(instrument).items():
        in_order = list(scale.values)
        if source.option_order == "reversed":
            in_order = in_order[::-1]
        for code, label in source.labels.get(id, {}).items():
            meant = {
                float(scale.values[at])
                for labels in scale.labels.values()
                for at, known in enumerate(labels)
                if normal(known) == normal(label)
            }
            value = _value(code, in_order, values)
            if meant and value is not None and value not in meant:
                wrong.setdefault(id, (code, label, min(meant)))
    if not wrong:
        return []
    id, (code, label, value) = next(iter(wrong.items()))
    others = f" and {len(wrong) - 1} more columns" if len(wrong) > 1 else ""
    return [
        Problem(
            file=source.file,
            column=id,
            value=code,
            rule="labels_contradict_codes",
            message=f"in {id!r}{others} the file labels {code} as {label!r}, which is {value:g} in the questionnaire",
            remedy='say values = "text" in the plan, so that answers are told by their labels',
        )
    ]


def _value(code: str, in_order: list[int | float], values: Values) -> float | None:
    try:
        number = float(code)
    except ValueError:
        return None
    if values == "codes":
        return number
    return float(in_order[int(number) - 1]) if number == int(number) and 1 <= number <= len(in_order) else None
