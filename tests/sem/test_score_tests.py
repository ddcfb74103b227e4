"""Modification indices and standardised residuals: every value of lavaan 0.6-14 on models with paths and groups."""

import json
import math

import numpy as np
import pytest
from models import TESTS, data
from test_lavaan_models import rows_of

from leadership_study.measurement.cfa import cfa, sem

STORED = json.loads((TESTS / "reference" / "modification_indices.json").read_text(encoding="utf-8"))["models"]
OPTIONS = {
    "sksem": {"ordered": True},
    "skge": {"ordered": True, "group": "school", "equal": ("thresholds", "loadings")},
}  # fmt: skip
FACTORS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


@pytest.mark.parametrize("name", list(STORED))
def test_every_index_is_lavaans(name: str) -> None:
    stored = STORED[name]
    found = sem(stored["model"], rows_of(stored["data"]), **OPTIONS.get(name, {})).modification_indices()
    at = {}
    for place, row in enumerate(zip(found["lhs"], found["op"], found["rhs"], found["group"], strict=True)):
        at[row] = place
        if row[1] == "~~":
            at[row[2], "~~", row[0], row[3]] = place
    bad, seen = [], set()
    columns = {"mi": "mi", "epc": "epc", "sepc_latent": "sepc_lv", "sepc_all": "sepc_all"}
    for k, key in enumerate(stored["rows"]):
        lhs, op, rhs, group = key.split(" ")
        place = at[lhs, op, rhs, int(group)]
        seen.add(place)
        for mine, theirs in columns.items():
            value = stored[theirs][k]
            if value is not None and abs(found[mine].iloc[place] - value) > 2e-4 * max(1, abs(value)):
                bad.append((key, mine, found[mine].iloc[place], value))
    assert bad == []
    rest = found.drop(found.index[sorted(seen)])  # those that lavaan leaves out, and residual covariances of outcomes
    assert (rest["mi"].isna() | (rest["mi"] < 1e-12) | ((rest["op"] == "~~") & (name == "path"))).all()


def test_statistics_count_all_rows_under_the_wishart_likelihood() -> None:
    # cfa(model, data, group = "school", likelihood = "wishart")
    top = cfa(FACTORS, data("holzinger"), group="school", likelihood="wishart").modification_indices()
    expected = {"x7 ~~ x8 [Grant-White]": (24.818, 0.616), "visual =~ x9 [Grant-White]": (24.539, 0.748)}
    for name, (mi, epc) in expected.items():
        assert top.loc[name, ["mi", "epc"]].tolist() == pytest.approx([mi, epc], abs=1e-3)


# residuals(fit, type = "standardized"): x4, x5, x6 with x1 and x2 (of the second group, where there are two)
RESIDUALS = {
    "ML": [2.67921687, -0.28415116, -0.35931932, -0.59071120, 2.15531946, 0.68081195],
    "GLS": [2.719347154, 0.271315956, -0.087686411, -0.040832169, 2.196754398, 1.184875077],
    "MLR": [0.422622419, -0.22020691, 0.092043845, -1.20099381, 0.263451528, -0.59306032],
    "WLSMV": [1.86301192, 0.73735408, -0.69323814, 1.09060650, 0.35686608, 0.84195215],
}


@pytest.mark.parametrize("estimator", list(RESIDUALS))
def test_standardised_residuals_are_lavaans(estimator: str) -> None:
    rows, options = rows_of("skew" if estimator == "WLSMV" else "hs"), {"group": "school"} if estimator == "MLR" else {}
    fit = cfa(FACTORS, rows, estimator=estimator, ordered=estimator == "WLSMV", **options)
    z = fit.standardized_residuals()
    z = z.loc["Grant-White"] if options else z
    found = z.loc[["x4", "x5", "x6"], ["x1", "x2"]].to_numpy().ravel()
    np.testing.assert_allclose(found, RESIDUALS[estimator], atol=2e-4)
    np.testing.assert_array_equal(z, z.T)
    if estimator == "ML":
        assert np.diag(z) == pytest.approx(0.0, abs=1e-12)  # residual variances fit the variances exactly
        assert fit.standardized_residuals("means").empty
    if estimator == "GLS":  # lavResiduals(fit)$summary
        summary = fit.residual_summary()["covariance"]
        assert summary[["srmr", "srmr_std_error", "usrmr"]].tolist() == pytest.approx(
            [0.08754528366, 0.00632233595, 0.08171751626], rel=2e-5)  # fmt: skip
    with pytest.raises(ValueError, match="'of' parameter must be one of"):
        fit.standardized_residuals("variances")  # type: ignore[arg-type]


def test_residuals_of_what_is_equal_are_the_same_test_in_both_groups() -> None:
    fit = cfa(FACTORS, data("holzinger"), group="school", equal=("loadings", "intercepts"))
    means = fit.standardized_residuals("means")["z"]
    # one restriction, two groups: lavaan's errors leave the other group's out and give 3.33 and -3.25 for x1
    np.testing.assert_allclose(means["Pasteur"], -means["Grant-White"], atol=1e-9)
    assert all(math.isfinite(value) for value in means)
