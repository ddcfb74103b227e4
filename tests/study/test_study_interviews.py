"""Interviews in a study: the plan checked, pseudonyms put in, results stored like blocks, reports in both languages."""

import csv
import hashlib
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from leadership_study.__main__ import main
from leadership_study.errors import ImportFormatError, LeadershipStudyError, PlanError
from leadership_study.interviews.saturation import saturation
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.lookup import Values
from leadership_study.reporting.parts import plain
from leadership_study.reporting.sentences import Writer
from leadership_study.results import NotEstimated
from leadership_study.study.interview_results import read_as_received
from leadership_study.study.pipeline import open_study

PROJECT = Path(__file__).parents[2]
PLAN = """
title = { en = "Talks", zh = "访谈" }
seed = 1
simulated = true
[interviews]
guide = "school_district_heads_interviews"
transcripts = ["interviews/transcripts/*.txt"]
codings = ["interviews/codings/*.csv"]
adjudication = "interviews/adjudication.csv"
translations = ["interviews/translations/*.csv"]
bootstrap = 20
keywords = ["沟通"]
[report]
formats = ["html"]
languages = ["en", "zh"]
"""


@pytest.fixture
def project(tmp_path):
    for name in ("studies", "questionnaires"):
        (tmp_path / name).mkdir()
    raw = tmp_path / "data" / "raw" / "talk" / "interviews"
    shutil.copytree(PROJECT / "data" / "raw" / "school_district_heads" / "interviews", raw)
    guide = "school_district_heads_interviews.toml"
    shutil.copy(PROJECT / "questionnaires" / guide, tmp_path / "questionnaires" / guide)
    (tmp_path / "studies" / "talk.toml").write_text(PLAN, encoding="utf-8")
    return tmp_path


def change(project, old, new):
    path = project / "studies" / "talk.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_flagship_has_no_oddities_and_sound_agreement(project):
    study = open_study(project / "studies" / "talk.toml")
    interviews = study.interviews()
    assert interviews.problems.empty
    assert len(interviews.transcripts) == 14
    assert 0.75 < interviews.agreement.pooled.loc["krippendorff_alpha", "estimate"] < 0.85
    by_code = interviews.agreement.by_code["krippendorff_alpha"]
    assert 0.2 < (by_code < 0.667).mean() < 0.45
    problems = interviews.frequencies.table.query("kind == 'problem'")
    assert set(problems.loc[problems["sources"] > 0, "dimension"]) == {
        "structural", "interpersonal", "political", "teaching", "cultural"
    }  # fmt: skip
    quoted = interviews.final
    english = [
        interviews.translation(*row, "en")
        for row in quoted[["transcript", "start", "end"]].itertuples(index=False, name=None)
    ]
    assert sum(text is None for text in english) <= 2
    assert interviews.names("zh")["head_03"] == "学区长03"
    assert interviews.names("en")["head_03"] == "Head 03"
    assert study.guide().gaps().empty


def test_the_files_are_those_that_sources_vouches_for():
    folder = PROJECT / "data" / "raw" / "school_district_heads" / "interviews"
    told = (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert "simulated" in told
    kept = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SOURCES.md"
    }
    assert dict(re.findall(r"^\| `([\w./]+)` \| `([0-9a-f]{64})` \|$", told, re.MULTILINE)) == kept
    for path in (folder / "transcripts").glob("*.txt"):
        assert "模拟访谈" in path.read_text(encoding="utf-8")


