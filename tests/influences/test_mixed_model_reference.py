"""Mixed models against lme4, lmerTest, pbkrtest, nlme and performance: every value of every section."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from leadership_study.influences._mixed_design import mixed_design
from leadership_study.influences.multilevel import compare_mixed_models, mixed_model
from leadership_study.samples.mixed_model import fit_at, fit_mixed_model

NAMES = {"(Intercept)": "intercept"}
SCALES = {"LEAD": "LEAD", "TSIG": "TSIG", "HOSTILE": "HOSTIL"}
FORMULAS = {  # name → formula, random
    "null": ("HOSTILE ~ 1", "1"),
    "random_intercept": ("HOSTILE ~ LEAD + TSIG", "1"),
    "random_slope": ("HOSTILE ~ LEAD", "1 + LEAD"),
    "group_mean_centred": ("HOSTILE ~ cw + gmc", "1"),
    "group_mean_centred_slope": ("HOSTILE ~ cw + gmc", "1 + cw"),
    "cross_level": ("HOSTILE ~ cw*gz", "1 + cw"),
    "tsig_random_slope": ("TSIG ~ LEAD", "1 + LEAD"),
    "tsig_centred_slope": ("TSIG ~ cw + gmc", "1 + cw"),
    "lead_on_tsig_slope": ("LEAD ~ TSIG + HOSTILE", "1 + TSIG"),
    "item_slope": ("HOSTIL01 ~ LEAD01 + TSIG01", "1 + LEAD01"),
}
SLEEP = {
    "random_intercept": "1",
    "random_slope": "1 + Days",
    "random_slope_uncorrelated": "1 + Days ||",
}
OWN_KEYS = set(
    "nobs ngroups REML fixef vcov varcomp logLik deviance AIC BIC df singular theta conv_messages ranef_first5".split()
)


@pytest.fixture
def d2(lq2002) -> pd.DataFrame:
    data = lq2002
    for name, prefix in SCALES.items():
        data[name] = data[[c for c in data if c.startswith(prefix) and c[-2:].isdigit()]].mean(axis=1)
    data["gm"] = data.groupby("COMPID")["LEAD"].transform("mean")
    data["cw"], data["gmc"] = data["LEAD"] - data["gm"], data["gm"] - data["LEAD"].mean()
    data["gz"] = data.groupby("COMPID")["TSIG"].transform("mean") - data["TSIG"].mean()
    return data


def compare(value: dict, formula: str, data: pd.DataFrame, group: str, random: str, reml: bool) -> None:
    """Every value of one lmer section at the README's tolerances."""
    result = mixed_model(formula, data, group, random=random, reml=reml, df="asymptotic")
    design = mixed_design(formula, data, group, random, "test")
    fixed = design.fixed
    vcov = fit_mixed_model(fixed.matrix, fixed.outcome, fixed.terms, design.terms, reml=reml).covariance
    assert set(value) == OWN_KEYS
    close = {"rel": 1e-4, "abs": 1e-8}
    assert result.fit["n"] == value["nobs"]
    assert result.groups.loc[group, "n_groups"] == value["ngroups"]
    assert (result.definition["estimation"] == "reml") is value["REML"]
    assert result.fit["log_likelihood"] == pytest.approx(value["logLik"], abs=1e-4)
    assert result.fit["log_likelihood"] >= value["logLik"] - 1e-6, "no worse than lme4"
    assert -2 * result.fit["log_likelihood"] == pytest.approx(value["deviance"], rel=1e-6)
    assert result.fit["aic"] == pytest.approx(value["AIC"], rel=1e-6)
    assert result.fit["bic"] == pytest.approx(value["BIC"], rel=1e-6)
    assert result.fit["n_parameters"] == value["df"]
    for row in value["fixef"]:
        mine = result.fixed.loc[NAMES.get(row["row"], row["row"])]
        assert mine["estimate"] == pytest.approx(row["est"], **close), row
        assert mine["std_error"] == pytest.approx(row["se"], rel=1e-3), row
        assert mine["statistic"] == pytest.approx(row["t"], rel=1e-3, abs=1e-6), row
    covariance = np.array(value["vcov"]["data"], dtype=float).reshape(len(value["fixef"]), -1)
    errors = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(vcov, covariance, rtol=2e-3, atol=1e-4 * errors.max() ** 2)
    singular = any(note.id.startswith("singular") for note in result.notes)
    assert singular is value["singular"] is bool(value["conv_messages"])
    sigma = result.fit["sigma"]
    for row in value["varcomp"]:
        one, two = (NAMES.get(row[key], row[key]) for key in ("var1", "var2"))
        key = ("residual", "residual") if one is None else (group, one if two is None else f"{one}, {two}")
        mine = result.random.loc[key]
        tolerance = {"rel": 1e-3, "abs": 1e-6} if not singular else {"rel": 2e-2, "abs": 1e-4}
        assert mine["variance"] == pytest.approx(row["vcov"], **tolerance), key
        other = mine["sd"] if two is None else mine["correlation"]
        assert other == pytest.approx(row["sdcor"], **({"rel": 1e-3, "abs": 1e-4} if not singular else tolerance)), key
    # θ is the factor of the covariance over σ: its entries follow from the variances.
    theta = list(value["theta"].values())
    first = result.random.loc[group]["variance"].iloc[0]
    assert np.sqrt(first) / sigma == pytest.approx(theta[0], rel=1e-3 if not singular else 2e-2, abs=1e-6)
    if len(theta) == 3:
        second = result.random.loc[group]["variance"].iloc[1]
        assert np.sqrt(second) / sigma == pytest.approx(math.hypot(*theta[1:]), rel=1e-3 if not singular else 2e-2)
    elif len(theta) == 2:
        second = result.random.loc[group]["variance"].iloc[1]
        assert np.sqrt(second) / sigma == pytest.approx(theta[1], rel=1e-3)
    for row in value["ranef_first5"]:
        for effect, number in row.items():
            if effect != "row":
                mine = result.modes.loc[(group, row["row"], NAMES.get(effect, effect)), "estimate"]
                assert mine == pytest.approx(number, **({"rel": 2e-3, "abs": 1e-4} if not singular else {"abs": 0.02}))


@pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])
@pytest.mark.parametrize("name", FORMULAS)
def test_lq2002_equals_lme4(d2, reference, name, reml):
    value = reference("lq2002")(f"lmer.{name}.{'reml' if reml else 'ml'}")
    formula, random = FORMULAS[name]
    compare(value, formula, d2, "COMPID", random, reml)


@pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])
@pytest.mark.parametrize("name", SLEEP)
def test_sleepstudy_equals_lme4(reference, name, reml):
    r = reference("textbook")
    data = pd.DataFrame(r("sleepstudy.data"))
    value = r(f"sleepstudy.{name}.{'reml' if reml else 'ml'}")
    compare(value, "Reaction ~ Days", data, "Subject", SLEEP[name], reml)


def test_every_lmer_section_is_compared(reference):
    import json
    from pathlib import Path

    folder = Path(__file__).parents[1] / "reference"
    sections = json.loads((folder / "lq2002.json").read_text("utf-8"))
    known = {f"lmer.{name}.{by}" for name in FORMULAS for by in ("reml", "ml")} | {"lmer.lrt_slope"}
    assert {name for name in sections if name.startswith("lmer.")} == known


def test_restricted_likelihood_ratio_of_a_slope(d2, reference):
    value = reference("lq2002")("lmer.lrt_slope")
    one = mixed_model("HOSTILE ~ LEAD", d2, "COMPID")
    two = mixed_model("HOSTILE ~ LEAD", d2, "COMPID", random="1 + LEAD")
    mine = compare_mixed_models(one, two, restricted=True)
    keys = {"chisq": "chi_square", "df": "df", "p": "p_value", "p_mixture": "boundary_p_value"}
    assert set(keys) == set(value)
    for theirs, own in keys.items():
        assert mine[own] == pytest.approx(value[theirs], rel=1e-4)


def test_r_squared_of_nakagawa(d2, reference):
    value = reference("lq2002")("r2_nakagawa")
    fit = mixed_model("HOSTILE ~ LEAD + TSIG", d2, "COMPID").fit
    keys = {"conditional": "r_squared_conditional", "marginal": "r_squared_marginal", "icc_adjusted": "adjusted_icc"}
    assert set(keys) == set(value)
    for theirs, own in keys.items():
        assert fit[own] == pytest.approx(value[theirs], rel=1e-5)


