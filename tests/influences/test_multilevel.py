"""Multilevel analyses of scored answers: levels, contextual effects, few heads, and bad input."""

import json

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences import multilevel
from leadership_study.influences.multilevel import Multilevel, compare_mixed_models, mixed_model
from leadership_study.results import Result


@pytest.fixture
def schools() -> pd.DataFrame:
    """Teachers in schools under twelve heads; schools differ, heads do not."""
    random = np.random.default_rng(13)
    head, school, _ = np.indices((12, 5, 12)).reshape(3, -1)
    at_school = random.normal(0, 0.35, (12, 5))[head, school]
    x = random.normal(size=len(head)) + 0.5 * random.normal(size=(12, 5))[head, school]
    return pd.DataFrame(
        {
            "head": [f"h{one}" for one in head],
            "school": [f"h{one}s{two}" for one, two in zip(head, school, strict=True)],
            "x": x,
            "z": random.normal(size=12)[head],
            "y": 3 + 0.4 * x + at_school + random.normal(size=len(head)),
        }
    )


def test_contextual_effects_are_the_difference_of_two_coefficients(scored_of, lq2002):
    result = multilevel.run(
        scored_of(), outcome="hostility", blocks=(("leadership_climate",),), centred=("leadership_climate",)
    )
    data = pd.DataFrame({"y": scored_of().scales["hostility"], "x": scored_of().scales["leadership_climate"]})
    data["g"] = scored_of().groups["company"]
    data["mean"] = data.groupby("g")["x"].transform("mean")
    # With x as it is beside its mean, the coefficient of the mean is the contextual effect itself.
    plain = mixed_model("y ~ x + mean", data, "g", df="kenward-roger").fixed
    split = result.fixed
    assert split.loc["leadership_climate – within", "estimate"] == pytest.approx(plain.loc["x", "estimate"], rel=1e-8)
    row = result.contextual.loc[("leadership_climate", "company")]
    for column in ("estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high"):
        assert row[column] == pytest.approx(plain.loc["mean", column], rel=1e-5), column


def test_the_head_level_is_tested_by_kenward_roger_and_called_exploratory(scored_of):
    result = multilevel.run(
        scored_of(), outcome="hostility", blocks=(("leadership_climate",),), centred=("leadership_climate",)
    )
    assert result.definition["df"] == "kenward-roger"
    assert list(result.head_level.index) == ["leadership_climate – company"]
    assert any("exploratory" in str(note) for note in result.notes)
    row = result.head_level.iloc[0]
    # 80 % power: an effect of that size is found when the estimate is its mean.
    from scipy import stats

    limit = stats.t.ppf(0.975, row["df"]) * row["std_error"]
    power = stats.t.sf((limit - row["smallest_detectable"]) / row["std_error"], row["df"])
    assert power == pytest.approx(0.80, rel=1e-9)
    without = multilevel.run(scored_of(), outcome="hostility", blocks=(("rank",),))
    assert without.definition["df"] == "satterthwaite"
    assert without.head_level.empty
    assert not any("exploratory" in str(note) for note in without.notes)


def test_too_many_predictors_of_the_head_level_are_refused(scored_of):
    scored = scored_of(nested_in=("company", "battalion"))  # seven battalions carry one predictor
    options = {
        "outcome": "hostility",
        "blocks": (("leadership_climate", "task_significance"),),
        "centred": ("leadership_climate", "task_significance"),
    }
    with pytest.raises(InsufficientDataError, match="7 units of battalion carry at most 1 predictors"):
        multilevel.run(scored, **options)
    assert len(multilevel.run(scored, **options, heads_per_predictor=3).head_level) == 2


