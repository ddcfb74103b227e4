"""One table, and a continuous with an ordinal variable, against polycor, psych and lavaan, and their likelihoods."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from leadership_study.samples.contingency import categories, pair_tables
from leadership_study.samples.polychoric_pair import _log_likelihood, polychoric_pair
from leadership_study.samples.polyserial import polyserial

TESTS = Path(__file__).parents[1]
DATA = {
    "bfi": (TESTS.parent / "data" / "raw" / "bfi" / "bfi.csv", r"[ACENO]\d"),
    "lq2002": (TESTS.parent / "data" / "raw" / "lq2002" / "lq2002.csv", "LEAD|TSIG|HOSTIL"),
}


@cache
def items_of(name: str) -> pd.DataFrame:
    path, pattern = DATA[name]
    return pd.read_csv(path).filter(regex=f"^({pattern})")


@cache
def section(name: str, which: str) -> dict:
    return json.loads((TESTS / "reference" / f"{name}.json").read_text("utf-8"))[f"polychoric.{which}"]["value"]


def table_of(name: str) -> np.ndarray:
    items = categories(items_of(name).iloc[:, :2].dropna().to_numpy(float))
    return pair_tables(items).tables[0].T[: items.sizes[0], : items.sizes[1]]


@pytest.mark.parametrize("name", DATA)
def test_two_steps_equal_polycor(name: str) -> None:
    expected = dict(section(name, "polycor_pair")["two_step"])
    found = polychoric_pair(table_of(name))
    assert found.correlation == pytest.approx(expected.pop("rho"), abs=1e-4)
    assert found.variance == pytest.approx(expected.pop("var"), rel=1e-4)
    assert found.chi_square == pytest.approx(expected.pop("chisq"), rel=1e-6)
    assert found.df == expected.pop("df")
    assert expected == {}


@pytest.mark.parametrize("name", DATA)
def test_full_likelihood_lies_above_where_polycor_stopped(name: str) -> None:
    """polycor's optim stops early (with "NaNs produced" on bfi): its point is compared value by value instead."""
    expected = dict(section(name, "polycor_pair")["ML"])
    table = table_of(name)
    found = polychoric_pair(table, method="ml")
    rho = expected.pop("rho")[""]
    theirs = np.array([*expected.pop("row_cuts").values(), *expected.pop("col_cuts").values(), rho])
    n = table.sum()
    saturated = np.sum(table[table > 0] * np.log(table[table > 0] / n))
    height, slope = _log_likelihood(theirs, table)
    assert 2 * (saturated + height) == pytest.approx(expected.pop("chisq"), rel=1e-6)
    assert np.abs(slope).max() > 0.5, "polycor's point is no optimum"
    assert found.df == expected.pop("df")
    assert found.variance == pytest.approx(expected.pop("var"), rel=0.02)
    assert expected == {}
    ours = np.array([*found.row_thresholds, *found.column_thresholds, found.correlation])
    assert found.converged
    assert np.abs(_log_likelihood(ours, table)[1]).max() < 1e-5
    assert found.chi_square < 2 * (saturated + height)
    assert found.correlation == pytest.approx(rho, abs=0.25 * np.sqrt(found.variance))


def test_gradient_is_that_of_the_likelihood() -> None:
    table = table_of("lq2002")
    x = np.array([-1.2, -0.5, 0.2, 1.1, -1.0, -0.4, 0.3, 1.3, 0.6])
    expected = optimize.approx_fprime(x, lambda at: _log_likelihood(at, table)[0], 1e-6)
    np.testing.assert_allclose(_log_likelihood(x, table)[1], expected, rtol=1e-4, atol=1e-2)


def test_independence_fits_perfectly_and_small_tables_are_refused() -> None:
    found = polychoric_pair(np.outer([10, 20, 30], [5, 10, 15.0]))
    assert found.correlation == pytest.approx(0, abs=1e-9)
    assert found.chi_square == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match="at least two rows"):
        polychoric_pair(np.array([[3.0, 0.0], [2.0, 0.0]]))


def serial(name: str) -> tuple[np.ndarray, np.ndarray]:
    complete = items_of(name).dropna().to_numpy(float)
    return complete[:, 1:].sum(axis=1), categories(complete).codes[0]


def conditional(z: np.ndarray, codes: np.ndarray, thresholds: np.ndarray, rho: float) -> float:
    edges = np.concatenate([[-np.inf], thresholds, [np.inf]])
    root = np.sqrt(1 - rho**2)
    return float(
        np.log(special.ndtr((edges[codes + 1] - rho * z) / root) - special.ndtr((edges[codes] - rho * z) / root)).sum()
    )


@pytest.mark.parametrize("name", DATA)
def test_polyserial_equals_psych_polycor_and_the_best_likelihood(name: str) -> None:
    expected = dict(section(name, "polyserial"))
    values, codes = serial(name)
    assert polyserial(values, codes, method="conversion") == pytest.approx(expected.pop("psych"), abs=1e-10)
    assert polyserial(values, codes, method="conversion") == pytest.approx(expected.pop("polycor_2step"), abs=1e-10)
    # polycor standardises with n − 1 and stops early; a tight run of it gives −.035766 and .502485, where the
    # maximum likelihood estimate, which divides by n, is −.035759 and .502393.
    assert polyserial(values, codes, method="ml") == pytest.approx(expected.pop("polycor_ML"), abs=3e-4)
    tight = {"bfi": -0.0357660211286, "lq2002": 0.502485273095}[name]
    assert polyserial(values, codes, method="ml") == pytest.approx(tight, abs=1e-4)
    assert expected == {}
    z = (values - values.mean()) / values.std()
    thresholds = special.ndtri(np.cumsum(np.bincount(codes))[:-1] / len(codes))
    best = optimize.minimize_scalar(
        lambda rho: -conditional(z, codes, thresholds, rho), bounds=(-0.99, 0.99), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    assert polyserial(values, codes) == pytest.approx(best.x, abs=1e-6)


def test_polyserial_of_lavaan() -> None:
    values, codes = serial("lq2002")
    assert polyserial(values, codes) == pytest.approx(0.5014075668, abs=1e-6)


def test_polyserial_does_not_depend_on_the_unit() -> None:
    values, codes = serial("lq2002")
    for method in ("two_step", "ml", "conversion"):
        plain = polyserial(values, codes, method=method)
        assert polyserial(1e6 + 40 * values, codes, method=method) == pytest.approx(plain, abs=1e-9)
        assert polyserial(-values, codes, method=method) == pytest.approx(-plain, abs=1e-9)


def test_polyserial_of_separate_groups_is_the_limit_and_of_nothing_is_refused() -> None:
    assert polyserial(np.array([1.0, 2, 3, 4]), np.array([0, 0, 1, 2])) == 1
    assert polyserial(np.array([9.0, 8, 3, 1]), np.array([0, 0, 1, 2])) == -1
    with pytest.raises(ValueError, match="varies"):
        polyserial(np.array([2.0, 2, 2]), np.array([0, 1, 1]))


@pytest.mark.parametrize("method", ["two_step", "ml"])
@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.4, 0.95])
def test_polyserial_recovers(rho: float, method: str) -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=20_000)
    y = rho * x + np.sqrt(1 - rho**2) * random.normal(size=20_000)
    assert polyserial(x, np.digitize(y, [-1.5, 0.2, 0.8]), method=method) == pytest.approx(rho, abs=0.02)
