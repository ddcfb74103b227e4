import warnings

import numpy as np
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.factor_fit import degrees_of_freedom, factor_fit
from leadership_study.samples.factoring import extract, squared_multiple_correlations

METHODS = ("minres", "ml", "paf", "principal")


def model(seed=0, p=9, k=3):
    """Loadings of a population model with clean structure, and its correlation matrix."""
    rng = np.random.default_rng(seed)
    loadings = np.kron(np.eye(k), np.ones((p // k, 1))) * rng.uniform(0.5, 0.9, (p, 1)) + rng.uniform(0, 0.1, (p, k))
    correlation = loadings @ loadings.T
    np.fill_diagonal(correlation, 1.0)
    return loadings, correlation


def sample(seed, n=200, p=9, k=3):
    _, correlation = model(seed, p, k)
    return np.corrcoef(np.random.default_rng(seed).multivariate_normal(np.zeros(p), correlation, n), rowvar=False)


@pytest.mark.parametrize("method", ["minres", "ml", "paf"])
def test_a_population_model_is_found_exactly(method):
    loadings, correlation = model()
    found = extract(correlation, 3, method=method, tolerance=1e-14, max_iterations=20_000)
    np.testing.assert_allclose(found.loadings @ found.loadings.T, loadings @ loadings.T, atol=1e-6)
    assert found.objective == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [1, 3])
def test_communalities_and_uniquenesses_add_up_and_columns_follow_the_rule(method, k):
    found = extract(sample(1), k, method=method)
    np.testing.assert_allclose(np.sum(found.loadings**2, axis=1) + found.uniquenesses, 1, atol=1e-14)
    explained = np.sum(found.loadings**2, axis=0)
    assert (np.diff(explained) <= 0).all()
    assert (found.loadings.sum(axis=0) >= 0).all()
    assert found.converged


@pytest.mark.parametrize(("method", "oracle"), [("minres", "minres"), ("ml", "ml")])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_factor_analyzer_agrees_on_unrotated_loadings(method, oracle, k):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of scikit-learn, at import and fit
        from factor_analyzer import FactorAnalyzer

        correlation = sample(2)
        theirs = (
            FactorAnalyzer(n_factors=k, rotation=None, method=oracle, is_corr_matrix=True).fit(correlation).loadings_
        )
    ours = extract(correlation, k, method=method).loadings
    signs = np.sign(np.sum(theirs * ours, axis=0))
    np.testing.assert_allclose(ours, theirs * signs, atol=1e-4)  # it stops its optimiser at about 4 digits


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_the_minimum_is_a_minimum(method):
    # Derivatives by differences of the objective, written here from its definition.
    correlation = sample(12)
    found = extract(correlation, 2, method=method)

    def objective(psi):
        if method == "ml":
            values = np.linalg.eigvalsh(correlation / np.sqrt(np.outer(psi, psi)))[:-2]
            return np.sum(values - np.log(values) - 1)
        return np.sum(np.linalg.eigvalsh(correlation - np.diag(psi))[:-2] ** 2) / 2

    psi = found.uniquenesses
    assert found.objective == pytest.approx(objective(psi), rel=1e-9)
    for item in range(len(psi)):
        step = np.zeros(len(psi))
        step[item] = 1e-4
        assert abs(objective(psi + step) - objective(psi - step)) / 2e-4 < 1e-6
        assert objective(psi + step) > found.objective
        assert objective(psi - step) > found.objective


@pytest.mark.parametrize("method", METHODS)
def test_order_of_items_does_not_matter(method):
    correlation = sample(4)
    turn = np.random.default_rng(0).permutation(9)
    found, turned = extract(correlation, 3, method=method), extract(correlation[np.ix_(turn, turn)], 3, method=method)
    np.testing.assert_allclose(turned.loadings, found.loadings[turn], atol=1e-6)


def test_least_squares_and_principal_axes_meet():
    correlation = sample(5)
    axes = extract(correlation, 2, method="paf", tolerance=1e-13, max_iterations=10_000)
    np.testing.assert_allclose(axes.loadings, extract(correlation, 2).loadings, atol=1e-6)


def heywood():
    correlation = np.array([[1, 0.9, 0.8, 0.1], [0.9, 1, 0.5, 0.1], [0.8, 0.5, 1, 0.1], [0.1, 0.1, 0.1, 1.0]])
    assert np.linalg.eigvalsh(correlation)[0] > 0
    return correlation


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_a_heywood_case_is_flagged_and_still_the_minimum_within_bounds(method):
    found = extract(heywood(), 1, method=method)
    assert found.converged
    assert found.heywood == (0,)
    assert found.uniquenesses[0] <= 0.005 + 1e-9


def test_principal_axes_that_never_settle_say_so():
    assert not extract(sample(6), 3, method="paf", max_iterations=2).converged


@pytest.mark.parametrize("method", ["minres", "paf", "principal"])
def test_a_repeated_item_is_no_obstacle(method):
    correlation = sample(7)
    again = np.block([[correlation, correlation[:, :1]], [correlation[:1], np.ones((1, 1))]])
    found = extract(again, 2, method=method)
    assert np.isfinite(found.loadings).all()
    np.testing.assert_allclose(found.loadings[0], found.loadings[-1], atol=1e-6)
    with pytest.raises(InsufficientDataError, match="not positive definite"):
        extract(again, 2, method="ml")


def test_squared_multiple_correlations():
    correlation = sample(8)
    smc = squared_multiple_correlations(correlation)
    others = np.arange(1, 9)
    weights = np.linalg.solve(correlation[np.ix_(others, others)], correlation[others, 0])
    assert smc[0] == pytest.approx(weights @ correlation[others, 0])
    again = np.block([[correlation, correlation[:, :1]], [correlation[:1], np.ones((1, 1))]])
    with_repeated = squared_multiple_correlations(again)
    assert with_repeated[0] == pytest.approx(1)
    np.testing.assert_allclose(with_repeated[1:-1], smc[1:], atol=1e-8)


@pytest.mark.parametrize(("k", "method"), [(0, "minres"), (9, "minres"), (10, "principal")])
def test_a_number_of_factors_that_cannot_be(k, method):
    with pytest.raises(ValueError, match="'n_factors'"):
        extract(sample(1), k, method=method)


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="Got 'uls' instead"):
        extract(sample(1), 1, method="uls")


def test_fit_of_a_perfect_model_and_of_none():
    loadings, correlation = model()
    fit = factor_fit(correlation, loadings @ loadings.T, 500, 3)
    assert fit["chi_square"] == pytest.approx(0, abs=1e-9)
    assert fit["df"] == degrees_of_freedom(9, 3) == 12
    assert fit["rmsea"] == fit["rmsea_ci_low"] == 0
    assert fit["tli"] > 1
    assert fit["rmsr"] == pytest.approx(0, abs=1e-12)
    assert fit["fit_off_diagonal"] == pytest.approx(1)
    none = factor_fit(np.eye(4), np.zeros((4, 4)), 100, 1)
    assert none["chi_square"] == 0
    assert np.isnan(none["tli"])
    assert np.isnan(none["fit_off_diagonal"])


def test_fit_without_degrees_of_freedom_or_with_a_singular_matrix_is_missing_not_wrong():
    correlation = sample(1, p=3, k=1)
    fit = factor_fit(correlation, correlation - np.diag([0.3, 0.3, 0.3]), 100, 1)
    assert all(np.isnan(fit[name]) for name in ("p_value", "rmsea", "rmsea_ci_low", "rmsea_ci_high", "tli", "crms"))
    singular = factor_fit(np.ones((4, 4)), np.full((4, 4), 0.9), 100, 1)
    assert np.isnan(singular["chi_square"])
    assert np.isfinite(singular["rmsr"])
    small = factor_fit(sample(1), sample(1) * 0.5, 5, 3)
    assert np.isnan(small["chi_square"])


def test_rmsea_interval_covers_the_population_value():
    # Population misfit F0 per degree of freedom gives the RMSEA; 90 % intervals must hold it in about 90 % of samples.
    rng = np.random.default_rng(11)
    _, correlation = model(3, p=6, k=2)
    one = extract(correlation, 1, method="ml")
    true = np.sqrt(one.objective / degrees_of_freedom(6, 1))
    held = 0
    for _ in range(300):
        drawn = np.corrcoef(rng.multivariate_normal(np.zeros(6), correlation, 400), rowvar=False)
        loadings = extract(drawn, 1, method="ml").loadings
        fit = factor_fit(drawn, loadings @ loadings.T, 400, 1)
        held += fit["rmsea_ci_low"] <= true <= fit["rmsea_ci_high"]
    assert 0.80 < held / 300 < 0.97  # the noncentral chi-square is an approximation under large misfit


WEAK = (
    -0.050646, 0.52088, -0.089607, -0.134617, 0.251862, -0.15148, 0.363929, -0.14485, 0.439038, -0.128616, -0.094756,
    0.045638, -0.131621, 0.127549, 0.026999,
)  # fmt: skip


def test_a_local_minimum_that_factanal_avoids_is_left():
    correlation = np.eye(6)
    correlation[np.tril_indices(6, -1)] = WEAK
    correlation += np.tril(correlation, -1).T
    found = extract(correlation, 2, method="ml")
    assert found.objective == pytest.approx(0.027917, abs=1e-6)
    factanal = [0.575071, 0.898170, 0.356584, 0.358056, 0.698466, 0.967368]
    np.testing.assert_allclose(found.uniquenesses, factanal, atol=3e-4)  # it stops earlier
    assert found.minima > 1
    assert extract(correlation, 2, method="ml", starts="one").minima == 1


@pytest.mark.parametrize("method", ["ml", "minres"])
def test_a_proper_solution_is_not_given_up_for_an_improper_one(method):
    rng = np.random.default_rng(22)  # two factors of items that have one
    correlation = np.corrcoef(rng.normal(size=(150, 1)) * 0.8 + rng.normal(size=(150, 6)), rowvar=False)
    found = extract(correlation, 2, method=method)
    assert found.passed_over
    assert found.minima > 1
    assert found.heywood == ()
    starts = np.full((6, 6), 0.5) - 0.495 * np.eye(6)
    ends = [extract(correlation, 2, method=method, starts="one", near=start) for start in starts]
    lower = [end for end in ends if end.objective < found.objective - 1e-6]
    assert lower
    assert all(end.heywood for end in lower)


@pytest.mark.parametrize("method", ["ml", "minres"])
def test_no_random_start_ends_lower(method):
    from scipy import optimize

    from leadership_study.samples.factoring import _likelihood, _residuals

    rng = np.random.default_rng(5)
    function = _likelihood if method == "ml" else _residuals
    low, high = (np.log(0.005), 0.0) if method == "ml" else (0.005, 1.0)
    for _ in range(12):
        correlation = np.corrcoef(rng.normal(size=(60, 7)), rowvar=False)
        found = extract(correlation, 2, method=method)
        for _ in range(6):
            ended = optimize.minimize(
                lambda x, r=correlation: function(x, r, 2)[:2], rng.uniform(low, high, 7), jac=True, method="L-BFGS-B",
                bounds=[(low, high)] * 7,
            )  # fmt: skip
            if not (found.passed_over and (ended.x <= low + 1e-6).any()):
                assert found.objective <= ended.fun + 1e-7
