"""Comparisons of groups against R: t.test, oneway.test, kruskal.test, wilcox.test, car, effectsize, pairwise tests."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import bfi, lq2002
from scipy import stats

from leadership_study.errors import EstimationError, InsufficientDataError, PlanError
from leadership_study.influences.groups import compare_groups, run
from leadership_study.results import Result
from leadership_study.samples.mean_tests import TwoGroups
from leadership_study.samples.rank_tests import mann_whitney

HTZ = [5.88309792207, 2, 26.0871354462, 0.00778297806067]
KR = [7.42469289078, 2, 35.7830956677, 0.00200828736731]
closed = {"rel": 1e-9, "abs": 1e-12}
# effectsize searches its noncentral limits with optim, which stops at 1e-8 of the sum of two probabilities: about
# 1e-5 of a noncentrality. Ours are roots to 1e-13.
searched = {"rel": 1e-5, "abs": 1e-6}
# qtukey stops at 1e-4 of its quantile; R's values agree with SciPy's to about 1e-8.
studentised = {"rel": 1e-6, "abs": 1e-9}


@pytest.fixture(scope="module")
def data():
    return {"bfi": bfi(), "lq2002": lq2002()}


def agree(mine, theirs, tolerance):
    """Every value of ``theirs`` is in ``mine``, and the other way round."""
    assert set(mine) == set(theirs)
    for key, value in theirs.items():
        assert mine[key] == pytest.approx(value, **tolerance), key


def effect_of(result, row, theirs):
    mine = result.effect_size.loc[row]
    numbers = [value for key, value in theirs.items() if key not in ("Parameter", "CI", "CI_low", "CI_high")]
    assert len(numbers) == 1
    assert theirs["CI"] == 0.95
    assert mine["estimate"] == pytest.approx(numbers[0], **closed)
    assert [mine["ci_low"], mine["ci_high"]] == pytest.approx([theirs["CI_low"], theirs["CI_high"]], **searched)


TWO = [("bfi", scale, "gender", f"two_groups.gender.{scale}") for scale in "ACENO"]
TWO += [("lq2002", scale, "HALF", f"two_groups.half.{scale}") for scale in ("LEAD", "HOSTILE")]


@pytest.mark.parametrize(("name", "outcome", "group", "section"), TWO)
def test_two_groups(data, reference, name, outcome, group, section):
    value = reference(name)(section)
    result = compare_groups(data[name], outcome, group)
    assert list(result.groups.index) == value["groups"]
    for column in ("n", "mean", "sd"):
        agree(result.groups[column].to_dict(), value[column], closed)
    for row, key in (("student_t", "student"), ("welch_t", "welch")):
        mine = result.test.loc[row]
        theirs = value[key]
        agree(
            {"t": mine["statistic"], "df": mine["df"], "p": mine["p_value"], "ci": [mine["ci_low"], mine["ci_high"]]},
            theirs,
            {"rel": 1e-9, "abs": 1e-300},
        )
    effect_of(result, "cohen_d", value["cohen_d"])
    effect_of(result, "cohen_d_unpooled", value["cohen_d_unpooled"])
    effect_of(result, "hedges_g", value["hedges_g"])
    effect_of(result, "glass_delta", value["glass_delta"])
    effect_of(result, "rank_biserial", value["rank_biserial"])
    assert result.effect_size.loc["rank_biserial", "estimate"] == pytest.approx(value["rank_biserial_point"], **closed)
    for center in ("median", "mean"):
        levene = compare_groups(data[name], outcome, group, levene_center=center).assumptions.loc["levene_test"]
        agree(
            {"F": levene["statistic"], "df1": levene["df1"], "df2": levene["df2"], "p": levene["p_value"]},
            value[f"levene_{center}"],
            closed,
        )
    ratio = result.assumptions.loc["variance_ratio"]
    agree({"F": ratio["statistic"], "p": ratio["p_value"]}, value["var_test"], closed)
    mann = result.test.loc["mann_whitney"]
    tight = {"rel": 1e-9, "abs": 1e-300}
    agree({"W": mann["statistic"], "p": mann["p_value"]}, value["mann_whitney_nocc"], tight)
    rows = data[name][[outcome, group]].dropna()
    parts = [rows.loc[rows[group] == level, outcome].to_numpy() for level in sorted(rows[group].unique())]
    corrected = mann_whitney(*parts, continuity=True)
    agree({"W": corrected.statistic, "p": corrected.p_value}, value["mann_whitney_cc"], tight)
    assert set(value) == {
        "groups", "n", "mean", "sd", "student", "welch", "cohen_d", "cohen_d_unpooled", "hedges_g", "glass_delta",
        "levene_median", "levene_mean", "var_test", "mann_whitney_cc", "mann_whitney_nocc", "rank_biserial",
        "rank_biserial_point",
    }  # fmt: skip


K = [("bfi", scale, "education", f"k_groups.education.{scale}") for scale in "ACENO"]
K += [("lq2002", scale, "SIZE3", f"k_groups.size3.{scale}") for scale in ("LEAD", "TSIG", "HOSTILE")]


@pytest.mark.parametrize(("name", "outcome", "group", "section"), K)
def test_several_groups(data, reference, name, outcome, group, section):
    value = reference(name)(section)
    result = compare_groups(data[name], outcome, group)
    test, assumptions = result.test, result.assumptions
    assert list(result.groups.index) == value["groups"]
    for column in ("n", "mean", "sd"):
        agree(result.groups[column].to_dict(), value[column], closed)
    anova = test.loc["fisher_anova"]
    agree(
        {"F": anova["statistic"], "df1": anova["df1"], "df2": anova["df2"], "p": anova["p_value"]},
        {key: value[key] for key in ("F", "df1", "df2", "p")},
        closed,
    )
    within = float(((result.groups["n"] - 1) * result.groups["sd"] ** 2).sum())
    assert within == pytest.approx(value["ss_within"], **closed)
    assert within * anova["statistic"] * anova["df1"] / anova["df2"] == pytest.approx(value["ss_between"], **closed)
    for row, key in (("welch_anova", "welch"), ("brown_forsythe", "brown_forsythe_F")):
        mine = test.loc[row]
        agree(
            {"F": mine["statistic"], "df1": mine["df1"], "df2": mine["df2"], "p": mine["p_value"]}, value[key], closed
        )
    levene = assumptions.loc["levene_test"]
    agree({"F": levene["statistic"], "p": levene["p_value"]}, value["levene_median"], closed)
    levene = compare_groups(data[name], outcome, group, levene_center="mean").assumptions.loc["levene_test"]
    agree({"F": levene["statistic"], "p": levene["p_value"]}, value["levene_mean"], closed)
    bartlett = assumptions.loc["bartlett_test"]
    agree({"K2": bartlett["statistic"], "p": bartlett["p_value"]}, value["bartlett"], closed)
    assert set(value["effect"]) == {"eta2", "omega2", "epsilon2", "cohens_f"}
    effect_of(result, "eta_squared", value["effect"]["eta2"])
    effect_of(result, "omega_squared", value["effect"]["omega2"])
    effect_of(result, "epsilon_squared", value["effect"]["epsilon2"])
    assert result.effect_size.loc["cohen_f", "estimate"] == pytest.approx(value["effect"]["cohens_f"], **closed)
    rank = test.loc["kruskal_wallis"]
    mine = {"H": rank["statistic"], "df": rank["df"], "p": rank["p_value"]}
    mine["epsilon2"] = result.effect_size.loc["rank_epsilon_squared", "estimate"]
    mine["eta2_H"] = (rank["statistic"] - result.n_groups + 1) / (result.n - result.n_groups)
    agree(mine, value["kruskal"], closed)
    pairs(data[name], outcome, group, value)
    assert set(value) == {
        "groups", "n", "mean", "sd", "ss_between", "ss_within", "df1", "df2", "F", "p", "welch", "brown_forsythe_F",
        "levene_median", "levene_mean", "bartlett", "effect", "kruskal", "posthoc", "check_TukeyHSD",
        "check_pairwise_none", "check_pairwise_bonferroni",
    }  # fmt: skip


def pairs(data, outcome, group, value):
    by = {
        method: compare_groups(data, outcome, group, post_hoc=method).post_hoc
        for method in ("tukey", "games_howell", "scheffe", "lsd", "bonferroni", "dunn")
    }
    others = {
        (method, adjust): compare_groups(data, outcome, group, post_hoc=method, adjust=adjust).post_hoc
        for method, adjust in (("dunn", "bonferroni"), ("dunn", "fdr_bh"))
    }
    assert len(value["posthoc"]) == len(by["lsd"])
    for row in value["posthoc"]:
        at = f"{row['group1']} – {row['group2']}"
        lsd, tukey, howell, scheffe = (by[name].loc[at] for name in ("lsd", "tukey", "games_howell", "scheffe"))
        exact = {
            "diff": lsd["difference"], "se": lsd["std_error"], "t": lsd["statistic"], "lsd_p": lsd["p_value"],
            "scheffe_p": scheffe["p_value"], "scheffe_lower": scheffe["ci_low"], "scheffe_upper": scheffe["ci_high"],
            "gh_se": howell["std_error"], "gh_df": howell["df"], "dunn_z": by["dunn"].loc[at, "statistic"],
            "dunn_p": by["dunn"].loc[at, "p_value"], "holm_p": lsd["adjusted_p_value"],
            "bonferroni_p": by["bonferroni"].loc[at, "adjusted_p_value"],
            "dunn_p_holm": by["dunn"].loc[at, "adjusted_p_value"],
            "dunn_p_bonferroni": others["dunn", "bonferroni"].loc[at, "adjusted_p_value"],
            "dunn_p_bh": others["dunn", "fdr_bh"].loc[at, "adjusted_p_value"],
        }  # fmt: skip
        ranges = {
            "tukey_p": tukey["p_value"], "tukey_lower": tukey["ci_low"], "tukey_upper": tukey["ci_high"],
            "gh_p": howell["p_value"], "gh_lower": howell["ci_low"], "gh_upper": howell["ci_high"],
        }  # fmt: skip
        assert set(row) == {"group1", "group2", *exact, *ranges}
        agree(exact, {key: row[key] for key in exact}, {"rel": 1e-8, "abs": 1e-13})
        agree(ranges, {key: row[key] for key in ranges}, studentised)
        assert (lsd["group1"], lsd["group2"]) == (row["group1"], row["group2"])
    for row, check in zip(value["posthoc"], value["check_TukeyHSD"], strict=True):
        mine = by["tukey"].loc[f"{row['group1']} – {row['group2']}"]
        agree(
            {"diff": mine["difference"], "lwr": mine["ci_low"], "upr": mine["ci_high"], "p adj": mine["p_value"]},
            {key: cell for key, cell in check.items() if key != "row"},
            studentised,
        )
    for method, key in (("lsd", "check_pairwise_none"), ("bonferroni", "check_pairwise_bonferroni")):
        square = value[key]
        for second, cells in zip(square["rows"], square["data"], strict=True):
            for first, cell in zip(square["cols"], cells, strict=True):
                if cell is not None:
                    column = "p_value" if method == "lsd" else "adjusted_p_value"
                    assert by[method].loc[f"{first} – {second}", column] == pytest.approx(cell, rel=1e-8, abs=1e-13)


def test_the_order_of_rows_is_irrelevant_and_that_of_categories_is_kept(data):
    rows = data["bfi"].sample(frac=1, random_state=3)
    a = compare_groups(data["bfi"], "N", "education")
    b = compare_groups(rows, "N", "education")
    pd.testing.assert_frame_equal(a.test, b.test, rtol=1e-10)
    pd.testing.assert_frame_equal(a.post_hoc, b.post_hoc, rtol=1e-9)
    turned = data["bfi"].assign(gender=pd.Categorical(data["bfi"]["gender"], categories=[2, 1]))
    assert compare_groups(turned, "N", "gender").test.loc["welch_t", "estimate"] == pytest.approx(
        -compare_groups(data["bfi"], "N", "gender").test.loc["welch_t", "estimate"]
    )


def test_no_difference_is_written_only_when_equivalence_is_shown():
    rng = np.random.default_rng(1)
    few = pd.DataFrame({"y": rng.normal(size=60), "g": ["a", "b"] * 30})
    many = pd.DataFrame({"y": rng.normal(size=6000), "g": ["a", "b"] * 3000})
    apart = many.assign(y=many["y"] + 0.1 * (many["g"] == "a"))
    far = many.assign(y=many["y"] + 0.5 * (many["g"] == "a"))
    assert compare_groups(few, "y", "g").verdict == "undecided"
    assert compare_groups(many, "y", "g").verdict == "equivalent"
    assert compare_groups(apart, "y", "g").verdict == "negligible"
    assert compare_groups(far, "y", "g").verdict == "different"


def test_two_one_sided_tests_by_hand():
    rng = np.random.default_rng(2)
    two = TwoGroups(first=rng.normal(size=40), second=rng.normal(size=70) + 0.1)
    test = two.welch()
    lower = stats.ttest_ind(two.first + 0.3, two.second, equal_var=False, alternative="greater").pvalue
    upper = stats.ttest_ind(two.first - 0.3, two.second, equal_var=False, alternative="less").pvalue
    assert test.equivalence_p_value(0.3) == pytest.approx(max(lower, upper), rel=1e-12)


def test_nesting_holds_the_level_where_independence_does_not():
    """Two kinds of schools without a difference, answers nested: Welch finds one far too often, CR2 does not."""
    rng = np.random.default_rng(11)
    naive = robust = mixed = 0
    runs = 60
    for _ in range(runs):
        school = np.repeat(np.arange(24), 20)
        y = rng.normal(size=24)[school] * 0.5 + rng.normal(size=480)
        data = pd.DataFrame({"y": y, "g": np.where(school < 12, "a", "b"), "school": school})
        test = compare_groups(data, "y", "g", nested_in="school").test
        naive += test.loc["welch_t", "p_value"] < 0.05
        robust += test.loc["cluster_robust", "p_value"] < 0.05
        mixed += test.loc["mixed_model_f", "p_value"] < 0.05
    assert naive > 0.25 * runs
    assert robust < 0.11 * runs
    assert mixed < 0.11 * runs


def test_nested_tests_equal_clubsandwich_and_pbkrtest(data):
    """HTZ of company sizes in lq2002 (clubSandwich 0.5.8) and Kenward–Roger's F (pbkrtest 0.5.2)."""
    result = compare_groups(data["lq2002"], "HOSTILE", "SIZE3", nested_in="COMPID")
    robust, mixed = result.test.loc["cluster_robust"], result.test.loc["mixed_model_f"]
    assert [robust["statistic"], robust["df1"], robust["df2"], robust["p_value"]] == pytest.approx(HTZ, rel=1e-6)
    assert [mixed["statistic"], mixed["df1"], mixed["df2"], mixed["p_value"]] == pytest.approx(KR, rel=1e-4)
    assert result.test["decides"].idxmax() == "cluster_robust"
    assert result.definition["post_hoc"] == "cluster_robust"


