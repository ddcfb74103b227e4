"""The table of a population: how many, or which share, has each level of a variable."""

import math
from collections.abc import Mapping

import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import PlanError
from leadership_study.instruments import Instrument

_SUM = 0.005  # shares that were rounded to two decimals may miss 1 by this much


def population_shares(table: pd.DataFrame, instrument: Instrument) -> dict[str, pd.DataFrame]:
    """Return the levels of each variable of a population with their shares.

    Parameters
    ----------
    table
        Text, one row a level, with the columns ``variable`` (a background question or group), ``level`` (its value) and
        ``n`` or ``share``.
    instrument
        The questionnaire.

    Returns
    -------
    dict of variable to DataFrame, index ``level``
        n (NaN where shares were given) and share.

    Raises
    ------
    PlanError
        A column that is missing, a variable or level that is unknown or named twice, a number that is none, shares
        that do not add up to 1.
    """
    size = [name for name in ("n", "share") if name in table]
    if missing := [name for name in ("variable", "level") if name not in table]:
        raise PlanError(f"The table of the population has no column {' and no column '.join(missing)}.")
    if len(size) != 1:
        raise PlanError("The table of the population must have one of the columns n and share.")
    known = [question.id for question in instrument.background if question.kind not in ("number", "text", "date")]
    found: dict[str, dict[str, float]] = {}
    for name, level, text in zip(table["variable"], table["level"], table[size[0]], strict=True):
        if name not in known:
            raise PlanError(unknown("variable of the population", str(name), known) + ".")
        levels = [level.value for level in instrument.background_question(name).levels]
        if levels and level not in levels:
            raise PlanError(unknown(f"level of {name} in the population", str(level), levels) + ".")
        if level in found.setdefault(name, {}):
            raise PlanError(f"The population has two rows for {name} = {level}.")
        found[name][level] = _size(name, level, text)
    return {name: _frame(name, size[0], sizes) for name, sizes in found.items()}


def check_answers(data: pd.DataFrame, population: Mapping[str, pd.DataFrame]) -> None:
    """Raise `PlanError` when somebody gave an answer that the population does not have."""
    for name, levels in population.items():
        if stray := sorted(set(data[name].dropna()) - set(levels.index[levels["share"] > 0])):
            raise PlanError(f"The table of the population has nobody with {name} = {', '.join(map(str, stray))}.")


def _size(name: str, level: str, text: str) -> float:
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise PlanError(f"The population's number for {name} = {level} must be 0 or more. Got {text!r} instead.")
    return value


def _frame(name: str, size: str, sizes: Mapping[str, float]) -> pd.DataFrame:
    values = pd.Series(sizes, dtype=float)
    values.index = pd.Index([str(level) for level in sizes], name="level")
    if values.sum() <= 0 or (size == "share" and abs(values.sum() - 1) > _SUM):
        raise PlanError(f"The shares of {name} in the population must add up to 1. Got {values.sum():g} instead.")
    n = values if size == "n" else pd.Series(math.nan, index=values.index)
    return pd.DataFrame({"n": n, "share": values / values.sum()})
