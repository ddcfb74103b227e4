"""``leadership-study options`` and docs/plan.md: every analysis, setting and key of a plan, as the program has them."""

import dataclasses
import re
from pathlib import Path

import pytest

from leadership_study.__main__ import main
from leadership_study.districts.balance import FACTS
from leadership_study.study.options import Option, options_of
from leadership_study.study.options_command import explained, markdown, meanings, modules, purposes
from leadership_study.study.plan import ReportPlan, WeightsPlan
from leadership_study.study.plan_block import BlockPlan
from leadership_study.study.plan_interviews import InterviewsPlan
from leadership_study.study.plan_multiverse import MultiversePlan
from leadership_study.study.plan_responses import ResponsesPlan
from leadership_study.study.synthesis_plan import SynthesisPlan
from leadership_study.validation._exclusions import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "plan.md").read_text("utf-8")
TABLES = {
    "[[responses]]": (ResponsesPlan, ()),
    "[weights]": (WeightsPlan, ()),
    "[[analysis]]": (BlockPlan, ("options",)),
    "[[multiverse]]": (MultiversePlan, ("runs", "data_sets", "use", "of", "options", "headline")),
    "[interviews]": (InterviewsPlan, ()),
    "[synthesis]": (SynthesisPlan, ()),
    "[report]": (ReportPlan, ()),
}


def row(table: str) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(f"| `{table}`"))


def test_the_second_half_of_the_page_is_what_the_program_says(monkeypatch):
    monkeypatch.undo()  # without the analyses that these tests add
    assert PAGE.endswith(markdown() + "\n"), "write it again with: make docs"


@pytest.mark.parametrize("table", TABLES)
def test_the_page_has_the_keys_of_each_table_and_no_others(table):
    plan, aside = TABLES[table]
    fields = {field.name for field in dataclasses.fields(plan) if field.name not in aside}
    keys = row(table).split(" | ")[1]
    named = set(re.findall(r"`(\w+)(?: = [^`]+)?`", re.sub(r"\([^)]*\)", "", keys)))
    assert {"base" if key == "analysis" else key for key in named} == fields


@pytest.mark.parametrize("table", ["[interviews]", "[synthesis]", "[report]", "[[responses]]"])
def test_the_defaults_on_the_page_are_those_of_the_program(table):
    plan, _ = TABLES[table]
    shown = dict(re.findall(r"`(\w+) = ([^`]+)`", row(table)))
    for field in dataclasses.fields(plan):
        if field.name in shown and (value := field.default) is not dataclasses.MISSING:
            if isinstance(value, bool):
                assert shown[field.name] == str(value).lower()
            elif isinstance(value, float):
                assert float(shown[field.name]) == pytest.approx(value, rel=1e-5)
            elif isinstance(value, tuple):
                assert re.findall(r'"(\w+)"', shown[field.name]) == list(value)
            else:
                assert shown[field.name].strip('"') == str(value)
        elif field.name not in shown:
            assert field.default in (None, (), dataclasses.MISSING)


def test_the_page_names_every_exclusion_rule_and_every_fact_of_a_setting():
    assert set(re.findall(r"`(\w+)`", row("[exclusions]").split(" | ")[1])) == set(RULES)
    named = set(re.findall(r"`(\w+)`", row("[[context]]")))
    assert {re.sub("composite_cv_.*", "composite_cv", fact) for fact in FACTS["district"]} <= named


def test_each_analysis_and_setting_has_a_purpose_and_each_option_a_meaning(monkeypatch):
    monkeypatch.undo()
    listed = purposes()
    for name, module in modules().items():
        assert re.search(rf"^  {name} ", listed, re.MULTILINE)
        told = explained(name, module)
        assert "``" not in told
        for option in options_of(module.run):
            assert isinstance(option, Option)
            assert re.search(rf"^  {option.name}( |$)", told, re.MULTILINE), f"{name}: {option.name}"
            said = meanings(module).get(option.name) or f"`{option.name}" in told
            assert said, f"{name}: say in a docstring what {option.name} means"


def test_the_options_of_one(capsys):
    assert main(["options", "regression"]) == 0
    shown = capsys.readouterr().out
    assert "outcome   (must be given)" in shown
    assert "bootstrap = 9999" in shown
    assert 'one of "nonrobust", "HC0"' in shown
    assert "seed" not in shown  # the pipeline's, not a block's
    assert main(["options", "zoning"]) == 0
    assert "Every [[setting]] block" in capsys.readouterr().out


def test_an_unknown_one_is_wrong_use_and_names_the_nearest(capsys):
    assert main(["options", "regresion"]) == 2
    assert "did you mean regression" in capsys.readouterr().err
