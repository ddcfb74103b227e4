"""Construct validity and reliability from models, against semTools and by hand."""

import numpy as np
import pandas as pd
import pytest
from reference_models import DATA, SCALES, data_of, frame_of, model_text

from leadership_study.measurement.cfa import cfa
from leadership_study.measurement.construct_validity import construct_validity, model_reliability

LAVAAN = 1e-5  # where lavaan stops its search (the references' README)


@pytest.fixture(scope="module")
def fits():
    return {name: cfa(model_text(name), data_of(name)) for name in DATA}


@pytest.mark.parametrize("data_set", list(DATA))
def test_every_value_of_the_full_model_is_semtools(reference, fits, data_set) -> None:
    expected = reference(data_set)("reliability.full_model")
    assert set(expected) == {
        "reliability", "compRelSEM", "compRelSEM_tau_alpha", "compRelSEM_modelvar", "AVE", "AVE_modelvar",
        "latent_cor", "std_lambda", "CR_from_std", "AVE_from_std", "fornell_larcker",
    }  # fmt: skip
    fit = fits[data_set]
    found = construct_validity(fit)
    names = list(SCALES[data_set])
    rows = frame_of(expected["reliability"])
    assert list(rows.index) == ["alpha", "omega", "omega2", "omega3", "avevar"]
    ours = {
        "alpha": "alpha", "omega": "omega_raw", "omega2": "composite_reliability_model",
        "omega3": "composite_reliability_observed", "avevar": "average_variance_extracted_raw",
    }  # fmt: skip
    for row, column in ours.items():
        assert found.variants[column].to_dict() == pytest.approx(rows.loc[row].to_dict(), abs=LAVAAN), row
    for section, column in {
        "compRelSEM": "composite_reliability_observed", "compRelSEM_tau_alpha": "alpha",
        "compRelSEM_modelvar": "composite_reliability_model", "AVE": "average_variance_extracted_observed",
        "AVE_modelvar": "average_variance_extracted_model", "CR_from_std": "composite_reliability",
        "AVE_from_std": "average_variance_extracted",
    }.items():  # fmt: skip
        assert found.variants[column].to_dict() == pytest.approx(expected[section], abs=LAVAAN), section
    assert found.composite_reliability.to_dict() == pytest.approx(expected["CR_from_std"], abs=LAVAAN)
    assert found.average_variance_extracted.to_dict() == pytest.approx(expected["AVE_from_std"], abs=LAVAAN)
    pd.testing.assert_frame_equal(
        fit.latent_correlations, frame_of(expected["latent_cor"]), check_names=False, rtol=0, atol=LAVAAN
    )
    lambdas = frame_of(expected["std_lambda"])
    assert int((lambdas.to_numpy() != 0).sum()) == len(lambdas)
    for name in names:
        for item in SCALES[data_set][name]:
            assert fit.estimates.loc[f"{name} =~ {item}", "std_all"] == pytest.approx(
                lambdas.loc[item, name], abs=LAVAAN
            )
    larcker = expected["fornell_larcker"]
    assert set(larcker) == {"matrix_sqrtAVE_diag", "max_abs_cor", "pass"}
    np.testing.assert_allclose(
        found.fornell_larcker.loc[names, names], frame_of(larcker["matrix_sqrtAVE_diag"]).loc[names, names], atol=LAVAAN
    )
    assert found.factors["largest_correlation"].to_dict() == pytest.approx(larcker["max_abs_cor"], abs=LAVAAN)
    assert {name: word == "met" for name, word in found.factors["discriminant"].items()} == larcker["pass"]


@pytest.mark.parametrize("data_set", list(DATA))
def test_every_ratio_of_correlations_is_semtools(reference, fits, data_set) -> None:
    found = construct_validity(fits[data_set])
    for section, table in (("htmt.original", found.htmt), ("htmt.htmt2", found.htmt2)):
        expected = frame_of(reference(data_set)(section))
        lower = np.tril(np.ones(expected.shape, dtype=bool))
        ours = table.loc[expected.index, expected.columns].to_numpy()
        there = ~np.isnan(expected.to_numpy())
        assert there[lower].all()
        np.testing.assert_allclose(ours[there], expected.to_numpy()[there], rtol=0, atol=1e-12)


@pytest.mark.parametrize("data_set", list(DATA))
def test_bifactor_indices_of_the_reference(reference, data_set) -> None:
    expected = reference(data_set)("cfa.bifactor")["bifactor_indices"]
    assert set(expected) == {"omega_total", "omega_h", "ECV", "PUC", "note"}
    scales = SCALES[data_set]
    general = "g =~ " + " + ".join(item for items in scales.values() for item in items)
    groups = [f"s{name} =~ {' + '.join(items)}" for name, items in scales.items()]
    fit = cfa("\n".join([general, *groups]), data_of(data_set), std_lv=True, orthogonal=True)
    found = model_reliability(fit)
    assert (found.kind, found.general) == ("bifactor", "g")
    assert found.omega_total == pytest.approx(expected["omega_total"], abs=1e-4)
    assert found.omega_hierarchical == pytest.approx(expected["omega_h"], abs=1e-4)
    assert found.explained_common_variance == pytest.approx(expected["ECV"], abs=1e-4)
    assert found.uncontaminated_correlations == pytest.approx(expected["PUC"], abs=1e-12)
    assert list(found.subscales.index) == [f"s{name}" for name in scales]
    parts = found.table["general"] + found.table["omega_hierarchical"]
    np.testing.assert_allclose(parts[1:], found.table["omega_total"][1:], atol=1e-10)
