"""Settings in a plan: checked, computed, stored and reported like analyses, with a survey and without one."""

import numpy as np
import pandas as pd
import pytest
from small_study import make_project

from leadership_study.errors import LeadershipStudyError, PlanError, ResponseError
from leadership_study.study.complete import run_study
from leadership_study.study.context import read_context
from leadership_study.study.pipeline import Study
from leadership_study.study.plan_setting import ContextPlan, settings
from leadership_study.study.project import Project

PLAN = """
title = { en = "The schools of a county", zh = "一个县的学校" }
seed = 1

[[setting]]
id = "county"
use = "balance"
schools = "schools.csv"
standard = "2012"

[report]
formats = ["html", "docx"]
languages = ["en", "zh"]
"""


def schools() -> pd.DataFrame:
    pupils = np.array([200, 400, 600, 800])
    amounts = {
        "teachers": 15, "teachers_above_required_degree": 12, "teachers_middle_title_or_higher": 8,
        "teaching_area_m2": 2000, "sports_area_m2": 3000, "equipment_value_yuan": 900_000, "computers": 60,
        "books": 9000,
    }  # fmt: skip
    frame = pd.DataFrame({"school": list("abcd"), "district": list("xxyy"), "stage": "primary", "pupils": pupils})
    return frame.assign(**{name: amount * np.array([1, 2, 2, 3]) for name, amount in amounts.items()})


@pytest.fixture
def county(tmp_path) -> Project:
    project = make_project(tmp_path / "project")
    project.study_file("county").write_text(PLAN, encoding="utf-8")
    project.raw("county").mkdir(parents=True)
    schools().to_csv(project.raw("county") / "schools.csv", index=False)
    return project


def replan(project: Project, old: str, new: str) -> None:
    assert old in PLAN
    project.study_file("county").write_text(PLAN.replace(old, new), encoding="utf-8")


def told(project: Project) -> str:
    with pytest.raises(PlanError) as caught:
        Study(project, "county")
    return "\n".join(str(problem) for problem in caught.value.problem_list)


def test_a_study_without_a_survey_runs_and_says_so(county):
    outcome = run_study(county, "county", lambda stage, what: None)
    assert outcome.computed == ["county"]
    study = Study(county, "county")
    assert study.setting()["county"].verdict.loc["primary", "n_schools"] == 4
    assert study.stored().reference("county.verdict.primary.verdict") == "meets"
    page = (county.reports("county") / "report.zh.html").read_text(encoding="utf-8")
    assert "未向任何人进行问卷调查" in page
    assert "综合差异系数" in page
    assert (county.reports("county") / "report.en.docx").is_file()
    assert not (county.processed("county") / "scores.csv").exists()
    assert run_study(county, "county", lambda stage, what: None).unchanged
    with pytest.raises(LeadershipStudyError, match=r"no questionnaire.*study\.setting"):
        study.validated()


def test_a_changed_table_is_computed_again_and_nothing_else_is(county):
    run_study(county, "county", lambda stage, what: None)
    before = Study(county, "county").setting()["county"]
    changed = schools()
    changed.loc[0, "books"] = 90_000
    changed.to_csv(county.raw("county") / "schools.csv", index=False)
    assert run_study(county, "county", lambda stage, what: None).computed == ["county"]
    after = Study(county, "county").setting()["county"]
    cv = ("primary", "books")
    assert after.indicators.loc[cv, "cv"] > before.indicators.loc[cv, "cv"]
    assert after.indicators.loc[("primary", "computers"), "cv"] == before.indicators.loc[("primary", "computers"), "cv"]


def test_everything_wrong_with_a_setting_is_told_at_once(county):
    replan(county, 'standard = "2012"', 'standerd = "2012"\nconversion = { primary = "one" }')
    said = told(county)
    assert "standerd" in said
    assert "did you mean standard" in said
    assert "conversion" in said
    replan(county, 'use = "balance"', 'use = "balanse"')
    assert "did you mean balance" in told(county)
    replan(county, 'standard = "2012"', 'standard = "2021"')
    assert "2012" in told(county)
    replan(county, 'schools = "schools.csv"', 'schools = "../schools.csv"')
    assert "inside the study's folder" in told(county)


def test_problems_of_a_table_name_its_file_and_row(county):
    bad = schools()
    bad.loc[2, ["pupils", "books"]] = [0, -1]
    bad.to_csv(county.raw("county") / "schools.csv", index=False)
    with pytest.raises(ResponseError) as caught:
        run_study(county, "county", lambda stage, what: None)
    assert {(one.file, one.row, one.column) for one in caught.value.problem_list} == {
        ("data/raw/county/schools.csv", 3, "pupils"), ("data/raw/county/schools.csv", 3, "books"),
    }  # fmt: skip
    assert not county.processed("county").exists() or not (county.processed("county") / "results").exists()


def test_a_province_brings_its_own_standard(county):
    own = (
        'id = "own"\ntitle = { en = "Own", zh = "本省标准" }\nsource = "Own"\nrule = "each"\n'
        'limits = { primary = 0.1 }\n[[indicator]]\nid = "readers"\nof = "books"\nper = 1\n'
        'unit = { en = "a pupil", zh = "册/生" }\nlabel = { en = "Readers", zh = "读物" }\n'
    )
    (county.raw("county") / "own.toml").write_text(own, encoding="utf-8")
    replan(county, 'standard = "2012"', 'standard = "own.toml"')
    run_study(county, "county", lambda stage, what: None)
    assert "读物" in (county.reports("county") / "report.zh.html").read_text(encoding="utf-8")
    (county.raw("county") / "own.toml").write_text(own.replace("0.1", "0.9"), encoding="utf-8")
    assert run_study(county, "county", lambda stage, what: None).computed == ["county"]


def test_a_setting_may_not_share_its_id(county):
    replan(
        county, "[report]", '[[setting]]\nid = "County"\nuse = "reported_figures"\nschools = "schools.csv"\n\n[report]'
    )
    assert "used twice" in told(county)


def test_facts_of_districts_enter_as_context(county):
    found = Study(county, "county").setting()
    plan = ContextPlan(of="district", source="county", columns=("composite_cv", "n_schools"))
    facts = read_context(county, "county", [plan], found)["district"]
    assert facts["n_schools"].to_dict() == {"x": 2, "y": 2}
    assert facts["composite_cv"].to_dict() == found["county"].districts["composite_cv"].to_dict()


def test_context_from_a_setting_is_checked_with_the_plan(county):
    small = county.study_file("small").read_text(encoding="utf-8")
    context = (
        '\n[[setting]]\nid = "county"\nuse = "balance"\nschools = "schools.csv"\n\n[[context]]\nof = "school"\n{}\n'
    )
    for lines, said in (
        ('from = "contry"\ncolumns = ["composite_cv"]', "did you mean county"),
        ('from = "county"\ncolumns = ["composite_cv"]', "no facts about each school"),
        ('from = "county"\nfile = "a.csv"\ncolumns = ["composite_cv"]', "keep one of the two"),
    ):
        county.study_file("small").write_text(small + context.format(lines), encoding="utf-8")
        with pytest.raises(PlanError) as caught:
            Study(county, "small")
        assert said in "\n".join(str(problem) for problem in caught.value.problem_list)


def test_every_module_that_can_run_is_a_setting():
    assert {"balance", "balance_trend", "location_gaps", "reported_figures"} <= set(settings())
