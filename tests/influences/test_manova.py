"""Multivariate analysis of variance against R's summary.manova on bfi's five scales."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import bfi

import leadership_study as ls
from leadership_study.errors import InsufficientDataError
from leadership_study.results import Result

SCALES = list("ACENO")
R = {
    "education": {
        "pillai": [0.0481835061710092, 6.26951147954925, 20, 10284],
        "wilks": [0.952324458364997, 6.3193972780273, 20, 8518.04233600373],
        "hotelling_lawley": [0.0495302055527095, 6.35596362755145, 20, 10266],
        "roy": [0.0356664289844206, 18.3396777837891, 5, 2571],
    },
    "gender": {
        "pillai": [0.0862502183770881, 52.7459737867348, 5, 2794],
        "wilks": [0.913749781622912, 52.7459737867348, 5, 2794],
        "hotelling_lawley": [0.0943915064186379, 52.7459737867348, 5, 2794],
        "roy": [0.0943915064186379, 52.7459737867348, 5, 2794],
    },
}
"""summary(manova(cbind(A, C, E, N, O) ~ group), test=): value, F, df1, df2 (R 4.2.2)."""


@pytest.mark.parametrize("group", R)
def test_four_tests_are_rs(group):
    result = ls.manova(bfi(), SCALES, group)
    for name, theirs in R[group].items():
        mine = result.tests.loc[name, ["value", "statistic", "df1", "df2"]].to_numpy(dtype=float)
        assert mine == pytest.approx(theirs, rel=1e-9)


def test_two_groups_are_one_test_and_hotellings():
    tests = ls.manova(bfi(), SCALES, "gender").tests
    assert tests["p_value"].to_numpy() == pytest.approx([tests["p_value"].iloc[0]] * 4)


def test_rotating_the_outcomes_changes_nothing():
    data = bfi()
    mixed = data.assign(A=data["A"] * 3 - data["C"], O=data["O"] + data["N"] / 2)
    first, second = (ls.manova(one, SCALES, "education").tests for one in (data, mixed))
    np.testing.assert_allclose(first, second, rtol=1e-9)


def test_box_finds_unequal_covariances_only_where_they_are():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(300, 3))
    group = np.repeat(["a", "b", "c"], 100)
    data = pd.DataFrame(values, columns=list("xyz")).assign(g=group)
    assert ls.manova(data, list("xyz"), "g").box_p_value > 0.001
    data.loc[data["g"] == "c", "y"] += data["x"]
    assert ls.manova(data, list("xyz"), "g").box_p_value < 1e-6


def test_who_is_left_out_is_counted_and_json_keeps_all():
    data = bfi()[[*SCALES, "education"]].dropna().head(200)
    data.iloc[0, 0] = np.nan
    result = ls.manova(data, SCALES, "education")
    assert "1 of 200" in str(result.notes[0])
    assert result.n == 199
    assert Result.from_json(result.to_json()).to_json() == result.to_json()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.assign(g="a"), "two groups"),
        (lambda d: d.head(4), "too few"),
        (lambda d: d.assign(y=d["x"] * 2 + 1), "follows exactly"),
        (lambda d: d.assign(y=3.0), "constant"),
        (lambda d: d.assign(x=np.nan), "two groups"),
    ],
)
def test_what_cannot_be_compared_says_why(change, words):
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.normal(size=20), "y": rng.normal(size=20), "g": ["a", "b"] * 10})
    with pytest.raises(InsufficientDataError, match=words):
        ls.manova(change(data), ["x", "y"], "g")
    with pytest.raises(ValueError, match="'outcomes'"):
        ls.manova(data, ["x"], "g")
