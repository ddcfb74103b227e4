"""From files to agreement, frequencies and saturation; bad input as one table of problems."""

import sqlite3

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import ImportFormatError, InsufficientDataError
from leadership_study.interviews import Transcript, keyword_in_context, read_interviews, word_counts
from leadership_study.interviews.agreement import cohen_kappa
from leadership_study.interviews.code_agreement import code_agreement
from leadership_study.interviews.codebook import codebook_from
from leadership_study.interviews.keywords import keywords
from leadership_study.interviews.saturation import saturation
from leadership_study.interviews.transcripts import parse_transcript, read_transcript
from leadership_study.interviews.units import Units, make_units, sentences

BOOK = """
[[code]]
code = "str"
dimension = "structural"
name = { en = "Structure", zh = "结构" }
[[code]]
code = "str_plan"
parent = "str"
kind = "problem"
level = "head"
[[code]]
code = "inter"
dimension = "interpersonal"
"""


@pytest.fixture
def study(tmp_path):
    """Six interviews of three sentences each, two coders."""
    rows = ["transcript,coder,start,end,code,memo"]
    for number in range(1, 7):
        text = "访谈者：请谈谈。\nT：规划不够。沟通很少。其他都好。\n"
        role = "teacher" if number < 5 else "head"
        head = f"---\nid: T{number}\nrole: {role}\ndistrict: D1\ndate: 2026-03-0{number}\n---\n"
        (tmp_path / f"t{number}.txt").write_bytes(("\ufeff" + head + text).replace("\n", "\r\n").encode())
        at = {word: (text.index(word), text.index(word) + len(word)) for word in ("规划不够", "沟通很少", "其他都好")}
        rows.append("T{},A,{},{},str_plan,".format(number, *at["规划不够"]))
        rows.append("T{},B,{},{},{},".format(number, *at["规划不够"], "str_plan" if number != 2 else "inter"))
        if number > 1:
            rows.append("T{},A,{},{},inter,".format(number, *at["沟通很少"]))
            rows.append("T{},B,{},{},inter,".format(number, at["沟通很少"][0], at["沟通很少"][1] + 1))
    (tmp_path / "codings.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "book.toml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def read(study, **options):
    return read_interviews(study / "t*.txt", study / "codings.csv", study / "book.toml", **options)


def test_quotes_and_facts(study):
    found = read(study)
    assert set(found.codings["quote"]) == {"规划不够", "沟通很少", "沟通很少。"}
    assert found.transcripts["T3"].role == "teacher"
    assert str(found.transcripts["T3"].date) == "2026-03-03"
    assert [turn.speaker for turn in found.transcripts["T1"].turns] == ["访谈者", "T"]
    assert found.problems.empty


@pytest.mark.parametrize("unit", ["segment", "sentence", "character"])
def test_agreement_by_unit(study, unit):
    found = read(study, unit=unit).agreement
    assert found.unit == unit
    assert found.n_transcripts == 6
    assert found.n_coders == 2
    own = found.codes.loc[("str_plan", "cohen_kappa")]
    assert 0 < own["estimate"] < 1
    assert own["ci_low"] <= own["estimate"] <= own["ci_high"] <= 1
    undefined = found.codes.loc[("str", "cohen_kappa")]
    assert np.isnan(undefined["estimate"])
    assert undefined["reason"] == "no_variation"
    assert set(found.dimensions.index.get_level_values("dimension")) == {"structural", "interpersonal"}
    assert any(note.id == "agreement_few_clusters" for note in found.notes)


def test_sentences_are_the_units_that_they_say(study):
    """Four sentences an interview; one of 24 has str_plan of one coder only, and holsti is 2·5/(6+5)."""
    found = read(study, unit="sentence").agreement
    assert found.n_units == 24
    assert found.codes.loc[("str_plan", "percent"), "estimate"] == pytest.approx(23 / 24)
    assert found.codes.loc[("str_plan", "holsti"), "estimate"] == pytest.approx(10 / 11)
    a = np.r_[np.ones(6), np.zeros(18)]
    b = np.r_[np.ones(5), np.zeros(19)]
    assert found.codes.loc[("str_plan", "cohen_kappa"), "estimate"] == pytest.approx(cohen_kappa(a, b).estimate)


def overlap_case():
    transcripts = {"T": Transcript("T", "字" * 10_000, parse_transcript("字" * 10_000, "T.txt").turns)}
    codings = pd.DataFrame(
        [("T", "A", 0, 75, "c"), ("T", "B", 25, 100, "c")], columns=["transcript", "coder", "start", "end", "code"]
    )
    return transcripts, codings, {"T": {"A", "B"}}


def test_the_overlap_case():
    units = make_units(*overlap_case(), unit="character")
    found = code_agreement(units, None, ["c"], unit="character")
    assert found.n_units == 10_000
    assert found.pooled.loc["cohen_kappa", "estimate"] == pytest.approx(0.664, abs=5e-4)
    # Half of what they cover together is shared: one segment that both coded, and the rest that nobody did.
    by_segment = code_agreement(make_units(*overlap_case(), unit="segment"), None, ["c"], unit="segment")
    assert by_segment.n_units == 2
    assert by_segment.pooled.loc["cohen_kappa", "estimate"] == 1
    # Asked to share more, they are two segments, each of one coder.
    strict = code_agreement(make_units(*overlap_case(), unit="segment", match=0.6), None, ["c"], unit="segment")
    assert strict.n_units == 3
    assert strict.pooled.loc["cohen_kappa", "estimate"] == pytest.approx(cohen_kappa([1, 0, 0], [0, 1, 0]).estimate)


def test_characters_equal_an_array_of_characters():
    rng = np.random.default_rng(5)
    text = "".join(rng.choice(list("甲乙 丙。\n𠀀"), size=300))
    transcripts = {"T": parse_transcript("甲" + text, "T.txt")}
    size = len(transcripts["T"].text)
    marks = {coder: np.zeros(size, dtype=int) for coder in "AB"}
    rows = []
    for coder in "ABAB":
        start = int(rng.integers(0, size - 90))
        end = start + int(rng.integers(1, 90))
        marks[coder][start:end] = 1
        rows.append((transcripts["T"].id, coder, start, end, "c"))
    codings = pd.DataFrame(rows, columns=["transcript", "coder", "start", "end", "code"])
    units = make_units({"T": transcripts["T"]}, codings, {"T": {"A", "B"}}, unit="character")
    found = code_agreement(units, None, ["c"], unit="character")
    assert found.pooled.loc["cohen_kappa", "estimate"] == pytest.approx(cohen_kappa(marks["A"], marks["B"]).estimate)


def test_nested_segments_stay_apart():
    transcripts = {"T": parse_transcript("甲" * 100, "T.txt")}
    rows = [
        ("T", "A", 0, 100, "big"),
        ("T", "B", 2, 100, "big"),
        ("T", "A", 10, 20, "small"),
        ("T", "B", 11, 20, "small"),
    ]
    codings = pd.DataFrame(rows, columns=["transcript", "coder", "start", "end", "code"])
    units = make_units(transcripts, codings, {"T": {"A", "B"}}, unit="segment")
    assert len(units.frame) == 2
    assert (units.given["big"].sum(axis=1) == [2, 0]).all()
    assert (units.given["small"].sum(axis=1) == [0, 2]).all()


def test_sentences_in_both_languages():
    text = "第一句。第二句！“第三句？”\nMr. X said 3.5 things. And left"
    assert [text[a:b] for a, b in sentences(text)] == [
        "第一句。", "第二句！", "“第三句？”", "Mr.", "X said 3.5 things.", "And left"
    ]  # fmt: skip


def test_an_absent_coder_is_not_rated_unless_said(study):
    with (study / "codings.csv").open("a", encoding="utf-8") as file:
        file.write("T1,C,0,3,inter,\n")
    found = read(study)
    assert (found.problems["rule"] == "coder_absent").sum() == 5
    assert found.agree(unit="sentence").codes.loc[("str_plan", "percent"), "estimate"] > 0.9
    said = read(study, coded_by={f"T{n}": ["A", "B", "C"] for n in range(1, 7)})
    assert said.problems.empty
    assert said.agree(unit="sentence").codes.loc[("str_plan", "percent"), "estimate"] < 0.9


def test_frequencies_count_stretches_and_sources(study):
    found = read(study)
    table = found.frequencies.table
    assert table.loc["str_plan", ["references", "codings", "sources", "coders"]].tolist() == [6, 11, 6, 2]
    assert table.loc["str", ["references", "sources", "below_sources"]].tolist() == [0, 0, 6]
    assert table.loc["str_plan", ["dimension", "level", "kind"]].tolist() == ["structural", "head", "problem"]
    pairs = found.co_occurrence
    assert pairs.counts.loc["str_plan", "inter"] == 5
    assert pairs.coefficients.loc["str_plan", "inter"] == pytest.approx(5 / 6)
    groups = found.informants.groups
    assert groups.loc[("inter", "teacher"), ["informants", "n"]].tolist() == [3, 4]
    assert any(note.id == "few_informants" for note in found.informants.notes)


def test_disagreements_are_listed(study):
    found = read(study).disagreements()
    assert found[["transcript", "code", "gave", "did_not"]].to_numpy().tolist() == [
        ["T2", "inter", "B", "A"], ["T2", "str_plan", "A", "B"]
    ]  # fmt: skip
    assert found["quote"].unique().tolist() == ["规划不够"]


def test_saturation_after_guest():
    """Base 4 with 6 codes; the run of interviews 5 and 6 brings one new, of 6 and 7 none."""
    new = {"a": "12", "b": "34", "c": "5", "d": "6", "e": "17", "f": "1", "g": "2"}
    codings = pd.DataFrame(
        [(name, code) for name, codes in new.items() for code in codes], columns=["transcript", "code"]
    )
    found = saturation(codings, list(new))
    assert found.base_codes == 6
    assert found.table["new"].tolist() == [2, 2, 1, 1, 1, 0, 0]
    assert found.table["new_information"].iloc[5] == pytest.approx(1 / 6)
    assert found.reached == 7
    assert saturation(codings, list(new), threshold=0.2).reached == 6
    with pytest.raises(InsufficientDataError, match="base and run"):
        saturation(codings, list(new)[:5])


def test_everything_wrong_is_said_at_once(study):
    (study / "codings.csv").write_text(
        "transcript,coder,start,end,code\nT1,A,0,999,inter\nT9,A,0,1,inter\nT1,A,5,5,inter\nT1,A,0,2,intr\n",
        encoding="utf-8",
    )
    with pytest.raises(ImportFormatError) as raised:
        read(study)
    problems = raised.value.problems
    assert problems["rule"].tolist() == ["past_the_end", "unknown_transcript", "empty_segment", "unknown_code"]
    assert problems["row"].tolist() == [1, 2, 3, 4]
    assert "inter" in problems["message"].iloc[3]


@pytest.mark.parametrize(
    ("line", "rule"),
    [("T1,A,-1,3,inter", "bad_offset"), ("T1,A,1.5,3,inter", "bad_offset"), ("T1,,0,3,inter", "missing_value")],
)
def test_lines_that_are_wrong(study, line, rule):
    (study / "codings.csv").write_text(f"transcript,coder,start,end,code\n{line}\n", encoding="utf-8")
    with pytest.raises(ImportFormatError) as raised:
        read(study)
    assert raised.value.problems["rule"].tolist() == [rule]


def test_a_quote_that_is_not_the_text(study):
    (study / "codings.csv").write_text(
        "transcript,coder,start,end,code,quote\nT1,A,0,3,inter,错误的\n", encoding="utf-8"
    )
    with pytest.raises(ImportFormatError, match="not the quote"):
        read(study)


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        ({"code": [{"code": "a", "parent": "b"}, {"code": "b", "parent": "a"}]}, "cyclic_codes"),
        ({"code": [{"code": "a", "parent": "a"}]}, "cyclic_codes"),
        ({"code": [{"code": "a"}, {"code": "a"}]}, "duplicate_code"),
        ({"code": [{"code": "a", "parent": "x"}]}, "unknown_parent"),
        ({"code": [{"code": "a", "level": "moon"}]}, "unknown_level"),
        ({"code": [{"code": "a", "kind": "moon"}]}, "unknown_kind"),
        ({"code": [{"code": "a", "nmae": "moon"}]}, "unknown_key"),
        ({}, "no_codes"),
    ],
)
def test_codebooks_that_are_wrong(table, rule):
    with pytest.raises(ImportFormatError) as raised:
        codebook_from(table, "book.toml")
    assert rule in raised.value.problems["rule"].tolist()


