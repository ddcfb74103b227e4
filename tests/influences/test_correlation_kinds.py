"""Correlations of bfi and of company means, corrected, compared, polychoric; cross tables: against R."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import bfi, bfi_items, lq2002

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._cross_table import cross_table
from leadership_study.influences.correlations import (
    compare_dependent_correlations,
    compare_independent_correlations,
    correlate,
    run,
)
from leadership_study.measurement.polychoric import polychoric
from leadership_study.measurement.reliability import cronbach_alpha
from leadership_study.results import Result

close = {"rel": 1e-9, "abs": 1e-300}


@pytest.fixture(scope="module")
def scores():
    return bfi()


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_every_pair(scores, reference, method):
    rows = reference("bfi")(f"cor.{method}")
    names = list(dict.fromkeys([row[key] for row in rows for key in ("x", "y")]))
    pairs = correlate(scores[names], method=method).pairs
    assert len(rows) == len(pairs)
    for row in rows:
        pair = pairs.loc[f"{row['x']} – {row['y']}"]
        statistic = (pair["n"] ** 3 - pair["n"]) * (1 - pair["r"]) / 6 if method == "spearman" else pair["statistic"]
        mine = {
            "n": pair["n"], "r": pair["r"], "stat": statistic, "p": pair["p_value"], "ci_lower": pair["ci_low"],
            "ci_upper": pair["ci_high"],
        }  # fmt: skip
        assert set(row) == {"x", "y", *mine}
        for key, number in mine.items():
            assert number == pytest.approx(row[key], **close), key


def test_partial(scores, reference):
    value = reference("bfi")("cor.partial")
    pair = correlate(scores[[value["x"], value["y"], value["given"]]], partial=[value["given"]]).pairs.iloc[0]
    mine = {
        "n": pair["n"], "r": pair["r"], "t": pair["statistic"], "df": pair["df"], "p": pair["p_value"],
        "semipartial_x_with_y_residual_on_z": pair["semipartial"],
    }  # fmt: skip
    assert set(value) == {"x", "y", "given", "ci", "zero_order", *mine}
    for key, number in mine.items():
        assert number == pytest.approx(value[key], **close), key
    assert [pair["ci_low"], pair["ci_high"]] == pytest.approx(value["ci"], **close)
    zero = correlate(scores[value["zero_order"]["rows"]]).correlations
    assert zero.to_numpy() == pytest.approx(np.array(value["zero_order"]["data"]), **close)


def test_partial_given_the_rest(scores, reference):
    value = reference("bfi")("cor.partial_matrix_given_rest")
    mine = correlate(scores[value["rows"]], partial="rest").correlations
    assert list(mine.columns) == value["cols"]
    assert mine.to_numpy() == pytest.approx(np.array(value["data"]), rel=1e-9)


def test_corrected_for_attenuation(scores, reference):
    value = reference("bfi")("cor.disattenuated")
    alphas = {scale: cronbach_alpha(bfi_items(scale), missing="pairwise").alpha for scale in "ACENO"}
    result = correlate(scores[value["rows"]], reliability=alphas)
    assert result.disattenuated.to_numpy() == pytest.approx(np.array(value["data"]), rel=1e-10)
    assert result.variables["reliability"].to_dict() == pytest.approx(alphas)
    assert correlate(scores[["A", "C"]]).disattenuated.empty


def test_corrections_beyond_one_are_said(scores):
    result = correlate(scores[["A", "E"]], reliability={"A": 0.3, "E": 0.4})
    assert "corrected_beyond_one" in [note.id for note in result.notes]
    unknown = correlate(scores[["A", "E"]], reliability={"A": -0.1, "E": 0.4}).disattenuated
    assert np.isnan(unknown.loc["A", "E"])


def test_two_correlations_of_one_sample(scores, reference):
    value = reference("bfi")("cor.compare_dependent")
    result = compare_dependent_correlations(scores, "A", "C", "E")
    assert set(value) == {"n", "r", "t", "p"}
    assert result.n1 == value["n"]
    assert correlate(scores[value["r"]["rows"]]).correlations.to_numpy() == pytest.approx(
        np.array(value["r"]["data"]), rel=1e-10
    )
    assert [result.r1, result.r2] == pytest.approx(value["r"]["data"][0][1:], rel=1e-10)
    assert result.statistic == pytest.approx(value["t"], rel=1e-9)
    assert result.p_value == pytest.approx(value["p"], rel=1e-8, abs=1e-300)
    assert result.ci_low < result.difference < result.ci_high < 0


def test_two_correlations_of_two_groups(scores, reference):
    value = reference("bfi")("cor.compare_independent")
    result = compare_independent_correlations(scores, "A", "C", "gender")
    mine = {
        "r1": result.r1, "n1": result.n1, "r2": result.r2, "n2": result.n2, "z": result.statistic, "p": result.p_value
    }  # fmt: skip
    assert set(value) == set(mine)
    for key, number in mine.items():
        assert number == pytest.approx(value[key], **close), key


def test_intervals_of_differences_cover():
    """Zou's interval holds the difference of two dependent correlations in about 95 % of samples."""
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(300):
        x = rng.normal(size=60)
        data = pd.DataFrame({"x": x, "y": 0.6 * x + 0.8 * rng.normal(size=60), "z": 0.3 * x + rng.normal(size=60)})
        result = compare_dependent_correlations(data, "x", "y", "z")
        covered += result.ci_low < 0.6 - 0.3 / 1.09**0.5 < result.ci_high
    assert 272 <= covered <= 297


