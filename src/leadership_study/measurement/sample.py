"""Who answered: what went out and came back, and whether the respondents are like their population."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._population_shares import check_answers, population_shares
from leadership_study.measurement._returns import Returns, return_table
from leadership_study.results import Note, Result
from leadership_study.samples.weighting import design_effect
from leadership_study.scoring import ScoredResponses, Variables
from leadership_study.scoring.variables import TableFile

_SMALL = 5.0  # expected counts below which the chi-square distribution is doubtful (Cochran, 1954)


_MANY = 30
"""More groups than these get rates of their own only when the plan asks for them."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Representation(Result):
    """Respondents beside their population.

    Attributes
    ----------
    levels : DataFrame, index ``variable``, ``level``
        n, share (of the answers given), population_n, population_share, difference = share − population_share,
        std_difference = difference / √(P(1 − P)) with P the population's share.
    tests : DataFrame, index ``variable``
        n, missing, chi_square, df, p_value, cohen_w, smallest_expected and, with clusters, f, df1, df2 and
        clustered_p_value.
    """

    levels: pd.DataFrame
    tests: pd.DataFrame

    main: ClassVar[str] = "levels"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Sample(Result):
    """Return rates, respondents beside their population, and what weights change.

    Attributes
    ----------
    returns : DataFrame, index ``block``, ``by``, ``level``
        distributed, returned, return_rate, valid, valid_rate = valid / returned, usable_rate = valid / distributed.
    levels, tests : DataFrame
        As in `Representation`; with weights, levels has weighted_share. Without rows when no population is given.
    scores : DataFrame, index ``dimension``
        n, mean, weighted_mean, difference = weighted_mean − mean. Without rows when there are no weights.
    n : int
        Respondents.
    weights_design_effect, effective_n : float or None
        Kish's n Σw² / (Σw)², and n divided by it; None without weights.
    """

    returns: pd.DataFrame
    levels: pd.DataFrame
    tests: pd.DataFrame
    scores: pd.DataFrame
    n: int
    weights_design_effect: float | None = None
    effective_n: float | None = None

    main: ClassVar[str] = "returns"


def representation(
    data: pd.DataFrame, population: Mapping[str, pd.Series], *, clusters: pd.Series | None = None
) -> Representation:
    """Compare the shares of respondents with those of their population.

    Parameters
    ----------
    data : DataFrame
        Text, one column a variable; missing as NaN.
    population : mapping of variable to Series
        Share of each level, adding up to 1.
    clusters : Series, optional
        What respondents came in (schools, districts): gives a second test that allows for it.

    Raises
    ------
    ValueError
        When somebody has a level that the population does not have.
    InsufficientDataError
        When nobody answered any of the variables.

    Notes
    -----
    chi_square = Σ (O − nP)² / (nP) with k − 1 degrees of freedom over the k levels with P > 0, cohen_w = √(chi_square /
    n). It takes respondents as drawn one by one. With clusters: Rao and Scott's first-order correction, chi_square
    divided by δ = Σ n v / P / (k − 1), v the variance of a share between clusters, and F = chi_square / (δ(k − 1)) on
    k − 1 and (k − 1)(C − 1) degrees of freedom for C clusters. Missing answers are left out, variable by variable. R
    twin: ``chisq.test(table(x), p = P)``.

    References
    ----------
    Rao, J. N. K., & Scott, A. J. (1981). https://doi.org/10.1080/01621459.1981.10477633
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.). Erlbaum.
    """
    levels, tests, notes = [], {}, []
    for name, shares in population.items():
        answered = data[name].dropna()
        if stray := sorted(set(answered) - set(shares.index[shares > 0])):
            raise ValueError(f"The population has no share of {name} = {', '.join(map(str, stray))}.")
        if answered.empty:
            text = "Nobody answered {variables}, so there is nothing to compare with the population there."
            notes.append(Note("population_variables_without_answers", text, {"variables": name}))
            continue
        counts = answered.value_counts().reindex(shares.index, fill_value=0).to_numpy(dtype=float)
        wanted, n = shares.to_numpy(dtype=float), len(answered)
        spread = np.sqrt(wanted * (1 - wanted))
        gap = counts / n - wanted
        levels.append(
            pd.DataFrame(
                {
                    "n": counts.astype("int64"),
                    "share": counts / n,
                    "population_share": wanted,
                    "difference": gap,
                    "std_difference": np.divide(gap, spread, out=np.full(len(gap), np.nan), where=spread > 0),
                },
                index=pd.MultiIndex.from_product([[name], shares.index], names=["variable", "level"]),
            )
        )
        near = None if clusters is None else clusters.loc[answered.index]
        tests[name] = {"n": n, "missing": len(data) - n, **_test(answered, counts, shares, near)}
        if tests[name]["smallest_expected"] < _SMALL:
            text = "Some expected numbers of {variable} are small ({smallest}), so its chi-square test is only rough."
            values = {"variable": name, "smallest": tests[name]["smallest_expected"]}
            notes.append(Note("small_expected_numbers", text, values))
    if not levels:
        raise InsufficientDataError(notes[0] if notes else Note("no_population", "The population has no variable.", {}))
    table = pd.DataFrame.from_dict(tests, orient="index").rename_axis("variable")
    return Representation(
        levels=pd.concat(levels),
        tests=table.astype({"n": "int64", "missing": "int64"}),
        definition={"test": "goodness_of_fit", "missing": "available", "n": len(data)},
        notes=tuple(notes),
    )


