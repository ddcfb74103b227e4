"""Imagined groups: which lie in which, what is true of them, and how well they are led."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadership_study.instruments import Instrument
from leadership_study.samples.simulation import Codes, Floats, correlated, group_sizes, quota
from leadership_study.study._population import RESPONDENT, Population


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """The groups of a population, drawn.

    Attributes
    ----------
    names : group id → names, one a group
    inside : inner group id → position of the group around it, for each group
    answers : question of a group → position of its level, for each group of its kind
    effects : group id → groups × dimensions, what a group adds to a respondent's dimensions
    """

    nested_in: tuple[str, ...]
    names: Mapping[str, list[str]]
    inside: Mapping[str, Codes]
    answers: Mapping[str, Codes]
    effects: Mapping[str, Floats]

    def around(self, group: str, codes: Codes) -> dict[str, Codes]:
        """Return the positions of the groups ``codes`` and of all around them."""
        found = {group: codes}
        at = self.nested_in.index(group)
        for inner, outer in zip(self.nested_in[at:], self.nested_in[at + 1 :], strict=False):
            found[outer] = self.inside[inner][found[inner]]
        return found


def stream_of(seed: int, *key: int) -> np.random.Generator:
    """Return the random stream that belongs to one thing: others drawn before or after do not change it."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=key)))


def draw_setting(population: Population, instrument: Instrument, seed: int) -> Setting:
    """Draw groups, their answers to questions about themselves, and their effects on the dimensions."""
    outer_first = population.nested_in[::-1]
    names: dict[str, list[str]] = {}
    inside: dict[str, Codes] = {}
    root = np.linalg.cholesky(population.factor_correlations).astype(np.float64)
    effects: dict[str, Floats] = {}
    for level, id in enumerate(outer_first):
        stream, groups = stream_of(seed, 0, level), population.groups[id]
        if level == 0:
            names[id] = [f"{groups.prefix}{number:02d}" for number in range(1, groups.n + 1)]
        else:
            outer = outer_first[level - 1]
            sizes = group_sizes(stream, groups.n, population.groups[outer].n, groups.size_cv, groups.least)
            inside[id] = np.repeat(np.arange(len(sizes)), sizes)
            names[id] = [
                f"{names[outer][around]}{groups.prefix}{number:02d}"
                for around, size in enumerate(sizes)
                for number in range(1, int(size) + 1)
            ]
        spread = np.sqrt([population.icc[id][dimension] for dimension in instrument.dimension_ids])
        effects[id] = correlated(stream, groups.n, root) * spread
    answers = _answers(population, instrument, seed, inside)
    return Setting(nested_in=population.nested_in, names=names, inside=inside, answers=answers, effects=effects)


def _answers(
    population: Population, instrument: Instrument, seed: int, inside: Mapping[str, Codes]
) -> dict[str, Codes]:
    found: dict[str, Codes] = {}
    order = {id: at for at, id in enumerate(population.nested_in[::-1])}
    asked = [entry for entry in population.background.values() if entry.of != RESPONDENT and entry.shares]
    # Outer groups first: inner ones may be alike by what is true of the outer.
    for number, entry in enumerate(sorted(asked, key=lambda entry: order[entry.of])):
        stream = stream_of(seed, 1, number)
        levels = list(entry.shares)
        codes = quota(stream, population.groups[entry.of].n, np.array(list(entry.shares.values())))
        if entry.of in inside:
            around = inside[entry.of]
            # A random group of each outer one: the first in a random order.
            mixed = stream.permutation(len(codes))
            outers, first = np.unique(around[mixed], return_index=True)
            chosen = mixed[first]
            if entry.one is not None:
                others = [at for at, level in enumerate(levels) if level != entry.one]
                weights = np.array([entry.shares[levels[at]] for at in others])
                rest = np.flatnonzero(codes == levels.index(entry.one))
                if weights.sum() > 0:
                    codes[rest] = np.array(others)[quota(stream, len(rest), weights)]
                codes[chosen] = levels.index(entry.one)
            for name, values in entry.alike_where.items():
                known = list(population.background[name].shares)
                alike = np.isin(found[name], [known.index(value) for value in values])
                for outer, model in zip(outers, chosen, strict=True):
                    members = np.flatnonzero(around == outer)
                    if alike[outer]:
                        codes[members] = codes[model]
                    elif len(members) > 1 and (codes[members] == codes[model]).all():
                        # The others differ in it: one group by chance alike gets another level.
                        weights = np.array([entry.shares[level] for level in levels])
                        weights[codes[model]] = 0.0
                        if weights.sum() > 0:
                            codes[members[members != model][0]] = stream.choice(len(levels), p=weights / weights.sum())
        found[entry.id] = codes
    return found


def draw_facts(population: Population, setting: Setting, seed: int) -> dict[str, pd.DataFrame]:
    """Return one table a group that has facts: its name, the groups around it, its answers, its facts."""
    tables: dict[str, pd.DataFrame] = {}
    for number, fact in enumerate(population.facts):
        stream, n = stream_of(seed, 2, number), population.groups[fact.of].n
        around = setting.around(fact.of, np.arange(n))
        table = tables.get(fact.of)
        if table is None:
            table = pd.DataFrame({id: np.array(setting.names[id], dtype=object)[codes] for id, codes in around.items()})
            for id, codes in around.items():
                for question, answers in setting.answers.items():
                    if population.background[question].of == id:
                        levels = np.array(list(population.background[question].shares), dtype=object)
                        table[question] = levels[answers[codes]]
            tables[fact.of] = table
        values = np.full(n, fact.mean) + fact.sd * stream.standard_normal(n)
        outer = list(around.values())[1:2]
        if outer:
            values += fact.sd_between * stream.standard_normal(int(outer[0].max()) + 1)[outer[0]]
        if fact.median is not None:
            values = fact.median * np.exp(fact.log_sd * stream.standard_normal(n))
        for question, factors in fact.factors.items():
            values = values * table[question].map(lambda level, factors=factors: factors.get(level, 1.0)).to_numpy()
        for other, weight in fact.grows_with.items():
            values = values * np.exp(weight * table[other].to_numpy(dtype=float))
        if fact.times is not None:
            values = values * table[fact.times].to_numpy(dtype=float)
        rounded = np.round(values, fact.decimals)
        table[fact.id] = rounded.astype(np.int64) if fact.decimals == 0 else rounded
    return tables
