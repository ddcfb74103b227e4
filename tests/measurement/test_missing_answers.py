from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement import missing_answers
from leadership_study.measurement._imputation_check import scale_reduction
from leadership_study.measurement.missing_answers import little_mcar
from leadership_study.results import Result
from leadership_study.samples.expectation_maximization import em_moments

ITEMS = [f"{letter}{number}" for letter in "ACENO" for number in range(1, 6)]


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).parents[2] / "data" / "raw" / "bfi" / "bfi.csv")


@pytest.fixture
def result(bfi, make_scored):
    dimensions = {letter: [item for item in ITEMS if item[0] == letter] for letter in "ACENO"}
    scored = make_scored(bfi, dimensions, scales=dict.fromkeys("ACENO", (1, 6)))
    return missing_answers.run(scored, datasets=2, iterations=2, seed=1)


@pytest.mark.parametrize(("section", "items"), [("A", ITEMS[:5]), ("AC", ITEMS[:10]), ("all", ITEMS)])
def test_little_and_em_are_those_of_r(reference, bfi, section, items):
    expected = reference("bfi")(f"missing.little_mcar.{section}")
    keys = {
        "n",
        "n_patterns",
        "iterations",
        "loglik",
        "em_mean",
        "em_cov",
        "ml_divisor_n",
        "little1988_divisor_n_minus_1",
    }
    assert set(expected) == keys
    found, plain = little_mcar(bfi[items]), little_mcar(bfi[items], divisor="n")
    assert (found.n, found.n_patterns, found.n_empty) == (expected["n"], expected["n_patterns"], 0)
    # EM of the reference stops by the change of raw moments, ours by that of standardised ones: one step apart at most.
    assert abs(em_moments(bfi[items]).iterations - expected["iterations"]) <= 1
    assert found.log_likelihood == pytest.approx(expected["loglik"], rel=1e-11)
    assert list(expected["em_mean"]) == items == expected["em_cov"]["rows"] == expected["em_cov"]["cols"]
    np.testing.assert_allclose(found.means["em_mean"], list(expected["em_mean"].values()), rtol=1e-10)
    np.testing.assert_allclose(found.covariance, expected["em_cov"]["data"], rtol=1e-8, atol=1e-10)
    for test, name in ((plain, "ml_divisor_n"), (found, "little1988_divisor_n_minus_1")):
        ours = {"d2": test.chi_square, "df": test.df, "p": test.p_value}
        assert ours == pytest.approx(expected[name], rel=1e-8), name


def test_em_moments_are_those_of_lavaan(reference, bfi):
    expected = reference("bfi")("missing.em_lavaan_check")
    assert set(expected) == {"mean", "cov"}
    found = em_moments(bfi[ITEMS])
    assert list(expected["mean"]) == ITEMS == expected["cov"]["rows"]
    np.testing.assert_allclose(found.means, list(expected["mean"].values()), rtol=1e-8)
    np.testing.assert_allclose(found.covariance, expected["cov"]["data"], rtol=1e-7, atol=1e-9)


def test_patterns_are_those_of_r(reference, result):
    expected = reference("bfi")("missing.patterns")
    assert set(expected) == {"n_patterns", "n_complete", "pct_cells_missing", "per_item", "top5"}
    assert (result.n_patterns, result.n_complete) == (expected["n_patterns"], expected["n_complete"])
    assert 100 * result.missing_share == pytest.approx(expected["pct_cells_missing"], rel=1e-12)
    assert result.items["missing"].to_dict() == expected["per_item"]

    def bits(missing: str) -> str:
        gone = missing.split(", ") if missing else []
        return "".join("1" if item in gone else "0" for item in ITEMS)

    ours = {bits(row["missing_items"]): row["n"] for _, row in result.patterns.iloc[:6].iterrows()}
    assert {key: ours[key] for key in expected["top5"]} == expected["top5"]
    assert result.patterns["n"].sum() == result.n_rows
    assert result.patterns["share"].sum() == pytest.approx(1)


def test_the_tables_of_a_study(result):
    assert result.tests.index.tolist() == ["all_items", *"ACENO"]
    assert result.tests.loc["A", "df"] == 40
    assert len(result.frequent) == 10
    assert (result.scales[["complete", "partly", "too_few", "none_answered"]].sum(axis=1) == 2800).all()
    assert (result.scales["n"] == result.scales["complete"] + result.scales["partly"]).all()
    assert result.imputed["cells"].to_dict() == {k: v for k, v in result.items["missing"].items() if v}
    assert len(result.chains) == 24 * 2 * 2
    shares = result.distributions.groupby(level="variable").sum()
    np.testing.assert_allclose(shares, 1)
    assert Result.from_json(result.to_json()).to_json() == result.to_json()


def test_planted_dependence_is_found_and_chance_is_not():
    random = np.random.default_rng(3)
    values = random.multivariate_normal([0, 0, 0], np.eye(3) * 0.5 + 0.5, size=600)
    frame = pd.DataFrame(values, columns=list("abc"))
    by_chance = frame.assign(b=frame["b"].mask(random.random(600) < 0.3))
    by_a = frame.assign(b=frame["b"].mask(frame["a"] > 0.6))
    assert little_mcar(by_chance).p_value > 0.01
    assert little_mcar(by_a).p_value < 1e-10


def test_rows_without_answers_are_left_out_and_counted():
    random = np.random.default_rng(4)
    frame = pd.DataFrame(random.normal(size=(80, 3)), columns=list("abc"))
    frame = frame.mask(random.random(frame.shape) < 0.2)
    frame.iloc[:5] = np.nan
    found, without = little_mcar(frame), little_mcar(frame.iloc[5:])
    assert found.n_empty - without.n_empty == 5
    assert found.chi_square == pytest.approx(without.chi_square, rel=1e-12)
    assert found.n == without.n


def test_without_gaps_there_is_nothing_to_test(make_scored, lq2002):
    with pytest.raises(InsufficientDataError, match="answered the same items"):
        little_mcar(lq2002[["LEAD01", "LEAD02", "LEAD03"]])
    found = missing_answers.run(make_scored(lq2002, {"lead": ["LEAD01", "LEAD02", "LEAD03"]}), seed=1)
    assert found.tests.empty
    assert found.imputed.empty
    assert found.notes == ()
    assert found.n_complete == 2042
    found.to_json()


def test_wrong_options(make_scored, lq2002):
    scored = make_scored(lq2002, {"lead": ["LEAD01", "LEAD02", "LEAD03"]})
    with pytest.raises(ValueError, match="'divisor'"):
        little_mcar(lq2002[["LEAD01"]], divisor="N")
    with pytest.raises(ValueError, match="'datasets'"):
        missing_answers.run(scored, datasets=1)
    with pytest.raises(ValueError, match="'iterations'"):
        missing_answers.run(scored, iterations=1)


def test_chains_that_tell_the_same_have_a_ratio_near_one():
    random = np.random.default_rng(5)
    same = random.normal(size=(2000, 4))
    assert scale_reduction(same) == pytest.approx(1, abs=0.01)
    assert scale_reduction(same + np.array([0, 0, 0, 3])) > 1.5
    assert scale_reduction(np.ones((10, 2))) == 1
