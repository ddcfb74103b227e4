"""Moments of items: numerics, missing answers, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.moments import Moments, moments, moments_of, numbers


@pytest.fixture
def gappy() -> pd.DataFrame:
    random = np.random.default_rng(7)
    values = random.integers(1, 6, size=(60, 4)).astype(float)
    values[random.random(values.shape) < 0.15] = np.nan
    return pd.DataFrame(values, columns=list("abcd"))


def test_listwise_equals_pandas_on_complete_rows(gappy):
    m = moments_of(gappy)
    complete = gappy.dropna()
    assert (m.n, m.n_rows, m.pair_n, m.missing) == (len(complete), 60, None, "listwise")
    np.testing.assert_allclose(m.covariance, complete.cov(), rtol=1e-13)
    np.testing.assert_allclose(m.correlation, complete.corr(), rtol=1e-13)
    np.testing.assert_allclose(m.means, complete.mean(), rtol=1e-14)
    np.testing.assert_allclose(m.sd, complete.std(), rtol=1e-13)


def test_pairwise_equals_pandas_and_counts_each_pair(gappy):
    m = moments_of(gappy, missing="pairwise")
    np.testing.assert_allclose(m.covariance, gappy.cov(), rtol=1e-12)
    np.testing.assert_allclose(m.correlation, gappy.corr(), rtol=1e-12)
    there = gappy.notna().astype(int)
    assert m.pair_n is not None
    assert (m.pair_n.to_numpy() == (there.T @ there).to_numpy()).all()
    assert m.n == int((there.T @ there).to_numpy().min())
    np.testing.assert_allclose(m.means, gappy.mean(), rtol=1e-14)
    np.testing.assert_allclose(m.sd, gappy.std(), rtol=1e-13)


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_adding_1e8_changes_no_bit_of_the_covariances(gappy, missing):
    near, far = moments_of(gappy, missing=missing), moments_of(gappy + 1e8, missing=missing)
    assert (near.covariance.to_numpy() == far.covariance.to_numpy()).all()
    assert (near.correlation.to_numpy() == far.correlation.to_numpy()).all()


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_order_of_rows_and_columns_is_irrelevant(gappy, missing):
    m = moments_of(gappy, missing=missing)
    turned = moments_of(gappy.sample(frac=1, random_state=1)[list("dbca")], missing=missing)
    back = turned.covariance.loc[m.labels, m.labels]
    np.testing.assert_allclose(back, m.covariance, rtol=1e-13)
    assert turned.n == m.n


def test_moments_pass_through_unchanged(gappy):
    m = moments_of(gappy)
    assert moments_of(m, missing="pairwise") is m


def test_nullable_and_whole_number_columns_are_numbers():
    items = pd.DataFrame({"a": pd.array([1, 2, None, 4], dtype="Int64"), "b": [True, False, True, False]})
    assert moments_of(items).n == 3


def test_text_is_refused_with_the_column():
    with pytest.raises(TypeError, match=r"column 'b' holds str.*recode"):
        moments_of(pd.DataFrame({"a": [1.0, 2.0], "b": ["1", "2"]}))


def test_infinity_is_refused_with_the_column_and_row():
    items = pd.DataFrame({"a": [1.0, 2.0], "b": [np.inf, 2.0]}, index=["r1", "r2"])
    with pytest.raises(ValueError, match="column 'b' holds an infinite number in row 'r1'"):
        moments_of(items)


def test_a_repeated_name_is_refused():
    with pytest.raises(ValueError, match="'a' occurs more than once"):
        numbers(pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]))


@pytest.mark.parametrize("bad", [[1, 2], np.eye(2)])
def test_only_frames_are_taken(bad):
    with pytest.raises(TypeError, match="must be a DataFrame"):
        moments_of(bad)


def test_no_columns_are_refused():
    with pytest.raises(ValueError, match="at least one column"):
        moments_of(pd.DataFrame(index=[0, 1]))


def test_unknown_rule_lists_the_known_ones(gappy):
    with pytest.raises(ValueError, match=r"'missing' parameter of moments_of must be one of.*Got 'mean'"):
        moments_of(gappy, missing="mean")


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_constant_items_are_named(gappy, missing):
    with pytest.raises(InsufficientDataError, match="same answer to b, d") as caught:
        moments_of(gappy.assign(b=3.0, d=4.0), missing=missing)
    assert caught.value.note.id == "items_without_variance"


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_items_without_answers_are_named(gappy, missing):
    with pytest.raises(InsufficientDataError, match="No respondent answered c"):
        moments_of(gappy.assign(c=np.nan), missing=missing)


def test_too_few_complete_rows_are_counted():
    items = pd.DataFrame({"a": [1, 2, np.nan], "b": [np.nan, 2, 3.0]})
    with pytest.raises(InsufficientDataError, match="Only 1 of 3 respondents"):
        moments_of(items)


def test_a_pair_answered_by_nobody_together_is_named():
    items = pd.DataFrame({"a": [1, 2, np.nan, np.nan], "b": [np.nan, np.nan, 2, 3.0], "c": [1.0, 2, 3, 5]})
    with pytest.raises(InsufficientDataError, match="a and b were answered together by fewer than two"):
        moments_of(items, missing="pairwise")


def test_an_item_that_is_constant_where_another_was_answered_is_named():
    items = pd.DataFrame({"a": [1, 1, 1, 2, 3.0], "b": [1, 2, 3, np.nan, np.nan]})
    with pytest.raises(InsufficientDataError, match="a does not vary among those who also answered b"):
        moments_of(items, missing="pairwise")


def matrix(values: list[list[float]], names: str = "ab") -> pd.DataFrame:
    return pd.DataFrame(values, index=list(names), columns=list(names))


def test_correlations_and_deviations_give_the_moments_of_the_raw_rows(gappy):
    raw = moments_of(gappy)
    complete = gappy.dropna()
    made = moments(complete.corr(), len(complete), means=complete.mean(), sd=complete.std())
    assert isinstance(made, Moments)
    assert (made.n, made.missing) == (raw.n, "given")
    np.testing.assert_allclose(made.covariance, raw.covariance, rtol=1e-12)
    np.testing.assert_allclose(made.correlation, raw.correlation, rtol=1e-12)
    assert made.means is not None
    assert raw.means is not None
    np.testing.assert_allclose(made.means, raw.means)
    assert made.labels == list("abcd")


def test_names_of_deviations_go_with_the_matrix_not_with_their_order():
    made = moments(matrix([[1, 0.5], [0.5, 1]]), 10, sd={"b": 3.0, "a": 2.0})
    assert made.covariance.loc["a", "a"] == 4
    assert made.covariance.loc["a", "b"] == 3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1, 0.5], [0.4, 1]], "must be symmetric; it is not at 'a', 'b'"),
        ([[1, np.nan], [0.4, 1]], "no finite number at 'a', 'b'"),
        ([[1, 0.5], [0.5, 0]], "diagonal of the matrix must be above 0; it is not for 'b'"),
        ([[1, 1.5], [1.5, 1]], "correlation beyond 1 at 'a', 'b'"),
    ],
)
def test_a_wrong_matrix_is_refused_with_the_place(values, message):
    with pytest.raises(ValueError, match=message):
        moments(matrix(values), 10)


def test_rows_must_be_named_as_columns():
    with pytest.raises(ValueError, match="same names in the same order"):
        moments(pd.DataFrame([[1, 0.5], [0.5, 1]], index=["b", "a"], columns=["a", "b"]), 10)


@pytest.mark.parametrize("n", [1, 2.5, True])
def test_n_must_be_a_whole_number(n):
    with pytest.raises(ValueError, match=r"'n' parameter of moments.*Got"):
        moments(matrix([[1, 0.5], [0.5, 1]]), n)


def test_deviations_that_contradict_the_covariances_are_refused():
    with pytest.raises(ValueError, match="disagree for 'b'"):
        moments(matrix([[4, 1], [1, 9]]), 10, sd=[2.0, 4.0])


def test_wrong_names_or_lengths_of_means_are_refused():
    with pytest.raises(ValueError, match="names of 'means'"):
        moments(matrix([[1, 0], [0, 1]]), 10, means={"a": 1.0, "x": 2.0})
    with pytest.raises(ValueError, match="must be 2 finite numbers"):
        moments(matrix([[1, 0], [0, 1]]), 10, means=[1.0])
