"""The engine of mixed models: likelihood by brute force, exact derivatives, searches that end at the border."""

import numpy as np
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.mixed_model import fit_mixed_model, lower_root
from leadership_study.samples.mixed_model_kenward_roger import kenward_roger
from leadership_study.samples.mixed_model_modes import modes_of
from leadership_study.samples.mixed_model_search import hessian_of
from leadership_study.samples.mixed_model_shares import ratio_test
from leadership_study.samples.mixed_model_structure import RandomTerm
from leadership_study.samples.mixed_model_tests import satterthwaite

NAMES = ("intercept", "x")


def term(name: str, codes: np.ndarray, design: np.ndarray, blocks: tuple[tuple[int, ...], ...] | None = None):
    q = design.shape[1]
    labels = tuple(f"{name}{at}" for at in range(int(codes.max()) + 1))
    columns = tuple(f"c{at}" for at in range(q))
    return RandomTerm(
        name=name, codes=codes, labels=labels, columns=columns, design=design, blocks=blocks or (tuple(range(q)),)
    )


def sample(kind: str, seed: int = 1) -> tuple[np.ndarray, np.ndarray, list[RandomTerm]]:
    """Design, outcome and terms of three levels, of crossed factors, or of one factor with two slopes."""
    random = np.random.default_rng(seed)
    n = 160
    x, w = random.normal(size=n), random.normal(size=n)
    outer = random.integers(0, 6, n)
    ones = np.ones((n, 1))
    if kind == "nested":
        inner = outer * 4 + random.integers(0, 4, n)
        inner = np.unique(inner, return_inverse=True)[1]
        terms = [term("inner", inner, np.column_stack([ones, x])), term("outer", outer, np.column_stack([ones, w]))]
    elif kind == "crossed":
        terms = [term("a", random.integers(0, 15, n), np.column_stack([ones, x])), term("b", outer, ones)]
    else:
        terms = [term("g", random.integers(0, 20, n), np.column_stack([ones, x, w]), ((0, 2), (1,)))]
    y = 1 + 0.5 * x + random.normal(size=n)
    for one in terms:
        effects = random.normal(0, 0.6, (one.n_levels, one.n_columns))
        y = y + (one.design * effects[one.codes]).sum(axis=1)
    return np.column_stack([np.ones(n), x]), y, terms


def dense(fit) -> tuple[np.ndarray, np.ndarray]:
    """V and Z of the whole sample, written out."""
    n = fit.structure.n
    v = fit.sigma**2 * np.eye(n)
    blocks = []
    for one, covariance in zip(fit.terms, fit.covariances, strict=True):
        z = np.zeros((n, one.n_levels, one.n_columns))
        z[np.arange(n), one.codes] = one.design
        v += np.einsum("ijk,kl,mjl->im", z, covariance, z)
        blocks.append(z.reshape(n, -1))
    return v, np.column_stack(blocks)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("kind", ["nested", "crossed", "blocks"])
def test_likelihood_coefficients_and_modes_by_brute_force(kind, reml):
    design, y, terms = sample(kind)
    fit = fit_mixed_model(design, y, NAMES, terms, reml=reml)
    v, _ = dense(fit)
    inverse = np.linalg.inv(v)
    information = design.T @ inverse @ design
    beta = np.linalg.solve(information, design.T @ inverse @ y)
    rest = y - design @ beta
    deviance = np.linalg.slogdet(v)[1] + rest @ inverse @ rest + len(y) * np.log(2 * np.pi)
    if reml:
        deviance += np.linalg.slogdet(information)[1] - 2 * np.log(2 * np.pi)
    assert fit.deviance == pytest.approx(deviance, rel=1e-10)
    np.testing.assert_allclose(fit.coefficients, beta, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(information), rtol=1e-7)
    known, estimated = modes_of(fit), modes_of(fit, coefficients_known=False)
    for one, covariance in zip(fit.terms, fit.covariances, strict=True):
        z = np.zeros((len(y), one.n_levels, one.n_columns))
        z[np.arange(len(y)), one.codes] = one.design
        expected = np.einsum("kl,ijl,i->jk", covariance, z, inverse @ rest)
        np.testing.assert_allclose(known[one.name].values, expected, atol=1e-8)
        project = inverse - inverse @ design @ np.linalg.inv(information) @ design.T @ inverse
        for level in range(one.n_levels):
            at = z[:, level] @ covariance
            np.testing.assert_allclose(known[one.name].covariance[level], covariance - at.T @ inverse @ at, atol=1e-8)
            prediction = covariance - at.T @ project @ at
            np.testing.assert_allclose(estimated[one.name].covariance[level], prediction, atol=1e-8)
            # Cov(b − b̂, β − β̂) = −D Z'V⁻¹X (X'V⁻¹X)⁻¹
            both = -at.T @ inverse @ design @ np.linalg.inv(information)
            np.testing.assert_allclose(estimated[one.name].with_coefficients[level], both, atol=1e-8)


