"""Distributions against psych::describe, frequencies against table()."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import raw
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.influences.descriptives import describe, frequencies, run
from leadership_study.samples.univariate import skewness_kurtosis

LEAD, TSIG, HOSTILE = (
    [f"{stem}{k:02d}" for k in range(1, n + 1)] for stem, n in (("LEAD", 11), ("TSIG", 3), ("HOSTIL", 5))
)
R_COLUMNS = {
    "n": "n", "mean": "mean", "sd": "sd", "median": "median", "trimmed": "trimmed_mean", "mad": "mad",
    "min": "minimum_value", "max": "maximum_value", "skew": "skewness", "kurtosis": "kurtosis", "se": "std_error",
}  # fmt: skip


@pytest.fixture
def r(reference):
    return reference("lq2002")


def _same(table, rows):
    assert [row["row"] for row in rows] == list(table.index)
    for row in rows:
        assert set(row) == {"row", "range", *R_COLUMNS}
        mine = table.loc[row["row"]]
        for theirs, own in R_COLUMNS.items():
            assert mine[own] == pytest.approx(row[theirs], rel=1e-9, abs=1e-12), (row["row"], theirs)
        assert mine["maximum_value"] - mine["minimum_value"] == pytest.approx(row["range"])


@pytest.mark.parametrize(
    ("type", "section"),
    [(1, "descriptives.items_type1"), (2, "descriptives.items_type2"), (3, "descriptives.items")],
)
def test_items(lq2002, r, type, section):
    _same(describe(lq2002[[*LEAD, *TSIG, *HOSTILE]], type=type).variables, r(section))


def test_type_2_is_the_default(lq2002, r):
    _same(describe(lq2002[[*LEAD, *TSIG, *HOSTILE]]).variables, r("descriptives.items_type2"))


@pytest.mark.parametrize("section", ["available_items", "complete_items"])
def test_scores(lq2002, r, section):
    scores = pd.DataFrame(
        {name: lq2002[items].mean(axis=1) for name, items in (("LEAD", LEAD), ("TSIG", TSIG), ("HOSTILE", HOSTILE))}
    )
    _same(describe(scores, type=3).variables, r(f"scores.{section}"))


def test_frequencies(lq2002, r):
    values = {item: (0, 1, 2, 3, 4) if item in HOSTILE else (1, 2, 3, 4, 5) for item in [*LEAD, *TSIG, *HOSTILE]}
    table = frequencies(lq2002[list(values)], values)
    reference = r("descriptives.frequencies")
    assert set(reference) == set(values)
    for item, counts in reference.items():
        assert counts.pop("NA") == 0
        assert table.loc[item, "n"].to_dict() == {value: count for value, count in counts.items()}
        assert table.loc[item, "share"].sum() == pytest.approx(1)


def test_missing(lq2002, r):
    value = r("descriptives.missing")
    assert set(value) == {"n_rows", "missing", "complete_cases_items", "n_patterns"}
    whole = describe(lq2002)
    assert whole.n_rows == value["n_rows"]
    assert whole.variables["missing"].to_dict() == value["missing"]
    result = describe(lq2002[[*LEAD, *TSIG, *HOSTILE]])
    assert result.n_complete == value["complete_cases_items"]
    assert result.n_patterns == value["n_patterns"]


@pytest.fixture(params=["bfi", "holzinger"])
def other_set(request):
    """Name, raw answers, and the columns that R described."""
    data = raw(request.param)
    if request.param == "bfi":
        return (
            request.param,
            data,
            [*(f"{scale}{at}" for scale in "ACENO" for at in range(1, 6)), "gender", "education", "age"],
        )
    return request.param, data, [f"x{at}" for at in range(1, 10)]


@pytest.mark.parametrize(("type", "suffix"), [(1, "_type1"), (2, "_type2"), (3, "")])
def test_items_of_other_sets(other_set, reference, type, suffix):
    name, data, columns = other_set
    rows = [dict(row) for row in reference(name)(f"descriptives.items{suffix}")]
    if type == 1:
        # psych's kurtosi(type=1) multiplies by all rows, those without an answer too, and divides by those with one.
        for row in rows:
            row["kurtosis"] = (row["kurtosis"] + 3) * row["n"] / len(data) - 3
    _same(describe(data[columns], type=type).variables, rows)


def test_counts_of_other_sets(other_set, reference):
    name, data, columns = other_set
    value = reference(name)("descriptives.missing")
    whole, own = describe(data.select_dtypes("number")), describe(data[columns])
    numeric = {column: count for column, count in value["missing"].items() if column in whole.variables.index}
    assert set(value["missing"]) - set(numeric) <= {"school"}, "the only column of words"
    assert whole.variables["missing"].to_dict() == numeric
    assert [len(data), own.n_complete, own.n_patterns] == [
        value[key] for key in ("n_rows", "complete_cases_items", "n_patterns")
    ]
    counts = reference(name)("descriptives.frequencies")
    values = {column: sorted(data[column].dropna().unique()) for column in columns}
    table = frequencies(data[columns], values)
    assert set(counts) == set(columns)
    for column, theirs in counts.items():
        assert own.variables.loc[column, "missing"] == theirs.pop("NA")
        mine = [table.loc[(column, f"{value:g}"), "n"] for value in values[column]]
        assert mine == [theirs[key] for key in sorted(theirs, key=float)]


def test_missing_answers_are_counted_and_left_out():
    data = pd.DataFrame({"a": [1.0, np.nan, 3, 5], "b": [np.nan] * 4})
    result = describe(data)
    assert result.variables.loc["a", ["n", "missing", "mean", "median"]].tolist() == [3, 1, 3, 3]
    assert result.variables.loc["b", "n"] == 0
    assert result.variables.drop(columns=["n", "missing"]).loc["b"].isna().all()
    assert (result.n_rows, result.n_complete, result.n_patterns) == (4, 0, 2)
    assert str(result.notes[0]) == "Nobody answered b, so there is nothing to describe there."


def test_short_and_constant_variables_have_no_shape():
    assert np.isnan(skewness_kurtosis(np.array([1.0, 2])[:1])).all()
    assert np.isnan(skewness_kurtosis(np.array([2.0, 2, 2]))).all()
    skewness, kurtosis = skewness_kurtosis(np.array([1.0, 2, 4]))
    assert skewness == pytest.approx(0.9352195295828244)  # scipy.stats.skew(bias=False)
    assert np.isnan(kurtosis)


def test_shape_agrees_with_scipy():
    from scipy import stats

    values = np.random.default_rng(1).exponential(size=50)
    mine = skewness_kurtosis(values)
    assert mine == pytest.approx((stats.skew(values, bias=False), stats.kurtosis(values, bias=False)))


def test_shape_does_not_depend_on_the_origin():
    values = np.random.default_rng(1).normal(size=99)
    assert skewness_kurtosis(values) == pytest.approx(skewness_kurtosis(values + 1e6), abs=1e-6)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ({"a": ["x", "y"]}, TypeError, "'a' holds"),
        ({"a": [1.0, np.inf]}, ValueError, "'a' holds an infinite"),
        ({"a": [np.nan, np.nan]}, InsufficientDataError, "no answers"),
    ],
)
def test_what_cannot_be_described_says_why(data, error, message):
    with pytest.raises(error, match=message):
        describe(pd.DataFrame(data))


def test_unknown_type():
    with pytest.raises(ValueError, match="'type' parameter of describe must be one of 1, 2, 3"):
        describe(pd.DataFrame({"a": [1, 2]}), type=4)


def test_frequencies_refuse_answers_off_the_scale():
    with pytest.raises(ValueError, match="'a' holds 7"):
        frequencies(pd.DataFrame({"a": [1, 7]}), {"a": (1, 2, 3)})


def test_answers_nobody_gave_are_counted_as_zero():
    table = frequencies(pd.DataFrame({"a": [1, 1, np.nan], "b": [np.nan] * 3}), {"a": (1, 2), "b": (1, 2)})
    assert table["n"].tolist() == [2, 0, 0, 0]
    assert table.loc["a", "share"].tolist() == [1, 0]
    assert table.loc["b", "share"].isna().all()


def test_scores_are_tested_against_the_midpoint_of_their_own_scale(scored_of):
    """Nested answers have the CR2 error of a mean; on one scale it is the one-sample test of repeated measures."""
    nested, plain = run(scored_of()).midpoint, run(scored_of(nested_in=())).midpoint
    assert nested["null"].to_dict() == {"leadership_climate": 3, "task_significance": 3, "hostility": 2}
    scores = scored_of().scales["hostility"].dropna()
    found = stats.ttest_1samp(scores, 2)
    assert plain.loc["hostility", "statistic"] == pytest.approx(found.statistic, rel=1e-10)
    assert plain.loc["hostility", "df"] == len(scores) - 1
    assert nested.loc["hostility", "df"] < 49
    assert (nested["std_error"] > plain["std_error"]).all()
    assert nested.loc["hostility", "verdict"] == "below"
    assert (nested["adjusted_p_value"] >= nested["p_value"]).all()
