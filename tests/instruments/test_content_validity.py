"""Content validity: the values of the textbook, published tables, and ratings that cannot be used."""

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from leadership_study.errors import InsufficientDataError
from leadership_study.instruments import _content_indices as indices
from leadership_study.instruments.content_validity import content_validity
from leadership_study.results import Result


@pytest.fixture
def textbook(reference):
    return reference("textbook")("content_validity")


@pytest.fixture
def ratings(textbook):
    table = textbook["ratings"]
    return pd.DataFrame(table["data"], index=table["rows"], columns=[f"e{at}" for at in range(1, 6)])


def test_every_value_of_the_textbook(textbook, ratings):
    result = content_validity(ratings)
    columns = {"I_CVI": "icvi", "modified_kappa": "modified_kappa", "CVR": "cvr", "aiken_V": "aiken_v"}
    assert set(textbook) == {"ratings", "S_CVI_Ave", "S_CVI_UA", *columns}
    for name, column in columns.items():
        assert list(textbook[name]) == list(result.items.index)
        # Closed forms: only the last digits may differ.
        assert result.items[column].to_list() == pytest.approx(list(textbook[name].values()), rel=1e-13, abs=1e-15)
    assert result.s_cvi_ave == pytest.approx(textbook["S_CVI_Ave"], rel=1e-14)
    assert result.s_cvi_ua == textbook["S_CVI_UA"]


@pytest.mark.parametrize(
    ("n", "agreeing", "chance", "kappa"), [(10, 8, 0.044, 0.79), (10, 9, 0.010, 0.90), (6, 5, 0.094, 0.816)]
)
def test_golden_kappas(n, agreeing, chance, kappa):
    assert indices.chance_agreement(n, agreeing) == pytest.approx(chance, abs=0.0005)
    assert indices.modified_kappa(n, agreeing) == pytest.approx(kappa, abs=0.005 if n == 10 else 0.0005)


@pytest.mark.parametrize(
    ("n", "agreeing", "icvi", "chance", "kappa", "band"),
    [
        (3, 3, "1.00", 0.125, "1.00", "excellent"), (3, 2, "0.67", 0.375, "0.47", "fair"),
        (4, 4, "1.00", 0.063, "1.00", "excellent"), (4, 3, "0.75", 0.250, "0.67", "good"),
        (5, 5, "1.00", 0.031, "1.00", "excellent"), (5, 4, "0.80", 0.156, "0.76", "excellent"),
        (6, 6, "1.00", 0.016, "1.00", "excellent"), (6, 5, "0.83", 0.094, "0.82", "excellent"),
        (6, 4, "0.67", 0.234, "0.56", "fair"), (7, 7, "1.00", 0.008, "1.00", "excellent"),
        (7, 6, "0.86", 0.055, "0.85", "excellent"), (7, 5, "0.71", 0.164, "0.66", "good"),
        (8, 8, "1.00", 0.004, "1.00", "excellent"), (8, 7, "0.88", 0.031, "0.87", "excellent"),
        (8, 6, "0.75", 0.109, "0.72", "good"), (9, 9, "1.00", 0.002, "1.00", "excellent"),
        (9, 8, "0.89", 0.018, "0.89", "excellent"), (9, 7, "0.78", 0.070, "0.76", "excellent"),
    ],
)  # fmt: skip
def test_table_4_of_polit_beck_and_owen(n, agreeing, icvi, chance, kappa, band):
    # Polit, Beck and Owen (2007), table 4. It prints .041 for five of five, which is ½⁵ = .031, and takes kappa from
    # the rounded I-CVI: .81 for five of six, .57 for four of six, .65 for five of seven and .88 for seven of eight.
    result = content_validity(pd.DataFrame([[4] * agreeing + [2] * (n - agreeing)], index=["item"])).items.loc["item"]
    assert result["chance_agreement"] == pytest.approx(chance, abs=0.00051)
    assert float(icvi) == pytest.approx(result["icvi"], abs=0.0051)
    assert float(kappa) == pytest.approx(result["modified_kappa"], abs=0.0051)
    assert result["kappa_band"] == band


