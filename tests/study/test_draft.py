"""``init --from``: what the columns show is written, what they cannot show is asked, and then the study validates."""

import os
import re
from pathlib import Path

import pytest

from leadership_study.__main__ import main
from leadership_study.errors import ImportFormatError, LeadershipStudyError, PlanError
from leadership_study.study.draft import draft_study
from leadership_study.study.pipeline import Study
from leadership_study.study.project import Project

LABELS = ["非常不符合", "不符合", "一般", "符合", "非常符合"]
STEM = "请根据实际情况选择"


def labelled(path):
    rows = ["序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您的性别,2、您的学校,3、手机号,"
            + ",".join(f"4、{STEM}—{row}" for row in ["他规划\"长远\"", "他等待", "他倾听", "他听课"]).replace('"', "”")
            + ",5、您的教龄,6、还有什么想说的？"]  # fmt: skip
    for at in range(30):
        answers = [LABELS[(at * k + k) % 5] for k in (1, 2, 3, 4)]
        rows.append(
            f"{at + 1},2026/4/18 08:00:00,80秒,微信,福建福州,192.0.2.{at},{'男' if at % 2 else '女'},第{at % 4}小学,"
            f"138000000{at:02d},{','.join(answers)},{at},第{at}位老师说的话，长短不一，内容也不一样"
        )
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def fill(project, name, replacements):
    """Do what a person does: answer every marked place."""
    for path in (project.questionnaire_file(name), project.study_file(name)):
        text = path.read_text("utf-8")
        for old, new in replacements.items():
            text = re.sub(old, new, text)
        path.write_text(text, encoding="utf-8")


def test_a_drafted_study_validates_once_the_marked_places_are_filled_in(tmp_path):
    project = Project(tmp_path / "project")
    draft = draft_study(project, "mine", labelled(tmp_path / "answers.csv"))
    assert draft.written == [
        "questionnaires/mine.toml", "studies/mine.toml", "data/raw/mine/SOURCES.md", "data/raw/mine/answers.csv",
    ]  # fmt: skip
    assert any("order of the labels" in question for question in draft.questions)
    assert any("reverse-keyed" in question for question in draft.questions)
    with pytest.raises((PlanError, LeadershipStudyError)):
        Study(project, "mine")  # the marked places are not forgotten
    text = project.questionnaire_file("mine").read_text("utf-8")
    assert "13800000" not in text + project.study_file("mine").read_text("utf-8")
    order = ", ".join(f'"{label}"' for label in LABELS)
    fill(
        project, "mine",
        {r'values = "\?".*': "values = [1, 2, 3, 4, 5]", r"labels\.zh = .*": f"labels.zh = [{order}]",
         r'nested_in = "\?".*': 'nested_in = ["q08"]'},
    )  # fmt: skip
    study = Study(project, "mine")
    scored = study.scored()
    assert len(scored.items) == 30
    assert len(study.instrument.items) == 4
    assert study.instrument.background_question("q08").kind == "group"
    assert [level.text["zh"] for level in study.instrument.background_question("q07").levels] == ["女", "男"]
    assert study.instrument.background_question("q14").kind == "number"
    assert scored.items.iloc[0].tolist() == [2.0, 3.0, 4.0, 5.0]
    assert study.raw()["responses"][0].system["duration_seconds"].eq(80).all()


def test_numbers_ask_what_they_are(tmp_path):
    path = tmp_path / "answers.csv"
    rows = ["1.他规划得很好,2.他总是等待,3.他倾听老师,4.他常听课,5.性别"]
    rows += [f"{at % 5 + 1},{(at + 1) % 5 + 1},{(2 * at) % 5 + 1},{(3 * at) % 5 + 1},{at % 2 + 1}" for at in range(25)]
    path.write_text("\n".join(rows), encoding="utf-8")
    project = Project(tmp_path)
    draft = draft_study(project, "mine", path)
    assert any("which answer was listed first" in question for question in draft.questions)
    order = ", ".join(f'"{label}"' for label in LABELS)
    fill(project, "mine", {r'nested_in = "\?".*': "nested_in = []", r'values = "\?".*': 'values = "number"',
                           r'labels\.zh = "\?".*': f"labels.zh = [{order}]"})  # fmt: skip
    with pytest.raises(PlanError, match="option_order"):
        Study(project, "mine")
    fill(project, "mine", {"# option_order": "option_order"})
    study = Study(project, "mine")
    assert study.scored().items.to_numpy().min() == 1
    assert len(study.instrument.items) == 4  # the sex is no item


def test_the_command_names_the_study_after_the_file_and_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = labelled(tmp_path / "teachers 2026.csv")
    assert main(["init", "--from", str(path)]) == 0
    told = capsys.readouterr().out
    assert "studies/teachers_2026.toml" in told
    assert "leadership-study validate teachers_2026" in told
    assert main(["init", "--from", str(path)]) == 1
    assert "is there already" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["init"])


def test_what_cannot_be_drafted_is_refused_and_nothing_is_written(tmp_path):
    project = Project(tmp_path / "project")
    path = tmp_path / "a.csv"
    path.write_text("name,said\nx,y\nz,w\n")
    with pytest.raises(LeadershipStudyError, match="no columns that look like items"):
        draft_study(project, "mine", path)
    path.write_text("a,b\n1\n")
    with pytest.raises(ImportFormatError):
        draft_study(project, "mine", path)
    with pytest.raises(ImportFormatError, match="no such file"):
        draft_study(project, "mine", tmp_path / "nothing.xlsx")
    assert not (tmp_path / "project").exists()


def test_real_exports_are_drafted(tmp_path):
    folder = os.environ.get("LEADERSHIP_STUDY_EXPORTS")
    if not folder:
        pytest.skip("set LEADERSHIP_STUDY_EXPORTS to a folder of real export files")
    (path,) = Path(folder).glob("wenjuanxing/*.xlsx")
    project = Project(tmp_path)
    draft_study(project, "big_five", path)
    labels = ", ".join(f'"第{at}级"' for at in range(1, 7))
    fill(project, "big_five", {r'nested_in = "\?".*': "nested_in = []", r'values = "\?".*': 'values = "codes"',
                               r'labels\.zh = "\?".*': f"labels.zh = [{labels}]"})  # fmt: skip
    study = Study(project, "big_five")
    assert len(study.instrument.items) == 40
    validated = study.validated()
    assert validated.frame["q01"].tolist() == [5, 1, 1, 2, 3]
    assert validated.frame["q40"].tolist() == [6, 6, 5, 5, 5]
    assert "13800000001" not in project.study_file("big_five").read_text("utf-8")
