"""From the cells of matched columns to answers: labels or codes, several answers in one cell, marks of the platform.

What a cell says is never changed; what is settled is only how it is written: ``Agree (5)`` is the label ``Agree``,
``其他〖…〗`` the option ``其他`` with a text filled in, ``x y`` two answers of a question that allows several.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from leadership_study.importing._raw import OptionOrder, Values
from leadership_study.importing._wording import check_scale, normal
from leadership_study.instruments import BackgroundQuestion, Instrument, ResponseScale
from leadership_study.results import Note

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_CODED = re.compile(r"^(?P<label>.*\S)\s*[(（\[](?P<code>[^()（）\[\]]{1,8})[)）\]]$", re.DOTALL)
_LEADING_CODE = re.compile(
    r"^[(（\[]?(?P<code>[A-Za-z]{0,2}\d{1,3})[)）\]]?\s*(?:[.、:：=–-]\s*|\s)(?P<label>\S.*)$", re.DOTALL
)
_OPTION_CODE = re.compile(r"[A-Za-z]{1,2}0*(?P<number>[1-9][0-9]?)")
_FILL_IN = re.compile(r"〖[^〗]*〗")
_SEPARATORS = ("┋", "→", ";", "；", "|", ",", "，", "、", " ", "\n")


@dataclass
class Settled:
    """The columns as answers, what their cells hold, and what was found on the way."""

    frame: pd.DataFrame
    values: Values
    notes: list[Note] = field(default_factory=list)


def scale_columns(instrument: Instrument) -> dict[str, ResponseScale]:
    """Return the response scale of every column that has one: items, forms, checks with a number as answer."""
    found = {id: instrument.scale_of(id) for id in (*instrument.item_ids(), *instrument.form_scales)}
    for check in instrument.attention_checks:
        if not isinstance(check.expected, str):
            found[check.id] = check_scale(instrument, check)
    return found


def values_of(frame: pd.DataFrame, instrument: Instrument, missing_codes: Collection[str]) -> Values:
    """Say whether the cells of the items are codes or labels: labels where most of the different texts are such."""
    codes = {code.strip() for code in missing_codes}
    labels = numbers = 0
    for id, scale in scale_columns(instrument).items():
        if id not in frame:
            continue
        known = _labels_of(scale)
        for trimmed in _texts(frame[id], codes):
            if _on_scale(trimmed, scale):
                numbers += 1
            elif _label(trimmed, known) is not None:
                labels += 1
    return "text" if labels > numbers else "codes"


def looks_numbered(
    frame: pd.DataFrame, instrument: Instrument, missing_codes: Collection[str], *, coded: bool = False
) -> bool:
    """Say whether most different answers to the items are numbers, or (``coded``) codes such as ``A4``."""
    codes = {code.strip() for code in missing_codes}
    pattern = _OPTION_CODE if coded else _NUMBER
    texts = [text for id in scale_columns(instrument) if id in frame for text in _texts(frame[id], codes)]
    return 2 * sum(pattern.fullmatch(text) is not None for text in texts) > len(texts)


def without_letters(frame: pd.DataFrame, instrument: Instrument, file: str) -> tuple[pd.DataFrame, list[Note]]:
    """Return the answers with the numbers of options for codes such as ``A4``, which LimeSurvey gives them."""
    closed = [question.id for question in instrument.background if question.levels]
    columns = {}
    for id in (*scale_columns(instrument), *closed):
        if id in frame:
            cells, changed = _changed(frame[id], lambda text: m["number"] if (m := _coded(text)) else None)
            if changed:
                columns[id] = cells
    if not columns:
        return frame, []
    text = "In {file} codes of answers such as A4 were read as the numbers of options: {columns}."
    return frame.assign(**columns), [Note("option_codes", text, {"file": file, "columns": ", ".join(columns)})]


def _coded(text: str) -> re.Match[str] | None:
    return _OPTION_CODE.fullmatch(text.strip())


def _texts(cells: pd.Series, codes: Collection[str]) -> list[str]:
    """The different answers in a column, trimmed."""
    texts = (str(text).strip() for text in cells.dropna().unique())
    return [text for text in texts if text and text not in codes]


def _on_scale(text: str, scale: ResponseScale) -> bool:
    return _NUMBER.fullmatch(text) is not None and float(text) in {float(value) for value in scale.values}


def settle(
    frame: pd.DataFrame,
    instrument: Instrument,
    values: Values,
    missing_codes: Collection[str],
    file: str,
    *,
    own_numbers: bool = True,
    option_order: OptionOrder | None = None,
) -> Settled:
    """Return the answers as validation reads them; see the module.

    Among labels a column that holds nothing but numbers of its scale is one without labels (a linear scale of Google
    Forms, an item of SPSS): these are its values, unless the file is known to code otherwise (``own_numbers``).
    Among codes a column that holds nothing but labels is told by them.
    """
    done = Settled(frame, values)
    columns: dict[str, pd.Series] = {}
    coded: list[str] = []
    bare: list[str] = []
    if values == "text":
        for id, scale in scale_columns(instrument).items():
            if id in frame:
                known = _labels_of(scale)
                texts = _texts(frame[id], missing_codes) if own_numbers else []
                if texts and all(_on_scale(text, scale) and normal(text) not in known for text in texts):
                    bare.append(id)
                    columns[id], _ = _changed(frame[id], lambda text, scale=scale: _label_of(text, scale))
                    continue
                columns[id], changed = _changed(frame[id], lambda text, known=known: _label(text, known))
                if changed:
                    coded.append(id)
    if coded:
        text = "In {file} the labels of answers have codes beside them, which were not used: {columns}."
        done.notes.append(Note("codes_beside_labels", text, {"file": file, "columns": ", ".join(coded)}))
    if bare:
        text = (
            "Answers in {file} that are numbers among labels were taken as the questionnaire's own values: {columns}."
        )
        done.notes.append(Note("numbers_among_labels", text, {"file": file, "columns": ", ".join(bare)}))
    fill_ins = 0
    translated, ranked = [], []
    for id, scale in scale_columns(instrument).items() if values != "text" else ():
        texts = _texts(frame[id], missing_codes) if id in frame else []
        known = {label: _written(scale, label, values, option_order) for label in _labels_of(scale)}
        if texts and all(normal(text) in known and not _on_scale(text, scale) for text in texts):
            columns[id], _ = _changed(frame[id], lambda text, known=known: known.get(normal(text)))
            translated.append(id)
    for question in instrument.background:
        if question.id not in frame or question.kind not in ("nominal", "ordinal", "multiple"):
            continue
        cells = frame[question.id]
        filled = cells.str.contains("〖", regex=False, na=False)
        fill_ins += int(filled.sum())
        judge = _Background(question, values, missing_codes)
        columns[question.id], _ = _changed(cells, judge)
        if judge.translated:
            translated.append(question.id)
        if question.kind == "multiple" and cells.str.contains("→", regex=False, na=False).any():
            ranked.append(question.id)
    if fill_ins:
        text = "Texts filled in beside an option (〖…〗) in {file} were left out; the option was kept: {count}."
        done.notes.append(Note("fill_ins", text, {"file": file, "count": fill_ins}))
    if translated:
        text = (
            "Answers in {file} were told by their labels although other columns hold codes, or the reverse: {columns}."
        )
        done.notes.append(Note("labels_and_codes", text, {"file": file, "columns": ", ".join(translated)}))
    if ranked:
        text = (
            "Answers in {file} were put in order (→) by the respondents; which they are was kept, their order was not: "
            "{columns}."
        )
        done.notes.append(Note("ranked_answers", text, {"file": file, "columns": ", ".join(ranked)}))
    if columns:
        done.frame = frame.assign(**columns)
    return done


def _changed(cells: pd.Series, change: object) -> tuple[pd.Series, int]:
    """Each distinct text once; texts that ``change`` gives None for stay. How many cells changed comes with it."""
    new = {}
    for text in cells.dropna().unique():
        found = change(str(text))  # type: ignore[operator]
        if found is not None and found != text:
            new[text] = found
    if not new:
        return cells, 0
    turned = cells.map(lambda text: new.get(text, text), na_action="ignore").astype("str")
    return turned, int(cells.isin(list(new)).sum())


def _labels_of(scale: ResponseScale) -> dict[str, str]:
    return {normal(label): label for labels in scale.labels.values() for label in labels}


def _written(scale: ResponseScale, label: str, values: Values, option_order: OptionOrder | None) -> str:
    """The value of a label, which is as `normal` gives it, in the way in which ``values`` says answers are written."""
    at = next(at for texts in scale.labels.values() for at, text in enumerate(texts) if normal(text) == label)
    if values == "codes":
        return f"{scale.values[at]:g}"
    return str(len(scale.values) - at if option_order == "reversed" else at + 1)


def _label_of(text: str, scale: ResponseScale) -> str | None:
    """The label of a value, in the first language that has labels; None for a scale without."""
    at = [float(value) for value in scale.values].index(float(text)) if _on_scale(text.strip(), scale) else None
    return next((labels[at] for labels in scale.labels.values()), None) if at is not None else None


def _label(text: str, known: Mapping[str, str]) -> str | None:
    """The label in ``text``: itself, or without a code before or after it; None when it has none."""
    trimmed = text.strip()
    if normal(trimmed) in known:
        return text
    for pattern in (_CODED, _LEADING_CODE):
        if (match := pattern.match(trimmed)) and normal(match["label"]) in known:
            return known[normal(match["label"])]
    return None


class _Background:
    """One answer, or several, to a background question, as the other columns have theirs: labels or codes."""

    def __init__(self, question: BackgroundQuestion, values: Values, missing_codes: Collection[str]) -> None:
        self._several = question.kind == "multiple"
        self._codes = {code.strip() for code in missing_codes}
        self._wanted: set[str] = set()
        self._known: dict[str, str] = {}
        for number, level in enumerate(question.levels, 1):
            texts = list(level.text.values())
            given = {"codes": level.value, "number": str(number), "text": texts[0] if texts else level.value}[values]
            others = {"codes": texts, "number": [*texts, level.value], "text": [level.value]}[values]
            self._wanted |= {"codes": {level.value}, "number": {str(number)}, "text": {normal(t) for t in texts}}[
                values
            ]
            for other in others:
                self._known.setdefault(normal(other), given)
            for text in texts if values == "text" else [given]:
                self._known[normal(text)] = text
        self._text = values == "text"
        self.translated = False
        """Whether some answer was told by its label among codes, or the reverse."""

    def __call__(self, text: str) -> str | None:
        trimmed = _FILL_IN.sub("", text).strip()
        if not trimmed or trimmed in self._codes or self._is_wanted(text.strip()):
            return None
        if (one := self._one(trimmed)) is not None:
            return one
        if self._several and (parts := self._parts(trimmed)):
            return "┋".join(dict.fromkeys(parts))
        return trimmed if trimmed != text.strip() else None

    def _is_wanted(self, text: str) -> bool:
        return (normal(text) if self._text else text) in self._wanted

    def _one(self, text: str) -> str | None:
        if self._is_wanted(text):
            return text
        for label in (text, *(match["label"] for pattern in (_CODED, _LEADING_CODE) if (match := pattern.match(text)))):
            if (found := self._known.get(normal(label))) is not None:
                self.translated = self.translated or found != label
                return found
        return None

    def _parts(self, text: str) -> list[str]:
        """Cut ``text`` at separators so that every part is an answer; answers may themselves hold separators."""
        for separator in _SEPARATORS:
            pieces = [piece.strip() for piece in text.split(separator)]
            if len(pieces) > 1 and (found := self._joined(pieces, separator)):
                return found
        return []

    def _joined(self, pieces: Sequence[str], separator: str) -> list[str]:
        if not pieces:
            return []
        for count in range(len(pieces), 0, -1):
            one = self._one(separator.join(pieces[:count])) or self._one(f"{separator} ".join(pieces[:count]))
            if one is None:
                continue
            if count == len(pieces):
                return [one]
            if rest := self._joined(pieces[count:], separator):
                return [one, *rest]
        return []
