"""Options are held against the type hints of ``run``."""

from typing import Literal

import pytest

from leadership_study.scoring import Variable, Variables
from leadership_study.study.checked import Problems
from leadership_study.study.options import ANALYSES, Known, analyses, analysis, bind


def run(
    scored,
    *,
    outcome: Variable,
    blocks: tuple[Variables, ...],
    pair: tuple[int, float] = (1, 0.5),
    limit: float | None = None,
    either: int | Literal["all"] = "all",
    names: list[str] | None = None,
    flag: bool = False,
):
    """Take options of every kind."""


KNOWN = Known(("a", "b", "c"))
GOOD = {"outcome": "a", "blocks": [["b"], ["c", "items"]]}


def bound(**given):
    problems = Problems("plan")
    options = bind(run, {**GOOD, **given}, KNOWN, "here", problems)
    return options, [str(problem) for problem in problems]


def test_lists_become_tuples_and_defaults_are_filled_in():
    options, problems = bound(pair=[2, 3], limit=1, names=["x"], either=4, flag=True)
    assert problems == []
    assert options == {
        "outcome": "a", "blocks": (("b",), ("c", "items")), "pair": (2, 3.0), "limit": 1.0, "either": 4,
        "names": ["x"], "flag": True,
    }  # fmt: skip
    assert bound()[0]["either"] == "all"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"outcome": "items"}, "Unknown variable: 'items'"),
        ({"outcome": ["a"]}, "'outcome' must be the id of a variable"),
        ({"blocks": ["b", "c"]}, "'blocks' must be a list, each entry a list of ids"),
        ({"blocks": [["b"], ["d"]]}, "Unknown variable: 'd'"),
        ({"blocks": []}, "'blocks' must have at least one entry"),
        ({"pair": [1]}, "'pair' must be a list of a whole number, a number"),
        ({"limit": "x"}, "'limit' must be a number"),
        ({"either": "al"}, "'either' must be a whole number or one of \"all\""),
        ({"either": True}, "'either' must be"),
        ({"flag": 1}, "'flag' must be true or false"),
    ],
)
def test_what_does_not_fit_is_told(given, told):
    _, problems = bound(**given)
    assert len(problems) == 1
    assert told in problems[0]


def test_a_required_option_is_missed():
    problems = Problems("plan")
    bind(run, {}, KNOWN, "here", problems)
    assert [problem.rule for problem in problems] == ["missing_option", "missing_option"]
    assert "outcome = …, which must be the id of a variable" in str(problems[0])


def test_variables_pass_unchecked_when_the_questionnaire_cannot_be_read():
    problems = Problems("plan")
    bind(run, {"outcome": "zzz", "blocks": [["yyy"]]}, Known(None), "here", problems)
    assert problems == []


def test_every_analysis_of_the_package_has_a_run_that_a_plan_can_call():
    problems = Problems("plan")
    for name, package in analyses().items():
        if package in ANALYSES and not name.startswith("tiny_"):
            bind(analysis(name).run, {}, Known(None), name, problems)
    assert {problem.rule for problem in problems} <= {"missing_option"}