def run(
    scored: ScoredResponses,
    *,
    population: TableFile | None = None,
    by: Variables | None = None,
    returns: Returns | None = None,
) -> Result:
    """Describe the sample of a study.

    Parameters
    ----------
    scored
        Scored answers.
    population
        Table with the columns ``variable``, ``level`` and ``n`` or ``share``: how the population is made up.
    by
        Groups and background questions whose levels get return rates of their own; when None, the outermost group
        unless it has more than thirty. Channels do whenever there are several.
    returns
        What went out and came back, which the pipeline gives; without it, all respondents count as valid.
    """
    known = returns or _only_valid(scored)
    blocks = list(dict.fromkeys(scored.block))
    names = _outermost(scored) if by is None else scored.expand(by)
    asked = [name for _, name, _ in known.distributed.index if name != "all"]
    wanted = [name for name in dict.fromkeys(["channel", *asked, *names]) if name in known.received]
    table, notes = return_table(known, blocks, wanted)
    weights = None if scored.weights is None else scored.weights.to_numpy(dtype=float)
    effect = None if weights is None else design_effect(weights)
    beside = None if population is None else _beside(scored, population)
    return Sample(
        returns=table,
        levels=_empty(["variable", "level"]) if beside is None else beside.levels,
        tests=_empty(["variable"]) if beside is None else beside.tests,
        scores=_empty(["dimension"]) if weights is None else _scores(scored.scales, weights),
        n=len(scored.items),
        weights_design_effect=effect,
        effective_n=None if effect is None else len(scored.items) / effect,
        definition={"n": len(scored.items)} if beside is None else dict(beside.definition),
        notes=(*notes, *(() if beside is None else beside.notes)),
    )


def _outermost(scored: ScoredResponses) -> list[str]:
    return [name for name in scored.nested_in[-1:] if scored.groups[name].nunique() <= _MANY]


def _beside(scored: ScoredResponses, table: pd.DataFrame) -> Representation:
    population = population_shares(table, scored.instrument)
    data = scored.frame(list(population))
    check_answers(data, population)
    clusters = scored.groups[scored.nested_in[-1]].fillna("") if scored.nested_in else None
    found = representation(data, {name: part["share"] for name, part in population.items()}, clusters=clusters)
    levels = found.levels
    sizes = pd.Series([population[name]["n"][level] for name, level in levels.index], index=levels.index)
    if sizes.notna().any():
        whole = bool((sizes.dropna() % 1 == 0).all())
        levels.insert(2, "population_n", sizes.astype("Int64") if whole else sizes)
    notes = list(found.notes)
    if scored.weights is not None:
        weighted = [_weighted_share(data[name], level, scored.weights) for name, level in levels.index]
        levels = levels.assign(weighted_share=weighted)
    if clusters is not None:
        text = (
            "The chi-square test takes the respondents as drawn one by one; the p value that allows for their having "
            "come in groups ({group}) is the one to read."
        )
        notes.append(Note("population_test_clustered", text, {"group": scored.nested_in[-1]}))
    return Representation(levels=levels, tests=found.tests, definition=found.definition, notes=tuple(notes))


def _test(answered: pd.Series, counts: np.ndarray, shares: pd.Series, clusters: pd.Series | None) -> dict[str, float]:
    wanted = shares.to_numpy(dtype=float)
    n, there = counts.sum(), wanted > 0
    expected = n * wanted[there]
    chi_square = float(((counts[there] - expected) ** 2 / expected).sum())
    df = float(there.sum() - 1)
    test = {
        "chi_square": chi_square,
        "df": df,
        "p_value": float(stats.chi2.sf(chi_square, df)) if df > 0 else np.nan,
        "cohen_w": float(np.sqrt(chi_square / n)),
        "smallest_expected": float(expected.min()),
    }
    if clusters is None:
        return test
    f = df1 = df2 = p_value = np.nan
    levels = pd.Index(np.unique(answered.to_numpy(dtype=object)))
    flat = answered.to_numpy(dtype=object)[:, None] == levels.to_numpy(dtype=object)[None, :]
    totals = pd.DataFrame(flat - flat.mean(axis=0)).groupby(clusters.to_numpy()).sum().to_numpy()
    size = len(totals)
    if size > 1 and df > 0:
        variance = dict(zip(levels, size / (size - 1) * (totals**2).sum(axis=0) / n**2, strict=True))
        delta = sum(n * variance[level] / share for level, share in shares.items() if level in variance) / df
        if delta > 0:
            f, df1, df2 = chi_square / (delta * df), df, df * (size - 1)
            p_value = float(stats.f.sf(f, df1, df2))
    return {**test, "f": f, "df1": df1, "df2": df2, "clustered_p_value": p_value}


def _weighted_share(column: pd.Series, level: str, weights: pd.Series) -> float:
    answered = column.notna()
    return float(weights[answered & (column == level)].sum() / weights[answered].sum()) if answered.any() else np.nan


def _scores(scales: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    rows = {}
    for name in scales.columns:
        values = scales[name].to_numpy(dtype=float)
        seen = np.isfinite(values)
        mean, weighted = (
            (values[seen].mean(), np.average(values[seen], weights=weights[seen])) if seen.any() else (np.nan, np.nan)
        )
        rows[str(name)] = {"n": int(seen.sum()), "mean": mean, "weighted_mean": weighted, "difference": weighted - mean}
    return pd.DataFrame.from_dict(rows, orient="index").astype({"n": "int64"}).rename_axis("dimension")


def _only_valid(scored: ScoredResponses) -> Returns:
    received = scored.groups.assign(block=scored.block, valid=True)
    index = pd.MultiIndex.from_tuples([], names=["block", "by", "level"])
    return Returns(received=received, distributed=pd.DataFrame({"n": pd.Series([], dtype="int64", index=index)}))


def _empty(names: list[str]) -> pd.DataFrame:
    index = pd.Index([], name=names[0], dtype="str") if len(names) == 1 else pd.MultiIndex.from_tuples([], names=names)
    return pd.DataFrame(index=index)
