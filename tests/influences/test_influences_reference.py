"""Regression, logistic and ordinal models and importance on both data sets: every value of every section from R."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import bfi, lq2002

from leadership_study.influences._design import from_formula
from leadership_study.influences._regression_tables import fitted
from leadership_study.influences.logistic_regression import logistic_regression
from leadership_study.influences.ordinal_regression import ordinal_regression
from leadership_study.influences.regression import hierarchical_regression, regress
from leadership_study.influences.relative_importance import relative_importance
from leadership_study.samples.univariate import skewness_kurtosis

close = {"rel": 1e-8, "abs": 1e-300}
FOLDER = Path(__file__).parents[1] / "reference"
FORMULA = "N ~ age + gender_f + education_f + A + C + E"
ELSEWHERE = {  # sections that test_regression and test_factorial compare, value by value
    "lq2002": "full standardised_betas vif durbin_watson breusch_pagan HC0 HC1 HC2 HC3 HC4 CR0 CR1 CR1S hierarchical "
    "diagnostics anova_type1_2_3",
    "bfi": "anova_type1_2_3",
}
HERE = {
    "lq2002": "dominance step_aic",
    "bfi": "full standardised_betas vif durbin_watson breusch_pagan HC0 HC1 HC2 HC3 HC4 hierarchical diagnostics "
    "dominance step_aic",
}


@pytest.fixture(scope="module")
def sc() -> pd.DataFrame:
    data = bfi()
    levels = {1: "1", 2: "2", 3: "3", 4: "4", 5: "5"}
    return data.assign(
        gender_f=data["gender"].map({1: "a_male", 2: "female"}),
        education_f=data["education"].map(levels),
        ROW=np.arange(len(data)),
    )


@pytest.fixture
def r(reference):
    return reference("bfi")


def own(name: str) -> str:
    """A term as we write it: R's ``education_f2`` is ``education_f[2]``."""
    if name == "(Intercept)":
        return "intercept"
    for stem in ("gender_f", "education_f"):
        if name.startswith(stem) and name != stem:
            return f"{stem}[{name.removeprefix(stem)}]"
    return name


@pytest.mark.parametrize("name", ["lq2002", "bfi"])
def test_every_section_is_compared_somewhere(name):
    sections = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    known = {key.removeprefix("ols.") for key in sections if key.startswith("ols.")}
    assert known == set(ELSEWHERE[name].split()) | set(HERE[name].split())
    other = {key for key in sections if key.startswith(("logit.", "ordinal."))}
    assert other == ({"logit.gender", "ordinal.education"} if name == "bfi" else set())


def test_full(sc, r):
    value, result = r("ols.full"), regress(FORMULA, sc)
    columns = {"est": "estimate", "se": "std_error", "t": "statistic", "p": "p_value"}
    columns |= {"ci_lower": "ci_low", "ci_upper": "ci_high"}
    assert [own(row["row"]) for row in value["coefficients"]] == list(result.coefficients.index)
    for row in value["coefficients"]:
        assert set(row) == {"row", *columns}
        for theirs, mine in columns.items():
            assert result.coefficients.loc[own(row["row"]), mine] == pytest.approx(row[theirs], **close), row
    names = {
        "n": "n", "r2": "r_squared", "adj_r2": "adj_r_squared", "sigma": "residual_sd", "F": "statistic", "df1": "df1",
        "df2": "df2", "p_F": "p_value", "rss": "residual_sum_of_squares", "logLik": "log_likelihood", "AIC": "aic",
        "BIC": "bic",
    }  # fmt: skip
    assert set(value) == {*names, "coefficients", "fitted_first5"}
    for theirs, mine in names.items():
        assert result.fit[mine] == pytest.approx(value[theirs], **close), theirs
    design = from_formula(FORMULA, sc, None, "test")
    fit = fitted(design, list(range(len(design.terms))), "nonrobust", None)
    assert fit.ols.fitted[:5] == pytest.approx(value["fitted_first5"], **close)