def test_a_published_panel_of_six():
    # Twelve items, six experts: S-CVI/Ave .97 and S-CVI/UA .83 as printed (PMC7253559, table 4).
    rows = "444444 434434 444444 444444 344444 234334 444444 334234 444344 444344 444344 444344".split()
    result = content_validity(pd.DataFrame([[int(one) for one in row] for row in rows]))
    assert round(result.s_cvi_ave, 2) == 0.97
    assert round(result.s_cvi_ua, 2) == 0.83
    assert (result.s_cvi_ave_verdict, result.s_cvi_ua_verdict) == ("met", "met")
    assert result.items["icvi"].round(2).to_list() == [1, 1, 1, 1, 1, 0.83, 1, 0.83, 1, 1, 1, 1]
    assert set(result.items["verdict"]) == {"retain"}


def test_critical_values_of_the_cvr_are_those_of_the_exact_tables():
    # Ayre and Scally (2014), one-sided .05: experts, fewest that must say "essential", critical CVR.
    published = {
        5: (5, 1.00), 6: (6, 1.00), 7: (7, 1.00), 8: (7, 0.75), 9: (8, 0.778), 10: (9, 0.80), 11: (9, 0.636),
        12: (10, 0.667), 13: (10, 0.538), 14: (11, 0.571), 15: (12, 0.60), 16: (12, 0.50), 20: (15, 0.50),
        25: (18, 0.44), 30: (20, 0.333), 35: (23, 0.314), 40: (26, 0.30),
    }  # fmt: skip
    for n, (needed, critical) in published.items():
        assert indices.essential_needed(n, 0.05) == needed
        assert round(indices.content_validity_ratio(n, needed), 3) == critical
    assert indices.essential_needed(4, 0.05) is None
    assert indices.essential_needed(4, 0.10) == 4


def test_cut_offs_follow_the_panel():
    for n, fewest in {3: 3, 4: 4, 5: 5, 6: 5, 7: 6, 8: 7, 9: 7, 10: 8, 12: 10, 18: 14}.items():
        for agreeing in (fewest - 1, fewest):
            rating = pd.DataFrame([[4] * agreeing + [1] * (n - agreeing), [4] * n], index=["a", "b"])
            assert (content_validity(rating).items.loc["a", "verdict"] == "retain") == (agreeing == fewest), n


def test_verdicts_and_bands(ratings):
    items = content_validity(ratings).items
    assert items["verdict"].to_list() == ["retain", "revise", "discard", "retain"]
    assert items["kappa_band"].to_list() == ["excellent", "excellent", "poor", "excellent"]
    assert items["icvi_cutoff"].to_list() == [1.0] * 4
    assert items["cvr_verdict"].to_list() == ["essential", "not_essential", "not_essential", "essential"]
    assert items["cvr_critical"].to_list() == [1.0] * 4
    assert items["cvr_p_value"].to_list() == [1 / 32, 6 / 32, 26 / 32, 1 / 32]
    assert [indices.kappa_band(kappa) for kappa in (0.75, 0.74, 0.60, 0.59, 0.40, 0.39)] == [
        "excellent", "good", "good", "fair", "fair", "poor",
    ]  # fmt: skip


def test_the_interval_of_aikens_v_is_wilsons_for_its_steps(ratings):
    result = content_validity(ratings, confidence_level=0.9)
    for _, row in result.items.iterrows():
        low, high = proportion_confint(row["aiken_v"] * 15, 15, alpha=0.1, method="wilson")
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), abs=1e-12)
    assert result.items.loc["i4", "ci_high"] == 1
    assert result.definition["confidence_level"] == 0.9


def test_essential_by_its_own_cut_or_by_separate_answers(ratings):
    assert content_validity(ratings, essential=4).items["n_essential"].to_list() == [3, 3, 1, 5]
    answers = pd.DataFrame(True, index=ratings.index, columns=ratings.columns).astype(object)
    answers.loc["i1"] = [True, False, None, None, True]
    result = content_validity(ratings, essential=answers)
    assert result.items["n_essential"].to_list() == [2, 5, 5, 5]
    assert result.items.loc["i1", "cvr"] == pytest.approx(1 / 3)
    assert result.items.loc["i1", "cvr_verdict"] == "undecidable"
    assert result.mean_cvr == 1
    assert [note.id for note in result.notes] == ["cvr_undecidable"]
    assert "cvr_of_relevance" in [note.id for note in content_validity(ratings).notes]


def test_order_and_labels_change_nothing(ratings):
    turned = content_validity(ratings.iloc[::-1, ::-1])
    straight = content_validity(ratings)
    pd.testing.assert_frame_equal(turned.items.loc[straight.items.index], straight.items)
    assert Result.from_json(straight.to_json()).to_json() == straight.to_json()


