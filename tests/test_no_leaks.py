"""Nobody's phone number, ID card, e-mail address or name comes out of the program, whatever form they came in."""

import io
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from leadership_study.__main__ import main
from leadership_study.by_name import find, names
from leadership_study.importing import RawResponses, Source, read_responses
from leadership_study.instruments import load_instrument
from leadership_study.study.project import Project
from leadership_study.study.scaffold import create_study

PHONE, CARD, EMAIL, NAME, KNOWN = "13912345678", "11010519491231002X", "zhang.san88@example.com", "王小明", "阿依慕白"
"""``NAME`` is said to be one where it stands; ``KNOWN`` is known from a column of names only."""
PLANTED = (PHONE, CARD, EMAIL, NAME, KNOWN, "10.23.45.67")
TEXT = f"我叫{NAME}，电话139 1234\n5678，身份证{CARD}，邮箱zhang.san88＠example.com，{KNOWN}也同意"
WIDE = "１３９１２３４５６７８"

QUESTIONS = """
[[background]]
id = "district"
kind = "group"
label = { en = "District", zh = "学区" }

[[background]]
id = "subject"
kind = "text"
label = { en = "Subject", zh = "学科" }

[[background]]
id = "age"
kind = "number"
label = { en = "Age", zh = "年龄" }

[[open_question]]
id = "wish"
en = "What do you wish?"
zh = "您的建议是"
"""
PLAN = """\
title = {{ en = "Small", zh = "小研究" }}
questionnaire = "small"
seed = 7
nested_in = ["school"]

[[responses]]
id = "teachers"
files = ["responses{suffix}"]
format = "{format}"
{more}

[[analysis]]
use = "reliability"

[report]
formats = {reports}
languages = ["zh"]
"""
SUFFIXES = {"excel": ".xlsx", "spss": ".sav", "stata": ".dta"}


def answers(instrument) -> pd.DataFrame:
    n = 24
    frame = pd.DataFrame({"respondent_id": [f"R{at:03d}" for at in range(n)]})
    for place, item in enumerate(instrument.item_ids()):
        frame[item] = [str(1 + (at * 7 + at // 3 + place * (at % 2)) % 5) for at in range(n)]
    frame["school"] = [f"第{at % 3 + 1}中学" for at in range(n)]
    frame["district"] = [f"{'东西'[at % 2]}学区" for at in range(n)]
    frame["subject"], frame["age"], frame["wish"] = "语文", "40", "多听课"
    frame.loc[0, ["respondent_id", "school", "district", "subject", "wish"]] = [PHONE, NAME, EMAIL, CARD, TEXT]
    frame.loc[1, ["respondent_id", "school", "subject", "wish"]] = [
        f"{EMAIL}",
        f"{KNOWN}学校",
        WIDE,
        f"{NAME}老师 {PHONE}",
    ]
    frame.loc[2, ["respondent_id", "school", "wish"]] = [CARD, f"联系{PHONE}", KNOWN]
    frame.loc[3, ["respondent_id", "school", "wish"]] = [NAME, PHONE, f"My name is {NAME}, {EMAIL}"]
    frame.loc[4, "respondent_id"] = "13812345678"
    extra = {"姓名": [NAME, KNOWN], "手机": [PHONE, WIDE], "remark": [TEXT, EMAIL], "昵称": [KNOWN, NAME]}
    for header, values in extra.items():
        frame[header] = [*values, *([""] * (n - 2))]
    return frame[["respondent_id", *instrument.column_ids, *extra]].replace("", None).astype("str")


def as_file(format: str, frame: pd.DataFrame, instrument) -> bytes:
    """The export of ``format`` by the format's own `write`, with columns that the questionnaire does not have."""
    write = find("leadership_study.importing", format).write
    frame = frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="row"))
    raw = RawResponses(frame=frame, source=Source(file="f", format=format, sha256="", encoding="utf-8"))
    if format == "wenjuanxing":
        columns = {"来源": "微信", "来源详情": f"{NAME}老师 {PHONE}", "来自IP": "10.23.45.67(北京-北京)"}
        leading = pd.DataFrame(columns, index=frame.index)
        content = write(raw, instrument, leading=leading).decode("utf-8-sig")
        table = pd.read_csv(io.StringIO(content), dtype="str", keep_default_na=False)
        table = table.assign(**{name: frame[name].fillna("").to_numpy() for name in ("姓名", "手机", "remark", "昵称")})
        return b"\xef\xbb\xbf" + table.to_csv(index=False).encode()
    return write(raw)


def everything(root: Path, said: str) -> Iterator[tuple[str, str]]:
    """Whatever the program wrote and said: every file, those in zip archives too, but not what it was given."""
    yield "output", said
    for path in sorted(root.rglob("*")):
        if path.is_file() and "raw" not in path.relative_to(root).parts[:2]:
            content = path.read_bytes()
            yield path.relative_to(root).as_posix(), content.decode("utf-8", "replace")
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        yield f"{path.name}/{name}", archive.read(name).decode("utf-8", "replace")


def bare(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in wide if not sign.isspace() and unicodedata.category(sign) != "Cf")


def leaks(root: Path, said: str) -> list[tuple[str, str]]:
    return [
        (place, secret)
        for place, text in everything(root, said)
        for secret in PLANTED
        if secret in text or (secret in bare(text) and not place.endswith((".png", ".docx")))
    ]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path / "project")
    create_study(made, "small")
    path = made.questionnaire_file("small")
    path.write_text(path.read_text("utf-8") + QUESTIONS, encoding="utf-8")
    monkeypatch.chdir(made.root)
    return made