@pytest.mark.parametrize("kind", ["nested", "crossed", "blocks"])
@pytest.mark.parametrize("reml", [True, False])
def test_derivatives_of_the_deviance(kind, reml):
    design, y, terms = sample(kind)
    deviance = fit_mixed_model(design, y, NAMES, terms, reml=reml).deviance_of
    random = np.random.default_rng(3)
    theta = random.normal(0.4, 0.2, deviance.n_free)
    for function in (deviance.profiled, lambda at: deviance.at(at[:-1], float(at[-1]))):
        at = theta if function == deviance.profiled else np.append(theta, 0.9)
        slope = function(at)[1]
        for number in range(len(at)):
            move = np.zeros(len(at))
            move[number] = 1e-5
            numeric = (function(at + move)[0] - function(at - move)[0]) / 2e-5
            assert slope[number] == pytest.approx(numeric, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("kind", ["nested", "crossed", "blocks"])
def test_the_search_ends_at_a_minimum(kind):
    for seed in range(6):
        design, y, terms = sample(kind, seed)
        fit = fit_mixed_model(design, y, NAMES, terms)
        value, slope = fit.deviance_of.profiled(fit.theta)
        assert np.abs(slope).max() < 1e-4
        assert np.linalg.eigvalsh(hessian_of(fit.deviance_of.profiled, fit.theta))[0] > -1e-3
        random = np.random.default_rng(seed)
        elsewhere = [random.normal(0, 0.7, len(fit.theta)) for _ in range(60)]
        assert min(fit.deviance_of.profiled(theta)[0] for theta in elsewhere) > value - 1e-8


def test_kenward_roger_by_brute_force():
    design, y, terms = sample("nested")
    fit = fit_mixed_model(design, y, NAMES, terms)
    v, _ = dense(fit)
    inverse, phi = np.linalg.inv(v), fit.covariance
    derivatives = []
    for one in fit.terms:
        z = np.zeros((len(y), one.n_levels, 2))
        z[np.arange(len(y)), one.codes] = one.design
        for a, b in ((0, 0), (0, 1), (1, 1)):
            part = z[:, :, a] @ z[:, :, b].T
            derivatives.append(part if a == b else part + part.T)
    derivatives.append(np.eye(len(y)))
    p = [-design.T @ inverse @ g @ inverse @ design for g in derivatives]
    count = len(derivatives)
    information, added = np.empty((count, count)), np.zeros((2, 2))
    q = [[design.T @ inverse @ g @ inverse @ h @ inverse @ design for h in derivatives] for g in derivatives]
    for i in range(count):
        for j in range(count):
            trace = np.trace(inverse @ derivatives[i] @ inverse @ derivatives[j])
            information[i, j] = trace - 2 * np.trace(phi @ q[i][j]) + np.trace(phi @ p[i] @ phi @ p[j])
    w = 2 * np.linalg.inv(information)
    for i in range(count):
        for j in range(count):
            added += w[i, j] * (q[i][j] - p[i] @ phi @ p[j])
    np.testing.assert_allclose(kenward_roger(fit).covariance, phi + 2 * phi @ added @ phi, rtol=1e-7)


def test_kenward_roger_needs_reml():
    design, y, terms = sample("blocks")
    with pytest.raises(ValueError, match="REML"):
        kenward_roger(fit_mixed_model(design, y, NAMES, terms, reml=False))


def test_balanced_designs_have_the_degrees_of_freedom_of_the_analysis_of_variance():
    """Twelve groups of ten: a fact about groups has 10 df, one inside them 120 − 12 − 1, by either method."""
    random = np.random.default_rng(5)
    group = np.repeat(np.arange(12), 10)
    z, x = random.normal(size=12)[group], np.tile(np.linspace(-1, 1, 10), 12)
    y = 0.5 * random.normal(size=12)[group] + random.normal(size=120)
    design = np.column_stack([np.ones(120), z, x])
    fit = fit_mixed_model(design, y, ("intercept", "z", "x"), [term("g", group, np.ones((120, 1)))])
    assert fit.singular == ()
    for method in (satterthwaite(fit), kenward_roger(fit)):
        assert method.df(np.array([0.0, 1, 0])) == pytest.approx(10, rel=1e-5)
        assert method.df(np.array([0.0, 0, 1])) == pytest.approx(107, rel=1e-5)


def test_a_variance_of_zero_is_zero():
    random = np.random.default_rng(0)
    group = np.repeat(np.arange(10), 8)
    y = random.normal(size=80)
    y -= np.array([y[group == one].mean() for one in range(10)])[group]
    fit = fit_mixed_model(np.ones((80, 1)), y + 3, ("intercept",), [term("g", group, np.ones((80, 1)))])
    assert fit.covariances[0][0, 0] == 0
    assert fit.singular == ("g",)
    assert fit.sigma == pytest.approx(y.std(ddof=1), rel=1e-10)


def test_huge_means_and_tiny_units_cost_no_digits():
    design, y, terms = sample("nested")
    one = fit_mixed_model(design, y, NAMES, terms)
    two = fit_mixed_model(design * [1, 1e-6], 1e7 + 1e-3 * y, NAMES, terms)
    assert two.sigma == pytest.approx(1e-3 * one.sigma, rel=1e-6)
    assert two.coefficients[1] == pytest.approx(1e3 * one.coefficients[1], rel=1e-6)


def test_the_root_of_a_singular_matrix():
    root = lower_root(np.array([[0.0, 0.0], [0.0, 4.0]]))
    np.testing.assert_allclose(root, [[0, 0], [0, 2]])
    np.testing.assert_allclose(lower_root(np.array([[1.0, -2.0], [-2.0, 4.0]])), [[1, 0], [-2, 0]])


def test_too_many_crossed_levels_are_refused():
    random = np.random.default_rng(0)
    n = 40_000
    a, b = random.permutation(n) % 15_000, random.permutation(n) % 12_000
    ones = np.ones((n, 1))
    with pytest.raises(InsufficientDataError, match="27000 random effects"):
        fit_mixed_model(ones, random.normal(size=n), ("intercept",), [term("a", a, ones), term("b", b, ones)])


def test_mixture_of_a_variance_at_its_border():
    test = ratio_test(-10.0, -8.0, 1, new_effects=1)
    assert test.boundary == pytest.approx(test.p_value / 2)
    assert ratio_test(-10.0, -10.0, 1, new_effects=1).boundary == 1
    assert np.isnan(ratio_test(-10.0, -8.0, 2, new_effects=2).boundary)
    assert np.isnan(ratio_test(-10.0, -8.0, 1).boundary)