def test_betas_and_collinearity(sc, r):
    result = regress(FORMULA, sc)
    betas, vif = r("ols.standardised_betas"), r("ols.vif")
    assert {own(name) for name in betas} == set(result.coefficients.index) - {"intercept"}
    for name, beta in betas.items():
        assert result.coefficients.loc[own(name), "beta"] == pytest.approx(beta, **close)
        assert result.coefficients.loc[own(name), "vif"] == pytest.approx(vif["vif_columns"][name], **close)
        tolerance = vif["tolerance_columns"][name]
        assert result.coefficients.loc[own(name), "tolerance"] == pytest.approx(tolerance, **close)
    assert list(result.collinearity.index) == vif["car_vif"]["rows"]
    assert result.collinearity.to_numpy() == pytest.approx(np.array(vif["car_vif"]["data"]), **close)
    assert set(vif) == {"car_vif", "vif_columns", "tolerance_columns"}


def test_residuals(sc, r):
    ordered = regress(FORMULA, sc, order="ROW")
    value = r("ols.durbin_watson")
    assert ordered.diagnostics["durbin_watson"] == pytest.approx(value["dw"], **close)
    assert ordered.diagnostics["residual_autocorrelation"] == pytest.approx(value["r"], rel=1e-7)
    assert set(value) == {"dw", "r"}
    value = r("ols.breusch_pagan")
    names = {
        "koenker_studentised": "koenker", "original": "breusch_pagan", "car_ncvTest_fitted": "fitted_values",
        "white": "white_fitted",
    }  # fmt: skip
    assert set(value) == set(names)
    for theirs, mine in names.items():
        for key, column in {"stat": "statistic", "df": "df", "p": "p_value"}.items():
            found = ordered.heteroscedasticity.loc[mine, column]
            assert found == pytest.approx(value[theirs][key], rel=1e-7), (mine, key)
    value = r("ols.diagnostics")
    names = {
        "cook_max": "cook_largest", "cook_gt_4_n": "cook_above_four_over_n", "leverage_max": "leverage_largest",
        "rstudent_absmax": "studentised_largest", "n_rstudent_gt3": "studentised_above_three",
        "dffits_absmax": "dffits_largest", "shapiro_W": "shapiro_w", "shapiro_p": "shapiro_p_value",
        "condition_number": "condition_number",
    }  # fmt: skip
    for theirs, mine in names.items():
        # Shapiro's p is Royston's approximation, whose ports agree to six digits in the far tail.
        tolerance = 1e-6 if theirs.startswith("shapiro") else 1e-8
        assert ordered.diagnostics[mine] == pytest.approx(value[theirs], rel=tolerance), theirs
    used = sc[["N", "age", "gender_f", "education_f", "A", "C", "E"]].notna().all(axis=1).to_numpy()
    place = np.flatnonzero(used).tolist().index(int(ordered.diagnostics["cook_largest_row"]))
    assert place + 1 == value["cook_argmax_row"]
    design = from_formula(FORMULA, sc, None, "test")
    fit = fitted(design, list(range(len(design.terms))), "nonrobust", None)
    skewness, kurtosis = skewness_kurtosis(fit.ols.residuals, type=3)
    assert skewness == pytest.approx(value["resid_skew_type3"], **close)
    assert kurtosis == pytest.approx(value["resid_kurtosis_type3"], **close)
    assert set(value) == {*names, "cook_argmax_row", "resid_skew_type3", "resid_kurtosis_type3"}


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3", "HC4"])
def test_robust_errors(sc, r, kind):
    value, result = r(f"ols.{kind}"), regress(FORMULA, sc, covariance=kind)
    assert set(value) == {"se", "t", "p", "vcov"}
    for theirs, mine in {"se": "std_error", "t": "statistic", "p": "p_value"}.items():
        for name, number in value[theirs].items():
            assert result.coefficients.loc[own(name), mine] == pytest.approx(number, rel=1e-7), (name, theirs)
    design = from_formula(FORMULA, sc, None, "test")
    covariance = fitted(design, list(range(len(design.terms))), kind, None).covariance
    assert covariance == pytest.approx(np.array(value["vcov"]["data"]), rel=1e-7, abs=1e-12)


