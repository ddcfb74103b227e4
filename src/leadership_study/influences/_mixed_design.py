"""From a data frame to the numbers of a mixed model: the rows used, the fixed effects, the random terms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._design import INTERCEPT, Design, from_formula
from leadership_study.influences._groups import coded, column_of, natural
from leadership_study.results import Note
from leadership_study.samples.mixed_model_structure import RandomTerm

Groups = str | Sequence[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class MixedDesign:
    """Fixed effects, one random term for each grouping factor, and notes on rows and groups."""

    fixed: Design
    terms: tuple[RandomTerm, ...]
    notes: tuple[Note, ...]


def mixed_design(formula: str, data: pd.DataFrame, group: Groups, random: Groups, function: str) -> MixedDesign:
    """Read the formula, ``group`` and ``random``, which stand for ``(random|group)`` in lme4's language."""
    first = from_formula(formula, data, None, function)
    pairs = _pairs(group, random, function)
    codes = {name: grouping(data, name, function) for name, _, _ in pairs}
    keep = np.isin(np.arange(len(data)), first.positions)
    outcome = formula.partition("~")[0]
    varying: dict[str, Design] = {}
    for _, effects, _ in pairs:
        if any(letter.isalpha() for letter in effects) and effects not in varying:
            varying[effects] = from_formula(f"{outcome}~{effects}", data, None, function)
            keep &= np.isin(np.arange(len(data)), varying[effects].positions)
    complete = int(keep.sum())
    for found, _ in codes.values():
        keep &= found >= 0
    left_out = rows_left_out(complete, int(keep.sum()), len(data))
    used = data.iloc[np.flatnonzero(keep)]
    rows = np.flatnonzero(keep)

    def on_these(read: Design, wanted: str) -> Design:  # read again only when rows went, for levels may go with them
        return read if len(read.positions) == len(rows) else from_formula(wanted, used, None, function)

    design = on_these(first, formula)
    notes = [*(note for note in design.notes if note.id != "rows_left_out"), *left_out]
    parts = []
    for name, effects, correlated in pairs:
        shown = on_these(varying[effects], f"{outcome}~{effects}") if effects in varying else None
        matrix = np.ones((len(used), 1)) if shown is None else shown.matrix
        columns = (INTERCEPT,) if shown is None else shown.terms
        found, labels = codes[name]
        parts.append(random_term(name, found[keep], labels, matrix, columns, correlated=correlated))
    terms = merged(parts)
    return MixedDesign(fixed=design, terms=terms, notes=(*notes, *crossing(terms)))


def rows_left_out(complete: int, kept: int, received: int) -> list[Note]:
    """Notes on ``received`` rows of which ``complete`` have all variables, and ``kept`` a group too.

    Raises
    ------
    InsufficientDataError
        When none is kept.
    """
    if not kept:
        text = "No row that has all variables has a group, so there is no mixed model."
        raise InsufficientDataError(Note("no_row_with_a_group", text))
    notes = []
    if complete < received:
        text = "{left_out} of {received} rows were left out because an answer was missing."
        notes.append(Note("rows_left_out", text, {"left_out": received - complete, "received": received}))
    if kept < complete:
        text = "{left_out} of {received} rows have all answers and were left out because their group was missing."
        notes.append(Note("rows_without_group", text, {"left_out": complete - kept, "received": received}))
    return notes


