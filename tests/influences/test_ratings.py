"""A matrix of ratings: intraclass correlations against psych, Kendall's W against its formula in R."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import bfi_items

import leadership_study as ls
from leadership_study.errors import InsufficientDataError
from leadership_study.results import Result

SHROUT_FLEISS = pd.DataFrame(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], columns=list("abcd")
)
KINDS = {f"ICC{kind}{'k' if many else ''}": f"ICC({kind},{many or 1})" for kind in "123" for many in ("", "k")}
COLUMNS = {
    "ICC": "icc", "F": "f", "df1": "df1", "df2": "df2", "p": "p_value", "lower bound": "ci_low",
    "upper bound": "ci_high",
}  # fmt: skip


@pytest.mark.parametrize(
    ("section", "tolerance"),
    [("icc.shrout_fleiss_aov", 1e-9), ("icc.bfi_N", 1e-8), ("icc.shrout_fleiss_lmer", 1e-4)],
)
def test_every_coefficient_is_psychs(reference, section, tolerance):
    ratings = bfi_items("N").dropna() if section == "icc.bfi_N" else SHROUT_FLEISS
    value = reference("textbook")(section)
    result = ls.intraclass_correlation(ratings)
    rows = pd.DataFrame(value["results"]).set_index("type").rename(index=KINDS)
    assert set(rows.index) == set(result.table.index)
    assert set(rows.columns) == {"row", *COLUMNS}
    for theirs, own in COLUMNS.items():
        mine = result.table.loc[rows.index, own].astype(float)
        np.testing.assert_allclose(mine, rows[theirs].astype(float), rtol=tolerance, atol=1e-12)
    assert result.n == value.get("n_obs", result.n)
    for row in value.get("summary", ()):
        name = {"subs": "targets", "ind": "raters", "Residuals": "residual"}[row["row"].strip()]
        assert result.variances["mean_square"][name] == pytest.approx(row["Mean Sq"], rel=1e-9)
        assert result.variances["df"][name] == row["Df"]


def test_concordance(reference):
    value = reference("textbook")("kendall.w")
    found = ls.kendall_w(SHROUT_FLEISS)
    mine = {
        "W_tie_corrected": found.w,
        "W_uncorrected": found.w_uncorrected,
        "chisq": found.chi_square,
        "df": found.df,
        "p": found.p_value,
    }
    assert mine == pytest.approx(value, rel=1e-10)
    untied = SHROUT_FLEISS.rank(method="first")
    pairs = untied.corr(method="spearman").to_numpy()[np.triu_indices(4, 1)]
    assert ls.kendall_w(untied).mean_rank_correlation == pytest.approx(pairs.mean())


def test_targets_without_all_ratings_are_left_out_and_counted():
    ratings = SHROUT_FLEISS.astype(float)
    ratings.loc[0, "a"] = np.nan
    result = ls.intraclass_correlation(ratings)
    assert result.n == 5
    assert str(result.notes[0]) == "1 of 6 targets lack a rating and are left out."
    pd.testing.assert_frame_equal(result.table, ls.intraclass_correlation(SHROUT_FLEISS.loc[1:]).table)
    assert Result.from_json(result.to_json()).to_json() == result.to_json()


def test_the_order_of_targets_and_raters_is_irrelevant():
    turned = SHROUT_FLEISS.iloc[::-1, [2, 0, 3, 1]]
    pd.testing.assert_frame_equal(
        ls.intraclass_correlation(turned).table, ls.intraclass_correlation(SHROUT_FLEISS).table
    )


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        (SHROUT_FLEISS.iloc[:1], "at least two"),
        (SHROUT_FLEISS[["a"]], "at least two"),
        (SHROUT_FLEISS * 0, "apart"),
        (SHROUT_FLEISS * np.nan, "at least two"),
    ],
)
def test_what_cannot_be_judged_says_why(ratings, words):
    with pytest.raises(InsufficientDataError, match=words):
        ls.intraclass_correlation(ratings)
    with pytest.raises(InsufficientDataError, match=words):
        ls.kendall_w(ratings)


def test_text_is_refused():
    with pytest.raises(TypeError, match="'a'"):
        ls.intraclass_correlation(SHROUT_FLEISS.astype({"a": str}))
    with pytest.raises(ValueError, match="between 0 and 1"):
        ls.intraclass_correlation(SHROUT_FLEISS, confidence_level=95)
