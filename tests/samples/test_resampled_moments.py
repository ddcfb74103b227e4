"""Moments of resamples, effects along paths, limits of bootstrap intervals."""

import numpy as np
import pytest

from leadership_study.samples.bootstrap_limits import bias_corrected_limits, percentile_limits
from leadership_study.samples.path_effects import Effect, Equation, PathModel, Term, gradients, totals
from leadership_study.samples.resampled_moments import all_moments, bootstrap_moments, jackknife_moments, unit_sums
from leadership_study.samples.resampling import row_weights


@pytest.fixture
def values() -> np.ndarray:
    random = np.random.default_rng(3)
    return random.normal(size=(60, 4)) @ random.normal(size=(4, 4)) + 50


def test_samples_are_the_same_for_any_number_of_workers(values):
    one, two, eight = (bootstrap_moments(unit_sums(values), 350, 7, workers=workers) for workers in (1, 2, 8))
    assert one.covariances.tobytes() == two.covariances.tobytes() == eight.covariances.tobytes()
    assert len(one.n) == 350


def test_moments_are_those_of_the_rows_drawn(values):
    codes = np.repeat(np.arange(12), 5)
    for groups in (None, codes):
        made = bootstrap_moments(unit_sums(values, groups), 10, 4)
        weights = row_weights(60 if groups is None else 12, 10, 4, 0)
        for at, weight in enumerate(weights):
            rows = np.repeat(values, (weight if groups is None else weight[codes]).astype(int), axis=0)
            assert made.means[at] == pytest.approx(rows.mean(axis=0), rel=1e-12)
            assert made.covariances[at] == pytest.approx(np.cov(rows.T, ddof=0), rel=1e-9)


def test_the_jackknife_leaves_one_unit_out(values):
    codes = np.repeat(np.arange(20), 3)
    rows, clusters = jackknife_moments(unit_sums(values)), jackknife_moments(unit_sums(values, codes))
    assert rows.covariances[5] == pytest.approx(np.cov(np.delete(values, 5, axis=0).T, ddof=0), rel=1e-9)
    assert clusters.covariances[5] == pytest.approx(np.cov(values[codes != 5].T, ddof=0), rel=1e-9)
    assert all_moments(unit_sums(values)).covariances[0] == pytest.approx(np.cov(values.T, ddof=0), rel=1e-10)


def test_slopes_and_what_has_none(values):
    model = PathModel((Equation(1, (0,)), Equation(3, (0, 1, 2))))
    covariances = np.stack([np.cov(values.T), np.cov(np.column_stack([values[:, :2], values[:, 1], values[:, 3]]).T)])
    slopes = model.slopes(covariances)
    centred = values - values.mean(axis=0)
    assert slopes[0, 1:] == pytest.approx(np.linalg.lstsq(centred[:, :3], centred[:, 3], rcond=None)[0], rel=1e-9)
    assert np.isfinite(slopes[1, 0])
    assert np.isnan(slopes[1, 1:]).all()
    assert model.position(3, 1) == 2


def test_gradients_are_those_of_the_totals():
    effect = Effect("both", (Term(2.0, (0, 1)), Term(-1.0, (0, 2, 3))))
    at = np.array([0.3, -0.7, 1.2, 0.4])
    numeric = [
        (totals([effect], (at + step)[None])[0, 0] - totals([effect], (at - step)[None])[0, 0]) / 2e-6
        for step in 1e-6 * np.eye(4)
    ]
    assert gradients([effect], at)[0] == pytest.approx(numeric, rel=1e-8)


def test_percentiles_are_of_type_seven_and_leave_lost_samples_out():
    draws = np.random.default_rng(1).normal(size=(499, 2))
    draws[:9, 1] = np.nan
    limits = percentile_limits(draws, 0.9)
    for column in range(2):
        assert limits[column] == pytest.approx(np.nanquantile(draws[:, column], [0.05, 0.95]), rel=1e-12)
    assert np.isnan(percentile_limits(np.full((100, 1), np.nan), 0.9)).all()


def test_bca_as_boot_computes_it():
    """boot::boot.ci(type = "bca") interpolates on the normal scale; the levels are the same."""
    random = np.random.default_rng(2)
    sample = random.exponential(size=40)
    draws = random.choice(sample, size=(20_000, 40)).mean(axis=1)[:, None]
    left_out = ((sample.sum() - sample) / 39)[:, None]
    low, high = bias_corrected_limits(draws, np.array([sample.mean()]), 0.95, left_out)[0]
    d = left_out.mean() - left_out[:, 0]
    a = (d**3).sum() / (6 * (d**2).sum() ** 1.5)
    from scipy import stats

    z0 = stats.norm.ppf((draws < sample.mean()).mean())
    levels = [stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))) for z in stats.norm.ppf([0.025, 0.975])]
    assert [low, high] == pytest.approx(list(np.quantile(draws, levels)), rel=1e-9)
    assert a > 0.01
    assert np.isnan(bias_corrected_limits(draws, np.array([99.0]), 0.95)).all()
