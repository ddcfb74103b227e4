"""Covariates whose moments are taken as they are: scaled tests leave their part out, as lavaan 0.6-14 does."""

import pytest
from models import data
from test_lavaan_models import rows_of

from leadership_study.measurement.cfa import sem

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
