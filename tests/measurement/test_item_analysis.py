"""Critical ratios against R, loadings and criteria by their definitions, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
from reference_models import SCALES, data_of
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.measurement.item_analysis import item_analysis, run
from leadership_study.measurement.reliability import cronbach_alpha, mcdonald_omega
from leadership_study.results import Result


@pytest.fixture(params=[(data_set, name) for data_set in SCALES for name in SCALES[data_set]], ids=".".join)
def scale(request):
    return request.param


@pytest.fixture
def items(scale):
    data_set, name = scale
    return data_of(data_set)[SCALES[data_set][name]].dropna()


def toy(n: int = 100, k: int = 4, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = np.clip(np.round(3 + random.normal(size=(n, 1)) + random.normal(size=(n, k))), 1, 5)
    return pd.DataFrame(values, columns=[f"q{at}" for at in range(k)])


def test_critical_ratios_are_rs(reference, items, scale):
    expected = reference(scale[0])(f"item_analysis.critical_ratio.{scale[1]}")
    theirs = pd.DataFrame(expected["items"]).set_index("item")
    columns = {
        "unequal": {"t_welch": "critical_ratio", "df_welch": "df", "p_welch": "p_value"},
        "equal": {"t_equal": "critical_ratio", "df_equal": "df", "p_equal": "p_value"},
    }
    always = {
        "mean_high": "mean_high",
        "mean_low": "mean_low",
        "sd_high": "sd_high",
        "sd_low": "sd_low",
        "levene_mean_F": "levene_statistic",
        "levene_mean_p": "levene_p_value",
        "item_total_r": "item_total",
        "item_rest_r": "corrected_item_total",
    }
    assert set(theirs.columns) == {*always, *columns["unequal"], *columns["equal"]}
    assert set(expected) == {"n", "cut_low", "cut_high", "n_low", "n_high", "items"}
    for variances, own in columns.items():
        found = item_analysis(items, variances=variances)
        for name in ("n", "n_low", "n_high"):
            assert getattr(found, name) == expected[name], name
        assert (found.cut_low, found.cut_high) == pytest.approx((expected["cut_low"], expected["cut_high"]), rel=1e-14)
        assert list(found.items.index) == list(theirs.index)
        for their_name, our_name in {**always, **own}.items():
            want = theirs[their_name].astype(float)
            # R loses p < 1e-300 to 0; logarithms of tiny p lose digits in proportion to their size
            np.testing.assert_allclose(found.items[our_name], want, rtol=1e-8, atol=1e-300, err_msg=their_name)


def test_levene_chooses_item_by_item():
    random = np.random.default_rng(2)
    items = toy(300)
    items["q9"] = np.where(items.sum(axis=1) > 13, random.integers(1, 6, 300), 3.0)
    chosen, equal, welch = (item_analysis(items, variances=v).items for v in ("levene", "equal", "unequal"))
    differs = chosen["levene_p_value"] < 0.05
    assert differs.any()
    assert not differs.all()
    for name in ("critical_ratio", "df", "p_value"):
        pd.testing.assert_series_equal(chosen.loc[differs, name], welch.loc[differs, name])
        pd.testing.assert_series_equal(chosen.loc[~differs, name], equal.loc[~differs, name])


def test_loading_is_the_correlation_with_the_first_principal_component(items):
    z = (items - items.mean()) / items.std()
    scores = np.linalg.svd(z.to_numpy(), full_matrices=False)[0][:, 0]
    found = item_analysis(items).items
    by_hand = np.array([np.corrcoef(scores, z[name])[0, 1] for name in items])
    np.testing.assert_allclose(found["loading"], by_hand * np.sign(by_hand.sum()), rtol=1e-8)
    np.testing.assert_allclose(found["communality"], by_hand**2, rtol=1e-8)
    assert found["loading"].sum() > 0


def test_minres_loadings_are_lower_than_components(lq2002):
    items = lq2002[[f"HOSTIL0{at}" for at in range(1, 6)]]
    component, factor = item_analysis(items).items, item_analysis(items, extraction="minres").items
    assert (factor["communality"] < component["communality"]).all()


def test_alpha_columns_are_those_of_alpha(items):
    found, alpha = item_analysis(items), cronbach_alpha(items)
    assert found.alpha == alpha.alpha
    for name in ("item_total", "corrected_item_total", "alpha_if_deleted"):
        pd.testing.assert_series_equal(found.items[name], alpha.items[name])


def test_keep_and_reasons_follow_wus_cut_offs():
    random = np.random.default_rng(6)
    items = toy(400)
    items["noise"] = random.integers(1, 6, size=400)
    table = item_analysis(items).items
    alpha = item_analysis(items).alpha
    fails = {
        "critical_ratio": table["critical_ratio"] < 3,
        "p_value": table["p_value"] >= 0.05,
        "item_total": table["item_total"] < 0.40,
        "corrected_item_total": table["corrected_item_total"] < 0.40,
        "communality": table["communality"] < 0.20,
        "loading": table["loading"] < 0.45,
        "alpha_if_deleted": table["alpha_if_deleted"] > alpha,
    }
    for item in table.index:
        assert table.loc[item, "reasons"] == ", ".join(name for name, failed in fails.items() if failed[item])
        assert table.loc[item, "keep"] == (table.loc[item, "reasons"] == "")
    assert not table.loc["noise", "keep"]
    assert "corrected_item_total" in table.loc["noise", "reasons"]
    assert table.drop("noise")["keep"].all()
    note_ids = [note.id for note in item_analysis(items).notes]
    assert note_ids == ["critical_ratio_is_a_screen", "keep_is_a_screen"]


def test_international_criteria_ask_less():
    random = np.random.default_rng(5)
    items = toy(400)
    items["weak"] = 0.45 * items["q0"] + random.normal(size=400)
    table, other = item_analysis(items).items, item_analysis(items, criteria="international").items
    assert 0.30 <= table.loc["weak", "corrected_item_total"] < 0.40
    assert "corrected_item_total" in table.loc["weak", "reasons"]
    assert "corrected_item_total" not in other.loc["weak", "reasons"]


def test_shares_at_the_ends_of_the_response_scale():
    items = pd.DataFrame({"a": [1, 1, 2, 5, 4.0], "b": [1, 3, 2, 5, 5.0], "c": [2, 3, 2, 5, 4.0]})
    table = item_analysis(items, scale=(1, 5)).items
    assert list(table["share_lowest"]) == [0.4, 0.2, 0.0]
    assert list(table["share_highest"]) == [0.2, 0.4, 0.2]
    assert item_analysis(items).items["share_lowest"].isna().all()
    each = item_analysis(items, scale={"a": (1, 5), "b": (1, 5), "c": (2, 5)}).items
    assert each.loc["c", "share_lowest"] == 0.4


def test_floor_and_ceiling_of_the_scale():
    items = pd.DataFrame({"a": [1, 1, 2, 5, 5, 3.0], "b": [1, 2, 2, 5, 5, 4.0]})
    found = item_analysis(items, scale=(1, 5), extreme_group=0.4)
    assert (found.share_lowest, found.share_highest) == (1 / 6, 2 / 6)
    wider = item_analysis(items, scale={"a": (1, 5), "b": (1, 6)}, extreme_group=0.4)
    assert (wider.share_lowest, wider.share_highest) == (1 / 6, 0)
    assert np.isnan(item_analysis(items, extreme_group=0.4).share_highest)


def test_incomplete_rows_are_left_out():
    items = toy(80)
    items.iloc[:20, 1] = np.nan
    found, complete = item_analysis(items), item_analysis(items.dropna())
    assert found.n == 60
    pd.testing.assert_frame_equal(found.items, complete.items)


def test_ties_at_the_cuts_are_all_included():
    items = pd.DataFrame({"a": [1.0] * 6 + [3] * 8 + [5] * 6, "b": [1.0] * 6 + [2] * 4 + [3] * 4 + [5] * 6})
    found = item_analysis(items)
    total = items.sum(axis=1)
    assert (found.n_low, found.n_high) == ((total <= found.cut_low).sum(), (total >= found.cut_high).sum()) == (6, 6)


def test_groups_that_do_not_vary_are_infinitely_or_not_at_all_apart():
    items = pd.DataFrame({"a": [1.0] * 6 + [3] * 8 + [9] * 6, "b": [2.0, 1] * 3 + [1.0, 2] * 4 + [2.0, 1] * 3})
    items["c"] = [4.0] * 6 + [5] * 8 + [4] * 6
    table = item_analysis(items, extreme_group=0.3).items
    assert table.loc["a", "critical_ratio"] == math.inf
    assert table.loc["a", "p_value"] == 0
    assert math.isnan(table.loc["c", "critical_ratio"])
    assert "critical_ratio" in table.loc["c", "reasons"]


def test_extreme_groups_can_be_other_shares():
    items = toy(200)
    third = item_analysis(items, extreme_group=1 / 3)
    total = items.sum(axis=1)
    assert third.cut_low == pytest.approx(np.quantile(total, 1 / 3))
    usual = item_analysis(items)
    assert third.n_low + third.n_high > usual.n_low + usual.n_high
    t = stats.ttest_ind(items["q0"][total >= third.cut_high], items["q0"][total <= third.cut_low], equal_var=False)
    assert third.items.loc["q0", "critical_ratio"] == pytest.approx(t.statistic)


def test_adding_1e8_changes_means_and_cuts_only():
    items = toy()
    near, far = item_analysis(items), item_analysis(items + 1e8)
    moved = ["mean_low", "mean_high"]
    pd.testing.assert_frame_equal(near.items.drop(columns=moved), far.items.drop(columns=moved), check_exact=True)
    assert far.cut_low == near.cut_low + 4e8


def test_order_of_rows_and_items_is_irrelevant():
    items = toy()
    turned = item_analysis(items.sample(frac=1, random_state=0)[["q2", "q0", "q3", "q1"]]).items
    pd.testing.assert_frame_equal(turned.loc[items.columns], item_analysis(items).items, rtol=1e-10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"extreme_group": 0.5}, "'extreme_group' parameter of item_analysis must lie between 0 and 0.5. Got 0.5"),
        ({"variances": "welch"}, "'variances' parameter of item_analysis must be one of 'unequal', 'equal', 'levene'"),
        ({"extraction": "ml"}, "'extraction' parameter"),
        ({"criteria": "wuminglong"}, "'criteria' parameter"),
    ],
)
def test_wrong_options_are_refused_in_words(options, message):
    with pytest.raises(ValueError, match=message):
        item_analysis(toy(), **options)


def test_what_cannot_be_analysed_says_why():
    with pytest.raises(InsufficientDataError, match="at least 2 items"):
        item_analysis(toy(k=1))
    with pytest.raises(InsufficientDataError, match="same answer to q1"):
        item_analysis(toy().assign(q1=3))
    with pytest.raises(InsufficientDataError, match="No respondent answered q1"):
        item_analysis(toy().assign(q1=np.nan))
    with pytest.raises(TypeError, match="'q1' holds"):
        item_analysis(toy().assign(q1="yes"))
    with pytest.raises(ValueError, match="'q1' holds an infinite"):
        item_analysis(toy().assign(q1=-np.inf))
    alike = pd.DataFrame({"a": [3.0] * 20 + [5], "b": [3.0] * 20 + [4]})
    with pytest.raises(InsufficientDataError, match="same total"):
        item_analysis(alike)
    with pytest.raises(InsufficientDataError, match="1 low and 1 high"):
        item_analysis(pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 2, 4]}))
    with pytest.raises(InsufficientDataError, match="at least three items"):
        item_analysis(toy(k=2), extraction="minres")


def test_two_items_are_not_blamed_for_an_alpha_that_cannot_exist():
    table = item_analysis(toy(400, k=2)).items
    assert table["alpha_if_deleted"].isna().all()
    assert table["keep"].all()


def test_fewer_respondents_than_items():
    found = item_analysis(toy(n=8, k=12))
    assert found.n == 8
    assert found.items["corrected_item_total"].notna().all()


def test_run_is_the_function_for_each_dimension(scored_lq2002):
    found = run(scored_lq2002)
    assert found.items.index.names == ["dimension", "item"]
    assert list(found.groups.index) == ["leadership_climate", "task_significance", "hostility"]
    for dimension in found.groups.index:
        limits = (0, 4) if dimension == "hostility" else (1, 5)
        own = item_analysis(scored_lq2002.scale_items(dimension), scale=limits)
        pd.testing.assert_frame_equal(found.items.loc[dimension], own.items)
        for name in found.groups.columns:
            assert found.groups.loc[dimension, name] == getattr(own, name)
    assert Result.from_json(found.to_json()).to_json() == found.to_json()
    assert len({note.id for note in found.notes}) == len(found.notes)
    with pytest.raises(PlanError, match="Item analysis takes one dimension at a time"):
        run(scored_lq2002, scales=("items",))


def test_one_bad_dimension_does_not_sink_the_others(make_scored):
    data = toy(k=5).assign(q3=2.0)
    found = run(make_scored(data, {"good": ["q0", "q1", "q2"], "bad": ["q3", "q4"]}))
    assert list(found.groups.index) == ["good"]
    assert str(found.notes[0]).startswith("bad is left out: All respondents gave the same answer to q3")
    with pytest.raises(InsufficientDataError, match="bad is left out"):
        run(make_scored(data, {"bad": ["q3", "q4"]}))


def test_what_a_deletion_would_do(lq2002):
    items = lq2002[[f"HOSTIL{at:02d}" for at in range(1, 6)]]
    table = item_analysis(items).deletions
    for item in items:
        rest = items.drop(columns=item)
        alpha = cronbach_alpha(rest)
        row = table.loc[item]
        assert row["alpha"] == pytest.approx(alpha.alpha, rel=1e-12)
        assert row["omega"] == pytest.approx(mcdonald_omega(rest).omega, rel=1e-7)
        assert row["average_r"] == pytest.approx(alpha.average_r, rel=1e-12)
        assert row["mean"] == pytest.approx(rest.mean(axis=1).mean(), rel=1e-12)
        assert row["sd"] == pytest.approx(rest.mean(axis=1).std(), rel=1e-12)
        assert row["with_whole"] == pytest.approx(rest.mean(axis=1).corr(items.mean(axis=1)), rel=1e-10)
        assert row["lowest_corrected_item_total"] == pytest.approx(alpha.items["corrected_item_total"].min(), rel=1e-10)


def test_two_items_leave_nothing_to_describe(lq2002):
    assert item_analysis(lq2002[["HOSTIL01", "HOSTIL02"]]).deletions.isna().to_numpy().all()
