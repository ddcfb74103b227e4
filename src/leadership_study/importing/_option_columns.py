"""Questions with several answers that a file spreads over columns, one an option: found here, and put together."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from leadership_study.importing._headings import parts
from leadership_study.importing._raw import Table
from leadership_study.importing._wording import normal
from leadership_study.instruments import BackgroundQuestion, Instrument

NOT_CHOSEN = frozenset(
    [
        "0",
        "no",
        "n",
        "false",
        "否",
        "未选",
        "未选中",
        "nein",
        "non",
        "not selected",
        "unchecked",
        "quoted: no",
        "-2",
        "-3",
    ]
)
"""Cells of an option that was not chosen, in lower case; empty ones are such too."""


def option_columns(
    table: Table, instrument: Instrument, found: Mapping[str, Sequence[int]], columns: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """Return the columns of each ``multiple`` question that has one a level, in the order of its levels.

    Every level must have its column. The question is known by its id or wording; where a header has only a number and
    an option (``5、(教学)``), by its options, which must be those of no other question.
    """
    asked = [question for question in instrument.background if question.kind == "multiple" and question.id not in found]
    if not asked:
        return {}
    taken = {at for places in found.values() for at in places}
    cut = table.parts or tuple(parts(header) for header in table.header)
    by_stem: dict[str, dict[str, int]] = {}
    for at, ways in enumerate(cut):
        if at not in taken:
            for stem, option in ways:
                by_stem.setdefault(normal(stem), {}).setdefault(normal(option), at)
    result: dict[str, tuple[int, ...]] = {}
    for question in asked:
        stems = {normal(question.id), *(normal(text) for text in question.label.values())}
        numbered = [stem for stem in by_stem if stem.startswith("#")]
        fits: list[tuple[int, ...]] = []
        for stem in dict.fromkeys([*(stem for stem in by_stem if stem in stems), *numbered]):
            places = _all_levels(question, by_stem[stem])
            if places:
                fits.append(places)
        if len(set(fits)) == 1:
            result[question.id] = fits[0]
    uses = list(result.values())
    return {id: places for id, places in result.items() if uses.count(places) == 1}


def _all_levels(question: BackgroundQuestion, options: Mapping[str, int]) -> tuple[int, ...]:
    places = []
    for number, level in enumerate(question.levels, 1):
        names = [level.value, *level.text.values(), str(number), f"sq{number:03d}"]
        at = next((options[normal(name)] for name in names if normal(name) in options), None)
        if at is None:
            return ()
        places.append(at)
    return tuple(places) if len(set(places)) == len(places) else ()


def together(cells: pd.DataFrame, names: Sequence[str], missing_codes: Collection[str]) -> pd.Series:
    """Return one column of the ``names`` of what was chosen, joined by ``┋``; missing where nothing was.

    A cell is a choice unless it is empty, a code for "no answer" or one of `NOT_CHOSEN`.
    """
    codes = {code.casefold() for code in missing_codes}
    joined = pd.Series("", index=cells.index, dtype="object")
    answered = pd.Series(False, index=cells.index)
    for (_, column), name in zip(cells.items(), names, strict=True):
        texts = column.str.strip().str.casefold()
        present = texts.notna() & ~texts.isin(codes)
        chosen = present & ~texts.isin(NOT_CHOSEN)
        answered |= present
        joined = joined.where(~chosen, joined.where(joined == "", joined + "┋") + name)
    return joined.where(answered & (joined != ""), None).astype("str")
