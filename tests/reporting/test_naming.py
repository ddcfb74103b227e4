"""What items, levels and reverse-keyed items are called in sentences, tables and figures."""

import pytest

from leadership_study.instruments import (
    BackgroundQuestion,
    Dimension,
    Instrument,
    Item,
    Level,
    ResponseScale,
)
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.naming import Names, names_of, short
from leadership_study.reporting.parts import plain
from leadership_study.results import Note

ITEMS = (
    Item(id="a1", dimension="a", response_scale="s", text={"en": "Sets goals.", "zh": "设定目标。"}),
    Item(
        id="a2", dimension="a", response_scale="s", reverse_keyed=True, text={"en": "Changes plans.", "zh": "改计划。"}
    ),
    Item(id="a3", dimension="a", response_scale="s", reverse_keyed=True),
)
POST = BackgroundQuestion(
    id="post",
    kind="nominal",
    label={"en": "Post", "zh": "岗位"},
    levels=(Level(value="3", text={"en": "class head", "zh": "班主任"}), Level(value="4")),
)
INSTRUMENT = Instrument(
    id="q", version="1", title={"en": "Q", "zh": "问卷"},
    response_scales={"s": ResponseScale(id="s", values=(1, 2, 3))},
    dimensions=(Dimension(id="a", items=ITEMS, response_scale="s", label={"en": "Aim", "zh": "目标"}),),
    background=(POST,),
)  # fmt: skip


def named(language: str) -> Names:
    ids = ["a", *INSTRUMENT.item_ids(), "post"]
    return names_of(INSTRUMENT, {id: INSTRUMENT.label(id, language) for id in ids}, language)


def test_items_have_their_id_in_sentences_and_their_wording_beside_it_in_rows() -> None:
    english, chinese = named("en"), named("zh")
    assert [english.in_sentences[id] for id in ("a", "a1", "a2")] == ["Aim", "a1", "a2"]
    assert [english.in_rows[id] for id in ("a1", "a2", "a3")] == ["a1  Sets goals", "a2 (R)  Changes plans", "a3 (R)"]
    assert [chinese.in_rows[id] for id in ("a", "a1", "a2", "a3")] == [
        "目标",
        "a1  设定目标",
        "a2（反）  改计划",
        "a3（反）",
    ]


@pytest.mark.parametrize(
    ("language", "term", "sentence"),
    [
        ("en", "Post: class head", "The levels of Post are compared with class head."),
        ("zh", "岗位：班主任", "岗位的各水平均与班主任比较。"),
    ],
)
def test_levels_are_shown_in_words(language: str, term: str, sentence: str) -> None:
    words, names = load_language(language), named(language).in_sentences
    assert words.term("post[3]", names) == term
    assert words.term("post[4]", names).endswith("4")
    text = "The levels of {variable} are compared with {level}."
    assert words.note(Note("reference_level", text, {"variable": "post", "level": "3"}), names) == sentence


def test_long_wordings_are_cut_between_words_and_lose_their_stop() -> None:
    assert short("校长改变计划。") == "校长改变计划"
    assert short("The head changes plans without a reason.", 26) == "The head changes plans…"
    assert short("校长为我们的工作设定清晰的目标。", 11) == "校长为我们…"


def test_notes_choose_words_by_the_count_and_shape_their_symbols() -> None:
    words = load_language("en")
    note = Note("brand_new", "{n} {n|group has|groups have} r_wg(j) below a_wg.", {"n": 1})
    assert words.note(note) == "1 group has r_wg(j) below a_wg."
    assert [getattr(span, "style", "") for span in words.note_spans(note)] == [
        "", "italic", "subscript", "", "italic", "subscript", "",
    ]  # fmt: skip
    assert plain(words.note_spans(note)) == "1 group has rwg(j) below awg."
    assert words.note(Note("brand_new", note.text, {"n": 2})).startswith("2 groups have")
