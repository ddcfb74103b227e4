"""Known groups: Welch's tests, the declared order, clusters, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.measurement.known_groups import known_groups, run
from leadership_study.results import Result

ORDER = ["novice", "trained", "expert"]


def answers(n: int = 60) -> tuple[pd.DataFrame, pd.Series]:
    random = np.random.default_rng(4)
    groups = pd.Series(np.repeat(ORDER, n))
    rising = np.repeat([0.0, 0.5, 1.2], n) + random.normal(size=3 * n) * np.repeat([1.0, 1.5, 0.7], n)
    return pd.DataFrame({"rising": rising, "flat": random.normal(size=3 * n), "falling": -rising}), groups


def test_differences_are_welchs_and_the_order_is_judged():
    scores, groups = answers()
    found = known_groups(scores, groups, ORDER)
    for scale in scores:
        own = [scores.loc[groups == name, scale] for name in ORDER]
        test = stats.ttest_ind(own[2], own[0], equal_var=False)
        limits = test.confidence_interval()
        row = found.table.loc[scale]
        assert row["difference"] == pytest.approx(own[2].mean() - own[0].mean())
        assert [row["ci_low"], row["ci_high"]] == pytest.approx([limits.low, limits.high])
        step = found.steps.loc[(scale, "novice", "trained")]
        assert step["p_value"] == pytest.approx(stats.ttest_ind(own[1], own[0], equal_var=False).pvalue)
        pooled = np.sqrt((own[2].var() + own[0].var()) / 2)
        assert row["hedges_g"] == pytest.approx(row["difference"] / pooled * (1 - 3 / (4 * 118 - 1)), rel=1e-4)
        np.testing.assert_allclose(found.groups.loc[scale, "mean"], [each.mean() for each in own])
    assert found.table["verdict"].to_dict() == {"rising": "as_expected", "flat": "undecided", "falling": "against"}
    assert list(found.groups.loc["rising"].index) == ORDER


def test_two_groups_have_the_square_of_welchs_t():
    scores, groups = answers()
    found = known_groups(scores[["rising"]], groups, ORDER[:2])
    test = stats.ttest_ind(*(scores.loc[groups == name, "rising"] for name in ORDER[:2]), equal_var=False)
    assert found.table.loc["rising", "f"] == pytest.approx(test.statistic**2)
    assert found.table.loc["rising", "p_value"] == pytest.approx(test.pvalue)
    assert found.table.loc["rising", "n"] == 120
    assert "known_groups_others_left_out" in [note.id for note in found.notes]


def test_copies_within_clusters_add_nothing_to_what_is_known():
    scores, groups = answers(20)
    three = pd.concat([scores] * 3, ignore_index=True), pd.concat([groups] * 3, ignore_index=True)
    clusters = pd.Series([f"c{at}" for at in range(60)] * 3)
    once, often = known_groups(scores, groups, ORDER), known_groups(*three, ORDER, clusters=clusters)
    assert often.table.loc["rising", "ci_low"] == pytest.approx(once.table.loc["rising", "ci_low"], abs=0.02)
    assert known_groups(*three, ORDER).table.loc["rising", "ci_low"] > often.table.loc["rising", "ci_low"] + 0.1
    assert often.table["f"].isna().all()


def test_order_of_rows_does_not_matter_and_results_survive_storing():
    scores, groups = answers()
    found = known_groups(scores, groups, ORDER)
    mixed = np.random.default_rng(1).permutation(len(scores))
    pd.testing.assert_frame_equal(known_groups(scores.iloc[mixed], groups.iloc[mixed], ORDER).table, found.table)
    pd.testing.assert_frame_equal(Result.from_json(found.to_json()).steps, found.steps)


@pytest.mark.parametrize("order", [["novice"], ["novice", "novice"], "novice"])
def test_an_order_needs_two_groups(order):
    with pytest.raises(ValueError, match="two groups or more"):
        known_groups(*answers(), order)


def test_groups_and_scales_without_answers_are_told():
    scores, groups = answers()
    with pytest.raises(InsufficientDataError, match="no respondents with a score in nobody"):
        known_groups(scores, groups, ["novice", "nobody"])
    scores.loc[groups == "expert", "flat"] = np.nan
    found = known_groups(scores, groups, ORDER)
    assert list(found.table.index) == ["rising", "falling"]
    assert "scale_left_out" in [note.id for note in found.notes]
    with pytest.raises(ValueError, match="index of the scores"):
        known_groups(scores, groups.set_axis(range(1, 181)), ORDER)


def test_a_plan_names_groups_that_there_are(scored_lq2002):
    companies = sorted(scored_lq2002.groups["company"].unique())[:2]
    found = run(scored_lq2002, group="company", order=tuple(companies), scales=("hostility",))
    assert list(found.groups.loc["hostility"].index) == companies
    with pytest.raises(PlanError, match="company"):
        run(scored_lq2002, group="company", order=(companies[0], "no such company"))
