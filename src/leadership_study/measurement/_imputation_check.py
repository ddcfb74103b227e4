"""Imputation held against the answers: do the chains mix, and are imputed values like answers where they should be."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.results import Note
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.imputed import Imputation

R_HAT_LIMIT = 1.2
"""Chains that differ more than this have not mixed: Gelman and Rubin (1992, https://doi.org/10.1214/ss/1177011136)."""

_DISTINCT = 12  # numbers with more different values are shown in classes


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckedImputation:
    """Tables of the same names in `MissingAnswers`, with the imputation's notes."""

    imputed: pd.DataFrame
    chains: pd.DataFrame
    distributions: pd.DataFrame
    notes: tuple[Note, ...] = ()

    @classmethod
    def empty(cls) -> Self:
        """Tables without rows."""
        whole = {"cells": "int64"}
        parts = dict.fromkeys(["mean_answered", "mean_imputed", "sd_answered", "sd_imputed", "r_hat"], "float64")
        return cls(
            imputed=_no_rows(["variable"], whole | parts),
            chains=_no_rows(["variable", "dataset", "iteration"], {"mean": "float64", "sd": "float64"}),
            distributions=_no_rows(["variable", "value"], {"share_answered": "float64", "share_imputed": "float64"}),
        )


def check_imputation(scored: ScoredResponses, *, datasets: int, iterations: int, seed: int) -> CheckedImputation:
    """Impute ``datasets`` times and compare imputed values with answers.

    Returns
    -------
    CheckedImputation
        ``imputed``: cells filled in each data set, mean and sd of answers and of imputed values (of a nominal variable
        the share of its most frequent level), and r_hat, the potential scale reduction of the chains' means over the
        second half of the iterations (Gelman & Rubin, 1992): 1 when all chains tell the same.
    """
    model = Imputation(scored)
    names = model.equations.imputed
    if not names:
        return CheckedImputation.empty()
    drawn = [model.draw(seed, number, iterations=iterations) for number in range(datasets)]
    table, wanted = model.equations.table.values, model.equations.table.wanted
    rows: dict[str, list[float]] = {}
    chains: dict[tuple[str, str, str], list[float]] = {}
    shares: dict[tuple[str, str], list[float]] = {}
    for at, name in enumerate(names):
        cells = wanted[:, list(table.columns).index(name)]
        answers = table[name].dropna().to_numpy()
        values = np.concatenate([one.values.loc[cells, name].to_numpy() for one in drawn])
        nominal = name in model.equations.table.nominal
        said, filled = (_summary(part, answers, nominal=nominal) for part in (answers, values))
        means = np.column_stack([one.means.iloc[:, at].to_numpy() for one in drawn])
        rows[name] = [int(cells.sum()), said[0], filled[0], said[1], filled[1], scale_reduction(means)]
        for number, one in enumerate(drawn, start=1):
            for step in range(iterations):
                told = [float(frame.to_numpy()[step, at]) for frame in (one.means, one.sds)]
                chains[name, str(number), str(step + 1)] = told
        shares |= _shares(name, answers, values, model.levels(name))
    none = CheckedImputation.empty()
    imputed = _table(rows, none.imputed)
    stuck = [name for name in names if rows[name][-1] > R_HAT_LIMIT]
    notes = list(model.notes(datasets))
    if stuck:
        text = "The chains of imputed means had not mixed for {variables}; look at their lines before you pool."
        notes.append(Note("chains_not_mixed", text, {"variables": ", ".join(stuck)}))
    return CheckedImputation(
        imputed=imputed,
        chains=_table(chains, none.chains),
        distributions=_table(shares, none.distributions),
        notes=tuple(notes),
    )


def scale_reduction(chains: NDArray[np.float64]) -> float:
    """Gelman and Rubin's √((((k − 1)/k) W + B/k) / W) of the second half, k steps, of ``chains`` (steps × chains)."""
    half = chains[len(chains) // 2 :]
    steps = len(half)
    if steps < 2 or half.shape[1] < 2:
        return float("nan")
    within = float(half.var(axis=0, ddof=1).mean())
    between = float(half.mean(axis=0).var(ddof=1))
    if within == 0:
        return 1.0 if between == 0 else float("inf")
    return float(np.sqrt((steps - 1) / steps + between / within))


def _summary(
    values: NDArray[np.float64], answers: NDArray[np.float64], *, nominal: bool
) -> tuple[float, float]:  # fmt: skip
    if nominal:
        codes, counts = np.unique(answers, return_counts=True)
        return float((values == codes[counts.argmax()]).mean()), float("nan")
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _shares(
    name: str, answers: NDArray[np.float64], imputed: NDArray[np.float64], levels: list[str] | None
) -> dict[tuple[str, str], list[float]]:
    found = np.unique(answers)
    if levels is None and len(found) > _DISTINCT:
        edges = np.unique(np.quantile(answers, np.linspace(0, 1, 11)))
        parts = [np.histogram(part, edges)[0] / len(part) for part in (answers, imputed)]
        texts = [f"{low:g}–{high:g}" for low, high in itertools.pairwise(edges)]
    else:
        parts = [(part[:, None] == found).mean(axis=0) for part in (answers, imputed)]
        texts = [f"{value:g}" if levels is None else levels[int(value)] for value in found]
    return {(name, text): [float(one), float(two)] for text, one, two in zip(texts, *parts, strict=True)}


def _table(rows: Mapping[Any, list[Any]], like: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(list(rows.values()), columns=like.columns).astype(like.dtypes.to_dict())
    names = list(like.index.names)
    keys = list(rows)
    table.index = pd.MultiIndex.from_tuples(keys, names=names) if len(names) > 1 else pd.Index(keys, name=names[0])
    return table


def _no_rows(names: list[str], columns: dict[str, str]) -> pd.DataFrame:
    empty: list[list[str]] = [[] for _ in names]
    index = (
        pd.MultiIndex.from_arrays(empty, names=names) if len(names) > 1 else pd.Index([], name=names[0], dtype="str")
    )
    return pd.DataFrame({name: pd.Series([], dtype=dtype, index=index) for name, dtype in columns.items()}, index=index)
