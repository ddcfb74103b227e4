"""Answers that may be passed on: coarser background, new ids, groups without names, no open texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadership_study.importing import RawResponses, Source
from leadership_study.importing._personal_data import mask
from leadership_study.instruments import Instrument
from leadership_study.validation import ValidatedResponses
from leadership_study.validation.privacy import Coarsened, Kind, coarsen

_CLOSED: dict[str, Kind] = {"nominal": "nominal", "ordinal": "ordinal", "number": "number", "multiple": "multiple"}


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedAnswers:
    """Answers of every block as they may be passed on.

    ``frames`` has, by block, the columns of the questionnaire (and ``weight``) in their types, with ``respondent_id``
    as index, in an order that says nothing; ``coarsened`` how its background changed; ``groups`` maps, by group
    question, the names of groups to what stands for them; ``emptied`` are columns of texts and dates of which nothing
    is passed on; ``unnamed`` counts, by block and group question, respondents whose group is too small to be told.
    """

    frames: Mapping[str, pd.DataFrame]
    coarsened: Mapping[str, Coarsened]
    groups: Mapping[str, Mapping[str, str]]
    emptied: tuple[str, ...]
    unnamed: Mapping[str, Mapping[str, int]]


def safe_answers(
    validated: ValidatedResponses,
    instrument: Instrument,
    *,
    k: int,
    known: Sequence[str] | None,
    used: Sequence[str],
    open_texts: bool,
    keep_groups: bool,
    groups_known: bool,
    nested_in: Sequence[str],
    seed: int,
) -> SharedAnswers:
    """Make the answers of every block safe.

    Parameters
    ----------
    k
        Respondents that every combination of background answers must have within its block.
    known
        Background questions whose answers others may know; all closed ones when None.
    used
        Those that analyses need: they are made coarser last.
    open_texts
        Whether open texts are passed on, masked once more.
    keep_groups
        Whether groups keep their names.
    groups_known
        Whether others may know which group is which, as whoever finds the own answers does: combinations of background
        answers then have ``k`` respondents in each group, and groups of fewer are not told.
    nested_in
        Groups of the study, inner to outer.
    seed
        Of the new order of respondents and groups.

    Raises
    ------
    InsufficientDataError
        When a block has fewer than ``k`` respondents.
    """
    draw = np.random.default_rng([seed, 1])
    frame = validated.frame
    groups = {} if keep_groups else {id: _codes(frame[id], id, draw) for id in instrument.group_ids}
    several = validated.block.nunique() > 1
    people = frame.index.to_series()
    if several:  # one person in two waves stays one person
        people = people.str.partition("/")[2]
    ids = {name: f"p{number + 1:05d}" for number, name in enumerate(draw.permutation(people.unique()))}
    questions = {question.id: question for question in instrument.background if question.kind in _CLOSED}
    hidden = [id for id in questions if known is None or id in known]
    emptied = [question.id for question in instrument.background if question.kind in ("text", "date")]
    emptied += [question.id for question in instrument.open_questions]
    levels = {id: [level.value for level in questions[id].levels] for id in hidden}
    frames, changes, unnamed = {}, {}, {}
    order = [*reversed(nested_in), *(id for id in instrument.group_ids if id not in nested_in)]
    for block in dict.fromkeys(validated.block):
        mine = frame[validated.block == block]
        kinds = {id: _CLOSED[questions[id].kind] for id in hidden}
        told = _told(mine[order], k) if groups_known else mine[order]
        unnamed[block] = {id: int((told[id].isna() & mine[id].notna()).sum()) for id in order}
        mine = mine.assign(**{id: told[id] for id in order})
        change = coarsen(
            mine[hidden],
            kinds,
            k=k,
            levels=levels,
            keep=[id for id in used if id in hidden],
            within=told if groups_known and order else None,
        )
        new = mine.assign(**{id: change.frame[id] for id in hidden})
        for id, names in groups.items():
            new[id] = new[id].map(names).astype("str")
        for id in emptied:
            new[id] = (
                mask(new[id])[0]
                if open_texts and id not in _dates(instrument)
                else pd.Series(np.nan, new.index, dtype="str")
            )
        for check in instrument.attention_checks:
            if isinstance(check.expected, str):
                new[check.id] = new[check.id].where(new[check.id].isna() | (new[check.id] == check.expected), "–")
        new.index = pd.Index([ids[name] for name in people[mine.index]], name="respondent_id", dtype="str")
        frames[block] = new.iloc[draw.permutation(len(new))]
        changes[block] = change
    gone = tuple(id for id in emptied if not open_texts or id in _dates(instrument))
    return SharedAnswers(frames=frames, coarsened=changes, groups=groups, emptied=gone, unnamed=unnamed)


def _told(groups: pd.DataFrame, k: int) -> pd.DataFrame:
    """Groups, outer to inner, without those of fewer than ``k`` respondents; so are those without a group."""
    told = groups.copy()
    for at, name in enumerate(map(str, told)):
        while True:
            # Outer groups that are not told are one group here.
            cells = told.iloc[:, : at + 1].astype("object").fillna("")
            keys = pd.Series(list(cells.itertuples(index=False, name=None)), index=cells.index)
            sizes = keys.map(keys.value_counts())
            small = sizes < k
            if not small.any():
                break
            alone = small & told[name].isna()
            if alone.any():  # too few without a group: the smallest group beside them is not told either
                outer = keys.map(lambda key: key[:-1])
                beside = outer == outer[alone].iloc[0]
                named = beside & told[name].notna()
                if not named.any():
                    break
                first = told[name][named & (sizes == sizes[named].min())].min()
                told.loc[beside & (told[name] == first), name] = np.nan
            else:
                told.loc[small, name] = np.nan
    return told


def as_raw(frame: pd.DataFrame, instrument: Instrument, file: str) -> RawResponses:
    """Return typed answers as they stand in a file: text, whole numbers without a point."""
    columns = ["respondent_id", *instrument.column_ids, *(["weight"] if "weight" in frame else [])]
    texts = {
        id: frame[id].map(_written, na_action="ignore") if frame[id].dtype == "float64" else frame[id]
        for id in columns[1:]
    }
    cells = pd.DataFrame({"respondent_id": frame.index, **texts}, index=frame.index).astype("str")
    cells.index = pd.RangeIndex(1, len(cells) + 1, name="row")
    return RawResponses(frame=cells[columns], source=Source(file=file, format="csv_text", sha256="", encoding="utf-8"))


def _dates(instrument: Instrument) -> list[str]:
    return [question.id for question in instrument.background if question.kind == "date"]


def _codes(column: pd.Series, id: str, draw: np.random.Generator) -> dict[str, str]:
    names = sorted(column.dropna().unique())
    width = len(str(len(names)))
    return {str(name): f"{id}_{number + 1:0{width}d}" for number, name in enumerate(draw.permutation(names))}


def _written(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
