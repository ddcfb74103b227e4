import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement.cfa import SemFit, cfa, dimension_model, run, sem
from leadership_study.results import Result
from leadership_study.samples.moments import moments, moments_of
from leadership_study.sem.bootstrap import bootstrap
from leadership_study.sem.tokens import ModelSyntaxError

MODEL = "f =~ a1 + a2 + a3 + a4\ng =~ b1 + b2 + b3 + b4"
NAMES = ["a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"]


def planted(n=400, seed=0, skewed=False):
    rng = np.random.default_rng(seed)
    factors = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], n)
    rows = 0.7 * np.repeat(factors, 4, axis=1) + 0.7 * rng.normal(size=(n, 8))
    return pd.DataFrame(np.exp(rows) if skewed else rows, columns=NAMES)


def ordered(n=600, seed=0, cuts=(-1, 0.2, 1)):
    return planted(n, seed).apply(lambda column: pd.Series(np.searchsorted(cuts, column), dtype=float))


def value(fit, term, column="estimate"):
    return fit.estimates.loc[term, column]


def test_answers_and_their_moments_give_the_same():
    rows = planted()
    for options in ({}, {"estimator": "GLS"}, {"estimator": "ULS"}, {"meanstructure": True}):
        raw, given = cfa(MODEL, rows, **options), cfa(MODEL, moments_of(rows), **options)
        pd.testing.assert_frame_equal(raw.estimates, given.estimates, atol=1e-9, rtol=1e-8)
        np.testing.assert_allclose(raw.fit, given.fit, rtol=1e-7, atol=1e-9)


def test_order_of_rows_and_columns_and_names_of_rows_do_not_matter():
    rows = planted()
    first = cfa(MODEL, rows)
    turned = rows.sample(frac=1, random_state=1)[NAMES[::-1]].set_axis([f"r{at}" for at in range(400)], axis=0)
    again = cfa(MODEL, turned)
    pd.testing.assert_frame_equal(first.estimates, again.estimates, atol=1e-8, rtol=1e-7)
    scores = again.factor_scores()
    assert list(scores.index) == list(turned.index)
    np.testing.assert_allclose(scores.to_numpy(), first.factor_scores().loc[rows.sample(frac=1, random_state=1).index],
                               atol=1e-7)  # fmt: skip


def test_planted_values_are_found_again():
    fit = cfa(MODEL, planted(20000), std_lv=True)
    loadings = fit.estimates[fit.estimates["op"] == "=~"]["estimate"]
    np.testing.assert_allclose(loadings, 0.7, atol=0.03)
    assert value(fit, "f ~~ g") == pytest.approx(0.4, abs=0.03)
    assert fit.fit["rmsea"] < 0.01
    assert fit.problems.empty
    assert fit.notes == ()


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"missing": "fiml"}, {"ordered": True}])
def test_intervals_cover_the_planted_correlation(options):
    inside, samples = 0, 20 if options.get("missing") else 60
    for seed in range(samples):
        rows = ordered(300, seed) if options.get("ordered") else planted(300, seed)
        if options.get("missing"):
            rows = rows.mask(np.random.default_rng(seed).random(rows.shape) < 0.1)
        fit = cfa(MODEL, rows, std_lv=True, **options)
        inside += value(fit, "f ~~ g", "ci_low") <= 0.4 <= value(fit, "f ~~ g", "ci_high")
    assert inside >= samples * 0.95 - 3.2 * np.sqrt(samples * 0.95 * 0.05)


def test_gfi_is_not_nfi_cfi_at_most_one_srmr_there_and_aic_from_the_likelihood():
    # semopy 2.3.11: GFI = NFI, CFI above 1, no SRMR, AIC from the fit function.
    fit = cfa(MODEL, planted(seed=3)).fit
    assert abs(fit["gfi"] - fit["nfi"]) > 1e-3
    assert fit["cfi"] <= 1
    assert 0 < fit["srmr"] < 0.1
    assert fit["aic"] == pytest.approx(-2 * fit["log_likelihood"] + 2 * fit["n_parameters"])


