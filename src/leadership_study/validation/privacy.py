"""Whom background answers would identify: k-anonymity, and the coarsening that reaches a wanted k.

Who knows a teacher's gender, title and years of teaching can look up the row that has them. A table is k-anonymous when
every combination of background answers that occurs is that of at least k respondents (Sweeney, 2002).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from leadership_study.by_name import unknown
from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, Result
from leadership_study.validation._coarser import OTHER, Coarser, next_steps

__all__ = ["OTHER", "Anonymity", "Coarsened", "coarsen", "k_anonymity"]

Kind = Literal["nominal", "ordinal", "number", "multiple"]

_MISSING = "–"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Anonymity(Result):
    """What background answers give away.

    Attributes
    ----------
    k
        Respondents in the smallest cell.
    wanted
        The k that is asked for.
    n
        Respondents.
    below
        Respondents in cells smaller than ``wanted``.
    cells
        Index ``cell``: every cell smaller than ``wanted``, the smallest first: one column a variable, ``n``, and
        ``different``, how many values of ``sensitive`` its respondents have (1: membership alone tells it).
    variables
        Index ``variable``: levels, the size of the rarest (``rarest``), and how many respondents would still be in
        cells below ``wanted`` if this variable were left out (``below_without``).
    """

    k: int
    wanted: int
    n: int
    below: int
    cells: pd.DataFrame
    variables: pd.DataFrame
    definition: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    main: ClassVar[str] = "cells"


@dataclass(frozen=True, kw_only=True, eq=False)
class Coarsened:
    """Background answers made coarser until ``k`` respondents share each combination.

    Attributes
    ----------
    frame
        The answers: numbers stay numbers, all else text; a variable in ``dropped`` is missing throughout.
    k
        What was reached; ``n`` when nothing distinguishes the respondents any more.
    steps
        Index ``step``: variable, what was done (merged, binned, other, dropped), the levels before and after, and the
        share of the variable's information (entropy) that is lost then.
    levels
        For each ordinal, nominal or multiple variable that changed, its levels in order: value → the values it holds.
    dropped
        Variables of which nothing is left.
    suppressed
        Respondents of whom no answer is left, because too few others answered as they did.
    """

    frame: pd.DataFrame
    k: int
    steps: pd.DataFrame
    levels: Mapping[str, Mapping[str, tuple[str, ...]]]
    dropped: tuple[str, ...]
    suppressed: int


def k_anonymity(
    background: pd.DataFrame, variables: Sequence[str] | None = None, *, k: int = 5, sensitive: str | None = None
) -> Anonymity:
    """Return how many respondents share each combination of background answers.

    Parameters
    ----------
    background
        One row a respondent; groups may be among the columns.
    variables
        Columns that somebody may know of a colleague; all when None (but ``sensitive``).
    k
        The size that every cell should have.
    sensitive
        A column that should not become known with the cell, such as the school; counts different values in each
        cell (l-diversity; Machanavajjhala et al., 2007).

    Returns
    -------
    Anonymity

    Raises
    ------
    InsufficientDataError
        When there is nobody or no variable.
    ValueError
        For a column that is not there, or k below 1.

    Notes
    -----
    A missing answer is a value of its own: not to have answered distinguishes as well.

    References
    ----------
    Sweeney, L. (2002). k-anonymity: A model for protecting privacy. International Journal of Uncertainty, Fuzziness and
    Knowledge-Based Systems, 10(5), 557-570. https://doi.org/10.1142/S0218488502001648
    Machanavajjhala, A., Kifer, D., Gehrke, J., & Venkitasubramaniam, M. (2007). l-diversity. ACM Transactions on
    Knowledge Discovery from Data, 1(1), 3. https://doi.org/10.1145/1217299.1217302

    R twin: ``sdcMicro::freqCalc(background, keyVars)$fk`` gives the size of each respondent's cell (there a missing
    value matches every other).
    """
    _check(background, k, [*(variables or ()), *([sensitive] if sensitive else [])])
    chosen = list(variables) if variables is not None else [str(name) for name in background if name != sensitive]
    if not len(background) or not chosen:
        text = "Privacy needs at least one respondent and one background question."
        raise InsufficientDataError(Note("nothing_to_identify", text))
    codes = {name: _codes(background[name]) for name in chosen}
    cell, sizes = _cells(codes.values())
    small = np.flatnonzero(sizes < k)
    first = np.unique(cell, return_index=True)[1][small]
    shown = {name: [_said(value) for value in background[name].iloc[first]] for name in chosen}
    table = pd.DataFrame(shown, dtype="str")
    table["n"] = sizes[small]
    if sensitive is not None:
        known = background[sensitive].groupby(cell).nunique()
        table["different"] = known.reindex(small).to_numpy(dtype="int64")
    table = table.sort_values(["n", *chosen], ignore_index=True)
    table.index = pd.Index([str(number) for number in range(1, len(table) + 1)], name="cell", dtype="str")
    return Anonymity(
        k=int(sizes.min()),
        wanted=k,
        n=len(background),
        below=int(sizes[small].sum()),
        cells=table.astype({"n": "int64"}),
        variables=_variables(codes, k),
        definition={"missing": "own_category"},
    )


def coarsen(
    background: pd.DataFrame,
    kinds: Mapping[str, Kind],
    *,
    k: int = 5,
    levels: Mapping[str, Sequence[str]] | None = None,
    keep: Sequence[str] = (),
    suppress: float = 0.05,
    within: pd.DataFrame | None = None,
) -> Coarsened:
    """Make background answers coarser, one step at a time, until every combination has at least ``k`` respondents.

    Parameters
    ----------
    background
        One row a respondent.
    kinds
        How each column is answered: ``ordinal`` levels are merged with a neighbour, ``number`` is binned (each value
        becomes the mean of its bin), ``nominal`` and ``multiple`` levels become ``other``, the rarest first.
    k
        The size that every cell should have.
    levels
        The order of the levels of ordinal columns; levels not listed stand at the end.
    keep
        Columns that analyses need most: they are changed only when all others are gone.
    suppress
        Share of respondents all of whose answers may be taken away instead; at least ``k`` are then, or none.
    within
        Groups of the respondents (schools, districts) that others may know: every combination then has at least ``k``
        respondents in each group, and nobody's answers are taken away. Groups are not changed.

    Returns
    -------
    Coarsened

    Raises
    ------
    InsufficientDataError
        With fewer than ``k`` respondents, in all or in a group of ``within``: nothing can be done then.
    ValueError
        For a column that is not there, a kind that is none, or k below 1.

    Notes
    -----
    Greedy: of the next step of every variable that is taken which brings most respondents out of small cells for each
    bit of entropy lost; when no step helps alone, the one that loses least. Only where each has two levels left is one
    dropped. It ends when no more respondents are in small cells than may be suppressed (as in Datafly; Sweeney, 2002);
    then steps that later ones made needless are taken back. The order of rows makes no difference.
    """
    _check(background, k, [*kinds, *keep])
    wrong = [kind for kind in kinds.values() if kind not in ("nominal", "ordinal", "number", "multiple")]
    if wrong:
        raise ValueError(unknown("kind", str(wrong[0]), ["nominal", "ordinal", "number", "multiple"]))
    groups = [] if within is None else [_codes(within[name]) for name in within]
    smallest = int(_cells(groups)[1].min()) if groups and len(background) else len(background)
    if smallest < k:
        text = "{n} respondents cannot be made indistinguishable in cells of {k}."
        raise InsufficientDataError(Note("too_few_to_hide", text, {"n": smallest, "k": k}))
    state = {name: Coarser.start(background[name], kind, (levels or {}).get(name, ())) for name, kind in kinds.items()}
    allowed = int(suppress * len(background)) if not groups else 0
    allowed = allowed if allowed >= k else 0
    history: list[tuple[str, Coarser, Coarser]] = []
    while _below(state.values(), k, groups) > allowed:
        taken, best = _best_step(state, k, keep, groups)
        history.append((taken, state[taken], best))
        state[taken] = best
    history = _undone(state, history, k, allowed, groups)
    rows = [
        (name, after.done, before.described(after), after.described(before), after.lost)
        for name, before, after in history
    ]
    columns = {"variable": "str", "done": "str", "before": "str", "after": "str", "lost": "float64"}
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    table.index = pd.Index([str(number) for number in range(1, len(table) + 1)], name="step", dtype="str")
    frame = pd.DataFrame({name: entry.values(background[name]) for name, entry in state.items()}, background.index)
    gone = np.zeros(len(frame), dtype=bool) if groups else _outliers([entry.codes for entry in state.values()], k)
    frame[gone] = np.nan
    codes = [*groups, *(np.where(gone, 0, entry.codes) for entry in state.values())]
    sizes = _cells(codes)[1] if codes else np.array([len(frame)])
    return Coarsened(
        frame=frame,
        k=int(sizes.min()),
        steps=table,
        levels={name: entry.levels() for name, entry in state.items() if entry.changed and entry.kind != "number"},
        dropped=tuple(name for name, entry in state.items() if entry.is_dropped),
        suppressed=int(gone.sum()),
    )


def _best_step(
    state: Mapping[str, Coarser], k: int, keep: Sequence[str], groups: Sequence[np.ndarray]
) -> tuple[str, Coarser]:
    """The next step of the variable in which it gains most for what it loses."""
    below = _below(state.values(), k, groups)
    different = [name for name, entry in state.items() if entry.distinguishes]
    names = [name for name in different if name not in keep] or different
    found = []
    for place, name in enumerate(names):
        for candidate in next_steps(state[name]):
            left = _below([candidate if other == name else entry for other, entry in state.items()], k, groups)
            cost = max(candidate.lost - state[name].lost, 1e-9) * max(state[name].entropy, 1e-9)
            found.append((not candidate.is_dropped, (below - left) / cost, -cost, -place, name, candidate))
    *_, name, chosen = max(found, key=lambda entry: entry[:4])
    return name, chosen


def _undone(
    state: dict[str, Coarser],
    history: list[tuple[str, Coarser, Coarser]],
    k: int,
    allowed: int,
    groups: Sequence[np.ndarray],
) -> list[tuple[str, Coarser, Coarser]]:
    """Take back what later steps made needless, in ``state`` too; the variable that lost most comes first."""
    for name in sorted(state, key=lambda name: -state[name].lost * state[name].entropy):
        mine = [entry for entry in history if entry[0] == name]
        for number, (_, before, _) in enumerate(mine):
            others = [before if other == name else entry for other, entry in state.items()]
            if _below(others, k, groups) <= allowed:
                state[name] = before
                history = [entry for entry in history if entry[0] != name or entry in mine[:number]]
                break
    return history


def _outliers(codes: Sequence[np.ndarray], k: int) -> np.ndarray:
    """Who loses every answer: all in small cells, and whole further cells until those who lost theirs are k."""
    gone = np.zeros(len(codes[0]) if codes else 0, dtype=bool)
    cell, sizes = _cells(codes)
    if not codes or sizes.min() >= k:
        return gone
    empty = np.all([column == 0 for column in codes], axis=0)
    gone = np.asarray(sizes[cell] < k)
    # By what is in the cells, not by their number, which depends on the order of rows.
    order = sorted(set(cell[~(gone | empty)]), key=lambda at: (sizes[at], *(column[cell == at][0] for column in codes)))
    for at in order:
        if (gone | empty).sum() >= k:
            break
        gone |= cell == at
    return gone


def _check(background: pd.DataFrame, k: int, names: Sequence[str]) -> None:
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ValueError(f"The 'k' parameter must be a whole number of at least 1. Got {k!r} instead.")
    for name in names:
        if name not in background:
            raise ValueError(unknown("column of the background", name, [str(column) for column in background]))


def _codes(column: pd.Series) -> np.ndarray:
    return pd.factorize(column, sort=False)[0] + 1  # missing is 0, a value of its own


def _cells(codes: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Number of each respondent's cell, and the sizes of the cells."""
    cell: np.ndarray | None = None
    for column in codes:
        joint = column if cell is None else cell * (int(column.max(initial=0)) + 1) + column
        cell = pd.factorize(joint)[0]
    if cell is None:
        return np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    return cell, np.bincount(cell)


def _below(state: Iterable[Coarser], k: int, groups: Sequence[np.ndarray]) -> int:
    _, sizes = _cells([*groups, *(entry.codes for entry in state)])
    return int(sizes[sizes < k].sum())


def _variables(codes: Mapping[str, np.ndarray], k: int) -> pd.DataFrame:
    rows = {}
    for name, column in codes.items():
        others = [other for key, other in codes.items() if key != name]
        sizes = _cells(others)[1] if others else np.array([len(column)])
        counts = np.bincount(column)
        rows[name] = {
            "levels": int((counts > 0).sum()),
            "rarest": int(counts[counts > 0].min()),
            "below_without": int(sizes[sizes < k].sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("variable")


def _said(value: Any) -> str:
    if pd.isna(value):
        return _MISSING
    return f"{value:g}" if isinstance(value, float) else str(value)