def prepare(project: Project, format: str, frame: pd.DataFrame | None = None, more: str = "") -> pd.DataFrame:
    instrument = load_instrument(project.questionnaire_file("small"))
    frame = answers(instrument) if frame is None else frame
    suffix = SUFFIXES.get(format, ".csv")
    (project.raw("small") / f"responses{suffix}").write_bytes(as_file(format, frame, instrument))
    reports = '["html", "docx"]' if format == "csv_text" else '["html"]'
    plan = PLAN.format(suffix=suffix, format=format, more=more, reports=reports)
    project.study_file("small").write_text(plan, encoding="utf-8")
    return frame


@pytest.mark.parametrize("format", names("leadership_study.importing"))
def test_what_is_planted_comes_out_nowhere(project, format, capsys):
    prepare(project, format)
    instrument = load_instrument(project.questionnaire_file("small"))
    raw = read_responses(next(project.raw("small").glob("responses.*")), instrument, format=format)
    held = raw.frame.to_csv() + raw.system.to_csv() + repr(raw.source)
    assert [secret for secret in PLANTED if secret in bare(held)] == []
    assert len(raw.source.withheld) >= 3
    code = main(["run", "small"])
    out = capsys.readouterr()
    assert code == 0, out.err
    assert main(["share", "small", "--open-texts", "--keep-groups", "--k", "2"]) == 0
    assert main(["validate", "small"]) == 0
    said = out.out + out.err + "".join(capsys.readouterr())
    assert leaks(project.root, said) == []
    assert "[电话" in said or "电话/phone" in said
    shown = (project.processed("small") / "validated.csv").read_text("utf-8")
    table = pd.read_csv(io.StringIO(shown), dtype="str")
    assert table["respondent_id"].is_unique
    assert len(table) == 24
    assert table["school"].nunique() == 7, "groups that were masked are still apart"
    assert {"R005", "R023"} <= set(table["respondent_id"]), "ordinary ids stay"


@pytest.mark.parametrize("format", ["csv_text", "excel", "wenjuanxing"])
def test_problems_do_not_show_what_they_found(project, format, capsys):
    frame = answers(load_instrument(project.questionnaire_file("small")))
    frame.loc[5, ["str_01", "str_02", "str_03", "age"]] = [PHONE, NAME, EMAIL, CARD]
    frame.loc[6, "age"] = PHONE
    frame.loc[7, "respondent_id"] = PHONE  # twice
    prepare(project, format, frame)
    assert main(["run", "small"]) == 1
    out = capsys.readouterr()
    assert "[phone]" in out.err or "[电话" in out.err
    assert leaks(project.root, out.out + out.err) == []


def test_a_repaired_cell_is_not_logged_as_it_was(project, capsys):
    frame = answers(load_instrument(project.questionnaire_file("small")))
    frame.loc[5, "str_01"] = PHONE
    more = f'repairs = [{{ column = "str_01", recode = {{ "{PHONE}" = "3" }} }}]'
    prepare(project, "csv_text", frame, more)
    assert main(["run", "small"]) == 0
    out = capsys.readouterr()
    found = [place for place, _ in leaks(project.root, out.out + out.err) if not place.startswith("studies/")]
    assert found == []


@pytest.mark.parametrize("format", ["csv_text", "excel", "wenjuanxing"])
def test_a_drafted_questionnaire_has_nobody_in_it(project, format, capsys):
    instrument = load_instrument(project.questionnaire_file("small"))
    file = project.root.parent / f"export{SUFFIXES.get(format, '.csv')}"
    file.write_bytes(as_file(format, answers(instrument), instrument))
    assert main(["init", "drafted", "--from", str(file)]) == 0
    out = capsys.readouterr()
    assert project.questionnaire_file("drafted").is_file()
    assert leaks(project.root, out.out + out.err) == []


def test_what_the_plan_keeps_is_carried_on_and_said(project, capsys):
    prepare(project, "csv_text", more='keep = ["respondent_id"]')
    assert main(["run", "small"]) == 0
    shown = (project.processed("small") / "validated.csv").read_text("utf-8")
    assert "13812345678" in shown
    assert main(["validate", "small"]) == 0
    assert "respondent_id" in capsys.readouterr().out
