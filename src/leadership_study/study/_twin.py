"""A synthetic twin of answers: nobody's, with the thresholds, correlations, nesting and gaps of the real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadership_study.instruments import Instrument
from leadership_study.study._twin_draw import Codes, Table, correlations, draw_again, intraclass


@dataclass(frozen=True, kw_only=True, eq=False)
class Twin:
    """Drawn answers of one block and how close they are.

    ``frame`` has the columns of the answers it imitates. ``items`` has one row an item: mean, sd, share of missing
    answers and intra-class correlation (within the innermost group), of the answers and of the twin (``twin_…``);
    ``correlations`` the largest and the mean absolute difference between the correlations of the items.
    """

    frame: pd.DataFrame
    items: pd.DataFrame
    correlations: tuple[float, float]


def twin(frame: pd.DataFrame, instrument: Instrument, nested_in: Sequence[str], seed: int) -> Twin:
    """Draw as many respondents as ``frame`` has, in the same groups.

    Parameters
    ----------
    frame
        Answers that may be passed on (`_share_answers`): the twin has no category that they do not have.
    nested_in
        Groups, inner to outer.
    seed
        Equal seeds, equal twins.

    Returns
    -------
    Twin
        Texts are empty. Where a question was put to some only, it is answered by those only.
    """
    asked = {question.id: question.relevant for question in instrument.background if question.relevant}
    names = [name for name in frame if _is_drawn(str(name), instrument) and frame[name].notna().any()]
    columns = [_column(frame[name], str(name), frame, instrument) for name in names]
    given = Table(
        codes=np.column_stack([codes for codes, _, _ in columns]).astype(np.int64)
        if columns
        else np.empty((len(frame), 0), dtype=np.int64),
        values=tuple(values for _, values, _ in columns),
    )
    draw = np.random.default_rng([seed, 2])
    # Gaps move as a whole from one respondent to another: what is missing together stays missing together.
    missing = (given.codes < 0)[draw.permutation(len(frame))]
    for at, name in enumerate(names):
        if name in asked:
            missing[:, at] = False
    drawn = draw_again(given, _groups(frame, nested_in), missing, seed)
    new = pd.DataFrame(index=pd.Index([f"s{number:05d}" for number in range(1, len(frame) + 1)], name="respondent_id"))
    for name in frame:
        if name in instrument.group_ids:
            new[name] = frame[name].to_numpy()
        elif name in names:
            at = names.index(name)
            nothing = np.array([np.nan], dtype=columns[at][2].dtype)
            labels = np.concatenate([columns[at][2], nothing])
            new[name] = pd.Series(labels[drawn.codes[:, at]], index=new.index, dtype=frame[name].dtype)
        else:
            new[name] = pd.Series(np.nan, index=new.index, dtype=frame[name].dtype)
    for name, rule in asked.items():
        if name in names:
            new[name] = _put(new, frame, name, rule, draw)
    items = [id for id in instrument.item_ids() if id in frame]
    return Twin(
        frame=new[list(frame)], items=_beside(frame, new, items, nested_in), correlations=_apart(frame, new, items)
    )


def _is_drawn(name: str, instrument: Instrument) -> bool:
    texts = {question.id for question in instrument.background if question.kind in ("text", "date", "group")}
    return name not in texts | {question.id for question in instrument.open_questions}


def _column(
    column: pd.Series, name: str, frame: pd.DataFrame, instrument: Instrument
) -> tuple[Codes, np.ndarray, np.ndarray]:
    """Codes, their scores, and what is written for them."""
    if column.dtype == "float64":
        values = np.unique(column.dropna().to_numpy())
        codes = np.where(column.isna(), -1, np.searchsorted(values, column.fillna(values[0])))
        return codes, values, values
    question = next((question for question in instrument.background if question.id == name), None)
    present = list(column.dropna().unique())
    order = [level.value for level in question.levels] if question is not None else []
    if question is None or question.kind != "ordinal":
        # Levels without an order are put into that of the answers given with them.
        items = frame[instrument.item_ids()]
        level = ((items - items.mean()) / items.std(ddof=0).replace(0, np.nan)).mean(axis=1)
        means = level.groupby(column).mean()
        order = sorted(present, key=lambda value: (float(means.get(value, 0.0)), value))
    labels = [value for value in order if value in present] + sorted(set(present) - set(order))
    places = {value: at for at, value in enumerate(labels)}
    codes = np.array([places.get(value, -1) for value in column], dtype=np.int64)
    return codes, np.arange(len(labels), dtype=np.float64), np.array(labels, dtype=object)


def _groups(frame: pd.DataFrame, nested_in: Sequence[str]) -> list[Codes]:
    """Numbers of the groups, inner to outer; who has none is a group of one."""
    found: list[Codes] = []
    for at in range(len(nested_in)):
        # Schools of one name in two districts are two schools.
        parts = [frame[name] for name in nested_in[at:]]
        joined = pd.Series(list(zip(*(part.fillna("") for part in parts), strict=True)), index=frame.index)
        codes = pd.factorize(joined)[0].astype(np.int64)
        alone = np.flatnonzero(parts[0].isna())
        codes[alone] = codes.max(initial=0) + 1 + np.arange(len(alone))
        found.append(pd.factorize(codes)[0].astype(np.int64))
    return found


def _put(
    new: pd.DataFrame, frame: pd.DataFrame, name: str, rule: Mapping[str, Sequence[str]], draw: np.random.Generator
) -> pd.Series:
    """Answers only of those whom the question is put to, with as many gaps among them as there are."""

    def asked(table: pd.DataFrame) -> pd.Series:
        fits = [table[other].isin(list(values)) for other, values in rule.items()]
        return pd.concat(fits, axis="columns").all(axis="columns")

    of = asked(frame)
    gaps = float(frame.loc[of, name].isna().mean()) if of.any() else 0.0
    return new[name].where(asked(new) & (draw.random(len(new)) >= gaps))


def _beside(frame: pd.DataFrame, new: pd.DataFrame, items: Sequence[str], nested_in: Sequence[str]) -> pd.DataFrame:
    shown = {}
    for prefix, table in (("", frame), ("twin_", new)):
        part = table[list(items)]
        shown[f"{prefix}mean"] = part.mean()
        shown[f"{prefix}sd"] = part.std()
        shown[f"{prefix}missing"] = part.isna().mean()
        if nested_in:
            groups = _groups(table, nested_in)[0]
            shown[f"{prefix}icc"] = pd.Series(intraclass(part.to_numpy(), groups), index=list(items))
    return pd.DataFrame(shown, index=pd.Index(items, name="item"))


def _apart(frame: pd.DataFrame, new: pd.DataFrame, items: Sequence[str]) -> tuple[float, float]:
    differences = np.abs(correlations(frame[list(items)].to_numpy()) - correlations(new[list(items)].to_numpy()))
    known = differences[~np.isnan(differences) & ~np.eye(len(items), dtype=bool)]
    return (float(known.max()), float(known.mean())) if len(known) else (0.0, 0.0)
