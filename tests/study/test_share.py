"""A bundle that may be passed on, and a twin that is nobody's: both run, and neither gives anybody away."""

import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_study import make_project

from leadership_study.__main__ import main
from leadership_study.errors import InsufficientDataError, LeadershipStudyError
from leadership_study.importing import read_responses
from leadership_study.study._share_answers import _told
from leadership_study.study._share_plan import toml
from leadership_study.study._twin_draw import Table, correlations, draw_again, intraclass
from leadership_study.study.pipeline import Study
from leadership_study.study.project import Project
from leadership_study.study.share import share

QUESTIONS = """
[[background]]
id = "gender"
kind = "nominal"
label = { en = "Gender", zh = "性别" }
levels = [{ value = "f", en = "Female", zh = "女" }, { value = "m", en = "Male", zh = "男" }]

[[background]]
id = "title"
kind = "ordinal"
label = { en = "Title", zh = "职称" }
levels = [
  { value = "none", en = "None", zh = "无" },
  { value = "second", en = "Second", zh = "二级" },
  { value = "first", en = "First", zh = "一级" },
  { value = "senior", en = "Senior", zh = "高级" },
]

[[background]]
id = "age"
kind = "number"
label = { en = "Age", zh = "年龄" }

[[background]]
id = "born"
kind = "date"
label = { en = "Born", zh = "出生日期" }

[[open_question]]
id = "wish"
en = "What do you wish?"
zh = "您的建议"
"""
PLAN = """\
title = { en = "Small", zh = "小研究" }
questionnaire = "small"
seed = 7
nested_in = ["school"]

[[responses]]
id = "teachers"
files = ["responses.csv"]
respondent_id = "respondent_id"
missing_codes = ["-3"]

[exclusions]
max_missing_share = 0.5

[[context]]
of = "school"
file = "schools.csv"
columns = ["pupils"]

[[analysis]]
use = "reliability"

[[analysis]]
use = "regression"
outcome = "teaching"
blocks = [["title"], ["structural"]]

[report]
formats = ["html"]
languages = ["en"]
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    project = make_project(tmp_path / "project", PLAN)
    path = project.questionnaire_file("small")
    path.write_text(path.read_text("utf-8") + QUESTIONS, encoding="utf-8")
    file = project.raw("small") / "responses.csv"
    table = pd.concat([pd.read_csv(file, dtype="str")] * 4, ignore_index=True)
    draw = np.random.default_rng(5)
    table["respondent_id"] = [f"known{at}" for at in range(len(table))]
    table["gender"] = draw.choice(["f", "m"], len(table), p=[0.7, 0.3])
    table["title"] = draw.choice(["none", "second", "first", "senior"], len(table), p=[0.05, 0.35, 0.4, 0.2])
    table["age"] = draw.integers(24, 60, len(table)).astype(str)
    table["born"] = "1980-05-01"
    table["wish"] = "王老师说：more time; =1+1"
    table.loc[draw.random(len(table)) < 0.1, ["tea_03", "tea_04"]] = "-3"
    table.to_csv(file, index=False)
    names = sorted(table["school"].unique())
    facts = pd.DataFrame(
        {"school": names, "pupils": range(100, 100 + len(names)), "head": "王小明", "phone": "13812345678"}
    )
    facts.to_csv(project.raw("small") / "schools.csv", index=False)
    return Study(project, "small")


def written(files: dict[str, bytes], root: Path) -> Study:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return Study(Project(root), "small")


def test_the_bundle_runs_and_gives_nobody_away(study, tmp_path):
    shared = share(study, k=5)
    copy = written(shared.data, tmp_path / "data")
    frame, given = copy.validated().frame, study.validated().frame
    cells = Counter(tuple(str(value) for value in row) for row in frame[["gender", "title", "age"]].to_numpy())
    assert min(cells.values()) >= 5
    assert len(frame) == len(given)
    everything = b"".join(shared.data.values()).decode()
    for secret in ("known", "school_1\n", "王小明", "13812345678", "1980-05-01", "more time", "王老师"):
        assert secret not in everything, secret
    assert frame[["born", "wish"]].isna().all(axis=None)
    assert list(frame.index) != sorted(given.index)
    groups = frame["school"].value_counts().sort_values().tolist()
    assert groups == given["school"].value_counts().sort_values().tolist()
    results = copy.run()
    before = study.run()["reliability"].tables()["table"]
    pd.testing.assert_frame_equal(results["reliability"].tables()["table"], before)
    assert type(results["regression"]).__name__ != "NotEstimated"


def test_context_follows_its_groups(study, tmp_path):
    copy = written(share(study).data, tmp_path / "data")
    old, new = study.scored(), copy.scored()
    means = (
        old.items.groupby(old.groups["school"])
        .mean()
        .assign(pupils=old.context.groupby(old.groups["school"])["pupils"].first())
    )
    again = (
        new.items.groupby(new.groups["school"])
        .mean()
        .assign(pupils=new.context.groupby(new.groups["school"])["pupils"].first())
    )
    order = means.sort_values("pupils").reset_index(drop=True)
    pd.testing.assert_frame_equal(order, again.sort_values("pupils").reset_index(drop=True))


def test_the_twin_is_like_the_answers_and_nobodys(study, tmp_path):
    shared = share(study)
    copy = written(shared.twin, tmp_path / "twin")
    assert copy.plan.simulated
    assert "simulated" in copy.plan.title["en"]
    assert "Simulated" in shared.twin["README.md"].decode()
    assert "Simulated" in shared.twin["data/raw/small/SOURCES.md"].decode()
    items = study.instrument.item_ids()
    real, drawn = study.validated().frame, copy.validated().frame
    assert not set(real.index) & set(drawn.index)
    pd.testing.assert_series_equal(real[items].isna().mean(), drawn[items].isna().mean())
    together = real["tea_03"].isna() & real["tea_04"].isna()
    assert (drawn["tea_03"].isna() & drawn["tea_04"].isna()).mean() == together.mean(), "gaps stay together"
    for item in items:
        np.testing.assert_array_equal(np.sort(real[item].dropna()), np.sort(drawn[item].dropna()))
    apart = np.abs(real[items].corr() - drawn[items].corr()).to_numpy()
    assert apart.max() < 0.2
    assert apart[~np.eye(len(items), dtype=bool)].mean() < 0.06
    check = shared.twins["teachers"].items
    assert (check["icc"] - check["twin_icc"]).abs().mean() < 0.06
    # Nobody's: hardly any row of items is one of those that were given.
    rows = set(map(tuple, real[items].dropna().to_numpy()))
    same = [tuple(row) in rows for row in drawn[items].dropna().to_numpy()]
    assert np.mean(same) < 0.1
    assert set(copy.run()) == {"reliability", "regression"}


def test_the_twin_has_the_form_of_its_export(tmp_path):
    root = Path(__file__).parents[2]
    study = Study(Project(root), "school_district_heads")
    shared = share(study, known=["gender", "age"])
    header = shared.twin["data/raw/school_district_heads/teachers.csv"].decode("utf-8-sig").partition("\n")[0]
    real = (root / "data/raw/school_district_heads/teachers.csv").read_text("utf-8-sig").partition("\n")[0]
    assert header == real
    path = tmp_path / "teachers.csv"
    path.write_bytes(shared.twin["data/raw/school_district_heads/teachers.csv"])
    assert read_responses(path, study.instrument).source.format == "wenjuanxing"
    kept = shared.answers.coarsened["teachers"].frame
    assert list(kept) == ["gender", "age"]


def test_the_same_bundle_every_time_and_another_with_another_seed(study):
    first, again, other = share(study), share(study), share(study, seed=8)
    assert first.data == again.data
    assert first.twin == again.twin
    assert first.twin["data/raw/small/teachers.csv"] != other.twin["data/raw/small/teachers.csv"]


def test_open_texts_come_only_when_asked_for_and_masked(study):
    data = share(study, open_texts=True).data["data/raw/small/teachers.csv"].decode()
    assert "[姓名]老师说：more time" in data
    assert "1980" not in data
    kept = share(study, keep_groups=True).data["data/raw/small/teachers.csv"].decode()
    assert "school_1" in kept


def cells_of(frame):
    names = ["school", "gender", "title", "age"]
    return Counter(tuple(str(value) for value in row) for row in frame[names].to_numpy())


def test_nobody_is_found_by_who_knows_which_school_is_which(study, tmp_path):
    shared = share(study, k=5)
    frame = written(shared.data, tmp_path / "data").validated().frame
    assert min(cells_of(frame).values()) >= 5
    assert shared.alone == {"teachers": 0}
    assert "can be found here" not in shared.data["README.md"].decode()
    open_to_all = share(study, k=5, groups_known=False)
    loose = written(open_to_all.data, tmp_path / "loose").validated().frame
    alone = sum(size for size in cells_of(loose).values() if size == 1)
    assert open_to_all.alone == {"teachers": alone}
    assert alone > 0
    assert "can be found here" in open_to_all.data["README.md"].decode()


def test_groups_of_few_are_not_told():
    groups = pd.DataFrame({"district": ["a"] * 6 + ["b"] * 6, "school": ["1"] * 3 + ["2"] * 3 + ["3"] * 5 + ["4"]})
    told = _told(groups, 3)
    assert told["district"].tolist() == groups["district"].tolist()
    assert told["school"].notna().tolist() == [True] * 6 + [False] * 6, "one without a school would be known by that"
    assert _told(groups.assign(district=[str(at) for at in range(12)]), 2)["district"].isna().all()


def test_heads_lose_the_number_of_their_district():
    shared = share(Study(Project(Path(__file__).parents[2]), "school_district_heads"))
    assert shared.answers.frames["heads"]["district"].isna().all()
    assert shared.answers.frames["teachers"]["district"].notna().all()
    assert shared.alone == {"teachers": 0, "heads": 0}


def test_what_cannot_be_done_is_told(study):
    with pytest.raises(InsufficientDataError):
        share(study, k=1000)
    with pytest.raises(LeadershipStudyError, match="gender"):
        share(study, known=["gendre"])


def test_plans_survive_being_written():
    plan = {
        "title": {"en": 'A "quoted" \\ title', "zh": "标题"}, "seed": 3, "nested_in": ["a"], "on": True, "largest": 2.5,
        "scoring": {"method": "mean", "item_weights": {"x y": 2}},
        "responses": [{"id": "t", "repairs": [{"column": "a", "map": {"1 ": "1"}}], "distributed": {"n": {"微信": 3}}}],
        "analysis": [{"use": "x", "blocks": [["a"], ["b", "c"]]}],
    }  # fmt: skip
    assert tomllib.loads(toml(plan, ["said"])) == plan


def test_command(study, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(study.project.root)
    assert main(["share", "small", "--out", str(tmp_path / "out"), "--k", "4"]) == 0
    said = capsys.readouterr().out
    assert "k = " in said
    assert (tmp_path / "out/twin/studies/small.toml").is_file()
    assert main(["share", "small", "--out", str(tmp_path / "out")]) == 1
    assert "--replace" in capsys.readouterr().err
    assert main(["share", "small", "--out", str(tmp_path / "two"), "--only", "twin"]) == 0
    assert not (tmp_path / "two/data").exists()
    assert main(["share", "small", "--k", "1"]) == 1
    monkeypatch.chdir(tmp_path / "out/twin")
    assert main(["run"]) == 0


def test_drawing_again_keeps_groups_apart_and_constants_constant():
    draw = np.random.default_rng(2)
    districts = np.repeat(np.arange(60), 40)
    schools = np.arange(2400) // 10
    level = draw.standard_normal(60)[districts] * 0.5 + draw.standard_normal(240)[schools] * 0.5
    latent = level[:, None] + draw.standard_normal((2400, 3)) + 0.7 * draw.standard_normal((2400, 1))
    items = np.digitize(latent, [-1.5, -0.5, 0.5, 1.5])
    place = draw.integers(0, 2, 240)[schools]
    given = Table(codes=np.column_stack([items, place]), values=(*[np.arange(5.0)] * 3, np.arange(2.0)))
    missing = np.zeros(given.codes.shape, dtype=bool)
    drawn = draw_again(given, [schools, districts], missing, 1)
    np.testing.assert_allclose(correlations(drawn.scores)[:3, :3], correlations(given.scores)[:3, :3], atol=0.05)
    for codes in (schools, districts):
        np.testing.assert_allclose(intraclass(drawn.scores, codes)[:3], intraclass(given.scores, codes)[:3], atol=0.06)
    assert pd.Series(drawn.codes[:, 3]).groupby(schools).nunique().max() == 1
    assert np.bincount(drawn.codes[:, 3])[0] == np.bincount(place)[0]
    assert (drawn.codes[:, 0] == given.codes[:, 0]).mean() < 0.5
