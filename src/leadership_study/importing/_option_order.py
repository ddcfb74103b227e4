"""Evidence that the numbers of options run the other way than the plan says: then nothing is averaged.

Two kinds of evidence count. Attention checks: most respondents fail them as declared and pass them the other way round.
Files of one block: the items' means of a file with numbers run clearly against those of a file with labels, or with
numbers in the order declared otherwise.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from leadership_study.errors import Problem
from leadership_study.importing._raw import RawResponses
from leadership_study.importing._wording import check_scale, normal
from leadership_study.instruments import Instrument, ResponseScale

_FEWEST_ANSWERS = 5
_FEWEST_ITEMS = 6
_AGAINST = -0.6

REMEDY = (
    'look at the form: say option_order = "as_listed" where its first option is the lowest answer, "reversed" otherwise'
)
_REMEDY_CODES = (
    'look at the form: where its first option is the highest answer say values = "number" and option_order = "reversed"'
)


def contradictions(raws: Sequence[RawResponses], instrument: Instrument) -> list[Problem]:
    """Return a problem for each file of a block whose declared order of options its answers, or others', contradict."""
    problems = []
    for raw in raws:
        if raw.source.values != "text" and (shares := _checks(raw, instrument)):
            passed, turned = shares
            how, what = (
                ("as declared", "declared wrongly") if raw.source.values == "number" else ("as they are", "reversed")
            )
            message = (
                f"{how} {passed:.0%} of the answers to attention checks are right, the other way {turned:.0%}: "
                f"the order of the options seems to be {what}"
            )
            problems.append(_problem(raw, message))
    flagged = {problem.file for problem in problems}
    profiles = [(raw, _profile(raw, instrument)) for raw in raws] if len(raws) > 1 else []
    for raw, means in profiles:
        if raw.source.values != "number" or raw.source.file in flagged:
            continue
        for other, against in profiles:
            sure = other.source.values == "text" or other.source.option_order not in (None, raw.source.option_order)
            if other is raw or not sure:
                continue
            both = pd.concat([means, against], axis=1).dropna()
            if len(both) < _FEWEST_ITEMS or (both.std() == 0).any():
                continue
            correlation = float(np.corrcoef(both.to_numpy().T)[0, 1])
            if correlation < _AGAINST:
                message = (
                    f"the items' means run against those of {other.source.file} (correlation {correlation:.2f}): "
                    "the order of the options seems to be declared wrongly"
                )
                problems.append(_problem(raw, message))
                break
    return problems


def _problem(raw: RawResponses, message: str) -> Problem:
    return Problem(
        file=raw.source.file,
        value=raw.source.option_order,
        rule="option_order_contradicted",
        message=message,
        remedy=REMEDY if raw.source.values == "number" else _REMEDY_CODES,
    )


def _checks(raw: RawResponses, instrument: Instrument) -> tuple[float, float] | None:
    """Shares of right answers to attention checks, as declared and turned round, when they contradict the plan."""
    right = turned = answers = 0
    for check in instrument.attention_checks:
        if isinstance(check.expected, str) or check.id not in raw.frame:
            continue
        scale = check_scale(instrument, check)
        given = _values(raw.frame[check.id], raw, scale).dropna()
        other = _opposite(float(check.expected), scale)
        if other is None or other == check.expected:
            continue
        answers += len(given)
        right += int((given == check.expected).sum())
        turned += int((given == other).sum())
    if answers < _FEWEST_ANSWERS or turned < 0.6 * answers or right > 0.2 * answers:
        return None
    return right / answers, turned / answers


def _opposite(value: float, scale: ResponseScale) -> float | None:
    values = [float(entry) for entry in scale.values]
    return values[::-1][values.index(value)] if value in values else None


def _profile(raw: RawResponses, instrument: Instrument) -> pd.Series:
    means = {
        id: _values(raw.frame[id], raw, instrument.scale_of(id)).mean()
        for id in instrument.item_ids()
        if id in raw.frame
    }
    return pd.Series(means, dtype="float64")


def _values(cells: pd.Series, raw: RawResponses, scale: ResponseScale) -> pd.Series:
    """Values of the scale; NaN for anything that is none."""
    known: dict[str, float] = {}
    values = [float(value) for value in scale.values]
    in_order = values[::-1] if raw.source.option_order == "reversed" else values
    labels = {normal(label): values[at] for names in scale.labels.values() for at, label in enumerate(names)}
    for text in cells.dropna().unique():
        trimmed = str(text).strip()
        if raw.source.values == "text":
            found = labels.get(normal(trimmed))
        else:
            number = float(trimmed) if trimmed.replace(".", "", 1).isdecimal() and trimmed.isascii() else None
            if raw.source.values == "codes":
                found = number if number in values else None
            else:
                fits = number is not None and number == int(number) and 1 <= number <= len(values)
                found = in_order[int(number) - 1] if fits and number is not None else None
        if found is not None:
            known[str(text)] = found
    return cells.map(known, na_action="ignore").astype("float64")
