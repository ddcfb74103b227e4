"""What is true in a population: the values that an analysis of simulated answers should find again."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.polynomial.hermite_e import hermegauss
from scipy import special

from leadership_study.errors import EstimationError
from leadership_study.instruments import Instrument
from leadership_study.measurement.reliability import mcdonald_omega
from leadership_study.samples.category_moments import Floats, category_variance, hermite_coefficients, series
from leadership_study.samples.moments import moments
from leadership_study.study._population import RESPONDENT, Population
from leadership_study.study._population_file import normal_cuts


@dataclass(frozen=True, kw_only=True, eq=False)
class _Backgrounds:
    """Every combination of answers that matters: its probability, and the shift of each dimension.

    ``levels`` has one column a question, −1 for "not asked".
    """

    questions: list[str]
    levels: np.ndarray
    chance: Floats
    shift: Floats


def population_values(population: Population, instrument: Instrument) -> dict[str, Any]:
    """Return the values of the first block of the form ``other``, for attentive people who leave out nothing.

    Returns
    -------
    dict
        ``items``: id, dimension, loading (of the underlying variable), mean and sd of the keyed answers.
        ``item_correlations``: of the keyed answers. ``factor_correlations``: of the dimensions over all levels,
        a little below those of each level where the ICCs of two dimensions differ; background effects aside.
        ``dimensions``: mean and sd of the scale score (mean of its items), alpha, omega, and of each group of the
        nesting ``icc`` (share of the score's variance between these groups, inside outer ones) and ``latent_icc``.
        ``scale_correlations``. ``effects``: coefficients of the regression of each score on the dummies of all
        questions that have an effect (and of those that decide who is asked them), among respondents asked all of
        them; the first level that occurs is the reference.

    Notes
    -----
    Exact, by the Hermite expansion of the categories, given each combination of background answers; questions about
    groups are taken as independent of each other.
    """
    block = next((block for block in population.blocks if block.form == "other"), population.blocks[0])
    shares = {id: dict(block.shares.get(id, entry.shares)) for id, entry in population.background.items()}
    known = _backgrounds(population, instrument, shares, block.not_asked, block.id)
    dimension = np.array([instrument.dimension_ids.index(item.dimension) for item in instrument.items])
    bias = np.array([block.bias[id] for id in instrument.dimension_ids])
    loadings = np.array([population.loadings[item.id] for item in instrument.items])
    coefficients, variances = [], []
    for at, item in enumerate(instrument.items):
        scale = instrument.scale_of(item.id)
        cuts, values = np.array(population.thresholds[scale.id]), np.array(scale.values, dtype=float)
        if item.reverse_keyed:  # cut as the others and turned at the end: turning again gives evenly turned scores
            values = (scale.low + scale.high - values)[::-1]
        shifts = population.shifts[item.id] + loadings[at] * (known.shift + bias)[:, dimension[at]]
        coefficients.append(hermite_coefficients(cuts, values, shifts))
        variances.append(category_variance(cuts, values, shifts))
    expansion = np.stack(coefficients, axis=1)  # combinations × items × terms
    factors = _factor_correlations(population, instrument)
    correlation = np.outer(loadings, loadings) * factors[np.ix_(dimension, dimension)]
    covariance = _covariance(expansion, known.chance, correlation)
    np.fill_diagonal(
        covariance, known.chance @ np.stack(variances, axis=1) + _between(expansion, known.chance).diagonal()
    )
    means = known.chance @ expansion[:, :, 0]
    member = (dimension[None, :] == np.arange(len(instrument.dimensions))[:, None]).astype(float)
    weights = member / member.sum(axis=1, keepdims=True)
    scale_covariance = weights @ covariance @ weights.T
    shared = _shared(population, instrument, expansion, known, loadings, dimension)
    sd = np.sqrt(np.diag(covariance))
    ids = instrument.item_ids()
    labels = instrument.dimension_ids
    scale_sd = np.sqrt(np.diag(scale_covariance))
    rows = []
    for at, id in enumerate(labels):
        own = covariance[np.ix_(dimension == at, dimension == at)]
        levels = [weights[at] @ matrix @ weights[at] / scale_covariance[at, at] for matrix in shared]
        inside = np.append(levels, 0.0)
        rows.append(
            {
                "dimension": id,
                "mean": float(weights[at] @ means),
                "sd": float(scale_sd[at]),
                "alpha": _alpha(own),
                "omega": _omega(own, instrument.item_ids(id)),
                "icc": {name: float(inside[i] - inside[i + 1]) for i, name in enumerate(population.nested_in)},
                "latent_icc": {name: population.icc[name][id] for name in population.nested_in},
            }
        )
    return {
        "questionnaire": instrument.id,
        "block": block.id,
        "items": [
            {"item": id, "dimension": labels[dimension[at]], "loading": float(loadings[at]), "mean": float(means[at]),
             "sd": float(sd[at])}
            for at, id in enumerate(ids)
        ],
        "item_correlations": _table(covariance / np.outer(sd, sd), ids),
        "factor_correlations": _table(factors, labels),
        "dimensions": rows,
        "scale_correlations": _table(scale_covariance / np.outer(scale_sd, scale_sd), labels),
        "effects": _effects(known, instrument, expansion[:, :, 0] @ weights.T),
    }  # fmt: skip


def _factor_correlations(population: Population, instrument: Instrument) -> Floats:
    shares = [[population.icc[name][id] for id in instrument.dimension_ids] for name in population.nested_in]
    levels = np.array(shares).reshape(len(shares), len(instrument.dimensions))
    roots = np.sqrt(np.vstack([levels, 1 - levels.sum(axis=0)]))
    return np.asarray(population.factor_correlations * (roots.T @ roots))


def _backgrounds(
    population: Population,
    instrument: Instrument,
    shares: dict[str, dict[str, float]],
    not_asked: tuple[str, ...],
    block: str,
) -> _Backgrounds:
    relevant = {question.id: question.relevant for question in instrument.background}
    effects = [effect for effect in population.effects if effect.holds_in(block)]
    wanted = {effect.of for effect in effects if effect.of not in not_asked}
    while more := {other for id in wanted for other in relevant[id]} - wanted:
        wanted |= more
    questions = [id for id in population.background if id in wanted]
    k = len(instrument.dimensions)
    nodes, weights = hermegauss(61)
    weights = weights / weights.sum()
    every = list(itertools.product(*(range(len(shares[id])) for id in questions)))
    combinations = np.array(every, dtype=np.int64).reshape(len(every), len(questions))
    chance = np.ones((len(combinations), len(nodes)))
    for column, id in enumerate(questions):
        entry = population.background[id]
        if entry.of == RESPONDENT and entry.seniority:
            edges = np.concatenate([[-np.inf], normal_cuts(list(shares[id].values())), [np.inf]])
            spread = np.sqrt(1 - entry.seniority**2)
            below = special.ndtr((edges[:, None] - entry.seniority * nodes[None, :]) / spread)
            chance *= np.diff(below, axis=0)[combinations[:, column]]
        else:
            chance *= np.array(list(shares[id].values()))[combinations[:, column], None]
    levels = combinations.copy()
    for _ in questions:  # a question may hang on one that itself is not asked
        for column, id in enumerate(questions):
            for other, values in relevant[id].items():
                known = [level.value for level in instrument.background_question(other).levels]
                allowed = [known.index(value) for value in values]
                levels[~np.isin(levels[:, questions.index(other)], allowed), column] = -1
    shift = np.zeros((len(combinations), k))
    for effect in effects:
        if effect.of in questions:
            added = np.array([*effect.levels.values(), 0.0])[levels[:, questions.index(effect.of)]]
            for dimension in effect.on:
                shift[:, instrument.dimension_ids.index(dimension)] += added
    total = chance @ weights
    kept = total > 0
    return _Backgrounds(questions=questions, levels=levels[kept], chance=total[kept], shift=shift[kept])


def _covariance(expansion: Floats, chance: Floats, correlation: Floats) -> Floats:
    """Covariance of items within combinations on average, and between them."""
    items = expansion.shape[1]
    inner = np.zeros((items, items))
    for weight, own in zip(chance, expansion, strict=True):
        inner += weight * series(own[:, None, :], own[None, :, :], correlation)
    return inner + _between(expansion, chance)


def _between(expansion: Floats, chance: Floats) -> Floats:
    means = expansion[:, :, 0]
    centred = means - chance @ means
    return np.asarray((centred * chance[:, None]).T @ centred)


def _shared(
    population: Population,
    instrument: Instrument,
    expansion: Floats,
    known: _Backgrounds,
    loadings: Floats,
    dimension: np.ndarray,
) -> list[Floats]:
    """For each group of the nesting, the covariance of the items of one member with those of another member."""
    found = []
    for at, _ in enumerate(population.nested_in):
        same = population.nested_in[at:]
        columns = [i for i, id in enumerate(known.questions) if population.background[id].of in same]
        _, place = np.unique(known.levels[:, columns], axis=0, return_inverse=True)
        place = place.reshape(-1)
        chance = np.bincount(place, known.chance).astype(np.float64)
        averaged = np.zeros((len(chance), *expansion.shape[1:]))
        np.add.at(averaged, place, expansion * (known.chance / chance[place])[:, None, None])
        share = np.zeros((len(dimension), len(dimension)))
        for name in same:
            root = np.sqrt([population.icc[name][id] for id in instrument.dimension_ids])[dimension]
            share += np.outer(root, root)
        correlation = np.outer(loadings, loadings) * share
        correlation *= population.factor_correlations[np.ix_(dimension, dimension)]
        found.append(_covariance(averaged, chance, correlation))
    return found


def _effects(known: _Backgrounds, instrument: Instrument, scores: Floats) -> list[dict[str, Any]]:
    asked = (known.levels >= 0).all(axis=1)
    columns, terms = [np.ones(int(asked.sum()))], ["intercept"]
    for at, id in enumerate(known.questions):
        levels = [level.value for level in instrument.background_question(id).levels]
        present = sorted({int(level) for level in known.levels[asked, at]})
        for level in present[1:]:
            columns.append((known.levels[asked, at] == level).astype(float))
            terms.append(f"{id}[{levels[level]}]")
    if len(terms) == 1:
        return []
    design = np.column_stack(columns)
    weight = known.chance[asked][:, None]
    estimates = np.linalg.lstsq(design.T @ (weight * design), design.T @ (weight * scores[asked]), rcond=None)[0]
    return [
        {"dimension": dimension, "term": term, "estimate": float(estimates[row, column])}
        for column, dimension in enumerate(instrument.dimension_ids)
        for row, term in enumerate(terms)
    ]


def _alpha(covariance: Floats) -> float | None:
    size = len(covariance)
    return float(size / (size - 1) * (1 - np.trace(covariance) / covariance.sum())) if size > 1 else None


def _omega(covariance: Floats, ids: list[str]) -> float | None:
    try:
        # The number of respondents only scales the likelihood.
        return float(mcdonald_omega(moments(pd.DataFrame(covariance, index=ids, columns=ids), 1_000_000)).omega)
    except EstimationError:
        return None


def _table(matrix: Floats, labels: list[str]) -> dict[str, dict[str, float]]:
    return {row: dict(zip(labels, map(float, values), strict=True)) for row, values in zip(labels, matrix, strict=True)}