def test_robust_statistics_differ_from_plain_ones_on_skewed_answers():
    # JASP 0.95.4 prints ML under the name of MLMV.
    rows = planted(500, seed=2, skewed=True)
    plain = cfa(MODEL, rows).fit
    for estimator in ("MLM", "MLR"):
        robust = cfa(MODEL, rows, estimator=estimator).fit
        assert robust["chi_square"] == pytest.approx(plain["chi_square"])
        assert abs(robust["chi_square_scaled"] / plain["chi_square"] - 1) > 0.1
        assert robust["cfi_robust"] != pytest.approx(plain["cfi"], abs=1e-4)


def test_items_with_unequal_numbers_of_categories():
    # semTools 0.5-8 crashes later on such models.
    rows = ordered()
    rows["a1"] = (rows["a1"] > 1).astype(float)
    rows["b2"] = rows["b2"].clip(upper=2)
    fit = cfa(MODEL, rows, ordered=True)
    assert list(fit.estimates[fit.estimates["op"] == "|"]["lhs"].value_counts()[["a1", "b2", "a2"]]) == [1, 2, 3]
    assert fit.fit["df"] == 19


def test_dichotomous_items():
    fit = cfa(MODEL, (ordered() > 1).astype(float), ordered=True, std_lv=True)
    np.testing.assert_allclose(fit.estimates[fit.estimates["op"] == "=~"]["estimate"], np.sqrt(0.5), atol=0.2)


def test_delta_and_theta_are_the_same_model():
    rows = ordered()
    delta, theta = cfa(MODEL, rows, ordered=True), cfa(MODEL, rows, ordered=True, parameterization="theta")
    np.testing.assert_allclose(delta.fit, theta.fit, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        delta.estimates["std_all"].to_numpy()[:8], theta.estimates["std_all"].to_numpy()[:8], atol=1e-7
    )


def test_fiml_of_complete_rows_is_ml():
    rows = planted()
    one, two = cfa(MODEL, rows, missing="fiml"), cfa(MODEL, rows, meanstructure=True, information="observed")
    pd.testing.assert_frame_equal(one.estimates, two.estimates, atol=1e-8, rtol=1e-6)
    for name in ("chi_square", "log_likelihood", "cfi", "rmsea", "srmr"):
        assert one.fit[name] == pytest.approx(two.fit[name], rel=1e-6, abs=1e-9)


