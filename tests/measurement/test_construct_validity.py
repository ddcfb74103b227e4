"""Construct validity and reliability from models, against semTools and by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from reference_models import DATA, SCALES, data_of, frame_of, model_text

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.cfa import cfa
from leadership_study.measurement.construct_validity import construct_validity, model_reliability, run
from leadership_study.results import Result
from leadership_study.samples.moments import moments

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


def test_a_published_matrix_serves_as_well_as_rows(fits) -> None:
    rows = data_of("holzinger")[[item for items in SCALES["holzinger"].values() for item in items]]
    given = cfa(model_text("holzinger"), moments(rows.cov(), len(rows)))
    one, other = construct_validity(given), construct_validity(fits["holzinger"])
    pd.testing.assert_frame_equal(one.factors, other.factors, rtol=1e-6)
    pd.testing.assert_frame_equal(one.htmt, other.htmt)
    with pytest.raises(InsufficientDataError, match="raw answers"):
        construct_validity(given, bootstrap=10, seed=1)


def test_second_order_reliability_is_semtools() -> None:
    # semTools::reliabilityL2(fit, "g"): omegaL1, the second-order factor's share in the variance of the raw total
    fit = cfa(f"{model_text('holzinger')}\ng =~ visual + textual + speed", data_of("holzinger"))
    found = model_reliability(fit, metric="raw")
    assert found.kind == "second_order"
    assert found.omega_hierarchical == pytest.approx(0.5542955230, abs=1e-5)
    assert list(found.subscales.index) == ["visual", "textual", "speed"]
    congeneric = construct_validity(fit).variants["composite_reliability_model"]
    np.testing.assert_allclose(found.subscales["omega_total"], congeneric, rtol=1e-10)


def test_groups_are_semtools() -> None:
    # compRelSEM(fit) by school
    found = construct_validity(cfa(model_text("holzinger"), data_of("holzinger"), group="school"))
    own = found.variants["composite_reliability_observed"]
    assert own.loc["Pasteur"].tolist() == pytest.approx([0.584, 0.877, 0.620], abs=6e-4)
    assert own.loc["Grant-White"].tolist() == pytest.approx([0.661, 0.878, 0.766], abs=6e-4)
    assert found.pairs.index.names == ["group", "factor", "other_factor"]


def test_ordered_items_are_judged_by_what_underlies_them() -> None:
    # semTools::compRelSEM(fit, ord.scale = FALSE), reliability(fit)["avevar", ] and ["alpha.ord", ] on bfi
    model = "A =~ A2 + A3 + A4 + A5\nN =~ N1 + N2 + N3 + N4 + N5"
    fit = cfa(model, data_of("bfi"), ordered=True)
    found = construct_validity(fit)
    assert found.variants["composite_reliability_observed"].tolist() == pytest.approx([0.782, 0.863], abs=6e-4)
    assert found.variants["average_variance_extracted_raw"].tolist() == pytest.approx([0.4729465, 0.5418069], abs=1e-4)
    assert found.variants["alpha"].tolist() == pytest.approx([0.7714742, 0.8404435], abs=1e-4)
    assert found.htmt2.loc["A", "N"] == pytest.approx(0.19, abs=6e-3)
    assert any(note.id == "reliability_of_underlying_responses" for note in found.notes)
    with pytest.raises(InsufficientDataError, match="Pearson"):
        construct_validity(fit, bootstrap=10, seed=1)


def test_intervals_are_seeded_and_whole_clusters_widen_them() -> None:
    data = data_of("lq2002")
    fit = cfa(model_text("lq2002"), data)
    rows = construct_validity(fit, bootstrap=300, seed=2)
    again = construct_validity(fit, bootstrap=300, seed=2)
    pd.testing.assert_frame_equal(rows.pairs, again.pairs)
    clustered = construct_validity(fit, bootstrap=300, seed=2, clusters=data["COMPID"])
    assert rows.definition["resampled"] == "respondents"
    assert clustered.definition["resampled"] == "clusters"
    for found in (rows, clustered):
        for name in ("htmt", "htmt2"):
            assert (found.pairs[f"{name}_ci_low"] < found.pairs[name]).all()
            assert (found.pairs[name] < found.pairs[f"{name}_ci_high"]).all()
    spread = [found.pairs["htmt_ci_high"] - found.pairs["htmt_ci_low"] for found in (rows, clustered)]
    assert spread[1].mean() > spread[0].mean()
    np.testing.assert_allclose(spread[0], 0.1, atol=0.06)


def test_one_resample_is_the_ratio_of_its_rows() -> None:
    from leadership_study.measurement._htmt import bootstrap_htmt, htmt_matrices
    from leadership_study.samples.resampling import row_weights

    rows = data_of("holzinger")[[item for items in SCALES["holzinger"].values() for item in items]].to_numpy()
    members = {"a": [0, 1, 2], "b": [3, 4, 5], "c": [6, 7, 8]}
    draws = bootstrap_htmt(rows, members, replicates=3, seed=9)
    weights = row_weights(len(rows), 3, 9, 0).astype(int)
    for at in range(3):
        drawn = np.repeat(rows, weights[at], axis=0)
        expected = htmt_matrices(np.corrcoef(drawn, rowvar=False), members)
        for one, other in zip(draws, expected, strict=True):
            np.testing.assert_allclose(one[at], other, rtol=1e-10)


def test_what_cannot_be_judged_says_so() -> None:
    data = data_of("holzinger")
    crossed = construct_validity(cfa("a =~ x1 + x2 + x3 + x9\nb =~ x7 + x8 + x9", data))
    note = next(note for note in crossed.notes if note.id == "items_of_several_factors")
    assert note.values["items"] == "x9"
    single = construct_validity(cfa("a =~ x1 + x2 + x3\nb =~ x7", data))
    assert np.isnan(single.pairs["htmt"]).all()
    assert single.pairs["verdict"].tolist() == ["not_judged"]
    assert any(note.id == "htmt_one_item" for note in single.notes)
    alone = construct_validity(cfa("a =~ x1 + x2 + x3 + x4", data))
    assert alone.factors["discriminant"].tolist() == ["not_judged"]
    assert alone.pairs.empty
    with pytest.raises(InsufficientDataError, match="no factor"):
        construct_validity(cfa("x1 ~ x2", data))
    with pytest.raises(ValueError, match="read back from a file"):
        construct_validity(Result.from_json(cfa("a =~ x1 + x2 + x3", data).to_json()))
    with pytest.raises(ValueError, match="'variance' parameter"):
        construct_validity(cfa("a =~ x1 + x2 + x3", data), variance="raw")


def test_verdicts_follow_the_limits() -> None:
    from leadership_study.measurement.construct_validity import _convergent, _discriminant, _pair_verdict

    assert [_convergent(*pair) for pair in ((0.7, 0.5), (0.69, 0.5), (0.7, 0.49), (0.6, 0.4))] == [
        "met", "reliability_low", "variance_low", "both_low"
    ]  # fmt: skip
    assert [_discriminant(*pair) for pair in ((0.71, 0.7), (0.7, 0.71), (0.7, float("nan")))] == [
        "met", "violated", "not_judged"
    ]  # fmt: skip
    nan = float("nan")
    assert [_pair_verdict(*pair) for pair in ((0.84, nan), (0.85, nan), (0.9, nan), (0.5, 1.0), (nan, nan))] == [
        "distinct", "acceptable", "not_distinct", "not_distinct", "not_judged"
    ]  # fmt: skip


def test_run_and_json(scored_lq2002) -> None:
    found = run(scored_lq2002, bootstrap=50, seed=3)
    assert list(found.factors.index) == ["leadership_climate", "task_significance", "hostility"]
    assert found.definition["resampled"] == "clusters"
    text = found.to_json()
    assert json.loads(text)
    assert Result.from_json(text).to_json() == text
