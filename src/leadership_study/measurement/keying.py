"""Keying: does every item, and every scale, go the way the questionnaire says? To be asked before any analysis."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.instruments import Instrument
from leadership_study.measurement._keying_signs import OPPOSED, Direction, directions
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses
from leadership_study.validation._blocks import Sums, sums

LEAST = 30
"""Fewer respondents say nothing about signs of correlations."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Keying(Result):
    """Direction of items and scales.

    Attributes
    ----------
    items : DataFrame, index ``dimension``, ``item``
        reverse_keyed (declared), n, r_rest (correlation of the item, keyed as declared, with the sum of the other items
        of its dimension, each turned as the majority goes), verdict: as_declared, unclear, not_reversed (answers go
        against the others, and no reversal is declared), reversed_twice (it is declared, and the answers seem to have
        been turned before), opposed (one half of the items contradicts the other: which is wrong nobody can tell),
        not_judged.
    scales : DataFrame, index ``dimension``
        n_items, n_wrong, r_lowest and r_highest with the other dimensions on the same response scale, r_form (with the
        dimension's own rating on another form), verdict: as_declared, upside_down, not_judged.
    n, n_wrong : int
        Respondents; items that go the wrong way (of opposed ones half).
    """

    items: pd.DataFrame
    scales: pd.DataFrame
    n: int
    n_wrong: int

    main: ClassVar[str] = "items"


def check_keying(answers: pd.DataFrame, instrument: Instrument) -> Keying:
    """Hold the declared keying against the answers.

    Parameters
    ----------
    answers : DataFrame
        Items **as answered** (not turned), missing NaN; columns of the questionnaire's forms and attention checks are
        used too where they are there.
    instrument
        What was asked.

    Raises
    ------
    InsufficientDataError
        With fewer than thirty respondents or no dimension of two items.

    Notes
    -----
    An item goes the wrong way when, keyed as declared, it correlates −.20 or lower with the rest of its dimension and
    its 95% interval lies below 0. Pairwise correlations. A scale may be upside down when it correlates −.30 or lower
    with each of at least two other dimensions on the same response scale, which correlate .30 or more with one another;
    an opposite meant as one looks the same, so this asks and does not tell. Attention checks with a number tell more:
    where most who fail one gave the mirrored answer, the options were listed the other way round.
    """
    names = [item for item in instrument.item_ids() if item in answers]
    if len(answers) < LEAST:
        text = "The direction of items needs at least {least} respondents; there are {n}."
        raise InsufficientDataError(Note("keying_needs_respondents", text, {"least": LEAST, "n": len(answers)}))
    reversed_ids = {item.id for item in instrument.items if item.reverse_keyed}
    total = sums(answers[names])
    turned = np.array([-1.0 if name in reversed_ids else 1.0 for name in names])
    correlation = total.correlation * np.outer(turned, turned)
    place = {name: at for at, name in enumerate(names)}
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for dimension in instrument.dimension_ids:
        own = [item for item in instrument.item_ids(dimension) if item in place]
        at = [place[item] for item in own]
        found = directions(correlation[np.ix_(at, at)], total.pair_n[np.ix_(at, at)]) if len(own) > 1 else []
        judged = [told for told in found if not np.isnan(told.rest)]
        halved = len(judged) > 0 and 2 * sum(told.wrong for told in judged) == len(judged)
        for number, item in enumerate(own):
            told = found[number] if found else Direction(float("nan"), 0)
            rows[dimension, item] = {
                "reverse_keyed": item in reversed_ids,
                "n": told.n,
                "r_rest": told.rest,
                "verdict": _verdict(told, item in reversed_ids, halved=halved),
            }
    if not rows:
        raise InsufficientDataError(Note("keying_needs_items", "There are no items whose direction could be judged."))
    index = pd.MultiIndex.from_tuples(list(rows), names=["dimension", "item"])
    items = pd.DataFrame(list(rows.values()), index=index)
    items = items.astype({"reverse_keyed": "bool", "n": "int64", "r_rest": "float64", "verdict": "str"})
    scales = _scales(answers, instrument, items, total, correlation, place)
    notes = [*_item_notes(items), *_scale_notes(scales), *_check_notes(answers, instrument)]
    return Keying(
        items=items,
        scales=scales,
        n=len(answers),
        n_wrong=_count_wrong(items["verdict"]),
        definition={"matrix": "pearson", "missing": "pairwise", "n": len(answers)},
        notes=tuple(notes),
    )


def keying_problems(answers: pd.DataFrame, instrument: Instrument) -> list[Note]:
    """Return what readers must know about the keying before any analysis; nothing when all goes as declared.

    ``answers`` are as in `check_keying`; too few respondents say nothing.
    """
    try:
        return list(check_keying(answers, instrument).notes)
    except InsufficientDataError:
        return []


def run(scored: ScoredResponses) -> Keying:
    """Check the keying of all dimensions with the answers as they were given."""
    if scored.validated is not None:
        return check_keying(scored.validated.frame.loc[scored.items.index], scored.instrument)
    answers = scored.items.copy()
    for item in scored.instrument.items:
        if item.reverse_keyed:
            scale = scored.instrument.scale_of(item.id)
            answers[item.id] = scale.low + scale.high - answers[item.id]
    return check_keying(pd.concat([answers, scored.forms], axis=1), scored.instrument)


_WRONG = ("not_reversed", "reversed_twice")


