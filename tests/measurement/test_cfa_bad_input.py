"""What cannot be estimated is refused in words, and units, order and threads do not change what can."""

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

import leadership_study as ls
from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement.cfa import cfa
from leadership_study.sem.tokens import ModelSyntaxError

MODEL = "f =~ a1 + a2 + a3 + a4\ng =~ b1 + b2 + b3"
NAMES = ["a1", "a2", "a3", "a4", "b1", "b2", "b3"]


def rows(n=200, seed=3):
    rng = np.random.default_rng(seed)
    factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=n)
    own = np.repeat(factors, [4, 3], axis=1) * 0.8 + 0.6 * rng.normal(size=(n, 7))
    return pd.DataFrame(own, columns=NAMES).assign(g=np.arange(n) % 2)


def ordered(n=300):
    found = rows(n)
    found[NAMES] = found[NAMES].apply(lambda column: pd.cut(column, [-9, -0.6, 0.5, 9], labels=False))
    return found


def with_column(name, values):
    return rows().assign(**{name: values})


@pytest.mark.parametrize("estimator", ["ML", "MLR", "MLM", "GLS", "ULS"])
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (rows(6), "not positive definite"),
        (rows(12), "15 free parameters, but only 12 rows"),
        (with_column("a2", rows()["a1"] * 2 + 1), "a1|a2"),
        (with_column("a2", rows()["a1"] + rows()["a3"]), "not positive definite"),
        (with_column("a2", 1e8), "a2 do not vary"),
    ],
)
def test_data_that_hold_too_little(estimator, data, words):
    with pytest.raises(InsufficientDataError, match=words):
        cfa(MODEL, data, estimator=estimator)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("f =~ a1 + a1", "line 1, column 11.*twice"),
        ("f =~ f", "line 1, column 6.*both sides"),
        ("f =~ a1 + a2\na1 ~ a1", "line 2, column 6.*both sides"),
        ("f =~ a1 + 1e999*a2 + a3", "line 1, column 11.*too large"),
        ("f =~ a1 + q*a2 + a3\nq := 2", "line 2, column 3.*already a label"),
        ("f =~ a1 + a2 +* a3", "line 1, column 15"),
    ],
)
def test_models_without_sense_name_line_and_column(model, words):
    with pytest.raises(ModelSyntaxError, match=words):
        cfa(model, rows())


@pytest.mark.parametrize(
    ("data", "options", "error", "words"),
    [
        (rows().assign(a1=lambda d: d["a1"].where(d["g"] == 0)), {"group": "g"}, InsufficientDataError, "group 1"),
        (rows().assign(c=1), {"clusters": "c"}, InsufficientDataError, "one cluster"),
        (pd.concat([rows(), rows()[["g"]]], axis=1), {"group": "g"}, ValueError, "'g' occurs more than once"),
        (rows(), {"bootstrap": 5, "seed": -1}, ValueError, "seed"),
        (rows(), {"bootstrap": 5, "seed": "x"}, ValueError, "seed"),
        (rows(), {"std_lv": "yes"}, ValueError, "std_lv"),
        (rows(), {"estimator": ["ML"]}, ValueError, "estimator"),
        (ordered(), {"ordered": ["elsewhere"]}, ValueError, "elsewhere"),
        (rows().assign(a1=np.nan), {"missing": "fiml"}, InsufficientDataError, "a1"),
        (ordered().assign(a1=lambda d: d["a1"].where(d["g"] == 0), a2=lambda d: d["a2"].where(d["g"] == 1)),
         {"ordered": True, "missing": "pairwise"}, InsufficientDataError, "Nobody answered both a1 and a2"),
        (ordered(25), {"ordered": True, "estimator": "WLS"}, InsufficientDataError, "use WLSMV"),
    ],
)  # fmt: skip
def test_other_input_that_is_refused(data, options, error, words):
    with pytest.raises(error, match=words):
        cfa(MODEL, data, **options)


@pytest.mark.parametrize("turned", [False, True])
def test_dichotomous_items_that_tell_each_other(turned):
    data = (rows()[NAMES] > 0).astype(int)
    data["a2"] = 1 - data["a1"] if turned else data["a1"]
    with pytest.raises(InsufficientDataError, match="perfect order"):
        cfa("f =~ a1 + a2 + a3 + a4", data, ordered=True)


def test_one_ordered_item():
    with pytest.raises(InsufficientDataError, match="one ordered item"):
        cfa("f =~ a1", ordered(), ordered=True)


def test_a_row_without_answers_changes_nothing_under_fiml():
    data = rows()
    data.loc[::7, "a1"] = np.nan
    more = pd.concat([data, pd.DataFrame(np.nan, index=[999], columns=data.columns)])
    one, two = cfa(MODEL, data, missing="fiml"), cfa(MODEL, more, missing="fiml")
    pd.testing.assert_frame_equal(one.estimates, two.estimates)


def test_definitions_without_a_value_are_told():
    fit = cfa("f =~ a1 + q*a2 + a3 + a4\nbad := log(-q)", rows())
    assert [note.id for note in fit.notes] == ["sem_definition_undefined"]
    assert np.isnan(fit.estimates["estimate"].iloc[-1])


