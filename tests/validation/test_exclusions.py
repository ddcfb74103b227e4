"""Exclusion only by declared rules, each counted and logged; screening is worked out when asked for."""

import numpy as np
import pandas as pd
import pytest

import screened
from leadership_study.errors import PlanError
from leadership_study.validation import check_rules, flagged, validate


@pytest.mark.parametrize(
    ("rule", "threshold", "index", "leaves_out"),
    [
        ("min_seconds_per_item", 2, "seconds_per_item", lambda value: value < 2),
        ("min_share_of_median_time", 0.5, "share_of_median", lambda value: value < 0.5),
        ("max_longstring", 12, "longstring", lambda value: value > 12),
        ("min_irv", 0.5, "irv", lambda value: value < 0.5),
        ("min_even_odd", 0.3, "even_odd", lambda value: value < 0.3),
        ("min_person_total", 0.0, "person_total", lambda value: value < 0),
        ("min_mahalanobis_p_value", 0.001, "mahalanobis_p_value", lambda value: value < 0.001),
    ],
)
def test_a_rule_leaves_out_who_lies_beyond_and_logs_the_value(rule, threshold, index, leaves_out) -> None:
    everybody = screened.validated()
    value = everybody.indices[index]
    expected = value.index[leaves_out(value)]
    assert 0 < len(expected) < 100
    valid = screened.validated(exclusions={rule: threshold})
    log = valid.exclusions_log
    assert log["respondent_id"].tolist() == expected.tolist()
    np.testing.assert_allclose(log["value"], value[expected])
    assert set(log["rule"]) == {rule}
    assert valid.flow["n"].to_dict() == {
        "received": 200, "all_missing": 0, rule: len(expected), "analysed": 200 - len(expected),
    }  # fmt: skip
    assert valid.flags.index.equals(valid.frame.index)
    pd.testing.assert_frame_equal(valid.indices, everybody.indices.loc[valid.frame.index])


def test_min_flags_leaves_out_the_flagged() -> None:
    everybody = screened.validated()
    doubtful = flagged(everybody.flags)
    valid = screened.validated(exclusions={"min_flags": 2})
    assert valid.exclusions_log["respondent_id"].tolist() == doubtful.index[doubtful].tolist()


def test_only_the_first_of_equal_answers_stays() -> None:
    table = screened.answers(100)
    table.loc[60] = table.loc[70] = table.loc[50]
    valid = validate(screened.raw_of(table), screened.instrument(), exclusions={"duplicates": True})
    assert valid.exclusions_log["respondent_id"].tolist() == ["r61", "r71"]
    # Ten who answered 5 throughout are no copies of one another.
    assert valid.flow.loc["analysed", "n"] == 98


def test_rules_apply_in_their_order_and_nobody_is_counted_twice() -> None:
    rules = {"attention_checks": 1, "max_longstring": 12, "min_seconds_per_item": 2}
    flow = screened.validated(exclusions=rules).flow["n"]
    assert list(flow.index) == ["received", "all_missing", *rules, "analysed"]
    assert flow["received"] - flow.iloc[1:-1].sum() == flow["analysed"]
    assert flow["max_longstring"] == 0  # who answered 5 throughout failed the check already


def test_nothing_recorded_leaves_nobody_out_by_time() -> None:
    valid = validate(screened.raw_of(screened.answers()), screened.instrument(), exclusions={"min_seconds_per_item": 2})
    assert valid.flow.loc["min_seconds_per_item", "n"] == 0


def test_blocks_are_screened_apart() -> None:
    blocks = {"one": screened.raw_of(screened.answers(100)), "two": screened.raw_of(screened.answers(100, seed=9))}
    both = validate(blocks, screened.instrument())
    alone = validate(blocks["two"], screened.instrument())
    own = both.indices[both.block == "two"]
    np.testing.assert_allclose(own.to_numpy(), alone.indices.to_numpy(), equal_nan=True)


def test_screening_costs_nothing_until_it_is_asked_for() -> None:
    valid = screened.validated(exclusions={"max_missing_share": 0.5})
    assert "by_block" not in vars(valid.screening)
    assert valid.flags["check_1"].sum() > 0
    assert "by_block" in vars(valid.screening)


@pytest.mark.parametrize(
    "rules",
    [
        {"attention_checks": 0},
        {"attention_checks": 1.5},
        {"duplicates": False},
        {"duplicates": 1},
        {"min_flags": True},
        {"max_longstring": "12"},
        {"min_even_odd": 1.2},
        {"min_seconds": 2},
    ],
)
def test_impossible_rules_are_refused(rules) -> None:
    with pytest.raises(PlanError):
        check_rules(rules)


def test_all_impossible_rules_come_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        check_rules({"min_flag": 2, "max_missing_share": 2, "duplicates": "yes"})
    assert len(caught.value.problem_list) == 3