def test_hierarchical(sc, r):
    value = r("ols.hierarchical")
    result = hierarchical_regression("N", [["age", "gender_f", "education_f"], ["A", "C", "E"]], sc)
    first, second = result.steps.loc["1"], result.steps.loc["2"]
    mine = {
        "r2_block1": first["r_squared"], "r2_block2": second["r_squared"], "delta_r2": second["delta_r_squared"],
        "F_change": second["statistic"], "df1": second["df1"], "df2": second["df2"], "p": second["p_value"],
        "f2_cohen": second["cohen_f2"],
    }  # fmt: skip
    assert set(value) == {*mine, "coef_block1"}
    for key, number in mine.items():
        assert number == pytest.approx(value[key], **close), key
    for name, number in value["coef_block1"].items():
        assert result.step_coefficients.loc[("1", own(name)), "estimate"] == pytest.approx(number, **close)


@pytest.mark.parametrize("name", ["lq2002", "bfi"])
def test_dominance(sc, reference, name):
    value = reference(name)("ols.dominance")
    data, outcome, variables = sc, "N", ["A", "C", "E", "O", "age"]
    if name == "lq2002":
        data = lq2002()
        data["SIZE"] = data.groupby("COMPID")["SUB"].transform("size")
        outcome, variables = "HOSTILE", ["LEAD", "TSIG", "SIZE"]
    formula = f"{outcome} ~ {' + '.join(variables)}"
    lmg, weights = (relative_importance(formula, data, method=by) for by in ("lmg", "relative_weights"))
    assert lmg.definition["n"] == value["n"]
    assert lmg.r_squared == pytest.approx(value["r2_full"], **close)
    subsets = lmg.subsets["r_squared"].rename({"1": "(none)"})
    subsets.index = [key.replace(" + ", "+") for key in subsets.index]
    assert subsets.to_dict() == pytest.approx(value["all_subset_r2"], rel=1e-8, abs=1e-14)
    conditional = np.array(value["conditional_dominance"]["data"]).T
    assert lmg.conditional.to_numpy() == pytest.approx(conditional, rel=1e-7, abs=1e-12)
    for variable in variables:
        shares, other = lmg.shares.loc[variable], weights.shares.loc[variable]
        assert shares["contribution"] == pytest.approx(value["general_dominance"][variable], **close)
        assert 100 * shares["share"] == pytest.approx(value["lmg_pct"][variable], **close)
        assert other["contribution"] == pytest.approx(value["relative_weights"][variable], **close)
        assert shares["alone"] == pytest.approx(value["all_subset_r2"][variable], **close)
    table = value["complete_dominance"]  # [row, column]: the column dominates the row
    for row, cells in zip(table["rows"], table["data"], strict=True):
        for column, found in zip(table["cols"], cells, strict=True):
            assert found is None or found is bool(lmg.dominance.loc[(column, row), "complete"])
    assert set(value) == {
        "n", "all_subset_r2", "conditional_dominance", "general_dominance", "lmg_pct", "r2_full", "complete_dominance",
        "relative_weights",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["lq2002", "bfi"])
def test_steps_by_aic(sc, reference, name):
    """The criterion of every model on R's way, from the fits; and no step that R did not take was better."""
    value = reference(name)("ols.step_aic")
    everything = ["age", "gender_f", "education_f", "A", "C", "E"] if name == "bfi" else ["LEAD", "TSIG", "SIZE3"]
    outcome, data = ("N", sc) if name == "bfi" else ("HOSTILE", lq2002())
    data = data.dropna(subset=[outcome, *everything])

    def fit(terms):
        return regress(f"{outcome} ~ {' + '.join(terms) or '1'}", data)

    def aic(terms):  # R's extractAIC leaves the constants of the likelihood and the variance out
        found = fit(terms).fit
        return found["aic"] - found["n"] * (1 + math.log(2 * math.pi)) - 2

    def walk(path, terms):
        for at, row in enumerate(path):
            step = row["Step"]
            if step:
                own_step = step.removeprefix("- ").removeprefix("+ ")
                others = [t for t in everything if (t in terms) is step.startswith("- ")]
                moves = {t: [x for x in terms if x != t] if t in terms else [*terms, t] for t in others}
                best = min(moves, key=lambda t: aic(moves[t]))
                assert best == own_step, (at, row)
                columns = fit([own_step]).collinearity["df"].sum()
                assert row["Df"] == (columns if step.startswith("- ") else -columns)
                dropped = fit(terms).fit["residual_sum_of_squares"]
                terms = moves[own_step]
                change = abs(dropped - fit(terms).fit["residual_sum_of_squares"])
                assert change == pytest.approx(row["Deviance"], rel=1e-7)
            found = fit(terms).fit
            assert found["residual_sum_of_squares"] == pytest.approx(row["Resid. Dev"], **close)
            assert found["n"] - len(fit(terms).coefficients) == row["Resid. Df"]
            assert aic(terms) == pytest.approx(row["AIC"], rel=1e-8)
        return terms

    assert value["n"] == len(data)
    assert aic([]) == pytest.approx(value["null_AIC"], rel=1e-8)
    assert aic(everything) == pytest.approx(value["full_AIC"], rel=1e-8)
    both, forward = value["both_from_full"], value["forward"]
    last = walk(both["path"], everything)
    assert last == both["terms"]
    assert walk(forward["path"], []) == forward["terms"]
    assert aic(last) == pytest.approx(both["extractAIC"], rel=1e-8)
    assert aic(forward["terms"]) == pytest.approx(forward["extractAIC"], rel=1e-8)
    names = {"SIZE3medium": "SIZE3[medium]", "SIZE3large": "SIZE3[large]"}
    for term, number in both["coef"].items():
        assert fit(last).coefficients.loc[names.get(term, own(term)), "estimate"] == pytest.approx(number, **close)
    assert set(value) == {"n", "both_from_full", "forward", "null_AIC", "full_AIC"}


