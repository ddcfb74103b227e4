"""Mediation and moderation against R: every value of every section."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from samples_of_reference import bfi, lq2002

from leadership_study.influences.mediation import mediate
from leadership_study.influences.moderated_mediation import moderated_mediation
from leadership_study.influences.moderation import moderate
from leadership_study.measurement.cfa import sem

TESTS = Path(__file__).parents[1]
KINDS = ("mediation.", "moderation.", "moderated_mediation.")
HERE = {
    "lq2002": ["mediation.regressions", "mediation.bootstrap", "mediation.analytic_prodnormal", "moderation.lm",
               "moderation.simple_slopes", "moderation.johnson_neyman", "moderation.quadratic_controls",
               "moderated_mediation.index"],
    "bfi": ["moderation.lm", "moderation.simple_slopes", "moderation.johnson_neyman", "moderation.block_test"],
}  # fmt: skip
IN_THE_MODEL_ENGINE = ["mediation.lavaan_delta", "mediation.lavaan_cluster", "mediation.latent"]
MODERATIONS = {"lq2002": (lq2002, "LEAD", "TSIG", "HOSTILE"), "bfi": (bfi, "A", "E", "N")}


@pytest.fixture(scope="module")
def simple():
    return mediate(lq2002(), "LEAD", "TSIG", "HOSTILE", seed=99)


def test_every_section_is_compared():
    engine = (TESTS / "sem" / "test_reference.py").read_text("utf-8")
    for path in sorted((TESTS / "reference").glob("*.json")):
        sections = {name for name in json.loads(path.read_text("utf-8")) if name.startswith(KINDS)}
        other = set(IN_THE_MODEL_ENGINE) if path.stem == "lq2002" else set()
        assert sections == set(HERE.get(path.stem, [])) | other
    assert all(f'"{section}"' in engine for section in IN_THE_MODEL_ENGINE)


def test_regressions_and_sobel(reference, simple):
    ours = {}
    for name, path in {"a": "a", "b": "b", "c": "c", "cprime": "c_prime"}.items():
        ours[name], ours[f"se_{name}"] = simple.paths.loc[path, ["estimate", "std_error"]]
    ours["indirect"] = simple.indirect["estimate"]["TSIG"]
    for name, method in {"sobel": "delta", "aroian": "aroian", "goodman": "goodman"}.items():
        row = simple.intervals.loc[("TSIG", method)]
        ours[f"{name}_se"], ours[f"{name}_z"], ours[f"{name}_p"] = row[["std_error", "statistic", "p_value"]]
    ours["proportion_mediated"] = simple.effects["estimate"]["proportion_mediated"]
    ours["fully_standardised_indirect"] = simple.indirect["standardised"]["TSIG"]
    value = reference("lq2002")("mediation.regressions")
    assert {name: ours[name] for name in value} == pytest.approx(value, rel=1e-8, abs=1e-20)


def test_bootstrap_limits_within_their_error_of_simulation(reference, simple):
    value = reference("lq2002")("mediation.bootstrap")
    rows = {"ind": "TSIG", "total": "total_effect", "prop": "proportion_mediated"}
    for lavaan, method in {"perc": "percentile", "bca": "bc"}.items():
        assert {row["label"] for row in value[lavaan]} == set(rows)
        for row in value[lavaan]:
            ours = simple.intervals.loc[(rows[row["label"]], method)]
            spread = ours["std_error"]
            assert ours["estimate"] == pytest.approx(row["est"], rel=1e-8)
            assert ours["ci_low"] == pytest.approx(row["ci.lower"], abs=spread)
            assert ours["ci_high"] == pytest.approx(row["ci.upper"], abs=spread)


def test_distribution_of_the_product(reference, simple):
    value = reference("lq2002")("mediation.analytic_prodnormal")
    ours = simple.intervals.loc[("TSIG", "monte_carlo")]
    assert ours["std_error"] == pytest.approx(value["mc_sd"], rel=0.02)
    assert list(ours[["ci_low", "ci_high"]]) == pytest.approx(value["mc_ci"], abs=0.04 * value["mc_sd"])


@pytest.mark.parametrize("name", MODERATIONS)
def test_moderation(reference, name):
    rows, x, w, y = MODERATIONS[name]
    data = rows()
    result = moderate(data, x, w, y)
    value = reference(name)("moderation.lm")
    terms = {"(Intercept)": "intercept", "x": x, "m": w, "x:m": f"{x} × {w}"}
    columns = {"est": "estimate", "se": "std_error", "t": "statistic", "p": "p_value", "ci_lower": "ci_low",
               "ci_upper": "ci_high"}  # fmt: skip
    for row in value["coefficients"]:
        ours = result.coefficients.loc[terms[row.pop("row")]]
        assert {key: ours[columns[key]] for key in row} == pytest.approx(row, rel=1e-8)
    fit = {"n": "n", "r2": "r_squared", "adj_r2": "adj_r_squared", "sigma": "residual_sd", "F": "statistic",
           "df1": "df1", "df2": "df2", "p_F": "p_value", "rss": "residual_sum_of_squares", "logLik": "log_likelihood",
           "AIC": "aic", "BIC": "bic"}  # fmt: skip
    assert set(value) == {*fit, "coefficients", "fitted_first5"}
    for key, ours in fit.items():
        assert result.fit[ours] == pytest.approx(value[key], rel=1e-8)
    b = result.coefficients["estimate"].to_numpy()
    centred = data[[x, w]] - data[[x, w]].mean()
    fitted = b[0] + centred @ b[1:3] + b[3] * centred[x] * centred[w]
    assert list(fitted[:5]) == pytest.approx(value["fitted_first5"], rel=1e-8)


@pytest.mark.parametrize("name", MODERATIONS)
def test_simple_slopes(reference, name):
    rows, x, w, y = MODERATIONS[name]
    data = rows()
    slopes = moderate(data, x, w, y).simple_slopes
    columns = {"slope": "estimate", "se": "std_error", "t": "statistic", "p": "p_value", "ci_lower": "ci_low",
               "ci_upper": "ci_high"}  # fmt: skip
    value = reference(name)("moderation.simple_slopes")
    for row, ours in zip(value, slopes.index, strict=True):
        assert slopes["moderator"][ours] - data[w].mean() == pytest.approx(row.pop("m"), abs=1e-10)
        assert {key: slopes[columns[key]][ours] for key in row} == pytest.approx(row, rel=1e-8)


@pytest.mark.parametrize("name", MODERATIONS)
def test_johnson_neyman(reference, name):
    rows, x, w, y = MODERATIONS[name]
    data = rows()
    result = moderate(data, x, w, y)
    value, bounds = reference(name)("moderation.johnson_neyman"), result.johnson_neyman
    product = result.coefficients.loc[f"{x} × {w}"]
    critical = (product["ci_high"] - product["estimate"]) / product["std_error"]
    ours = {
        "bounds_centred": list(bounds["moderator_centred"]),
        "bounds_raw": list(bounds["moderator"]),
        "moderator_range_centred": [result.curve["moderator"].iloc[at] - data[w].mean() for at in (0, -1)],
        "pct_below": bounds["share_below"].iloc[0],
        "pct_above": 1 - bounds["share_below"].iloc[1],
        "leading_coefficient": product["estimate"] ** 2 - (critical * product["std_error"]) ** 2,
    }
    assert set(ours) == set(value)
    for key, theirs in value.items():
        assert ours[key] == pytest.approx(theirs, rel=1e-8, abs=1e-12), key


@pytest.mark.parametrize(("name", "section"), [("lq2002", "quadratic_controls"), ("bfi", "block_test")])
def test_change_by_the_product(reference, name, section):
    rows, x, w, y = MODERATIONS[name]
    test = moderate(rows(), x, w, y).interaction
    ours = {"delta_r2": test["delta_r_squared"], "F_change": test["statistic"], "p": test["p_value"]}
    assert ours == pytest.approx(reference(name)(f"moderation.{section}"), rel=1e-8)


INDEX = """
m ~ a1*x + a2*w + a3*xw
HOSTILE ~ b*m + cp*x
imm := a3*b
ind_lo := (a1 - a3)*b
ind_mid := a1*b
ind_hi := (a1 + a3)*b
"""


def company_sizes():
    data = lq2002()
    size = data.groupby("COMPID")["SUB"].transform("size").astype(float)
    return data.assign(x=data["LEAD"] - data["LEAD"].mean(), w=(size - size.mean()) / size.std(), m=data["TSIG"])


def test_moderated_mediation_by_the_model_engine(reference):
    data = company_sizes()
    fit = sem(INDEX, data.assign(xw=data["x"] * data["w"]))
    value = reference("lq2002")("moderated_mediation.index")
    assert [value[key] for key in ("converged", "post_check", "nobs", "ntotal", "npar")] == [
        fit.converged, fit.problems.empty, fit.n, fit.n, fit.fit["n_parameters"],
    ]  # fmt: skip
    place = {(lhs, op, rhs): at for at, (lhs, op, rhs) in enumerate(
        zip(fit.estimates["lhs"], fit.estimates["op"], fit.estimates["rhs"], strict=True))}  # fmt: skip
    columns = {"est": "estimate", "se": "std_error", "z": "statistic", "pvalue": "p_value", "ci.lower": "ci_low",
               "ci.upper": "ci_high", "std.all": "std_all"}  # fmt: skip
    for row in value["parameters"]:
        key = (row["lhs"], row["op"], row["rhs"])
        at = place[key] if key in place else place[key[2], key[1], key[0]]
        for theirs, ours in columns.items():
            mine = fit.estimates[ours].iloc[at]
            if row[theirs] is None:
                assert not math.isfinite(mine)
            elif row["se"] or theirs in ("est", "std.all"):  # lavaan gives fixed covariances an error of 0
                assert mine == pytest.approx(row[theirs], rel=1e-4, abs=1e-6), (key, theirs)


def test_moderated_mediation(reference):
    result = moderated_mediation(company_sizes(), "x", "m", "HOSTILE", "w", stage="first", bootstrap=200, seed=1)
    rows = {row["label"]: row for row in reference("lq2002")("moderated_mediation.index")["parameters"] if row["label"]}
    conditional = result.conditional["estimate"]
    ours = {
        "a1": result.paths["estimate"]["a"], "a2": result.paths["estimate"]["w → m"],
        "a3": result.paths["estimate"]["a_w"], "b": result.paths["estimate"]["b"],
        "cp": result.paths["estimate"]["c_prime"], "imm": result.index["estimate"]["m"],
        "ind_lo": conditional[("m", "mean_minus_sd")], "ind_mid": conditional[("m", "mean")],
        "ind_hi": conditional[("m", "mean_plus_sd")],
    }  # fmt: skip
    assert {name: row["est"] for name, row in rows.items()} == pytest.approx(ours, rel=1e-6)
    n = 2042  # lavaan divides by n where a regression divides by n less its coefficients
    larger = {"a1": n - 4, "a2": n - 4, "a3": n - 4, "b": n - 3, "cp": n - 3}
    errors = result.paths["std_error"]
    for name, path in {"a1": "a", "a2": "w → m", "a3": "a_w", "b": "b", "cp": "c_prime"}.items():
        assert errors[path] * np.sqrt(larger[name] / n) == pytest.approx(rows[name]["se"], rel=1e-6)
    delta = result.intervals.xs("delta", level="method")["std_error"]
    assert delta["m – w"] == pytest.approx(rows["imm"]["se"], rel=2e-3)