@pytest.mark.parametrize("name", SCALES)
def test_icc_of_the_null_model(d2, reference, name):
    value = reference("lq2002")(f"icc.lmer.{name}")
    result = mixed_model(f"{name} ~ 1", d2, "COMPID")
    group, residual = result.random.loc[("COMPID", "intercept")], result.random.loc[("residual", "residual")]
    icc, k = group["share"], result.groups.loc["COMPID", "mean_size"]
    assert set(value) == {"tau00", "sigma2", "ICC1", "ICC2_mean_k", "mean_k", "gmean_reliability"}
    assert group["variance"] == pytest.approx(value["tau00"], rel=1e-6)
    assert residual["variance"] == pytest.approx(value["sigma2"], rel=1e-6)
    assert icc == pytest.approx(value["ICC1"], rel=1e-6)
    assert k * icc / (1 + (k - 1) * icc) == pytest.approx(value["ICC2_mean_k"], rel=1e-6)
    assert k == pytest.approx(value["mean_k"], rel=1e-12)
    theirs = value["gmean_reliability"]
    assert set(theirs) == {"ICC", "group", "size", "reliability", "mean_reliability"}
    assert icc == pytest.approx(theirs["ICC"], rel=1e-6)
    modes = result.modes.loc["COMPID"].droplevel("effect")
    reliability = 1 - modes["std_error"] ** 2 / group["variance"]
    np.testing.assert_allclose(reliability.loc[theirs["group"]], theirs["reliability"], rtol=1e-6)
    assert reliability.mean() == pytest.approx(theirs["mean_reliability"], rel=1e-6)
    sizes = d2["COMPID"].astype(str).value_counts()
    assert sizes.loc[theirs["group"]].tolist() == theirs["size"]


@pytest.mark.parametrize("which", ["all", "few", "group_level"])
@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
def test_degrees_of_freedom(d2, reference, which, df):
    value = reference("lq2002_few_clusters")(f"mixed_df.{which}")
    assert set(value) == {"satterthwaite", "kenward_roger"}
    data = d2.assign(GLEAD=d2["gm"], WLEAD=d2["cw"])
    if which == "few":
        data = data[data["COMPID"].isin(np.sort(data["COMPID"].unique())[:8])]
    formula = "HOSTILE ~ WLEAD + GLEAD" if which == "group_level" else "HOSTILE ~ TSIG + LEAD"
    table = mixed_model(formula, data, "COMPID", df=df).fixed
    keys = {
        "Estimate": "estimate", "Std. Error": "std_error", "df": "df", "t value": "statistic", "Pr(>|t|)": "p_value",
    }  # fmt: skip
    rows = value[df.replace("-", "_")]
    assert len(rows) == len(table)
    for row in rows:
        assert set(row) == {*keys, "term", "_row"}
        assert row["term"] == row["_row"]
        for theirs, own in keys.items():
            mine = table.loc[NAMES.get(row["term"], row["term"]), own]
            # A p value of 1e-130 moves by ten times the relative error of its t.
            assert mine == pytest.approx(row[theirs], rel=1e-4 if own == "p_value" else 1e-5), (row["term"], own)


def test_likelihood_ratio_by_maximum_likelihood(d2, reference):
    rows = reference("lq2002_few_clusters")("mixed_lrt")
    models = [mixed_model(formula, d2, "COMPID") for formula in ("HOSTILE ~ TSIG", "HOSTILE ~ TSIG + LEAD")]
    for row, formula in zip(rows, ("HOSTILE ~ TSIG", "HOSTILE ~ TSIG + LEAD"), strict=True):
        fit = mixed_model(formula, d2, "COMPID", reml=False).fit
        mine = {
            "npar": fit["n_parameters"], "AIC": fit["aic"], "BIC": fit["bic"], "logLik": fit["log_likelihood"],
            "deviance": -2 * fit["log_likelihood"],
        }  # fmt: skip
        for key, number in mine.items():
            assert number == pytest.approx(row[key], rel=1e-8), key
    test = compare_mixed_models(*models)
    assert test["chi_square"] == pytest.approx(rows[1]["Chisq"], rel=1e-5)
    assert test["df"] == rows[1]["Df"]
    assert test["p_value"] == pytest.approx(rows[1]["Pr(>Chisq)"], rel=1e-5)
    assert set(rows[1]) == {"npar", "AIC", "BIC", "logLik", "deviance", "Chisq", "Df", "Pr(>Chisq)", "_row"}


def test_conditional_modes_and_their_deviations(d2, reference):
    rows = reference("lq2002_few_clusters")("ranef")
    modes = mixed_model("LEAD ~ 1", d2, "COMPID").modes.loc["COMPID"].droplevel("effect")
    assert len(rows) == len(modes) == 49
    for row in rows:
        assert set(row) == {"grp", "condval", "condsd"}
        assert modes.loc[row["grp"], "estimate"] == pytest.approx(row["condval"], rel=1e-5, abs=1e-7)
        assert modes.loc[row["grp"], "std_error"] == pytest.approx(row["condsd"], rel=1e-5)


