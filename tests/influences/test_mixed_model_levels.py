"""Three levels, crossed factors, several slopes: against lme4, lmerTest and pbkrtest on simulated data."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.influences.multilevel import MixedModel, mixed_model

NAMES = {"(Intercept)": "intercept", "stagenine": "stage[nine]", "stageprimary": "stage[primary]"}
MODELS = {  # name → data, formula, group, random
    "three_intercepts": ("three", "y ~ x + z + stage", ["head", "school"], "1"),
    "three_slope": ("three", "y ~ x + z", ["school", "head"], ["1 + x", "1"]),
    "three_slopes_uncorrelated": ("three", "y ~ x", ["school", "head"], ["1 + x ||", "0 + x"]),
    "three_slope_both": ("three", "y ~ x*z", ["school", "head"], "1 + x"),
    "two_level": ("three", "y ~ x + z", "head", "1"),
    "crossed": ("crossed", "y ~ x", ["rater", "target"], "1"),
    "crossed_slope": ("crossed", "y ~ x", ["rater", "target"], ["1 + x", "1"]),
}
TABLE = ("estimate", "std_error", "df", "statistic", "p_value")


@pytest.fixture
def fitted(reference):
    r = reference("mixed_models")

    def fit(name: str, **options) -> MixedModel:
        which, formula, group, random = MODELS[name]
        data = pd.DataFrame(r(f"data.{which}"))
        if "stage" in data:
            data["stage"] = pd.Categorical(data["stage"], categories=["middle", "nine", "primary"])
        return mixed_model(formula, data, group, random=random, **options)

    return fit


def own_name(term: str) -> str:
    return NAMES.get(term, term)


def check_fixed(table: pd.DataFrame, rows: list[dict], tolerance: float) -> None:
    assert [own_name(row["term"]) for row in rows] == list(table.index)
    for row in rows:
        for column in TABLE:
            mine = table.loc[own_name(row["term"]), column]
            # lmerTest differentiates numerically; a tiny p value moves by ten times its t.
            allowed = {"df": 20 * tolerance, "p_value": 300 * tolerance}.get(column, tolerance)
            assert mine == pytest.approx(row[column], rel=allowed, abs=1e-7), (row["term"], column)


@pytest.mark.parametrize("name", MODELS)
def test_likelihoods_and_variances(fitted, reference, name):
    value, result = reference("mixed_models")(name), fitted(name)
    assert result.fit["log_likelihood"] == pytest.approx(value["log_likelihood"], abs=1e-7)
    assert result.fit["log_likelihood_ml"] == pytest.approx(value["log_likelihood_ml"], abs=1e-7)
    assert any(note.id.startswith("singular") for note in result.notes) is value["singular"]
    for row in value["varcomp"]:
        group = row["grp"].removesuffix(".1")
        if group == "Residual":
            key = ("residual", "residual")
        else:
            one = own_name(row["var1"])
            key = (group, one if row.get("var2") is None else f"{one}, {row['var2']}")
        mine = result.random.loc[key]
        assert mine["variance"] == pytest.approx(row["vcov"], rel=1e-4, abs=1e-6), key
        assert np.nansum([mine["sd"], mine["correlation"]]) == pytest.approx(row["sdcor"], rel=1e-4, abs=2e-4), key


@pytest.mark.parametrize("name", MODELS)
def test_tests_of_coefficients(fitted, reference, name):
    value = reference("mixed_models")(name)
    tolerance = 2e-5 if value["singular"] else 2e-6
    check_fixed(fitted(name).fixed, value["satterthwaite"], tolerance)
    check_fixed(fitted(name, df="kenward-roger").fixed, value["kenward_roger"], tolerance)
    check_fixed(fitted(name, reml=False).fixed, value["satterthwaite_ml"], tolerance)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "three_slope_both"])
@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
def test_tests_of_variables(fitted, reference, name, df):
    """Models with an interaction are left out: lmerTest's table then tests something else (type III contrasts)."""
    rows = reference("mixed_models")(name)[f"anova_{df.replace('-', '_')}"]
    table = fitted(name, df=df).tests
    assert [row["term"] for row in rows] == list(table.index)
    for row in rows:
        mine = table.loc[row["term"]]
        assert mine["df1"] == row["df1"]
        assert mine["df2"] == pytest.approx(row["df2"], rel=4e-4)
        assert mine["statistic"] == pytest.approx(row["F"], rel=4e-5)
        assert mine["p_value"] == pytest.approx(row["p"], rel=5e-3)


@pytest.mark.parametrize("name", MODELS)
def test_conditional_modes(fitted, reference, name):
    value, modes = reference("mixed_models")(name), fitted(name).modes
    assert len(modes) == len(value["modes"])
    for row in value["modes"]:
        mine = modes.loc[(row["grpvar"].removesuffix(".1"), row["grp"], own_name(row["term"]))]
        assert mine["estimate"] == pytest.approx(row["condval"], rel=1e-3, abs=2e-4 if value["singular"] else 2e-6)
        assert mine["std_error"] == pytest.approx(row["condsd"], rel=1e-3, abs=2e-4 if value["singular"] else 2e-6)


def test_order_of_factors_and_rows_is_irrelevant(fitted, reference):
    data = pd.DataFrame(reference("mixed_models")("data.three"))
    one = mixed_model("y ~ x + z", data, ["school", "head"], random=["1 + x", "1"])
    two = mixed_model("y ~ x + z", data.sample(frac=1, random_state=3), ["head", "school"], random=["1", "1 + x"])
    assert one.fit["log_likelihood"] == pytest.approx(two.fit["log_likelihood"], rel=1e-12)
    pd.testing.assert_frame_equal(one.fixed, two.fixed, rtol=1e-6)


def test_units_with_the_same_label_under_different_heads(reference):
    data = pd.DataFrame(reference("mixed_models")("data.three"))
    reused = data.assign(school=data["school"].str.replace(r"h\ds", "s", regex=True))
    right = mixed_model("y ~ x", data, ["school", "head"])
    nested = mixed_model("y ~ x", reused, "head/school")
    crossed = mixed_model("y ~ x", reused, ["school", "head"])
    assert nested.fit["log_likelihood"] == pytest.approx(right.fit["log_likelihood"], rel=1e-12)
    assert "groups_cross" not in {note.id for note in nested.notes}
    assert "groups_cross" in {note.id for note in crossed.notes}
    assert crossed.fit["log_likelihood"] != pytest.approx(right.fit["log_likelihood"], abs=0.1)


def test_the_unit_of_a_predictor_changes_nothing_else(reference):
    """A slope measured in thousandths: the search must not depend on the scale."""
    data = pd.DataFrame(reference("mixed_models")("data.three"))
    one = mixed_model("y ~ x", data, "school", random="1 + x")
    two = mixed_model("y ~ x", data.assign(x=data["x"] * 1e5 + 3e5), "school", random="1 + x")
    assert one.fit["log_likelihood"] == pytest.approx(two.fit["log_likelihood"] + np.log(1e5), abs=1e-6)  # REML: |X'X|
    assert one.fit["log_likelihood_ml"] == pytest.approx(two.fit["log_likelihood_ml"], abs=1e-7)
    assert one.fixed.loc["x", "statistic"] == pytest.approx(two.fixed.loc["x", "statistic"], rel=1e-6)
    assert one.fixed.loc["x", "df"] == pytest.approx(two.fixed.loc["x", "df"], rel=1e-4)