def _count_wrong(verdicts: "pd.Series[str]") -> int:
    return int(verdicts.isin(_WRONG).sum() + (verdicts == "opposed").sum() // 2)


def _verdict(told: Direction, reverse_keyed: bool, *, halved: bool) -> str:
    if np.isnan(told.rest):
        return "not_judged"
    if halved:  # one half against the other: nobody can say which is right
        return "opposed"
    if told.wrong:
        return "reversed_twice" if reverse_keyed else "not_reversed"
    return "as_declared" if told.fits else "unclear"


def _scales(
    answers: pd.DataFrame,
    instrument: Instrument,
    items: pd.DataFrame,
    total: Sums,
    correlation: np.ndarray,
    place: dict[str, int],
) -> pd.DataFrame:
    """Correlations of standardised sums of items, worked out from those of the items."""
    known = [name for name in instrument.dimension_ids if name in items.index.get_level_values("dimension")]
    weights = np.zeros((len(known), len(place)))
    for row, dimension in enumerate(known):
        for item in instrument.item_ids(dimension):
            if item in place and np.isfinite(total.correlation[place[item], place[item]]):
                weights[row, place[item]] = 1.0
    covariance = weights @ np.where(np.isfinite(correlation), correlation, 0.0) @ weights.T
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.where(np.diag(covariance) > 1e-12, np.diag(covariance), np.nan))
        between = covariance / np.outer(spread, spread)
    rows = {}
    for row, dimension in enumerate(known):
        scale = instrument.dimension(dimension).response_scale
        peers = [at for at, one in enumerate(known) if at != row and instrument.dimension(one).response_scale == scale]
        own = between[row, peers]
        rest = between[np.ix_(peers, peers)][np.triu_indices(len(peers), 1)]
        judged = len(peers) > 1 and bool(np.isfinite(own).all() and np.isfinite(rest).all())
        upside_down = judged and own.max() <= -OPPOSED and rest.min() >= OPPOSED
        form = _with_form(answers, instrument, dimension)
        upside_down |= form <= -OPPOSED
        judged |= np.isfinite(form)
        rows[dimension] = {
            "n_items": int(weights[row].sum()),
            "n_wrong": _count_wrong(items.loc[[dimension], "verdict"]),
            "r_lowest": float(own.min()) if len(peers) else float("nan"),
            "r_highest": float(own.max()) if len(peers) else float("nan"),
            "r_form": form,
            "verdict": "upside_down" if upside_down else "as_declared" if judged else "not_judged",
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension")
    return table.astype({"n_items": "int64", "n_wrong": "int64", "verdict": "str"})


def _with_form(answers: pd.DataFrame, instrument: Instrument, dimension: str) -> float:
    """Correlation of the mean of a dimension's items, keyed, with its rating on another form (importance, say)."""
    column = next((f"{form.id}_{dimension}" for form in instrument.forms if f"{form.id}_{dimension}" in answers), None)
    if column is None:
        return float("nan")
    keyed = {}
    for item in instrument.dimension(dimension).items:
        scale = instrument.scale_of(item.id)
        keyed[item.id] = scale.low + scale.high - answers[item.id] if item.reverse_keyed else answers[item.id]
    both = pd.DataFrame({"own": pd.DataFrame(keyed).mean(axis=1), "form": answers[column]}).dropna()
    if len(both) < LEAST or (both.std() <= 1e-12).any():
        return float("nan")
    return float(np.corrcoef(both["own"], both["form"])[0, 1])


def _item_notes(items: pd.DataFrame) -> list[Note]:
    texts = {
        "not_reversed": (
            "keying_not_reversed",
            "Answers to {items} run against the other items of {dimension}: if the wording is reversed, declare "
            "reverse_keyed; if the codes are, repair them.",
        ),
        "reversed_twice": (
            "keying_reversed_twice",
            "Answers to items of {dimension} that are declared reverse-keyed run, once turned, against the other items "
            "({items}): the file seems to hold turned answers already, or the wording is not reversed.",
        ),
        "opposed": (
            "keying_opposed",
            "One half of the items of {dimension} ({items}) contradicts the other: one of the halves is keyed "
            "the wrong way.",
        ),
    }
    notes = []
    for dimension in dict.fromkeys(items.index.get_level_values("dimension")):
        own = items.loc[[dimension]]
        for verdict, (id, text) in texts.items():
            wrong = own[own["verdict"] == verdict].index.get_level_values("item")
            if len(wrong):
                notes.append(Note(id, text, {"dimension": dimension, "items": ", ".join(wrong)}))
    return notes


def _scale_notes(scales: pd.DataFrame) -> list[Note]:
    text = (
        "{dimension} as a whole runs against the other dimensions, or against its own rating on another form: unless "
        "it is meant as their opposite, its options were listed the other way round."
    )
    turned = scales.index[scales["verdict"] == "upside_down"]
    return [Note("keying_upside_down", text, {"dimension": str(dimension)}) for dimension in turned]


def _check_notes(answers: pd.DataFrame, instrument: Instrument) -> list[Note]:
    """Say where most answers to an attention check are the right one, mirrored."""
    notes = []
    for check in instrument.attention_checks:
        if check.id not in answers or isinstance(check.expected, str):
            continue
        scale = next(
            (instrument.response_scales[item.response_scale] for item in instrument.items if item.id == check.after),
            next(iter(instrument.response_scales.values())),
        )
        mirrored = scale.low + scale.high - check.expected
        given = answers[check.id].dropna()
        if mirrored == check.expected or len(given) < LEAST or (given == mirrored).mean() <= 0.5:
            continue
        text = (
            "{share} of the answers to the attention check {check} are {mirrored} instead of {expected}: the options "
            "seem to have been numbered the other way round, and every item with them."
        )
        values = {"check": check.id, "share": float((given == mirrored).mean()), "mirrored": float(mirrored)}
        notes.append(Note("keying_mirrored_check", text, {**values, "expected": float(check.expected)}))
    return notes