def test_scripts_are_text(study):
    (study / "t1.txt").write_text("---\nid: T1\n---\nT：<script>alert(1)</script>\n", encoding="utf-8")
    (study / "codings.csv").write_text(
        "transcript,coder,start,end,code\nT1,A,2,10,inter\nT1,A,2,10,x<script>\n", encoding="utf-8"
    )
    with pytest.raises(ImportFormatError) as raised:
        read(study)
    assert "<script>" not in raised.value.to_html()
    (study / "codings.csv").write_text("transcript,coder,start,end,code\nT1,A,2,10,inter\n", encoding="utf-8")
    assert read(study).codings["quote"].tolist() == ["<script>"]


def test_subtitles_and_markdown(tmp_path):
    (tmp_path / "a.vtt").write_text(
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Q>How &amp; why?\n\n"
        "00:00:02.000 --> 00:00:03.000\n<v T1>a <b>b</b> <script>\n",
        encoding="utf-8",
    )
    found = read_transcript(tmp_path / "a.vtt")
    assert found.text == "Q: How & why?\nT1: a b <script>\n"
    assert [turn.speaker for turn in found.turns] == ["Q", "T1"]
    (tmp_path / "b.srt").write_text("1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\nworld\r\n\r\n", encoding="utf-8")
    assert read_transcript(tmp_path / "b.srt").text == "Hello world\n"
    (tmp_path / "c.md").write_text("**Q:** Why?\n\n**T1:** Because.\n\n**Q:** Oh.\n", encoding="utf-8")
    assert [turn.speaker for turn in read_transcript(tmp_path / "c.md").turns] == ["Q", "T1", "Q"]
    (tmp_path / "d.srt").write_text("nothing\n", encoding="utf-8")
    with pytest.raises(ImportFormatError, match="no cue"):
        read_transcript(tmp_path / "d.srt")
    with pytest.raises(ImportFormatError, match=r"not \.pdf"):
        read_transcript(tmp_path / "e.pdf")


