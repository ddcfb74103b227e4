"""Ten studies of each design: what was simulated is found again (``make recovery`` does two hundred)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.instruments import load_instrument
from leadership_study.study import recovery
from leadership_study.study._recovery_page import chance_outside, doubtful, joint, outside
from leadership_study.study.simulate import load_population

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def flagship():
    instrument = load_instrument(ROOT / "questionnaires" / "school_district_head_leadership.toml")
    population = load_population(ROOT / "data" / "raw" / "school_district_heads" / "population.toml", instrument)
    return instrument, population


@pytest.fixture(scope="module")
def found(flagship):
    return recovery.draws(*flagship, studies=10, seed=500)


@pytest.fixture(scope="module")
def table(found):
    return recovery.tabulate(found)


def test_intervals_hold_the_true_values(table):
    shares = recovery.summary(table)
    assert list(shares.index) == list(recovery.PLANNED)
    assert shares["values"].to_dict() == {
        "alpha": 5, "omega": 5, "item_mean": 30, "icc1": 5, "item_mean_CR2": 30, "regression_CR2": 9,
    }  # fmt: skip
    # 50 to 300 intervals a statistic, which go together inside a study; of omega there are 10.
    assert (shares["coverage"].drop("omega") >= 0.85).all(), shares
    assert shares.loc["omega", "coverage"] >= 0.7
    assert table["studies"].eq(10).all()


def test_estimates_are_near_the_true_values(table):
    bias = table["bias"].abs().groupby(level="statistic").mean()
    largest = {
        "alpha": 0.01,
        "omega": 0.01,
        "icc1": 0.02,
        "item_mean": 0.03,
        "item_mean_CR2": 0.06,
        "regression_CR2": 0.06,
    }
    assert {name: bias[name] <= most for name, most in largest.items()} == dict.fromkeys(largest, True), bias


def test_what_is_in_doubt_is_looked_at_again_and_judged(flagship, found, table):
    means = found[found["statistic"] == "item_mean"]
    strange = outside(table.loc[["item_mean"]])
    assert len(strange) > 0, "with ten studies one miss is outside"
    later = recovery.again(*flagship, means, studies=4, seed=9_000)
    new = recovery.tabulate(later)
    assert set(strange.index) <= set(new.index)
    assert new["studies"].eq(4).all()
    assert new["true"].loc[strange.index].to_list() == pytest.approx(strange["true"].to_list(), abs=1e-12)
    assert not np.allclose(new["estimate"].loc[strange.index], strange["estimate"]), "other studies"
    whole = recovery.again(*flagship, found, studies=2, seed=9_000)
    page = recovery.page(found, whole, 0.99, studies=10, seed=500)
    for statistic, of in table.index:
        assert f"| {statistic} | {of} |" in page
    for statistic, of in outside(table).index:
        assert page.count(f"| {statistic} | {of} |") == 2
    assert "regression_CR2 | contact[weekly]" in page
    assert "five at once in 99.0% of 10 studies" in page


def test_a_statistic_that_is_off_as_a_whole_is_in_doubt():
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(
        [(name, f"v{at}", 0.0, 0.0, study, float(rng.uniform() < share))
         for name, share in (("good", 0.95), ("off", 0.93)) for study in range(400) for at in range(10)],
        columns=["statistic", "of", "true", "estimate", "study", "covered"],
    )  # fmt: skip
    table = recovery.tabulate(frame)
    assert {statistic for statistic, _ in doubtful(frame, table)} == {"off"}
    assert len(doubtful(frame, table)) == 10
    assert joint(frame).loc["off", "p_holm"] == pytest.approx(2 * joint(frame).loc["off", "p_value"])


def test_exact_and_holms_p_of_single_values():
    index = pd.MultiIndex.from_tuples([("m", name) for name in "abcd"], names=["statistic", "of"])
    table = pd.DataFrame({"coverage": [0.95, 0.91, 0.80, np.nan], "studies": 200}, index=index)
    found = outside(table)
    assert list(found.index) == [("m", "b"), ("m", "c")]
    p = stats.binomtest(182, 200, 0.95).pvalue
    assert found.loc[("m", "b"), "p_value"] == pytest.approx(p)
    assert found.loc[("m", "b"), "p_holm"] == pytest.approx(2 * p)  # the middle one of three
    assert found.loc[("m", "c"), "p_holm"] < 1e-9
    assert outside(table.iloc[[0]]).empty


def test_values_of_one_study_go_together_in_the_joint_test():
    rng = np.random.default_rng(3)
    studies, values = 400, 30
    together = pd.DataFrame(
        {"statistic": "m", "study": np.repeat(np.arange(studies), values),
         "covered": np.repeat(rng.uniform(size=studies) < 0.95, values).astype(float)}
    )  # fmt: skip
    row = joint(together).loc["m"]
    hits = together.groupby("study")["covered"].first()
    assert row["coverage"] == pytest.approx(hits.mean())
    error = hits.std(ddof=1) / np.sqrt(studies)
    assert row["ci_high"] - row["ci_low"] == pytest.approx(2 * stats.t.isf(0.025, studies - 1) * error)
    assert row["p_value"] == pytest.approx(stats.ttest_1samp(hits, 0.95).pvalue)


def test_chance_outside_the_limits():
    # 200 studies: fewer than 184 or more than 196 of them.
    assert chance_outside(200) == pytest.approx(stats.binom.cdf(183, 200, 0.95) + stats.binom.sf(196, 200, 0.95))