def test_models_without_factors_or_without_free_parameters():
    assert cfa("a1 ~~ b1", rows()).fit["df"] == 0
    assert cfa("a1 ~~ 1*a1\nb1 ~~ 1*b1\na1 ~~ 0*b1", rows()).fit["df"] == 3


def test_methods_of_a_degenerate_solution_say_so():
    fit = cfa("f =~ a1 + a2 + a3\na1 ~~ 0*a1\na2 ~~ 0*a2\na3 ~~ 0*a3", rows(), estimator="ULS")
    with pytest.raises(InsufficientDataError, match="degenerate"):
        fit.factor_scores()


def test_negative_variances_are_told_in_any_unit():
    matrix = np.linalg.cholesky([[1, 0.9, 0.8], [0.9, 1, 0.5], [0.8, 0.5, 1]])
    white = np.linalg.qr(np.random.default_rng(1).normal(size=(100, 3)) @ np.eye(3))[0]
    white = np.linalg.qr(white - white.mean(axis=0))[0]
    data = pd.DataFrame(white @ matrix.T, columns=["a1", "a2", "a3"])
    for unit in (1.0, 1e-7, 1e5):
        fit = cfa("f =~ a1 + a2 + a3", data * unit)
        assert fit.problems["parameter"].tolist() == ["a1 ~~ a1"]
        assert "variance of a1 is" in str(fit.notes[0])


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"estimator": "GLS"}, {"missing": "fiml"}])
def test_units_do_not_matter(options):
    data = rows()
    if "missing" in options:
        data.loc[::5, "a2"] = np.nan
    units = pd.Series([1e6, 1.0, 1e-6, 30.0, 1e3, 1e-3, 7.0], index=NAMES)
    model = f"{MODEL}\ng ~ f"
    one, two = cfa(model, data, **options), cfa(model, data[NAMES] * units, **options)
    np.testing.assert_allclose(one.estimates["std_all"], two.estimates["std_all"], rtol=1e-7, atol=1e-9)
    assert one.fit["chi_square"] == pytest.approx(two.fit["chi_square"], rel=1e-9)
    free = one.estimates["free"] > 0
    np.testing.assert_allclose(
        one.estimates["statistic"][free & ~one.estimates["op"].eq("~1")],
        two.estimates["statistic"][free & ~one.estimates["op"].eq("~1")], rtol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize("unit", [1e-5, 1e4])
def test_least_squares_reach_their_optimum_in_any_common_unit(unit):
    one, two = cfa(MODEL, rows(), estimator="ULS"), cfa(MODEL, rows()[NAMES] * unit, estimator="ULS")
    np.testing.assert_allclose(one.estimates["std_all"], two.estimates["std_all"], rtol=1e-8)


def test_one_and_two_threads_give_the_same_bytes():
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            fit = cfa(MODEL, rows(), bootstrap=20, seed=5, se="bootstrap")
            found.append(fit.estimates.drop(columns=["label"]).select_dtypes("number").to_numpy().tobytes())
    assert found[0] == found[1]


def test_sem_stays_a_function_after_its_engine_is_loaded():
    assert ls.cfa(MODEL, rows()).converged
    assert ls.sem(f"{MODEL}\ng ~ f", rows()).converged


def test_a_search_that_finds_nothing_raises():
    with pytest.raises(ConvergenceError, match="not converge"):
        cfa("f =~ a1 + q*a2 + r*a3 + a4\nq > 2\nq < 1", rows())


# The defects of other programs, each named after the one that its test guards against.


def test_goodness_of_fit_is_not_the_normed_fit_index_and_aic_is_of_the_likelihood():
    """semopy: GFI was NFI, CFI was not cut at 1, AIC took the discrepancy for a likelihood, there was no SRMR."""
    fit = cfa(MODEL, rows()).fit
    assert abs(fit["gfi"] - fit["nfi"]) > 1e-4
    assert fit["cfi"] <= 1
    assert fit["srmr"] > 0
    assert fit["aic"] == pytest.approx(-2 * fit["log_likelihood"] + 2 * fit["n_parameters"])


def test_thresholds_of_a_scalar_ordinal_model_are_equal_in_the_fitted_object():
    """JASP to 0.97.0: scalar invariance of ordered items without equal thresholds."""
    equal = ("thresholds", "loadings", "intercepts")
    table = cfa(MODEL, ordered(), ordered=True, group="g", equal=equal).estimates
    cuts = table[table["op"] == "|"]
    first, second = (cuts[cuts["group"] == group]["estimate"].to_numpy() for group in (1, 2))
    assert len(first) == 14
    assert (first == second).all()


def test_robust_chi_square_differs_from_plain_on_skewed_answers():
    """JASP 0.95.4: MLR and MLMV returned the chi-square of ML."""
    data = np.exp(rows()[NAMES])
    plain = cfa(MODEL, data).fit["chi_square"]
    for estimator in ("MLM", "MLR"):
        assert abs(cfa(MODEL, data, estimator=estimator).fit["chi_square_scaled"] / plain - 1) > 0.02


def test_unequal_numbers_of_categories_are_fitted():
    """semTools 0.5-8: ordinal reliability crashed on them."""
    data = ordered()
    data["a1"] = data["a1"].clip(upper=1)
    assert cfa(MODEL, data, ordered=True).estimates["op"].eq("|").sum() == 13
