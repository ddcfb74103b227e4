import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn

from leadership_study.errors import InstrumentError
from leadership_study.instruments import load_instrument
from leadership_study.reporting.forms import codebook, paper


@pytest.fixture(scope="module")
def instrument():
    return load_instrument("school_district_head_leadership")


def opened(data):
    return docx.Document(io.BytesIO(data))


def rows(file):
    """All rows of all tables as lists of text, headers aside."""
    return [[cell.text for cell in row.cells] for table in file.tables for row in table.rows[1:]]


def everything(file):
    return "\n".join([*(p.text for p in file.paragraphs), *(cell for row in rows(file) for cell in row)])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_question_is_there_once_and_numbered_without_a_gap(instrument, language):
    file = opened(paper.render(instrument, language=language))
    numbered = re.findall(r"^(\d+)\.(?:\t|$)", everything(file), re.MULTILINE)
    assert sorted(map(int, numbered)) == list(range(1, len(instrument.column_ids) + 1))
    told = everything(file)
    for item in instrument.items:
        assert told.count(item.text[language]) == 1
    for question in instrument.background:
        assert question.label[language] in told
        for level in question.levels:
            assert level.text[language] in told.replace("\xa0", " ")
    assert instrument.attention_checks[0].text[language] in told


def test_nothing_gives_the_key_away(instrument):
    file = opened(paper.render(replace(instrument, forms=()), language="en"))
    told = everything(file)
    for dimension in instrument.dimensions:
        assert dimension.label["en"] not in told
    assert not [id for id in (*instrument.item_ids(), "check_1") if id in told]
    assert "revers" not in told.lower()


def test_the_order_is_as_declared(instrument):
    mixed = [row[1] for row in rows(opened(paper.render(instrument, language="en")))]
    plain = [row[1] for row in rows(opened(paper.render(instrument, language="en", order="by_dimension")))]
    texts = [item.text["en"] for item in instrument.items]
    check = instrument.attention_checks[0]
    assert [text for text in plain if text in texts] == texts
    assert mixed[:5] == [dimension.items[0].text["en"] for dimension in instrument.dimensions]
    for found in (mixed, plain):
        assert found[found.index(check.text["en"]) - 1] == instrument.item(check.after).text["en"]


def test_each_row_has_a_circle_an_answer(instrument):
    file = opened(paper.render(instrument, language="zh"))
    header = [cell.text for cell in file.tables[0].rows[0].cells]
    assert header == [
        "",
        "",
        *[f"{text}\n{at}" for at, text in enumerate(instrument.scale_of("str_01").labels["zh"], 1)],
    ]
    assert {tuple(row[2:]) for row in rows(file)} == {("○",) * 5}


def test_items_on_another_scale_stand_in_a_table_of_their_own(instrument):
    first = instrument.dimensions[0]
    item = replace(first.items[1], response_scale="importance")
    changed = replace(first, items=(first.items[0], item, *first.items[2:]))
    file = opened(paper.render(replace(instrument, dimensions=(changed, *instrument.dimensions[1:])), language="en"))
    assert [len(table.rows) for table in file.tables] == [1 + 30, 1 + 1, 1 + 5]


def test_leaders_read_about_themselves(instrument):
    told = everything(opened(paper.render(instrument, language="zh", form="self")))
    for item in instrument.items:
        assert item.self_text["zh"] in told
    assert "您对自己领导工作的看法" in told


def test_rules_for_asking_name_the_question(instrument):
    paragraphs = [p.text for p in opened(paper.render(instrument, language="en")).paragraphs]
    at = paragraphs.index("Only if you marked “District head” at question 8:")
    assert paragraphs[at + 1] == "10.\tYears as a district head"
    assert "8.\tPost" in paragraphs


def test_the_page_is_a4_with_page_numbers_and_chinese_fonts(instrument):
    data = paper.render(instrument, language="zh")
    file = opened(data)
    section = file.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        footers = "".join(archive.read(name).decode() for name in archive.namelist() if "footer" in name)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert " PAGE " in footers
    assert " NUMPAGES " in footers
    fonts = file.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "宋体"
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for table in file.tables for row in table.rows)
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in file.tables)


@pytest.mark.parametrize("form", ["other", "self"])
def test_equal_questionnaires_give_equal_bytes(instrument, form):
    assert paper.render(instrument, language="en", form=form) == paper.render(instrument, language="en", form=form)


def test_gaps_are_told_all_at_once(instrument):
    with pytest.raises(InstrumentError, match=r"no wording in 'fr'; it has en, zh"):
        paper.render(instrument, language="fr")
    withheld = load_instrument("lq2002")
    with pytest.raises(InstrumentError) as caught:
        paper.render(withheld, language="en")
    assert len(caught.value.problems) == len(withheld.items)
    items = tuple(replace(item, self_text={}) for item in instrument.dimensions[0].items)
    dimensions = (replace(instrument.dimensions[0], items=items), *instrument.dimensions[1:])
    with pytest.raises(InstrumentError, match="str_06: the wording about oneself is missing"):
        paper.render(replace(instrument, dimensions=dimensions), language="zh", form="self")


def test_wrong_options_are_told(instrument):
    with pytest.raises(ValueError, match=r"'form' parameter of render must be one of 'other', 'self'\. Got 'both'"):
        paper.render(instrument, language="en", form="both")
    with pytest.raises(ValueError, match="'order' parameter"):
        paper.render(instrument, language="en", order="random")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_codebook_shows_every_variable(instrument, language):
    page = codebook.render(instrument, language=language).decode()
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in page
    assert re.findall(r'<th scope="row">([^<]*)</th>', page)[7:] == list(instrument.column_ids)
    assert page.count('class="reversed"') == sum(item.reverse_keyed for item in instrument.items)
    assert "<script" not in page
    assert page.encode() == codebook.render(instrument, language=language)
    with pytest.raises(InstrumentError, match="no wording in 'fr'"):
        codebook.render(instrument, language="fr")


def test_the_codebook_of_a_withheld_instrument_and_odd_signs():
    page = codebook.render(load_instrument("lq2002"), language="zh").decode()
    assert "不予公开" in page
    assert "LEAD11" in page
    instrument = replace(load_instrument("lq2002"), source="<b> & co")
    assert "&lt;b&gt; &amp; co" in codebook.render(instrument, language="en").decode()


def test_both_languages_have_the_same_words():
    from leadership_study.reporting.forms._words import words_in

    english, chinese = words_in("en"), words_in("zh-Hant")
    assert {name: set(table) for name, table in english.items()} == {
        name: set(table) for name, table in chinese.items()
    }
