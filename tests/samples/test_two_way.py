"""Intraclass correlations against psych, and what they refuse."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.two_way import intraclass_correlations, two_way

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
NAMES = {
    "ICC1": "ICC(1,1)", "ICC2": "ICC(2,1)", "ICC3": "ICC(3,1)", "ICC1k": "ICC(1,k)",
    "ICC2k": "ICC(2,k)", "ICC3k": "ICC(3,k)"
}  # fmt: skip


def bfi():
    data = pd.read_csv(Path(__file__).parents[2] / "data" / "raw" / "bfi" / "bfi.csv")
    return data[[f"N{at}" for at in range(1, 6)]].dropna()


@pytest.mark.parametrize("section", ["icc.shrout_fleiss_aov", "icc.bfi_N"])
def test_every_coefficient_is_psychs(reference, section):
    values = SHROUT_FLEISS if section == "icc.shrout_fleiss_aov" else bfi().to_numpy(dtype=float)
    expected = reference("textbook")(section)
    assert expected["n_obs"] == len(values)
    found = two_way(values)
    table = intraclass_correlations(found)
    rows = pd.DataFrame(expected["results"]).set_index("type").rename(index=NAMES)
    names = {"ICC": "icc", "F": "f", "df1": "df1", "df2": "df2", "p": "p_value"}
    names |= {"lower bound": "ci_low", "upper bound": "ci_high"}
    assert set(rows.columns) == {*names, "row"}
    for theirs, ours in names.items():
        np.testing.assert_allclose(table.loc[rows.index, ours], rows[theirs].astype(float), rtol=1e-8, atol=1e-12)
    if "summary" in expected:
        assert expected["n_judge"] == found.k
        squares = {row["row"].strip(): row["Mean Sq"] for row in expected["summary"]}
        assert (found.subjects, found.raters, found.residual) == pytest.approx(
            (squares["subs"], squares["ind"], squares["Residuals"]), rel=1e-10
        )


def test_perfect_agreement_is_one():
    column = np.arange(5.0)
    table = intraclass_correlations(two_way(np.column_stack([column, column])))
    assert table.loc[["ICC(1,1)", "ICC(2,1)", "ICC(3,1)"], "icc"].tolist() == [1, 1, 1]


def test_a_shift_lowers_agreement_and_not_consistency():
    table = intraclass_correlations(two_way(np.column_stack([SHROUT_FLEISS[:, 0], SHROUT_FLEISS[:, 0] + 3])))
    assert table.loc["ICC(3,1)", "icc"] == pytest.approx(1)
    assert table.loc["ICC(2,1)", "icc"] < 0.5


@pytest.mark.parametrize(
    ("values", "word"),
    [(np.ones((3, 2)), "same"), (np.ones((1, 2)), "at least two"), (np.ones((3, 1)), "at least two")],
)
def test_too_little_is_refused(values, word):
    with pytest.raises(InsufficientDataError, match=word):
        two_way(values)