def test_word_documents(tmp_path):
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("访谈者：您好")
    document.add_paragraph("T1：好\t的")
    document.save(tmp_path / "a.docx")
    assert read_transcript(tmp_path / "a.docx").text == "访谈者：您好\nT1：好\t的\n"


def test_qualcoder_project(tmp_path):
    folder = tmp_path / "p.qda"
    folder.mkdir()
    with sqlite3.connect(folder / "data.qda") as base:
        base.execute("create table source (id integer, name text, fulltext text)")
        base.execute("create table code_cat (catid integer, name text, memo text, supercatid integer)")
        base.execute("create table code_name (cid integer, name text, memo text, catid integer, color text)")
        base.execute("create table code_text (cid, fid, seltext, pos0, pos1, owner, memo)")
        base.execute("insert into source values (1, 'a.txt', ?)", ("一\r\n二𠀀三\n",))
        base.execute("insert into code_cat values (1, 'Cat', '', null)")
        base.execute("insert into code_name values (1, 'x', 'memo', 1, '#FF0000')")
        base.execute("insert into code_text values (1, 1, '二𠀀', 3, 5, 'Ann', 'm')")
    base.close()
    found = read_interviews(folder)
    assert found.codings[["coder", "code", "quote", "memo"]].to_numpy().tolist() == [["Ann", "x", "二𠀀", "m"]]
    assert found.codebook.path("x") == ("Cat", "x")


