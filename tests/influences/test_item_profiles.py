"""Items beside the mean of their dimension."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from leadership_study.errors import InsufficientDataError
from leadership_study.influences.item_profiles import run
from leadership_study.study.pipeline import open_study


@pytest.fixture(scope="module")
def scored():
    return open_study("studies/lq2002.toml").scored()


def test_differences_are_paired_and_sum_to_nothing(scored):
    table = run(scored).deviations
    for dimension in scored.instrument.dimension_ids:
        own = table[table["dimension"] == dimension]
        items = scored.scale_items(dimension).dropna()
        away = items.sub(items.mean(axis=1), axis=0)
        assert list(own.index) == list(items.columns)
        assert own["estimate"].to_numpy() == pytest.approx(away.mean().to_numpy(), abs=1e-12)
        assert own["estimate"].sum() == pytest.approx(0, abs=1e-10)
        assert (own["n"] == len(items)).all()
    assert ((table["ci_low"] < table["estimate"]) & (table["estimate"] < table["ci_high"])).all()
    assert (table["adjusted_p_value"] >= table["p_value"]).all()


def test_without_nesting_they_are_t_tests(scored):
    alone = replace(scored, groups=scored.groups.iloc[:, :0], nested_in=())
    items = alone.scale_items(alone.instrument.dimension_ids[0]).dropna()
    found = run(alone, dimensions=(alone.instrument.dimension_ids[0],)).deviations
    for item in items:
        expected = ttest_1samp(items[item] - items.mean(axis=1), 0.0)
        assert found.loc[item, "statistic"] == pytest.approx(expected.statistic)
        assert found.loc[item, "p_value"] == pytest.approx(expected.pvalue)
        ends = expected.confidence_interval(0.95)
        assert (found.loc[item, "ci_low"], found.loc[item, "ci_high"]) == pytest.approx((ends.low, ends.high))


def test_nothing_to_compare(scored):
    empty = replace(scored, items=scored.items * np.nan)
    with pytest.raises(InsufficientDataError, match="No dimension has items"):
        run(empty)
