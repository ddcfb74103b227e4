"""References in sentences: found and bound, or an error."""

from typing import Any

import pandas as pd
import pytest

from leadership_study.errors import LeadershipStudyError
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.lookup import Values, as_percent, resolve
from leadership_study.reporting.parts import Number, plain
from leadership_study.reporting.sentences import Writer


@pytest.fixture
def writer(trial: Any) -> Writer:
    return Writer(
        values=Values.of("b", trial),
        language=load_language("en"),
        labels={"trust": "Trust"},
        options={"outcome": "trust", "several": ("trust", "care")},
        numbered={"scales": "Table 7"},
    )


def said(writer: Writer, sentence: object) -> list[str]:
    return [plain(tuple(spans)) for spans in writer.sentence(sentence)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("N is {n}", "N is 120"),
        ("*p* {=p_value}", "p\u00a0< .001"),
        ("{scales/trust/mean} and {=scales/v1.2/p_value}", "3.46 and\u00a0=\u00a0.040"),
        ("{scales/lowest/mean} ({scales/lowest:mean/row})", "2.00 (v1.2)"),
        ("{scales/highest:mean/n} {scales/highest:mean/row}", "120 Trust"),
        ("{loadings/trust / b/F2}", "−.700"),
        ("{@scales} {:mean}", "Table 7 M"),
        ("{definition.confidence_level%}% {definition.missing}", "90% listwise deletion"),
        ("{option.outcome}; {option.several}", "Trust; Trust and care"),
        ("{scales/trust/keep} {size}", "yes large"),
        ("{loadings/trust / a/F1%}% of {n} {n|person|people}", "80% of 120 people"),
    ],
)
def test_references(writer: Writer, text: str, expected: str) -> None:
    assert said(writer, text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "{nothing}",
        "{scales/trust/nothing}",
        "{scales/nobody/mean}",
        "{nowhere/trust/mean}",
        "{scales/lowest:nothing/mean}",
        "{definition.nothing}",
        "{option.nothing}",
        "{@loadings}",
        "{row}",
    ],
)
def test_what_does_not_exist_is_an_error_and_never_a_blank(writer: Writer, text: str) -> None:
    with pytest.raises(LeadershipStudyError):
        writer.sentence(text)


def test_each_goes_through_the_rows_and_keeps_their_references(writer: Writer) -> None:
    spans = writer.sentence({"each": "scales", "text": "{row}: {mean}"})
    assert [plain(tuple(one)) for one in spans] == ["Trust: 3.46", "v1.2: 2.00"]
    numbers = [span for one in spans for span in one if isinstance(span, Number)]
    assert [number.ref for number in numbers] == ["b.scales.trust.mean", "b.scales.v1.2.mean"]
    assert [number.value for number in numbers] == [3.456, 2.0]


def test_one_level_of_a_row(writer: Writer) -> None:
    assert said(writer, {"each": "loadings", "text": "{row.item}/{row}"}) == ["a/Trust, a", "b/Trust, b"]


@pytest.mark.parametrize(
    ("when", "rows"),
    [
        ({"column": "keep", "is": [True]}, ["Trust"]),
        ({"column": "keep", "is_not": [True]}, ["v1.2"]),
        ({"column": "mean", "above": 3}, ["Trust"]),
        ({"column": "mean", "not_above": 2}, ["v1.2"]),
        ({"column": "mean", "below": 3}, ["v1.2"]),
        ({"column": "mean", "not_below": 3}, ["Trust"]),
        ({"column": "ci_low", "present": False}, ["v1.2"]),
        ({"row": True, "is_not": ["trust"]}, ["v1.2"]),
        ([{"column": "n", "above": 100}, {"column": "keep", "is": [False]}], ["v1.2"]),
        ({"ref": "scales/trust/mean", "above": 5}, []),
        ({"option": "outcome", "is": ["trust"]}, ["Trust", "v1.2"]),
        ({"definition": "missing", "is": ["pairwise"]}, []),
        ({"table": "nowhere"}, []),
        ({"table": "nowhere", "present": False}, ["Trust", "v1.2"]),
    ],
)
def test_conditions(writer: Writer, when: object, rows: list[str]) -> None:
    assert said(writer, {"each": "scales", "when": when, "text": "{row}"}) == rows


@pytest.mark.parametrize(
    ("when", "rows"),
    [
        ({"column": "n", "same_as": "n"}, ["Trust", "v1.2"]),
        ({"column": "n", "differs_from": "n"}, []),
        ({"row": True, "has": "."}, ["v1.2"]),
        ({"row": True, "has_not": "."}, ["Trust"]),
        ({"table": "scales", "rows_above": 1}, ["Trust", "v1.2"]),
        ({"table": "scales", "rows_above": 2}, []),
        ({"table": "scales", "rows_below": 3}, ["Trust", "v1.2"]),
        ({"table": "scales", "rows_below": 2}, []),
        ({"table": "scales"}, ["Trust", "v1.2"]),
    ],
)
def test_conditions_on_names_and_sizes(writer: Writer, when: object, rows: list[str]) -> None:
    assert said(writer, {"each": "scales", "when": when, "text": "{row}"}) == rows


def test_cases_keep_the_order_of_the_rows(writer: Writer) -> None:
    cases = [{"when": {"column": "keep", "is": [False]}, "text": "not {row}"}, {"text": "{row}"}]
    assert said(writer, {"each": "scales", "cases": cases}) == ["Trust", "not v1.2"]
    assert said(writer, {"each": "scales", "cases": cases[:1]}) == ["not v1.2"]


def test_one_is_not_several(writer: Writer) -> None:
    tables = {"t": pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="group"))}
    counted = Writer(values=Values("b", tables), language=load_language("en"))
    assert said(counted, {"each": "t", "text": "{n} {n|group|groups}"}) == ["1 group", "2 groups"]


def test_beyond_is_about_the_size(writer: Writer) -> None:
    sentence = {"each": "loadings", "when": {"column": "F2", "beyond": 0.5}, "text": "{F2}"}
    assert said(writer, sentence) == ["−.700"]


def test_lists(writer: Writer) -> None:
    sentence = {"list": "scales", "item": "{row} ({mean})", "text": "Two: {rows}."}
    assert said(writer, sentence) == ["Two: Trust (3.46) and v1.2 (2.00)."]
    none = {"list": "scales", "when": {"column": "mean", "above": 9}, "text": "{rows}", "empty": "None of {n}."}
    assert said(writer, none) == ["None of 120."]


def test_an_unknown_key_is_an_error(writer: Writer) -> None:
    with pytest.raises(LeadershipStudyError, match="unknown keys wen"):
        writer.sentence({"text": "x", "wen": {}})


def test_whole_references_resolve(trial: Any) -> None:
    values = {"b": Values.of("b", trial)}
    assert resolve(values, "b.scales.v1.2.mean").value == 2.0
    assert resolve(values, "b.definition.confidence_level").value == 0.9
    for wrong in ("c.scales.trust.mean", "b.scales.mean", "b.scales.trust.medn", "b"):
        with pytest.raises(LeadershipStudyError):
            resolve(values, wrong)


@pytest.mark.parametrize(("share", "text"), [(0.95, "95"), (0.27, "27"), (0.975, "97.500"), (1.0, "100")])
def test_percentages(share: float, text: str) -> None:
    assert as_percent(share) == text