def test_a_missing_rating_lowers_n_for_its_item_only(ratings):
    gaps = ratings.astype(float)
    gaps.loc["i2", "e2"] = np.nan
    gaps["e6"] = np.nan
    result = content_validity(gaps)
    assert result.items["n"].to_list() == [5, 4, 5, 5]
    assert result.items.loc["i2", "icvi"] == 1
    assert result.items.loc["i2", "cvr_verdict"] == "undecidable"
    assert result.n_experts == 5
    texts = {note.id: str(note) for note in result.notes}
    assert texts["ratings_missing"].startswith("1 ratings are missing")
    assert texts["experts_without_ratings"].endswith("left out: e6.")
    assert result.experts.loc["e2", "n"] == 3


def test_items_with_too_few_raters_do_not_sink_the_others(ratings):
    gaps = ratings.astype(float)
    gaps.loc["i1"] = np.nan
    gaps.loc["i4", ["e1", "e2", "e3"]] = np.nan
    result = content_validity(gaps)
    assert result.items["verdict"].to_list() == ["not_rated", "revise", "discard", "too_few_experts"]
    assert math.isnan(result.items.loc["i1", "icvi"])
    assert math.isnan(result.items.loc["i1", "aiken_v"])
    assert result.n_items == 3
    assert result.s_cvi_ave == pytest.approx((0.8 + 0.4 + 1) / 3)
    assert {"items_not_rated", "too_few_experts"} <= {note.id for note in result.notes}


def test_dimensions_have_their_own_indices(ratings):
    of = {"i1": "a", "i2": "a", "i3": "b", "i4": "b"}
    table = content_validity(ratings, dimensions=of).dimensions
    assert table["s_cvi_ave"].to_list() == pytest.approx([0.9, 0.7])
    assert table["s_cvi_ua"].to_list() == [0.5, 0.5]
    assert content_validity(ratings.loc[["i1", "i2"]]).s_cvi_ave_verdict == "met"
    with pytest.raises(ValueError, match="add 'i4'"):
        content_validity(ratings, dimensions={"i1": "a", "i2": "a", "i3": "b"})


def test_one_expert_is_no_panel(ratings):
    for alone in (ratings[["e1"]], ratings[["e1"]].assign(e2=np.nan), ratings[["e1"]].iloc[:0]):
        with pytest.raises(InsufficientDataError, match="several experts"):
            content_validity(alone)


@pytest.mark.parametrize(
    ("value", "told"),
    [(5, "item i2, expert e3: 5"), (0, "item i2, expert e3: 0"), (2.5, "e3: 2.5"), ("4", "e3: '4'"), (True, "e3: True"),
     (np.inf, "e3: inf")],
)  # fmt: skip
def test_ratings_off_the_scale_are_named(ratings, value, told):
    wrong = ratings.astype(object)
    wrong.loc["i2", "e3"] = value
    with pytest.raises(ValueError, match=rf"whole numbers from 1 to 4, or missing; correct .*{told}"):
        content_validity(wrong)


def test_many_wrong_ratings_come_at_once(ratings):
    with pytest.raises(ValueError, match="and 15 more"):
        content_validity(ratings + 10)
    assert content_validity(ratings + 10, scale=(11, 14), relevant_from=13).s_cvi_ave == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"relevant_from": 5}, "'relevant_from' parameter of content_validity must be above 1 and not above 4"),
        ({"relevant_from": 1}, "above 1"),
        ({"essential": 9}, "'essential'"),
        ({"scale": (4, 1)}, "'scale'"),
        ({"confidence_level": 95}, "'confidence_level'"),
        ({"significance_level": 0}, "'significance_level'"),
    ],
)
def test_wrong_options(ratings, options, told):
    with pytest.raises(ValueError, match=told):
        content_validity(ratings, **options)


def test_wrong_tables(ratings):
    with pytest.raises(TypeError, match=r"items × experts\. Got list"):
        content_validity([[1, 2]])
    with pytest.raises(ValueError, match="item 'i1' stands in the ratings more than once"):
        content_validity(ratings.rename(index={"i2": "i1"}))
    with pytest.raises(ValueError, match="must have the items and experts"):
        content_validity(ratings, essential=pd.DataFrame({"e1": [True]}))
    with pytest.raises(ValueError, match="True, False or missing"):
        content_validity(ratings, essential=ratings)
