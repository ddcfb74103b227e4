"""Method bias against lavaan and psych, and against models by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from reference_models import DATA, SCALES, data_of, fit_values, items_of, model_text

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.method_bias import method_bias, run
from leadership_study.results import Result

CLOSED, LAVAAN, SHORT = 1e-10, 1e-4, 1e-4


@pytest.fixture(scope="module")
def found():
    return {name: method_bias(data_of(name)[items_of(name)], model_text(name)) for name in DATA}


@pytest.mark.parametrize("data_set", list(DATA))
def test_shares_of_a_first_factor_are_psychs(reference, found, data_set) -> None:
    expected, own = reference(data_set)("cmb.harman"), found[data_set]
    assert set(expected) == {"first_pc_pct", "first_pa1_pct", "first_minres_pct", "n_eigen_gt1", "eigenvalues"}
    assert own.harman_share == pytest.approx(expected["first_pc_pct"] / 100, rel=CLOSED)
    assert own.harman.loc["principal_axis", "share"] == pytest.approx(expected["first_pa1_pct"] / 100, abs=1e-6)
    assert own.harman.loc["minres", "share"] == pytest.approx(expected["first_minres_pct"] / 100, abs=SHORT)
    assert own.n_above_one == expected["n_eigen_gt1"]
    np.testing.assert_allclose(own.eigenvalues["eigenvalue"], expected["eigenvalues"], rtol=CLOSED)
    several = reference(data_set)("cmb.harman_pa_multi")
    assert set(several) == {"ss_loadings", "pct"}
    assert next(iter(several["ss_loadings"].values())) / len(items_of(data_set)) * 100 == pytest.approx(
        next(iter(several["pct"].values()))
    )
    first = own.harman.loc["principal_axis_first_of_several", "share"]
    assert first == pytest.approx(next(iter(several["pct"].values())) / 100, abs=SHORT)


@pytest.mark.parametrize("data_set", list(DATA))
@pytest.mark.parametrize(
    ("section", "name"),
    [("cmb.one_factor_cfa", "one_factor"), ("cmb.ulmf_free", "method_free"), ("cmb.ulmf_equal", "method_equal")],
)
def test_models_are_lavaans(reference, found, data_set, section, name) -> None:
    expected, fit = reference(data_set)(section), found[data_set].fits[name]
    assert fit.converged == expected["converged"]
    assert fit.problems.empty == expected["post_check"]
    assert fit.n == expected["nobs"] == expected["ntotal"]
    held = len(items_of(data_set)) - 1 if name == "method_equal" else 0  # R counts equal parameters one by one here
    assert fit.fit["n_parameters"] == expected["npar"] - held
    for measure, value in fit_values(expected["fit"]).items():
        assert fit.fit[measure] == pytest.approx(value, rel=LAVAAN, abs=1e-6), measure
    row = found[data_set].models.loc[name]
    for column in ("chi_square", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic", "sabic"):
        assert row[column] == pytest.approx(fit_values(expected["fit"])[column], rel=LAVAAN, abs=1e-6), column


@pytest.mark.parametrize("data_set", list(DATA))
def test_what_the_method_factor_takes_up(reference, found, data_set) -> None:
    free, equal = reference(data_set)("cmb.ulmf_free"), reference(data_set)("cmb.ulmf_equal")
    models = found[data_set].models
    assert models.loc["method_free", "method_variance"] == pytest.approx(free["mean_sq_method_loading"], abs=LAVAAN)
    assert models.loc["method_free", "trait_variance"] == pytest.approx(free["mean_sq_trait_loading"], abs=LAVAAN)
    assert models.loc["method_equal", "method_variance"] == pytest.approx(
        equal["mean_sq_method_loading_std"], abs=LAVAAN
    )
    against = free["vs_trait_only"]
    assert set(against) == {"delta_chisq", "delta_df", "p", "delta_cfi"}
    row = models.loc["method_free"]
    assert row["compared_with"] == "traits"
    assert row["difference"] == pytest.approx(against["delta_chisq"], rel=LAVAAN)
    assert row["difference_df"] == against["delta_df"]
    assert row["difference_p_value"] == pytest.approx(against["p"], rel=1e-2, abs=1e-300)
    assert row["delta_cfi"] == pytest.approx(against["delta_cfi"], abs=1e-6)
    assert models.loc["traits", "chi_square"] == pytest.approx(
        reference(data_set)("cfa.ml")["fit"]["chisq"], rel=LAVAAN
    )


@pytest.mark.parametrize("data_set", list(DATA))
def test_loadings_and_correlations_are_those_of_the_models(found, data_set) -> None:
    own = found[data_set]
    for factor, items in SCALES[data_set].items():
        for item in items:
            term = f"{factor} =~ {item}"
            row = own.loadings.loc[item]
            assert row["factor"] == factor
            assert row["traits"] == own.fits["traits"].estimates.loc[term, "std_all"]
            assert row["with_method"] == own.fits["method_free"].estimates.loc[term, "std_all"]
            assert row["change"] == row["with_method"] - row["traits"]
    changes = own.loadings["with_method"].abs() - own.loadings["traits"].abs()
    assert own.models.loc["method_free", "largest_change"] == pytest.approx(changes.abs().max())
    first, second = list(SCALES[data_set])[:2]
    assert own.correlations.loc[(first, second), "method_free"] == pytest.approx(
        own.fits["method_free"].latent_correlations.loc[first, second]
    )


def test_marker_technique_is_lavaans() -> None:
    # lavaan 0.6-14, std.lv = TRUE: textual and visual as traits, speed as marker; fixed values from the first model
    found = method_bias(
        data_of("holzinger"), "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6", marker=["x7", "x8", "x9"]
    )
    expected = {
        "marker_cfa": (85.306, 24), "marker_baseline": (123.694, 32), "marker_equal": (92.060, 31),
        "marker_free": (83.192, 26), "marker_restricted": (84.330, 27),
    }  # fmt: skip
    for name, (chi_square, df) in expected.items():
        assert found.models.loc[name, "chi_square"] == pytest.approx(chi_square, abs=2e-3), name
        assert found.models.loc[name, "df"] == df
    row = found.models.loc["marker_equal"]
    assert (row["compared_with"], row["difference_df"]) == ("marker_baseline", 1)
    assert row["difference"] == pytest.approx(
        found.models.loc["marker_baseline", "chi_square"] - row["chi_square"], abs=1e-9
    )
    assert found.models.loc["marker_restricted", "difference_df"] == 1


def test_one_factor_behind_everything_is_seen_and_its_absence_too() -> None:
    random = np.random.default_rng(5)
    n = 3000
    traits = random.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n)
    halo = random.normal(size=(n, 1))
    names = [f"i{k}" for k in range(8)]
    model = "a =~ i0 + i1 + i2 + i3\nb =~ i4 + i5 + i6 + i7"
    noise = random.normal(size=(n, 8)) * 0.6
    with_halo = pd.DataFrame(0.6 * np.repeat(traits, 4, axis=1) + 0.5 * halo + noise, columns=names)
    free_of_it = pd.DataFrame(0.6 * np.repeat(traits, 4, axis=1) + noise, columns=names)
    one, other = method_bias(with_halo, model), method_bias(free_of_it, model)
    assert one.harman_share > other.harman_share + 0.1
    assert other.models.loc["method_equal", "delta_cfi"] < 0.01
    assert any(note.id == "method_bias_no_proof" for note in other.notes)


def test_interval_of_the_share_is_seeded_and_around_it() -> None:
    items = data_of("holzinger")[items_of("holzinger")]
    one = method_bias(items, model_text("holzinger"), bootstrap=200, seed=3)
    again = method_bias(items, model_text("holzinger"), bootstrap=200, seed=3)
    assert (one.harman_ci_low, one.harman_ci_high) == (again.harman_ci_low, again.harman_ci_high)
    assert one.harman_ci_low < one.harman_share < one.harman_ci_high
    assert math.isnan(method_bias(items, model_text("holzinger")).harman_ci_low)
    with pytest.raises(ValueError, match="seed"):
        method_bias(items, model_text("holzinger"), bootstrap=10)


def test_robust_errors_scale_the_difference_tests() -> None:
    items = data_of("lq2002")[items_of("lq2002")]
    plain, robust = method_bias(items, model_text("lq2002")), method_bias(items, model_text("lq2002"), estimator="MLR")
    assert robust.models.loc["method_free", "difference_test"] == "satorra_bentler_2001"
    assert robust.models.loc["traits", "indices"] == "robust"
    assert robust.models.loc["method_free", "difference"] < plain.models.loc["method_free", "difference"]


def test_bad_input_is_named() -> None:
    items = data_of("holzinger")[items_of("holzinger")]
    with pytest.raises(ValueError, match="marker item 'x1' is an item of the model"):
        method_bias(items, model_text("holzinger"), marker=["x1"])
    with pytest.raises(ValueError, match="no column 'x10'"):
        method_bias(items, model_text("holzinger"), marker=["x10"])
    with pytest.raises(InsufficientDataError, match="no factor with items"):
        method_bias(items, "x1 ~ x2")


def test_run_and_json(scored_lq2002) -> None:
    found = run(scored_lq2002)
    assert list(found.models.index) == ["traits", "one_factor", "method_free", "method_equal"]
    assert any(note.id == "sem_nesting_unadjusted" for note in found.notes)
    back = Result.from_json(found.to_json())
    assert back.to_json() == found.to_json()
