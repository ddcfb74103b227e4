"""The studentised range against SciPy's adaptive integration and R's qtukey."""

import numpy as np
import pytest
from scipy import stats

from leadership_study.samples.studentized_range import range_isf, range_sf


@pytest.mark.parametrize("k", [2, 5, 30])
def test_equals_scipy(k):
    for df in (1.0, 1.3, 3.5, 300.4):
        for q in (0.3, 2.0, 4.5, 9.0):
            assert range_sf(q, k, df) == pytest.approx(stats.studentized_range.sf(q, k, df), abs=2e-9)


def test_equals_r():
    """``qtukey(.95, 5, c(2572, 300.4491431538391))`` and ``ptukey(4.5, 30, Inf)``; R stops at 1e-8."""
    assert range_isf(0.05, 5, [2572, 300.4491431538391]) == pytest.approx([3.86039512193476, 3.8811908286385], rel=3e-9)
    assert range_sf(4.5, 30, np.inf) == pytest.approx(0.25894798793941, abs=2e-8)


def test_two_groups_are_students_t():
    t = np.array([0.5, 2.0, 3.5])
    assert range_sf(t * 2**0.5, 2, 7.0) == pytest.approx(2 * stats.t.sf(t, 7), abs=1e-10)


def test_the_quantile_is_the_inverse_and_missing_stays_missing():
    df = np.array([2.0, 5.0, 40.0, np.nan, 1e6])
    q = range_isf(0.01, 7, df)
    back = range_sf(q, 7, df)
    assert back[[0, 1, 2, 4]] == pytest.approx(0.01, rel=1e-9)
    assert np.isnan(q[3])
    assert np.isnan(back[3])
