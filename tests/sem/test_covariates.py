"""Covariates whose moments are taken as they are, and bounds on parameters: values of lavaan 0.6-14."""

import pytest
from models import data
from test_lavaan_models import rows_of

from leadership_study.measurement.cfa import cfa, sem

MODEL = (
    "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"
    "textual ~ visual + ageyr\nspeed ~ ageyr"
)  # fmt: skip
NAMES = ("chi_square", "chi_square_scaled", "chi_square_scaling_factor", "baseline_chi_square_scaling_factor",
         "cfi_robust", "rmsea_robust", "srmr")  # fmt: skip
LAVAAN = {
    "fiml_mlr": (100.9377106, 101.4134671, 0.995308744, 1.034087652, 0.9154698319, 0.08962417119, 0.09068927441),
    "fiml": (100.9377106, None, None, None, 0.9146322265, 0.09013001906, 0.09068927441),
    "mlm": (120.9030653, 114.6930128, 1.054144995, 1.125211389, 0.9042707651, 0.09513193839, 0.1017861057),
    "mlr": (120.9030653, 119.8911639, 1.008440167, 1.043439344, 0.9030563628, 0.09592668546, 0.1017861057),
}
ERRORS = {"fiml_mlr": 0.0429725644, "fiml": 0.0445230607, "mlm": 0.0430825273, "mlr": 0.0410442862}


@pytest.mark.parametrize("name", list(LAVAAN))
def test_tests_and_errors_are_lavaans(name: str) -> None:
    missing = "fiml" if name.startswith("fiml") else "listwise"
    rows = rows_of("hs_gaps") if missing == "fiml" else data("holzinger")
    estimator = {"fiml": "ML", "mlm": "MLM"}.get(name, "MLR")
    fit = sem(MODEL, rows, estimator=estimator, missing=missing)
    for measure, expected in zip(NAMES, LAVAAN[name], strict=True):
        if expected is not None:
            assert fit.fit[measure] == pytest.approx(expected, rel=1e-5), measure
    assert fit.estimates.loc["speed ~ ageyr", "std_error"] == pytest.approx(ERRORS[name], rel=1e-4)


# sem(model, data, estimator, meanstructure = TRUE): parameters, chi-square, df, CFI, SRMR, baseline chi-square and df
LEAST_SQUARES = {
    "GLS": (37, 111.1876931197, 40, 0.7007584517, 0.1287421572, 291.8937467685, 54),
    "ULS": (37, 288.5024905, 40, 0.8737914608, 0.08326483586, 2022.983177, 54),
}


@pytest.mark.parametrize("estimator", list(LEAST_SQUARES))
def test_least_squares_estimate_the_moments_of_covariates(estimator: str) -> None:
    fit = sem(MODEL + " + agemo", data("holzinger"), estimator=estimator, meanstructure=True)
    names = ("n_parameters", "chi_square", "df", "cfi", "srmr", "baseline_chi_square", "baseline_df")
    assert fit.fit[list(names)].tolist() == pytest.approx(LEAST_SQUARES[estimator], rel=1e-5)
    error = {"GLS": 0.2107525414, "ULS": 0.057}[estimator]
    assert fit.estimates.loc["ageyr ~~ agemo", "std_error"] == pytest.approx(error, abs=1e-3)


def test_scores_of_a_factor_with_a_covariate_have_lavaans_level() -> None:
    # lavPredict(sem(model, data)), first rows; with a mean structure the same
    for means in (None, True):
        scores = sem(MODEL, data("holzinger"), meanstructure=means).factor_scores()
        expected = [-0.8314751687, -2.882077731, 2.179316439, -0.1475592764, -3.761025334, 2.565210046]
        assert scores.iloc[:2].to_numpy().ravel().tolist() == pytest.approx(expected, abs=2e-4)


def test_a_bound_takes_off_no_parameter() -> None:
    # cfa(model, data): df 24 whether or not the bound is reached; equal to 1.3 the model has one parameter less
    text = "visual =~ x1 + x2 + x3\nspeed =~ x7 + p*x8 + q*x9\ntextual =~ x4 + x5 + x6\n"
    for more, parameters, chi_square in (
        ("p > 1.3", 21, 85.866), ("p > q\nq < 0.9", 21, 86.477), ("p < 1.3", 21, 85.306), ("p == 1.3", 20, 85.866),
        ("p > 1.2\np > 1.3", 21, 85.866),
    ):  # fmt: skip
        fit = cfa(text + more, data("holzinger")).fit
        assert fit["n_parameters"] == parameters
        assert fit["df"] == 45 - parameters
        assert fit["chi_square"] == pytest.approx(chi_square, abs=1e-3)
