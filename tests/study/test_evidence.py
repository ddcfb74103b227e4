"""The synthesis in a study: the plan checked, stored like blocks, in both reports, texts shown as texts."""

import json
import re
import shutil
from pathlib import Path

import pytest

from leadership_study.__main__ import main
from leadership_study.errors import PlanError
from leadership_study.results import NotEstimated
from leadership_study.study import report_files
from leadership_study.study.pipeline import open_study

PROJECT = Path(__file__).parents[2]
PLAN = """
title = { en = "Both", zh = "两方" }
questionnaire = "school_district_head_leadership"
simulated = true
seed = 7
nested_in = ["school", "district"]

[[responses]]
id = "teachers"
form = "other"
files = ["teachers.csv"]
format = "wenjuanxing"
values = "text"

[[analysis]]
id = "scores"
use = "repeated"

[interviews]
guide = "school_district_heads_interviews"
transcripts = ["interviews/transcripts/*.txt"]
codings = ["interviews/codings/*.csv"]
translations = ["interviews/translations/*.csv"]
bootstrap = 20

[synthesis]
scores = "scores"

[report]
formats = ["html"]
languages = ["en", "zh"]
"""
ARGUMENT = """
[[problem]]
id = "plans"
dimension = "structural"
text.en = "<script>alert('x')</script> lies {scores.deviations.structural.estimate} away."
text.zh = "<b>规划</b>相差{scores.deviations.structural.estimate}分。"
results = ["scores.deviations.structural.estimate"]
codes = ["structural_planning"]

[[cause]]
id = "time"
problems = ["plans"]
level = "head"
text = { en = "Little time.", zh = "精力不足。" }
codes = ["cause_time"]

[[countermeasure]]
id = "calendar"
causes = ["time"]
agent = "district"
dimension = "structural"
text = { en = "One calendar.", zh = "校历对齐。" }
"""


@pytest.fixture
def both(project):
    received = PROJECT / "data" / "raw" / "school_district_heads"
    shutil.copytree(received / "interviews", project.raw("small") / "interviews")
    rows = (received / "teachers.csv").read_text("utf-8-sig").splitlines(keepends=True)
    (project.raw("small") / "teachers.csv").write_text("".join([rows[0], *rows[1::6]]), encoding="utf-8")
    for name in ("school_district_heads_interviews", "school_district_head_leadership"):
        shutil.copy(PROJECT / "questionnaires" / f"{name}.toml", project.questionnaires / f"{name}.toml")
    project.study_file("small").write_text(PLAN, encoding="utf-8")
    argument = project.root / "studies" / "small.argument.toml"
    argument.write_text(ARGUMENT, encoding="utf-8")
    return project


def test_a_whole_run(both, monkeypatch, capsys):
    monkeypatch.chdir(both.root)
    drawn = report_files._pictures
    monkeypatch.setattr(report_files, "_pictures", lambda *given: drawn(*given) if given[1] == "argument" else ())
    assert main(["run", "small"]) == 0
    evidence = open_study("small").evidence()
    display, argument, checklists = evidence.joint_display, evidence.argument, evidence.checklists
    assert list(display.table.index) == [
        "structural", "interpersonal", "political", "teaching", "cultural"
    ]  # fmt: skip
    assert display.table.loc["structural", "interviews"] == "weak"
    assert (both.reports("small") / "figures" / "zh" / "argument.diagram.svg").is_file()
    assert [row["kind"] for _, row in argument.gaps.iterrows() if row["element"] == "calendar"] == ["no_evidence"]
    assert checklists.table.loc[("coreq", "17"), "status"] == "there"
    home = both.processed("small")
    entries = {entry["id"] for entry in json.loads((home / "results.json").read_text("utf-8"))["blocks"]}
    assert {"joint_display", "argument", "checklists"} <= entries
    record = json.loads((home / "provenance.json").read_text("utf-8"))
    assert "studies/small.argument.toml" in record["inputs"]
    assert {"joint_display", "argument", "checklists"} <= set(record["blocks"])
    for language, mark in (("en", "(simulated data)"), ("zh", "（模拟数据）")):
        page = (both.reports("small") / f"report.{language}.html").read_text("utf-8")
        assert "<script>" not in page
        assert "<b>规划" not in page
        assert 'data-ref="scores.deviations.structural.estimate"' in page
        part = page[page.index("<h2", page.index('id="joint_display"')) : page.index('id="report-appendix"')]
        assert part.count(mark) >= 6
        told = re.sub(r"<[^>]+>", " ", re.sub(r'"data:image[^"]*"', "", part))
        for word in (
            "joint_",
            "argument_",
            "checklist_",
            "no_evidence",
            "structural_planning",
            "in_guide",
            "undecided_",
        ):
            assert word not in told, word
    path = both.root / "studies" / "small.argument.toml"
    path.write_text(ARGUMENT.replace("Little time", "No time"), encoding="utf-8")
    assert "No time" in open_study("small").evidence().argument.elements.loc["time", "text"]
    path.write_text(ARGUMENT.replace("scores.deviations.structural.estimate", "scores.deviation.structural.x"), "utf-8")
    assert main(["run", "small"]) == 1
    assert "did you mean deviations" in capsys.readouterr().err


def test_without_an_argument_file(both):
    (both.root / "studies" / "small.argument.toml").unlink()
    evidence = open_study(both.study_file("small")).evidence()
    assert isinstance(evidence.argument, NotEstimated)
    assert evidence.argument.reason.id == "no_argument_file"
    assert not isinstance(evidence.joint_display, NotEstimated)


def test_without_synthesis(both):
    both.study_file("small").write_text(PLAN.replace('[synthesis]\nscores = "scores"\n', ""), encoding="utf-8")
    evidence = open_study(both.study_file("small")).evidence()
    assert {part: result.reason.id for part, result in evidence.items()} == dict.fromkeys(
        ("joint_display", "argument", "checklists"), "no_synthesis"
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('scores = "score"', "did you mean scores"),
        ('scores = "scores"\ngaps = ["scores"]', "not of 'differences' or 'groups'"),
        ('scores = "scores"\ninfluences = ["scores"]', "not of 'regression' or 'multilevel'"),
        ("problem_share = 2", "a number from 0 to 1"),
        ("sound_share = 0.5", "below 'problem_share'"),
        ('coefficient = "kappa"', "cohen_kappa"),
        ("min_sources = 0", "a whole number from 1 on"),
        ('checklists = ["prisma"]', "checklist"),
        ("shares = 1", "Unknown key"),
    ],
)
def test_the_plan_is_checked(both, line, told):
    both.study_file("small").write_text(PLAN.replace('scores = "scores"\n', line + "\n"), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        open_study(both.study_file("small"))
    assert told in "\n".join(caught.value.problems["message"])


def test_no_block_may_have_the_id_of_a_part(both):
    both.study_file("small").write_text(PLAN.replace('id = "scores"', 'id = "argument"'), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        open_study(both.study_file("small"))
    assert "stands for a part of the synthesis" in "\n".join(caught.value.problems["message"])
