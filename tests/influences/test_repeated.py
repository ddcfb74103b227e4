"""Repeated measures against anova.mlm, mauchly.test, t.test and wilcox.test, clubSandwich."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import bfi

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences.repeated import repeated_measures, run
from leadership_study.results import Result
from leadership_study.samples.effect_sizes import standardised
from leadership_study.samples.mean_tests import one_sample
from leadership_study.samples.rank_tests import signed_ranks

SCALES = list("ACENO")


@pytest.fixture(scope="module")
def scores():
    return bfi()[SCALES]


def test_one_sample(scores, reference):
    value = reference("bfi")("one_sample.A")
    values = scores["A"].to_numpy()
    test = one_sample(values, 3.5)
    assert [test.statistic, test.df] == pytest.approx([value["t"], value["df"]], rel=1e-10)
    assert test.p_value == value["p"] == 0
    assert test.interval() == pytest.approx(value["ci"], rel=1e-12)
    assert repeated_measures(scores, midpoint=3.5).midpoint.loc["A", "statistic"] == pytest.approx(value["t"])
    d = standardised(test, float(values.std(ddof=1)))
    assert set(value) == {"t", "df", "p", "ci", "d"}
    assert d.estimate == pytest.approx(value["d"]["Cohens_d"], rel=1e-10)
    # R's pt() is not accurate beyond a noncentrality of 37.62 (its help page says so), so effectsize's search from
    # t = 67.9 stops too early: its limits leave out less than a millionth on each side. Ours leave out 2.5 %.
    assert value["d"]["CI_low"] < d.ci_low < d.estimate < d.ci_high < value["d"]["CI_high"]
    assert [d.ci_low, d.ci_high] == pytest.approx([1.2323140190389, 1.3323207255271], rel=1e-9)
    error = (1 / len(values) + d.estimate**2 / (2 * len(values))) ** 0.5  # large samples
    assert (d.ci_high - d.ci_low) / 2 == pytest.approx(1.959964 * error, rel=1e-3)


def test_pairs(scores, reference):
    value = reference("bfi")("paired.A_C")
    result = repeated_measures(scores[["A", "C"]])
    pair = result.pairs.loc["A – C"]
    assert result.n == value["n"]
    assert [pair["statistic"], pair["df"], pair["p_value"]] == pytest.approx(
        [value["t"], value["df"], value["p"]], rel=1e-9, abs=1e-300
    )
    assert [pair["ci_low"], pair["ci_high"]] == pytest.approx(value["ci"], rel=1e-11)
    assert pair["cohen_dz"] == pytest.approx(value["d_z"], rel=1e-11)
    # R takes 3.4 − 3.2 and 4.4 − 4.2 as different unless told otherwise (digits.rank); the table rounds first.
    ranks = signed_ranks((scores["A"] - scores["C"]).to_numpy(), continuity=True)
    assert ranks.statistic == value["wilcoxon_V"]
    assert ranks.p_value == pytest.approx(value["wilcoxon_p"], rel=1e-9, abs=1e-300)
    rounded = signed_ranks((scores["A"] - scores["C"]).round(10).to_numpy(), continuity=True)
    assert [rounded.statistic, rounded.p_value] == pytest.approx([2309779, 7.30020344210279e-74], rel=1e-9, abs=1e-300)
    assert set(value) == {"n", "t", "df", "p", "ci", "d_z", "wilcoxon_V", "wilcoxon_p"}


def test_analysis_of_variance_equals_r(scores):
    """``anova(lm(s ~ 1), lm(s ~ 0), X = ~1, test = "Spherical")`` and ``mauchly.test`` on the first 400 rows."""
    result = repeated_measures(scores.iloc[:400])
    test = result.test
    assert test["statistic"].to_numpy() == pytest.approx([*[157.83949991782] * 3, 135.32009531698], rel=1e-10)
    assert test.loc[["greenhouse_geisser", "huynh_feldt", "sphericity_assumed"], "p_value"].to_numpy() == pytest.approx(
        [4.2777512971426e-88, 7.9021167218392e-89, 6.9216129188689e-114], rel=1e-7, abs=1e-300
    )
    assert test["epsilon"].to_numpy()[:2] == pytest.approx([0.7671, 0.7738], abs=5e-5)
    assert result.sphericity.loc["mauchly", "w"] == pytest.approx(0.607354736169, rel=1e-10)
    assert list(test.index[test["decides"]]) == ["greenhouse_geisser"]


def test_nested_tests_equal_clubsandwich(scores):
    """Clusters of 16 rows: HTZ of all measures and Satterthwaite's t of one pair (clubSandwich 0.5.8)."""
    result = repeated_measures(scores.iloc[:400], clusters=np.arange(400) // 16)
    test = result.test.loc["cluster_robust"]
    assert [test["statistic"], test["df2"]] == pytest.approx([83.8255529242, 21], rel=1e-9)
    assert test["p_value"] == pytest.approx(1.3362345132e-12, rel=1e-6, abs=1e-300)
    pair = result.pairs.loc["A – E"]
    assert [pair["std_error"], pair["statistic"], pair["df"]] == pytest.approx(
        [0.0661553667671, 7.05914006409, 24], rel=1e-9
    )


def test_deviations_are_from_the_mean_of_all_and_add_up_to_nothing(scores):
    result = repeated_measures(scores)
    assert result.deviations["estimate"].sum() == pytest.approx(0, abs=1e-12)
    means = result.measures.loc[SCALES, "mean"]
    assert result.deviations["estimate"].to_numpy() == pytest.approx((means - means.mean()).to_numpy(), rel=1e-9)
    assert list(result.measures["rank"]) == [1, 2, 3, 4, 5]
    assert result.measures["exceeds"].sum() == result.measures["exceeded_by"].sum()


def test_the_level_holds_when_respondents_are_nested():
    rng = np.random.default_rng(8)
    naive = robust = 0
    for _ in range(100):
        group = np.repeat(np.arange(25), 16)
        values = rng.normal(size=(25, 3))[group] * 0.5 + rng.normal(size=(400, 3))
        data = pd.DataFrame(values, columns=list("abc"))
        result = repeated_measures(data, clusters=group).test
        naive += result.loc["greenhouse_geisser", "p_value"] < 0.05
        robust += result.loc["cluster_robust", "p_value"] < 0.05
    assert naive > 30
    assert robust <= 11


def test_two_measures_are_always_spherical(scores):
    result = repeated_measures(scores[["A", "C"]])
    assert result.test.loc["greenhouse_geisser", "epsilon"] == pytest.approx(1)
    assert result.test.loc["sphericity_assumed", "statistic"] == pytest.approx(result.pairs["statistic"].iloc[0] ** 2)
    assert np.isnan(result.sphericity.loc["mauchly", "p_value"])


def test_what_cannot_be_compared_says_why(scores):
    for data, options, note in (
        (scores[["A"]], {}, "repeated_too_few"),
        (scores[["A", "C"]].iloc[:2], {}, "repeated_too_few"),
        (pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, 3, 4]}), {}, "repeated_constant"),
        (scores, {"clusters": np.zeros(len(scores))}, "repeated_one_cluster"),
    ):
        with pytest.raises(InsufficientDataError) as error:
            repeated_measures(data, **options)
        assert error.value.note.id == note
    with pytest.raises(ValueError, match="'adjust'"):
        repeated_measures(scores, adjust="tukey")
    with pytest.raises(TypeError, match="'A' holds"):
        repeated_measures(scores.assign(A="much"))


def test_run_refuses_other_scales_and_allows_for_nesting(scored_of):
    scored = scored_of()
    result = run(scored, measures=("leadership_climate", "task_significance"))
    assert result.definition["test"] == "cluster_robust"
    assert result.midpoint.loc["task_significance", "null"] == 3
    with pytest.raises(InsufficientDataError) as error:
        run(scored)
    assert error.value.note.id == "repeated_other_scales"
    with pytest.raises(PlanError, match=r"Only scores"):
        run(scored, measures=("LEAD01", "LEAD02"))
    alone = run(replace(scored, nested_in=()), measures=("leadership_climate", "task_significance"))
    assert alone.definition["test"] == "greenhouse_geisser"
    back = Result.from_json(result.to_json())
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(back.tables()[name], table)
