"""Rival models: each is lavaan's, nested ones are compared, and what so few dimensions do not carry is said."""

import numpy as np
import pandas as pd
import pytest
from reference_models import DATA, SCALES, data_of, fit_values

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.rival_models import rival_models, run
from leadership_study.results import Result

LAVAAN = 1e-4
SECTIONS = {
    "one_factor": "cmb.one_factor_cfa", "correlated": "cfa.ml", "second_order": "cfa.second_order",
    "bifactor": "cfa.bifactor",
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return {name: rival_models(data_of(name), SCALES[name]) for name in DATA}


@pytest.mark.parametrize("data_set", list(DATA))
@pytest.mark.parametrize("kind", list(SECTIONS))
def test_models_are_lavaans(reference, found, data_set, kind) -> None:
    expected, fit = reference(data_set)(SECTIONS[kind]), found[data_set].fits[f"whole {kind}"]
    for measure, value in fit_values(expected["fit"]).items():
        assert fit.fit[measure] == pytest.approx(value, rel=LAVAAN, abs=1e-5), measure
    row = found[data_set].table.loc[("whole", kind)]
    for column in ("chi_square", "df", "p_value", "cfi", "tli", "rmsea", "rmsea_ci_low", "srmr", "aic", "bic", "sabic"):
        assert row[column] == pytest.approx(fit_values(expected["fit"])[column], rel=LAVAAN, abs=1e-5), column
    assert (row["n_problems"] == 0) == expected["post_check"]


@pytest.mark.parametrize("data_set", list(DATA))
def test_general_factors_share_is_the_references(reference, found, data_set) -> None:
    expected = reference(data_set)("cfa.bifactor")["bifactor_indices"]["omega_h"]
    assert found[data_set].table.loc[("whole", "bifactor"), "omega_hierarchical"] == pytest.approx(expected, abs=LAVAAN)


def test_nested_models_are_compared_and_equivalent_ones_are_not(found) -> None:
    three, five = found["lq2002"], found["bfi"]
    assert ("whole", "second_order", "correlated") not in three.comparisons.index
    assert any(note.id == "models_equivalent" for note in three.notes)
    row = five.comparisons.loc[("whole", "second_order", "correlated")]
    table = five.table.loc["whole"]
    assert row["difference"] == pytest.approx(
        table.loc["second_order", "chi_square"] - table.loc["correlated", "chi_square"], abs=1e-9
    )
    assert row["difference_df"] == 5
    assert row["delta_cfi"] == pytest.approx(table.loc["second_order", "cfi"] - table.loc["correlated", "cfi"])
    assert ("whole", "correlated", "bifactor") not in five.comparisons.index


def test_the_lowest_bic_is_of_a_proper_solution(found) -> None:
    assert found["lq2002"].lowest_bic == "bifactor"
    improper = found["holzinger"].table.loc["whole"]
    assert improper.loc["bifactor", "n_problems"] == 1
    assert improper["bic"].idxmin() == "bifactor"
    assert found["holzinger"].lowest_bic == "correlated"
    assert any(note.id == "model_note" for note in found["holzinger"].notes)


def test_robust_differences_are_scaled_as_lavaans() -> None:
    # lavTestLRT(cfa(model1, estimator = "MLR"), cfa(model, estimator = "MLR")) of lavaan 0.6-14 on lq2002
    models = rival_models(data_of("lq2002"), SCALES["lq2002"], estimator="MLR", models=("one_factor", "correlated"))
    row = models.comparisons.loc[("whole", "one_factor", "correlated")]
    assert row["difference_test"] == "satorra_bentler_2001"
    assert row["difference"] == pytest.approx(1587.86800436, rel=1e-4)
    assert models.table.loc[("whole", "correlated"), "indices"] == "robust"


def test_halves_say_who_is_where_and_are_fitted_apart() -> None:
    data = data_of("bfi")
    found = rival_models(data, SCALES["bfi"], sample="halves", models=("correlated",))
    assert list(found.table.index) == [
        ("whole", "correlated"), ("first_half", "correlated"), ("second_half", "correlated")
    ]  # fmt: skip
    assert found.rows["half"].value_counts().to_dict() == {"first": 1400, "second": 1400}
    assert found.samples["n_rows"].tolist() == [2800, 1400, 1400]
    apart = found.table["n"]
    assert apart.iloc[1] + apart.iloc[2] == apart.iloc[0]
    assert 0.97 < found.communality_ratio <= 1
    own = rival_models(data[(found.rows["half"] == "first").to_numpy()], SCALES["bfi"], models=("correlated",))
    assert own.table["chi_square"].iloc[0] == pytest.approx(found.table["chi_square"].iloc[1], rel=1e-8)


def test_few_dimensions_leave_models_out_with_the_reason() -> None:
    data = data_of("holzinger")
    two = {name: SCALES["holzinger"][name] for name in ("visual", "textual")}
    found = rival_models(data, two, models=("one_factor", "correlated", "second_order"))
    assert [kind for _, kind in found.table.index] == ["one_factor", "correlated"]
    assert any(note.id == "model_left_out" and note.values["model"] == "second_order" for note in found.notes)
    one = rival_models(data, {"visual": ["x1", "x2", "x3", "x4"]})
    assert ("whole", "one_factor") in one.table.index
    assert ("whole", "bifactor") not in one.table.index
    with pytest.raises(InsufficientDataError):
        rival_models(data, {"visual": ["x1", "x2"]}, models=("second_order",))


def test_group_factors_of_two_items_have_equal_loadings() -> None:
    random = np.random.default_rng(2)
    general, groups = random.normal(size=(4000, 1)), random.normal(size=(4000, 4))
    own = np.repeat(groups, 2, axis=1)
    items = pd.DataFrame(0.7 * general + 0.5 * own + 0.5 * random.normal(size=(4000, 8))).add_prefix("i")
    members = {f"d{k}": [f"i{2 * k}", f"i{2 * k + 1}"] for k in range(4)}
    found = rival_models(items, members)
    fit = found.fits["whole bifactor"].estimates
    assert fit.loc["d1 =~ i2", "estimate"] == pytest.approx(fit.loc["d1 =~ i3", "estimate"], abs=1e-10)
    assert fit.loc["general =~ i5", "estimate"] == pytest.approx(0.7, abs=0.06)
    assert abs(fit.loc["d2 =~ i4", "estimate"]) == pytest.approx(0.5, abs=0.08)
    assert ("whole", "second_order", "bifactor") not in found.comparisons.index


def test_bad_input_is_named() -> None:
    data = data_of("holzinger")
    with pytest.raises(ValueError, match="no column 'x10'"):
        rival_models(data, {"a": ["x1", "x10"]})
    with pytest.raises(ValueError, match="'x1' stands in two dimensions"):
        rival_models(data, {"a": ["x1", "x2", "x3"], "b": ["x1", "x4", "x5"]})
    with pytest.raises(ValueError, match="'models' parameter"):
        rival_models(data, SCALES["holzinger"], models=("tree",))  # type: ignore[arg-type]


def test_run_in_a_nested_study(scored_lq2002) -> None:
    found = run(scored_lq2002)
    assert found.definition["estimator"] == "MLR"
    note = next(note for note in found.notes if note.id == "sem_nesting_unadjusted")
    assert note.values["n_clusters"] == 49
    back = Result.from_json(found.to_json())
    assert back.to_json() == found.to_json()


def test_a_dimension_without_variance_of_its_own_keeps_its_items() -> None:
    random = np.random.default_rng(5)
    general = random.normal(size=(60, 1))
    own = random.normal(size=(60, 3)) * [0.0, 0.8, 0.8]
    values = np.repeat(general + own, 4, axis=1) + 0.7 * random.normal(size=(60, 12))
    data = pd.DataFrame(values, columns=[f"x{at}" for at in range(12)])
    members = {name: [f"x{at}" for at in range(start, start + 4)] for name, start in (("a", 0), ("b", 4), ("c", 8))}
    found = rival_models(data, members, models=["second_order"])
    assert (found.fits["whole second_order"].estimates.loc["a ~~ a", "estimate"] < 0) == (
        found.table.loc[("whole", "second_order"), "n_problems"] > 0
    )
    assert 0 < found.table.loc[("whole", "second_order"), "omega_hierarchical"] <= 1


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one model"):
        rival_models(data_of("holzinger"), SCALES["holzinger"], models=())
    with pytest.raises(ValueError, match="at least one model"):
        rival_models(data_of("holzinger"), {})