def renumbered(codes: NDArray[np.int64], labels: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Codes and labels without levels that do not occur, in the natural order of the labels."""
    order = sorted(np.unique(codes), key=lambda code: natural(labels[code]))
    place = np.full(len(labels), -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[codes], tuple(labels[code] for code in order)


def grouping(data: pd.DataFrame, name: str, function: str) -> tuple[NDArray[np.int64], list[str]]:
    """Codes and labels of a grouping factor; ``a:b`` are the pairs of two columns."""
    codes, labels = coded(column_of(data, name.split(":")[0], "column of groups"), "groups", function)
    for part in name.split(":")[1:]:
        more, others = coded(column_of(data, part, "column of groups"), "groups", function)
        joint = np.where((codes >= 0) & (more >= 0), codes * len(others) + more, -1)
        found, inverse = np.unique(joint, return_inverse=True)
        gone = int(len(found) > 0 and found[0] == -1)
        codes = inverse.astype(np.int64) - gone
        labels = [f"{labels[at // len(others)]}:{others[at % len(others)]}" for at in found[gone:]]
    return codes, labels


def random_term(
    name: str,
    codes: NDArray[np.int64],
    labels: Sequence[str],
    design: NDArray[np.float64],
    columns: Sequence[str],
    *,
    correlated: bool = True,
) -> RandomTerm:
    """A term of rows that all have a group; levels that do not occur are dropped, the others stand in natural order."""
    codes, called = renumbered(codes, labels)
    q = design.shape[1]
    return RandomTerm(
        name=name,
        codes=codes,
        labels=called,
        columns=tuple(columns),
        design=design,
        blocks=(tuple(range(q)),) if correlated else tuple((at,) for at in range(q)),
    )


def merged(parts: Sequence[RandomTerm]) -> tuple[RandomTerm, ...]:
    """One term for each factor: effects named in several terms of one factor are not correlated across terms."""
    found: dict[str, RandomTerm] = {}
    for part in parts:
        before = found.get(part.name)
        if before is None:
            found[part.name] = part
            continue
        if twice := [column for column in part.columns if column in before.columns]:
            raise ValueError(f"The random effect {twice[0]!r} of {part.name!r} is named twice; name it once.")
        shift = before.n_columns
        found[part.name] = RandomTerm(
            name=part.name,
            codes=part.codes,
            labels=part.labels,
            columns=(*before.columns, *part.columns),
            design=np.column_stack([before.design, part.design]),
            blocks=(*before.blocks, *(tuple(at + shift for at in block) for block in part.blocks)),
        )
    return tuple(found.values())


def crossing(terms: Sequence[RandomTerm]) -> tuple[Note, ...]:
    """A note for each pair of factors of which neither lies inside the other: often labels that were used twice."""
    notes = []
    ordered = sorted(terms, key=lambda term: -term.n_levels)
    for at, inner in enumerate(ordered):
        for outer in ordered[at + 1 :]:
            pairs = len(np.unique(inner.codes * outer.n_levels + outer.codes))
            if pairs > inner.n_levels:
                text = (
                    "Some {inner} occur under several {outer}, so the two are taken as crossed; if equal labels stand "
                    "for different units, give {outer}:{inner} in place of {inner}."
                )
                notes.append(Note("groups_cross", text, {"inner": inner.name, "outer": outer.name}))
    return tuple(notes)


def _pairs(group: Groups, random: Groups, function: str) -> list[tuple[str, str, bool]]:
    """Factor, effects, and whether they are correlated, one triple a term; ``a/b`` is ``a`` and ``a:b``."""
    groups = [group] if isinstance(group, str) else list(group)
    effects = [random] * len(groups) if isinstance(random, str) else list(random)
    if not groups or not all(isinstance(one, str) for one in groups + effects) or len(groups) != len(effects):
        raise ValueError(
            f"The 'group' and 'random' parameters of {function} must be a text each, or lists of equal length. "
            f"Got {group!r} and {random!r} instead."
        )
    found = []
    for name, one in zip(groups, effects, strict=True):
        if "|" in one.rstrip("| ") or "~" in one or not one.rstrip("| "):
            raise ValueError(
                f"The 'random' parameter of {function} must name effects, such as '1' or '1 + x'. Got {one!r} instead."
            )
        names = name.split("/")
        nested = [":".join(names[: at + 1]) for at in range(len(names))]
        found += [(each, one.rstrip("| "), not one.rstrip().endswith("||")) for each in nested]
    return found