def test_taguette(study):
    (study / "tags.csv").write_text(
        'id,document,tag,content\n1,t1.txt,inter,"沟通很少"\n2,t1.txt,inter,没有\n', encoding="utf-8"
    )
    with pytest.raises(ImportFormatError, match="0 times"):
        read_interviews(study / "t1.txt", study / "tags.csv", study / "book.toml")
    (study / "tags.csv").write_text("id,document,tag,content\n1,t1.txt,inter,沟通很少\n", encoding="utf-8")
    found = read_interviews(study / "t1.txt", study / "tags.csv", study / "book.toml")
    assert found.codings["quote"].tolist() == ["沟通很少"]


def test_words(study):
    transcripts = read(study).transcripts
    places = keyword_in_context(transcripts, "沟通", width=4)
    assert len(places) == 6
    assert places.loc[0, ["left", "keyword", "right"]].tolist() == ["划不够。", "沟通", "很少。其"]
    pytest.importorskip("rjieba")
    counts = word_counts(transcripts, without_speakers=["访谈者"])
    assert counts.loc["沟通", ["n", "sources"]].tolist() == [6, 6]
    english = {"E": parse_transcript("The head's plan. The Plan\n", "E.txt")}
    assert word_counts(english).loc["plan", "n"] == 2
    assert len(keyword_in_context(english, "plan")) == 2
    assert keyword_in_context(english, "pla").empty