def test_fewer_than_ten_outermost_units_are_fixed_too(scored_of):
    scored = scored_of(nested_in=("company", "battalion"))
    result = multilevel.run(
        scored, outcome="hostility", blocks=(("leadership_climate",),), centred=("leadership_climate",)
    )
    assert list(result.fixed_groups.index) == ["leadership_climate – within", "leadership_climate – company"]
    assert "few_outer_units" in {note.id for note in result.notes}
    data = scored.scales.assign(company=scored.groups["company"], battalion=scored.groups["battalion"])
    mean = data.groupby("company")["leadership_climate"].transform("mean")
    data = data.assign(within=data["leadership_climate"] - mean, mean=mean)
    twin = mixed_model("hostility ~ within + mean + battalion", data, "company", df="kenward-roger").fixed
    for own, term in (("leadership_climate – within", "within"), ("leadership_climate – company", "mean")):
        for column in ("estimate", "std_error", "df", "p_value"):
            assert result.fixed_groups.loc[own, column] == pytest.approx(twin.loc[term, column], rel=1e-5)
    assert multilevel.run(scored_of(), outcome="hostility").fixed_groups.empty


def test_fixed_outermost_units_without_a_level_inside_are_least_squares(scored_of):
    scored = scored_of(nested_in=("battalion",))
    result = multilevel.run(scored, outcome="hostility", blocks=(("task_significance",),))
    from leadership_study.influences.regression import regress

    data = scored.scales.assign(battalion=scored.groups["battalion"])
    twin = regress("hostility ~ task_significance + battalion", data).coefficients.loc["task_significance"]
    for column in ("estimate", "std_error", "df", "p_value", "ci_low", "ci_high"):
        assert result.fixed_groups.loc["task_significance", column] == pytest.approx(twin[column], rel=1e-8)


def test_the_sequence_of_models(scored_of):
    result = multilevel.run(
        scored_of(),
        outcome="hostility",
        blocks=(("rank",), ("leadership_climate", "task_significance")),
        centred=("leadership_climate",),
        slopes=("leadership_climate",),
        interactions=(("leadership_climate", "task_significance"),),
    )
    models = result.models
    assert list(models.index) == ["null", "1", "2", "slopes", "interactions"]
    assert models["log_likelihood"].is_monotonic_increasing
    np.testing.assert_allclose(models["chi_square"].iloc[1:], 2 * np.diff(models["log_likelihood"]), atol=1e-8)
    assert models["df"].tolist()[1:] == [2, 3, 2, 1]
    slopes = models.loc["slopes"]
    assert slopes["boundary_p_value"] < slopes["p_value"]
    assert models["boundary_p_value"].drop("slopes").isna().all()
    # the rows of every model are those of the last: 20 respondents have no rank
    assert result.fit["n"] == 2022
    assert result.levels.loc["company", "icc"] == pytest.approx(0.057, abs=0.001)
    again = Result.from_json(result.to_json())
    assert isinstance(again, Multilevel)
    pd.testing.assert_frame_equal(again.models, result.models)
    json.loads(result.to_json())


def test_parts_of_three_levels_add_up(scored_of):
    scored = scored_of(nested_in=("company", "battalion"))
    result = multilevel.run(
        scored, outcome="hostility", blocks=(("leadership_climate",),), centred=("leadership_climate",)
    )
    assert [key for key, _ in result.contextual.iterrows()] == [
        ("leadership_climate", "company"), ("leadership_climate", "battalion"),
    ]  # fmt: skip
    assert list(result.fixed.index)[1:] == [f"leadership_climate – {one}" for one in ("within", "company", "battalion")]


def test_school_variance_is_not_taken_for_a_head_effect():
    """A school ICC of .10 and no head variance at all: the restricted likelihood-ratio test keeps its level."""
    from leadership_study.influences.head_profiles import head_profiles

    found = 0
    for seed in range(50):
        random = np.random.default_rng(seed)
        head, school, _ = np.indices((12, 5, 18)).reshape(3, -1)
        y = random.normal(0, np.sqrt(0.1), (12, 5))[head, school] + random.normal(0, np.sqrt(0.9), len(head))
        data = pd.DataFrame({"y": y, "head": head.astype(str), "school": (head * 5 + school).astype(str)})
        found += head_profiles(data, "y", ["school", "head"]).p_value < 0.05
    assert found <= 6  # 2.5 expected; the one-way F finds heads in two samples of three