@pytest.mark.parametrize(
    ("frame", "options", "note"),
    [
        ({"y": [1.0, 2, 3], "g": ["a", "a", "a"]}, {}, "nothing_to_compare"),
        ({"y": [1.0, 2, 3], "g": ["a", "a", "b"]}, {}, "nothing_to_compare"),
        ({"y": [1.0, 1, 1, 1], "g": ["a", "a", "b", "b"]}, {}, "constant_outcome"),
        ({"y": [np.nan] * 4, "g": ["a", "a", "b", "b"]}, {}, "nothing_to_compare"),
        ({"y": [1.0, 2, 3, 5], "g": ["a", "a", "b", "b"]}, {"nested_in": ["x"] * 4}, "one_cluster_to_compare"),
    ],
)
def test_what_cannot_be_compared_says_why(frame, options, note):
    with pytest.raises(EstimationError) as error:
        compare_groups(pd.DataFrame(frame), "y", "g", **options)
    assert error.value.note.id == note


def test_a_group_of_one_is_left_out_and_named():
    data = pd.DataFrame({"y": [1.0, 2, 3, 5, 4, 9], "g": ["a", "a", "b", "b", "b", "c"]})
    result = compare_groups(data, "y", "g")
    assert list(result.groups.index) == ["a", "b"]
    assert [note.id for note in result.notes] == ["groups_of_one_left_out", "small_groups"]
    assert result.notes[0].values["groups"] == "g[c]"


