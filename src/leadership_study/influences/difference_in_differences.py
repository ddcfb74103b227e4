"""Difference in differences: what changed for those who joined, beyond what changed for those who had not yet."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._columns import number_column
from leadership_study.influences._groups import column_of
from leadership_study.influences._two_way_effects import two_way_effect
from leadership_study.results import Note, Result
from leadership_study.samples.resampling import block_generator, block_sizes
from leadership_study.samples.staggered_adoption import (
    Cohorts,
    Comparison,
    Effect,
    GroupTime,
    plain_mean,
    summed_within,
)
from leadership_study.scoring import ScoredResponses, Variable
from leadership_study.scoring.dimensions import unweighted

__all__ = ["DifferenceInDifferences", "difference_in_differences", "run"]

Codes = NDArray[np.int64]

_FEW_UNITS = 5
_FEW_CLUSTERS = 40


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DifferenceInDifferences(Result):
    """Effects by time of joining and time.

    Attributes
    ----------
    averages : DataFrame
        Index ``term``: ``group_mean`` (mean over the groups of their mean effects since joining, weighted by size: the
        effect on an average unit that joined), ``group_time_mean`` (mean of all effects since joining, weighted by
        size), ``event_mean`` (plain mean over the times since joining) and, when all joined at once, ``two_way``
        (two-way fixed effects): estimate, std_error, statistic (z), p_value, ci_low, ci_high.
    events : DataFrame
        Index ``since`` (time minus time of joining; negative: before): the same, with n_groups; band_low and band_high
        hold for all events at once (with ``bootstrap``).
    groups : DataFrame
        Index ``joined``: mean effect since joining of each group, n_units.
    group_times : DataFrame
        Rows (joined, time): base_time (the time compared with), n_treated, n_comparison and the same.
    cohorts : DataFrame
        Index ``joined``: number of units; ``never`` are those that had not joined at the last time.
    before_joining : Series
        Whether the effects before joining are all 0: statistic, df, p_value (Wald); NaN without any.
    """

    main: ClassVar[str] = "events"

    averages: pd.DataFrame
    events: pd.DataFrame
    groups: pd.DataFrame
    group_times: pd.DataFrame
    cohorts: pd.DataFrame
    before_joining: pd.Series


def difference_in_differences(
    data: pd.DataFrame, outcome: Hashable, *, unit: Hashable, time: Hashable, joined: Hashable,
    comparison: Comparison = "not_yet", base: Literal["varying", "universal"] = "varying",
    clusters: Hashable | None = None, confidence_level: float = 0.95, bootstrap: int = 0, seed: int | None = None,
) -> DifferenceInDifferences:  # fmt: skip
    """Estimate group-time effects of a treatment that units join at different times.

    For the units that joined at g, ATT(g, t) = E[Y(t) − Y(g − 1) | joined at g] − E[Y(t) − Y(g − 1) | not joined by t],
    g − 1 being the last time before. It is the effect on those who joined if, without joining, both would have changed
    alike (parallel trends) and nobody changed in anticipation; neither can be proven from these data.

    Parameters
    ----------
    data : DataFrame
        One row a unit and time, or several (teachers of a school): they are averaged. Rows without a value of the
        outcome, unit or time are left out and counted.
    outcome, unit, time, joined : column labels
        ``joined`` is the time from which the unit is treated, missing when it never was; it must be the same in all
        rows of a unit. A unit treated at the first time has no "before" and is left out, with a note.
    comparison : {"not_yet", "never"}
        Units that have not joined by then, or those alone that never do.
    base : {"varying", "universal"}
        What effects before joining are compared with: the time before, or the last time before joining.
    clusters : column label, optional
        What units are drawn in (districts); each unit by itself when left out.
    confidence_level : float
    bootstrap : int
        Replicates of the multiplier bootstrap for the band over all events; 0 for none. Needs ``seed``.

    Raises
    ------
    InsufficientDataError
        When no unit joins after the first time, or none is left to compare with.
    ValueError, TypeError
        For columns that are not there or no numbers, and units whose time of joining changes.

    Notes
    -----
    Errors follow from the influence of each unit on the estimates, summed within clusters; normal quantiles.
    Callaway, B., & Sant'Anna, P. H. C. (2021), https://doi.org/10.1016/j.jeconom.2020.12.001; on two-way fixed effects
    under staggered joining: Goodman-Bacon (2021), https://doi.org/10.1016/j.jeconom.2021.03.014. R twin:
    ``did::att_gt(xformla = ~1, control_group = "notyettreated", bstrap = FALSE)``, ``did::aggte``.
    """
    if comparison not in ("not_yet", "never"):
        raise ValueError(f"The 'comparison' parameter must be one of 'not_yet', 'never'. Got {comparison!r} instead.")
    if base not in ("varying", "universal"):
        raise ValueError(f"The 'base' parameter must be one of 'varying', 'universal'. Got {base!r} instead.")
    if bootstrap and seed is None:
        raise ValueError("The bootstrap needs a seed, so that it can be repeated.")
    panel, codes, notes = _panel(data, outcome, unit, time, joined, clusters)
    found = [
        effect
        for group in panel.groups()
        for at in panel.times
        if (effect := panel.effect(group, float(at), comparison=comparison, universal=base == "universal")) is not None
    ]
    after = [effect for effect in found if effect.time >= effect.joined]
    if not after:
        text = "No unit that joined after the first time can be compared with one that had not joined."
        raise InsufficientDataError(Note("did_nothing_to_compare", text))
    few = sorted({effect.joined for effect in after if min(effect.n_treated, effect.n_comparison) < _FEW_UNITS})
    if few:
        text = "Fewer than five units stand on one side for those who joined at {times}: their intervals are too short."
        notes.append(Note("did_few_units", text, {"times": ", ".join(f"{one:g}" for one in few)}))
    n_clusters = len(panel.joined) if codes is None else int(codes.max()) + 1
    if codes is not None and n_clusters < _FEW_CLUSTERS:
        text = "There are only {n_clusters} clusters: intervals from the normal distribution are too short."
        notes.append(Note("did_few_clusters", text, {"n_clusters": n_clusters}))
    quantile = float(stats.norm.ppf((1 + confidence_level) / 2))
    writer = _Rows(codes=codes, quantile=quantile)
    events = _events(panel, found)
    by_group = {one: panel.mean_of([effect for effect in after if effect.joined == one]) for one in panel.groups()
                if any(effect.joined == one for effect in after)}  # fmt: skip
    overall: dict[str, dict[str, float]] = {
        "group_mean": writer.row(_mean_over_groups(panel, by_group)),
        "group_time_mean": writer.row(panel.mean_of(after)),
        "event_mean": writer.row(plain_mean([effect for since, (effect, _) in events.items() if since >= 0])),
    }
    two_way = two_way_effect(panel, codes, confidence_level) if len(panel.groups()) == 1 else None
    if two_way is None:
        text = (
            "Two-way fixed effects are not given: units joined at different times, so that they would be compared with "
            "units that had joined before."
        )
        if len(panel.groups()) > 1:
            notes.append(Note("did_no_two_way", text))
    else:
        overall["two_way"] = two_way
    return DifferenceInDifferences(
        averages=pd.DataFrame.from_dict(overall, orient="index").rename_axis("term"),
        events=_event_table(events, writer, bootstrap, seed, confidence_level),
        groups=_table({f"{one:g}": writer.row(effect) | {"n_units": int((panel.joined == one).sum())}
                       for one, effect in by_group.items()}, "joined"),
        group_times=_group_times(found, writer),
        cohorts=_counts(panel),
        before_joining=_before([effect for effect in found if effect.time < effect.joined], codes),
        definition={
            "formula": "group_time_effects", "comparison": comparison, "base_time": base, "n": len(panel.joined),
            "missing": "listwise", "standard_errors": "influence" if clusters is None else "influence_by_cluster",
            **({} if codes is None else {"n_clusters": n_clusters}),
            "confidence_level": confidence_level, "source": "Callaway & Sant'Anna (2021)",
        },
        notes=tuple(notes),
    )  # fmt: skip


def run(
    scored: ScoredResponses, *, outcome: Variable, unit: Variable, joined: Variable, waves: Mapping[str, int],
    comparison: Comparison = "not_yet", base: Literal["varying", "universal"] = "varying",
    clusters: Variable | None = None, confidence_level: float = 0.95, bootstrap: int = 1000, seed: int,
) -> DifferenceInDifferences:  # fmt: skip
    """Compare the waves of the blocks named in ``of``; ``joined`` is a fact about each unit."""
    names = list(dict.fromkeys([outcome, unit, joined, *([clusters] if clusters else [])]))
    data = scored.frame(names).assign(**{"wave of the answer": scored.block.map(waves).astype(float)})
    data[joined] = pd.to_numeric(data[joined], errors="coerce")
    result = difference_in_differences(
        data, outcome, unit=unit, time="wave of the answer", joined=joined, comparison=comparison, base=base,
        clusters=clusters, confidence_level=confidence_level, bootstrap=bootstrap, seed=seed,
    )  # fmt: skip
    return replace(result, notes=(*result.notes, *unweighted(scored)))


@dataclass(frozen=True, kw_only=True)
class _Rows:
    codes: Codes | None
    quantile: float

    def row(self, effect: Effect) -> dict[str, float]:
        error = effect.std_error(self.codes)
        known = error > 1e-12
        return {
            "estimate": effect.estimate,
            "std_error": error if known else np.nan,
            "statistic": effect.estimate / error if known else np.nan,
            "p_value": float(2 * stats.norm.sf(abs(effect.estimate / error))) if known else np.nan,
            "ci_low": effect.estimate - self.quantile * error if known else np.nan,
            "ci_high": effect.estimate + self.quantile * error if known else np.nan,
        }


def _panel(
    data: pd.DataFrame, outcome: Hashable, unit: Hashable, time: Hashable, joined: Hashable, clusters: Hashable | None
) -> tuple[Cohorts, Codes | None, list[Note]]:
    columns: dict[str, Any] = {
        "outcome": number_column(data, outcome, "column"),
        "time": number_column(data, time, "column"),
        "joined": number_column(data, joined, "column"),
        "unit": column_of(data, unit, "unit").to_numpy(),
    }  # fmt: skip
    if clusters is not None:
        columns["cluster"] = column_of(data, clusters, "clusters").to_numpy()
    frame = pd.DataFrame(columns)
    wanted = [name for name in frame if name != "joined"]
    complete = frame.dropna(subset=wanted)
    notes = []
    if left_out := len(frame) - len(complete):
        notes.append(Note("did_rows_left_out", "Rows left out because a value is missing: {n}.", {"n": left_out}))
    if complete.empty:
        raise InsufficientDataError(Note("did_no_rows", "No row has the outcome, the unit and the time."))
    _same_in_a_unit(complete, "joined", joined)
    means = complete.pivot_table(index="unit", columns="time", values="outcome", aggfunc="mean", observed=True)
    first = complete.groupby("unit", observed=True, sort=True)["joined"].first().reindex(means.index)
    start = first.fillna(np.inf).to_numpy(dtype=float)
    times = means.columns.to_numpy(dtype=float)
    early = start <= times[0]
    if early.any():
        text = "Units that had joined by the first time have no before and are left out: {n}."
        notes.append(Note("did_joined_before", text, {"n": int(early.sum())}))
    start = np.where(start > times[-1], np.inf, start)
    gaps = int(means[~early].isna().to_numpy().any(axis=1).sum())
    if gaps:
        text = "Units that were not observed at every time serve only where they were: {n}."
        notes.append(Note("did_gaps", text, {"n": gaps}))
    codes = None
    if clusters is not None:
        _same_in_a_unit(complete, "cluster", clusters)
        of_units = complete.groupby("unit", observed=True, sort=True)["cluster"].first().reindex(means.index)
        codes = pd.factorize(of_units[~early])[0].astype(np.int64)
    panel = Cohorts(outcomes=means[~early].to_numpy(dtype=float), times=times, joined=start[~early])
    return panel, codes, notes


def _same_in_a_unit(frame: pd.DataFrame, name: str, label: Hashable) -> None:
    several = frame.groupby("unit", observed=True)[name].nunique(dropna=False)
    if (several > 1).any():
        raise ValueError(f"{label!r} differs within the unit {several.idxmax()!r}; give every row of a unit the same.")


def _mean_over_groups(panel: Cohorts, by_group: Mapping[float, Effect]) -> Effect:
    as_cells = [
        GroupTime(estimate=effect.estimate, influence=effect.influence, joined=group, time=group, base=np.nan,
                  n_treated=0, n_comparison=0)
        for group, effect in by_group.items()
    ]  # fmt: skip
    return panel.mean_of(as_cells)


def _events(panel: Cohorts, found: list[GroupTime]) -> dict[float, tuple[Effect, int]]:
    since = sorted({effect.time - effect.joined for effect in found})
    cells = {one: [effect for effect in found if effect.time - effect.joined == one] for one in since}
    return {one: (panel.mean_of(effects), len(effects)) for one, effects in cells.items()}


def _event_table(
    events: Mapping[float, tuple[Effect, int]], writer: _Rows, bootstrap: int, seed: int | None, level: float
) -> pd.DataFrame:
    table = _table(
        {f"{since:g}": writer.row(effect) | {"n_groups": n} for since, (effect, n) in events.items()}, "since"
    )
    width = _band([effect for effect, _ in events.values()], writer, bootstrap, seed, level)
    return table.assign(
        band_low=table["estimate"] - width * table["std_error"],
        band_high=table["estimate"] + width * table["std_error"],
    )


def _band(effects: list[Effect], writer: _Rows, bootstrap: int, seed: int | None, level: float) -> float:
    """Quantile of the largest |t| over all events; each unit's (cluster's) influence keeps or turns its sign."""
    if not bootstrap or seed is None:
        return np.nan
    influence = np.column_stack([effect.influence for effect in effects])
    errors = np.array([effect.std_error(writer.codes) for effect in effects])
    known = errors > 1e-12
    influence = summed_within(influence, writer.codes)
    largest = []
    for block, size in enumerate(block_sizes(bootstrap)):
        signs = 2.0 * block_generator(seed, block).integers(2, size=(size, len(influence))) - 1
        drawn = signs @ influence[:, known] / len(effects[0].influence)
        largest.append(np.abs(drawn / errors[known]).max(axis=1))
    return float(np.quantile(np.concatenate(largest), level)) if known.any() else np.nan


def _group_times(found: list[GroupTime], writer: _Rows) -> pd.DataFrame:
    rows = [
        {"base_time": effect.base, "n_treated": effect.n_treated, "n_comparison": effect.n_comparison}
        | writer.row(effect)
        for effect in found
    ]
    names = [(f"{effect.joined:g}", f"{effect.time:g}") for effect in found]
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(names, names=["joined", "time"]))


def _counts(panel: Cohorts) -> pd.DataFrame:
    rows = {f"{group:g}": {"n_units": int((panel.joined == group).sum())} for group in panel.groups()}
    rows["never"] = {"n_units": int((~np.isfinite(panel.joined)).sum())}
    return _table(rows, "joined")


def _before(effects: list[GroupTime], codes: Codes | None) -> pd.Series:
    nothing = pd.Series({"statistic": np.nan, "df": np.nan, "p_value": np.nan}, name="value").rename_axis("field")
    if not effects:
        return nothing
    influence = np.column_stack([effect.influence for effect in effects])
    n = len(influence)
    influence = summed_within(influence, codes)
    covariance = influence.T @ influence / n**2
    estimates = np.array([effect.estimate for effect in effects])
    if np.linalg.matrix_rank(covariance) < len(effects):
        return nothing
    statistic = float(estimates @ np.linalg.solve(covariance, estimates))
    p_value = float(stats.chi2.sf(statistic, len(effects)))
    found = pd.Series({"statistic": statistic, "df": float(len(effects)), "p_value": p_value}, name="value")
    return found.rename_axis("field")


def _table(rows: Mapping[str, Mapping[str, float]], name: str) -> pd.DataFrame:
    return pd.DataFrame.from_dict(dict(rows), orient="index").rename_axis(name)
