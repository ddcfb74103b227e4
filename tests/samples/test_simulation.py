"""The kernel that draws answers, and the exact moments of what it draws."""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from leadership_study.samples import simulation
from leadership_study.samples.category_moments import category_variance, hermite_coefficients, series
from leadership_study.samples.simulation import ItemModel, answer, group_sizes, quota, streams

CUTS = np.array([-2.1, -1.2, -0.3, 0.9])
VALUES = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


def score(x):
    return VALUES[np.searchsorted(CUTS, x)]


def weighted(x, polynomial, shift):
    return score(x + shift) * polynomial(x) * stats.norm.pdf(x)


@pytest.mark.parametrize("shift", [0.0, -0.7, 1.3])
def test_coefficients_are_integrals_of_the_score_with_hermite_polynomials(shift):
    found = hermite_coefficients(CUTS, VALUES, np.array([shift]), terms=6)[0]
    for m in range(7):
        polynomial = np.polynomial.hermite_e.HermiteE.basis(m)
        scale = np.sqrt(float(stats.gamma(1).moment(m)) if m > 1 else 1.0)  # √m!
        whole = sum(
            integrate.quad(weighted, low + 1e-12, high, args=(polynomial, shift))[0]
            for low, high in itertools.pairwise([-9.0, *(CUTS - shift), 9.0])
        )
        assert found[m] == pytest.approx(whole / scale, abs=1e-7)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.64, -0.5])
def test_covariances_are_those_of_the_bivariate_normal(rho):
    shifts = np.array([0.0, -0.4])
    coefficients = hermite_coefficients(CUTS, VALUES, shifts)
    grid = [np.concatenate([[-12.0], CUTS - shift, [12.0]]) for shift in shifts]
    both = stats.multivariate_normal(cov=[[1, rho], [rho, 1]])
    expected = 0.0
    for i in range(5):
        for j in range(5):
            a, b, c, d = grid[0][i], grid[0][i + 1], grid[1][j], grid[1][j + 1]
            cell = both.cdf([b, d]) - both.cdf([a, d]) - both.cdf([b, c]) + both.cdf([a, c])
            expected += cell * VALUES[i] * VALUES[j]
    expected -= coefficients[0, 0] * coefficients[1, 0]
    assert series(coefficients[0], coefficients[1], np.array(rho)) == pytest.approx(expected, abs=2e-5)


def test_the_variance_is_that_of_the_categories():
    shares = np.diff(np.concatenate([[0], stats.norm.cdf(CUTS + 0.4), [1]]))
    expected = (VALUES**2) @ shares - (VALUES @ shares) ** 2
    assert category_variance(CUTS, VALUES, np.array([-0.4]))[0] == pytest.approx(expected, abs=1e-12)


def test_answers_have_the_shares_and_correlations_of_the_model():
    model = ItemModel(
        dimension=np.array([0, 0, 1]),
        loadings=np.array([0.8, 0.5, 0.7]),
        shifts=np.array([0.0, -0.4, 0.2]),
        cuts=np.vstack([CUTS, CUTS, [-0.5, 0.5, np.inf, np.inf]]),
    )
    draw = np.random.default_rng(3)
    root = np.linalg.cholesky([[1, 0.6], [0.6, 1]])
    levels = simulation.correlated(draw, 200_000, root)
    chosen = answer(draw, levels, model)
    assert chosen.dtype == np.int8
    assert np.bincount(chosen[:, 2]).size == 3
    shares = np.bincount(chosen[:, 0], minlength=5) / 200_000
    assert shares == pytest.approx(np.diff(np.concatenate([[0], stats.norm.cdf(CUTS), [1]])), abs=0.004)
    coefficients = hermite_coefficients(CUTS, VALUES, model.shifts[:2])
    covariance = series(coefficients[0], coefficients[1], np.array(0.4))
    assert np.cov(chosen[:, 0], chosen[:, 1])[0, 1] == pytest.approx(covariance, abs=0.01)


def test_blocks_have_streams_of_their_own(monkeypatch):
    monkeypatch.setattr(simulation, "BLOCK", 4)
    root = np.random.SeedSequence(5)

    def drawn(n):
        return np.concatenate([stream.standard_normal(rows.stop - rows.start) for stream, rows in streams(root, n)])

    assert drawn(10)[:8].tolist() == drawn(8).tolist()
    assert len(set(drawn(10).tolist())) == 10


@pytest.mark.parametrize(
    ("n", "groups", "cv", "least"), [(900, 60, 0.35, 6), (13, 12, 1.5, 1), (60, 60, 0.5, 1), (61, 7, 0, 0)]
)
def test_groups_share_all_members(n, groups, cv, least):
    sizes = group_sizes(np.random.default_rng(1), n, groups, cv, least)
    assert (sizes.sum(), len(sizes)) == (n, groups)
    assert sizes.min() >= least


def test_group_sizes_spread_as_asked():
    draw = np.random.default_rng(2)
    found = [np.std(sizes) / np.mean(sizes) for sizes in (group_sizes(draw, 9000, 300, 0.4, 5) for _ in range(20))]
    assert np.mean(found) == pytest.approx(0.4, abs=0.03)
    with pytest.raises(ValueError, match="'least' parameter of group_sizes"):
        group_sizes(draw, 10, 3, 0.1, 4)


def test_quotas_are_met():
    codes = quota(np.random.default_rng(4), 60, np.array([0.35, 0.35, 0.3]))
    assert np.bincount(codes).tolist() == [21, 21, 18]
    assert np.bincount(quota(np.random.default_rng(4), 3, np.array([0.5, 0.5]))).sum() == 3
