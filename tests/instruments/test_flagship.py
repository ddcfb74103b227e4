"""The questionnaire on the leadership of school district heads: its structure, and the craft of its wording."""

import itertools
import re
from pathlib import Path

import pytest

from leadership_study.instruments import Instrument, load_instrument

FILE = Path(__file__).parents[2] / "questionnaires" / "school_district_head_leadership.toml"
DIMENSIONS = {"structural": "str", "interpersonal": "int", "political": "pol", "teaching": "tea", "cultural": "cul"}
WEAK_SPOTS = {
    "str_02": "规划与组织",
    "int_03": "沟通",
    "pol_05": "化解矛盾",
    "tea_04": "自我提升",
    "cul_05": "凝聚文化合力",
}
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return load_instrument(FILE)


def wordings(instrument: Instrument) -> list[tuple[str, str, str]]:
    """Every statement as (id, language, text), those about oneself as id "…:self"."""
    found = []
    for item in instrument.items:
        found += [(item.id, language, text) for language, text in item.text.items()]
        found += [(f"{item.id}:self", language, text) for language, text in item.self_text.items()]
    return found


def test_five_dimensions_of_five_or_six_items(instrument):
    assert instrument.dimension_ids == list(DIMENSIONS)
    for id, prefix in DIMENSIONS.items():
        items = instrument.item_ids(id)
        assert len(items) in (5, 6)
        assert items == [f"{prefix}_{number:02d}" for number in range(1, len(items) + 1)]
        assert instrument.dimension(id).definition.keys() == {"en", "zh"}


def test_each_dimension_has_reverse_keyed_items_at_its_own_place(instrument):
    places = {}
    for dimension in instrument.dimensions:
        turned = [at for at, item in enumerate(dimension.items, start=1) if item.reverse_keyed]
        assert 1 <= len(turned) <= 2
        places[dimension.id] = tuple(turned)
    assert len(set(places.values())) >= 4, "a reader who expects them at the same place stops reading"
    assert not any(1 in turned for turned in places.values()), "a dimension does not open with one"


def test_the_weak_spots_of_the_source_study_have_an_item_each(instrument):
    comments = [line for line in FILE.read_text("utf-8").splitlines() if line.startswith("#")]
    for id, spot in WEAK_SPOTS.items():
        assert any(id in line and spot in line for line in comments)
        assert not instrument.item(id).reverse_keyed
    found = {instrument.item(id).dimension for id in WEAK_SPOTS}
    assert found == set(DIMENSIONS)


def test_both_languages_are_complete(instrument):
    assert instrument.languages == ("en", "zh")
    everything = [*instrument.column_ids, *instrument.dimension_ids]
    for id in everything:
        assert not HAN.search(instrument.label(id, "en")), id
        assert HAN.search(instrument.label(id, "zh")), id
        assert instrument.label(id, "en") != id
    for question in instrument.background:
        for level in question.levels:
            assert HAN.search(level.text["zh"])
            assert not HAN.search(level.text["en"])
    for scale in instrument.response_scales.values():
        assert scale.values == (1, 2, 3, 4, 5)
        assert set(scale.labels) == {"en", "zh"}


def test_heads_rate_themselves_in_the_first_person(instrument):
    for item in instrument.items:
        assert set(item.self_text) == {"en", "zh"}
        assert "district head" in item.text["en"]
        assert "学区长" in item.text["zh"]
        assert re.search(r"\bI\b", item.self_text["en"])
        assert "我" in item.self_text["zh"]
        assert "the district head" not in item.self_text["en"].lower()
        assert "学区长" not in item.self_text["zh"]
        # Apart from the person, both say the same.
        shared = set(re.findall(r"\w{6,}", item.text["en"])) & set(re.findall(r"\w{6,}", item.self_text["en"]))
        assert shared, item.id


def test_no_two_statements_are_alike(instrument):
    for language in instrument.languages:
        own = [(id, text) for id, found, text in wordings(instrument) if found == language]
        assert len({text for _, text in own}) == len(own)
        items = [(id, frozenset(_pieces(text))) for id, text in own if ":" not in id]
        for (one, first), (other, second) in itertools.combinations(items, 2):
            overlap = len(first & second) / len(first | second)
            assert overlap < 0.6, f"{one} and {other} say nearly the same in {language}"


def _pieces(text: str) -> list[str]:
    if HAN.search(text):
        return [text[at : at + 2] for at in range(len(text) - 1)]
    return re.findall(r"\w+", text.lower())


def test_statements_are_short_single_and_without_negation(instrument):
    for id, language, text in wordings(instrument):
        if language == "en":
            assert 4 <= len(text.split()) <= 16, id
            assert text.endswith(".")
            assert not re.search(r"\b(and|or|not|never|always|often|no|but|n't|very|usually)\b", text), id
        else:
            assert 8 <= len(text) <= 24, id
            assert text.endswith("。")
            assert not re.search("不(?!同)|没|未|无|经常|总是|从不|往往|并且|以及|或者|十分|非常", text), id
            assert "，" not in text or text.split("，")[0].endswith(("时", "前")), f"{id}: one idea only"


def test_importance_is_asked_of_the_dimensions_on_its_own_scale(instrument):
    (form,) = instrument.forms
    assert (form.id, form.of, form.response_scale) == ("importance", "dimensions", "importance")
    assert list(instrument.form_scales) == [f"importance_{id}" for id in DIMENSIONS]
    assert instrument.label("importance_political", "zh") == "重要性: 政治领导力"


def test_the_attention_check_names_the_answer_it_expects(instrument):
    (check,) = instrument.attention_checks
    assert check.after in instrument.item_ids("teaching")
    scale = instrument.response_scales["agreement"]
    for language in instrument.languages:
        expected = scale.labels[language][scale.values.index(check.expected)]
        assert f"“{expected}”" in check.text[language]


def test_background_questions(instrument):
    assert instrument.group_ids == ["school", "district"]
    expected = {
        "stage": 3, "location": 3, "school_type": 2, "district_type": 2, "district_stages": 2, "post": 5, "contact": 4,
        "head_years": 3, "title": 6, "teaching_years": 5, "district_years": 4, "gender": 2, "age": 4, "education": 3,
        "district_knowledge": 4,
    }  # fmt: skip
    assert {id: len(instrument.background_question(id).levels) for id in instrument.background_ids} == expected
    assert [level.text["zh"] for level in instrument.background_question("stage").levels] == [
        "小学", "初中", "九年一贯制学校",
    ]  # fmt: skip
    assert [level.text["zh"] for level in instrument.background_question("location").levels] == ["城区", "镇区", "乡村"]
    assert instrument.background_question("title").kind == "ordinal"
    assert len(instrument.open_questions) == 2


def test_questions_are_put_to_whom_they_concern(instrument):
    posts = {level.value for level in instrument.background_question("post").levels}
    contact = set(instrument.background_question("contact").relevant["post"])
    head = set(instrument.background_question("head_years").relevant["post"])
    assert head == {"district_head"}
    assert contact | head == posts
    assert not contact & head


def test_it_is_marked_as_written_here_and_not_validated(instrument):
    assert instrument.texts == "complete"
    assert "written for this project" in instrument.source
    assert "not validated" in instrument.source
    assert "Cheng" in instrument.source