def test_a_group_without_spread_falls_back_on_equal_variances_and_says_so():
    data = pd.DataFrame({"y": [2.0, 2, 2, 1, 3, 5, 4, 4, 6], "g": list("aaabbbccc")})
    result = compare_groups(data, "y", "g")
    assert result.test.index[0] == "fisher_anova"
    assert "other_test_decides" in [note.id for note in result.notes]


def test_a_group_from_one_cluster_is_not_tested():
    """The error of its mean is unknown: no finite p value, and no verdict."""
    rng = np.random.default_rng(5)
    school = np.repeat(np.arange(6), 10)
    data = pd.DataFrame({"y": rng.normal(size=60), "g": np.where(school == 0, "a", "b"), "s": school})
    result = compare_groups(data, "y", "g", nested_in="s")
    assert np.isnan(result.test.loc["cluster_robust", "p_value"])
    assert not result.test.loc["welch_t", "decides"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"variances": "welch"}, ValueError, "'variances'"),
        ({"post_hoc": "duncan"}, ValueError, "'post_hoc'"),
        ({"post_hoc": "cluster_robust"}, ValueError, "needs clusters"),
        ({"by": "ranks", "nested_in": "education"}, ValueError, "nesting"),
        ({"equivalence_bound": 0}, ValueError, "above 0"),
        ({"confidence_level": 95}, ValueError, "between"),
        ({"nested_in": "school"}, ValueError, "one value a row|Unknown"),
    ],
)
def test_wrong_use_names_the_place(data, options, error, message):
    with pytest.raises(error, match=message):
        compare_groups(data["bfi"], "N", "gender", **options)
    with pytest.raises(ValueError, match="Unknown outcome"):
        compare_groups(data["bfi"], "n", "gender")
    with pytest.raises(TypeError, match="not numbers"):
        compare_groups(data["bfi"].assign(N="much"), "N", "gender")


def test_survives_json(data):
    for options in ({}, {"nested_in": "COMPID"}, {"by": "ranks"}):
        result = compare_groups(data["lq2002"], "LEAD", "SIZE3", **options)
        back = Result.from_json(result.to_json())
        for name, table in result.tables().items():
            pd.testing.assert_frame_equal(back.tables()[name], table, check_index_type=len(table) > 0)


def test_run_allows_for_nesting_and_keeps_the_questionnaires_order(scored_of):
    result = run(scored_of(), outcome="hostility", group="rank")
    assert list(result.groups.index) == ["rank[private]", "rank[sergeant]", "rank[officer]"]
    assert result.definition["nested_in"] == "company"
    assert result.test["decides"].idxmax() == "cluster_robust"
    ranks = run(scored_of(), outcome="hostility", group="rank", by="ranks")
    assert ranks.test.index[0] == "kruskal_wallis"
    assert "ranks_ignore_nesting" in [note.id for note in ranks.notes]
    with pytest.raises(PlanError, match="kind 'text'"):
        run(scored_of(), outcome="hostility", group="words")
    with pytest.raises(InsufficientDataError):
        run(scored_of(replace={"SUB": 3}), outcome="hostility", group="rank")