def test_nlme(d2, reference):
    value = reference("lq2002")("lme.random_intercept.reml")
    assert set(value) == {"fixef", "varcorr", "sigma", "logLik", "AIC", "BIC"}
    result = mixed_model("HOSTILE ~ LEAD + TSIG", d2, "COMPID", df="containment")
    n, p = int(result.fit["n"]), len(result.fixed)
    assert result.fit["log_likelihood"] == pytest.approx(value["logLik"], rel=1e-10)
    assert result.fit["aic"] == pytest.approx(value["AIC"], rel=1e-10)
    bic = -2 * result.fit["log_likelihood"] + np.log(n - p) * result.fit["n_parameters"]  # lme counts n − p
    assert bic == pytest.approx(value["BIC"], rel=1e-10)
    assert result.fit["sigma"] == pytest.approx(value["sigma"], rel=1e-6)
    keys = {"Value": "estimate", "Std.Error": "std_error", "DF": "df", "t-value": "statistic", "p-value": "p_value"}
    for row in value["fixef"]:
        assert set(row) == {"row", *keys}
        for theirs, own in keys.items():
            mine = result.fixed.loc[NAMES.get(row["row"], row["row"]), own]
            assert mine == pytest.approx(row[theirs], rel=1e-4 if own == "p_value" else 1e-6), (row["row"], own)
    assert value["varcorr"]["rows"] == ["(Intercept)", "Residual"]
    for key, cells in zip([("COMPID", "intercept"), ("residual", "residual")], value["varcorr"]["data"], strict=True):
        assert result.random.loc[key, "variance"] == pytest.approx(float(cells[0]), rel=1e-5)
        assert result.random.loc[key, "sd"] == pytest.approx(float(cells[1]), rel=1e-5)


def test_nlme_at_its_own_point(d2, reference):
    """lme's parameters cannot reach a correlation of −1, so it stops at −.969, with a likelihood that is lower.

    Its numbers are those of the model at the variances it stopped at; its correlation is printed with three digits.
    """
    value = reference("lq2002")("lme.random_slope.reml")
    assert set(value) == {"fixef", "varcorr", "sigma", "logLik", "AIC", "BIC"}
    best = mixed_model("HOSTILE ~ LEAD", d2, "COMPID", random="1 + LEAD", df="containment")
    assert best.fit["log_likelihood"] > value["logLik"] + 0.5
    design = mixed_design("HOSTILE ~ LEAD", d2, "COMPID", "1 + LEAD", "test")
    fixed = design.fixed
    deviance = fit_mixed_model(fixed.matrix, fixed.outcome, fixed.terms, design.terms).deviance_of
    first, second, residual = (float(row[1]) for row in value["varcorr"]["data"])
    assert value["varcorr"]["rows"] == ["(Intercept)", "LEAD", "Residual"]
    assert residual == pytest.approx(value["sigma"], rel=1e-7)
    for cells in value["varcorr"]["data"]:
        assert float(cells[0]) == pytest.approx(float(cells[1]) ** 2, rel=1e-6)

    def theta(correlation: float) -> np.ndarray:
        rows = np.array([[first, 0.0], [second * correlation, second * math.sqrt(1 - correlation**2)]])
        scaled = rows * deviance.structure.scales[0][:, None] / value["sigma"]
        return np.array([scaled[0, 0], scaled[1, 0], scaled[1, 1]])

    correlation = optimize.brentq(
        lambda at: deviance.at(theta(at), value["sigma"])[0] + 2 * value["logLik"], -0.9695, -0.9685
    )
    assert f"{correlation:.3f}" == value["varcorr"]["data"][1][2]
    at = fit_at(deviance, theta(correlation))
    assert at.sigma == pytest.approx(value["sigma"], rel=1e-4)
    assert 2 * at.n_parameters - 2 * value["logLik"] == pytest.approx(value["AIC"], rel=1e-10)
    assert math.log(2040) * at.n_parameters - 2 * value["logLik"] == pytest.approx(value["BIC"], rel=1e-10)
    for row, own, error in zip(value["fixef"], at.coefficients, np.sqrt(np.diag(at.covariance)), strict=True):
        name = NAMES.get(row["row"], row["row"])
        assert own == pytest.approx(row["Value"], rel=1e-5)
        assert error == pytest.approx(row["Std.Error"], rel=1e-4)
        assert best.fixed.loc[name, "df"] == row["DF"]
        assert own / error == pytest.approx(row["t-value"], rel=1e-4)
        assert 2 * stats.t.sf(abs(row["t-value"]), row["DF"]) == pytest.approx(row["p-value"], rel=1e-6)
