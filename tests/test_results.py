"""Results print themselves, round in one place, and survive JSON exactly."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from leadership_study import results
from leadership_study.results import Note, NotEstimated, Result, format_number, format_table


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Example(Result):
    alpha: float
    n: int
    items: pd.DataFrame
    parts: Mapping[str, Result]


@pytest.fixture
def example(monkeypatch):
    Example.__module__ = "leadership_study.results"
    monkeypatch.setattr(results, "Example", Example, raising=False)
    items = pd.DataFrame(
        {"mean": [0.1 + 0.2, math.nan], "n": [1, 2], "keep": [True, False], "verdict": ["a", "b"]},
        index=pd.MultiIndex.from_tuples([("s", "i1"), ("s", "i2")], names=["dimension", "item"]),
    )
    part = NotEstimated.because(Note("few", "Only {n} rows; collect more.", {"n": 2}))
    return Example(alpha=1 / 3, n=9, items=items, parts={"x": part}, definition={"missing": "listwise", "n": 9})


def test_json_gives_back_an_equal_result(example):
    again = Result.from_json(example.to_json())
    assert isinstance(again, Example)
    assert again.alpha == example.alpha
    pd.testing.assert_frame_equal(again.items, example.items, check_exact=True)
    assert again.to_json() == example.to_json()
    assert str(again.parts["x"]) == "Not estimated: Only 2 rows; collect more."


def test_json_refuses_what_is_not_a_number_text_or_table(example):
    with pytest.raises(TypeError, match="cannot hold a object"):
        Result.from_json(NotEstimated(reason=Note("a", "b"), definition={"x": object()}).to_json())


def test_json_builds_no_foreign_class():
    with pytest.raises(TypeError, match="not a result of this package"):
        Result.from_json('{"$result": "subprocess:Popen", "fields": {}}')
    with pytest.raises(TypeError, match="not a result of this package"):
        Result.from_json('{"$result": "leadership_study.results:Note", "fields": {}}')


def test_scalars_form_a_summary_and_frames_are_tables(example):
    assert list(example.tables()) == ["summary", "items"]
    assert example.tables()["summary"].loc["alpha", "value"] == 1 / 3
    assert example.to_frame().index.tolist() == ["alpha", "n"]


def test_text_and_html_show_the_numbers_and_escape(example):
    noted = Example(alpha=0.5, n=1, items=example.items, parts={}, notes=(Note("x", "<script>"),))
    assert ".500" in str(noted)
    assert "&lt;script&gt;" in noted._repr_html_()
    assert "<script>" not in noted._repr_html_()


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (0.0004, "p_value", "< .001"),
        (0.0006, "change_p_value", "< .001"),
        (0.05, "p_value", ".050"),
        (1.0, "p_value", "1.000"),
        (-0.4051, "r", "−.405"),
        (-0.00001, "r", ".000"),
        (0.9022, "alpha_ci_low", ".902"),
        (3.0007, "mean", "3.00"),
        (2042, "n", "2042"),
        (np.int64(7), "n", "7"),
        (32.898, "df", "32.9"),
        (44.0, "df", "44"),
        (-0.35149, "estimate", "−0.351"),
        (math.nan, "mean", "–"),
        (None, "mean", "–"),
        (-math.inf, "mean", "−∞"),
        (True, "keep", "yes"),
        ("listwise", "missing", "listwise"),
    ],
)
def test_the_one_rounding_rule(value, column, text):
    assert format_number(value, column) == text


def test_a_table_formatted_for_display(example):
    name = next(name for name, table in example.tables().items() if name != "summary")
    table = example.tables()[name]
    shown = example.formatted(name)
    assert shown.equals(format_table(table, example.shown_as.get(name)))
    assert list(example.formatted(name, [table.columns[-1]]).columns) == [table.columns[-1]]
    assert example.formatted().equals(example.formatted(example.main))


def test_a_value_column_is_rounded_by_its_rows():
    table = pd.DataFrame({"value": pd.Series({"alpha": 0.5, "mean": 0.5, "n": 3}, dtype=object)})
    assert format_table(table)["value"].tolist() == [".500", "0.50", "3"]
