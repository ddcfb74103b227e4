"""Groups in every form they are handed in: missing ones stay missing, labels and their order never depend on chance."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.influences._groups import cluster_codes, natural
from leadership_study.influences.correlations import correlate
from leadership_study.influences.rater_agreement import rater_agreement
from leadership_study.influences.regression import hierarchical_regression, regress

ITEMS = pd.DataFrame({"a": [1.0, 2, 4, 5, 3, 1], "b": [2.0, 2, 5, 4, 3, 2]})


def agree(groups, data=ITEMS):
    return rater_agreement(data, groups, scale=(1, 5))


def ids(result):
    return [note.id for note in result.notes]


@pytest.mark.parametrize("missing", [np.nan, None, pd.NA])
@pytest.mark.parametrize("form", [list, tuple, lambda values: np.array(values, dtype=object), pd.Series])
def test_a_missing_group_is_not_a_group_called_nan(missing, form):
    groups = form(["x", "x", "y", "y", missing, missing])
    result = agree(groups)
    assert list(result.groups.index) == ["x", "y"]
    assert result.n == 4
    assert ids(result) == ["raters_without_group"]
    assert cluster_codes(ITEMS, groups, "regress").tolist() == [0, 0, 1, 1, -1, -1]
    levels = correlate(ITEMS, groups=groups)
    assert levels.levels["n"].tolist() == [4]
    assert levels.levels["n_groups"].tolist() == [2]
    assert str(levels.notes[0]).startswith("2 of 6 rows have no group")


def test_a_group_really_called_nan_is_one():
    assert list(agree(["nan", "nan", "y", "y", "y", "nan"]).groups.index) == ["nan", "y"]


def test_order_of_groups_does_not_depend_on_the_hash_seed():
    code = (
        "from leadership_study.influences.rater_agreement import rater_agreement as r; import pandas as pd;"
        "g = ['nan', 'Nan', 'inf', 'b10', 'b2', '-inf', 'NaN', '10', '9'] * 2;"
        "print(*r(pd.DataFrame({'a': [i % 5 + 1 for i in range(18)]}), g, scale=(1, 5)).groups.index)"
    )
    orders = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert orders == {"9 10 -inf NaN Nan b2 b10 inf nan\n"}


def test_natural_order():
    labels = ["s10", "s2", "10", "9", "1.5", "-1", "学校12", "学校3", "", "s2b"]
    assert sorted(labels, key=natural) == ["-1", "1.5", "9", "10", "", "s2", "s2b", "s10", "学校3", "学校12"]
    assert natural("9" * 1000) > natural("9"), "no number is too long to compare"


def test_labels_do_not_change_when_one_rater_has_no_group():
    whole = ITEMS.assign(g=[1, 1, 2, 2, 10, 10])
    holed = whole.assign(g=[1, 1, 2, 2, 10, np.nan])
    assert list(agree("g", whole).groups.index) == list(agree("g", holed).groups.index) == ["1", "2", "10"]
    assert list(agree([1.5, 1.5, 2, 2, 2, 2]).groups.index) == ["1.5", "2"]


def test_a_number_and_a_text_of_the_same_label_are_refused():
    groups = [1, 1, "1", "1", 2, 2]
    with pytest.raises(ValueError, match="hold 1 both as a number and as text"):
        agree(groups)
    with pytest.raises(ValueError, match="clusters of regress hold 1 both"):
        regress("a ~ b", ITEMS, covariance="CR1", clusters=groups)


@pytest.mark.parametrize("label", [7, ("school", 1), "g"])
def test_columns_of_any_label_can_be_groups(label):
    data = ITEMS.copy()
    data[label] = [1, 1, 2, 2, 3, 3]
    data.columns = pd.Index(["a", "b", label], tupleize_cols=False)
    expected = agree([1, 1, 2, 2, 3, 3])
    pd.testing.assert_frame_equal(agree(label, data).groups, expected.groups)
    assert len(correlate(data, groups=label).levels) == 1
    assert regress("a ~ b", data, covariance="CR1", clusters=label).definition["n_clusters"] == 3


@pytest.mark.parametrize("groups", [ITEMS, {"a": 1}, np.zeros((6, 2)), [[1], [2], [3], [4], [5], [6]]])
def test_what_is_no_group_is_refused(groups):
    for call in (
        lambda: agree(groups),
        lambda: correlate(ITEMS, groups=groups),
        lambda: regress("a ~ b", ITEMS, covariance="CR1", clusters=groups),
    ):
        with pytest.raises(ValueError, match="one value a row"):
            call()
    with pytest.raises(ValueError, match="6 rows, 2 groups"):
        agree(["x", "y"])
    with pytest.raises(ValueError, match="Unknown column of groups: '8'"):
        agree(8)


def test_nobody_left_is_said_as_such_and_not_as_one_group():
    with pytest.raises(InsufficientDataError, match="of 6, 1 answered every item and 5 have a group"):
        agree([np.nan, "x", "x", "y", "y", "y"], ITEMS.assign(a=[1, np.nan, np.nan, np.nan, np.nan, np.nan]))
    with pytest.raises(InsufficientDataError, match="No row has a, b and a group"):
        correlate(ITEMS, groups=[np.nan] * 6)
    with pytest.raises(InsufficientDataError, match="No row that has all variables has a group"):
        hierarchical_regression("a", [["b"]], ITEMS, covariance="CR1", clusters=[None] * 6)


def test_awg_in_small_groups_is_multilevels():
    """Three raters who all say 4 on 1–5: no three could be as far apart as the formula asks, so R gives NA."""
    data = pd.DataFrame([[3, 4, 5, 4, 4], [4, 4, 4, 4, 3], [5, 4, 2, 4, 5]]).rename(columns=str)
    result = rater_agreement(pd.concat([data, data - 1]), list("xxxyyy"), scale=(1, 5))
    assert result.awg["x"] == pytest.approx(0.125, abs=1e-12)
    assert result.groups.loc["x", "awg_items"] == 1


def test_awg_is_one_where_all_agree_at_an_end():
    data = pd.DataFrame({"a": [5, 5, 5, 1, 1, 1], "b": [3, 3, 3, 2, 3, 4]})
    result = rater_agreement(data, list("xxxyyy"), scale=(1, 5))
    assert result.awg["x"] == 1
    assert result.groups["awg_items"].tolist() == [2, 2]


def test_rwg_of_items_set_to_zero_are_counted():
    data = pd.DataFrame({"a": [1, 5, 1, 3, 3, 3], "b": [1, 5, 5, 3, 3, 4], "c": [3, 3, 3, 1, 5, 5]})
    raw = rater_agreement(data, list("xxxyyy"), scale=(1, 5), truncate=False)
    cut = rater_agreement(data, list("xxxyyy"), scale=(1, 5))
    note = next(note for note in cut.notes if note.id == "rwg_items_outside")
    assert note.values == {"count": int((raw.rwg < 0).to_numpy().sum()), "groups": 2}
    assert note.values["count"] == 3
    assert (cut.rwg.to_numpy()[raw.rwg.to_numpy() < 0] == 0).all()
    assert "rwg_items_outside" not in ids(raw)


def test_whole_dimension_above_one_is_set_to_zero_and_said():
    data = pd.DataFrame({"a": [1, 5, 1, 5, 3, 3, 3, 3], "b": [5, 1, 1, 5, 3, 4, 3, 3]})
    options = {"scale": (1, 5), "null": 1.34}
    raw = rater_agreement(data, list("xxxxyyyy"), truncate=False, **options)
    assert raw.rwg_j["x"] > 1
    cut = rater_agreement(data, list("xxxxyyyy"), **options)
    assert cut.rwg_j["x"] == 0
    assert "below 0 or above 1" in str(next(note for note in cut.notes if note.id == "rwg_outside"))
