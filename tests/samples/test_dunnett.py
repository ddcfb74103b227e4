"""Dunnett's test against his tables, SciPy's simulated integral, and simulated data."""

import numpy as np
import pytest
from scipy import stats

from leadership_study.samples.dunnett import dunnett_isf, dunnett_sf
from leadership_study.samples.k_groups import k_groups
from leadership_study.samples.post_hoc import post_hoc


@pytest.mark.parametrize(
    ("others", "df", "value"),
    [(1, 20, 2.09), (2, 20, 2.38), (3, 20, 2.54), (4, 20, 2.65), (2, 10, 2.57), (2, np.inf, 2.21), (4, np.inf, 2.44)],
)
def test_his_tables_of_two_sided_limits(others, df, value):
    assert dunnett_isf(0.05, 10, np.full(others, 10), df) == pytest.approx(value, abs=0.006)


def test_one_group_is_students_t():
    for size in (0.3, 2.0, 5.0):
        assert dunnett_sf(size, 7, np.array([12]), 17) == pytest.approx(2 * stats.t.sf(size, 17), rel=1e-8, abs=1e-12)


def test_unequal_sizes_agree_with_scipy():
    rng = np.random.default_rng(3)
    sizes = (12, 30, 7, 18)
    parts = [rng.normal(at / 3, 1, size) for at, size in enumerate(sizes)]
    groups = k_groups(np.concatenate(parts), np.repeat(np.arange(4), sizes))
    table = post_hoc(groups, "dunnett")
    theirs = stats.dunnett(*parts[1:], control=parts[0], rng=np.random.default_rng(1))
    assert table[["first", "second"]].to_numpy().tolist() == [[0, 1], [0, 2], [0, 3]]
    assert table["statistic"].to_numpy() == pytest.approx(theirs.statistic, rel=1e-10)
    assert table["p_value"].to_numpy() == pytest.approx(theirs.pvalue, abs=2e-4)
    interval = theirs.confidence_interval(0.95)
    assert table["ci_low"].to_numpy() == pytest.approx(interval.low, abs=2e-3)
    assert table["ci_high"].to_numpy() == pytest.approx(interval.high, abs=2e-3)
    assert table["adjusted_p_value"].equals(table["p_value"])


def test_the_level_holds_with_a_small_control_group():
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(4), (4, 40, 40, 40))
    limit = dunnett_isf(0.05, 4, np.array([40, 40, 40]), 120.0)
    found = 0
    for _ in range(2000):
        table = k_groups(rng.normal(size=124), codes)
        error = np.sqrt(table.mean_square * (1 / 4 + 1 / 40))
        found += bool((np.abs(table.means[1:] - table.means[0]) / error > limit).any())
    assert 70 <= found <= 133  # 100 expected; beyond these limits once in 1,000 runs