def test_a_fact_about_heads_is_tested_against_heads(schools):
    """Without any effect of z, the mixed model finds one in about 5 of 100 samples, the plain regression far more."""
    from leadership_study.influences.regression import regress

    mixed = plain = 0
    for seed in range(24):
        random = np.random.default_rng(seed)
        code = schools["head"].str[1:].astype(int).to_numpy()
        heads, z = random.normal(0, 0.5, 12), random.normal(size=12)
        data = schools.assign(y=schools["y"] + heads[code], z=z[code])
        mixed += mixed_model("y ~ z", data, ["school", "head"], df="kenward-roger").fixed.loc["z", "p_value"] < 0.05
        plain += regress("y ~ z", data).coefficients.loc["z", "p_value"] < 0.05
    assert mixed <= 5
    assert plain >= 9


@pytest.mark.parametrize(
    ("change", "formula", "error", "words"),
    [
        ({"y": 2.0}, "y ~ x", InsufficientDataError, "same value"),
        ({"x2": lambda d: 2 * d["x"] + 1}, "y ~ x + x2", InsufficientDataError, "x2"),
        ({"x": np.nan}, "y ~ x", InsufficientDataError, "x has the fewest answers"),
        ({"head": "h1"}, "y ~ x", InsufficientDataError, "same head"),
        (
            {"head": lambda d: [f"r{one}" for one in range(len(d))]},
            "y ~ x",
            InsufficientDataError,
            "720 random effects",
        ),
        ({"head": None}, "y ~ x", InsufficientDataError, "has a group"),
        ({"y": lambda d: d["x"] * 2}, "y ~ x", InsufficientDataError, "nothing unexplained"),
        ({"x": "many"}, "y ~ x", InsufficientDataError, "x has a single level"),
        ({"y": lambda d: d["x"].map("{:.0f}".format)}, "y ~ x", TypeError, "outcome"),
        ({"x": np.inf}, "y ~ x", ValueError, "infinite"),
        ({}, "y ~ w", ValueError, "w"),
    ],
)
def test_bad_data_get_one_sentence(schools, change, formula, error, words):
    with pytest.raises(error, match=words):
        mixed_model(formula, schools.assign(**change), "head")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"df": "kr"}, "must be one of 'satterthwaite'"),
        ({"interval": "boot"}, "must be one of 'wald'"),
        ({"df": "kenward-roger", "reml": False}, "needs REML"),
        ({"confidence_level": 95}, "between 0 and 1"),
        ({"random": ["1", "x"]}, "lists of equal length"),
        ({"random": "1 | head"}, "must name effects"),
        ({"group": ["head", "head"], "random": ["1", "1 + x"]}, "named twice"),
        ({"group": "hed"}, "did you mean head"),
    ],
)
def test_wrong_options_get_one_sentence(schools, options, words):
    with pytest.raises(ValueError, match=words):
        mixed_model("y ~ x", schools, **({"group": "head"} | options))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"blocks": (("hostility",),)}, "also a predictor"),
        ({"blocks": (("rank",), ("rank",))}, "more than once"),
        ({"blocks": (("rank",),), "centred": ("number",)}, "in none of the 'blocks'"),
        ({"blocks": (("rank",),), "centred": ("rank",)}, "has categories"),
        ({"blocks": (("rank",),), "slopes": ("rank",)}, "several categories"),
        ({"blocks": (("rank", "number"),), "interactions": (("rank", "number"),)}, "has categories"),
        ({"blocks": (("number",),), "interactions": (("number",),)}, "two predictors"),
        ({"blocks": (("company",),)}, "level of the model"),
        ({"groups": ("platoon",)}, "Unknown group"),
        ({"heads_per_predictor": 0}, "1 or more"),
        ({"blocks": (("words",),)}, "cannot be a predictor"),
    ],
)
def test_a_plan_that_cannot_be_followed(scored_of, options, words):
    with pytest.raises(PlanError, match=words):
        multilevel.run(scored_of(), outcome="hostility", **options)


