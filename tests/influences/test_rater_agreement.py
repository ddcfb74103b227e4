"""Agreement of raters against R's multilevel and lme4, by closed forms, and by recovery of planted variances."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._agreement_verdicts import ICC2_BANDS, RWG_BANDS, verdict
from leadership_study.influences.rater_agreement import rater_agreement
from leadership_study.results import Result
from leadership_study.samples.one_way import one_way
from leadership_study.samples.variance_components import three_levels, two_levels

SCALES = {
    "LEAD": ([f"LEAD{k:02d}" for k in range(1, 12)], (1, 5)),
    "TSIG": ([f"TSIG{k:02d}" for k in range(1, 4)], (1, 5)),
    "HOSTILE": ([f"HOSTIL{k:02d}" for k in range(1, 6)], (0, 4)),
}
dimensions = pytest.mark.parametrize("name", SCALES)


@pytest.fixture
def r(reference):
    return reference("lq2002")


@pytest.fixture
def of(lq2002):
    def agreement(name, **options):
        items, scale = SCALES[name]
        return rater_agreement(lq2002[[*items, "COMPID"]], "COMPID", scale=scale, **options)

    return agreement


@dimensions
def test_icc_by_mean_squares(of, r, lq2002, name):
    value, result = r(f"icc.aov.{name}"), of(name)
    analysis = one_way(
        lq2002[SCALES[name][0]].mean(axis=1).to_numpy(), np.unique(lq2002["COMPID"], return_inverse=True)[1]
    )
    mine = {
        "ICC1": result.icc1, "ICC2": result.icc2, "MSB": analysis.mean_square_between,
        "MSW": analysis.mean_square_within, "df_between": result.df1, "df_within": result.df2, "F": result.f,
        "p": result.p_value, "n_groups": result.n_groups, "mean_group_size": result.mean_group_size,
        "k0_adjusted": analysis.adjusted_size, "ICC1_k0": result.variants.loc["anova_adjusted_size", "icc1"],
    }  # fmt: skip
    assert set(mine) == set(value)
    for key, number in mine.items():
        assert number == pytest.approx(value[key], rel=1e-8, abs=1e-300), key


@dimensions
def test_icc_by_mixed_model(of, r, name):
    value, result = r(f"icc.lmer.{name}"), of(name)
    mixed = result.variants.loc["mixed_model_mean_size"]
    # lme4's own optimum is good to about 1e-7 relative.
    mine = {
        "tau00": result.group_variance, "sigma2": result.residual_variance, "ICC1": mixed["icc1"],
        "ICC2_mean_k": mixed["icc2"], "mean_k": result.mean_group_size,
    }  # fmt: skip
    assert set(mine) | {"gmean_reliability"} == set(value)
    for key, number in mine.items():
        assert number == pytest.approx(value[key], rel=1e-6), key
    groups = value["gmean_reliability"]
    assert mixed["icc1"] == pytest.approx(groups["ICC"], rel=1e-6)
    assert list(result.groups.index) == groups["group"]
    assert list(result.groups["n"]) == groups["size"]
    assert result.groups["reliability"].to_numpy() == pytest.approx(groups["reliability"], rel=1e-6)
    mean = result.variants.loc["mixed_model_mean_of_groups", "icc2"]
    assert mean == pytest.approx(groups["mean_reliability"], rel=1e-6)


def test_icc_of_several_variables(of, r):
    for row in r("icc.mult"):
        mixed = of(row["Variable"], icc="mixed_model")
        assert mixed.icc1 == pytest.approx(row["ICC1"], rel=1e-6)
        assert mixed.icc2 == pytest.approx(row["ICC2"], rel=1e-6)


def test_likelihood_is_lme4s(of, r, lq2002):
    value = r("lmer.null.reml")
    scores = lq2002[SCALES["HOSTILE"][0]].mean(axis=1).to_numpy()
    found = two_levels(scores, np.unique(lq2002["COMPID"], return_inverse=True)[1])
    assert -found.deviance / 2 == pytest.approx(value["logLik"], abs=1e-6)
    assert found.group == pytest.approx(value["varcomp"][0]["vcov"], rel=1e-6)


def test_the_verdict_flips_with_the_definition(of):
    variants = of("HOSTILE").variants["icc2"]
    words = variants.map(lambda value: verdict(value, ICC2_BANDS))
    assert words["anova_mean_size"] == "acceptable"
    assert words["mixed_model_mean_size"] == "acceptable"
    assert words["mixed_model_mean_of_groups"] == "low"


@dimensions
@pytest.mark.parametrize("null", ["uniform", "slight_skew"])
def test_rwg_j(of, r, name, null):
    value, result = r(f"rwgj.{null}.{name}"), of(name, null=null)
    row = result.agreement.loc["rwg_j"]
    keys = {
        "mean": "mean", "median": "median", "min": "minimum", "max": "maximum", "sd": "sd", "pct_ge_70": "share",
        "n_groups": "n_groups",
    }  # fmt: skip
    assert set(value) <= set(keys) | {"by_group"}
    for theirs, mine in keys.items():
        if theirs in value:
            assert row[mine] == pytest.approx(value[theirs], rel=1e-10), theirs
    _by_group(result, value["by_group"], "rwg.j", "rwg_j", "gsize")
    assert (result.rwg_j == result.groups["rwg_j"]).all()


@dimensions
def test_rwg_j_lindell(of, r, name):
    value, result = r(f"rwgj_lindell.{name}"), of(name)
    _summary(result, value, "rwg_j_lindell")
    _by_group(result, value["by_group"], "rwg.lindell", "rwg_j_lindell", "gsize")


@dimensions
@pytest.mark.parametrize("centre", ["mean", "median"])
def test_average_deviation(of, r, name, centre):
    value, result = r(f"ad.m.{centre}.{name}"), of(name, deviation=centre)
    _summary(result, value, "average_deviation")
    _by_group(result, value["by_group"], "AD.M", "average_deviation", "gsize")
    share = (result.average_deviation <= 5 / 6).mean()
    assert result.agreement.loc["average_deviation", "share"] == pytest.approx(share)


@dimensions
def test_awg(of, r, lq2002, name):
    value, result = r(f"awg.{name}"), of(name)
    _summary(result, value, "awg")
    _by_group(result, value["by_group"], "a.wg", "awg", "nraters")
    for row in value["by_group"]:
        assert row["nitems"] == result.rwg.shape[1]
        # What R calls the average variance of a group is the mean of its whole covariance matrix: var(scale mean).
        scores = lq2002.loc[lq2002["COMPID"] == int(row["grpid"]), SCALES[name][0]].mean(axis=1)
        assert scores.var() == pytest.approx(row["avg.grp.var"], rel=1e-9)
        assert set(row) - {"row"} == {"grpid", "a.wg", "nitems", "nraters", "avg.grp.var"}


def test_rwg_of_one_variable(r, lq2002):
    value = r("rwg.single_item")
    scores = lq2002[SCALES["LEAD"][0]].mean(axis=1).to_frame("LEAD")
    result = rater_agreement(scores, lq2002["COMPID"], scale=(1, 5))
    assert result.rwg["LEAD"].mean() == pytest.approx(value["mean"], rel=1e-10)
    assert result.rwg["LEAD"].median() == pytest.approx(value["median"], rel=1e-10)
    for row in value["by_group"]:
        assert result.rwg.loc[str(row["grpid"]), "LEAD"] == pytest.approx(row["rwg"], rel=1e-10)
        assert result.groups.loc[str(row["grpid"]), "n"] == row["gsize"]
    assert result.rwg["LEAD"].to_numpy() == pytest.approx(result.rwg_j.to_numpy())


def _summary(result, value, name):
    assert set(value) == {"mean", "median", "by_group"}
    for key in ("mean", "median"):
        assert result.agreement.loc[name, key] == pytest.approx(value[key], rel=1e-10)


def _by_group(result, rows, theirs, mine, size):
    assert [str(row["grpid"]) for row in rows] == list(result.groups.index)
    for row in rows:
        group = result.groups.loc[str(row["grpid"])]
        assert group[mine] == pytest.approx(row[theirs], rel=1e-9, abs=1e-12)
        assert group["n"] == row[size]


def test_design_effect_uses_the_size_a_rater_meets(of, lq2002):
    result = of("LEAD")
    sizes = lq2002["COMPID"].value_counts()
    assert result.design_effect == pytest.approx(1 + ((sizes**2).sum() / 2042 - 1) * result.icc1)
    assert result.design_effect > 1 + (result.mean_group_size - 1) * result.icc1


def test_outside_values_become_zero_and_are_counted(of):
    cut, raw = of("HOSTILE", null="slight_skew"), of("HOSTILE", null="slight_skew", truncate=False)
    outside = (raw.rwg_j < 0) | (raw.rwg_j > 1)
    assert outside.sum() > 0
    assert (cut.rwg_j[outside] == 0).all()
    note = next(note for note in cut.notes if note.id == "rwg_outside")
    assert note.values["groups"] == outside.sum()
    assert not [note for note in raw.notes if note.id == "rwg_outside"]


def test_null_variances():
    data = pd.DataFrame({"a": [1, 2, 3, 5], "b": [2, 2, 4, 5]})
    groups = ["x", "x", "y", "y"]

    def null(**options):
        return rater_agreement(data, groups, **options).definition["null_variance"]

    assert null(scale=(1, 5)) == 2
    assert null(scale=(1, 7)) == 4
    assert null(scale=(1, 5), null="moderate_skew") == 0.9
    assert null(scale=(1, 5), null=1.5) == 1.5
    assert null(scale=(0, 100), categories=5) == 625 * 2
    with pytest.raises(ValueError, match="five categories"):
        null(scale=(1, 7), null="slight_skew")


def test_agreement_by_hand():
    """Raters say 2, 3, 3, 4: variance 2/3, so r_wg = 1 − (2/3)/2; a_wg = 1 − 2 · (2/3) / ((6·3 − 9 − 5) · 4/3)."""
    data = pd.DataFrame({"a": [2, 3, 3, 4, 1, 1, 3]})
    result = rater_agreement(data, ["h1", "h1", "h1", "h1", "h2", "h2", "h3"], scale=(1, 5))
    assert result.rwg.loc["h1", "a"] == pytest.approx(2 / 3)
    assert result.awg["h1"] == pytest.approx(0.75)
    assert result.average_deviation["h1"] == 0.5
    assert result.awg["h2"] == 1, "all agree at the end of the scale"
    assert result.groups.loc["h3", ["rwg_j", "rwg_j_lindell", "awg", "average_deviation"]].isna().all()
    assert result.single_rater_groups == 1
    assert [note.id for note in result.notes] == ["single_raters"]
    assert result.agreement.loc["rwg_j", "n_groups"] == 2


def test_awg_leaves_out_items_it_does_not_apply_to():
    """Two raters, mean 3.5: no two raters with that mean could differ by the widest variance, and nor with mean 2."""
    data = pd.DataFrame({"a": [3, 4, 2, 4], "b": [2, 4, 2, 2]})
    result = rater_agreement(data, ["h1", "h1", "h2", "h2"], scale=(1, 5))
    assert result.groups["awg_items"].to_dict() == {"h1": 1, "h2": 1}
    assert result.awg["h1"] == pytest.approx(0.5)
    assert result.awg["h2"] == pytest.approx(0.5)


def test_words_of_the_bands():
    words = [verdict(value, RWG_BANDS) for value in (0.0, 0.30, 0.31, 0.50, 0.51, 0.70, 0.71, 0.90, 0.91, 1.0)]
    assert words == ["lack"] * 2 + ["weak"] * 2 + ["moderate"] * 2 + ["strong"] * 2 + ["very_strong"] * 2
    assert verdict(np.nan, RWG_BANDS) == "not_estimated"


def _nested(rng, *, heads=12, schools=4, raters=8, head=0.0, school=0.1, residual=0.9):
    h = np.repeat(np.arange(heads), schools * raters)
    s = np.repeat(np.arange(heads * schools), raters)
    y = rng.normal(0, head**0.5, heads)[h] + rng.normal(0, school**0.5, heads * schools)[s]
    y = y + rng.normal(0, residual**0.5, len(h))
    return pd.DataFrame({"y": y, "school": s, "head": h})


def _fit(data, **options):
    return rater_agreement(data, "head", scale=(-10, 10), nested_in=("school",), **options)


def test_three_levels_balanced_are_the_mean_squares():
    data = _nested(np.random.default_rng(5), head=0.3, school=0.2)
    result = _fit(data)
    school_means = data.groupby("school")["y"].mean()
    head_means = data.groupby("head")["y"].mean()
    ms_raters = data.groupby("school")["y"].var().mean()
    ms_schools = 8 * school_means.groupby(np.repeat(np.arange(12), 4)).var().mean()
    ms_heads = 32 * head_means.var()
    assert result.residual_variance == pytest.approx(ms_raters, rel=1e-6)
    assert result.unit_variance == pytest.approx((ms_schools - ms_raters) / 8, rel=1e-5)
    assert result.group_variance == pytest.approx((ms_heads - ms_schools) / 32, rel=1e-5)
    assert result.f == pytest.approx(ms_heads / ms_schools, rel=1e-10)
    assert (result.df1, result.df2) == (11, 36)
    assert result.icc2 == pytest.approx((ms_heads - ms_schools) / ms_heads, rel=1e-5)
    assert result.icc2 == result.reliability
    assert result.groups["reliability"].to_numpy() == pytest.approx(result.icc2)
    one_way_icc2 = result.variants.loc["anova_mean_size_ignores_units", "icc2"]
    assert one_way_icc2 > result.icc2
    total = ms_raters + result.unit_variance + result.group_variance
    expected = 1 + 31 * result.group_variance / total + 7 * result.unit_variance / total
    assert result.design_effect == pytest.approx(expected)


def test_three_levels_unbalanced_against_the_whole_likelihood():
    rng = np.random.default_rng(8)
    data = _nested(rng, head=0.3, school=0.2).sample(frac=0.55, random_state=1)
    outer = data["head"].to_numpy()
    units, codes = np.unique(data["school"], return_inverse=True)
    found = three_levels(data["y"].to_numpy(), codes, units[codes] // 4)
    n = len(data)
    same_head, same_school = outer[:, None] == outer, codes[:, None] == codes

    def deviance(group, unit, residual):
        v = group * same_head + unit * same_school + residual * np.eye(n)
        inverse = np.linalg.inv(v)
        information = inverse.sum()
        centred = data["y"].to_numpy() - (inverse @ data["y"].to_numpy()).sum() / information
        logs = np.linalg.slogdet(v)[1] + np.log(information)
        return (n - 1) * np.log(2 * np.pi) + logs + centred @ inverse @ centred

    best = deviance(found.group, found.unit, found.residual)
    assert best == pytest.approx(found.deviance, abs=1e-8)
    for factors in ((1.02, 1, 1), (1, 1.02, 1), (1, 1, 1.02), (0.98, 1, 1), (1, 0.98, 1), (1, 1, 0.98)):
        assert deviance(found.group * factors[0], found.unit * factors[1], found.residual * factors[2]) > best


def test_no_head_effect_is_found_where_only_schools_differ():
    """School ICC .10 and no head variance: the one-way F finds heads far too often, the nested F about 1 in 20."""
    rng = np.random.default_rng(13)
    nested, ignoring, reliability = 0, 0, []
    for _ in range(80):
        data = _nested(rng, raters=30)
        result = _fit(data)
        nested += int(result.p_value < 0.05)
        ignoring += int(rater_agreement(data[["y", "head"]], "head", scale=(-10, 10)).p_value < 0.05)
        reliability.append(result.reliability)
    assert nested <= 9
    assert ignoring > 40
    assert np.median(reliability) < 0.2


def test_units_need_two_in_a_group():
    data = pd.DataFrame({"y": [1.0, 2, 3, 4], "school": [1, 1, 2, 2], "head": [1, 1, 2, 2]})
    with pytest.raises(InsufficientDataError, match="No group has two units"):
        _fit(data)


def test_row_order_is_irrelevant(lq2002, of):
    items, scale = SCALES["TSIG"]
    shuffled = lq2002.sample(frac=1, random_state=2)
    other = rater_agreement(shuffled[[*items, "COMPID"]], "COMPID", scale=scale)
    pd.testing.assert_frame_equal(other.groups, of("TSIG").groups, rtol=1e-10)
    assert other.icc1 == pytest.approx(of("TSIG").icc1)


def test_missing_raters_are_left_out_and_counted(lq2002):
    data = lq2002[["TSIG01", "TSIG02", "COMPID"]].astype(float)
    data.loc[:4, "TSIG01"] = np.nan
    data.loc[3:9, "COMPID"] = np.nan
    result = rater_agreement(data, "COMPID", scale=(1, 5))
    assert result.n == 2042 - 10
    assert {note.id: note.values for note in result.notes if note.id.startswith("raters")} == {
        "raters_without_answers": {"left_out": 5, "received": 2042},
        "raters_without_group": {"left_out": 5, "received": 2042},
    }


@pytest.mark.parametrize(
    ("data", "groups", "id"),
    [
        ({"a": [1, 2, 3]}, ["h", "h", "h"], "one_group"),
        ({"a": [1, 2, 3]}, ["h", "i", "j"], "no_group_of_two"),
        ({"a": [2, 2, 2]}, ["h", "h", "j"], "same_answer_everywhere"),
        ({"a": [np.nan] * 3}, ["h", "h", "j"], "no_complete_rater"),
        ({"a": [1, 2, 3]}, [np.nan] * 3, "no_complete_rater"),
    ],
)
def test_what_cannot_be_judged_says_why(data, groups, id):
    with pytest.raises(InsufficientDataError) as error:
        rater_agreement(pd.DataFrame(data), groups, scale=(1, 5))
    assert error.value.note.id == id


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"icc": "both"}, "'icc' parameter"),
        ({"null": "flat"}, "'null' parameter"),
        ({"null": -1.0}, "above 0"),
        ({"deviation": "mode"}, "'deviation' parameter"),
        ({"scale": (1, 3)}, "holds 5 in row 3"),
        ({"scale": (5, 1)}, r"'scale' parameter of rater_agreement must be \(low, high\).* Got \(5, 1\)"),
        ({"scale": 5}, "'scale' parameter .* Got 5"),
        ({"scale": (1, 2, 5)}, "'scale' parameter .* Got"),
        ({"scale": (1, np.inf)}, "'scale' parameter .* Got"),
        ({"scale": "15"}, "'scale' parameter .* Got '15'"),
        ({"null": np.inf}, "'null' parameter .* Got inf"),
        ({"null": np.nan}, "'null' parameter .* Got nan"),
        ({"null": None}, "'null' parameter .* Got None"),
        ({"nested_in": ("a", "b")}, "'nested_in' parameter"),
        ({"categories": 1}, "at least 2"),
    ],
)
def test_wrong_use_names_the_place(options, message):
    data = pd.DataFrame({"a": [1, 2, 3, 5]})
    with pytest.raises(ValueError, match=message):
        rater_agreement(data, ["x", "x", "y", "y"], **{"scale": (1, 5), **options})


def test_negative_icc_is_shown_and_noted():
    data = pd.DataFrame({"a": [1, 5, 1, 5, 1.0, 5]})
    result = rater_agreement(data, list("xxyyzz"), scale=(1, 5))
    assert result.icc1 < 0
    assert "icc_negative" in [note.id for note in result.notes]
    assert result.group_variance == 0
    assert result.design_effect == 1


def test_survives_json(of):
    result = of("TSIG")
    back = Result.from_json(result.to_json())
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(back.tables()[name], table)


@pytest.mark.parametrize("name", ["LEAD", "TSIG", "HOSTILE"])
def test_every_null_distribution_stands_beside_the_chosen_one(of, r, name):
    nulls = of(name).nulls
    assert list(nulls.index) == ["uniform", "slight_skew", "moderate_skew"]
    assert nulls["null_variance"].tolist() == [2.0, 1.34, 0.9]
    for null in ("uniform", "slight_skew"):
        theirs = pd.DataFrame(r(f"rwgj.{null}.{name}")["by_group"])["rwg.j"]
        assert nulls.loc[null, "mean"] == pytest.approx(theirs.mean(), rel=1e-9)
        assert nulls.loc[null, "median"] == pytest.approx(theirs.median(), rel=1e-9)
        assert nulls.loc[null, "share"] == pytest.approx((theirs >= 0.7).mean())
    assert nulls["mean"].is_monotonic_decreasing


def test_reliability_by_the_number_of_raters(of, lq2002):
    result = of("LEAD")
    icc = result.group_variance / (result.group_variance + result.residual_variance)
    expected = [k * icc / (1 + (k - 1) * icc) for k in (5, 10, 20, 50, 100)]  # Spearman and Brown
    assert result.by_raters["reliability"].to_numpy() == pytest.approx(expected)


def test_more_raters_of_the_same_schools_do_not_make_a_head_reliable():
    rng = np.random.default_rng(8)
    head = np.repeat(np.arange(30), 40)
    school = np.repeat(np.arange(120), 10)
    values = rng.normal(0, 0.4, 30)[head] + rng.normal(0, 0.6, 120)[school] + rng.normal(0, 0.7, 1200)
    data = pd.DataFrame({"item": np.clip(3 + values, 1, 5), "school": school})
    result = rater_agreement(data, head, scale=(1, 5), nested_in=["school"])
    limit = result.group_variance / (result.group_variance + result.unit_variance / 4)
    assert result.by_raters["n_units"].tolist() == [4.0] * 5
    assert result.by_raters["reliability"].is_monotonic_increasing
    assert result.by_raters["reliability"].iloc[-1] < limit < 0.9