def test_logit(sc, r):
    value = r("logit.gender")
    result = logistic_regression("gender ~ A + C + E + N + O", sc)
    assert result.definition["event"] == "2"
    assert [own(row["row"]) for row in value["coefficients"]] == list(result.coefficients.index)
    for row in value["coefficients"]:
        mine = result.coefficients.loc[own(row["row"])]
        for theirs, column in {"est": "estimate", "se": "std_error", "z": "statistic", "p": "p_value"}.items():
            # glm stops at a relative change of the deviance of 1e-8: errors of 1e-7, which a p value multiplies by z².
            tolerance = 1e-5 if theirs == "p" else 1e-6
            assert mine[column] == pytest.approx(row[theirs], rel=tolerance), (row["row"], theirs)
        assert mine["odds_ratio"] == pytest.approx(value["odds_ratio"][row["row"]], rel=1e-6)
    limits = result.coefficients[["ci_low", "ci_high"]].to_numpy()
    assert limits == pytest.approx(np.array(value["wald_ci"]["data"]), rel=1e-5)
    names = {
        "n": "n", "logLik": "log_likelihood", "null_logLik": "null_log_likelihood", "AIC": "aic", "BIC": "bic",
        "mcfadden": "mcfadden_r_squared", "coxsnell": "cox_snell_r_squared", "nagelkerke": "nagelkerke_r_squared",
    }  # fmt: skip
    for theirs, mine in names.items():
        assert result.fit[mine] == pytest.approx(value[theirs], rel=1e-8), theirs
    assert -2 * result.fit["log_likelihood"] == pytest.approx(value["deviance"], rel=1e-8)
    assert set(value) == {*names, "coefficients", "odds_ratio", "deviance", "wald_ci"}


def test_ordinal(sc, r):
    value = r("ordinal.education")
    result = ordinal_regression("education_f ~ age + A + C + O", sc)
    found = pd.concat([result.thresholds, result.coefficients[["estimate", "std_error", "statistic", "p_value"]]])
    assert [row["row"] for row in value["coefficients"]] == list(found.index)
    names = {"Estimate": "estimate", "Std. Error": "std_error", "z value": "statistic", "Pr(>|z|)": "p_value"}
    for row in value["coefficients"]:
        assert set(row) == {"row", *names}
        mine = found.loc[row["row"]].to_dict()
        if "|" in row["row"]:
            mine["statistic"] = mine["estimate"] / mine["std_error"]
            mine["p_value"] = math.erfc(abs(mine["statistic"]) / math.sqrt(2))
        for theirs, column in names.items():
            assert mine[column] == pytest.approx(row[theirs], rel=1e-5), (row["row"], theirs)
    assert result.fit["n"] == value["n"]
    assert result.fit["log_likelihood"] == pytest.approx(value["logLik"], rel=1e-9)
    assert result.fit["aic"] == pytest.approx(value["AIC"], rel=1e-9)
    assert set(value) == {"n", "coefficients", "logLik", "AIC"}
