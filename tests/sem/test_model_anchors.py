"""Defects known from other programs, one test each: of models, ordered items, groups and fit indices."""

import numpy as np
import pandas as pd
import pytest
from models import data
from test_lavaan_models import categories, rows_of
from threadpoolctl import threadpool_limits

from leadership_study.measurement.cfa import SemFit, cfa, sem
from leadership_study.measurement.construct_validity import construct_validity
from leadership_study.measurement.invariance import measurement_invariance

FACTORS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
DEMOCRACY = """
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
"""


@pytest.fixture(scope="module", params=["holzinger", "political"])
def fit(request: pytest.FixtureRequest) -> SemFit:
    return cfa(FACTORS, data("holzinger")) if request.param == "holzinger" else sem(DEMOCRACY, rows_of("political"))


def test_semopy_prints_nfi_for_gfi_and_has_no_srmr(fit: SemFit) -> None:
    gfi, nfi, srmr = {301: (0.943, 0.907, 0.065), 75: (0.923, 0.948, 0.044)}[fit.n]  # fitMeasures(fit)
    assert fit.fit[["gfi", "nfi", "srmr"]].tolist() == pytest.approx([gfi, nfi, srmr], abs=6e-4)
    assert abs(gfi - nfi) > 0.02


def test_semopy_takes_the_discrepancy_for_the_log_likelihood_in_aic(fit: SemFit) -> None:
    own, k = fit.fit, fit.fit["n_parameters"]
    assert own["aic"] == pytest.approx(-2 * own["log_likelihood"] + 2 * k, rel=1e-12)
    assert own["bic"] == pytest.approx(-2 * own["log_likelihood"] + k * np.log(fit.n), rel=1e-12)
    assert own["log_likelihood"] == pytest.approx({301: -3737.745, 75: -1547.791}[fit.n], abs=1e-3)


def test_semopys_cfi_exceeds_one() -> None:
    random = np.random.default_rng(8)
    rows = pd.DataFrame(random.normal(size=(300, 1)) + random.normal(size=(300, 5)), columns=list("abcde"))
    found = cfa("f =~ a + b + c + d + e", rows).fit
    assert found["chi_square"] < found["df"]
    assert found["cfi"] == 1.0
    assert found["tli"] > 1.0  # not bounded, by definition


def test_semopy_divides_the_objective_by_n_for_the_test_under_missing_answers() -> None:
    rows = rows_of("hs_gaps")
    assert cfa(FACTORS, rows, missing="fiml").fit["chi_square"] > 50  # against the saturated model, not f/n
    complete = data("holzinger")
    by_rows, by_moments = cfa(FACTORS, complete, missing="fiml"), cfa(FACTORS, complete)
    assert by_rows.fit["chi_square"] == pytest.approx(by_moments.fit["chi_square"], rel=1e-8)


def test_semopy_weighs_ordered_items_by_raw_cross_products() -> None:
    rows = categories((0.5, 0.8, 0.95))
    plain = cfa(FACTORS, rows, ordered=True)
    coded = rows.copy()
    coded[[f"x{at}" for at in range(1, 10)]] = coded[[f"x{at}" for at in range(1, 10)]].replace({2: 7, 3: 50})
    again = cfa(FACTORS, coded, ordered=True)  # categories have an order and no distances
    np.testing.assert_allclose(again.estimates["estimate"], plain.estimates["estimate"], atol=1e-10)
    np.testing.assert_allclose(again.fit, plain.fit, rtol=1e-8, atol=1e-8)


def test_lavaan_took_wlsmv_without_ordered_items() -> None:
    with pytest.raises(ValueError, match="WLSMV needs 'ordered'"):
        cfa(FACTORS, data("holzinger"), estimator="WLSMV")


def test_jasps_scalar_ordinal_invariance_leaves_thresholds_free() -> None:
    found = measurement_invariance(FACTORS, categories((0.4, 0.7, 0.9)).assign(school=data("holzinger")["school"]),
                                   "school", ordered=True)  # fmt: skip
    for level in ("thresholds", "loadings", "intercepts", "residuals"):
        table = found.fits[level].estimates
        cuts = table[table["op"] == "|"].pivot(index=["lhs", "rhs"], columns="group", values="estimate")
        assert cuts.shape == (27, 2)
        np.testing.assert_array_equal(cuts[1], cuts[2])
    free = found.fits["configural"].estimates
    cuts = free[free["op"] == "|"].pivot(index=["lhs", "rhs"], columns="group", values="estimate")
    assert np.abs(cuts[1] - cuts[2]).max() > 0.1


@pytest.mark.parametrize("estimator", ["MLM", "MLR"])
def test_jasp_prints_the_chi_square_of_ml_for_robust_estimators(estimator: str) -> None:
    rows = categories((0.5, 0.8, 0.95))
    plain, robust = cfa(FACTORS, rows).fit, cfa(FACTORS, rows, estimator=estimator).fit
    assert robust["chi_square"] == pytest.approx(plain["chi_square"], rel=1e-10)  # under its own name
    assert abs(robust["chi_square_scaled"] - plain["chi_square"]) > 1
    assert robust["chi_square_scaling_factor"] == pytest.approx(robust["chi_square"] / robust["chi_square_scaled"])


def test_semtools_crashes_on_models_of_unequal_categories() -> None:
    random = np.random.default_rng(2)
    latent = random.normal(size=(500, 1)) + random.normal(size=(500, 4))
    cuts = [[0.0], [-1.0, 1.0], [-1.5, -0.5, 0.5, 1.5], [-2, -1, 0, 1, 2]]
    codes = np.column_stack([np.searchsorted(cut, latent[:, at]) for at, cut in enumerate(cuts)]).astype(float)
    found = construct_validity(cfa("f =~ a + b + c + d", pd.DataFrame(codes, columns=list("abcd")), ordered=True))
    assert 0.6 < found.composite_reliability["f"] < 0.9


def test_lavaans_bootstrap_of_models_depended_on_the_number_of_workers() -> None:
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            fit = cfa(FACTORS, data("holzinger"), bootstrap=12, seed=3)
        found.append(fit.estimates[["std_error", "ci_low", "ci_high"]].to_numpy().tobytes())
    assert found[0] == found[1]
