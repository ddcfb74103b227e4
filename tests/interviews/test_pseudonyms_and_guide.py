"""Pseudonyms there and back with nothing left; guides that print and guides that are wrong."""

import pytest

from leadership_study.errors import ImportFormatError
from leadership_study.interviews import leftovers, pseudonymise, restore
from leadership_study.interviews.guide import guide_from

TEXTS = {
    "T1": "访谈者：您好，我叫王小明。\nT1：我在阳光实验小学工作，王小明老师也来过。李华校长的电话是13812345678，"
    "身份证110101199003078515。我们学区的中心小学不错，去过海淀区第三中学。",
    "T2": "都说王小明很好，阳光实验小学离青石镇不远，农村学校多，学区长要多沟通。",
    "T3": "Mr. John Smith of Green Hill Primary School wrote to a.b@example.org from Riverside County. "
    "John Smith left.",
}


def test_there_and_back():
    found = pseudonymise(TEXTS, places=["青石镇"])
    everything = "".join(found.texts.values())
    for original in ("王小明", "李华", "阳光实验小学", "13812345678", "110101199003078515", "青石镇", "海淀区", "Smith",
                     "Green Hill", "example.org", "Riverside"):  # fmt: skip
        assert original not in everything
    for kept in ("中心小学不错", "农村学校多", "学区长要多沟通", "访谈者：您好"):
        assert kept in everything
    assert {name: restore(text, found.key) for name, text in found.texts.items()} == TEXTS
    assert leftovers(found.texts, found.key).empty
    assert "王小明" not in repr(found)


def test_one_person_is_one_pseudonym_everywhere():
    found = pseudonymise(TEXTS)
    token = found.key.index[found.key["original"] == "王小明"][0]
    assert found.texts["T1"].count(token) == 2
    assert found.texts["T2"].count(token) == 1
    again = pseudonymise({"T4": "王小明老师和赵刚老师"}, key=found.key)
    assert again.texts["T4"].startswith(token)
    assert again.key.loc[found.key.index, "original"].tolist() == found.key["original"].tolist()


def test_what_is_left_is_found():
    found = pseudonymise(TEXTS)
    left = leftovers({"T5": "王 小明来了，电话138 1234 5678，小明说。"}, found.key)
    assert left["kind"].tolist() == ["name", "phone", "name"]
    assert left["certain"].tolist() == [True, True, False]
    assert "王小明" not in left.to_string()


def test_a_text_that_has_pseudonyms_already_is_refused():
    with pytest.raises(ValueError, match="already has"):
        pseudonymise({"T1": "见[姓名 1]"})


def guide():
    both = {"en": "x", "zh": "甲"}
    return {
        "title": both, "consent": both, "informants": {"head": both}, "dimensions": {"structural": both},
        "question": [
            {"id": "q1", "informant": "head", "dimension": "structural", "aspect": "problem", "text": both,
             "probes": [both]}
        ],
    }  # fmt: skip


def test_a_guide_prints_in_both_languages():
    found = guide_from(guide(), "guide.toml")
    assert "1. **Problem** x" in found.to_markdown("en")
    assert "1. **问题** 甲" in found.to_markdown("zh", informant="head")
    assert "追问" in found.to_markdown("zh")
    assert found.gaps()["aspect"].tolist() == ["state", "cause", "suggestion"]
    assert found.to_frame("zh").loc["q1", "text"] == "甲"
    with pytest.raises(ValueError, match="informant"):
        found.to_markdown("en", informant="teacher")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"aspect": "moon"}, "unknown_aspect"), ({"dimension": "x"}, "unknown_dimension"),
        ({"informant": "x"}, "unknown_informant"),
        ({"text": {"en": "x"}}, "missing_language"), ({"probe": []}, "unknown_key"), ({"text": "x"}, "bad_text"),
    ],
)  # fmt: skip
def test_guides_that_are_wrong(change, rule):
    table = guide()
    table["question"][0] |= change
    with pytest.raises(ImportFormatError) as raised:
        guide_from(table, "guide.toml")
    assert rule in raised.value.problems["rule"].tolist()
