"""Factorial analyses of variance against car::Anova, effectsize and predict."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import bfi, lq2002

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences.factorial import factorial_anova, run
from leadership_study.results import Result

closed = {"rel": 1e-8, "abs": 1e-300}


@pytest.fixture(scope="module")
def data():
    return {"bfi": bfi(), "lq2002": lq2002()}


def compare(result, rows, names):
    """Every row and every number of R's table."""
    assert len(rows) == len(names)
    for row in rows:
        mine = result.effects.loc[names[row["row"]]]
        numbers = {"Sum Sq": mine["sum_of_squares"], "Df": mine["df1"]}
        if row["row"] != "Residuals":
            numbers |= {"F value": mine["statistic"], "Pr(>F)": mine["p_value"]}
        if "Mean Sq" in row:
            numbers["Mean Sq"] = mine["mean_square"]
        assert {key for key, value in row.items() if value is not None} == {"row", *numbers}
        for key, value in numbers.items():
            assert value == pytest.approx(row[key], **closed), (row["row"], key)


def test_two_factors(data, reference):
    value = reference("bfi")("two_way_anova.N")
    names = {
        "(Intercept)": "intercept", "gender_f": "gender", "education_f": "education",
        "gender_f:education_f": "gender × education", "Residuals": "residual",
    }  # fmt: skip
    third = factorial_anova(data["bfi"], "N", ["gender", "education"])
    compare(third, value["type3"], names)
    second = factorial_anova(data["bfi"], "N", ["gender", "education"], type=2)
    compare(second, value["type2"], {key: name for key, name in names.items() if key != "(Intercept)"})
    assert len(value["partial_eta2"]) == 3
    for row in value["partial_eta2"]:
        mine = third.effects.loc[names[row["Parameter"]]]
        assert mine["partial_eta_squared"] == pytest.approx(row["Eta2_partial"], **closed)
        # effectsize looks for its limits by optim, to about 1e-5 of a noncentrality
        assert mine["ci_low"] == pytest.approx(row["CI_low"], rel=1e-5, abs=1e-6)
        assert mine["ci_high"] == pytest.approx(row["CI_high"], rel=1e-5)
    assert set(value) == {"type2", "type3", "partial_eta2"}


def test_covariance(data, reference):
    value = reference("bfi")("ancova.N")
    rows = data["bfi"].dropna(subset=["gender"])
    result = factorial_anova(rows, "N", ["education"], covariates=["age"], type=2)
    compare(result, value["type2"], {"age": "age", "education_f": "education", "Residuals": "residual"})
    means = result.means.loc["education", "estimate"]
    assert means.to_dict() == pytest.approx(value["adjusted_means"], rel=1e-10)
    assert set(value) == {"type2", "adjusted_means"}


@pytest.mark.parametrize(
    ("name", "outcome", "factors", "covariates"),
    [
        ("bfi", "N", ["gender", "education"], ["age", "A", "C", "E"]),
        ("lq2002", "HOSTILE", ["SIZE3"], ["LEAD", "TSIG"]),
    ],
)
def test_three_types(data, reference, name, outcome, factors, covariates):
    value = reference(name)("ols.anova_type1_2_3")
    assert set(value) == {"type1", "type2", "type3"}
    frame = data[name]
    for type in (2, 3):
        rows = value[f"type{type}"]
        names = {row["row"]: row["row"].removesuffix("_f") for row in rows}
        names |= {"Residuals": "residual", "SIZE3": "SIZE3"}
        if type == 3:
            names["(Intercept)"] = "intercept"
        names = {key: names[key] for key in [row["row"] for row in rows]}
        result = factorial_anova(
            frame, outcome, factors, covariates=covariates, type=type, interactions=False, contrasts="treatment"
        )
        compare(result, rows, names)
    # Type I goes in order: a factor between covariates is entered by splitting the covariates around it.
    order = [row["row"].removesuffix("_f") for row in value["type1"]][:-1]
    from leadership_study.influences._factorial_design import factorial_design
    from leadership_study.samples.sums_of_squares import residual_squares, sums_of_squares

    design = factorial_design(frame, outcome, factors, covariates, False, "treatment", None, "test")
    by_name = {term.name: term for term in design.terms}
    ordered = [by_name["intercept"], *(by_name[name] for name in order)]
    found = sums_of_squares(ordered, design.outcome, 1)
    for row in value["type1"][:-1]:
        one = found[row["row"].removesuffix("_f")]
        mine = [one.test.df1, one.sum_of_squares, one.sum_of_squares / one.test.df1, one.test.statistic]
        mine.append(one.test.p_value)
        assert mine == pytest.approx([row[key] for key in ("Df", "Sum Sq", "Mean Sq", "F value", "Pr(>F)")], **closed)
    last = value["type1"][-1]
    left = residual_squares(ordered, design.outcome)
    assert [left, left / last["Df"]] == pytest.approx([last["Sum Sq"], last["Mean Sq"]], **closed)


