"""Correlations against cor.test, psych::partial.r and multilevel::waba."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.influences.correlations import correlate
from leadership_study.results import Result

SCALES = {
    "LEAD": [f"LEAD{k:02d}" for k in range(1, 12)],
    "TSIG": [f"TSIG{k:02d}" for k in range(1, 4)],
    "HOSTILE": [f"HOSTIL{k:02d}" for k in range(1, 6)],
}
close = {"rel": 1e-9, "abs": 1e-300}


@pytest.fixture
def r(reference):
    return reference("lq2002")


@pytest.fixture
def scores(lq2002):
    return pd.DataFrame({name: lq2002[items].mean(axis=1) for name, items in SCALES.items()})


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_every_pair(scores, r, method):
    result = correlate(scores, method=method)
    rows = r(f"cor.{method}")
    assert len(rows) == len(result.pairs) == 3
    for row in rows:
        pair = result.pairs.loc[f"{row['x']} – {row['y']}"]
        # R's statistic for Spearman is S = (n³ − n)(1 − r)/6.
        statistic = (pair["n"] ** 3 - pair["n"]) * (1 - pair["r"]) / 6 if method == "spearman" else pair["statistic"]
        mine = {
            "n": pair["n"], "r": pair["r"], "stat": statistic, "p": pair["p_value"], "ci_lower": pair["ci_low"],
            "ci_upper": pair["ci_high"],
        }  # fmt: skip
        assert set(row) == {"x", "y", *mine}
        for key, number in mine.items():
            assert number == pytest.approx(row[key], **close), key
        for table, column in (("correlations", "r"), ("p_values", "p_value"), ("ci_low", "ci_low"), ("n", "n")):
            square = getattr(result, table)
            assert square.loc[row["x"], row["y"]] == square.loc[row["y"], row["x"]] == pair[column]
    assert np.diag(result.correlations).tolist() == [1, 1, 1]
    assert list(result.variables.index) == list(scores)
    assert result.variables["sd"].to_numpy() == pytest.approx(scores.std().to_numpy())


def test_partial(scores, r):
    value = r("cor.partial")
    assert (value["x"], value["y"], value["given"]) == ("LEAD", "HOSTILE", "TSIG")
    pair = correlate(scores[["LEAD", "HOSTILE", "TSIG"]], partial=["TSIG"]).pairs.loc["LEAD – HOSTILE"]
    mine = {
        "n": pair["n"], "r": pair["r"], "t": pair["statistic"], "df": pair["df"], "p": pair["p_value"],
        "semipartial_x_with_y_residual_on_z": pair["semipartial"],
    }  # fmt: skip
    assert set(value) == {"x", "y", "given", "ci", "zero_order", *mine}
    for key, number in mine.items():
        assert number == pytest.approx(value[key], **close), key
    assert [pair["ci_low"], pair["ci_high"]] == pytest.approx(value["ci"], **close)
    zero = value["zero_order"]
    plain = correlate(scores[zero["rows"]]).correlations
    assert plain.to_numpy() == pytest.approx(np.array(zero["data"]), rel=1e-12)


def test_partial_given_the_rest(scores, r):
    value = r("cor.partial_matrix_given_rest")
    result = correlate(scores[value["rows"]], partial="rest")
    assert list(result.correlations.columns) == value["cols"]
    assert result.correlations.to_numpy() == pytest.approx(np.array(value["data"]), **close)
    assert (result.pairs["df"] == 2042 - 3).all()


def test_levels_agree_with_waba(scores, lq2002, r):
    value = r("waba")
    assert set(value) == {"cov_theorem", "n_obs", "n_groups", "wabadetails"}
    levels = correlate(scores, groups=lq2002["COMPID"]).levels.loc["LEAD – HOSTILE"]
    names = {
        "EtaBx": "eta_x_between", "EtaBy": "eta_y_between", "CorrB": "r_between", "EtaWx": "eta_x_within",
        "EtaWy": "eta_y_within", "CorrW": "r_within",
    }  # fmt: skip
    for theorem in (value["cov_theorem"][0], value["wabadetails"]["Cov.Theorem"][0]):
        assert set(theorem) - {"row"} == {"RawCorr", *names}
        assert correlate(scores).correlations.loc["LEAD", "HOSTILE"] == pytest.approx(theorem["RawCorr"], **close)
        for theirs, mine in names.items():
            assert levels[mine] == pytest.approx(theorem[theirs], **close), theirs
    assert levels["n"] == value["n_obs"] == value["wabadetails"]["n.obs"]
    assert levels["n_groups"] == value["n_groups"] == value["wabadetails"]["n.grps"]
    assert correlate(scores).levels.empty


def test_levels_add_up_to_the_whole(scores, lq2002):
    result = correlate(scores, groups=lq2002["COMPID"])
    parts = result.levels
    whole = parts["eta_x_between"] * parts["eta_y_between"] * parts["r_between"]
    whole += parts["eta_x_within"] * parts["eta_y_within"] * parts["r_within"]
    assert whole.to_numpy() == pytest.approx(result.pairs["r"].to_numpy(), rel=1e-12)


def test_pairwise_and_listwise_rows(scores):
    scores.loc[:99, "LEAD"] = np.nan
    scores.loc[50:199, "TSIG"] = np.nan
    pairwise, listwise = correlate(scores), correlate(scores, missing="listwise")
    assert pairwise.pairs["n"].to_dict() == {
        "LEAD – TSIG": 2042 - 200,
        "LEAD – HOSTILE": 2042 - 100,
        "TSIG – HOSTILE": 2042 - 150,
    }
    assert (listwise.pairs["n"] == 2042 - 200).all()
    assert pairwise.definition["n"] == listwise.definition["n"] == 2042 - 200
    assert pairwise.variables["n"].tolist() == [1942, 1892, 2042]
    expected = scores.dropna().corr()
    assert listwise.correlations.to_numpy() == pytest.approx(expected.to_numpy())


def test_adjusted_p_values():
    rng = np.random.default_rng(4)
    data = pd.DataFrame(rng.normal(size=(60, 4)) + rng.normal(size=(60, 1)) * 0.5, columns=list("abcd"))
    raw = correlate(data)
    assert raw.pairs["adjusted_p_value"].isna().all()
    p = raw.pairs["p_value"].to_numpy()
    from statsmodels.stats.multitest import multipletests

    for ours, theirs in (("holm", "holm"), ("bonferroni", "bonferroni"), ("fdr_bh", "fdr_bh")):
        result = correlate(data, adjust=ours).pairs
        assert result["adjusted_p_value"].to_numpy() == pytest.approx(multipletests(p, method=theirs)[1])
        assert result["p_value"].to_numpy() == pytest.approx(p), "the raw ones stay"


def test_row_order_is_irrelevant(scores):
    a, b = correlate(scores).pairs, correlate(scores.sample(frac=1, random_state=1)).pairs
    assert a.to_numpy() == pytest.approx(b.to_numpy(), rel=1e-9, nan_ok=True)


def test_perfect_correlation_has_no_interval():
    x = np.arange(10.0)
    pair = correlate(pd.DataFrame({"x": x, "y": 2 * x + 1})).pairs.iloc[0]
    assert pair["r"] == pytest.approx(1)
    assert pair["ci_high"] == pytest.approx(1)
    assert pair["p_value"] < 1e-12


def test_fisher_intervals_cover():
    """95 % intervals of r = .5 hold it in about 95 % of samples."""
    rng = np.random.default_rng(9)
    covered = 0
    for _ in range(300):
        x = rng.normal(size=40)
        pair = correlate(pd.DataFrame({"x": x, "y": 0.5 * x + 0.75**0.5 * rng.normal(size=40)})).pairs.iloc[0]
        covered += int(pair["ci_low"] < 0.5 < pair["ci_high"])
    assert 272 <= covered <= 296


@pytest.mark.parametrize(
    ("data", "options", "id"),
    [
        ({"a": [1, 2, 3, 4, 5.0], "b": [2, 2, 2, 2, 2.0]}, {}, "variable_does_not_vary"),
        ({"a": [1, 2, np.nan, np.nan], "b": [np.nan, 2, 2, 2.0]}, {}, "pair_too_short"),
        ({"a": [1, 2, 3, 4.0], "b": [np.nan] * 4}, {}, "pair_too_short"),
        ({"a": [1, 2, 3, 4, 6.0], "b": [1, 5, 2, 2, 3.0]}, {"groups": list("xxxxx")}, "one_group_of_pairs"),
        (
            {"a": [1, 2, 3, 4, 6, 7.0], "b": [1, 5, 2, 2, 3, 1.0], "c": [2, 4, 6, 8, 12, 14.0]},
            {"partial": ["c"]},
            "variable_fully_explained",
        ),
    ],
)
def test_what_cannot_be_correlated_says_why(data, options, id):
    with pytest.raises(InsufficientDataError) as error:
        correlate(pd.DataFrame(data), **options)
    assert error.value.note.id == id


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"method": "tau"}, ValueError, "'method' parameter"),
        ({"missing": "fiml"}, ValueError, "'missing' parameter"),
        ({"adjust": "sidak"}, ValueError, "'adjust' parameter"),
        ({"partial": "LEAD"}, ValueError, "'partial' parameter"),
        ({"partial": ["LAED"]}, ValueError, "LEAD"),
        ({"partial": ["LEAD", "TSIG"]}, ValueError, "at least two columns"),
        ({"method": "kendall", "partial": ["LEAD"]}, ValueError, "no known test"),
        ({"confidence_level": 95}, ValueError, "confidence_level"),
        ({"groups": "nothing"}, ValueError, "nothing"),
    ],
)
def test_wrong_use_names_the_place(scores, options, error, message):
    with pytest.raises(error, match=message):
        correlate(scores, **options)


def test_text_and_infinite_numbers_are_refused(scores):
    with pytest.raises(TypeError, match="'LEAD' holds"):
        correlate(scores.assign(LEAD="much"))
    with pytest.raises(ValueError, match="'TSIG' holds an infinite"):
        correlate(scores.assign(TSIG=np.inf))


def test_survives_json(scores, lq2002):
    for groups in (None, lq2002["COMPID"]):
        result = correlate(scores, groups=groups, adjust="holm")
        back = Result.from_json(result.to_json())
        for name, table in result.tables().items():
            pd.testing.assert_frame_equal(back.tables()[name], table, check_index_type=len(table) > 0)
