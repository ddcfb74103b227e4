"""Declared repairs: applied and logged, and nothing else is changed."""

import pandas as pd
import pytest

import screened
from leadership_study.errors import PlanError, ResponseError
from leadership_study.validation import cell_problems, validate

INSTRUMENT = screened.instrument()


def raw(**changes: dict[int, str]):
    table = screened.answers(40).astype(object).map(lambda value: f"{value:g}")
    for column, cells in changes.items():
        for row, text in cells.items():
            table.loc[row - 1, column] = text
    return screened.raw_of(table)


def test_a_recode_changes_what_was_declared_and_logs_it() -> None:
    received = raw(d1_1={3: "6", 5: " 6 "})
    before = received.frame.copy()
    valid = validate(received, INSTRUMENT, repairs=[{"column": "d1_1", "recode": {"6": "5"}}])
    assert valid.frame["d1_1"].iloc[[2, 4]].tolist() == [5.0, 5.0]
    log = valid.repairs_log
    assert log["row"].tolist() == [3, 5]
    assert log.drop(columns=["row", "before"]).drop_duplicates().iloc[0].to_dict() == {
        "file": "answers.csv", "respondent_id": "r3", "column": "d1_1", "rule": "recode", "after": "5",
    }  # fmt: skip
    assert log["before"].tolist() == ["6", " 6 "]
    pd.testing.assert_frame_equal(received.frame, before)
    untouched = validate(raw(d1_1={3: "5", 5: "5"}), INSTRUMENT)
    pd.testing.assert_frame_equal(valid.frame, untouched.frame)
    assert len(untouched.repairs_log) == 0
    assert list(untouched.repairs_log.columns) == list(log.columns)


def test_a_map_to_nothing_makes_a_missing_answer() -> None:
    valid = validate(raw(d1_1={2: "不清楚"}), INSTRUMENT, repairs=[{"column": "*", "map": {"不清楚": ""}}])
    assert valid.frame["d1_1"].isna().tolist() == [False, True] + [False] * 38


def test_trim_takes_away_what_cannot_be_seen() -> None:
    hidden = raw(d2_1={4: "\u200b3\ufeff "}, respondent_id={})
    with pytest.raises(ResponseError):
        validate(hidden, INSTRUMENT)
    valid = validate(hidden, INSTRUMENT, repairs=[{"column": "*", "trim": True}])
    assert valid.frame["d2_1"].iloc[3] == 3
    assert valid.repairs_log[["row", "column", "rule", "after"]].to_numpy().tolist() == [[4, "d2_1", "trim", "3"]]


def test_repairs_that_met_nothing_are_told() -> None:
    valid = validate(raw(), INSTRUMENT, repairs=[{"column": "d1_1", "recode": {"7": "5"}}])
    (note,) = [note for note in valid.notes if note.id == "repair_without_effect"]
    assert note.values == {"column": "d1_1", "file": "answers.csv", "texts": "7"}


def test_repairs_of_one_block_leave_the_other_alone() -> None:
    blocks = {"one": raw(d1_1={1: "6"}), "two": raw(d1_1={1: "6"})}
    with pytest.raises(ResponseError) as caught:
        validate(blocks, INSTRUMENT, repairs={"one": [{"column": "d1_1", "recode": {"6": "5"}}]})
    assert len(caught.value.problems) == 1
    assert cell_problems(raw(d1_1={1: "6"}), INSTRUMENT, [{"column": "d1_1", "recode": {"6": "5"}}]) == []


def test_all_wrong_repairs_come_at_once() -> None:
    wrong = [
        {"column": "d1_7", "trim": True},
        {"column": "d1_1"},
        {"column": "d1_1", "trim": False},
        {"column": "d1_1", "map": {}},
        {"column": "d1_1", "recode": {"6": True}},
        {"column": "d1_1", "maps": {"6": "5"}},
        {"trim": True},
    ]
    with pytest.raises(PlanError) as caught:
        validate(raw(), INSTRUMENT, repairs=wrong)
    assert len(caught.value.problem_list) == 7
    assert "did you mean" in caught.value.problem_list[0].message
