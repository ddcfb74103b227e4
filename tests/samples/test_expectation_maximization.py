import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.expectation_maximization import em_moments, em_step
from leadership_study.samples.incomplete_normal import gradient, log_likelihood
from leadership_study.samples.missing_patterns import missing_patterns


def incomplete(seed=1, n=200, p=4, share=0.3):
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(p, p))
    values = random.normal(size=(n, p)) @ mixing + np.arange(p)
    return np.where(random.random((n, p)) < share, np.nan, values)


def frame(values):
    return pd.DataFrame(values, columns=[f"x{at}" for at in range(values.shape[1])])


def test_patterns_hold_every_row_once():
    values = incomplete()
    found = missing_patterns(values)
    assert sorted(np.concatenate([pattern.rows for pattern in found])) == sorted(
        np.flatnonzero(~np.isnan(values).all(axis=1))
    )
    assert found.n + found.n_empty == len(values)
    assert [pattern.n for pattern in found] == sorted((pattern.n for pattern in found), reverse=True)
    for pattern in found:
        block = values[np.ix_(pattern.rows, pattern.observed)]
        assert not np.isnan(block).any()
        assert np.isnan(values[np.ix_(pattern.rows, pattern.unobserved)]).all()
        np.testing.assert_allclose(pattern.scatter, np.cov(block.T, ddof=0).reshape(pattern.scatter.shape), atol=1e-12)


def test_the_likelihood_is_the_product_of_the_rows():
    values = incomplete(seed=2)
    mean, covariance = np.arange(4.0), np.eye(4) + 0.4
    expected = 0.0
    for row in values:
        seen = ~np.isnan(row)
        if seen.any():
            expected += stats.multivariate_normal.logpdf(row[seen], mean[seen], covariance[np.ix_(seen, seen)])
    assert log_likelihood(missing_patterns(values), mean, covariance) == pytest.approx(expected, rel=1e-12)


def test_the_gradient_is_the_derivative():
    patterns = missing_patterns(incomplete(seed=3))
    mean, covariance, step = np.zeros(4), np.eye(4) * 2 + 0.3, 1e-6
    value, by_mean, by_covariance = gradient(patterns, mean, covariance)
    assert value == log_likelihood(patterns, mean, covariance)
    for at in range(4):
        move = step * (np.arange(4) == at)
        slope = (
            log_likelihood(patterns, mean + move, covariance) - log_likelihood(patterns, mean - move, covariance)
        ) / (2 * step)
        assert by_mean[at] == pytest.approx(slope, rel=1e-5)
    for row, column in ((0, 0), (1, 3)):
        move = np.zeros((4, 4))
        move[row, column] = move[column, row] = step
        up, down = (log_likelihood(patterns, mean, covariance + sign * move) for sign in (1, -1))
        times = 1 if row == column else 2
        assert times * by_covariance[row, column] == pytest.approx((up - down) / (2 * step), rel=1e-5)


def test_em_ends_where_the_gradient_is_zero_and_a_step_changes_nothing():
    values = incomplete(seed=4, share=0.5)
    found = em_moments(frame(values))
    mean, covariance = found.means.to_numpy(), found.covariance.to_numpy()
    _, by_mean, by_covariance = gradient(found.patterns, mean, covariance)
    np.testing.assert_allclose(by_mean, 0, atol=1e-6)
    np.testing.assert_allclose(by_covariance, 0, atol=1e-6)
    again = em_step(found.patterns, mean, covariance)
    np.testing.assert_allclose(again[0], mean, atol=1e-9)
    np.testing.assert_allclose(again[1], covariance, atol=1e-8)


def test_slow_em_is_sped_up_and_ends_at_the_maximum():
    # Monotone missingness has closed-form estimates (Anderson, 1957): x0 complete, x1 regressed on it.
    random = np.random.default_rng(5)
    x0 = random.normal(size=400)
    x1 = x0 + random.normal(size=400)
    x1[20:] = np.nan
    found = em_moments(pd.DataFrame({"x0": x0, "x1": x1}))
    slope, level = np.polyfit(x0[:20], x1[:20], 1)
    assert found.iterations < 1000
    assert found.means["x1"] == pytest.approx(level + slope * x0.mean(), abs=1e-8)
    assert found.covariance.loc["x0", "x1"] == pytest.approx(slope * x0.var(), abs=1e-8)


def test_units_and_order_do_not_matter():
    values = incomplete(seed=6)
    found, scaled = em_moments(frame(values)), em_moments(frame(1e6 * values + 1e9))
    np.testing.assert_allclose(scaled.means, 1e6 * found.means + 1e9, rtol=1e-12)
    np.testing.assert_allclose(scaled.covariance, 1e12 * found.covariance, rtol=1e-6)
    turned = em_moments(frame(values).iloc[::-1, ::-1])
    np.testing.assert_allclose(turned.covariance.loc[found.means.index, found.means.index], found.covariance, rtol=1e-8)


def test_without_gaps_em_is_the_plain_moments():
    values = np.random.default_rng(7).normal(size=(30, 3))
    found = em_moments(frame(values))
    np.testing.assert_allclose(found.means, values.mean(axis=0), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found.covariance, np.cov(values.T, ddof=0), rtol=1e-12)


def test_what_has_no_estimate_is_refused():
    nan = np.nan
    apart = pd.DataFrame({"a": [1, 2, 3, nan, nan, nan], "b": [nan, nan, nan, 1, 2, 4.0]})
    with pytest.raises(InsufficientDataError, match="Nobody answered both a and b"):
        em_moments(apart)
    with pytest.raises(InsufficientDataError, match="No respondent answered b"):
        em_moments(pd.DataFrame({"a": [1.0, 2], "b": [nan, nan]}))
    with pytest.raises(InsufficientDataError, match="same answer to b"):
        em_moments(pd.DataFrame({"a": [1.0, 2, 4], "b": [2, nan, 2]}))
    twice = frame(incomplete(seed=8)).assign(x9=lambda d: d["x0"])
    with pytest.raises(InsufficientDataError, match="repeat each other"):
        em_moments(twice)
    with pytest.raises(TypeError, match="not numbers"):
        em_moments(pd.DataFrame({"a": ["1", "2"]}))