def test_definitions_and_constraints():
    free = cfa("f =~ a1 + a*a2 + b*a3 + a4\nsum := a + b\nratio := a/b^2", planted())
    a, b = value(free, "f =~ a2"), value(free, "f =~ a3")
    assert value(free, "sum := a+b") == pytest.approx(a + b)
    assert value(free, "ratio := a/b^2") == pytest.approx(a / b**2)
    held = cfa("f =~ a1 + a*a2 + b*a3 + a4\na == b", planted())
    same = cfa("f =~ a1 + a*a2 + a*a3 + a4", planted())
    np.testing.assert_allclose(held.fit, same.fit, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(held.estimates["std_error"], same.estimates["std_error"], rtol=1e-6)


def test_curved_constraints_hold_and_cost_a_degree_of_freedom():
    model = "f =~ a1 + a*a2 + b*a3 + c*a4\na*b == c^2"
    fit = cfa(model, planted())
    a, b, c = (value(fit, f"f =~ {item}") for item in ("a2", "a3", "a4"))
    assert a * b == pytest.approx(c**2, abs=1e-9)
    assert fit.fit["df"] == 3
    assert fit.fit["chi_square"] >= cfa("f =~ a1 + a2 + a3 + a4", planted()).fit["chi_square"]


def test_inequalities_bind_only_where_they_must():
    rows = planted()
    free = cfa("f =~ a1 + a*a2 + a3 + a4", rows)
    a = value(free, "f =~ a2")
    loose = cfa(f"f =~ a1 + a*a2 + a3 + a4\na > {a - 0.5}", rows)
    assert loose.fit["chi_square"] == pytest.approx(free.fit["chi_square"])
    tight = cfa(f"f =~ a1 + a*a2 + a3 + a4\na > {a + 0.5}", rows)
    assert value(tight, "f =~ a2") == pytest.approx(a + 0.5, abs=1e-8)


def test_bootstrap_is_near_the_sandwich_and_the_same_again():
    rows = planted(300, seed=1)
    one, two = (cfa(MODEL, rows, bootstrap=150, seed=7) for _ in range(2))
    pd.testing.assert_frame_equal(one.estimates, two.estimates)
    robust = cfa(MODEL, rows, estimator="MLR").estimates["std_error"]
    free = one.estimates["free"] > 0
    ratio = (one.estimates["std_error"] / robust)[free]
    assert 0.75 < ratio.min() < ratio.max() < 1.35
    assert (one.estimates["std_error"][~free] == 0).all()
    assert one.definition["replicates"] == 150


def test_a_bootstrap_sample_is_what_fitting_it_gives():
    rows = planted(200, seed=4)
    for options in ({}, {"missing": "fiml"}):
        fit = cfa(MODEL, rows, **options)
        drawn = bootstrap(fit.solution, 3, 5)
        from leadership_study.samples.resampling import row_weights

        weights = row_weights(200, 3, 5, 0)[1].astype(int)
        again = cfa(MODEL, rows.loc[np.repeat(rows.index, weights)].reset_index(drop=True), **options)
        np.testing.assert_allclose(drawn.values[1], again.estimates["estimate"], atol=2e-6)


def test_regressions_leave_covariates_as_they_are():
    rows = planted().assign(z=np.random.default_rng(3).normal(size=400))
    rows["y"] = rows["a1"] + 0.5 * rows["z"] + np.random.default_rng(4).normal(size=400)
    fit = sem("y ~ a1 + z", rows)
    design = np.column_stack([np.ones(400), rows["a1"], rows["z"]])
    slopes = np.linalg.lstsq(design, rows["y"], rcond=None)[0]
    np.testing.assert_allclose(fit.estimates["estimate"].to_numpy()[:2], slopes[1:], atol=1e-8)
    assert value(fit, "z ~~ z") == pytest.approx(rows["z"].var(ddof=0))
    assert value(fit, "z ~~ z", "free") == 0
    assert fit.fit["n_parameters"] == 3


def test_results_come_back_from_json_without_their_data():
    fit = cfa(MODEL, planted())
    again = Result.from_json(fit.to_json())
    assert isinstance(again, SemFit)
    pd.testing.assert_frame_equal(again.estimates, fit.estimates)
    with pytest.raises(ValueError, match="read back"):
        again.modification_indices()


def test_improper_solutions_are_told():
    names = ["a1", "a2", "a3"]
    matrix = pd.DataFrame([[1, 0.9, 0.8], [0.9, 1, 0.5], [0.8, 0.5, 1]], index=names, columns=names)
    fit = cfa("f =~ a1 + a2 + a3", moments(matrix, 100))
    assert fit.estimates["estimate"]["a1 ~~ a1"] < 0
    assert fit.problems["kind"].tolist() == ["negative_variance"]
    assert [note.id for note in fit.notes] == ["sem_negative_variance"]


@pytest.mark.parametrize(
    ("model", "change", "error", "words"),
    [
        ("f =~ a1 + a2", None, InsufficientDataError, "not identified"),
        ("f =~ NA*a1 + a2 + a3 + a4", None, InsufficientDataError, "not identified.*f"),
        ("f =~ a1 + a2 + nowhere", None, ValueError, "nowhere"),
        ("f =~ a1 + a2 + a3", ("a2", "text"), TypeError, "a2"),
        ("f =~ a1 + a2 + a3", ("a2", np.inf), ValueError, "infinite"),
        ("f =~ a1 + a2 + a3", ("a2", 1.0), InsufficientDataError, "a2 do not vary"),
        ("f =~ a1 + a2 + a3", ("a2", "a1"), InsufficientDataError, "not positive definite"),
        ("f =~ a1 + a2 + a3", ("a2", np.nan), InsufficientDataError, "No row"),
        ("f = a1", None, ModelSyntaxError, "line 1, column 3"),
    ],
)
def test_bad_input_is_refused_in_words(model, change, error, words):
    rows = planted()
    if change is not None:
        name, new = change
        rows[name] = rows[new] if new in NAMES else new
    with pytest.raises(error, match=words):
        cfa(model, rows)


def test_fewer_rows_than_variables():
    with pytest.raises(InsufficientDataError, match="not positive definite"):
        cfa(MODEL, planted(6))


def test_a_category_in_one_group_only():
    rows = ordered().assign(group=["x", "y"] * 300)
    rows.loc[(rows["group"] == "y") & (rows["a2"] == 3), "a2"] = 2
    with pytest.raises(InsufficientDataError, match="Category 3 of a2 does not occur in group y"):
        cfa(MODEL, rows, ordered=True, group="group")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"estimator": "REML"}, "estimator"),
        ({"missing": "mean"}, "missing"),
        ({"estimator": "WLSMV"}, "ordered"),
        ({"estimator": "ML", "ordered": True}, "WLSMV"),
        ({"ordered": ["a1"]}, "mix"),
        ({"equal": ("loadings",)}, "group"),
        ({"group": "g", "equal": ("weights",)}, "loadings"),
        ({"missing": "pairwise"}, "Pairwise|pairwise"),
        ({"clusters": "g", "missing": "fiml"}, "not offered"),
        ({"bootstrap": 100}, "seed"),
        ({"se": "bootstrap"}, "bootstrap"),
        ({"se": "sandwich"}, "se"),
    ],
)
def test_wrong_options_are_refused_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        cfa(MODEL, planted().assign(g=["x", "y"] * 200), **options)


