"""Does the package find again what was simulated: bias, and coverage of 95 % intervals, over many studies.

``python -m leadership_study.study.recovery`` writes ``docs/recovery.md``.
"""

import argparse
import dataclasses
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from leadership_study.influences.rater_agreement import rater_agreement
from leadership_study.influences.regression import regress
from leadership_study.instruments import Instrument, load_instrument
from leadership_study.measurement.reliability import cronbach_alpha, mcdonald_omega
from leadership_study.study._population import Careless, Groups, Missing, Population
from leadership_study.study._population_values import population_values
from leadership_study.study._recovery_page import doubtful, every_value, judgement, overview, summary
from leadership_study.study.project import find_project
from leadership_study.study.simulate import load_population, simulate

__all__ = ["again", "draws", "page", "planted_share", "recover", "summary", "tabulate", "weak_items_found"]

STUDY = "school_district_heads"
STUDIES = 200
AGAIN = 1000
BOOTSTRAP = 60
PLANNED = {
    "alpha": "300 teachers who share no school; Feldt's interval",
    "omega": f"the same; for the first dimension, logit ± 1.96 standard errors from {BOOTSTRAP} resamples",
    "item_mean": "the same; t interval of the mean",
    "icc1": "60 schools of 15 teachers on average, unequal; interval from the F test at the mean size",
    "item_mean_CR2": "900 teachers in 60 schools of 12 districts; CR2 by district, Satterthwaite",
    "regression_CR2": "the same; coefficients of all three questions with an effect on teaching leadership",
}

PLANTED = {
    "structural": "str_02",
    "interpersonal": "int_03",
    "political": "pol_05",
    "teaching": "tea_04",
    "cultural": "cul_05",
}
"""The item of each dimension that is weak in the flagship's population."""

Wanted = Callable[[str, str], bool]
"""Whether a value (statistic, of what) is asked for."""

Found = tuple[str, str, float, float, float, float]
"""Statistic, of what, true value, estimate, lower and upper limit."""


def recover(instrument: Instrument, population: Population, *, studies: int, seed: int) -> pd.DataFrame:
    """Simulate studies, analyse them, compare with the population.

    Parameters
    ----------
    instrument, population
        Of the flagship study; careless answers are taken out, since the population values are those of people who read.
    studies
        Number of studies of each design.
    seed
        Of the first; the others follow.

    Returns
    -------
    DataFrame
        Index ``statistic``, ``of``; columns true, estimate (mean over studies), bias, coverage (share of the intervals
        that hold the true value), studies.
    """
    return tabulate(draws(instrument, population, studies=studies, seed=seed))


