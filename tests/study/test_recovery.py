"""Ten studies of each design: what was simulated is found again (``make recovery`` does two hundred)."""

from pathlib import Path

import pytest

from leadership_study.instruments import load_instrument
from leadership_study.study import recovery
from leadership_study.study.simulate import load_population

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def table():
    instrument = load_instrument(ROOT / "questionnaires" / "school_district_head_leadership.toml")
    population = load_population(ROOT / "data" / "raw" / "school_district_heads" / "population.toml", instrument)
    return recovery.recover(instrument, population, studies=10, seed=500)


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


def test_the_page_lists_every_value(table):
    page = recovery.page(table, 0.99, studies=10, seed=500)
    for statistic, of in table.index:
        assert f"| {statistic} | {of} |" in page
    assert "regression_CR2 | contact[weekly]" in page
    assert "five at once in 99.0% of 10 studies" in page
