import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.samples.pooling import pool, pool_r_squared

COLUMNS = {
    "estimate": "estimate", "ubar": "within", "b": "between", "t": "total", "dfcom": "df_complete", "df": "df",
    "riv": "riv", "lambda": "lambda", "fmi": "fmi", "std.error": "std_error", "statistic": "statistic",
    "p.value": "p_value",
    "2.5 %": "ci_low", "97.5 %": "ci_high",
}  # fmt: skip


def test_pooled_estimates_are_those_of_mice(reference):
    found = reference("bfi")("missing.pool_rubin")
    terms = found["coef"]["rows"]
    estimates = pd.DataFrame(found["coef"]["data"], index=terms).T
    errors = pd.DataFrame(found["se"]["data"], index=found["se"]["rows"]).T
    for at, matrix in enumerate(found["vcov"]):
        np.testing.assert_allclose(np.sqrt(np.diag(np.array(matrix["data"]))), errors.iloc[at], rtol=1e-12)
    result = pool(estimates, errors**2, found["n"])
    assert result.definition["imputations"] == 5
    assert found["residual_df"] == found["n"] - len(terms)
    compared = 0
    for rows in (found["pooled"], found["summary"]):
        assert [row["term"] for row in rows] == list(result.table.index)
        for row in rows:
            for name, value in row.items():
                if name == "m":
                    assert value == len(estimates)
                elif name != "term":
                    assert result.table.loc[row["term"], COLUMNS[name]] == pytest.approx(value, rel=1e-8), name
                    compared += 1
    assert compared == 5 * 9 + 5 * 7


def test_pooled_r_squared_is_that_of_mice(reference):
    found = reference("bfi")("missing.pool_r2")
    # mice takes 1.96 for the normal quantile: the same interval at the level that 1.96 belongs to
    result = pool_r_squared(found["r2"], 2800, confidence_level=2 * float(stats.norm.cdf(1.96)) - 1)
    expected = dict(zip(found["pooled"]["cols"], found["pooled"]["data"][0], strict=True))
    ours = {"est": result.r_squared, "lo 95": result.ci_low, "hi 95": result.ci_high, "fmi": result.fmi}
    assert ours == pytest.approx(expected, rel=1e-8)


def test_without_variation_the_complete_data_rule_is_left():
    row = pool([2.0] * 20, [0.25] * 20, 30).table.iloc[0]
    assert row["lambda"] == row["between"] == 0
    assert row["df"] == pytest.approx(30 / 32 * 29)
    assert row["std_error"] == pytest.approx(0.5)
    large = pool([0.1, 0.3, 0.5] * 7, [0.04] * 21, math.inf).table.iloc[0]
    assert large["df"] == pytest.approx(20 / large["lambda"] ** 2)


def test_degrees_of_freedom_of_each_term_may_be_given():
    table = pool(
        pd.DataFrame({"a": [1.0, 1.1], "b": [0.5, 0.4]}), pd.DataFrame({"a": [0.1, 0.1], "b": [0.1, 0.1]}), 500,
        df_complete={"b": 7.5, "a": 40},
    ).table  # fmt: skip
    assert table["df_complete"].tolist() == [40, 7.5]
    assert (table["df"] < table["df_complete"]).all()


def test_few_imputations_are_noted():
    assert [note.id for note in pool([1.0, 2], [1, 1], 10).notes] == ["few_imputations"]
    assert pool(np.arange(20.0), np.ones(20), 50).notes == ()


@pytest.mark.parametrize(
    ("estimates", "variances", "n", "match"),
    [
        ([1.0], [1.0], 10, "at least two"),
        ([1.0, 2.0], [1.0, -1.0], 10, "below 0"),
        ([1.0, np.nan], [1.0, 1.0], 10, "no finite number"),
        ([1.0, 2.0], [1.0, 1.0, 1.0], 10, "same rows and columns"),
        ([1.0, 2.0], [1.0, 1.0], 1, "at least one degree of freedom"),
        (pd.DataFrame({"a": [1.0, 2]}), pd.DataFrame({"b": [1.0, 2]}), 10, "same rows and columns"),
    ],
)
def test_what_does_not_fit_is_refused(estimates, variances, n, match):
    with pytest.raises(ValueError, match=match):
        pool(estimates, variances, n)