def test_company_means(reference):
    value = reference("lq2002")("level2_correlation")
    names = value["cor"]["rows"]
    means = lq2002().groupby("COMPID")[names].mean()
    result = correlate(means)
    assert set(value) == {"n", "cor"}
    assert result.definition["n"] == value["n"]
    assert result.correlations.to_numpy() == pytest.approx(np.array(value["cor"]["data"]), rel=1e-10)


def test_polychoric(scores):
    items = bfi_items("N")
    result = correlate(items, method="polychoric")
    whole = polychoric(items, missing="pairwise").correlations
    pair = polychoric(items[["N1", "N2"]], std_errors=True)
    row = result.pairs.loc["N1 – N2"]
    assert row["r"] == pytest.approx(pair.correlations.iloc[0, 1], rel=1e-12)
    assert row["statistic"] == pytest.approx(row["r"] / pair.std_errors.iloc[0, 1], rel=1e-9)
    assert result.correlations.to_numpy() == pytest.approx(whole.to_numpy(), abs=3e-3)
    assert (result.pairs["r"].abs() > correlate(items).pairs["r"].abs()).all()
    assert row["ci_low"] < row["r"] < row["ci_high"]
    with pytest.raises(ValueError, match="no partial"):
        correlate(items, method="polychoric", partial=["N3"])


def test_cross_table(scores, reference):
    value = reference("bfi")("chisq.gender_education")
    result = cross_table(scores, "gender", "education")
    assert set(value) == {
        "table", "chisq", "df", "p", "expected", "std_residuals", "cramers_v", "phi_contingency"
    }  # fmt: skip
    for table, key in (
        (result.counts, "table"),
        (result.expected, "expected"),
        (result.std_residuals, "std_residuals"),
    ):
        assert [list(table.index), list(table.columns)] == [value[key]["rows"], value[key]["cols"]]
        assert table.to_numpy() == pytest.approx(np.array(value[key]["data"]), rel=1e-9)
    mine = [result.chi_square, result.df, result.p_value, result.cramers_v, result.contingency_coefficient]
    theirs = [value[key] for key in ("chisq", "df", "p", "cramers_v", "phi_contingency")]
    assert mine == pytest.approx(theirs, rel=1e-9)
    assert result.ci_low < result.cramers_v < result.ci_high
    with pytest.raises(InsufficientDataError):
        cross_table(scores.assign(gender=1), "gender", "education")


def test_what_cannot_be_compared_says_why(scores):
    for call, note in (
        (lambda: compare_dependent_correlations(scores.iloc[:4], "A", "C", "E"), "correlations_too_few"),
        (
            lambda: compare_dependent_correlations(scores.assign(E=scores["C"]), "A", "C", "E"),
            "correlations_determined",
        ),
        (lambda: compare_independent_correlations(scores.assign(C=1.0), "A", "C", "gender"), "variable_does_not_vary"),
    ):
        with pytest.raises(InsufficientDataError) as error:
            call()
        assert error.value.note.id == note
    with pytest.raises(ValueError, match="two groups"):
        compare_independent_correlations(scores, "A", "C", "education")


def test_run_has_alpha_on_the_diagonal_and_json_keeps_all(scored_of, scores):
    result = run(scored_of())
    assert result.variables["reliability"].between(0.5, 1).all()
    assert np.diag(result.disattenuated) == pytest.approx(result.variables["reliability"].to_numpy())
    for one in (
        result,
        compare_dependent_correlations(scores, "A", "C", "E"),
        cross_table(scores, "gender", "education"),
    ):
        back = Result.from_json(one.to_json())
        for name, table in one.tables().items():
            pd.testing.assert_frame_equal(back.tables()[name], table, check_index_type=len(table) > 0)