def draws(
    instrument: Instrument,
    population: Population,
    *,
    studies: int,
    seed: int,
    only: Collection[tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Return every estimate of `recover`, one a row: statistic, of, true, estimate, low, high, study, covered.

    ``only`` names the values wanted (statistic, of what); designs without any are not simulated.
    """
    clean = dataclasses.replace(population, careless=Careless(), missing=Missing(mcar=0.02))
    designs = (
        (_independent, _unnested(clean), ("alpha", "omega", "item_mean")),
        (_one_level, _schools_only(clean), ("icc1",)),
        (_two_levels, clean, ("item_mean_CR2", "regression_CR2")),
    )
    found = []
    for at, (analyse, design, statistics) in enumerate(designs):
        if only is not None and not any(statistic in statistics for statistic, _ in only):
            continue
        truth = population_values(design, instrument)
        for number in range(studies):
            block = simulate(instrument, design, seed=seed + 3 * number + at).blocks[design.blocks[0].id]
            frame = pd.concat([block.items(), block.groups(), block.background()], axis=1)
            rows = analyse(instrument, frame, truth, number, lambda *value: only is None or value in only)
            found += [(*row, number) for row in rows]
    table = pd.DataFrame(found, columns=["statistic", "of", "true", "estimate", "low", "high", "study"])
    covered = (table["low"] <= table["true"]) & (table["true"] <= table["high"])
    return table.assign(covered=covered.astype(float).where(table["low"].notna()))  # some have no interval


def tabulate(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row a value of what `draws` found: see `recover`."""
    table = found.groupby(["statistic", "of"], sort=False).agg(
        true=("true", "mean"), estimate=("estimate", "mean"), coverage=("covered", "mean"), studies=("estimate", "size")
    )
    table.insert(2, "bias", table["estimate"] - table["true"])
    return table


def again(
    instrument: Instrument, population: Population, found: pd.DataFrame, *, studies: int, seed: int
) -> pd.DataFrame:
    """Look once more, in new studies, at what `draws` left in doubt: see `doubtful`."""
    values = doubtful(found, tabulate(found))
    if not values:
        return found.iloc[:0]
    return draws(instrument, population, studies=studies, seed=seed, only=values)


def weak_items_found(instrument: Instrument, items: pd.DataFrame, districts: pd.Series) -> bool:
    """Whether each of `PLANTED` has the lowest mean of its dimension and lies below the others.

    That is: the interval of the mean paired difference from the mean of the dimension's other items, with CR2 errors by
    district, ends below 0.
    """
    for dimension, weak in PLANTED.items():
        others = [id for id in instrument.item_ids(dimension) if id != weak]
        if items[[weak, *others]].mean().idxmin() != weak:
            return False
        data = pd.DataFrame({"difference": items[weak] - items[others].mean(axis=1), "district": districts})
        fit = regress("difference ~ 1", data, covariance="CR2", clusters="district")
        if not fit.coefficients["ci_high"].to_numpy()[0] < 0:
            return False
    return True


def planted_share(instrument: Instrument, population: Population, *, studies: int, seed: int) -> float:
    """Share of the studies, careless and missing answers included, in which `weak_items_found` holds."""
    found = []
    for number in range(studies):
        block = simulate(instrument, population, seed=seed + number).blocks[population.blocks[0].id]
        found.append(weak_items_found(instrument, block.items(), block.groups()["district"]))
    return float(np.mean(found))


def _unnested(population: Population) -> Population:
    block = dataclasses.replace(population.blocks[0], n=300, size_cv=0.0, least=0)
    background = {id: dataclasses.replace(entry, of="respondent", one=None, alike_where={})
                  for id, entry in population.background.items()}  # fmt: skip
    return dataclasses.replace(
        population, nested_in=(), groups={}, icc={}, facts=(), blocks=(block,), background=background
    )


def _schools_only(population: Population) -> Population:
    block = dataclasses.replace(population.blocks[0], n=900)
    background = {
        id: dataclasses.replace(entry, of="school" if entry.of == "district" else entry.of, one=None, alike_where={})
        for id, entry in population.background.items()
    }
    both = {id: population.icc["school"][id] + population.icc["district"][id] for id in population.icc["school"]}
    return dataclasses.replace(
        population, nested_in=("school",), groups={"school": Groups(id="school", n=60, prefix="S")},
        icc={"school": both}, effects=(), facts=(), blocks=(block,), background=background,
    )  # fmt: skip


def _independent(
    instrument: Instrument, frame: pd.DataFrame, truth: Any, number: int, wanted: Wanted
) -> Iterator[Found]:
    draw = np.random.default_rng([number, 1])
    for row in truth["dimensions"]:
        items = frame[instrument.item_ids(row["dimension"])]
        if wanted("alpha", row["dimension"]):
            alpha = cronbach_alpha(items)
            yield "alpha", row["dimension"], row["alpha"], alpha.alpha, alpha.ci_low, alpha.ci_high
        if not wanted("omega", row["dimension"]):
            continue
        low, high = np.nan, np.nan
        if row["dimension"] == instrument.dimension_ids[0]:  # one of them: each resample is a fit
            complete = items.dropna()
            places = [draw.integers(0, len(complete), len(complete)) for _ in range(BOOTSTRAP)]
            again = [mcdonald_omega(complete.iloc[at].reset_index(drop=True)).omega for at in places]
            # On the logit, which an estimate near 1 needs.
            centre, error = special.logit(mcdonald_omega(items).omega), float(np.std(special.logit(again), ddof=1))
            low, high = (float(special.expit(centre + sign * 1.959964 * error)) for sign in (-1, 1))
        yield "omega", row["dimension"], row["omega"], mcdonald_omega(items).omega, low, high
    yield from _means("item_mean", frame, truth, "nonrobust", wanted)


def _one_level(instrument: Instrument, frame: pd.DataFrame, truth: Any, number: int, wanted: Wanted) -> Iterator[Found]:
    del number
    for row in truth["dimensions"]:
        if not wanted("icc1", row["dimension"]):
            continue
        items = frame[[*instrument.item_ids(row["dimension"]), "school"]]
        scale = instrument.scale_of(items.columns[0])
        found = rater_agreement(items, "school", scale=(float(scale.low), float(scale.high)))
        # F/F_u ≤ (1 + (k − 1)ρ)/(1 − ρ) ≤ F/F_l, exact for equal sizes (Searle, 1971).
        limits = [found.f / stats.f.ppf(share, found.df1, found.df2) for share in (0.975, 0.025)]
        low, high = ((ratio - 1) / (ratio + found.mean_group_size - 1) for ratio in limits)
        yield "icc1", row["dimension"], row["icc"]["school"], found.icc1, float(low), float(high)


def _two_levels(
    instrument: Instrument, frame: pd.DataFrame, truth: Any, number: int, wanted: Wanted
) -> Iterator[Found]:
    del number
    yield from _means("item_mean_CR2", frame, truth, "CR2", wanted)
    if not any(wanted("regression_CR2", entry["term"]) for entry in truth["effects"]):
        return
    data = frame.assign(score=frame[instrument.item_ids("teaching")].mean(axis=1))
    true_values = {entry["term"]: entry["estimate"] for entry in truth["effects"] if entry["dimension"] == "teaching"}
    levels = {id: [level.value for level in instrument.background_question(id).levels] for id in
              ("contact", "district_knowledge", "location")}  # fmt: skip
    for id, values in levels.items():
        data[id] = pd.Categorical(data[id], categories=values)
    fitted = regress(f"score ~ {' + '.join(levels)}", data, covariance="CR2", clusters="district").coefficients
    for term, estimate, low, high in _intervals(fitted):
        if wanted("regression_CR2", term):
            yield "regression_CR2", term, true_values[term], estimate, low, high


def _means(name: str, frame: pd.DataFrame, truth: Any, covariance: Any, wanted: Wanted) -> Iterator[Found]:
    for entry in truth["items"]:
        if not wanted(name, entry["item"]):
            continue
        clusters = "district" if covariance == "CR2" else None
        found = regress(f"{entry['item']} ~ 1", frame, covariance=covariance, clusters=clusters).coefficients
        ((_, estimate, low, high),) = _intervals(found)
        yield name, entry["item"], entry["mean"], estimate, low, high


def _intervals(coefficients: pd.DataFrame) -> list[tuple[str, float, float, float]]:
    columns = [coefficients[name].to_numpy(dtype=float).tolist() for name in ("estimate", "ci_low", "ci_high")]
    return list(zip(map(str, coefficients.index), *columns, strict=True))


def page(found: pd.DataFrame, later: pd.DataFrame, planted: float, *, studies: int, seed: int) -> str:
    """Return ``docs/recovery.md`` of what `draws` and `again` found; ``planted`` is the `planted_share`."""
    table = tabulate(found)
    lines = [
        "# What is simulated is found again",
        "",
        f"Made by `make recovery`: {studies} studies of each design, simulated from",
        f"`data/raw/{STUDY}/population.toml` without careless answers (2 % left out completely at random;",
        f"seed {seed}), analysed by the package's own functions and compared with the exact values of the population.",
        "Coverage is the share of 95 % intervals that hold the true value.",
        "",
        *overview(table, PLANNED),
        "",
        "The weak item of each dimension ("
        + ", ".join(f"`{item}`" for item in PLANTED.values())
        + ") has the lowest mean of its",
        "dimension, and the interval of its paired difference from the others (CR2 by district) lies below 0, for all",
        f"five at once in {planted:.1%} of {studies} studies with careless and missing answers.",
        "",
        *judgement(found, table, later, tabulate(later)),
        "",
        *every_value(table),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write ``docs/recovery.md``."""
    parser = argparse.ArgumentParser(description="Write docs/recovery.md.")
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    project = find_project()
    instrument = load_instrument(project.questionnaire_file("school_district_head_leadership"))
    population = load_population(project.raw(STUDY) / "population.toml", instrument)
    found = draws(instrument, population, studies=options.studies, seed=options.seed)
    table = tabulate(found)
    new = max(AGAIN, options.studies)
    later = again(instrument, population, found, studies=new, seed=options.seed + 1_000_000)
    planted = planted_share(instrument, population, studies=options.studies, seed=options.seed)
    target: Path = project.root / "docs" / "recovery.md"
    target.write_text(
        page(found, later, planted, studies=options.studies, seed=options.seed), encoding="utf-8", newline="\n"
    )
    print(summary(table).to_string(), f"planted {planted:.1%}", sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
