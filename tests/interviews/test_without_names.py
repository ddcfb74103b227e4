"""Nothing of the key is left in any part of interviews: roles, notes, speakers, coders, codebook."""

from dataclasses import replace

import pytest

from leadership_study.errors import ImportFormatError
from leadership_study.interviews import Code, Codebook, read_interviews
from leadership_study.interviews.without_names import without_names

TEXT = """---
id: T1
role: 校长王小明
district: 红星小学学区
note: 王小明推荐，电话13812345678
---
访谈者：您好，王小明校长。
王校长：我是王小明，和李华、李华明、John Smith一起；Smithson没有来。小 明？
访谈者：还有呢？
王校长：没有了，示范小学也去过。
"""


@pytest.fixture
def read(tmp_path):
    (tmp_path / "T1.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "codings.csv").write_text("transcript,coder,start,end,code\nT1,甲,15,40,a\n", encoding="utf-8")
    return read_interviews(tmp_path / "T1.txt", tmp_path / "codings.csv")


def test_no_part_of_a_transcript_holds_an_original(read):
    clean, key = without_names(read, names=["李华", "李华明", "John Smith"])
    one = clean.transcripts["T1"]
    held = "\n".join([one.text, one.role, one.district, *one.facts.values(), *(turn.speaker for turn in one.turns)])
    for original in ("王小明", "李华", "John", "红星", "13812345678", "王校长"):
        assert original not in held
    assert "Smithson" in one.text
    assert (one.role, one.turns[1].speaker) == ("校长[姓名 4]", "[姓名 5]校长")
    names = key[key["kind"] == "name"]
    assert set(names["original"]) == {"李华", "李华明", "John Smith", "王小明", "王"}


def test_places_of_what_may_be_left_are_those_of_the_text_as_given(read):
    clean, _ = without_names(read, names=["李华"])
    (told,) = clean.problems.loc[clean.problems["rule"] == "given_name_left", "message"]
    at = int(told.rsplit(" ", 1)[1])
    assert read.transcripts["T1"].text[at : at + 3] == "小 明"


@pytest.mark.parametrize("part", ["coder", "codebook"])
def test_a_name_among_coders_or_in_the_codebook_is_refused_and_not_repeated(read, part):
    if part == "coder":
        held = replace(read, codings=read.codings.assign(coder="王小明"))
    else:
        held = replace(read, codebook=Codebook((Code("a", anchor={"zh": "王小明说"}),)))
    with pytest.raises(ImportFormatError, match=f"still there, in the {part}") as raised:
        without_names(held)
    assert "王小明" not in str(raised.value)


def test_a_codebook_may_speak_of_kinds_of_schools(read):
    book = Codebook((Code("a", definition={"zh": "阳光示范小学一类学校的做法"}),))
    assert without_names(replace(read, codebook=book))[0].codebook is book