def test_robust_errors_need_rows():
    with pytest.raises(InsufficientDataError, match="raw answers"):
        cfa(MODEL, moments_of(planted()), estimator="MLR")


def test_scores_of_the_wrong_kind_name_the_right_one():
    with pytest.raises(ValueError, match="ebm"):
        cfa(MODEL, ordered(), ordered=True).factor_scores()
    with pytest.raises(ValueError, match="regression"):
        cfa(MODEL, planted()).factor_scores("ebm")


def test_few_clusters_are_told():
    rows = planted().assign(g=np.arange(400) % 12)
    fit = cfa(MODEL, rows, clusters="g")
    assert [note.id for note in fit.notes] == ["sem_few_clusters"]
    assert fit.definition["standard_errors"] == "cluster_robust"


def test_a_published_matrix():
    # Lawley & Maxwell's six school subjects: the correlation matrix alone.
    names = ["gaelic", "english", "history", "arithmetic", "algebra", "geometry"]
    low = [0.439, 0.410, 0.351, 0.288, 0.354, 0.164, 0.329, 0.320, 0.190, 0.595, 0.248, 0.329, 0.181, 0.470, 0.464]
    matrix = np.eye(6)
    matrix[np.tril_indices(6, -1)] = low
    matrix += np.tril(matrix, -1).T
    given = moments(pd.DataFrame(matrix, index=names, columns=names), 220)
    fit = cfa("verbal =~ gaelic + english + history\nmaths =~ arithmetic + algebra + geometry", given, std_lv=True,
              likelihood="wishart")  # fmt: skip
    assert fit.fit["df"] == 8
    assert fit.fit["chi_square"] == pytest.approx(7.953, abs=0.01)
    assert value(fit, "verbal ~~ maths") == pytest.approx(0.597, abs=0.005)


def test_a_model_that_cannot_converge_raises():
    rng = np.random.default_rng(8)
    rows = pd.DataFrame(rng.normal(size=(30, 4)), columns=["a1", "a2", "b1", "b2"])
    with pytest.raises((ConvergenceError, InsufficientDataError)):
        cfa("f =~ a1 + a2\ng =~ b1 + b2\nf ~~ 0*g", rows)


def test_the_questionnaires_dimensions_are_the_default_model(scored_by_hand):
    assert dimension_model(scored_by_hand, NAMES) == MODEL
    fit = run(scored_by_hand, items=("items",))
    np.testing.assert_allclose(fit.fit["chi_square"], cfa(MODEL, planted()).fit["chi_square"])


@pytest.fixture
def scored_by_hand(make_scored):
    return make_scored(planted(), {"f": NAMES[:4], "g": NAMES[4:]})
