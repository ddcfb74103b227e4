"""Bytes that are both UTF-8 and GB18030: Chinese is read as Chinese, European text as European."""

import random

import pytest

from leadership_study.importing._decode import decode

CHINESE = ["学校", "某", "某校", "小学", "学校_1,学校_2", "小", "一", "女", "校", "体育", "团", "研究学校", "某女"]
EUROPEAN = [
    "café", "Müller", "Ελλάδα", "Москва", "é", "école", "à", "niño", "São Paulo", "naïve", "kız", "Straße", "tímto",
    "да", "Да", "нет", "Нина", "и она", "λαβή", "Διοίκηση", "ΑΘΗΝΑ", "Қазақстан", "Київ", "Ўзбекистон", "Žižkov",
    "Łódź", "hős", "Øyvind på øya", "Þór", "ÉCOLE", "McÉvoy", "שלום", "מורה", "مدرسة", "أخ", "Հայաստան",
    "25 °C", "5 µg", "½ · 3", "£5", "l·l", "temperature (°C)", "ångström", "pân", "Übung", "e\u0301te\u0301", "ŉ café",
]  # fmt: skip


def table(word: str) -> str:
    return f"respondent_id,a1,school\nr1,1,{word}\nr2,2,{word}\n"


@pytest.mark.parametrize("word", CHINESE)
def test_chinese_in_gbk_that_is_also_utf8(word):
    data = table(word).encode("gbk")
    text, encoding, notes = decode(data, "x")
    assert (text, encoding) == (table(word), "gb18030")
    assert [note.id for note in notes] == ["other_encoding"]


@pytest.mark.parametrize("word", CHINESE + EUROPEAN)
def test_what_is_saved_as_utf8_is_read_as_utf8(word):
    assert decode(table(word).encode(), "x") == (table(word), "utf-8", [])


def test_the_words_above_try_the_rule():
    """Most of the Chinese words, and some of the European ones, are valid in both encodings."""

    def both(data: bytes) -> bool:
        try:
            return bool(data.decode("utf-8")) and bool(data.decode("gb2312"))
        except UnicodeDecodeError:
            return False

    assert sum(both(word.encode("gbk")) for word in CHINESE) >= 9
    assert sum(both(word.encode()) for word in EUROPEAN) >= 12


def test_a_european_file_with_an_odd_word_stays_utf8():
    text = table("café") + "r3,3,ĳ\nr4,4,Müller\n"
    assert decode(text.encode(), "x")[1] == "utf-8"


def test_random_chinese_words_that_are_valid_utf8_are_mostly_recognised():
    common = [bytes([lead, trail]) for lead in range(0xC2, 0xD8) for trail in range(0xA1, 0xC0)]
    draw, wrong, tried = random.Random(1), 0, 0
    for _ in range(400):
        words = {(draw.choice(common) + draw.choice(common)).decode("gb2312") for _ in range(3)}
        data = "\n".join(["school", *sorted(words)]).encode("gbk")
        data.decode("utf-8")
        tried += 1
        wrong += decode(data, "x")[1] != "gb18030"
    assert wrong / tried < 0.05
