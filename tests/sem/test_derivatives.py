"""Closed-form derivatives against finite differences, on a model that has every kind of parameter."""

import numpy as np
import pytest

from leadership_study.samples.polychoric_moments import polychoric_moments
from leadership_study.sem.full_information import FullInformation
from leadership_study.sem.normal_theory import NormalTheory, case_scores
from leadership_study.sem.ordinal import OrdinalSquares
from leadership_study.sem.parameter_table import Defaults, build_table
from leadership_study.sem.structure import Structure
from leadership_study.sem.syntax import parse
from leadership_study.sem.weighted_squares import WeightedSquares, normal_weight

MODEL = """
f =~ x1 + x2 + x3
g =~ x4 + x5 + x6 + x2
h =~ f + g + x7
x8 ~ f + x1 + z1
z2 ~ x8
f ~ z1
z2 ~~ x6
x5 ~~ x3
"""


def setting(text=MODEL, seed=1, **defaults):
    table = build_table(parse(text), Defaults(meanstructure=True, **defaults))
    for row in table.rows:
        row.free = row.free or row.covariate or row.op in ("~*~", "~1")
    structure = Structure(table, 0, table.variables.observed)
    rng = np.random.default_rng(seed)
    values = np.where([row.lhs == row.rhs for row in table.rows], 1.3, rng.uniform(0.2, 0.6, len(table.rows)))
    free = np.array([at for at, row in enumerate(table.rows) if row.free])
    return structure, values, free, structure.select(free)[0], rng


def check(discrepancy, structure, values, free, cells, exact=True):
    def state(x):
        new = values.copy()
        new[free] = x
        return structure.state(new)

    x, step = values[free], 1e-5
    gradient = discrepancy.gradient(state(x), cells)
    moved = np.eye(len(x)) * step
    numeric = [(discrepancy.value(state(x + e)) - discrepancy.value(state(x - e))) / (2 * step) for e in moved]
    np.testing.assert_allclose(gradient, numeric, atol=1e-7 * max(1, np.abs(gradient).max()))
    if exact:
        second = discrepancy.observed(state(x), cells)
        numeric = [(discrepancy.gradient(state(x + e), cells) - discrepancy.gradient(state(x - e), cells)) / (2 * step)
                   for e in moved]  # fmt: skip
        np.testing.assert_allclose(second, numeric, atol=1e-6 * np.abs(second).max())


def sample(p, rng):
    rows = rng.normal(size=(60, p)) @ rng.normal(size=(p, p)) * 0.4 + rng.normal(size=(60, p)) + 0.3
    return rows


@pytest.mark.parametrize("with_means", [True, False])
def test_normal_theory(with_means):
    structure, values, free, cells, rng = setting()
    rows = sample(structure.p, rng)
    means = rows.mean(axis=0) if with_means else None
    check(NormalTheory(np.cov(rows.T), means), structure, values, free, cells)


@pytest.mark.parametrize("with_means", [True, False])
def test_weighted_squares(with_means):
    structure, values, free, cells, rng = setting()
    rows = sample(structure.p, rng)
    covariance = np.cov(rows.T)
    weight = normal_weight(np.linalg.inv(covariance), with_means)
    own = WeightedSquares(covariance, rows.mean(axis=0) if with_means else None, weight)
    check(own, structure, values, free, cells)


def test_full_information():
    structure, values, free, cells, rng = setting()
    rows = sample(structure.p, rng)
    rows[rng.random(rows.shape) < 0.15] = np.nan
    check(FullInformation(rows, structure.observed), structure, values, free, cells)


@pytest.mark.parametrize("theta", [True, False])
def test_ordered_items(theta):
    text = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nx1 ~~ x4"
    cuts = dict(zip(["x1", "x2", "x3", "x4", "x5", "x6"], [1, 2, 3, 2, 1, 4], strict=True))
    structure, values, free, cells, rng = setting(text, thresholds=cuts)
    scores = rng.normal(size=(400, 1)) + rng.normal(size=(400, 6))
    codes = np.column_stack([np.searchsorted(np.linspace(-1, 1, n) if n > 1 else [0.2], scores[:, at]) for at, n in
                             enumerate(cuts.values())]).astype(float)  # fmt: skip
    own = OrdinalSquares(polychoric_moments(codes), structure.threshold_item, "DWLS", theta)
    check(own, structure, values, free, cells, exact=not theta)


def test_scores_of_rows_add_up_to_the_gradient():
    structure, values, _, cells, rng = setting()
    rows = sample(structure.p, rng)
    state = structure.state(values)
    own = NormalTheory(np.cov(rows.T, bias=True), rows.mean(axis=0))
    scores = case_scores(state, cells, rows, True, state.mu)
    np.testing.assert_allclose(scores.mean(axis=0), -own.gradient(state, cells), atol=1e-12)
    full = FullInformation(rows, structure.observed)
    np.testing.assert_allclose(full.scores(state, cells), scores, atol=1e-10)