def test_a_whole_run_keeps_the_key_private(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert main(["run", "talk"]) == 0
    key = pd.read_csv(project / "private" / "talk" / "pseudonyms.csv")
    assert set(key["original"]) == {"周敏", "柳溪小学", "青禾实验小学"}
    everything = [*(project / "data" / "processed").rglob("*"), *(project / "reports").rglob("*")]
    for path in everything:
        if path.is_file():
            content = path.read_bytes()
            assert not [name for name in key["original"] if name.encode() in content], path
    report = (project / "reports" / "talk" / "report.zh.html").read_text(encoding="utf-8")
    for words in ("编码者一致性", "学区长03", "化解矛盾不力", "理论饱和度", "关键词语境", "政府"):
        assert words in report
    english = (project / "reports" / "talk" / "report.en.html").read_text(encoding="utf-8")
    assert "Head 03" in english
    assert ">head_03<" not in english
    results = open_study("talk").stored()
    assert results.reference("code_frequencies.table.structural_planning.sources") > 3
    capsys.readouterr()
    assert main(["run", "talk"]) == 0
    assert "unchanged" in capsys.readouterr().out
    before = open_study("talk").fingerprints()
    file = project / "data" / "raw" / "talk" / "interviews" / "codings" / "coder_b.csv"
    file.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    after = open_study("talk").fingerprints()
    assert len(after) == 7
    assert not set(before.values()) & set(after.values())


def test_nothing_coded_is_no_error(project, monkeypatch):
    change(project, 'codings = ["interviews/codings/*.csv"]\nadjudication = "interviews/adjudication.csv"\n', "")
    change(project, '["en", "zh"]', '["en"]')
    monkeypatch.chdir(project)
    assert main(["run", "talk"]) == 0
    results = open_study("talk").stored()
    assert {name for name, result in results.items() if isinstance(result, NotEstimated)} == {
        "code_agreement", "code_frequencies", "informant_codes", "co_occurrence", "saturation"
    }  # fmt: skip
    assert "Nothing is coded yet" in (project / "reports" / "talk" / "report.en.html").read_text(encoding="utf-8")


def test_one_coder_without_codebook_and_never_saturated(project, monkeypatch):
    (project / "data" / "raw" / "talk" / "interviews" / "codings" / "coder_b.csv").unlink()
    guide = project / "questionnaires" / "school_district_heads_interviews.toml"
    guide.write_text(guide.read_text(encoding="utf-8").partition("# The codebook: ")[0], encoding="utf-8")
    change(project, 'adjudication = "interviews/adjudication.csv"\n', "base = 12\nthreshold = 0\n")
    change(project, '["en", "zh"]', '["zh"]')
    monkeypatch.chdir(project)
    study = open_study("talk")
    results = study.run()
    assert isinstance(results["code_agreement"], NotEstimated)
    assert results["saturation"].saturated is True
    assert study.interviews().to_qdpx()[0][:2] == b"PK"


@pytest.mark.parametrize(("code", "words"), [("en", "saturation was not reached"), ("zh", "未达到饱和")])
def test_saturation_that_is_not_reached_is_told(code, words):
    new = {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6", "g": "7"}
    codings = pd.DataFrame([(name, one) for name, ones in new.items() for one in ones], columns=["transcript", "code"])
    found = saturation(codings, list(new))
    assert found.saturated is False
    language = load_language(code)
    writer = Writer(values=Values.of("saturation", found), language=language)
    told = "".join(plain(part.spans) for part in writer.paragraphs(language.analysis("saturation")["findings"]))
    assert words in told


def test_offsets_move_with_the_pseudonyms(project):
    study = open_study(project / "studies" / "talk.toml")
    before, after = read_as_received(study), study.interviews()
    assert before.codings["quote"].tolist() == after.codings["quote"].tolist()
    assert (before.codings["start"] != after.codings["start"]).any()
    for name, one in after.transcripts.items():
        old = before.transcripts[name]
        assert [turn.speaker for turn in one.turns] == [turn.speaker for turn in old.turns]
        assert "note" in one.facts
        assert one.text.splitlines()[-1].endswith(old.text.splitlines()[-1][-6:])
    assert (after.adjudication["quote"] == before.adjudication["quote"]).all()


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('guide = "school', 'guide = "skool', "did you mean"),
        ('transcripts = ["interviews', 'transcripts = ["../interviews', "inside the study's folder"),
        ("bootstrap = 20", "bootstrap = 1", "at least 2"),
        ("bootstrap = 20", 'unit = "word"', "segment"),
        ("bootstrap = 20", "match = 0", "above 0"),
        ("bootstrap = 20", 'coded_by = { head_01 = "A" }', "coders by transcript"),
        ("bootstrap = 20", "bootstrp = 20", "did you mean bootstrap"),
    ],
)
def test_plans_that_are_wrong(project, old, new, word):
    change(project, old, new)
    with pytest.raises(PlanError, match=word):
        open_study(project / "studies" / "talk.toml")


def test_all_problems_of_a_plan_at_once(project):
    change(project, "bootstrap = 20", 'bootstrap = 0\nbase = 0\nmatch = 2\nunit = "word"')
    with pytest.raises(PlanError) as raised:
        open_study(project / "studies" / "talk.toml")
    assert len(raised.value.problems) == 4


def test_files_that_are_not_there_and_ids_that_are_no_names_of_files(project):
    change(project, "codings/*.csv", "codings/*.tsv")
    with pytest.raises(ImportFormatError, match="not all there"):
        open_study(project / "studies" / "talk.toml").interviews()
    change(project, "codings/*.tsv", "codings/*.csv")
    path = project / "data" / "raw" / "talk" / "interviews" / "transcripts" / "head_09.txt"
    path.write_text("---\nid: ../../evil\n---\nT: nothing\n", encoding="utf-8")
    with pytest.raises(ImportFormatError, match="not all right"):
        open_study(project / "studies" / "talk.toml").interviews()


def test_known_names_are_private_and_are_taken_out(project):
    folder = project / "private" / "talk"
    folder.mkdir(parents=True)
    (folder / "names.csv").write_text("kind,original\nplace,食堂\n", encoding="utf-8")
    study = open_study(project / "studies" / "talk.toml")
    assert "食堂" not in study.interviews().transcripts["head_04"].text
    (folder / "names.csv").write_text("kind,original\nplaice,食堂\n", encoding="utf-8")
    with pytest.raises(ImportFormatError, match="known names"):
        open_study(project / "studies" / "talk.toml").interviews()


def test_a_study_without_interviews_says_so(project):
    path = project / "studies" / "talk.toml"
    shutil.copy(PROJECT / "questionnaires" / "lq2002.toml", project / "questionnaires")
    shutil.copytree(PROJECT / "data" / "raw" / "lq2002", project / "data" / "raw" / "lq2002")
    path = project / "studies" / "lq2002.toml"
    text = (PROJECT / "studies" / "lq2002.toml").read_text(encoding="utf-8").partition("[report]")[0]
    path.write_text(text + "[report]\n", encoding="utf-8")
    with pytest.raises(LeadershipStudyError, match="no interviews"):
        open_study(path).interviews()


def test_the_commands(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert main(["validate", "talk"]) == 0
    assert "14 transcripts" in capsys.readouterr().out
    assert main(["interviews", "disagreements", "talk", "--output", "todo.csv"]) == 0
    with (project / "todo.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert {row["decision"] for row in rows} == {""}
    assert main(["interviews", "qdpx", "talk"]) == 0
    assert (project / "talk.qdpx").read_bytes()[:2] == b"PK"
    assert "not carried" in capsys.readouterr().out
    for target in ("docx", "html", "md"):
        name = "school_district_heads_interviews"
        assert main(["interviews", "guide", name, "--to", target, "--language", "zh", "--informant", "head"]) == 0
        assert (project / f"{name}.head.zh.{target}").is_file()
    assert main(["interviews", "guide", name, "--language", "fr"]) == 1
