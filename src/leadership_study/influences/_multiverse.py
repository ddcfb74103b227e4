"""One result under many defensible choices: the tables of a specification curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note, NotEstimated, Result

DECISIONS = ("exclusions", "missing_answers", "scoring", "estimator", "covariates")
"""What a universe chooses, in the order of the tables."""

_ESTIMATES = ("estimate", "difference", "r", "contribution")
_TAKEN = ("ci_low", "ci_high", "p_value")
_CONSTANT = "intercept"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Multiverse(Result):
    """Estimates of the same terms in all universes.

    Attributes
    ----------
    terms : DataFrame, index ``term``
        n_universes, n_estimated, declared (the estimate as planned), median, minimum, maximum, share_same_sign (as the
        planned one), share_interval_excludes_zero.
    curve : DataFrame, index ``term``, ``universe``
        The choice of each decision, n, estimate, ci_low, ci_high, p_value, is_declared; missing where not estimated.
    choices : DataFrame, index ``term``, ``decision``, ``choice``
        n_estimated, median, minimum, maximum over the universes with this choice.
    words : DataFrame, index ``id``
        What choices are called, one language a column.
    """

    terms: pd.DataFrame
    curve: pd.DataFrame
    choices: pd.DataFrame
    words: pd.DataFrame

    main: ClassVar[str] = "terms"

    def labels(self, language: str) -> dict[str, str]:
        """Return the wording of the choices that the plan words, in ``language`` or else in any other."""
        texts = {str(name): self.words[name].tolist() for name in self.words}
        first = [language, *(name for name in texts if name != language)]
        found: dict[str, str] = {}
        for at, id in enumerate(self.words.index):
            wording = next((texts[name][at] for name in first if name in texts and texts[name][at]), None)
            found |= {str(id): str(wording)} if wording else {}
        return found


@dataclass(frozen=True, kw_only=True)
class Universe:
    """The result of one combination of choices; ``choices`` are by decision."""

    choices: Mapping[str, str]
    result: Result
    is_declared: bool


def specification_curve(
    universes: Sequence[Universe], terms: Sequence[str], words: pd.DataFrame, definition: Mapping[str, Any]
) -> Multiverse:
    """Put the main tables of all universes together.

    Parameters
    ----------
    universes
        One of them the declared one.
    terms
        Rows of the main table; empty: all of the declared universe but the constant.
    words
        As in `Multiverse`.
    definition
        Of the multiverse.

    Raises
    ------
    InsufficientDataError
        When the declared universe was not estimated, has no estimates, or lacks a term.
    """
    declared = next(universe.result for universe in universes if universe.is_declared)
    if isinstance(declared, NotEstimated):
        raise InsufficientDataError(declared.reason)
    main = declared.to_frame()
    column = next((name for name in _ESTIMATES if name in main), None)
    if column is None:
        text = "The main table of this analysis has no estimates that could be compared over universes."
        raise InsufficientDataError(Note("multiverse_without_estimates", text))
    known = [str(key) if not isinstance(key, tuple) else " / ".join(map(str, key)) for key in main.index]
    if absent := [term for term in terms if term not in known]:
        text = "The main table of this analysis has no row {term}; its rows are {rows}."
        raise InsufficientDataError(
            Note("multiverse_term_unknown", text, {"term": absent[0], "rows": ", ".join(known)})
        )
    chosen = list(terms) or [name for name in known if name != _CONSTANT]
    curve = _curve(universes, chosen, column)
    level = declared.definition.get("confidence_level")
    failed = [universe for universe in universes if isinstance(universe.result, NotEstimated)]
    notes = []
    if failed:
        text = "{failed} of {universes} universes could not be estimated; the first of them: {reason}"
        reason = failed[0].result.reason  # type: ignore[attr-defined]
        values = {"failed": len(failed), "universes": len(universes), "reason": reason}
        notes.append(Note("universes_not_estimated", text, values))
    own = {"n_universes": len(universes), **({"confidence_level": level} if level is not None else {})}
    return Multiverse(
        terms=_terms(curve, chosen),
        curve=curve,
        choices=_choices(curve, chosen),
        words=words,
        definition={**definition, **own, "source": "Steegen et al. (2016); Simonsohn et al. (2020)"},
        notes=tuple(notes),
    )


def _curve(universes: Sequence[Universe], terms: Sequence[str], column: str) -> pd.DataFrame:
    rows, index = [], []
    for number, universe in enumerate(universes, start=1):
        estimated = not isinstance(universe.result, NotEstimated)
        table = universe.result.to_frame() if estimated else pd.DataFrame()
        names = [str(key) if not isinstance(key, tuple) else " / ".join(map(str, key)) for key in table.index]
        for term in terms:
            row: dict[str, Any] = {name: universe.choices[name] for name in DECISIONS}
            there = column in table and term in names
            own = table.iloc[names.index(term)] if there else None
            n = universe.result.definition.get("n") if estimated else None
            row["n"] = pd.NA if n is None else int(n)
            row["estimate"] = float(own[column]) if own is not None else np.nan
            for name in _TAKEN:
                row[name] = float(own[name]) if own is not None and name in table else np.nan
            row["is_declared"] = universe.is_declared
            rows.append(row)
            index.append((term, str(number)))
    table = pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(index, names=["term", "universe"]))
    return table.astype({"n": "Int64", **dict.fromkeys(DECISIONS, "str")})


def _terms(curve: pd.DataFrame, terms: Sequence[str]) -> pd.DataFrame:
    rows = {}
    for term in terms:
        own: pd.DataFrame = curve.loc[term]  # type: ignore[assignment]
        known = own["estimate"].dropna()
        declared = float(own.loc[own["is_declared"], "estimate"].iloc[0])
        with_interval = own[own["ci_low"].notna() & own["ci_high"].notna()]
        apart = (with_interval["ci_low"] > 0) | (with_interval["ci_high"] < 0)
        rows[term] = {
            "n_universes": len(own),
            "n_estimated": len(known),
            "declared": declared,
            **_spread(known),
            "share_same_sign": float((np.sign(known) == np.sign(declared)).mean()),
            "share_interval_excludes_zero": float(apart.mean()) if len(apart) else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")


def _choices(curve: pd.DataFrame, terms: Sequence[str]) -> pd.DataFrame:
    rows = {}
    for term in terms:
        own = curve.loc[term]
        for decision in DECISIONS:
            if own[decision].nunique() < 2:
                continue
            for choice in dict.fromkeys(own[decision]):
                known = own.loc[own[decision] == choice, "estimate"].dropna()
                rows[term, decision, choice] = {"n_estimated": len(known), **_spread(known)}
    index = pd.MultiIndex.from_tuples(list(rows), names=["term", "decision", "choice"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["n_estimated", "median", "minimum", "maximum"])


def _spread(known: pd.Series) -> dict[str, float]:
    if known.empty:
        return dict.fromkeys(("median", "minimum", "maximum"), float("nan"))
    return {"median": float(known.median()), "minimum": float(known.min()), "maximum": float(known.max())}
