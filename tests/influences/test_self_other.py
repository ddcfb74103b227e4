"""Self-ratings beside the ratings of others: level, order, and each one by itself."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import leadership_study as ls
from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences.self_other import run, self_other
from leadership_study.results import Result

DIMENSIONS = list("abcde")


def simulated(heads=20, schools=4, raters=10, over=0.4, seed=1, own_error=0.2):
    """Heads who see themselves ``over`` points higher than their teachers do, and know how they differ."""
    rng = np.random.default_rng(seed)
    names = [f"D{at:02d}" for at in range(1, heads + 1)]
    true = rng.normal(3.5, 0.5, (heads, len(DIMENSIONS)))
    head = np.repeat(np.arange(heads), schools * raters)
    school = np.repeat(np.arange(heads * schools), raters)
    values = true[head] + rng.normal(0, 0.2, (heads * schools, 5))[school] + rng.normal(0, 0.5, (len(head), 5))
    others = pd.DataFrame(values, columns=DIMENSIONS)
    others["head"], others["school"] = np.array(names)[head], [f"S{at}" for at in school]
    own = pd.DataFrame(true + over + rng.normal(0, own_error, true.shape), index=names, columns=DIMENSIONS)
    return others, own


def test_level_is_a_paired_t_test_and_order_is_spearmans():
    others, own = simulated()
    result = self_other(others, own, "head")
    means = others.groupby("head")[DIMENSIONS].mean()
    for name in DIMENSIONS:
        row = result.table.loc[name]
        test = stats.ttest_rel(own[name], means[name])
        assert [row["statistic"], row["df"], row["p_value"]] == pytest.approx([test.statistic, test.df, test.pvalue])
        assert row["estimate"] == pytest.approx(0.4, abs=0.2)
        assert row["rank_correlation"] == pytest.approx(stats.spearmanr(own[name], means[name]).statistic)
        both = pd.DataFrame({"self": own[name], "others": means[name]})
        icc = ls.intraclass_correlation(both).table.loc["ICC(2,1)"]
        assert [row["agreement"], row["agreement_ci_low"]] == pytest.approx([icc["icc"], icc["ci_low"]])
    assert (result.table["verdict"] == "above").all()


def test_a_shift_lowers_agreement_in_level_and_not_in_order():
    near, far = (self_other(*simulated(over=over), "head").table.loc["a"] for over in (0.0, 1.5))
    assert far["agreement"] < near["agreement"] - 0.3
    assert far["rank_correlation"] == near["rank_correlation"]
    assert near["verdict"] == "undecided"


def test_one_head_is_its_self_rating_less_the_mean_of_others():
    others, own = simulated()
    heads = self_other(others, own, "head").heads
    given = others.loc[others["head"] == "D03", "b"]
    test = stats.ttest_1samp(given, own.loc["D03", "b"])
    row = heads.loc[("D03", "b")]
    assert row["n"] == 40
    assert row["difference"] == pytest.approx(own.loc["D03", "b"] - given.mean())
    low, high = test.confidence_interval()
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([own.loc["D03", "b"] - high, own.loc["D03", "b"] - low])


def test_schools_make_the_intervals_of_heads_wider():
    others, own = simulated(schools=6, seed=2)
    plain, nested = (self_other(others, own, "head", units=units).heads for units in (None, "school"))
    assert (nested["std_error"] > plain["std_error"]).mean() > 0.8
    assert nested["difference"].equals(plain["difference"])
    assert (nested["df"] <= 5 + 1e-9).all(), "as many degrees of freedom as schools less one"


def test_profiles_say_whether_both_see_the_same_strengths():
    others, own = simulated(own_error=0.0)
    turned = own.copy()
    turned.loc["D01"] = 7 - own.loc["D01"]
    profiles = self_other(others, turned, "head").profiles
    assert profiles["rank_correlation"]["D01"] < -0.6
    assert profiles["rank_correlation"].drop("D01").median() > 0.7
    assert profiles["difference"]["D02"] == pytest.approx(0.4, abs=0.25)


def test_who_lacks_a_side_is_left_out_and_counted():
    others, own = simulated()
    own.loc["D01", "a"] = np.nan
    result = self_other(others[others["head"] != "D02"], own.drop(index="D03"), "head")
    assert {note.id: note.values["count"] for note in result.notes} == {
        "self_without_others": 1,
        "others_without_self": 1,
    }
    assert result.table.loc["a", "n_groups"] == 17
    assert result.table.loc["b", "n_groups"] == 18
    assert Result.from_json(result.to_json()).to_json() == result.to_json()


def test_names_are_numbers_in_print():
    others, own = simulated(heads=4)
    names = dict(zip(own.index, ["Wang", "Li", "Zhao", "Chen"], strict=True))
    result = self_other(others.assign(head=others["head"].map(names)), own.rename(index=names), "head")
    assert list(result.profiles.index) == ["1", "2", "3", "4"]
    assert "Li" not in result.to_json()


def test_too_few_and_constant():
    others, own = simulated(heads=2)
    with pytest.raises(InsufficientDataError, match="at least 3"):
        self_other(others, own, "head")
    others, own = simulated(heads=5)
    table = self_other(others, own.assign(a=4.0), "head").table
    assert np.isnan(table.loc["a", "rank_correlation"])
    assert np.isfinite(table.loc["a", "estimate"])


def test_wrong_use():
    others, own = simulated(heads=4)
    with pytest.raises(ValueError, match="more than once"):
        self_other(others, pd.concat([own, own.head(1)]), "head")
    with pytest.raises(ValueError, match="'adjust'"):
        self_other(others, own, "head", adjust="none")
    with pytest.raises(ValueError, match="dimension"):
        self_other(others.drop(columns="a"), own, "head")


def test_run_takes_the_block_of_self_ratings(scored_of):
    scored = scored_of(nested_in=())
    with pytest.raises(PlanError, match="in 'of'"):
        run(scored, self_ratings="heads")