def test_fifty_thousand_segments_six_coders_a_hundred_codes():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"transcript": np.repeat([f"T{n:03}" for n in range(100)], 500), "start": 0, "end": 1, "size": 1}
    )
    given = {}
    for code in range(100):
        truth = rng.random(50_000) < 0.05
        given[f"c{code:03}"] = np.where(rng.random((50_000, 6)) < 0.9, truth[:, None], rng.random((50_000, 6)) < 0.05)
    rated = rng.random((50_000, 6)) < 0.95
    units = Units(frame, tuple("ABCDEF"), given, rated)
    found = code_agreement(units, None, list(given), unit="segment")
    assert found.codes["ci_low"].notna().all()
    assert found.codes.loc[("c000", "krippendorff_alpha"), "estimate"] == pytest.approx(
        found.codes.loc[("c000", "fleiss_kappa"), "estimate"], abs=1e-3
    )


def test_words_said_most_often_are_counted_with_the_terms_of_the_plan_whole():
    pytest.importorskip("rjieba")
    text = "访谈者：学区长忙吗？\nT1：学区长很忙，学区长的计划没有了，计划 [姓名 1] the plan.\n"
    said = {"T1": parse_transcript(text, "T1.txt")}
    found = keywords(said, ["计划"], without=["访谈者"], together=["学区长"], most=2)
    assert found.words["n"].to_dict() == {"学区长": 2, "计划": 2}
    every = keywords(said, ["计划"], without=["访谈者"], together=["学区长"]).words
    assert not {"the", "没有", "姓名"} & set(every.index)
    assert every["share"].sum() == pytest.approx(1)


def test_every_code_has_an_original_statement_of_its_own_stretches(study):
    read_study = read(study)
    table, said = read_study.frequencies.table, read_study.frequencies.statements
    assert said.index.tolist() == table.index[table["references"] > 0].tolist()
    given = read_study.counted
    for code, row in said.iterrows():
        own = given[(given["code"] == code) & (given["transcript"] == row["informant"])]
        assert row["statement"] in set(own["quote"])
        most = given[given["code"] == code].groupby(["transcript", "start", "end"])["coder"].nunique()
        assert most[row["informant"], row["start"], row["end"]] == most.max()
        assert row["core"] == read_study.codebook.path(code)[0]
