"""`polychoric`: every value of lavaan and psych, and what is named, noted or refused."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.polychoric import polychoric, run
from leadership_study.results import Result

TESTS = Path(__file__).parents[1]
DATA = {
    "bfi": (TESTS.parent / "data" / "raw" / "bfi" / "bfi.csv", r"[ACENO]\d"),
    "lq2002": (TESTS.parent / "data" / "raw" / "lq2002" / "lq2002.csv", "LEAD|TSIG|HOSTIL"),
}
TOLERANCE = 1e-4


@cache
def items_of(name: str) -> pd.DataFrame:
    path, pattern = DATA[name]
    return pd.read_csv(path).filter(regex=f"^({pattern})")


@cache
def sections(name: str) -> dict:
    return json.loads((TESTS / "reference" / f"{name}.json").read_text("utf-8"))


def compare(expected: dict, found: pd.DataFrame) -> None:
    assert list(found.index) == expected["rows"]
    assert list(found.columns) == expected["cols"]
    np.testing.assert_allclose(found, np.array(expected["data"], dtype=float), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("name", "section"),
    [(name, key) for name in DATA for key in ("lavaan_complete", "lavaan_pairwise", "psych_complete", "psych_pairwise")
     if (name, key[-8:]) != ("lq2002", "pairwise")],
)  # fmt: skip
def test_every_value_of_lavaan_and_psych(name: str, section: str) -> None:
    expected = dict(sections(name)[f"polychoric.{section}"]["value"])
    found = polychoric(items_of(name), missing="pairwise" if section.endswith("pairwise") else "listwise")
    compare(expected.pop("rho"), found.correlations)
    if "n" in expected:
        assert found.n == expected.pop("n")
    if "th" in expected:
        theirs = expected.pop("th")
        ours = {f"{i}|{t}": v for (i, t), v in found.thresholds.stack().dropna().items()}
        assert set(ours) == set(theirs)
        for name_, value in theirs.items():
            assert ours[name_] == pytest.approx(value, abs=1e-10)
    if "tau" in expected:
        tau = expected.pop("tau")
        assert list(found.thresholds.index) == tau["rows"]
        for (_, ours), theirs in zip(found.thresholds.iterrows(), tau["data"], strict=True):
            # psych has one grid for all items: ±Inf (or beyond 8, by rounding) at categories that an item lacks.
            finite = [float(value) for value in theirs if abs(float(value)) < 8]
            np.testing.assert_allclose(ours.dropna(), finite, rtol=0, atol=1e-10)
    assert expected == {}
    assert Result.from_json(found.to_json()).to_frame().equals(found.to_frame())


@pytest.mark.parametrize("name", DATA)
def test_every_standard_error_of_lavaan(name: str) -> None:
    five = items_of(name).iloc[:, :5]
    found = polychoric(five, std_errors=True)
    seen = 0
    for row in sections(name)["polychoric.lavaan_se"]["value"]:
        if row["op"] == "|":
            estimate = found.thresholds.loc[row["lhs"], row["rhs"]]
            error = found.threshold_errors.loc[row["lhs"], row["rhs"]]
        elif row["op"] == "~~":
            estimate = found.correlations.loc[row["lhs"], row["rhs"]]
            error = found.std_errors.loc[row["lhs"], row["rhs"]]
        else:
            # Fixed rows of lavaan's table: the scales (~*~, 1) and means (~1, 0) of the underlying variables.
            assert row["op"] in ("~*~", "~1")
            assert row["est"] == (1 if row["op"] == "~*~" else 0)
            assert row["se"] == 0
            seen += 1
            continue
        assert estimate == pytest.approx(row["est"], abs=TOLERANCE)
        assert error == pytest.approx(row["se"], rel=TOLERANCE, abs=1e-12)
        if row["se"]:
            z = estimate / error
            assert z == pytest.approx(row["z"], rel=2 * TOLERANCE)
            assert 2 * stats.norm.sf(abs(z)) == pytest.approx(row["pvalue"], abs=1e-4)
            half = stats.norm.ppf(0.975) * error
            np.testing.assert_allclose(
                [estimate - half, estimate + half], [row["ci.lower"], row["ci.upper"]], rtol=0, atol=TOLERANCE
            )
        seen += 1
    assert seen == len(sections(name)["polychoric.lavaan_se"]["value"]) > 20


def answers(n: int = 200, seed: int = 4) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    z = random.normal(size=(n, 1)) + random.normal(size=(n, 4))
    return pd.DataFrame(np.digitize(z, [-1, 0.5, 1.5]) + 1.0, columns=list("abcd"))


def note(result: Result, name: str) -> str:
    return next(str(each) for each in result.notes if each.id == name)


def test_rows_columns_and_codes_do_not_matter() -> None:
    data = answers()
    plain = polychoric(data).correlations
    shuffled = polychoric(data.sample(frac=1, random_state=1)[["d", "b", "a", "c"]]).correlations
    np.testing.assert_allclose(shuffled.loc[plain.index, plain.columns], plain, atol=1e-9)
    recoded = polychoric(data.replace({1.0: -3.0, 4.0: 40.5})).correlations
    np.testing.assert_array_equal(recoded, plain)
    np.testing.assert_allclose(polychoric(5 - data).correlations, plain, atol=1e-9)


def test_integers_and_nullable_integers_are_the_same_answers() -> None:
    data = answers()
    plain = polychoric(data).correlations
    np.testing.assert_array_equal(polychoric(data.astype(int)).correlations, plain)
    np.testing.assert_array_equal(polychoric(data.astype("Int64")).correlations, plain)


def test_perfect_order_is_the_limit_and_named() -> None:
    data = answers().assign(e=lambda d: d["a"], f=lambda d: -d["a"])
    found = polychoric(data, std_errors=True)
    assert found.correlations.loc["a", "e"] == 1
    assert found.correlations.loc["a", "f"] == -1
    assert "a – e" in note(found, "polychoric_perfect_order")
    assert found.smallest_eigenvalue < 1e-10
    assert "not positive definite" in note(found, "polychoric_not_positive_definite")
    assert found.std_errors.loc["a", "b"] != found.std_errors.loc["a", "b"]  # not given


def test_smoothing_only_when_asked() -> None:
    data = answers(25, seed=30)
    data["e"], data["f"] = data["a"] * 2 + data["b"], data["a"] - data["c"]
    plain, smooth = polychoric(data), polychoric(data, smooth=True)
    assert np.linalg.eigvalsh(plain.correlations)[0] < 0
    assert np.linalg.eigvalsh(smooth.correlations)[0] > 0
    assert "has been smoothed" in note(smooth, "polychoric_smoothed")
    assert plain.smallest_eigenvalue == smooth.smallest_eigenvalue
    np.testing.assert_allclose(np.diag(smooth.correlations), 1)
    definite = answers()
    pd.testing.assert_frame_equal(polychoric(definite, smooth=True).correlations, polychoric(definite).correlations)


def test_empty_cells_are_counted_and_filled_only_when_asked() -> None:
    data = answers(40)
    plain, filled = polychoric(data), polychoric(data, empty_cell=0.5)
    assert "left empty" in note(plain, "polychoric_empty_cells")
    assert "0.500 was put in each" in note(filled, "polychoric_empty_cells_filled")
    assert not np.allclose(plain.correlations, filled.correlations)
    assert filled.definition["empty_cell"] == 0.5


def test_pairwise_uses_what_there_is() -> None:
    data = answers()
    data.loc[:50, "a"] = np.nan
    data.loc[150:, ["b", "c"]] = np.nan
    data.loc[199] = np.nan
    found = polychoric(data, missing="pairwise")
    assert found.n == 199
    assert found.pair_n.loc["a", "b"] == data[["a", "b"]].dropna().shape[0]
    assert found.items.loc["d", "n"] == 199
    assert polychoric(data).n == len(data.dropna())
    assert "at least 99" in note(found, "pairwise_correlations")


REFUSED: list[tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = [
    (lambda d: d[["a"]], "at least 2 items"),
    (lambda d: d.assign(a=2.0), "same answer to a"),
    (lambda d: d.assign(b=np.nan), "No respondent answered b"),
    (lambda d: d.iloc[:1], "Only 1 of 1"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_what_cannot_be_estimated_says_why(change: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    with pytest.raises(InsufficientDataError, match=message):
        polychoric(change(answers()))


def test_pairs_without_shared_answers_are_refused() -> None:
    data = answers()
    data.loc[:99, "a"], data.loc[100:, "b"] = np.nan, np.nan
    with pytest.raises(InsufficientDataError, match="a and b were answered together by fewer than two"):
        polychoric(data, missing="pairwise")
    data = answers()
    data.loc[data["a"] != 2, "b"] = np.nan
    with pytest.raises(InsufficientDataError, match="a does not vary among those who also answered b"):
        polychoric(data, missing="pairwise")


def test_bad_input_is_refused_in_one_sentence() -> None:
    with pytest.raises(TypeError, match="'a' holds"):
        polychoric(answers().assign(a="x"))
    with pytest.raises(ValueError, match="infinite"):
        polychoric(answers().assign(a=np.inf))
    with pytest.raises(ValueError, match="'income' has 200 different values"):
        polychoric(answers().assign(income=np.arange(200) / 7))
    with pytest.raises(ValueError, match="'missing' parameter"):
        polychoric(answers(), missing="mean")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'empty_cell' parameter"):
        polychoric(answers(), empty_cell=-1)


def test_run_takes_the_keyed_items(scored_lq2002) -> None:
    found = run(scored_lq2002, items=("LEAD01", "LEAD02", "TSIG01"))
    assert list(found.correlations.columns) == ["LEAD01", "LEAD02", "TSIG01"]
    assert found.correlations.loc["LEAD01", "LEAD02"] == pytest.approx(0.6722985, abs=1e-6)