def test_type_three_does_not_depend_on_the_order_of_levels(data):
    turned = data["bfi"].assign(gender=pd.Categorical(data["bfi"]["gender"], categories=[2, 1]))
    a = factorial_anova(data["bfi"], "N", ["gender", "education"]).effects
    b = factorial_anova(turned, "N", ["education", "gender"]).effects
    assert a.loc["gender", "statistic"] == pytest.approx(b.loc["gender", "statistic"], rel=1e-10)
    assert a.loc["education", "p_value"] == pytest.approx(b.loc["education", "p_value"], rel=1e-8)


def test_marginal_means_equal_means_of_cell_means(data):
    result = factorial_anova(data["bfi"], "N", ["gender", "education"])
    rows = data["bfi"][["N", "gender", "education"]].dropna()
    cells = rows.groupby(["gender", "education"])["N"].mean().unstack()
    mine = result.means["estimate"]
    assert mine.loc["gender"].to_numpy() == pytest.approx(cells.mean(axis=1).to_numpy(), rel=1e-10)
    assert mine.loc["education"].to_numpy() == pytest.approx(cells.mean(axis=0).to_numpy(), rel=1e-10)


def test_nested_answers_are_tested_by_htz(data):
    frame = data["lq2002"]
    robust = factorial_anova(frame, "HOSTILE", ["SIZE3"], clusters="COMPID").effects.loc["SIZE3"]
    assert [robust["statistic"], robust["df2"]] == pytest.approx([5.88309792207, 26.0871354462], rel=1e-6)


def test_slopes_that_differ_are_found():
    rng = np.random.default_rng(3)
    x, g = rng.normal(size=300), np.repeat(["a", "b", "c"], 100)
    y = x * np.where(g == "a", 1.0, 0.0) + rng.normal(size=300)
    data = pd.DataFrame({"y": y, "x": x, "g": g})
    slopes = factorial_anova(data, "y", ["g"], covariates=["x"]).assumptions.loc["equal_slopes"]
    assert slopes["df1"] == 2
    assert slopes["p_value"] < 1e-6


def test_what_cannot_be_estimated_says_why(data):
    frame = pd.DataFrame({"y": np.arange(8.0), "a": list("xxxxyyyy"), "b": list("uuuuvvvv")})
    with pytest.raises(InsufficientDataError) as error:
        factorial_anova(frame, "y", ["a", "b"])
    assert error.value.note.id == "factorial_empty_cell"
    with pytest.raises(InsufficientDataError) as error:
        factorial_anova(frame, "y", ["a", "b"], interactions=False)
    assert error.value.note.id == "collinear"
    with pytest.raises(InsufficientDataError) as error:
        factorial_anova(frame.assign(a="x"), "y", ["a"])
    assert error.value.note.id == "factor_of_one_level"
    with pytest.raises(ValueError, match="type 3"):
        factorial_anova(data["bfi"], "N", ["gender"], type=2, clusters="education")
    with pytest.raises(ValueError, match="'factors'"):
        factorial_anova(data["bfi"], "N", "gender")
    with pytest.raises(ValueError, match="more than once"):
        factorial_anova(data["bfi"], "N", ["gender", "N"])


def test_run_and_json(scored_of):
    result = run(scored_of(), outcome="hostility", factors=("rank",), covariates=("leadership_climate",))
    assert list(result.effects.index) == ["intercept", "leadership_climate", "rank", "residual"]
    assert result.definition["test"] == "htz"
    back = Result.from_json(result.to_json())
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(back.tables()[name], table)
    with pytest.raises(PlanError, match="kind 'text'"):
        run(scored_of(), outcome="hostility", factors=("words",))
