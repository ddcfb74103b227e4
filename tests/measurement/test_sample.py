"""Return rates, and respondents beside their population."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.instruments import BackgroundQuestion, Dimension, Instrument, Item, Level, ResponseScale
from leadership_study.measurement import sample
from leadership_study.measurement._population_shares import population_shares
from leadership_study.measurement._returns import Returns, return_table

SHARES = {"stage": pd.Series([0.4, 0.4, 0.2], index=["a", "b", "c"])}
PEOPLE = pd.DataFrame({"stage": ["a"] * 52 + ["b"] * 28 + ["c"] * 20}, dtype="str")
INSTRUMENT = Instrument(
    id="q",
    version="1",
    title={"en": "Q"},
    response_scales={"s": ResponseScale(id="s", values=(1, 2, 3))},
    dimensions=(Dimension(id="d", items=(Item(id="i1", dimension="d", response_scale="s"),), response_scale="s"),),
    background=(
        BackgroundQuestion(id="stage", kind="nominal", levels=tuple(Level(value=v) for v in "abc")),
        BackgroundQuestion(id="age", kind="number"),
    ),
)


def test_the_chi_square_is_that_of_r():
    found = sample.representation(PEOPLE, SHARES)
    # chisq.test(c(52, 28, 20), p = c(.4, .4, .2))
    row = found.tests.loc["stage"]
    assert row["chi_square"] == pytest.approx(7.2, abs=1e-12)
    assert row["p_value"] == pytest.approx(0.0273237224472926, abs=1e-12)
    assert (row["df"], row["n"], row["missing"]) == (2, 100, 0)
    assert row["cohen_w"] == pytest.approx(np.sqrt(0.072))
    assert row["smallest_expected"] == 20
    levels = found.levels.loc["stage"]
    np.testing.assert_allclose(levels["share"], [0.52, 0.28, 0.20])
    np.testing.assert_allclose(levels["std_difference"], [0.12 / np.sqrt(0.24), -0.12 / np.sqrt(0.24), 0], atol=1e-12)


def test_respondents_who_came_one_by_one_have_the_usual_test_but_for_the_estimate_of_its_scale():
    one_by_one = pd.Series(range(100), index=PEOPLE.index)
    row = sample.representation(PEOPLE, SHARES, clusters=one_by_one).tests.loc["stage"]
    p, wanted = np.array([0.52, 0.28, 0.20]), np.array([0.4, 0.4, 0.2])
    delta = (100 / 99 * p * (1 - p) / wanted).sum() / 2
    assert row["f"] == pytest.approx(7.2 / (2 * delta))
    assert row["clustered_p_value"] == pytest.approx(stats.f.sf(row["f"], 2, 198))


def test_copies_within_clusters_add_nothing():
    clusters = pd.Series(np.arange(100) // 4, index=PEOPLE.index)
    one = sample.representation(PEOPLE, SHARES, clusters=clusters).tests.loc["stage"]
    tripled, groups = PEOPLE.loc[PEOPLE.index.repeat(3)], clusters.loc[clusters.index.repeat(3)]
    three = sample.representation(
        tripled.reset_index(drop=True), SHARES, clusters=groups.reset_index(drop=True)
    ).tests.loc["stage"]
    assert three["chi_square"] == pytest.approx(3 * one["chi_square"])
    assert three["clustered_p_value"] == pytest.approx(one["clustered_p_value"])


def test_missing_answers_are_left_out_and_counted_and_small_numbers_are_told():
    people = pd.DataFrame({"stage": ["a", "b", None, "c", "a"]}, dtype="str")
    found = sample.representation(people, SHARES)
    assert found.tests.loc["stage", ["n", "missing"]].tolist() == [4, 1]
    assert [note.id for note in found.notes] == ["small_expected_numbers"]


def test_an_answer_that_the_population_does_not_have_is_refused_and_none_at_all_is_told():
    with pytest.raises(ValueError, match="no share of stage = d"):
        sample.representation(pd.DataFrame({"stage": ["a", "d"]}, dtype="str"), SHARES)
    with pytest.raises(InsufficientDataError, match="Nobody answered stage"):
        sample.representation(pd.DataFrame({"stage": [None, None]}, dtype="str"), SHARES)


@pytest.mark.parametrize(
    ("rows", "size", "told"),
    [
        ([("stage", "a", "x")], "n", "must be 0 or more. Got 'x'"),
        ([("stage", "a", "-1")], "n", "must be 0 or more"),
        ([("stge", "a", "1")], "n", "did you mean stage"),
        ([("age", "a", "1")], "n", "Unknown variable of the population: 'age'"),
        ([("stage", "d", "1")], "n", "Unknown level of stage"),
        ([("stage", "a", "1"), ("stage", "a", "2")], "n", "two rows for stage = a"),
        ([("stage", "a", "0.5"), ("stage", "b", "0.4")], "share", "must add up to 1. Got 0.9"),
        ([("stage", "a", "1")], "count", "must have one of the columns n and share"),
    ],
)
def test_a_wrong_population_is_told(rows, size, told):
    table = pd.DataFrame(rows, columns=["variable", "level", size], dtype="str")
    with pytest.raises(PlanError, match=told):
        population_shares(table, INSTRUMENT)


def received(**columns):
    return pd.DataFrame(columns).astype({name: "str" for name in columns if name != "valid"})


def sent(**rows):
    index = pd.MultiIndex.from_tuples(list(rows["keys"]), names=["block", "by", "level"])
    return pd.DataFrame({"n": pd.Series(rows["n"], index=index, dtype="int64")})


def test_rates_of_return_and_of_use():
    people = received(block=["t"] * 6, valid=[True] * 5 + [False], channel=["w", "w", "w", "p", "p", "p"])
    returns = Returns(received=people, distributed=sent(keys=[("t", "channel", "w"), ("t", "channel", "p")], n=[4, 8]))
    table, notes = return_table(returns, ["t"], ["channel"])
    assert not notes
    assert table.loc[("t", "all", "all"), ["distributed", "returned", "valid"]].tolist() == [12, 6, 5]
    assert table.loc[("t", "all", "all"), "return_rate"] == pytest.approx(0.5)
    assert table.loc[("t", "channel", "w"), "return_rate"] == pytest.approx(0.75)
    assert table.loc[("t", "channel", "p"), "valid_rate"] == pytest.approx(2 / 3)
    assert table.loc[("t", "channel", "p"), "usable_rate"] == pytest.approx(0.25)


def test_a_level_that_nobody_returned_stays_and_an_unknown_one_comes_last():
    people = received(block=["t", "t", "t"], valid=[True] * 3, district=["D2", None, "D1"])
    returns = Returns(
        received=people, distributed=sent(keys=[("t", "district", "D3"), ("t", "district", "D1")], n=[5, 5])
    )
    table, _ = return_table(returns, ["t"], ["district"])
    assert [level for _, by, level in table.index if by == "district"] == ["D3", "D1", "D2", "not_known"]
    assert table.loc[("t", "district", "D3"), "return_rate"] == 0
    assert np.isnan(table.loc[("t", "district", "D2"), "return_rate"])


def test_more_returned_than_sent_has_no_rate():
    people = received(block=["t", "t"], valid=[True, True])
    returns = Returns(received=people, distributed=sent(keys=[("t", "all", "all")], n=[1]))
    table, notes = return_table(returns, ["t"], [])
    assert np.isnan(table.loc[("t", "all", "all"), "return_rate"])
    assert str(notes[0]) == (
        "More questionnaires came back than went out (t, all, all: 2 of 1), so no return rate is given there."
    )
