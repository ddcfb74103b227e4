"""The polychoric kernel: recovery, limits, empty cells, and lavaan's asymptotic covariance."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.contingency import categories
from leadership_study.samples.polychoric import cell_probabilities, polychoric_estimate
from leadership_study.samples.polychoric_moments import polychoric_moments

TESTS = Path(__file__).parents[1]


def drawn(n: int, rho: float, sizes: tuple[int, int], seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.normal(size=n)
    y = rho * x + np.sqrt(1 - rho * rho) * random.normal(size=n)
    return np.column_stack(
        [np.digitize(v, np.linspace(-1.5, 1.9, c + 1)[1:-1]) for v, c in zip((x, y), sizes, strict=True)]
    )


@pytest.mark.parametrize("rho", [-0.97, -0.6, 0.0, 0.3, 0.85, 0.98])
@pytest.mark.parametrize("sizes", [(2, 2), (2, 7), (5, 5), (3, 10)])
def test_recovers_the_correlation_that_was_planted(rho: float, sizes: tuple[int, int]) -> None:
    found = polychoric_estimate(categories(drawn(40_000, rho, sizes).astype(float)))
    assert found.converged.all()
    assert found.pairs[0] == pytest.approx(rho, abs=4 * (1.6 if min(sizes) == 2 else 1.1) * (1 - rho**2 + 0.02) / 200)


@pytest.mark.parametrize("sizes", [(2, 2), (2, 7), (4, 4), (3, 10)])
@pytest.mark.parametrize("rho", [-0.9, 0.1, 0.7])
def test_is_the_highest_point_of_the_likelihood(rho: float, sizes: tuple[int, int]) -> None:
    found = polychoric_estimate(categories(drawn(150, rho, sizes, seed=9).astype(float)))
    counts = found.tables
    rows, columns = counts.sizes[1], counts.sizes[0]
    h, k = found.thresholds[1][None], found.thresholds[0][None]
    table = counts.tables[0, :rows, :columns]

    def height(r: float) -> float:
        return -float(np.sum(table * np.log(np.maximum(cell_probabilities(h, k, np.array([r]))[0], 1e-300))))

    best = optimize.minimize_scalar(height, bounds=(-0.999, 0.999), method="bounded", options={"xatol": 1e-10})
    if found.at_limit[0]:
        assert height(0.9985 * found.pairs[0]) >= height(0.9999 * found.pairs[0])
    else:
        assert found.pairs[0] == pytest.approx(best.x, abs=2e-7)


def test_a_correlation_close_to_one_is_not_cut_off() -> None:
    for rho in (0.9995, -0.9999):
        found = polychoric_estimate(categories(drawn(60_000, rho, (7, 9), seed=3).astype(float)))
        assert found.converged[0]
        assert not found.at_limit[0]
        assert 1 - abs(found.pairs[0]) == pytest.approx(1 - abs(rho), rel=0.25)


@pytest.mark.parametrize("sign", [1, -1])
def test_perfect_order_has_the_limit_and_says_so(sign: int) -> None:
    x = np.repeat(np.arange(4.0), 25)
    found = polychoric_estimate(categories(np.column_stack([x, sign * x])))
    assert found.pairs[0] == sign
    assert found.at_limit[0]
    with pytest.raises(InsufficientDataError, match="height and weight are in perfect order"):
        polychoric_moments(np.column_stack([x, sign * x]), labels=["height", "weight"])


def test_order_and_keying_turn_only_signs() -> None:
    data = drawn(500, 0.5, (4, 6)).astype(float)
    plain = polychoric_estimate(categories(data)).pairs[0]
    turned = polychoric_estimate(categories(data * [1, -1])).pairs[0]
    swapped = polychoric_estimate(categories(data[:, ::-1])).pairs[0]
    assert turned == pytest.approx(-plain, abs=1e-10)
    assert swapped == pytest.approx(plain, abs=1e-10)


def test_a_mixed_set_equals_its_pairs_alone() -> None:
    random = np.random.default_rng(8)
    z = random.normal(size=(400, 1)) + random.normal(size=(400, 5))
    data = np.column_stack([np.digitize(z[:, j], np.linspace(-2, 2.5, c - 1)) for j, c in enumerate((2, 3, 10, 5, 7))])
    data = data.astype(float)
    whole = polychoric_estimate(categories(data)).correlations
    for i in range(5):
        for j in range(i):
            alone = polychoric_estimate(categories(data[:, [j, i]])).pairs[0]
            assert whole[i, j] == pytest.approx(alone, abs=1e-9)


def test_filling_an_empty_cell_of_a_fourfold_table_keeps_its_margins() -> None:
    data = np.repeat([[0, 0], [0, 1], [1, 1]], [40, 30, 30], axis=0).astype(float)
    assert polychoric_estimate(categories(data)).at_limit[0]
    filled = polychoric_estimate(categories(data), empty_cell=0.5)
    assert not filled.at_limit[0]
    assert filled.empty[0] == 1
    h, k = filled.thresholds[1][None], filled.thresholds[0][None]
    expected = np.array([[39.5, 0.5], [30.5, 29.5]])  # rows: the second item
    np.testing.assert_allclose(100 * cell_probabilities(h, k, filled.pairs)[0], expected, atol=1e-6)
    larger = np.repeat([[0, 0], [1, 1], [2, 2], [1, 0]], 20, axis=0).astype(float)
    assert (
        polychoric_estimate(categories(larger), empty_cell_2x2=0.5).pairs
        == polychoric_estimate(categories(larger)).pairs
    )


GAMMA = json.loads((TESTS / "reference" / "ordinal_moments.json").read_text("utf-8"))
BFI = pd.read_csv(TESTS.parent / "data" / "raw" / "bfi" / "bfi.csv")


def unequal() -> pd.DataFrame:
    d = BFI.iloc[:400][["C1", "C2", "E1", "O4", "N1"]].dropna().copy()
    d["C1"] = (d["C1"] > 2) * 1.0
    d["C2"] = d["C2"].clip(lower=4)
    d["E1"] = (d["E1"] > 4) * 1.0
    d["O4"] = d["O4"].clip(upper=4)
    return d


A, N = [f"A{i}" for i in range(1, 6)], [f"N{i}" for i in range(1, 6)]
DATA = {
    "gamma.complete": lambda: BFI[A].dropna(),
    "gamma.pairwise": lambda: BFI[A],
    "gamma.unequal": unequal,
    "gamma.empty_2x2": lambda: (BFI.iloc[:70][N].dropna() > [5, 4, 5, 3, 5]) * 1.0,
}


@pytest.mark.parametrize("section", [name for name in GAMMA if name.startswith("gamma")])
def test_thresholds_correlations_and_their_covariance_are_lavaans(section: str) -> None:
    expected = GAMMA[section]["value"]
    found = polychoric_moments(DATA[section]().to_numpy(float), empty_cell_2x2=0.5)
    np.testing.assert_allclose(found.values, list(expected["estimates"].values()), rtol=0, atol=1e-6)
    gamma = np.array(expected["gamma"]["data"])
    scale = np.sqrt(np.outer(np.diag(gamma), np.diag(gamma)))
    np.testing.assert_allclose(found.asymptotic_covariance / scale, gamma / scale, rtol=0, atol=1e-6)
    assert (np.linalg.eigvalsh(found.asymptotic_covariance) > -1e-8).all()  # small samples leave some at 0


def test_the_covariance_is_that_of_repeated_samples() -> None:
    random = np.random.default_rng(20)
    found, predicted = [], []
    for _ in range(300):
        z = random.normal(size=(400, 3)) @ np.linalg.cholesky(0.5 * np.eye(3) + 0.5).T
        moments = polychoric_moments(np.digitize(z, [-0.8, 0.4]).astype(float))
        found.append(moments.values)
        predicted.append(np.diag(moments.asymptotic_covariance) / 400)
    ratio = np.var(found, axis=0, ddof=1) / np.mean(predicted, axis=0)
    assert (np.abs(ratio - 1) < 4 * np.sqrt(2 / 299)).all()


def test_blocks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    data = BFI[A].dropna().to_numpy(float)[:500]
    whole = polychoric_moments(data).asymptotic_covariance
    monkeypatch.setattr("leadership_study.samples.polychoric_moments._BLOCK", 1000)
    np.testing.assert_allclose(polychoric_moments(data).asymptotic_covariance, whole, rtol=1e-10)