def test_answers_without_groups_are_not_estimated(scored_of):
    with pytest.raises(InsufficientDataError, match="not nested"):
        multilevel.run(scored_of(nested_in=()), outcome="hostility")


def test_rows_without_a_group_are_counted(schools):
    schools.loc[:4, "head"] = None
    schools.loc[3:9, "x"] = np.nan
    result = mixed_model("y ~ x", schools, "head")
    notes = {note.id: note.values for note in result.notes}
    assert notes["rows_left_out"]["left_out"] == 7
    assert notes["rows_without_group"]["left_out"] == 3
    assert result.fit["n"] == len(schools) - 10


def test_models_that_are_not_nested_cannot_be_compared(schools):
    one, two = mixed_model("y ~ x", schools, "head"), mixed_model("y ~ x + z", schools, "head")
    assert compare_mixed_models(one, two)["df"] == 1
    with pytest.raises(ValueError, match="in that order"):
        compare_mixed_models(two, one)
    with pytest.raises(ValueError, match="same outcome and rows"):
        compare_mixed_models(one, mixed_model("y ~ x + z", schools.iloc[5:], "head"))
    with pytest.raises(ValueError, match="same fixed effects"):
        compare_mixed_models(one, two, restricted=True)


def test_singular_fits_are_named(schools):
    notes = [str(note) for note in mixed_model("y ~ x", schools, ["school", "head"]).notes]
    assert any("variance of intercept between the levels of head is estimated as 0" in note for note in notes)


def test_profile_intervals_are_where_the_likelihood_ratio_test_rejects(reference):
    """lme4 reads its limits off a spline; ours are the roots, so they are held to three digits of lme4's."""
    data = pd.DataFrame(reference("textbook")("sleepstudy.data"))
    result = mixed_model("Reaction ~ Days", data, "Subject", random="1 + Days", interval="profile")
    lme4 = {"intercept": (237.68069549, 265.12951462), "Days": (7.35865326, 13.57591875)}
    for term, ends in lme4.items():
        assert result.fixed.loc[term, ["ci_low", "ci_high"]].tolist() == pytest.approx(ends, rel=1e-5)
    deviations = {
        ("Subject", "intercept"): (14.38165247, 37.71599625), ("Subject", "Days"): (3.8011641, 8.75338316),
        ("residual", "residual"): (22.89826688, 28.85799654),
    }  # fmt: skip
    for key, ends in deviations.items():
        assert result.random.loc[key, ["sd_ci_low", "sd_ci_high"]].tolist() == pytest.approx(ends, rel=1e-4)


def test_profile_intervals_at_the_border(schools):
    result = mixed_model("y ~ x", schools, ["school", "head"], interval="profile")
    head = result.random.loc[("head", "intercept")]
    assert head["sd"] == 0
    assert head["sd_ci_low"] == 0
    assert 0.05 < head["sd_ci_high"] < 0.6


def test_one_school_under_each_head_cannot_be_told_from_the_head(schools):
    one_each = schools[schools["school"].str.endswith("s1")]
    with pytest.raises(InsufficientDataError, match="school and head divide the rows alike"):
        mixed_model("y ~ x", one_each, ["school", "head"])


def test_levels_that_go_with_incomplete_rows_leave_the_design_too(schools):
    """The only rows of one category lack a group: the category must not stay behind as a column of zeros."""
    data = schools.assign(kind=np.where(np.arange(len(schools)) < 6, "rare", np.where(schools["x"] > 0, "a", "b")))
    data.loc[data["kind"] == "rare", "head"] = None
    result = mixed_model("y ~ kind", data, "head")
    assert list(result.fixed.index) == ["intercept", "kind[b]"]
