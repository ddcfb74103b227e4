import numpy as np
import pytest

from leadership_study.samples import rotation as module
from leadership_study.samples.factoring import extract
from leadership_study.samples.rotation import rotate

METHODS = ("none", "varimax", "quartimax", "promax", "oblimin", "quartimin", "geomin")


def unrotated(seed=0, p=12, k=3):
    rng = np.random.default_rng(seed)
    pattern = np.kron(np.eye(k), np.ones((p // k, 1))) * rng.uniform(0.5, 0.9, (p, 1)) + rng.normal(0, 0.1, (p, k))
    correlations = 0.6 * np.eye(k) + 0.4
    matrix = pattern @ correlations @ pattern.T
    np.fill_diagonal(matrix, 1.0)
    return extract(np.corrcoef(rng.multivariate_normal(np.zeros(p), matrix, 500), rowvar=False), k).loadings


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("normalize", [None, True, False])
def test_rotation_changes_no_reproduced_correlation(method, normalize):
    start = unrotated()
    found = rotate(start, method, normalize=normalize)
    np.testing.assert_allclose(
        found.loadings @ found.factor_correlations @ found.loadings.T, start @ start.T, atol=1e-10
    )
    np.testing.assert_allclose(start @ found.rotation_matrix, found.loadings, atol=1e-12)
    inverse = np.linalg.inv(found.rotation_matrix)
    np.testing.assert_allclose(inverse @ inverse.T, found.factor_correlations, atol=1e-8)
    np.testing.assert_array_equal(np.diag(found.factor_correlations), 1)


@pytest.mark.parametrize("method", METHODS)
def test_sign_and_order_follow_the_rule(method):
    found = rotate(unrotated(), method)
    explained = np.diag(found.factor_correlations @ found.loadings.T @ found.loadings)
    assert (np.diff(explained) <= 0).all()
    assert (found.loadings.sum(axis=0) >= 0).all()


@pytest.mark.parametrize("method", METHODS[1:])
def test_factor_correlations_follow_the_loadings_when_columns_are_permuted(method):
    # factor_analyzer 0.5.1 sorts the loadings but not their correlations.
    start = unrotated(3)
    found = rotate(start, method)
    turned = rotate(start[:, [2, 0, 1]] * [1, -1, -1], method)
    np.testing.assert_allclose(turned.loadings, found.loadings, atol=1e-6)
    np.testing.assert_allclose(turned.factor_correlations, found.factor_correlations, atol=1e-6)


CRITERIA = {
    "varimax": module._varimax,
    "quartimax": module._quartimax,
    "quartimin": lambda loadings: module._quartimin(loadings, 1 - np.eye(3)),
    "oblimin": lambda loadings: module._oblimin(loadings, 1 - np.eye(3), -0.5 / 12),
    "geomin": lambda loadings: module._geomin(loadings, 0.01),
}


@pytest.mark.parametrize("name", CRITERIA)
def test_gradients_are_those_of_the_criteria(name):
    loadings, h = unrotated(1), 1e-6
    _, gradient = CRITERIA[name](loadings)
    for row in range(12):
        for column in range(3):
            step = np.zeros_like(loadings)
            step[row, column] = h
            slope = (CRITERIA[name](loadings + step)[0] - CRITERIA[name](loadings - step)[0]) / (2 * h)
            assert gradient[row, column] == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("gamma", [-2.0, -0.5, 0.0, 0.3])
def test_oblimin_with_gamma_is_the_lowest_value_of_its_textbook_criterion(gamma):
    # factor_analyzer 0.5.1 leaves the direct term out. Criterion from Jennrich and Sampson (1966), written out.
    start = unrotated(2)

    def criterion(loadings):
        squares = loadings**2
        centred = squares - gamma * squares.mean(axis=0)
        return sum(squares[:, i] @ centred[:, j] for i in range(3) for j in range(3) if i != j) / 4

    found = rotate(start, "oblimin", gamma=gamma)
    assert found.converged
    assert found.objective == pytest.approx(criterion(found.loadings), rel=1e-10)
    rng, t = np.random.default_rng(1), np.linalg.inv(found.rotation_matrix).T
    for _ in range(50):
        near = t + 1e-3 * rng.normal(size=t.shape)
        near /= np.sqrt(np.sum(near**2, axis=0))
        assert criterion(start @ np.linalg.inv(near).T) > found.objective - 1e-12


@pytest.mark.parametrize("gamma", [-0.5, 0.3])
def test_oblimin_with_gamma_agrees_with_statsmodels(gamma):
    from statsmodels.multivariate.factor_rotation import rotate_factors

    start = unrotated(2)
    theirs, _ = rotate_factors(start, "oblimin", gamma, "oblique", algorithm="gpa", tol=1e-8)
    ours = rotate(start, "oblimin", gamma=gamma).loadings
    order = [int(np.argmax(abs(theirs.T @ column))) for column in ours.T]
    assert sorted(order) == [0, 1, 2]
    theirs = theirs[:, order]
    np.testing.assert_allclose(ours, theirs * np.sign(np.sum(ours * theirs, axis=0)), atol=1e-5)


def test_more_negative_gamma_means_less_oblique():
    sizes = [
        abs(rotate(unrotated(), "oblimin", gamma=gamma).factor_correlations[0, 1:]).max() for gamma in (-20, -1, 0)
    ]
    assert sizes == sorted(sizes)


def test_a_clean_structure_is_found_again():
    pattern = np.kron(np.eye(3), np.full((4, 1), 0.7))
    correlations = np.array([[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]])
    values, vectors = np.linalg.eigh(pattern @ correlations @ pattern.T)
    start = vectors[:, -3:] * np.sqrt(values[-3:])
    found = rotate(start, "oblimin")
    blocks = [int(np.argmax(column)) // 4 for column in found.loadings.T]
    assert sorted(blocks) == [0, 1, 2]
    np.testing.assert_allclose(found.loadings, pattern[:, blocks], atol=1e-6)
    np.testing.assert_allclose(found.factor_correlations, correlations[np.ix_(blocks, blocks)], atol=1e-6)


def test_normalisation_and_promax_variants_differ():
    start = unrotated(4)
    assert rotate(start, "varimax").normalized
    assert not rotate(start, "oblimin").normalized
    for first, second in (
        (rotate(start, "oblimin"), rotate(start, "oblimin", normalize=True)),
        (rotate(start, "promax"), rotate(start, "promax", promax_variant="stats")),
        (rotate(start, "promax"), rotate(start, "promax", power=2)),
        (rotate(start, "geomin"), rotate(start, "geomin", delta=0.1)),
    ):
        assert abs(first.loadings - second.loadings).max() > 1e-4


def test_random_starts_never_make_it_worse_and_depend_on_the_seed_alone():
    start = unrotated(5)
    one, many = rotate(start, "geomin"), rotate(start, "geomin", n_starts=20, seed=3)
    assert many.objective <= one.objective + 1e-12
    np.testing.assert_array_equal(many.loadings, rotate(start, "geomin", n_starts=20, seed=3).loadings)


def test_different_minima_are_counted():
    noise = np.random.default_rng(8).normal(size=(12, 5)) * 0.3
    assert rotate(noise, "geomin", n_starts=20, seed=1).minima > 1
    assert rotate(unrotated(), "quartimin", n_starts=10, seed=1).minima == 1


@pytest.mark.parametrize("method", METHODS)
def test_one_factor_needs_no_rotation(method):
    start = unrotated()[:, :1]
    found = rotate(start, method)
    np.testing.assert_array_equal(found.loadings, start * np.sign(start.sum()))
    assert found.factor_correlations.tolist() == [[1.0]]


def test_an_item_without_common_variance_stays_where_it_is():
    start = np.vstack([unrotated(), np.zeros(3)])
    for method in METHODS:
        found = rotate(start, method, normalize=True)
        assert found.loadings[-1].tolist() == [0, 0, 0]
        assert np.isfinite(found.loadings).all()


@pytest.mark.parametrize(
    ("options", "name"),
    [({"method": "equamax"}, "method"), ({"method": "promax", "promax_variant": "spss"}, "promax_variant"),
     ({"method": "oblimin", "n_starts": 0}, "n_starts"), ({"method": "promax", "power": 0.5}, "power"),
     ({"method": "geomin", "delta": 0.0}, "delta")],
)  # fmt: skip
def test_wrong_options_are_named(options, name):
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        rotate(unrotated(), **options)
