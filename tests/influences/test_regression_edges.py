"""Regressions of odd data: no constant, exact fits, large means, columns that are not what they seem."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.influences.regression import hierarchical_regression, regress
from leadership_study.results import Result
from leadership_study.samples.cluster_robust import cluster_robust
from leadership_study.samples.least_squares import least_squares

I = np.arange(1.0, 31)  # noqa: E741


@pytest.fixture
def data():
    x, w = np.sin(I), np.cos(1.7 * I) + 0.3 * I / 10
    y = 0.5 * x + 0.3 * w + np.sin(5 * I) * (1 + 0.1 * I) / 2
    return pd.DataFrame({"y": y, "x": x, "w": w, "g": np.repeat(np.arange(6), 5)})


def ids(result):
    return [note.id for note in result.notes]


def test_a_predictor_called_intercept_is_not_the_constant(data):
    for name, formula in (("intercept", "y ~ intercept + w"), ("intercept", "y ~ 0 + intercept + w")):
        with pytest.raises(ValueError, match=r"called 'intercept'.*rename"):
            regress(formula, data.rename(columns={"x": name}))
    with pytest.raises(ValueError, match="called 'intercept'"):
        hierarchical_regression("y", [["intercept"]], data.rename(columns={"x": "intercept"}))
    plain = regress("y ~ x + w", data)
    capital = regress("y ~ Intercept + w", data.rename(columns={"x": "Intercept"}))
    assert list(capital.coefficients.index) == ["intercept", "Intercept", "w"]
    assert capital.coefficients.to_numpy() == pytest.approx(plain.coefficients.to_numpy(), nan_ok=True)
    assert capital.fit["df1"] == 2


def test_least_squares_is_told_where_the_constant_is(data):
    design = data[["x", "w"]].to_numpy()
    fit = least_squares(design, data["y"].to_numpy(), ("intercept", "w"), constant=None)
    assert not fit.has_intercept
    assert fit.slopes == [0, 1]
    last = least_squares(np.column_stack([design, np.ones(30)]), data["y"].to_numpy(), ("x", "w", "one"), constant=2)
    assert last.has_intercept
    with pytest.raises(ValueError, match="column of ones"):
        least_squares(design, data["y"].to_numpy(), ("intercept", "w"))


def test_breusch_pagan_without_a_constant_is_lmtests(data):
    """bptest(lm(y ~ 0 + x + w)), studentised and not."""
    table = regress("y ~ 0 + x + w", data).heteroscedasticity
    assert table.loc["koenker"].tolist() == pytest.approx([1.00324603444, 1, 0.316526335], rel=1e-8)
    assert table.loc["breusch_pagan"].tolist() == pytest.approx([0.462119018401, 1, 0.496635309], rel=1e-8)
    assert regress("y ~ x + w", data).heteroscedasticity.loc["koenker", "statistic"] == pytest.approx(1.28473803551)
    alone = regress("y ~ 0 + x", data).heteroscedasticity.loc["koenker"]
    assert alone[["statistic", "p_value"]].isna().all(), "lmtest stops with a single column"


def test_tests_on_fitted_values_that_take_two_values_have_their_rank(data):
    table = regress("y ~ half", data.assign(half=(I > 15) * 1.0)).heteroscedasticity
    assert table["df"].tolist() == [1, 1, 1, 1]
    assert table.loc["white_fitted", "statistic"] == pytest.approx(table.loc["koenker", "statistic"])


def test_a_large_constant_in_the_outcome_is_not_a_constant_outcome(data):
    plain = regress("y ~ x + w", data).coefficients
    for added, rel in ((1e7, 1e-7), (1e8, 1e-6)):
        for result in (
            regress("y ~ x + w", data.assign(y=data["y"] + added)),
            hierarchical_regression("y", [["x"], ["w"]], data.assign(y=data["y"] + added)),
        ):
            slopes = result.coefficients.loc[["x", "w"]]
            assert slopes.to_numpy() == pytest.approx(plain.loc[["x", "w"]].to_numpy(), rel=rel)
    with pytest.raises(InsufficientDataError, match="same value"):
        regress("y ~ x", data.assign(y=np.where(I > 9, 0.1 + 0.2, 0.3) + 1e7))


def test_a_large_constant_in_the_predictors_costs_no_digits(data):
    plain = regress("y ~ x + w", data, covariance="CR2", clusters="g")
    moved = regress("y ~ x + w", data.assign(x=data["x"] + 1e9, w=data["w"] - 1e9), covariance="CR2", clusters="g")
    columns = ["estimate", "std_error", "df", "p_value", "vif"]
    assert moved.coefficients.loc[["x", "w"], columns].to_numpy() == pytest.approx(
        plain.coefficients.loc[["x", "w"], columns].to_numpy(), rel=1e-5
    )
    assert moved.collinearity.to_numpy() == pytest.approx(plain.collinearity.to_numpy(), rel=1e-5)
    for again in (data["x"] + 1e9, 2 * (data["x"] + 1e9) + 1):
        with pytest.raises(InsufficientDataError, match="again is constant or follows"):
            regress("y ~ x + again", data.assign(x=data["x"] + 1e9, again=again))
    with pytest.raises(InsufficientDataError, match="x is constant or follows"):
        regress("y ~ x", data.assign(x=1e9 + 0.1))


def test_predictions_hold_with_large_means(data):
    design = np.column_stack([np.ones(30), data["x"] + 1e6, data["w"]])
    fit = least_squares(design, data["y"].to_numpy() + 1e6, ("intercept", "x", "w"))
    assert design @ fit.estimates == pytest.approx(fit.fitted, rel=1e-9)
    inverse = np.linalg.inv(
        design[:, 1:].T @ design[:, 1:] - 30 * np.outer(design[:, 1:].mean(0), design[:, 1:].mean(0))
    )
    assert fit.unscaled_covariance[1:, 1:] == pytest.approx(inverse, rel=1e-2)


def test_order_with_repeated_row_labels(data):
    expected = regress("y ~ x", data.assign(t=-I), order="t").diagnostics["durbin_watson"]
    repeated = data.assign(t=-I).set_axis([0, 1] * 15).sample(frac=1, random_state=1)
    assert regress("y ~ x", repeated, order="t").diagnostics["durbin_watson"] == pytest.approx(expected)
    dates = data.assign(t=pd.Timestamp("2020-01-01") - pd.to_timedelta(I, unit="D"))
    assert regress("y ~ x", dates, order="t").diagnostics["durbin_watson"] == pytest.approx(expected)
    with pytest.raises(TypeError, match=r"'t' that orders the rows holds .*not numbers or dates"):
        regress("y ~ x", data.assign(t="first"), order="t")
    with pytest.raises(ValueError, match="'t' that orders the rows has missing"):
        regress("y ~ x", data.assign(t=np.where(I > 3, I, np.nan)), order="t")


@pytest.mark.parametrize("covariance", ["nonrobust", "HC3", "CR2"])
def test_a_perfect_fit_has_no_errors_and_no_tests(data, covariance):
    exact = data.assign(y=2 * data["x"] - data["w"] + 3)
    options = {"covariance": covariance, "clusters": "g" if covariance == "CR2" else None}
    result = hierarchical_regression("y", [["x"], ["w"]], exact, **options)
    assert ids(result).count("perfect_fit") == 1
    assert "change_not_tested" not in ids(result)
    assert "error_not_estimable" not in ids(result)
    assert result.steps.loc["2", ["statistic", "p_value", "cohen_f2"]].isna().all()
    assert result.steps.loc["1", "p_value"] < 1
    assert result.steps.loc["2", "r_squared"] == 1
    by_formula = regress("y ~ x + w", exact, order="x", **options)
    for fitted in (result, by_formula):
        assert fitted.coefficients.loc[["x", "w"], "estimate"].tolist() == pytest.approx([2, -1])
        assert fitted.coefficients[["std_error", "statistic", "df", "p_value", "ci_low"]].isna().all(axis=None)
        for name in ("statistic", "p_value", "aic", "bic", "log_likelihood"):
            assert np.isnan(fitted.fit[name])
        assert fitted.heteroscedasticity["statistic"].isna().all()
    assert np.isnan(by_formula.diagnostics["durbin_watson"])
    assert set(by_formula.diagnostics.index) == set(regress("y ~ x", data, order="x").diagnostics.index)
    assert Result.from_json(result.to_json()).coefficients.equals(result.coefficients)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.Series(I, dtype=object), "'z' is of type object and holds 1.0"),
        (pd.Series([1, "a"] * 15, dtype=object), "'z' is of type object and holds 1"),
        (pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(I, unit="D")), "'z' holds datetime64"),
        (pd.Series([pd.Timestamp("2020-01-01")] * 30, dtype=object), "'z' is of type object"),
    ],
)
def test_numbers_and_dates_in_disguise_are_no_dummies(data, column, message):
    for call in (
        lambda: regress("y ~ z", data.assign(z=column)),
        lambda: hierarchical_regression("y", [["z"]], data.assign(z=column)),
    ):
        with pytest.raises(TypeError, match=message):
            call()


def test_levels_of_text_are_in_natural_order(data):
    schools = data.assign(s=np.array(["s10", "s2", "s1"])[np.arange(30) % 3])
    terms = ["intercept", "s[s2]", "s[s10]"]
    assert list(regress("y ~ s", schools).coefficients.index) == terms
    assert list(hierarchical_regression("y", [["s"]], schools).coefficients.index) == terms


@pytest.mark.parametrize("formula", ["y ~ y", "y ~ x + y", "y ~ np.abs(y)", 'Q("y") ~ y', "y ~ C(y)"])
def test_the_outcome_is_no_predictor(data, formula):
    with pytest.raises(ValueError, match="is also a predictor"):
        regress(formula, data)


def test_a_difference_may_be_regressed_on_its_part(data):
    assert list(regress("I(y - x) ~ x", data).coefficients.index) == ["intercept", "x"]


def test_other_data_than_a_frame_is_refused(data):
    for call in (
        lambda: regress("y ~ x", data["y"]),
        lambda: hierarchical_regression("y", [["x"]], data["y"]),
    ):
        with pytest.raises(TypeError, match=r"must be a DataFrame\. Got Series"):
            call()


def test_too_few_clusters_for_the_change_are_no_finding(data):
    """As many coefficients as clusters less one, or a denominator df below 1: not tested, and said for which step."""
    few = data[data["g"] < 4].assign(a=lambda d: np.sin(3 * I[: len(d)]))
    for df in ("satterthwaite", "G-1"):
        result = hierarchical_regression("y", [["x"], ["w", "a", "c"]], few.assign(c=np.cos(7 * I[:20])),
                                         covariance="CR2", clusters="g", df=df)  # fmt: skip
        assert result.steps.loc["2", ["statistic", "p_value"]].isna().all()
        assert np.isfinite(result.steps.loc["1", "p_value"])
        note = next(note for note in result.notes if note.id == "change_not_tested")
        assert note.values["step"] == 2
        assert "overall_not_tested" in ids(result)


def test_htz_with_denominator_df_below_one_is_not_a_test(data):
    x = np.column_stack([np.ones(30), data["x"], data["w"], I >= 28])
    fit = least_squares(x, data["y"].to_numpy(), ("intercept", "x", "w", "z"))
    seen = set()
    for clusters in (3, 4, 5, 6):
        robust = cluster_robust(fit, (np.arange(30) * clusters // 30).astype(np.int64), "CR2")
        for q in (1, 2, 3):
            test = robust.htz_test(fit.estimates, np.eye(4)[1 : q + 1])
            seen.add(bool(np.isnan(test.p_value)))
            assert np.isnan(test.df2) or test.df2 >= 1 - 1e-6
    assert seen == {True, False}


def test_cr3_does_not_exist_where_one_cluster_determines_a_coefficient(data):
    own = data.assign(own=(data["g"] == 2) * 1.0)
    result = regress("y ~ x + own", own, covariance="CR3", clusters="g")
    assert result.coefficients[["std_error", "statistic", "df", "p_value"]].isna().all(axis=None)
    assert np.isnan(result.fit["p_value"])
    assert "cluster_determines_coefficient" in ids(result)
    steps = hierarchical_regression("y", [["x"], ["own"]], own, covariance="CR3", clusters="g")
    assert np.isfinite(steps.steps.loc["1", "p_value"])
    assert np.isnan(steps.steps.loc["2", "p_value"])
    assert "change_not_tested" not in ids(steps)
    assert regress("y ~ x + w", data, covariance="CR3", clusters="g").coefficients["std_error"].notna().all()
